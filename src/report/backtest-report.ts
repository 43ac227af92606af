/** Strategies of the catalogue run on a price series, as one record: what was run, what came of it, and how far that can be trusted. */
import { InputError } from '../errors.js';
import type { BacktestInput, Bar } from '../control/backtest/backtest-input.js';
import type { BootstrapOptions } from '../control/backtest/bootstrap.js';
import { strategyByName } from '../control/backtest/catalogue.js';
import type { StrategySettings } from '../control/backtest/catalogue.js';
import type { PerformanceMetrics } from '../control/backtest/performance.js';
import { backtestRobustness } from '../control/backtest/robustness.js';
import type { Robustness } from '../control/backtest/robustness.js';
import { studyStrategies } from '../control/backtest/study.js';
import type { StudyRow, StudyTerms, Trial } from '../control/backtest/study.js';
import { walkForwardStudy } from '../control/backtest/walk-forward-study.js';
import type { WalkForwardStudyInput } from '../control/backtest/walk-forward-study.js';

export interface BacktestRequest {
  /** By name, each once. */
  strategies: readonly string[];
  /** Settings by name, for every strategy that takes them; of several values each is tried, with each of the other settings'. */
  settings?: Readonly<Record<string, readonly number[]>> | undefined;
  terms: Omit<StudyTerms, 'bars'>;
  /** Implied volatility of options in place of the bars' own. */
  volatility?: number | undefined;
  otherTrials?: number | undefined;
  bootstrap: BootstrapOptions;
  walkForward?: WalkForwardStudyInput['windows'] | undefined;
  robustness?: { paths?: number | undefined } | undefined;
}

/** One run. Ratios are annual; `at` of the report has the instants of equity and units. */
export interface BacktestReportRow extends Omit<StudyRow, 'result'> {
  /** The strategy with the settings that were given. */
  label: string;
  metrics: PerformanceMetrics;
  costs: number;
  fundingPaid: number;
  interest: number;
  fills: number;
  cutOrders: number;
  liquidatedAt?: number | undefined;
  equity: number[];
  units: number[];
}

export interface BacktestReport {
  schema: 1;
  bars: number;
  /** Bars before the first with an implied volatility, which straddles need. */
  skipped: number;
  at: number[];
  years: number;
  periodsPerYear: number;
  terms: Omit<BacktestRequest['terms'], 'tradeCost'>;
  trials: number;
  rows: BacktestReportRow[];
  /** Probability of overfitting, where there are two trials. */
  overfitting?: { probability: number; probabilityOfLoss: number } | undefined;
  walkForward?:
    | {
        purge: number;
        embargo: number;
        folds: {
          train: [number, number][];
          test: [number, number];
          chosen: string;
          inSample: number;
          outOfSample: number;
        }[];
        metrics: PerformanceMetrics;
        sharpeInterval: [number, number];
        returns: number[];
      }
    | undefined;
  robustness?: (Robustness & { label: string })[] | undefined;
}

/**
 * Throws InputError for strategies or settings the catalogue does not have, a setting no strategy takes, a series without the implied
 * volatility a strategy needs, and windows that do not fit.
 */
export function backtestReport(series: readonly Bar[], request: BacktestRequest): BacktestReport {
  const { settings: given = {}, bootstrap, otherTrials, terms: own } = request;
  const strategies = namesOf(request.strategies, given);
  const { bars, skipped } = barsFor(strategies, series, request.volatility);
  const terms: StudyTerms = { ...own, bars };
  const trials = strategies.flatMap((strategy) => trialsOf(strategy, given));
  const study = studyStrategies({ ...terms, trials, otherTrials, bootstrap });
  return {
    schema: 1,
    bars: bars.length,
    skipped,
    at: bars.map(({ at }) => at),
    years: study.years,
    periodsPerYear: study.periodsPerYear,
    terms: { ...own, tradeCost: undefined } as BacktestReport['terms'],
    trials: study.trials,
    rows: study.rows.map(({ result, ...row }, i): BacktestReportRow => {
      const { metrics, costs, fundingPaid, interest, fills, cutOrders, liquidatedAt } = result;
      return {
        label: labelOf(trials[i]!, given),
        ...row,
        ...{ metrics, costs, fundingPaid, interest, fills: fills.length, cutOrders, liquidatedAt },
        equity: Array.from(result.equity),
        units: Array.from(result.units),
      };
    }),
    overfitting: study.overfitting && {
      probability: study.overfitting.probability,
      probabilityOfLoss: study.overfitting.probabilityOfLoss,
    },
    walkForward: request.walkForward && walkedForward(terms, trials, given, request.walkForward, bootstrap),
    robustness:
      request.robustness &&
      strategies.map((strategy) => {
        const [first, second] = axesOf(strategy, given);
        const trial = trialsOf(strategy, given)[0]!;
        const found = backtestRobustness(terms, trial, {
          seed: bootstrap.seed,
          paths: request.robustness!.paths,
          meanBlock: bootstrap.meanBlock,
          heatMap: first && second && { first, second },
        });
        return { label: labelOf(trial, given), ...found };
      }),
  };
}

