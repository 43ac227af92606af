/**
 * Walk-forward testing: settings are chosen on a training window, then run on the test window after it, and only the test windows
 * count. Between the two lies a gap: `purge` bars, at least the longest holding time plus the execution lag, because a decision near
 * the end of training earns its return inside the test; and after a test window `embargo` bars are left out of later training, because
 * what happened in them is correlated with it. Lopez de Prado, Advances in Financial Machine Learning (2018), chapter 7.
 */
import { InputError } from '../../errors.js';
import { periodReturns } from './performance.js';

export interface WalkForwardOptions {
  bars: number;
  train: number;
  test: number;
  purge: number;
  embargo?: number | undefined;
  /** 'rolling': training windows of equal length; 'anchored': all of them begin at the first bar. */
  window: 'rolling' | 'anchored';
}

/** Ranges of bars, the end excluded; training skips the embargoed bars behind earlier tests. */
export interface WalkForwardFold {
  train: [from: number, to: number][];
  test: [from: number, to: number];
}

/** The folds in order. Throws InputError where a count is not a whole number or the bars do not hold one fold. */
export function walkForwardFolds(options: WalkForwardOptions): WalkForwardFold[] {
  const { bars, train, test, purge, window } = options;
  const embargo = options.embargo ?? 0;
  for (const [field, value, least] of [
    ['bars', bars, 1],
    ['train', train, 1],
    ['test', test, 1],
    ['purge', purge, 0],
    ['embargo', embargo, 0],
  ] as const) {
    if (!(Number.isInteger(value) && value >= least)) {
      throw new InputError(field, value, `a whole number of at least ${least}`);
    }
  }
  if (train + purge + test > bars) {
    throw new InputError('bars', bars, `at least ${train + purge + test}: one training window, the gap and one test`);
  }
  const folds: WalkForwardFold[] = [];
  for (let from = train + purge; from + test <= bars; from += test) {
    const end = from - purge;
    const start = window === 'anchored' ? 0 : end - train;
    const embargoed = folds.map(({ test: [, to] }): [number, number] => [to, to + embargo]);
    folds.push({ train: without([start, end], embargoed), test: [from, from + test] });
  }
  return folds;
}

export interface WalkForwardInput<Settings> extends WalkForwardOptions {
  candidates: readonly Settings[];
  /**
   * Equity over a range of bars under the settings, one value a bar, and the one before the range first where its first bar is to
   * count; it must not look outside the range but for its own warm-up before it.
   */
  run: (settings: Settings, from: number, to: number) => ArrayLike<number>;
  /** Higher is better; sees the period returns of the training ranges. */
  objective: (returns: number[]) => number;
}

export interface WalkForward<Settings> {
  folds: (WalkForwardFold & { chosen: Settings; inSample: number; outOfSample: number })[];
  /** Of the test windows, one after another. */
  returns: number[];
  /** Candidates tried, for the deflation of what was found. */
  trials: number;
}

/** Throws InputError for no candidates or an objective that is not a number. */
export function walkForward<Settings>(input: WalkForwardInput<Settings>): WalkForward<Settings> {
  const { candidates, run, objective } = input;
  if (candidates.length === 0) throw new InputError('candidates.length', 0, 'at least 1');
  const score = (returns: number[]): number => {
    const value = objective(returns);
    if (Number.isNaN(value)) throw new InputError('objective', value, 'a number');
    return value;
  };
  const returns: number[] = [];
  const folds = walkForwardFolds(input).map((fold) => {
    const scores = candidates.map((settings) =>
      score(fold.train.flatMap(([from, to]) => periodReturns(run(settings, from, to)))),
    );
    const best = scores.indexOf(Math.max(...scores));
    const chosen = candidates[best]!;
    const tested = periodReturns(run(chosen, ...fold.test));
    returns.push(...tested);
    return { ...fold, chosen, inSample: scores[best]!, outOfSample: score(tested) };
  });
  return { folds, returns, trials: candidates.length };
}

/** The range with the gaps cut out, empty pieces left away. */
function without([from, to]: [number, number], gaps: readonly [number, number][]): [number, number][] {
  const pieces: [number, number][] = [];
  let start = from;
  for (const [gapFrom, gapTo] of gaps) {
    if (gapTo <= Math.max(start, gapFrom) || gapFrom >= to) continue;
    if (gapFrom > start) pieces.push([start, gapFrom]);
    start = Math.max(start, gapTo);
  }
  if (start < to) pieces.push([start, to]);
  return pieces;
}
