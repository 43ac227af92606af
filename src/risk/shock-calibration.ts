/**
 * How large a stress has to be, from data.
 *
 *   spot         quantile p of |h-day log return|, days overlapping; of the sample, or of a generalised Pareto tail fitted to it;
 *                at least k s_h, s_h = s sqrt(h) of the daily returns
 *   volatility   given that spot shock: a + b x + quantile p of what is left, from changes of volatility on the spot returns of the
 *                same days by least squares
 *   coverage     days on which the loss went beyond the worst cell of the grid, against the 1 - p there should be (Kupiec)
 */
import { requireFinite, requireNonNegative, requireWithin } from '../check.js';
import { InputError, type Failure } from '../errors.js';
import { fitParetoTail, paretoQuantile, type ParetoFit } from './generalised-pareto.js';
import { kupiecTest, type TestResult } from './value-at-risk/coverage-tests.js';
import { sampleTail } from './value-at-risk/sample-tail.js';

export interface SpotShockOptions {
  /** Chance that a move stays within the shock, above 0 and below 1. */
  probability: number;
  /** Whole days; 1 where missing. */
  horizonDays?: number | undefined;
  /** 'empirical' where missing, or a Pareto tail beyond this quantile of the moves. */
  tail?: 'empirical' | { threshold: number } | undefined;
  /** k; 0 where missing. */
  floor?: number | undefined;
}

export type SpotShock =
  | {
      ok: true;
      /** Of the log return, above 0. */
      shock: number;
      /** Whether k s_h was more than the data say. */
      fromFloor: boolean;
      /** Overlapping moves used. */
      moves: number;
      pareto?: ParetoFit | undefined;
    }
  | Failure<'too-few-excesses'>;

/**
 * The size of a spot shock from daily log returns, the latest last. Throws InputError for fewer returns than days, a return that is
 * not finite, or an option out of range.
 */
export function calibrateSpotShock(dailyReturns: ArrayLike<number>, options: SpotShockOptions): SpotShock {
  const { probability, tail = 'empirical' } = options;
  const floor = requireNonNegative('floor', options.floor ?? 0);
  const moves = overlappingMoves(dailyReturns, options.horizonDays ?? 1).map(Math.abs);
  let shock: number;
  let pareto: ParetoFit | undefined;
  if (tail === 'empirical') {
    shock = sampleTail(moves, probability).valueAtRisk;
  } else {
    const level = requireWithin('tail.threshold', tail.threshold, 0, probability);
    const fit = fitParetoTail(moves, sampleTail(moves, level).valueAtRisk);
    if (!fit.ok) return fit;
    pareto = fit;
    shock = paretoQuantile(fit, probability).quantile;
  }
  const least = floor * deviation(dailyReturns) * Math.sqrt(options.horizonDays ?? 1);
  return { ok: true, shock: Math.max(shock, least), fromFloor: least > shock, moves: moves.length, pareto };
}

/** Sums of h returns in a row, one starting every day. Throws InputError as {@link calibrateSpotShock} does. */
export function overlappingMoves(dailyReturns: ArrayLike<number>, horizonDays: number): Float64Array {
  if (!Number.isInteger(horizonDays) || horizonDays < 1) {
    throw new InputError('horizonDays', horizonDays, 'a whole number from 1');
  }
  const count = dailyReturns.length - horizonDays + 1;
  if (count < 1) throw new InputError('returns.length', dailyReturns.length, `${horizonDays} or more`);
  for (let t = 0; t < dailyReturns.length; t++) requireFinite(`returns[${t}]`, dailyReturns[t]);
  return Float64Array.from({ length: count }, (_, t) => {
    let sum = 0;
    for (let i = t; i < t + horizonDays; i++) sum += dailyReturns[i]!;
    return sum;
  });
}

function deviation(values: ArrayLike<number>): number {
  const n = values.length;
  if (n < 2) return 0;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i]! / n;
  let square = 0;
  for (let i = 0; i < n; i++) square += (values[i]! - mean) * (values[i]! - mean);
  return Math.sqrt(square / (n - 1));
}

/**
 * The change of volatility that goes with a spot shock (signed, a log return) and is exceeded with probability 1 - p, with the line it
 * comes from. Throws InputError for columns that differ in length, fewer than three days, or returns that do not vary.
 */
export function calibrateVolatilityShock(i: {
  spotReturns: ArrayLike<number>;
  volatilityChanges: ArrayLike<number>;
  spotShock: number;
  probability: number;
}): { shock: number; intercept: number; slope: number; residualQuantile: number } {
  const { spotReturns: x, volatilityChanges: y } = i;
  const n = x.length;
  if (y.length !== n) throw new InputError('volatilityChanges.length', y.length, String(n));
  if (n < 3) throw new InputError('spotReturns.length', n, 'at least 3');
  let [meanX, meanY] = [0, 0];
  for (let t = 0; t < n; t++) {
    meanX += requireFinite(`spotReturns[${t}]`, x[t]) / n;
    meanY += requireFinite(`volatilityChanges[${t}]`, y[t]) / n;
  }
  let [xx, xy] = [0, 0];
  for (let t = 0; t < n; t++) {
    xx += (x[t]! - meanX) * (x[t]! - meanX);
    xy += (x[t]! - meanX) * (y[t]! - meanY);
  }
  if (!(xx > 0)) throw new InputError('spotReturns', xx, 'returns that vary');
  const slope = xy / xx;
  const intercept = meanY - slope * meanX;
  const residuals = Float64Array.from({ length: n }, (_, t) => y[t]! - intercept - slope * x[t]!);
  const residualQuantile = sampleTail(residuals, i.probability).valueAtRisk;
  const shock = intercept + slope * requireFinite('spotShock', i.spotShock) + residualQuantile;
  return { shock, intercept, slope, residualQuantile };
}

/**
 * How often the loss of a day went beyond the worst case that was stated for it: `worst` profits (negative) of the grid, one a day or
 * one for all. Throws InputError for columns that differ in length or a day that is not finite.
 */
export function stressCoverage(
  profits: ArrayLike<number>,
  worst: number | ArrayLike<number>,
  probability: number,
): { days: number; breaches: number; share: number; breached: boolean[]; kupiec: TestResult } {
  const days = profits.length;
  if (days === 0) throw new InputError('profits.length', 0, 'at least 1');
  if (typeof worst !== 'number' && worst.length !== days)
    throw new InputError('worst.length', worst.length, String(days));
  const breached = Array.from(profits, (profit, t) => {
    const limit = requireFinite(`worst[${t}]`, typeof worst === 'number' ? worst : worst[t]);
    return requireFinite(`profits[${t}]`, profit) < limit;
  });
  const breaches = breached.filter(Boolean).length;
  return { days, breaches, share: breaches / days, breached, kupiec: kupiecTest(days, breaches, 1 - probability) };
}
