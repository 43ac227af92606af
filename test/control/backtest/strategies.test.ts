import { describe, expect, it } from 'vitest';
import { runBacktest } from '../../../src/control/backtest/backtest.js';
import type { BacktestInput, BacktestStrategy, Bar } from '../../../src/control/backtest/backtest-input.js';
import { hedgedStraddle } from '../../../src/control/backtest/hedged-straddle.js';
import {
  cppiStrategy,
  fixedWeightStrategy,
  leveragedTokenStrategy,
  volTargetStrategy,
} from '../../../src/control/backtest/strategies.js';
import { InputError } from '../../../src/errors.js';
import { brownianBars, DAY } from './support.js';

const free = { initialEquity: 1000, feeRate: 0, slippage: 0, lag: 0, sameBar: true } as const;
const volatilityOf = (equity: Float64Array, from: number) => {
  const returns = Array.from(equity.slice(from + 1), (value, i) => Math.log(value / equity[from + i]!));
  return Math.sqrt((returns.reduce((sum, r) => sum + r * r, 0) / returns.length) * 365);
};

/** Every strategy, made anew. */
const straddleOf = (bars: readonly Bar[], side: 'long' | 'short', band = 0) =>
  hedgedStraddle({
    side,
    notional: 1000,
    cycleDays: 30,
    impliedVolatility: bars.map(() => 0.6),
    halfSpread: 0.01,
    band,
  });
const all: Record<string, (bars: readonly Bar[]) => Pick<BacktestInput, 'strategy' | 'holdings'>> = {
  'volatility target': () => ({
    strategy: volTargetStrategy({
      targetVolatility: 0.3,
      maximumLeverage: 2,
      lambda: 0.94,
      warmUp: 20,
      periodsPerYear: 365,
      band: 0.05,
    }),
  }),
  CPPI: () => ({ strategy: cppiStrategy({ floor: 0.8, multiplier: 4, maximumLeverage: 2, ratchet: 0.8 }) }),
  'leveraged token': () => ({ strategy: leveragedTokenStrategy(3, { trigger: 1.2 }) }),
  band: () => ({ strategy: fixedWeightStrategy(0.5, { kind: 'band', band: 0.05, destination: 'boundary' }) }),
  calendar: () => ({ strategy: fixedWeightStrategy(0.5, { kind: 'calendar', every: 7 }) }),
  'short straddle': (bars) => straddleOf(bars, 'short'),
  'long straddle': (bars) => straddleOf(bars, 'long', 0.2),
};

