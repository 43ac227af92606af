import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { seededRandom } from '../../src/math/random.js';
import type { Account } from '../../src/portfolio/account.js';
import { accountEquity } from '../../src/portfolio/equity.js';
import type { FactorReturns } from '../../src/risk/factor-returns.js';
import { ewmaVol } from '../../src/risk/forecast/ewma.js';
import { shiftMarket } from '../../src/risk/shift-market.js';
import { historicalVaR, type HistoricalOptions } from '../../src/risk/value-at-risk/historical.js';
import { ageWeights, sampleTail } from '../../src/risk/value-at-risk/sample-tail.js';
import { option, position, randomBook, smileExpiries, smileMarket, spot } from '../portfolio/support.js';

const s = smileMarket();

/** Days of BTC and ETH returns with volatility changes against them. */
function days(count: number, seed = 1): FactorReturns {
  const random = seededRandom(seed);
  const rows = Array.from({ length: count }, () => {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    return [0.03 * a, 0.04 * (0.8 * a + 0.6 * b), -0.02 * a + 0.02 * c];
  });
  return { factors: ['spot:BTC', 'spot:ETH', 'volatility:BTC'], rows };
}

function account(seed: number): Account {
  return { id: 'a', reportingCurrency: 'USD', cash: { USD: 1e5, ETH: 4 }, positions: randomBook(seed, 12, s) };
}

const coin: Account = { id: 'a', reportingCurrency: 'USD', cash: {}, positions: [position(spot('BTC'), 2)] };
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((all, value) => all + value, 0);

