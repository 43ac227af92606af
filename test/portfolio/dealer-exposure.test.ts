import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OptionChain } from '../../src/market/chain.js';
import type { RawQuote } from '../../src/market/quote.js';
import { dealerExposure } from '../../src/portfolio/dealer-exposure.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { black76 } from '../../src/pricing/black76.js';
import { flatSurface } from '../../src/volatility/surface/flat-surface.js';
import type { SurfaceData } from '../../src/volatility/surface/surface-data.js';

const asOf = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
const expiry = asOf + 30 * DAY;

function marketOf(spot: number, volatility: number, forward = spot, surface?: SurfaceData): MarketSnapshot {
  const flat = flatSurface({
    underlying: 'SPX',
    asOf,
    volatility,
    forward,
    expiries: [expiry, expiry + 60 * DAY],
  }).data;
  return { asOf, underlyings: { SPX: { spot, surface: surface ?? flat } }, fx: [] };
}

function quote(type: 'call' | 'put', strike: number, openInterest: number, at = expiry): RawQuote {
  return { instrument: `${type}-${strike}-${at}`, underlying: 'SPX', type, strike, expiry: at, openInterest };
}

function chainOf(quotes: RawQuote[], multiplier = 100): OptionChain {
  return {
    ...{ underlying: 'SPX', venue: 'test', asOf, style: 'european', settlement: 'linear', premiumCurrency: 'USD' },
    ...{ multiplier, quotes, rejected: [] },
  };
}

