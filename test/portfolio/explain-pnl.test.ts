/** Parts and remainder are the whole; the remainder is of third order; what moved is what the parts say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenMove, explainPnl, gammaThetaBalance } from '../../src/portfolio/explain-pnl.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { day, future, moveSpot, option, position, randomBook, smileExpiries, smileMarket, spot } from './support.js';

/** Every volatility of an underlying moved in proportion, by the scale of its SVI slices. */
function scaleVolatility(s: MarketSnapshot, underlying: string, factor: number): MarketSnapshot {
  const market = s.underlyings[underlying]!;
  const slices = market.surface.slices.map((slice) => {
    const { parameters: p } = slice;
    if (!('m' in p)) throw new Error('SVI only');
    return { ...slice, parameters: { ...p, a: p.a * factor ** 2, b: p.b * factor ** 2 } };
  });
  return {
    ...s,
    underlyings: { ...s.underlyings, [underlying]: { ...market, surface: { ...market.surface, slices } } },
  };
}

const market = smileMarket();
const sum = (parts: Record<string, number>): number => Object.values(parts).reduce((total, part) => total + part, 0);

describe('profit explained', () => {
  it('parts and remainder add up to the whole, for any book and move, with start and with average Greeks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: -0.1, max: 0.1, noNaN: true }),
        fc.double({ min: -0.2, max: 0.2, noNaN: true }),
        fc.integer({ min: 0, max: 10 }),
        fc.constantFrom('USD', 'BTC', 'EUR'),
        fc.constantFrom('start' as const, 'average' as const),
        (seed, x, v, days, numeraire, greeks) => {
          const book = randomBook(seed, 25, market);
          const fx = market.fx.map((rate) => (rate.base === 'EUR' ? { ...rate, rate: 1.1 } : rate));
          const moved = scaleVolatility(moveSpot({ ...market, fx }, 'BTC', 1 + x), 'BTC', 1 + v);
          const to = { ...moved, asOf: market.asOf + days * day };
          const e = explainPnl(book, market, to, { numeraire, greeks });
          const gross = Object.values(e.parts).reduce((total, part) => total + Math.abs(part), Math.abs(e.actual));
          expect(Math.abs(sum(e.parts) + e.unexplained - e.actual)).toBeLessThanOrEqual(1e-13 * gross);
          const change =
            netGreeks(book, to, { numeraire }).total.value - netGreeks(book, market, { numeraire }).total.value;
          expect(Math.abs(change + e.parts.funding - e.actual)).toBeLessThanOrEqual(1e-9 * gross + 1e-6);
          expect(Object.values(e.vegaSplit).reduce((a, b) => a + b, 0)).toBeCloseTo(e.parts.vega, 4);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each(['USD', 'BTC'])('leaves a remainder of third order in spot and volatility, in %s', (numeraire) => {
    const book = randomBook(21, 60, market).filter(({ instrument }) => instrument.underlying === 'BTC');
    const remainder = (h: number, greeks: 'start' | 'average'): number =>
      Math.abs(
        explainPnl(book, market, scaleVolatility(moveSpot(market, 'BTC', 1 + h), 'BTC', 1 - 2 * h), {
          numeraire,
          greeks,
        }).unexplained,
      );
    for (const h of [0.008, -0.008]) {
      // Halving the move divides it by eight, with average Greeks by thirty-two.
      expect(Math.log2(remainder(h, 'start') / remainder(h / 2, 'start'))).toBeGreaterThan(2.7);
      expect(Math.log2(remainder(h, 'average') / remainder(h / 2, 'average'))).toBeGreaterThan(4.5);
      expect(remainder(h, 'average')).toBeLessThan(remainder(h, 'start'));
    }
  });

  it('a day of theta, a move of the rate of exchange and of the basis go where they belong', () => {
    const call = position(option({ strike: 61_000, expiry: smileExpiries[2]!, style: 'linear' }), 2);
    const later = { ...market, asOf: market.asOf + day / 24 };
    const theta = explainPnl([call], market, later);
    expect(theta.parts.theta).toBeCloseTo(netGreeks([call], market).byUnderlying['BTC']!.theta / 365 / 24, 8);
    expect(Math.abs(theta.unexplained / theta.parts.theta)).toBeLessThan(1e-3);
    expect(theta.actual).toBeLessThan(0);

    const euro = { ...market, fx: market.fx.map((rate) => (rate.base === 'EUR' ? { ...rate, rate: 1.2 } : rate)) };
    const quanto = position(
      option({
        style: 'quanto',
        underlying: 'SPX',
        settlement: 'EUR',
        strike: 5_000,
        expiry: smileExpiries[1]!,
        fixedFx: 1,
      }),
      3,
    );
    const fx = explainPnl([quanto], market, euro, { numeraire: 'USD' });
    expect(fx.parts.fx).toBeCloseTo(fx.actual, 9);
    expect(fx.parts.fx).toBeGreaterThan(0);

    const perpetual = position(future(), 60_000, 55_000);
    const btc = market.underlyings['BTC']!;
    const marked = {
      ...market,
      underlyings: { ...market.underlyings, BTC: { ...btc, futures: { [perpetual.instrument.id]: 60_120 } } },
    };
    const basis = explainPnl([perpetual], market, marked, { numeraire: 'BTC' });
    expect(basis.parts.delta).toBe(0);
    expect(basis.parts.rho).toBeCloseTo(basis.actual, 5);
    expect(basis.actual).toBeCloseTo(60_000 / 60_000 - 60_000 / 60_120, 12);
  });

  it('an inverse future has nothing left over in dollars, and funding is what longs pay', () => {
    const perpetual = position(future(), 120_000, 50_000);
    const to = { ...moveSpot(market, 'BTC', 1.2), asOf: market.asOf + 2 * day };
    const e = explainPnl([perpetual, position(spot('BTC'), 1)], market, to, { numeraire: 'USD' });
    expect(e.parts.delta).toBeCloseTo((120_000 / 50_000 + 1) * 12_000, 8);
    expect(e.parts.funding).toBeCloseTo(-2 * 0.0003 * 120_000, 10);
    expect(e.unexplained).toBeCloseTo(0, 8);
  });

  it('of an option that expires in between, the whole is the payoff less the value', () => {
    const call = position(option({ strike: 58_000, expiry: smileExpiries[0]!, style: 'linear' }), 1);
    const to = { ...moveSpot(market, 'BTC', 1.05), asOf: market.asOf + 9 * day };
    const e = explainPnl([call], market, to);
    expect(e.actual).toBeCloseTo(5_000 - netGreeks([call], market).total.value, 8);
    expect(e.parts.vega).toBe(0);
  });

  it('leaves out what either snapshot lacks, and lists it', () => {
    const book = [
      position(option({ strike: 60_000, expiry: smileExpiries[1]! }), 1),
      position(option({ underlying: 'ETH', strike: 3_000, expiry: smileExpiries[1]! }), 1),
    ];
    const { BTC, SPX } = market.underlyings;
    const without = { ...market, underlyings: { BTC: BTC!, SPX: SPX! } };
    expect(() => explainPnl(book, market, without)).toThrow(
      expect.objectContaining({ field: 'underlyings.ETH' }) as Error,
    );
    const e = explainPnl(book, market, without, { missing: 'exclude' });
    expect(e.excluded).toEqual([{ positionId: book[1]!.id, reason: 'no-market' }]);
    expect(e.actual).toBe(0);
    expect(() => explainPnl(book, { ...market, asOf: market.asOf + 1 }, market)).toThrow(
      expect.objectContaining({ field: 'to.asOf' }) as Error,
    );
  });
});

describe('gamma against theta', () => {
  it('of the worked call at 70% realised: 24.69 dollars a day; break-even move 1884.33', () => {
    const balance = gammaThetaBalance({
      gamma: 3.8511202e-5,
      spot: 60_000,
      realisedVolatility: 0.7,
      impliedVolatility: 0.6,
      years: 1 / 365,
    });
    expect(balance).toBeCloseTo(24.69, 2);
    expect(breakEvenMove({ spot: 60_000, impliedVolatility: 0.6, years: 1 / 365 })).toBeCloseTo(1884.33, 2);
  });
});
