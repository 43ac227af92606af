import { describe, expect, it } from 'vitest';
import { blockBootstrap } from '../../../src/control/backtest/bootstrap.js';
import { deflatedSharpe } from '../../../src/control/backtest/deflated-sharpe.js';
import { backtestOverfitting } from '../../../src/control/backtest/overfitting.js';
import { periodReturns, performanceMetrics, sharpeStandardError } from '../../../src/control/backtest/performance.js';
import { walkForward, walkForwardFolds } from '../../../src/control/backtest/walk-forward.js';
import { InputError } from '../../../src/errors.js';
import { seededRandom } from '../../../src/math/random.js';

const DAY = 86_400_000;
const daily = (count: number) => Array.from({ length: count }, (_, i) => i * DAY);

describe('performanceMetrics', () => {
  it('has the textbook figures', () => {
    const equity = [100, 110, 99, 108.9, 119.79];
    const metrics = performanceMetrics(equity, daily(5));
    expect(metrics.periodsPerYear).toBe(365);
    expect(metrics.cagr).toBeCloseTo((119.79 / 100) ** (365 / 4) - 1, 3);
    // Returns .1, -.1, .1, .1: mean .05, sd .1
    expect(metrics.volatility).toBeCloseTo(0.1 * Math.sqrt(365), 12);
    expect(metrics.sharpe).toBeCloseTo(0.5 * Math.sqrt(365), 12);
    expect(metrics.sortino).toBeCloseTo((0.05 / 0.05) * Math.sqrt(365), 12);
    expect(metrics.maximumDrawdown).toBeCloseTo(0.1, 12);
    // From the high of day 1 to the next one on day 4.
    expect(metrics.longestDrawdownYears).toBeCloseTo(3 / 365, 12);
    expect(metrics.expectedShortfall).toBeCloseTo(0.1, 12);
  });

  it('has limits instead of NaN', () => {
    const flat = performanceMetrics([100, 100, 100], daily(3));
    expect([flat.sharpe, flat.volatility, flat.maximumDrawdown, flat.calmar, flat.sortino]).toEqual([0, 0, 0, 0, 0]);
    const up = performanceMetrics([100, 110, 130], daily(3));
    expect([up.calmar, up.sortino]).toEqual([Infinity, Infinity]);
    expect(performanceMetrics([100, -5, -5], daily(3)).cagr).toBe(-1);
    expect(periodReturns([100, -5, 10])).toEqual([-1.05]);
    expect(() => performanceMetrics([100], [0])).toThrow(InputError);
    expect(() => performanceMetrics([100, NaN], [0, 1])).toThrow(InputError);
    expect(() => performanceMetrics([0, 1], [0, 1])).toThrow(InputError);
    expect(() => performanceMetrics([1, 1], [1, 1])).toThrow(InputError);
  });

  it('has the standard error that Sharpe ratios of independent normal returns spread with', () => {
    const random = seededRandom(5);
    const n = 500;
    const ratios: number[] = [];
    let claimed = 0;
    for (let draw = 0; draw < 400; draw++) {
      const returns = Array.from({ length: n }, () => 0.05 + random.normal());
      const mean = returns.reduce((a, b) => a + b) / n;
      const sd = Math.sqrt(returns.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1));
      ratios.push(mean / sd);
      claimed += sharpeStandardError(returns) / 400;
    }
    const mean = ratios.reduce((a, b) => a + b) / ratios.length;
    const spread = Math.sqrt(ratios.reduce((a, b) => a + (b - mean) ** 2, 0) / ratios.length);
    expect(Math.abs(claimed / spread - 1)).toBeLessThan(0.1);
  });

  it('widens the standard error for returns that follow each other', () => {
    const random = seededRandom(6);
    let last = 0;
    const trending = Array.from({ length: 4000 }, () => (last = 0.5 * last + random.normal()));
    const shuffled = trending.map((value, i) => ({ value, key: (i * 2654435761) % 4093 }));
    const independent = shuffled.sort((a, b) => a.key - b.key).map(({ value }) => value);
    expect(sharpeStandardError(trending)).toBeGreaterThan(1.4 * sharpeStandardError(independent));
  });
});

describe('deflatedSharpe', () => {
  // Bailey and Lopez de Prado (2014), numerical example: annual ratio 2.5 over 5 years of daily returns (250 a year), skewness -3,
  // kurtosis 10, 100 trials with annual variance 1/2: expected maximum .1132 a day, deflated ratio .9004.
  it('reproduces the published example', () => {
    const result = deflatedSharpe({
      sharpe: 2.5 / Math.sqrt(250),
      observations: 1250,
      skewness: -3,
      kurtosis: 10,
      trials: 100,
      trialVariance: 0.5 / 250,
    });
    expect(result.expectedMaximum).toBeCloseTo(0.1132, 4);
    expect(result.probability).toBeCloseTo(0.9004, 3);
  });

  it('falls with the number of trials and is plain with one', () => {
    const base = { sharpe: 0.1, observations: 500, skewness: 0, kurtosis: 3, trialVariance: 0.002 };
    const one = deflatedSharpe({ ...base, trials: 1 });
    expect(one.expectedMaximum).toBe(0);
    expect(one.probability).toBe(one.probabilisticSharpe);
    const many = [2, 10, 100, 1000].map((trials) => deflatedSharpe({ ...base, trials }).probability);
    expect([...many].sort((a, b) => b - a)).toEqual(many);
    expect(() => deflatedSharpe({ ...base, trials: 0 })).toThrow(InputError);
    expect(() => deflatedSharpe({ ...base, trials: 2, kurtosis: 0.5 })).toThrow(InputError);
  });
});

