import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bar } from '../../../src/control/backtest/backtest-input.js';
import { settingsOf, strategyByName, strategyCatalogue } from '../../../src/control/backtest/catalogue.js';
import { deflatedSharpe, deflateTrials } from '../../../src/control/backtest/deflated-sharpe.js';
import { withResampledMoves, withScaledMoves } from '../../../src/control/backtest/other-histories.js';
import { periodReturns, returnShape, sharpeRatio } from '../../../src/control/backtest/performance.js';
import { quantile } from '../../../src/control/backtest/quantile.js';
import { assetReturns, floorBreaches, trackingError } from '../../../src/control/backtest/relative.js';
import { backtestRobustness } from '../../../src/control/backtest/robustness.js';
import { runTrial, studyStrategies } from '../../../src/control/backtest/study.js';
import { walkForwardStudy } from '../../../src/control/backtest/walk-forward-study.js';
import { InputError } from '../../../src/errors.js';
import { brownianBars, DAY } from './support.js';

/** With ranges beyond open and close, and the implied volatility of options. */
function marketBars(count: number, seed: number, drift = 0): Bar[] {
  return brownianBars(count, 0.6, seed, drift).map((bar, i) => ({
    ...bar,
    high: bar.high * 1.01,
    low: bar.low * 0.99,
    ...(i % 5 !== 3 && { volatility: 0.6 + 0.01 * (i % 7) }),
  }));
}

const terms = (bars: readonly Bar[]) => ({
  bars,
  initialEquity: 1000,
  feeRate: 0.0005,
  slippage: 0.0005,
  lag: 1,
  maintenanceRate: 0.01,
});
const bootstrap = { seed: 1, draws: 50 };

describe('relative figures', () => {
  it('are 0 against itself and the deviation of the difference otherwise', () => {
    expect(trackingError([0.1, -0.1, 0.2], [0.1, -0.1, 0.2], 365)).toBe(0);
    // Differences 0.01, -0.01, 0.03: deviation 0.02.
    expect(trackingError([0.11, -0.11, 0.23], [0.1, -0.1, 0.2], 100)).toBeCloseTo(0.2, 12);
    expect(() => trackingError([0.1], [0.1], 365)).toThrow(InputError);
    expect(() => trackingError([0.1, 0.2], [0.1], 365)).toThrow(InputError);
    const bars = marketBars(3, 1);
    expect(assetReturns(bars, 2)[1]).toBeCloseTo(2 * (bars[2]!.close / bars[1]!.close - 1), 15);
  });

  it('count the bars below a floor', () => {
    expect(floorBreaches([100, 79, 85, 60], 80)).toEqual({ bars: 2, first: 1, worst: 0.25 });
    expect(floorBreaches([100, 90], [80, 80])).toEqual({ bars: 0, first: undefined, worst: 0 });
    expect(floorBreaches([80 * (1 - 1e-15)], 80).bars).toBe(0);
    expect(() => floorBreaches([1, 2], [1])).toThrow(InputError);
  });

  it('have quantiles between their values, and ratios that beat the best of luck as published', () => {
    expect([0, 0.25, 0.5, 1].map((p) => quantile([4, 1, 3, 2], p))).toEqual([1, 1.75, 2.5, 4]);
    expect(quantile([1, Infinity, Infinity], 0.9)).toBe(Infinity);
    expect(quantile([], 0.5)).toBeNaN();
    const returns = periodReturns(brownianBars(300, 0.5, 4).map(({ close }) => close));
    const other = periodReturns(brownianBars(300, 0.5, 5).map(({ close }) => close));
    const [deflated] = deflateTrials([returns, other], 8);
    const ratios = [sharpeRatio(returns), sharpeRatio(other)];
    expect(deflated).toEqual(
      deflatedSharpe({
        sharpe: ratios[0]!,
        observations: 299,
        ...returnShape(returns),
        trials: 10,
        trialVariance: 0.5 * (ratios[0]! - ratios[1]!) ** 2,
      }),
    );
    expect(deflateTrials([returns])[0]!.expectedMaximum).toBe(0);
    expect(returnShape([1, 1, 1])).toEqual({ skewness: 0, kurtosis: 3 });
    // 0, 0, 0, 1: skewness 2/sqrt(3), kurtosis 7/3.
    expect(returnShape([0, 0, 0, 1]).skewness).toBeCloseTo(2 / Math.sqrt(3), 12);
    expect(returnShape([0, 0, 0, 1]).kurtosis).toBeCloseTo(7 / 3, 12);
    expect(() => deflateTrials([])).toThrow(InputError);
    expect(() => deflateTrials([returns], -1)).toThrow(InputError);
    expect(() => returnShape([])).toThrow(InputError);
  });
});

