/** American options through the portfolio: the spot model's value, and Greeks that are derivatives of it. */
import { describe, expect, it } from 'vitest';
import { american } from '../../src/pricing/american.js';
import type { GreekName } from '../../src/pricing/greeks.js';
import { explainPnl } from '../../src/portfolio/explain-pnl.js';
import { payoffProfile } from '../../src/portfolio/payoff-profile.js';
import { greeksOf, valueInstrument } from '../../src/portfolio/valuation.js';
import { shiftMarket } from '../../src/risk/shift-market.js';
import { asOf, day, moveSpot, option, position, smileExpiries, smileMarket } from './support.js';

const market = smileMarket();
const spx = market.underlyings['SPX']!;
const put = (strike: number) =>
  option({ underlying: 'SPX', style: 'linear', type: 'put', exercise: 'american', strike, expiry: smileExpiries[3]! });

describe('American options', () => {
  it('take rate and yield from the surface, or from the market where it has them', () => {
    const slice = spx.surface.slices[3]!;
    const T = slice.timeToExpiry;
    const rate = -Math.log(slice.discountFactor) / T;
    const dividendYield = rate - Math.log(slice.forward / 5_000) / T;
    const european = { ...put(5_200), exercise: 'european' } as const;
    const terms = { type: 'put', spot: 5_000, strike: 5_200, timeToExpiry: T } as const;
    const implied = american.impliedVolatility(
      { ...terms, rate, dividendYield },
      valueInstrument(put(5_200), market, 'USD').value,
    );
    expect(implied.ok).toBe(true);
    expect(valueInstrument(put(5_200), market, 'USD').value).toBeGreaterThan(
      valueInstrument(european, market, 'USD').value,
    );
    const given = { ...market, underlyings: { SPX: { ...spx, americanRate: 0.07, americanDividendYield: 0.01 } } };
    const volatility = (implied as { volatility: number }).volatility;
    const price = american.price({ ...terms, volatility, rate: 0.07, dividendYield: 0.01 });
    expect(valueInstrument(put(5_200), given, 'USD').value).toBeCloseTo(price, 6);
  });

  it.each([4_700, 5_100])('have the Greeks that differences of their Greeks give, strike %i', (strike) => {
    const instrument = put(strike);
    const greeks = greeksOf(instrument, market);
    expect(greeks.price).toBeCloseTo(valueInstrument(instrument, market, 'USD').value, 8);
    const [h, S] = [1e-3, 5_000];
    // The carry stays: forwards move with the spot.
    const [up, down] = [1 + h, 1 - h].map((factor) => greeksOf(instrument, moveSpot(market, 'SPX', factor)));
    const pairs: [GreekName, GreekName][] = [
      ['price', 'delta'],
      ['delta', 'gamma'],
      ['gamma', 'speed'],
      ['vega', 'vanna'],
      ['theta', 'charm'],
      ['charm', 'color'],
      ['vanna', 'zomma'],
    ];
    for (const [from, to] of pairs) {
      const slope = (up![from] - down![from]) / (2 * h * S);
      expect(Math.abs(slope - greeks[to]) / (Math.abs(greeks[to]) + Math.abs(greeks[from]) / S), to).toBeLessThan(3e-3);
    }
    const later = greeksOf(instrument, { ...market, asOf: asOf + day / 10 });
    const earlier = greeksOf(instrument, { ...market, asOf: asOf - day / 10 });
    const dt = 0.2 / 365;
    for (const [from, to] of [
      ['price', 'theta'],
      ['delta', 'charm'],
      ['vega', 'veta'],
      ['gamma', 'color'],
    ] as const) {
      const slope = (later[from] - earlier[from]) / dt;
      expect(Math.abs(slope - greeks[to]) / (Math.abs(greeks[to]) + Math.abs(greeks[from]) / 0.5), to).toBeLessThan(
        3e-3,
      );
    }
    expect(5_000 * greeks.delta + strike * greeks.dualDelta).toBeCloseTo(greeks.price, 9);
    for (const value of Object.values(greeks)) expect(Number.isFinite(value)).toBe(true);
  });

  it('deep in the money are exercised: delta -1, nothing else', () => {
    expect(greeksOf(put(9_000), market)).toMatchObject({
      price: 4_000,
      delta: -1,
      gamma: 0,
      vega: 0,
      theta: 0,
      vanna: 0,
    });
  });

  it('explain their profit and have a profile', () => {
    const book = [position(put(5_100), 2)];
    const e = explainPnl(book, market, { ...moveSpot(market, 'SPX', 0.99), asOf: asOf + day });
    expect(Math.abs(e.unexplained)).toBeLessThan(0.01 * Math.abs(e.actual));
    const p = payoffProfile(book, market, { spots: [4_500, 5_000], numeraire: 'USD' });
    expect(p.pnl[0]).toBeCloseTo(1_200 - 2 * valueInstrument(put(5_100), market, 'USD').value, 8);
  });

  it.each(['sticky-delta', 'local-vol', { skewStickiness: 0.6 }] as const)(
    'follow the smile in delta and gamma under %o',
    (smile) => {
      const instrument = put(4_900);
      const at = (size: number): number =>
        valueInstrument(instrument, shiftMarket(market, [{ factor: 'spot', kind: 'relative', size }], smile), 'USD')
          .value;
      const { delta, gamma } = greeksOf(instrument, market, { smile });
      const h = 5e-3;
      const [up, here, down] = [at(h), at(0), at(-h)];
      expect(Math.abs((up - down) / (2 * h * 5_000) / delta - 1)).toBeLessThan(1e-3);
      expect(Math.abs((up - 2 * here + down) / (h * 5_000) ** 2 / gamma - 1)).toBeLessThan(5e-3);
      expect(delta).not.toBe(greeksOf(instrument, market).delta);
    },
  );

  it('are linear', () => {
    const instrument = put(5_000);
    expect(() => greeksOf({ ...instrument, style: 'inverse', settlement: 'SPX' }, market)).toThrow(
      expect.objectContaining({ field: 'exercise' }) as Error,
    );
  });
});
