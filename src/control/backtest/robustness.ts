/**
 * How a backtest moves with what was assumed, the one thing changed at a time: costs doubled, fills a bar later, moves of the asset a
 * fifth smaller or larger, its moves in another order, and settings beside those that were chosen.
 *
 * A heat map is over two settings, the others as they are; what counts in it is the worst quarter: a ridge that is good only where it
 * was found is chance. Nothing here is chosen from, and nothing is to be.
 */
import { sensitivityGrid } from '../sensitivity.js';
import type { Matrix } from '../../math/matrix.js';
import { InputError } from '../../errors.js';
import { runBacktest } from './backtest.js';
import type { BacktestResult } from './backtest.js';
import { settingsOf, strategyByName } from './catalogue.js';
import type { StrategyDefinition, StrategySettings } from './catalogue.js';
import { withResampledMoves, withScaledMoves } from './other-histories.js';
import { quantile } from './quantile.js';
import { contextOf } from './study.js';
import type { StudyTerms, Trial } from './study.js';

/** Sharpe ratio and growth are annual. */
export interface RobustnessCase {
  name: 'base' | 'costs x 2' | 'lag + 1' | 'moves x 0.8' | 'moves x 1.2';
  sharpe: number;
  growth: number;
  maximumDrawdown: number;
  isLiquidated: boolean;
}

/** Of runs on histories with the moves in another order. */
export interface ResampledRuns {
  paths: number;
  sharpe: { low: number; median: number; high: number };
  growth: { low: number; median: number; high: number };
  /** Share of the paths on which the account lost money, and was liquidated. */
  losing: number;
  liquidated: number;
}

export interface HeatMap {
  first: { name: string; values: number[] };
  second: { name: string; values: number[] };
  /** Annual, [first][second]. */
  sharpe: Matrix;
  lowerQuartile: number;
  /** Mean of the ratios up to the lower quartile. */
  worstQuarter: number;
  /** Share of the settings with a ratio below that of the base. */
  below: number;
}

export interface Robustness {
  strategy: string;
  settings: StrategySettings;
  cases: RobustnessCase[];
  resampled: ResampledRuns;
  /** Where the strategy has two settings that move it. */
  heatMap?: HeatMap | undefined;
}

export interface RobustnessOptions {
  seed: number;
  /** Resampled histories; 200 where missing. */
  paths?: number | undefined;
  /** In bars; n^(1/3) where missing, and at least twice what a decision is held for: shorter blocks cut options from what they priced. */
  meanBlock?: number | undefined;
  /** The settings of the heat map and their values; the first two of the strategy at 60% to 140% of theirs where missing. */
  heatMap?: { first: HeatMap['first']; second: HeatMap['second'] } | undefined;
}

const FACTORS = [0.6, 0.8, 1, 1.2, 1.4];

/** Throws InputError as {@link runBacktest} does, and for fewer than 20 paths. */
export function backtestRobustness(terms: StudyTerms, trial: Trial, options: RobustnessOptions): Robustness {
  const definition = strategyByName(trial.strategy);
  const settings = settingsOf(definition, trial.settings);
  const { paths = 200 } = options;
  if (!(Number.isInteger(paths) && paths >= 20)) throw new InputError('paths', paths, 'a whole number of at least 20');
  // The strategy keeps its idea of a year, and of equity, on every history.
  const context = contextOf(terms);
  const run = (changed: Partial<StudyTerms>, own: StrategySettings = settings): BacktestResult =>
    runBacktest({ ...terms, ...changed, ...definition.make(own, context) });
  const { bars, feeRate, slippage, lag, tradeCost } = terms;
  const base = run({});
  const dear = run(
    {
      feeRate: 2 * feeRate,
      slippage: 2 * slippage,
      ...(tradeCost && { tradeCost: (...order: Parameters<typeof tradeCost>) => 2 * tradeCost(...order) }),
    },
    withDoubledCosts(definition, settings),
  );
  const results: [RobustnessCase['name'], BacktestResult][] = [
    ['base', base],
    ['costs x 2', dear],
    ['lag + 1', run({ lag: lag + 1 })],
    ['moves x 0.8', run({ bars: withScaledMoves(bars, 0.8) })],
    ['moves x 1.2', run({ bars: withScaledMoves(bars, 1.2) })],
  ];
  const held = definition.holdingYears(settings) * context.periodsPerYear;
  const meanBlock = options.meanBlock ?? Math.max((bars.length - 1) ** (1 / 3), 2 * held);
  const resampled = Array.from({ length: paths }, (_, path) =>
    run({ bars: withResampledMoves(bars, { seed: options.seed + path, meanBlock }) }),
  );
  const axes = options.heatMap ?? usualAxes(definition, settings);
  return {
    strategy: trial.strategy,
    settings,
    cases: results.map(([name, { metrics, liquidatedAt }]) => ({
      name,
      sharpe: metrics.sharpe,
      growth: metrics.cagr,
      maximumDrawdown: metrics.maximumDrawdown,
      isLiquidated: liquidatedAt !== undefined,
    })),
    resampled: {
      paths,
      sharpe: spread(resampled.map(({ metrics }) => metrics.sharpe)),
      growth: spread(resampled.map(({ metrics }) => metrics.cagr)),
      losing: resampled.filter(({ metrics }) => metrics.cagr < 0).length / paths,
      liquidated: resampled.filter(({ liquidatedAt }) => liquidatedAt !== undefined).length / paths,
    },
    heatMap: axes && heatMapOf(axes, definition, settings, base.metrics.sharpe, (own) => run({}, own).metrics.sharpe),
  };
}

/** 5%, 50% and 95%. */
function spread(values: readonly number[]): { low: number; median: number; high: number } {
  return { low: quantile(values, 0.05), median: quantile(values, 0.5), high: quantile(values, 0.95) };
}

function withDoubledCosts(definition: StrategyDefinition, settings: StrategySettings): StrategySettings {
  const doubled = Object.entries(settings).map(([name, value]): [string, number] => {
    const { isCost = false, maximum } = definition.settings[name]!;
    return [name, isCost ? Math.min(2 * value, maximum) : value];
  });
  return Object.fromEntries(doubled);
}

/** The first two settings that are not 0. */
function usualAxes(definition: StrategyDefinition, settings: StrategySettings): RobustnessOptions['heatMap'] {
  const [first, second] = Object.entries(settings)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => {
      const { minimum, maximum, whole = false } = definition.settings[name]!;
      const scaled = FACTORS.map((factor) => (whole ? Math.round(factor * value) : factor * value));
      const inside = scaled.map((each) => Math.min(Math.max(each, minimum), maximum));
      return { name, values: [...new Set(inside)] };
    });
  return first !== undefined && second !== undefined ? { first, second } : undefined;
}

function heatMapOf(
  { first, second }: NonNullable<RobustnessOptions['heatMap']>,
  definition: StrategyDefinition,
  settings: StrategySettings,
  base: number,
  sharpeOf: (settings: StrategySettings) => number,
): HeatMap {
  const sharpe = sensitivityGrid({
    base: settings,
    first,
    second,
    evaluate: (values) => sharpeOf(settingsOf(definition, values)),
  });
  const all = sharpe.flat();
  const lowerQuartile = quantile(all, 0.25);
  const worst = all.filter((value) => value <= lowerQuartile);
  return {
    first: { name: first.name, values: [...first.values] },
    second: { name: second.name, values: [...second.values] },
    sharpe,
    lowerQuartile,
    worstQuarter: worst.reduce((sum, value) => sum + value, 0) / worst.length,
    below: all.filter((value) => value < base).length / all.length,
  };
}
