/** Du = Dc + E for every book; both are derivatives of the account's worth in their numeraire. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brent } from '../../src/math/brent.js';
import { normalCdf } from '../../src/math/normal.js';
import type { Account } from '../../src/portfolio/account.js';
import { coinDelta, settlingCoinDelta } from '../../src/portfolio/coin-delta.js';
import { accountEquity } from '../../src/portfolio/equity.js';
import {
  asOf,
  coinMarket,
  day,
  flatMarket,
  future,
  moveSpot,
  option,
  position,
  randomBook,
  smileMarket,
  spot,
} from './support.js';

const account = (o: Partial<Account>): Account => ({
  id: 'a',
  reportingCurrency: 'USD',
  cash: {},
  positions: [],
  ...o,
});

describe('coin and dollar delta', () => {
  it('of 2 BTC and the worked call: Du = 2.5342697, Dc = 0.4657303, E = 2.0685394', () => {
    const row = coinDelta(account({ cash: { BTC: 2 }, positions: [position(option(), 1)] }), coinMarket())['BTC']!;
    expect(row.usdDelta).toBeCloseTo(2.5342697, 7);
    expect(row.coinDelta).toBeCloseTo(0.4657303, 7);
    expect(row.equityInCoin).toBeCloseTo(2.0685394, 7);
    // S gamma - 2 delta + 2 V/S.
    expect(row.coinGamma).toBeCloseTo(60_000 * 3.8511202e-5 - 2 * 0.5342697 + 2 * 0.0685394072, 6);
  });

  it('of a synthetic dollar: B coin short B P0 dollars has neither delta nor gamma in dollars, at any spot', () => {
    const a = account({ cash: { BTC: 3 }, positions: [position(future(), -3 * 50_000, 50_000)] });
    for (const factor of [0.5, 1, 1.7]) {
      const market = moveSpot(coinMarket(), 'BTC', factor);
      const { usdDelta, coinDelta: dc, equityInCoin } = coinDelta(a, market)['BTC']!;
      expect(usdDelta).toBeCloseTo(0, 14);
      expect(dc).toBeCloseTo(-150_000 / (60_000 * factor), 13);
      expect(accountEquity(a, market, 'USD').equity).toBeCloseTo(150_000, 8);
      expect(equityInCoin).toBeCloseTo(-dc, 14);
    }
  });

  it('of an inverse future is N/P in coin and N/entry in dollars, of coin 0 and 1', () => {
    const held = coinDelta(account({ positions: [position(future(), 120_000, 48_000)] }), coinMarket())['BTC']!;
    expect(held.coinDelta).toBeCloseTo(2, 14);
    expect(held.usdDelta).toBeCloseTo(2.5, 14);
    const cash = coinDelta(account({ positions: [position(spot('BTC'), 1.5)] }), coinMarket())['BTC']!;
    expect(cash).toEqual({ coinDelta: 0, equityInCoin: 1.5, usdDelta: 1.5, coinGamma: 0 });
  });

  it('of a 0.50 delta call worth 0.10 coin is 0.40', () => {
    // N(d1) = 1/2: K = F e^(s^2/2), V/F = 1/2 - e^(s^2/2) N(-s).
    const s = brent((x) => 0.5 - Math.exp((x * x) / 2) * normalCdf(-x) - 0.1, 0.01, 2);
    const expiries = [asOf + 73 * day];
    const btc = flatMarket({ underlying: 'BTC', spot: 60_000, volatility: s / Math.sqrt(0.2), expiries });
    const call = option({ strike: 60_000 * Math.exp((s * s) / 2), expiry: expiries[0]! });
    const market = { ...coinMarket(), underlyings: { BTC: btc } };
    const row = coinDelta(account({ positions: [position(call, 1)] }), market)['BTC']!;
    expect(row.usdDelta).toBeCloseTo(0.5, 13);
    expect(row.equityInCoin).toBeCloseTo(0.1, 13);
    expect(row.coinDelta).toBeCloseTo(0.4, 13);
  });

  it('falls to zero in the settlement window: (1.0 - 0.3) half way is 0.35', () => {
    expect(settlingCoinDelta({ delta: 1, mark: 0.3, elapsed: 15, window: 30 })).toBeCloseTo(0.35, 15);
    expect(settlingCoinDelta({ delta: 1, mark: 0.3, elapsed: 30, window: 30 })).toBe(0);
    expect(() => settlingCoinDelta({ delta: 1, mark: 0.3, elapsed: 31, window: 30 })).toThrow(
      expect.objectContaining({ field: 'elapsed' }) as Error,
    );
  });

  it('Du = Dc + E, Dc = S dE/dS and coinGamma = S^2 d2E/dS2 for every book of the coin', () => {
    const market = smileMarket();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.double({ min: -5, max: 5, noNaN: true }), (seed, cash) => {
        const positions = randomBook(seed, 25, market).filter(({ instrument }) => instrument.settlement === 'BTC');
        const a = account({ cash: { BTC: cash }, borrowed: { BTC: 0.25 }, positions });
        const { coinDelta: dc, equityInCoin, usdDelta, coinGamma } = coinDelta(a, market)['BTC']!;
        expect(usdDelta).toBe(dc + equityInCoin);
        const h = 1e-4;
        const at = (factor: number, currency = 'BTC'): number =>
          accountEquity(a, moveSpot(market, 'BTC', factor), currency).equity;
        const gross = positions.reduce((sum, p) => sum + Math.abs(p.quantity * p.instrument.multiplier), 10);
        const slope = (currency: string): number =>
          (8 * (at(1 + h, currency) - at(1 - h, currency)) - (at(1 + 2 * h, currency) - at(1 - 2 * h, currency))) /
          (12 * h);
        expect(Math.abs(at(1) - equityInCoin)).toBeLessThan(1e-12 * gross);
        expect(Math.abs(slope('BTC') - dc)).toBeLessThan(1e-8 * gross);
        expect(Math.abs(slope('USD') / 60_000 - usdDelta)).toBeLessThan(1e-8 * gross);
        // From the analytic first derivative.
        const first = (factor: number): number =>
          coinDelta(a, moveSpot(market, 'BTC', factor))['BTC']!.coinDelta / factor;
        expect(Math.abs((first(1 + h) - first(1 - h)) / (2 * h) - coinGamma)).toBeLessThan(1e-6 * gross * 10);
      }),
      { numRuns: 30 },
    );
  });

  it('linear positions on the coin add their delta to both', () => {
    const market = coinMarket();
    const call = option({ style: 'linear' });
    const a = account({
      cash: { BTC: 1 },
      positions: [position(call, 2), position(future({ style: 'linear' }), 1, 58_000)],
    });
    const row = coinDelta(a, market)['BTC']!;
    expect(row.equityInCoin).toBe(1);
    expect(row.coinDelta).toBeCloseTo(2 * 0.5342697 + 1, 6);
    expect(row.usdDelta).toBeCloseTo(2 * 0.5342697 + 2, 6);
    expect(row.coinGamma).toBeCloseTo(2 * 60_000 * 3.8511202e-5, 6);
    expect(Object.keys(coinDelta(account({ cash: { USD: 5 } }), market))).toEqual([]);
  });
});
