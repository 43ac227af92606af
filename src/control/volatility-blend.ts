/**
 * One volatility forecast out of several: implied, realised, long-run.
 *
 *   sigma^2 = sum w_i k_i sigma_i^2
 *
 * with weights w fixed or fitted on training data, and k_i a scale for what a source overstates on average: implied variance carries
 * the variance risk premium, k = mean realised / mean implied variance. Convex weights keep the blend between its sources. The fit is
 * least squares on future realised variance under w >= 0 and, if wanted, sum w = 1. Bates and Granger (1969); Granger and Ramanathan
 * (1984).
 */
import { requireArray, requireNonNegative } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import type { Matrix } from '../math/matrix.js';
import { quadraticProgram } from '../math/quadratic-program.js';
import { compensatedSum } from '../math/sum.js';

export interface BlendInput {
  /** Annual volatilities at the same horizon. */
  volatilities: readonly number[];
  /** One each, 0 or more, not all 0. */
  weights: readonly number[];
  /** Factors on the variances; 1 where missing. */
  varianceScales?: readonly number[] | undefined;
}

export interface BlendedVolatility {
  volatility: number;
  /** Of each source in the blended variance; sums to 1 (0 where the blend is 0). */
  shares: number[];
}

/** Throws InputError where lengths differ, a number is below 0 or all weights are 0. */
export function blendVol(i: BlendInput): BlendedVolatility {
  requireArray('volatilities', i.volatilities);
  requireArray('weights', i.weights);
  const n = i.volatilities.length;
  for (const [field, values] of [
    ['weights', i.weights],
    ['varianceScales', i.varianceScales],
  ] as const) {
    if (values !== undefined && values.length !== n) throw new InputError(`${field}.length`, values.length, `${n}`);
  }
  const parts = i.volatilities.map((volatility, k) => {
    const sigma = requireNonNegative(`volatilities[${k}]`, volatility);
    const weight = requireNonNegative(`weights[${k}]`, i.weights[k]);
    return weight * requireNonNegative(`varianceScales[${k}]`, i.varianceScales?.[k] ?? 1) * sigma * sigma;
  });
  if (!i.weights.some((weight) => weight > 0)) throw new InputError('weights', i.weights, 'not all 0');
  const variance = compensatedSum(parts);
  return { volatility: Math.sqrt(variance), shares: parts.map((part) => (variance > 0 ? part / variance : 0)) };
}

/** Mean realised over mean implied variance of training data: the scale of implied variance. Throws InputError on an implied mean of 0. */
export function variancePremiumScale(realisedVariance: readonly number[], impliedVariance: readonly number[]): number {
  const n = realisedVariance.length;
  if (n === 0 || impliedVariance.length !== n) {
    throw new InputError('impliedVariance.length', impliedVariance.length, `that of realisedVariance, ${n}, above 0`);
  }
  realisedVariance.forEach((value, k) => requireNonNegative(`realisedVariance[${k}]`, value));
  impliedVariance.forEach((value, k) => requireNonNegative(`impliedVariance[${k}]`, value));
  const implied = compensatedSum(impliedVariance);
  if (implied === 0) throw new InputError('impliedVariance', impliedVariance, 'not all 0');
  return compensatedSum(realisedVariance) / implied;
}

export interface BlendFitInput {
  /** [time][source], annual variances known before the period they are for. */
  forecastVariance: Matrix;
  /** Annual, of the period. */
  realisedVariance: readonly number[];
  /** sum w = 1; true where missing. */
  convex?: boolean | undefined;
}

/**
 * Weights by least squares with w >= 0, for {@link blendVol}. 'too-short' where there are not more times than sources, 'no-convergence'
 * where the program was not solved to its conditions. Throws InputError on shapes that differ or variances below 0.
 */
export function fitBlendWeights(
  i: BlendFitInput,
): { ok: true; weights: number[]; meanSquaredError: number } | Failure<'too-short' | 'no-convergence'> {
  const n = i.realisedVariance.length;
  if (i.forecastVariance.length !== n) {
    throw new InputError('forecastVariance.length', i.forecastVariance.length, `that of realisedVariance, ${n}`);
  }
  const sources = i.forecastVariance[0]?.length ?? 0;
  if (n <= sources || sources === 0) {
    return {
      ok: false,
      reason: 'too-short',
      message: 'more times than sources are needed',
      value: n,
      limit: sources + 1,
    };
  }
  i.forecastVariance.forEach((row, t) => {
    if (row.length !== sources) throw new InputError(`forecastVariance[${t}].length`, row.length, `${sources}`);
    row.forEach((value, k) => requireNonNegative(`forecastVariance[${t}][${k}]`, value));
  });
  const v = i.realisedVariance.map((value, t) => requireNonNegative(`realisedVariance[${t}]`, value));
  // In units of the mean forecast, so that the program's tolerances mean the same for any asset.
  const unit = compensatedSum(i.forecastVariance.map((row) => compensatedSum(row))) / (n * sources) || 1;
  const column = (k: number): number[] => i.forecastVariance.map((row) => row[k]! / unit);
  const columns = Array.from({ length: sources }, (_, k) => column(k));
  const inner = (a: readonly number[], b: readonly number[]): number =>
    compensatedSum(a.map((value, t) => value * b[t]!)) / n;
  const target = v.map((value) => value / unit);
  const convex = i.convex ?? true;
  const indices = columns.map((_, k) => k);
  const solved = quadraticProgram({
    quadratic: columns.map((a) => columns.map((b) => inner(a, b))),
    linear: columns.map((a) => -inner(a, target)),
    rows: convex ? [{ columns: indices, values: indices.map(() => 1), lower: 1, upper: 1 }] : [],
    lower: indices.map(() => 0),
  });
  if (!solved.ok) return { ok: false, reason: 'no-convergence', message: solved.message };
  const weights = solved.x.map((w) => Math.max(w, 0));
  const errors = v.map((value, t) => value - compensatedSum(weights.map((w, k) => w * i.forecastVariance[t]![k]!)));
  return { ok: true, weights, meanSquaredError: compensatedSum(errors.map((e) => e * e)) / n };
}