describe('historicalVaR', () => {
  it('is the quantile of a coin’s own returns: the worst two of ten', () => {
    const rows = [-0.05, 0.01, 0.02, -0.1, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08].map((r) => [r]);
    const simple = historicalVaR(coin, s, { factors: ['spot:BTC'], kind: 'simple', rows }, { confidence: 0.8 });
    expect(simple.valueAtRisk).toBeCloseTo(-0.01 * 120_000, 8);
    expect(simple.expectedShortfall).toBeCloseTo(0.075 * 120_000, 8);
    const log = historicalVaR(coin, s, { factors: ['spot:BTC'], rows }, { confidence: 0.9 });
    expect(log.valueAtRisk).toBeCloseTo((1 - Math.exp(-0.05)) * 120_000, 8);
    expect(log.expectedShortfall).toBeCloseTo((1 - Math.exp(-0.1)) * 120_000, 8);
    expect(log.flags).toEqual([]);
    const far = historicalVaR(coin, s, { factors: ['spot:BTC'], rows }, { confidence: 0.99 });
    expect(far.flags).toEqual(['sample-too-small']);
    expect(far.expectedShortfall).toBeCloseTo((1 - Math.exp(-0.1)) * 120_000, 8);
  });

  it('revalues in full, day by day, and splits the shortfall by position', () => {
    const returns = days(40);
    const a = account(3);
    const risk = historicalVaR(a, s, returns, { confidence: 0.9 });
    const now = accountEquity(a, s, 'USD').equity;
    const losses = returns.rows.map(([btc, eth, vol]) => {
      const market = shiftMarket(s, [
        { factor: 'spot', underlying: 'BTC', kind: 'relative', size: Math.expm1(btc!) },
        { factor: 'spot', underlying: 'ETH', kind: 'relative', size: Math.expm1(eth!) },
        { factor: 'volatility', underlying: 'BTC', kind: 'absolute', size: vol! },
      ]);
      return now - accountEquity(a, market, 'USD').equity;
    });
    const tail = sampleTail(losses, 0.9);
    expect(risk.valueAtRisk / tail.valueAtRisk).toBeCloseTo(1, 9);
    expect(risk.expectedShortfall / tail.expectedShortfall).toBeCloseTo(1, 9);
    const { positions, cash } = risk.contributions;
    expect((sum(positions) + cash) / risk.expectedShortfall).toBeCloseTo(1, 10);
  });

  it('weighs by age as given', () => {
    const returns = days(60);
    const a = account(4);
    const risk = historicalVaR(a, s, returns, { confidence: 0.95, weights: { decay: 0.97 } });
    const tail = sampleTail(
      risk.pnl.map((pnl) => -pnl),
      0.95,
      ageWeights(60, 0.97),
    );
    expect(risk.valueAtRisk).toBe(tail.valueAtRisk);
    expect(risk.expectedShortfall).toBe(tail.expectedShortfall);
  });

  it('scales by what the volatility was forecast to be on the day and now', () => {
    const returns = days(80);
    const rows = returns.rows.map((row) => [row[0]!]);
    const series = rows.map((row) => row[0]!);
    const seed = Math.sqrt(sum(series.map((r) => r * r)) / series.length);
    const after = ewmaVol(series, { lambda: 0.9, seed });
    const scaled = rows.map(([r], t) => [(r! * after[79]!) / (t === 0 ? seed : after[t - 1]!)]);
    const factors = ['spot:BTC'];
    const ours = historicalVaR(coin, s, { factors, rows }, { confidence: 0.95, scale: 'volatility', lambda: 0.9 });
    const theirs = historicalVaR(coin, s, { factors, rows: scaled }, { confidence: 0.95 });
    expect(ours.valueAtRisk / theirs.valueAtRisk).toBeCloseTo(1, 12);
    const still = historicalVaR(
      coin,
      s,
      { factors, rows: rows.map(() => [0]) },
      { confidence: 0.95, scale: 'volatility' },
    );
    expect(still.valueAtRisk + 0).toBe(0);
  });

  it('draws filtered days by seed: the same again, and of returns of one size the sizes only', () => {
    const factors = ['spot:BTC'];
    const options: HistoricalOptions = { confidence: 0.95, scale: 'filtered', seed: 7, paths: 500 };
    const returns = days(100, 5);
    const a = account(9);
    const once = historicalVaR(a, s, returns, options);
    expect(historicalVaR(a, s, returns, options)).toEqual(once);
    expect(historicalVaR(a, s, returns, { ...options, seed: 8 }).valueAtRisk).not.toBe(once.valueAtRisk);
    const rows = Array.from({ length: 40 }, (_, t) => [t % 3 === 0 ? -0.02 : 0.02]);
    const { pnl } = historicalVaR(coin, s, { factors, rows }, options);
    const sizes = new Set(Array.from(pnl, (value) => Math.round(value)));
    expect([...sizes].sort((x, y) => x - y)).toEqual([
      Math.round(120_000 * Math.expm1(-0.02)),
      Math.round(120_000 * Math.expm1(0.02)),
    ]);
    expect(pnl.filter((value) => value < 0).length / 500).toBeCloseTo(14 / 40, 1);
  });

  it('rolls the volatility forward over a horizon of several days', () => {
    const factors = ['spot:BTC'];
    const rows = Array.from({ length: 200 }, (_, t) => [t % 2 === 0 ? -0.02 : 0.02]);
    const options: HistoricalOptions = { confidence: 0.9, scale: 'filtered', seed: 1, paths: 4000 };
    const ten = historicalVaR(coin, s, { factors, rows }, { ...options, horizonDays: 10 });
    const returns = Array.from(ten.pnl, (pnl) => Math.log1p(pnl / 120_000));
    expect(sum(returns.map((r) => r * r)) / 4000).toBeCloseTo(10 * 0.02 ** 2, 3);
    expect(ten.horizonDays).toBe(10);
    const simple = historicalVaR(coin, s, { factors, rows, kind: 'simple' }, { ...options, horizonDays: 2 });
    const sizes = new Set(Array.from(simple.pnl, (pnl) => Math.round(1e6 * (1 + pnl / 120_000))));
    expect([...sizes].sort()).toEqual([960_400, 999_600, 1_040_400].map(String).map(Number).sort());
    const aged = historicalVaR(coin, s, { factors, rows }, { ...options, weights: { decay: 0.9 } });
    expect(aged.valueAtRisk).toBeGreaterThan(0);
  });

  it('keeps ES at or above VaR, and both homogeneous', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.double({ min: 0.55, max: 0.985, noNaN: true }), (seed, confidence) => {
        const returns = days(30, seed);
        const a = account(seed);
        const one = historicalVaR(a, s, returns, { confidence });
        expect(one.expectedShortfall).toBeGreaterThanOrEqual(one.valueAtRisk - 1e-9 * Math.abs(one.valueAtRisk));
        const tripled = {
          ...a,
          cash: { USD: 1e5, ETH: 12 },
          positions: a.positions.map((p) => ({ ...p, quantity: 3 * p.quantity })),
        };
        const three = historicalVaR(tripled, s, returns, { confidence });
        expect(three.valueAtRisk).toBeCloseTo(3 * one.valueAtRisk, 4);
        expect(three.expectedShortfall).toBeCloseTo(3 * one.expectedShortfall, 4);
      }),
      { numRuns: 15 },
    );
  });

  it('has a loss of a long option no greater than its price', () => {
    const call = option({ style: 'linear', strike: 66_000, expiry: smileExpiries[1]! });
    const long: Account = { id: 'a', reportingCurrency: 'USD', cash: {}, positions: [position(call, 1)] };
    const rows = [[-0.9, 0]];
    const risk = historicalVaR(long, s, { factors: ['spot:BTC', 'volatility:BTC'], rows }, { confidence: 0.5 });
    expect(risk.valueAtRisk).toBeLessThanOrEqual(accountEquity(long, s, 'USD').equity);
  });

  it.each<[string, Partial<FactorReturns>, Partial<HistoricalOptions>, string]>([
    ['a confidence of 1', {}, { confidence: 1 }, 'confidence'],
    ['a scale that is none', {}, { scale: 'other' as 'none' }, 'scale'],
    ['filtered without a seed', {}, { scale: 'filtered' }, 'seed'],
    ['more days without the filter', {}, { horizonDays: 10 }, 'horizonDays'],
    ['half a day', {}, { scale: 'filtered', seed: 1, horizonDays: 1.5 }, 'horizonDays'],
    ['half a path', {}, { scale: 'filtered', seed: 1, paths: 1.5 }, 'paths'],
    ['weights that are none', {}, { weights: 'odd' as 'equal' }, 'weights'],
    ['a decay above 1', {}, { weights: { decay: 1.1 } }, 'decay'],
    ['a factor of nothing', { factors: ['spot:XRP', 'spot:ETH', 'volatility:BTC'] }, {}, 'shifts[0].underlying'],
    ['returns that are none', { kind: 'odd' as 'log' }, {}, 'kind'],
  ])('throws for %s', (_, returns, options, field) => {
    const run = (): unknown => historicalVaR(coin, s, { ...days(5), ...returns }, { confidence: 0.9, ...options });
    expect(run).toThrow(expect.objectContaining({ field }));
  });
});
