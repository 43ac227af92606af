/**
 * How good a volatility forecast was: the losses that rank forecasts right even where the realised variance is a noisy measure.
 *
 *   QLIKE = mean( v/f - ln(v/f) - 1 ),   MSE = mean( (v - f)^2 ),   v realised, f forecast variance
 *   Mincer-Zarnowitz:  v = a + b f + e, an unbiased forecast has a = 0 and b = 1
 *
 * Patton, "Volatility forecast comparison using imperfect volatility proxies" (2011); Mincer and Zarnowitz (1969).
 */
import { requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { log } from '../math/logarithm.js';
import { square } from '../math/summary.js';
import { compensatedSum } from '../math/sum.js';

function requirePairs(realised: ArrayLike<number>, forecast: ArrayLike<number>): number {
  if (realised.length !== forecast.length || realised.length === 0) {
    throw new InputError(
      'forecastVariance.length',
      forecast.length,
      `that of realisedVariance, ${realised.length}, above 0`,
    );
  }
  return realised.length;
}

function meanOf(count: number, term: (k: number) => number): number {
  return compensatedSum(Float64Array.from({ length: count }, (_, k) => term(k))) / count;
}

/** 0 for a perfect forecast; asymmetric, an underestimate costs more. Throws InputError on variances not above 0. */
export function qlike(realisedVariance: ArrayLike<number>, forecastVariance: ArrayLike<number>): number {
  const n = requirePairs(realisedVariance, forecastVariance);
  return meanOf(n, (k) => {
    const ratio =
      requirePositive(`realisedVariance[${k}]`, realisedVariance[k]) /
      requirePositive(`forecastVariance[${k}]`, forecastVariance[k]);
    return ratio - log(ratio) - 1;
  });
}

/** In units of variance squared. Throws InputError on variances below 0. */
export function meanSquaredError(realisedVariance: ArrayLike<number>, forecastVariance: ArrayLike<number>): number {
  const n = requirePairs(realisedVariance, forecastVariance);
  return meanOf(n, (k) =>
    square(
      requireNonNegative(`realisedVariance[${k}]`, realisedVariance[k]) -
        requireNonNegative(`forecastVariance[${k}]`, forecastVariance[k]),
    ),
  );
}

export interface MincerZarnowitz {
  ok: true;
  intercept: number;
  slope: number;
  /** Robust to unequal variances of the errors (White 1980). */
  interceptError: number;
  slopeError: number;
  rSquared: number;
}

/** 'too-short' below three pairs, 'singular' where the forecast never changes. Throws InputError on variances below 0. */
export function mincerZarnowitz(
  realisedVariance: ArrayLike<number>,
  forecastVariance: ArrayLike<number>,
): MincerZarnowitz | Failure<'too-short' | 'singular'> {
  const n = requirePairs(realisedVariance, forecastVariance);
  const v = Array.from(realisedVariance, (value, k) => requireNonNegative(`realisedVariance[${k}]`, value));
  const f = Array.from(forecastVariance, (value, k) => requireNonNegative(`forecastVariance[${k}]`, value));
  if (n < 3) return { ok: false, reason: 'too-short', message: 'a line needs three pairs', value: n, limit: 3 };
  const meanV = meanOf(n, (k) => v[k]!);
  const meanF = meanOf(n, (k) => f[k]!);
  const spread = compensatedSum(f.map((value) => square(value - meanF)));
  if (!(spread > 1e-24 * n * square(meanF))) {
    return { ok: false, reason: 'singular', message: 'the forecast never changes', value: spread, limit: 0 };
  }
  const slope = compensatedSum(f.map((value, k) => (value - meanF) * (v[k]! - meanV))) / spread;
  const intercept = meanV - slope * meanF;
  const errors = v.map((value, k) => value - intercept - slope * f[k]!);
  const total = compensatedSum(v.map((value) => square(value - meanV)));
  // Each coefficient is a sum of the v with these weights; its variance is that sum of squares with the errors.
  const spreadOf = (weight: (k: number) => number): number =>
    Math.sqrt(compensatedSum(errors.map((error, k) => square(weight(k) * error))));
  return {
    ...{ ok: true, intercept, slope },
    slopeError: spreadOf((k) => (f[k]! - meanF) / spread),
    interceptError: spreadOf((k) => 1 / n - (meanF * (f[k]! - meanF)) / spread),
    rSquared: total > 0 ? 1 - compensatedSum(errors.map(square)) / total : 1,
  };
}
