/**
 * Strategies run over one history and judged together: every setting that was tried is in the list, and the figures say how much of
 * the best of them is luck.
 *
 *   interval      of the annual Sharpe ratio, by the stationary bootstrap of its returns
 *   deflated      probability that the ratio beats the best of all the trials without skill
 *   overfitting   probability that the best in half of the history is below the median in the other half, where there are two trials
 */
import { requireArray } from '../../check.js';
import { InputError } from '../../errors.js';
import { yearFraction } from '../../market/clock.js';
import { blockBootstrap } from './bootstrap.js';
import type { BootstrapOptions } from './bootstrap.js';
import { runBacktest } from './backtest.js';
import type { BacktestResult } from './backtest.js';
import type { BacktestInput, Bar } from './backtest-input.js';
import { settingsOf, strategyByName } from './catalogue.js';
import type { StrategyContext, StrategySettings } from './catalogue.js';
import { deflateTrials } from './deflated-sharpe.js';
import type { DeflatedSharpe } from './deflated-sharpe.js';
import { backtestOverfitting } from './overfitting.js';
import type { Overfitting } from './overfitting.js';
import { periodReturns, sharpeRatio } from './performance.js';
import { quantile } from './quantile.js';
import { assetReturns, floorBreaches, trackingError } from './relative.js';
import type { FloorBreaches } from './relative.js';

/** A strategy of the catalogue with settings; the usual ones where missing. */
export interface Trial {
  strategy: string;
  settings?: StrategySettings | undefined;
}

/** What trading costs, and the account it starts with: a backtest without its strategy. */
export type StudyTerms = Omit<BacktestInput, 'strategy' | 'holdings'>;

export interface StudyInput extends StudyTerms {
  trials: readonly Trial[];
  /** Tried elsewhere and not in the list; 0 where missing. */
  otherTrials?: number | undefined;
  bootstrap: BootstrapOptions;
}

export interface StudyRow {
  strategy: string;
  settings: StrategySettings;
  result: BacktestResult;
  /** Of the annual Sharpe ratio. */
  sharpeInterval: [number, number];
  deflated: DeflatedSharpe;
  /** Notional traded over mean equity, a year. */
  turnoverPerYear: number;
  /** Costs of trading over mean equity, a year. */
  costDrag: number;
  /** Annual, against constant leverage without costs. */
  trackingError?: number | undefined;
  floorBreaches?: FloorBreaches | undefined;
  /** Of maintenance margin over equity, bar by bar. */
  marginUsage?: { median: number; high: number; maximum: number } | undefined;
}

export interface Study {
  years: number;
  periodsPerYear: number;
  rows: StudyRow[];
  /** All that were tried. */
  trials: number;
  overfitting?: Overfitting | undefined;
}

/** Throws InputError for no trials, a name or setting the catalogue does not have, and as {@link runBacktest} does. */
export function studyStrategies(input: StudyInput): Study {
  const { bars, trials, otherTrials = 0 } = input;
  requireArray('trials', trials);
  if (trials.length === 0) throw new InputError('trials.length', 0, 'at least 1');
  const years = yearsOf(bars);
  const runs = trials.map((trial) => ({ ...trial, ...runTrial(input, trial) }));
  const returns = runs.map(({ result }) => periodReturns(result.equity));
  const deflated = deflateTrials(returns, otherTrials);
  return {
    years,
    periodsPerYear: (bars.length - 1) / years,
    rows: runs.map(({ strategy, settings, result }, i): StudyRow => {
      const perYear = Math.sqrt(result.metrics.periodsPerYear);
      const seed = input.bootstrap.seed + i;
      const { interval } = blockBootstrap(returns[i]!, sharpeRatio, { ...input.bootstrap, seed });
      const mean = result.equity.reduce((sum, value) => sum + value, 0) / result.equity.length;
      const { benchmark, floor } = strategyByName(strategy);
      const leverage = benchmark?.(settings);
      return {
        strategy,
        settings,
        result,
        sharpeInterval: [interval[0] * perYear, interval[1] * perYear],
        deflated: deflated[i]!,
        turnoverPerYear: result.metrics.turnover / years,
        costDrag: mean > 0 ? result.costs / mean / years : Infinity,
        trackingError: leverage === undefined ? undefined : trackedBy(returns[i]!, bars, leverage),
        floorBreaches: floor === undefined ? undefined : floorBreaches(result.equity, floor(settings, result.equity)),
        marginUsage: result.marginUsage && {
          median: quantile(result.marginUsage, 0.5),
          high: quantile(result.marginUsage, 0.95),
          maximum: quantile(result.marginUsage, 1),
        },
      };
    }),
    trials: trials.length + otherTrials,
    overfitting: overfittingOf(returns, bars.length - 1),
  };
}

/** One trial on other terms than those of its study, perhaps. */
export function runTrial(
  terms: StudyTerms,
  { strategy, settings }: Trial,
): { settings: StrategySettings; result: BacktestResult } {
  const definition = strategyByName(strategy);
  const complete = settingsOf(definition, settings);
  const result = runBacktest({ ...terms, ...definition.make(complete, contextOf(terms)) });
  return { settings: complete, result };
}

/** The periods a year are 365 or 252 where bars are about that many. */
export function contextOf({ bars, initialEquity }: StudyTerms): StrategyContext {
  const measured = (bars.length - 1) / yearsOf(bars);
  const usual = [365, 252].find((count) => Math.abs(measured / count - 1) < 0.02);
  return { initialEquity, periodsPerYear: usual ?? measured };
}

function yearsOf(bars: readonly Bar[]): number {
  if (bars.length < 2) throw new InputError('bars.length', bars.length, 'at least 2');
  return yearFraction(bars[0]!.at, bars[bars.length - 1]!.at);
}

/** Until the run is over. */
function trackedBy(returns: readonly number[], bars: readonly Bar[], leverage: number): number | undefined {
  const n = returns.length;
  if (n < 2) return undefined;
  const periodsPerYear = n / yearFraction(bars[0]!.at, bars[n]!.at);
  return trackingError(returns, assetReturns(bars, leverage).slice(0, n), periodsPerYear);
}

/** A run that is over earns nothing more. Undefined for one trial, or a history too short for ten blocks. */
function overfittingOf(returns: readonly (readonly number[])[], periods: number): Overfitting | undefined {
  if (returns.length < 2 || periods < 20) return undefined;
  const table = Array.from({ length: periods }, (_, t) => returns.map((row) => row[t] ?? 0));
  return backtestOverfitting({ returns: table });
}