describe('strategies', () => {
  it.each(['band', 'calendar', 'leveraged token', 'volatility target'])('%s: a longer lag only delays', (name) => {
    const bars = brownianBars(200, 0.6, 3);
    const run = (lag: number) => runBacktest({ bars, ...free, lag, ...all[name]!(bars) });
    const [soon, late] = [run(1), run(4)];
    const first = soon.fills[0]!.bar;
    // What is held after every order on its way is filled stays near what the shorter lag holds, and is never sold out between.
    for (let t = first + 6; t < bars.length; t++) {
      expect(late.units[t]! / soon.units[t]!).toBeGreaterThan(0.6);
      expect(late.units[t]! / soon.units[t]!).toBeLessThan(1.6);
    }
    expect(late.fills.length).toBeLessThan(2 * soon.fills.length + 2);
  });

  it.each(Object.keys(all))('%s: decides the same on a prefix of the bars, and keeps the cash identity', (name) => {
    const bars = brownianBars(200, 0.6, 3);
    const costs = { initialEquity: 1000, feeRate: 0.0005, slippage: 0.0005, lag: 1 };
    const whole = runBacktest({ bars, ...costs, ...all[name]!(bars) });
    const short = bars.slice(0, 120);
    const prefix = runBacktest({ bars: short, ...costs, ...all[name]!(short) });
    expect(prefix.units).toEqual(whole.units.slice(0, 120));
    expect(prefix.equity).toEqual(whole.equity.slice(0, 120));
    expect(whole.fills.length).toBeGreaterThan(0);
    const { holdings } = all[name]!(bars);
    const history = (t: number) => ({ t, bar: (i: number) => bars[i]! });
    const besides = holdings === undefined ? 0 : bars.reduce((_, __, t) => holdings(history(t)), 0);
    const close = bars.at(-1)!.close;
    const traded = whole.fills.reduce((sum, { price, units }) => sum + units * (close - price), 0);
    expect(whole.equity.at(-1)).toBeCloseTo(1000 + traded + besides - whole.costs, 8);
  });

  it('hold volatility at its target', () => {
    const bars = brownianBars(4000, 0.8, 5);
    const { equity } = runBacktest({
      bars,
      ...free,
      strategy: volTargetStrategy({
        targetVolatility: 0.25,
        maximumLeverage: 5,
        lambda: 0.97,
        warmUp: 60,
        periodsPerYear: 365,
      }),
    });
    // Estimated variances of 65 days' weight spread the leverage and lift realised volatility by about 1/(4 x 65).
    expect(Math.abs(volatilityOf(equity, 60) / 0.25 - 1)).toBeLessThan(0.04);
  });

  it('keep the CPPI floor while no step loses 1/m, and go below it just beyond', () => {
    const path = (last: number): Bar[] => {
      const closes = [100, 110, 85, 90, 120, 120 * (1 - last)];
      return closes.map((close, i) => {
        const open = closes[i - 1] ?? close;
        return { at: i * DAY, open, close, high: Math.max(open, close), low: Math.min(open, close) };
      });
    };
    const end = (last: number) =>
      runBacktest({
        bars: path(last),
        ...free,
        strategy: cppiStrategy({ floor: 0.8, multiplier: 4, maximumLeverage: 10 }),
      }).equity.at(-1)!;
    expect(end(0.25)).toBeCloseTo(800, 9);
    expect(end(0.24)).toBeGreaterThan(800);
    expect(end(0.26)).toBeLessThan(800);
  });

  it('trade a CPPI less often above a threshold, and flee the floor all the same', () => {
    const bars = brownianBars(300, 0.8, 4);
    const run = (threshold: number) =>
      runBacktest({
        bars,
        ...free,
        strategy: cppiStrategy({ floor: 0.8, multiplier: 4, maximumLeverage: 3, threshold }),
      });
    const [always, seldom] = [run(0), run(0.2)];
    expect(seldom.fills.length).toBeLessThan(0.4 * always.fills.length);
    const closes = [100, 100, 60, 60];
    const crash = closes.map((close, i) => {
      const open = closes[i - 1] ?? close;
      return { at: i * DAY, open, close, high: Math.max(open, close), low: Math.min(open, close) };
    });
    const fled = runBacktest({
      bars: crash,
      ...free,
      strategy: cppiStrategy({ floor: 0.8, multiplier: 4, maximumLeverage: 3, threshold: 5 }),
    });
    expect(fled.units.at(-1)).toBe(0);
    expect(() => cppiStrategy({ floor: 0.8, multiplier: 4, maximumLeverage: 3, threshold: -1 })).toThrow(InputError);
  });

  it('restore the leverage of a token each day, whose product of returns is exact', () => {
    const bars = brownianBars(50, 0.5, 8);
    const { equity } = runBacktest({ bars, ...free, strategy: leveragedTokenStrategy(3) });
    let expected = 1000;
    for (let i = 1; i < bars.length; i++) expected *= 1 + 3 * (bars[i]!.close / bars[i - 1]!.close - 1);
    expect(equity.at(-1)).toBeCloseTo(expected, 8);
  });

  it('trade less inside a band than daily, and to its edge', () => {
    const bars = brownianBars(500, 0.6, 9);
    const run = (strategy: BacktestStrategy) => runBacktest({ bars, ...free, strategy });
    const daily = run(fixedWeightStrategy(0.5, { kind: 'calendar', every: 1 }));
    const band = run(fixedWeightStrategy(0.5, { kind: 'band', band: 0.05, destination: 'boundary' }));
    expect(band.metrics.turnover).toBeLessThan(0.5 * daily.metrics.turnover);
    for (const { bar } of band.fills.slice(1)) {
      const weight = (band.units[bar]! * bars[bar]!.close) / band.equity[bar]!;
      expect(Math.abs(Math.abs(weight - 0.5) - 0.05)).toBeLessThan(1e-9);
    }
  });

  it('earn nothing on average from hedged straddles priced at the volatility that comes, less the spread', () => {
    const gains = (side: 'long' | 'short', volatility: number, halfSpread: number) => {
      const profits: number[] = [];
      for (let seed = 1; seed <= 60; seed++) {
        const bars = brownianBars(181, volatility, seed);
        const straddle = hedgedStraddle({
          side,
          notional: 1000,
          cycleDays: 30,
          impliedVolatility: bars.map(() => 0.6),
          halfSpread,
          band: 0,
        });
        profits.push(runBacktest({ bars, ...free, ...straddle }).equity.at(-1)! - 1000);
      }
      const mean = profits.reduce((a, b) => a + b) / profits.length;
      const spread = Math.sqrt(profits.reduce((a, b) => a + (b - mean) ** 2, 0) / profits.length);
      return { mean, error: spread / Math.sqrt(profits.length) };
    };
    const fair = gains('short', 0.6, 0);
    expect(Math.abs(fair.mean)).toBeLessThan(4 * fair.error);
    const mirrored = gains('long', 0.6, 0);
    expect(mirrored.mean).toBeCloseTo(-fair.mean, 9);
    // A volatility ten points lower than paid for, and scalping one ten points higher.
    expect(gains('short', 0.5, 0).mean).toBeGreaterThan(4 * fair.error);
    expect(gains('long', 0.7, 0).mean).toBeGreaterThan(4 * fair.error);
    expect(gains('short', 0.6, 0.02).mean).toBeLessThan(fair.mean);
  });

  it('are not to be run twice, nor made of nonsense', () => {
    const bars = brownianBars(40, 0.6, 1);
    const straddle = straddleOf(bars, 'short');
    runBacktest({ bars, ...free, ...straddle });
    expect(() => runBacktest({ bars, ...free, ...straddle })).toThrow(/new straddle/);
    expect(() => runBacktest({ bars, ...free, ...straddleOf(bars.slice(0, 5), 'short') })).toThrow(InputError);
    expect(() => fixedWeightStrategy(NaN, { kind: 'calendar', every: 1 })).toThrow(InputError);
    expect(() => fixedWeightStrategy(1, { kind: 'calendar', every: 0 })).toThrow(InputError);
    expect(() =>
      volTargetStrategy({ targetVolatility: 0.2, maximumLeverage: 1, lambda: 1, warmUp: 5, periodsPerYear: 365 }),
    ).toThrow(InputError);
  });
});