describe('other histories', () => {
  const log = (bars: readonly Bar[]) => bars.slice(1).map(({ close }, i) => Math.log(close / bars[i]!.close));
  const deviation = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  };
  const isBar = ({ open, high, low, close }: Bar) => high >= Math.max(open, close) && low <= Math.min(open, close);

  it('scale every move, keep the drift, and stay bars', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0.1, max: 3, noNaN: true }), (seed, factor) => {
        const bars = marketBars(40, seed);
        const scaled = withScaledMoves(bars, factor);
        expect(scaled.every(isBar)).toBe(true);
        expect(deviation(log(scaled)) / deviation(log(bars))).toBeCloseTo(factor, 9);
        expect(scaled.at(-1)!.close / bars.at(-1)!.close).toBeCloseTo(1, 9);
        const range = ({ high, low }: Bar) => Math.log(high / low);
        expect(range(scaled[5]!) / range(bars[5]!)).toBeCloseTo(factor, 9);
        expect(scaled.map(({ volatility }) => volatility)).toEqual(bars.map(({ volatility }) => volatility));
      }),
      { numRuns: 50 },
    );
    expect(() => withScaledMoves(marketBars(3, 1), 0)).toThrow(InputError);
  });

  it('draw moves in blocks, by seed', () => {
    const bars = marketBars(200, 3);
    const drawn = withResampledMoves(bars, { seed: 5, meanBlock: 10 });
    expect(drawn.every(isBar)).toBe(true);
    expect(drawn.map(({ at }) => at)).toEqual(bars.map(({ at }) => at));
    expect(drawn[0]).toEqual(bars[0]);
    expect(withResampledMoves(bars, { seed: 5, meanBlock: 10 })).toEqual(drawn);
    expect(withResampledMoves(bars, { seed: 6, meanBlock: 10 })).not.toEqual(drawn);
    const known = new Set(log(bars).map((move) => move.toFixed(9)));
    expect(log(drawn).every((move) => known.has(move.toFixed(9)))).toBe(true);
    // Nine of ten moves follow the one they followed.
    const order = log(bars).map((move) => move.toFixed(9));
    const places = log(drawn).map((move) => order.indexOf(move.toFixed(9)));
    const followed = places.filter((place, i) => i > 0 && place === (places[i - 1]! + 1) % order.length).length;
    expect(followed / places.length).toBeGreaterThan(0.8);
    expect(() => withResampledMoves(bars.slice(0, 1), { seed: 1 })).toThrow(InputError);
    expect(() => withResampledMoves(bars, { seed: 1, meanBlock: 0.5 })).toThrow(InputError);
  });
});

describe('the catalogue', () => {
  it('fills in what is missing and refuses what a strategy does not take', () => {
    const cppi = strategyByName('cppi');
    expect(settingsOf(cppi, { multiplier: 3 })).toEqual({ floor: 0.8, multiplier: 3, maximum: 2, threshold: 0 });
    expect(() => settingsOf(cppi, { band: 1 })).toThrow(/settings.cppi must be one of floor/);
    expect(() => settingsOf(cppi, { floor: 1.5 })).toThrow(/settings.cppi.floor must be from 0 to 1/);
    expect(() => settingsOf(cppi, { floor: NaN })).toThrow(InputError);
    expect(() => settingsOf(strategyByName('calendar'), { every: 1.5 })).toThrow(/a whole number/);
    expect(() => strategyByName('martingale')).toThrow(/one of hold, vol-target/);
  });

  it.each(strategyCatalogue.map(({ name }) => name))(
    '%s decides the same on a prefix, with its usual settings',
    (name) => {
      const bars = marketBars(150, 8);
      // The periods a year are the same for both.
      const whole = runTrial(terms(bars), { strategy: name }).result;
      const prefix = runTrial(terms(bars.slice(0, 90)), { strategy: name }).result;
      expect(prefix.units).toEqual(whole.units.slice(0, 90));
      expect(prefix.equity).toEqual(whole.equity.slice(0, 90));
      expect(whole.fills.length).toBeGreaterThan(0);
    },
  );
});