describe('gamma exposure', () => {
  it('S = K = 5000, 30 days, 15 vol, 10 000 contracts of 100: 463 739 642 a per cent', () => {
    const exposure = dealerExposure(chainOf([quote('call', 5000, 10000)]), marketOf(5000, 0.15));
    expect(Math.abs(exposure.gammaPerPercent - 463_739_642)).toBeLessThan(1);
    expect(exposure.byStrike).toEqual([{ strike: 5000, gammaPerPercent: exposure.gammaPerPercent }]);
    expect(exposure.callWall).toBe(5000);
    expect(exposure.putWall).toBe(0);
    expect(exposure.flips).toEqual([]);
    expect(exposure.assumption).toBe(
      'Assumed, not observed: dealers are long every call and short every put of the open interest.',
    );
  });

  it('dealers with positive gamma sell a rise and buy a fall, with negative gamma the other way', () => {
    for (const [type, damps] of [
      ['call', true],
      ['put', false],
    ] as const) {
      const { gammaPerPercent } = dealerExposure(chainOf([quote(type, 5000, 10000)]), marketOf(5000, 0.15));
      // The dealers' own option delta after a rise of 1%, hedged before it: what is left over must be traded away.
      const option = { type, strike: 5000, timeToExpiry: 30 / 365, volatility: 0.15 };
      const position = (type === 'call' ? 1 : -1) * 10000 * 100;
      const unhedged =
        position *
        (black76.greeks({ ...option, forward: 5050 }).delta - black76.greeks({ ...option, forward: 5000 }).delta);
      const toTrade = -unhedged;
      expect(toTrade < 0).toBe(damps);
      expect(gammaPerPercent > 0).toBe(damps);
      expect((unhedged * 5000) / gammaPerPercent).toBeCloseTo(1, 1);
    }
  });

  const book = fc.array(
    fc.record({
      type: fc.constantFrom('call' as const, 'put' as const),
      strike: fc.integer({ min: 3500, max: 6500 }),
      interest: fc.integer({ min: 0, max: 1e5 }),
      late: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it('all three are central differences of the cash delta the dealers hold', () => {
    fc.assert(
      fc.property(book, fc.double({ min: 0.98, max: 1.05, noNaN: true }), (rows, carry) => {
        const quotes = rows.map((r) => quote(r.type, r.strike, r.interest, r.late ? expiry + 60 * DAY : expiry));
        const chain = chainOf(quotes);
        const spot = 5000;
        const exposure = dealerExposure(chain, marketOf(spot, 0.2, spot * carry));
        const cashDelta = (s: number, volatility: number, days: number): number =>
          rows.reduce((sum, r) => {
            const timeToExpiry = ((r.late ? 90 : 30) - days) / 365;
            const greeks = black76.greeks({
              type: r.type,
              forward: s * carry,
              strike: r.strike,
              timeToExpiry,
              volatility,
            });
            return sum + (r.type === 'call' ? 1 : -1) * r.interest * 100 * greeks.delta * carry * spot;
          }, 0);
        const scale = rows.reduce((sum, r) => sum + r.interest * 100 * spot, 1);
        const by = (f: (h: number) => number, h: number): number => (f(h) - f(-h)) / (2 * h);
        const gamma = by((h) => cashDelta(spot * (1 + h), 0.2, 0), 1e-4) / 100;
        const vanna = by((h) => cashDelta(spot, 0.2 + h, 0), 1e-4) / 100;
        const charm = by((h) => cashDelta(spot, 0.2, h), 1e-2);
        expect(Math.abs(exposure.gammaPerPercent - gamma)).toBeLessThan(1e-6 * scale);
        expect(Math.abs(exposure.deltaPerVolPoint - vanna)).toBeLessThan(1e-6 * scale);
        expect(Math.abs(exposure.charmPerDay - charm)).toBeLessThan(1e-6 * scale);
      }),
      { numRuns: 60 },
    );
  });

  it('adds up by strike and turns with the sign', () => {
    fc.assert(
      fc.property(book, (rows) => {
        const chain = chainOf(rows.map((r) => quote(r.type, r.strike, r.interest)));
        const market = marketOf(5000, 0.2);
        const exposure = dealerExposure(chain, market);
        const sum = exposure.byStrike.reduce((total, row) => total + row.gammaPerPercent, 0);
        const size = exposure.byStrike.reduce((total, row) => total + Math.abs(row.gammaPerPercent), 1);
        expect(Math.abs(sum - exposure.gammaPerPercent)).toBeLessThan(1e-12 * size);
        const other = dealerExposure(chain, market, { sign: (q) => (q.type === 'call' ? -1 : 1) });
        expect(other.gammaPerPercent).toBeCloseTo(-exposure.gammaPerPercent, 6);
        expect(other.flips.length).toBe(exposure.flips.length);
        expect(other.callWall).toBe(exposure.callWall);
        expect(other.assumption).toContain('the sign given');
        const at = exposure.profile.find(({ spot }) => spot === 5000)!;
        expect(Math.abs(at.gammaPerPercent - exposure.gammaPerPercent)).toBeLessThan(1e-9 * size);
      }),
      { numRuns: 60 },
    );
  });
});

describe('flips and walls', () => {
  const chain = chainOf([
    quote('put', 4500, 20000),
    quote('put', 4700, 5000),
    quote('call', 5200, 9000),
    quote('call', 5500, 20000),
  ]);

  it('puts below and calls above: one flip between them, at which the gammas cancel', () => {
    const exposure = dealerExposure(chain, marketOf(5000, 0.15));
    expect(exposure.flips).toHaveLength(1);
    const flip = exposure.flips[0]!;
    expect(flip).toBeGreaterThan(4500);
    expect(flip).toBeLessThan(5500);
    expect(Math.abs(dealerExposure(chain, marketOf(flip, 0.15)).gammaPerPercent)).toBeLessThan(1e-3);
    expect(dealerExposure(chain, marketOf(flip * 0.99, 0.15)).gammaPerPercent).toBeLessThan(0);
    expect(dealerExposure(chain, marketOf(flip * 1.01, 0.15)).gammaPerPercent).toBeGreaterThan(0);
    expect(exposure.callWall).toBe(5200);
    expect(exposure.putWall).toBe(4700);
  });

  it('all roots are found, the nearest first', () => {
    const three = chainOf([
      quote('put', 4000, 9000),
      quote('call', 4500, 9000),
      quote('put', 5100, 9000),
      quote('call', 5700, 9000),
    ]);
    const { flips } = dealerExposure(three, marketOf(5000, 0.08));
    expect(flips).toHaveLength(3);
    const away = flips.map((flip) => Math.abs(flip - 5000));
    expect(away).toEqual([...away].sort((a, b) => a - b));
    for (const flip of flips) {
      const scale = Math.abs(dealerExposure(three, marketOf(flip * 1.02, 0.08)).gammaPerPercent);
      expect(Math.abs(dealerExposure(three, marketOf(flip, 0.08)).gammaPerPercent)).toBeLessThan(1e-9 * scale);
    }
  });

  it('the smile may move with the spot: then the same moneyness has the same volatility', () => {
    const flat = marketOf(5000, 0.15).underlyings['SPX']!.surface;
    const skewed: SurfaceData = {
      ...flat,
      slices: flat.slices.map((slice) => ({
        ...slice,
        parameters: { a: 0.001, b: 0.01, rho: -0.6, m: 0, sigma: 0.1 },
      })),
    };
    const market = marketOf(5000, 0.15, 5000, skewed);
    const one = chainOf([quote('call', 5000, 100)]);
    const scaled = chainOf([quote('call', 5000 / 1.1, 100)]);
    const spots = [5000, 5500];
    const [, moved] = dealerExposure(one, market, { spots, smile: 'sticky-delta' }).profile;
    // A call struck at K/1.1 seen from S is one struck at K seen from 1.1 S, in units 1.1 times as large.
    expect(moved!.gammaPerPercent / (1.1 * dealerExposure(scaled, market).gammaPerPercent)).toBeCloseTo(1, 10);
    const [, stayed] = dealerExposure(one, market, { spots }).profile;
    expect(Math.abs(stayed!.gammaPerPercent / moved!.gammaPerPercent - 1)).toBeGreaterThan(0.01);
  });
});

describe('what is left out and what is wrong', () => {
  it('quotes without open interest and expired ones are listed', () => {
    const bare = { ...quote('call', 5000, 0), openInterest: undefined };
    const exposure = dealerExposure(
      chainOf([bare, quote('put', 4900, 10, asOf - DAY), quote('call', 5100, 10)]),
      marketOf(5000, 0.15),
    );
    expect(exposure.rejected).toMatchObject([
      { index: 0, reason: 'no-open-interest' },
      { index: 1, reason: 'expired', limit: 0 },
    ]);
    expect(exposure.byStrike).toHaveLength(1);
    expect(dealerExposure(chainOf([]), marketOf(5000, 0.15))).toMatchObject({
      gammaPerPercent: 0,
      callWall: Infinity,
      putWall: 0,
      flips: [],
    });
    expect(dealerExposure({ ...chainOf([]), style: 'american' }, marketOf(5000, 0.15)).assumption).toContain(
      'early exercise is left out',
    );
  });

  const chain = chainOf([quote('call', 5000, 1)]);
  const market = marketOf(5000, 0.15);
  it.each([
    ['chain.underlying', () => dealerExposure({ ...chain, underlying: 'NDX' }, market)],
    ['chain.multiplier', () => dealerExposure({ ...chain, multiplier: 0 }, market)],
    [`sign(call-5000-${expiry})`, () => dealerExposure(chain, market, { sign: () => NaN })],
    ['spots[1]', () => dealerExposure(chain, market, { spots: [2, 1] })],
    ['smile', () => dealerExposure(chain, market, { smile: 'bartlett' as 'sticky-delta' })],
    ['chain.quotes[0].openInterest', () => dealerExposure(chainOf([quote('call', 5000, -1)]), market)],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
