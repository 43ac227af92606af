/**
 * Settings chosen on the past and run on what came after: each trial is run anew on every training window, the best by the objective
 * on the test window behind the gap, and the test windows stand one after another as one run that nobody could have fitted.
 *
 * A window's run looks back before its first bar for what the strategy has to see before it trades, and pays for its first position.
 * The gap is the longest time a decision earns: the strategy's holding time and the lag.
 */
import { requireArray } from '../../check.js';
import { InputError } from '../../errors.js';
import { performanceMetrics, sharpeRatio } from './performance.js';
import type { PerformanceMetrics } from './performance.js';
import { blockBootstrap } from './bootstrap.js';
import type { BootstrapOptions } from './bootstrap.js';
import { runBacktest } from './backtest.js';
import { settingsOf, strategyByName } from './catalogue.js';
import { contextOf } from './study.js';
import type { StudyTerms, Trial } from './study.js';
import { walkForward } from './walk-forward.js';
import type { WalkForward, WalkForwardOptions } from './walk-forward.js';

export interface WalkForwardStudyInput extends StudyTerms {
  candidates: readonly Trial[];
  /** The bars of the study; `purge` is the longest holding time and the lag where missing. */
  windows: Omit<WalkForwardOptions, 'bars' | 'purge'> & { purge?: number | undefined };
  /** Of period returns, higher is better; the Sharpe ratio where missing. */
  objective?: ((returns: number[]) => number) | undefined;
  bootstrap: BootstrapOptions;
}

export interface WalkForwardStudy extends WalkForward<Trial> {
  purge: number;
  /** Of the test windows joined, the equity of each beginning where the last one ended. */
  metrics: PerformanceMetrics;
  /** Of the annual Sharpe ratio. */
  sharpeInterval: [number, number];
}

/** Throws InputError for no candidates, windows that do not fit, and as {@link runBacktest} does. */
export function walkForwardStudy(input: WalkForwardStudyInput): WalkForwardStudy {
  const { bars, candidates, windows, objective = sharpeRatio, bootstrap } = input;
  requireArray('candidates', candidates);
  if (candidates.length === 0) throw new InputError('candidates.length', 0, 'at least 1');
  const context = contextOf(input);
  const complete = candidates.map(({ strategy, settings }) => {
    const definition = strategyByName(strategy);
    return { definition, strategy, settings: settingsOf(definition, settings) };
  });
  const longest = Math.max(
    ...complete.map(({ definition, settings }) => definition.holdingYears(settings) * context.periodsPerYear),
  );
  const purge = windows.purge ?? Math.max(Math.ceil(longest), input.lag);
  const found = walkForward({
    ...windows,
    bars: bars.length,
    purge,
    candidates: complete,
    objective,
    run: ({ definition, settings }, from, to) => {
      // Decided at the close before the window, after its warm-up.
      const first = Math.max(from - 1, 0);
      const start = Math.max(first - definition.warmUp(settings), 0);
      const { equity } = runBacktest({
        ...input,
        bars: bars.slice(start, to),
        ...definition.make(settings, context),
      });
      return equity.subarray(first - start);
    },
  });
  const equity = [1];
  for (const r of found.returns) equity.push(Math.max(equity[equity.length - 1]! * (1 + r), 0));
  const from = found.folds[0]!.test[0] - 1;
  const at = equity.map((_, i) => bars[from + i]!.at);
  const metrics = performanceMetrics(equity, at);
  const perYear = Math.sqrt(metrics.periodsPerYear);
  const { interval } = blockBootstrap(found.returns, sharpeRatio, bootstrap);
  return {
    ...found,
    folds: found.folds.map(({ chosen: { strategy, settings }, ...fold }) => ({
      ...fold,
      chosen: { strategy, settings },
    })),
    purge,
    metrics,
    sharpeInterval: [interval[0] * perYear, interval[1] * perYear],
  };
}