describe('studyStrategies', () => {
  const bars = marketBars(200, 2);
  const trials = [{ strategy: 'hold' }, { strategy: 'tipp' }, { strategy: 'short-straddle' }];
  const study = studyStrategies({ ...terms(bars), trials, otherTrials: 7, bootstrap });

  it('runs each trial, counts all of them and deflates by them', () => {
    expect(study.trials).toBe(10);
    expect(study.rows.map(({ strategy }) => strategy)).toEqual(['hold', 'tipp', 'short-straddle']);
    expect(study.periodsPerYear).toBe(365);
    const [hold, tipp, straddle] = study.rows as [
      (typeof study.rows)[0],
      (typeof study.rows)[0],
      (typeof study.rows)[0],
    ];
    expect(hold.result).toEqual(runTrial(terms(bars), { strategy: 'hold' }).result);
    expect(hold.sharpeInterval[0]).toBeLessThan(hold.result.metrics.sharpe);
    expect(hold.sharpeInterval[1]).toBeGreaterThan(hold.result.metrics.sharpe);
    expect(hold.deflated.expectedMaximum).toBeGreaterThan(0);
    // It follows the asset but for the day it waits and what it pays.
    expect(hold.trackingError).toBeLessThan(0.1);
    expect(tipp.floorBreaches?.bars).toBe(0);
    expect(hold.floorBreaches).toBeUndefined();
    expect(straddle.trackingError).toBeUndefined();
    const { median, high, maximum } = straddle.marginUsage!;
    expect(median).toBeLessThanOrEqual(high);
    expect(high).toBeLessThanOrEqual(maximum);
    expect(hold.costDrag).toBeCloseTo(0.001 * hold.turnoverPerYear, 12);
    expect(study.overfitting!.logits).toHaveLength(252);
  });

  it('sees a floor that was broken', () => {
    const closes = [100, 100, 110, 60, 60, 60];
    const crash = closes.map((close, i) => {
      const open = closes[i - 1] ?? close;
      return { at: i * DAY, open, close, high: Math.max(open, close), low: Math.min(open, close) };
    });
    const { rows, overfitting } = studyStrategies({ ...terms(crash), trials: [{ strategy: 'cppi' }], bootstrap });
    expect(rows[0]!.floorBreaches).toMatchObject({ bars: 3, first: 3 });
    expect(rows[0]!.floorBreaches!.worst).toBeGreaterThan(0);
    expect(overfitting).toBeUndefined();
    expect(() => studyStrategies({ ...terms(crash), trials: [], bootstrap })).toThrow(InputError);
    expect(() => studyStrategies({ ...terms(crash), trials: [{ strategy: 'x' }], bootstrap })).toThrow(InputError);
  });
});