function walkedForward(
  terms: StudyTerms,
  candidates: readonly Trial[],
  given: Readonly<Record<string, readonly number[]>>,
  windows: WalkForwardStudyInput['windows'],
  bootstrap: BootstrapOptions,
): BacktestReport['walkForward'] {
  const { folds, purge, metrics, sharpeInterval, returns } = walkForwardStudy({
    ...terms,
    candidates,
    windows,
    bootstrap,
  });
  return {
    purge,
    embargo: windows.embargo ?? 0,
    folds: folds.map(({ chosen, ...fold }) => ({ ...fold, chosen: labelOf(chosen, given) })),
    metrics,
    sharpeInterval,
    returns,
  };
}

/** Checked: each once, and a strategy for every setting. */
function namesOf(names: readonly string[], given: Readonly<Record<string, readonly number[]>>): string[] {
  const strategies = [...new Set(names)];
  const definitions = strategies.map(strategyByName);
  for (const [name, values] of Object.entries(given)) {
    if (!definitions.some(({ settings }) => Object.hasOwn(settings, name))) {
      const known = [...new Set(definitions.flatMap(({ settings }) => Object.keys(settings)))];
      throw new InputError('settings', name, `one of ${known.join(', ')}`);
    }
    if (values.length === 0) throw new InputError(`settings.${name}`, values, 'one value or more');
  }
  return strategies;
}

/** From the first bar with an implied volatility on, where a strategy marks options by it. */
function barsFor(
  strategies: readonly string[],
  series: readonly Bar[],
  volatility: number | undefined,
): { bars: readonly Bar[]; skipped: number } {
  if (volatility !== undefined) return { bars: series.map((bar) => ({ ...bar, volatility })), skipped: 0 };
  const marker = strategies.find((name) => strategyByName(name).needsVolatility);
  if (marker === undefined) return { bars: series, skipped: 0 };
  const first = series.findIndex((bar) => bar.volatility !== undefined);
  if (first < 0) {
    throw new InputError(
      'volatility',
      undefined,
      `a column of the series, or one volatility for all of it: ${marker} marks options`,
    );
  }
  return { bars: series.slice(first), skipped: first };
}

/** Every combination of the values given for the settings the strategy takes. */
function trialsOf(strategy: string, given: Readonly<Record<string, readonly number[]>>): Trial[] {
  const taken = Object.entries(given).filter(([name]) => Object.hasOwn(strategyByName(strategy).settings, name));
  let combinations: StrategySettings[] = [{}];
  for (const [name, values] of taken) {
    combinations = combinations.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value })));
  }
  return combinations.map((settings) => ({ strategy, settings }));
}

/** The settings of the strategy that several values are given for. */
function axesOf(
  strategy: string,
  given: Readonly<Record<string, readonly number[]>>,
): { name: string; values: number[] }[] {
  return Object.entries(given)
    .filter(([name, values]) => values.length > 1 && Object.hasOwn(strategyByName(strategy).settings, name))
    .map(([name, values]) => ({ name, values: [...values] }));
}

function labelOf({ strategy, settings = {} }: Trial, given: Readonly<Record<string, readonly number[]>>): string {
  const shown = Object.keys(given).filter((name) => Object.hasOwn(settings, name));
  return [strategy, ...shown.map((name) => `${name}=${settings[name]!}`)].join(' ');
}

/** What a run was filled at. */
export function fillOf({ lag, fillAt, sameBar }: Pick<BacktestInput, 'lag' | 'fillAt' | 'sameBar'>): string {
  if (fillAt === 'nextOpen') return lag === 0 ? 'at the next open' : `at the open ${lag + 1} bars later`;
  if (sameBar === true && lag === 0) return 'at the close decided on';
  return `at the close ${lag} ${lag === 1 ? 'bar' : 'bars'} later`;
}