describe('blockBootstrap', () => {
  const mean = (sample: Float64Array) => sample.reduce((a, b) => a + b, 0) / sample.length;

  it('spreads a mean as theory does, more where returns follow each other, and repeats itself by seed', () => {
    const random = seededRandom(11);
    const returns = Array.from({ length: 400 }, () => random.normal());
    const drawn = blockBootstrap(returns, mean, { seed: 3, meanBlock: 1, draws: 2000 });
    expect(Math.abs(drawn.standardError * Math.sqrt(400) - 1)).toBeLessThan(0.1);
    expect(drawn.interval[0]).toBeLessThan(drawn.estimate);
    expect(drawn.interval[1]).toBeGreaterThan(drawn.estimate);
    expect(blockBootstrap(returns, mean, { seed: 3, meanBlock: 1, draws: 2000 })).toEqual(drawn);
    let last = 0;
    const trending = Array.from({ length: 400 }, () => (last = 0.8 * last + 0.6 * random.normal()));
    const blocks = blockBootstrap(trending, mean, { seed: 3, meanBlock: 25, draws: 500 });
    expect(blocks.standardError).toBeGreaterThan(
      1.8 * blockBootstrap(trending, mean, { seed: 3, meanBlock: 1, draws: 500 }).standardError,
    );
  });

  it('refuses what it cannot draw from', () => {
    expect(() => blockBootstrap([], mean, { seed: 1 })).toThrow(InputError);
    expect(() => blockBootstrap([1, 2], mean, { seed: 1, meanBlock: 0 })).toThrow(InputError);
    expect(() => blockBootstrap([1, 2], () => NaN, { seed: 1 })).toThrow(InputError);
  });
});

describe('backtestOverfitting', () => {
  const returnsOf = (trials: number, drift: (trial: number) => number) => {
    const random = seededRandom(21);
    return Array.from({ length: 500 }, () => Array.from({ length: trials }, (_, j) => drift(j) + random.normal()));
  };

  it('finds no skill in noise and skill where there is some', () => {
    const noise = backtestOverfitting({ returns: returnsOf(20, () => 0) });
    expect(noise.logits).toHaveLength(252);
    expect(noise.probability).toBeGreaterThan(0.3);
    const skilled = backtestOverfitting({ returns: returnsOf(20, (j) => (j === 7 ? 0.3 : 0)) });
    expect(skilled.probability).toBeLessThan(0.01);
    expect(skilled.probabilityOfLoss).toBeLessThan(0.01);
  });

  it('refuses a table that is none', () => {
    expect(() => backtestOverfitting({ returns: [[1], [2]] })).toThrow(InputError);
    expect(() => backtestOverfitting({ returns: returnsOf(2, () => 0), blocks: 3 })).toThrow(InputError);
    expect(() => backtestOverfitting({ returns: returnsOf(2, () => 0).slice(0, 8) })).toThrow(InputError);
  });
});

describe('walkForward', () => {
  it('keeps the gap before and the embargo behind every test', () => {
    const folds = walkForwardFolds({ bars: 100, train: 40, test: 10, purge: 5, embargo: 3, window: 'rolling' });
    expect(folds.map(({ test }) => test)).toEqual([
      [45, 55],
      [55, 65],
      [65, 75],
      [75, 85],
      [85, 95],
    ]);
    expect(folds[0]!.train).toEqual([[0, 40]]);
    expect(folds[2]!.train).toEqual([
      [20, 55],
      [58, 60],
    ]);
    for (const { train, test } of folds) for (const [, to] of train) expect(to).toBeLessThanOrEqual(test[0] - 5);
    const anchored = walkForwardFolds({ bars: 100, train: 40, test: 10, purge: 5, window: 'anchored' });
    expect(anchored.map(({ train }) => train)).toEqual([40, 50, 60, 70, 80].map((to) => [[0, to]]));
    expect(() => walkForwardFolds({ bars: 50, train: 40, test: 10, purge: 5, window: 'rolling' })).toThrow(InputError);
  });

  it('chooses on training and reports the tests alone', () => {
    const random = seededRandom(2);
    const curves = [0, 0.002].map((drift) => {
      let value = 100;
      return Array.from({ length: 300 }, () => (value *= 1 + drift + 0.002 * random.normal()));
    });
    const result = walkForward({
      bars: 300,
      train: 100,
      test: 50,
      purge: 2,
      window: 'rolling',
      candidates: [0, 1],
      run: (settings, from, to) => curves[settings]!.slice(from, to),
      objective: (returns) => returns.reduce((a, b) => a + b, 0),
    });
    expect(result.folds.map(({ chosen }) => chosen)).toEqual([1, 1, 1]);
    expect(result.returns).toHaveLength(3 * 49);
    expect(result.trials).toBe(2);
  });
});