describe('backtestRobustness', () => {
  const bars = marketBars(150, 6);

  it('changes one thing at a time', () => {
    const found = backtestRobustness(terms(bars), { strategy: 'short-straddle' }, { seed: 1, paths: 20 });
    const sharpe = Object.fromEntries(found.cases.map((row) => [row.name, row.sharpe]));
    const definition = strategyByName('short-straddle');
    const plain = (changed: object, settings = {}) =>
      runTrial({ ...terms(bars), ...changed }, { strategy: 'short-straddle', settings }).result.metrics.sharpe;
    expect(sharpe['base']).toBe(plain({}));
    expect(sharpe['costs x 2']).toBe(plain({ feeRate: 0.001, slippage: 0.001 }, { 'half-spread': 0.02 }));
    expect(sharpe['lag + 1']).toBe(plain({ lag: 2 }));
    expect(sharpe['moves x 1.2']).toBe(plain({ bars: withScaledMoves(bars, 1.2) }));
    // Who sold options loses by larger moves.
    expect(sharpe['moves x 0.8']).toBeGreaterThan(sharpe['base']!);
    expect(sharpe['moves x 1.2']).toBeLessThan(sharpe['base']!);
    const { resampled, heatMap } = found;
    expect(resampled.sharpe.low).toBeLessThanOrEqual(resampled.sharpe.median);
    expect(resampled.sharpe.median).toBeLessThanOrEqual(resampled.sharpe.high);
    expect([heatMap?.first.name, heatMap?.second.name]).toEqual(['days', 'notional']);
    expect(heatMap!.sharpe[2]![2]).toBe(plain({}));
    expect(heatMap!.worstQuarter).toBeLessThanOrEqual(heatMap!.lowerQuartile);
    expect(definition.settings['half-spread']!.isCost).toBe(true);
    expect(backtestRobustness(terms(bars), { strategy: 'short-straddle' }, { seed: 1, paths: 20 })).toEqual(found);
  });

  it('takes the axes it is given, inside what the strategy takes, and none where there is one setting', () => {
    const heatMap = { first: { name: 'floor', values: [0.5, 0.9] }, second: { name: 'multiplier', values: [1, 2, 3] } };
    const cppi = backtestRobustness(terms(bars), { strategy: 'cppi' }, { seed: 1, paths: 20, heatMap });
    expect(cppi.heatMap!.sharpe.map((row) => row.length)).toEqual([3, 3]);
    const near = backtestRobustness(terms(bars), { strategy: 'tipp', settings: { kept: 0.9 } }, { seed: 1, paths: 20 });
    expect(Math.max(...near.heatMap!.first.values)).toBe(1);
    expect(backtestRobustness(terms(bars), { strategy: 'hold' }, { seed: 1, paths: 20 }).heatMap).toBeUndefined();
    expect(() => backtestRobustness(terms(bars), { strategy: 'hold' }, { seed: 1, paths: 2 })).toThrow(InputError);
  });
});

describe('walkForwardStudy', () => {
  const bars = marketBars(400, 12, 0.5);
  const candidates = [2, 4, 6].map((multiplier) => ({ strategy: 'cppi', settings: { multiplier } }));
  const windows = { train: 100, test: 50, window: 'rolling' } as const;

  it('joins test windows that nothing after them can change', () => {
    const study = walkForwardStudy({ ...terms(bars), candidates, windows, bootstrap });
    expect(study.purge).toBe(1);
    expect(study.folds.map(({ test }) => test[0])).toEqual([101, 151, 201, 251, 301]);
    expect(study.returns).toHaveLength(250);
    expect(study.trials).toBe(3);
    expect(study.metrics.periodsPerYear).toBeCloseTo(365, 9);
    const changed = bars.map((bar, i) => (i < 301 ? bar : { ...bar, open: 7, high: 9, low: 5, close: 8 }));
    const other = walkForwardStudy({ ...terms(changed), candidates, windows, bootstrap });
    expect(other.returns.slice(0, 200)).toEqual(study.returns.slice(0, 200));
    expect(other.folds.slice(0, 5).map(({ chosen }) => chosen)).toEqual(study.folds.map(({ chosen }) => chosen));
    // Every test run pays for its own first position.
    const first = study.returns.filter((_, i) => i % 50 === 0);
    expect(first.every((r) => r < 0 && r > -0.01)).toBe(true);
  });

  it('leaves a gap as long as an option lives, and looks back for what a strategy has to see', () => {
    const straddles = [{ strategy: 'short-straddle' }, { strategy: 'vol-target' }];
    const study = walkForwardStudy({ ...terms(bars), candidates: straddles, windows, bootstrap });
    expect(study.purge).toBe(30);
    for (const { train, test } of study.folds) expect(test[0] - train.at(-1)![1]).toBeGreaterThanOrEqual(30);
    const target = walkForwardStudy({ ...terms(bars), candidates: [straddles[1]!], windows, bootstrap });
    // It trades from the window's first bar on.
    expect(target.returns[1]).not.toBe(0);
  });

  it('refuses what does not fit', () => {
    const input = { ...terms(bars.slice(0, 100)), candidates, windows, bootstrap };
    expect(() => walkForwardStudy(input)).toThrow(/at least 151/);
    expect(() => walkForwardStudy({ ...input, candidates: [] })).toThrow(InputError);
  });
});
