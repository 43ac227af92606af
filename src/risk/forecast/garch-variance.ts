/**
 * The conditional variances of GARCH(1,1) and its asymmetric form (GJR), with their derivatives.
 *
 *   e_t = r_t - mean,   h_t = omega + (alpha + gamma [e_(t-1) < 0]) e_(t-1)^2 + beta h_(t-1)
 *
 * Before the first return both e^2 and h are the mean of e^2, half of it counted as negative (Fiorentini, Calzolari and Panattoni
 * 1996). Bollerslev (1986); Glosten, Jagannathan and Runkle (1993).
 */
import { requireFinite, requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';

export interface GarchParameters {
  /** Variance per period that comes anew. */
  omega: number;
  alpha: number;
  beta: number;
  /** Further weight of the square of a negative surprise; 0 where missing. */
  gamma?: number | undefined;
  /** Of the returns; 0 where missing. */
  mean?: number | undefined;
}

/** alpha + beta + gamma/2: what is left of a surprise in variance after one period. */
export function garchPersistence({ alpha, beta, gamma = 0 }: GarchParameters): number {
  return alpha + beta + 0.5 * gamma;
}

/**
 * Variances of one period, [t] known before return t; one more than there are returns, the last is the forecast for the next period.
 * Throws InputError where a return is not finite, a weight is below 0 (alpha + gamma may be 0) or there are no returns.
 */
export function garchVariances(returns: ArrayLike<number>, parameters: GarchParameters): Float64Array {
  requireGarch(parameters);
  if (returns.length === 0) throw new InputError('returns.length', 0, 'above 0');
  const values = Float64Array.from(returns, (value, t) => requireFinite(`returns[${t}]`, value));
  const { omega, alpha, beta, gamma = 0, mean = 0 } = parameters;
  const n = values.length;
  const variances = new Float64Array(n + 1);
  variances[0] = omega + (alpha + 0.5 * gamma + beta) * meanSquare(values, mean);
  for (let t = 0; t < n; t++) {
    const e = values[t]! - mean;
    variances[t + 1] = omega + (e < 0 ? alpha + gamma : alpha) * e * e + beta * variances[t]!;
  }
  return variances;
}

/** Throws InputError naming the parameter that has no meaning. */
export function requireGarch({ omega, alpha, beta, gamma = 0, mean = 0 }: GarchParameters): void {
  requireNonNegative('omega', omega);
  requireNonNegative('alpha', alpha);
  requireNonNegative('beta', beta);
  requireFinite('gamma', gamma);
  requireFinite('mean', mean);
  if (alpha + gamma < 0) throw new InputError('gamma', gamma, `-alpha, ${-alpha}, or more`);
}

function meanSquare(values: Float64Array, mean: number): number {
  let sum = 0;
  for (const value of values) sum += (value - mean) * (value - mean);
  return sum / values.length;
}

/** [omega, alpha, beta, gamma, mean]. */
export const GARCH_WIDTH = 5;

/**
 * The Gaussian log-likelihood without its constant, -1/2 sum (ln h + e^2/h), of [omega, alpha, beta, gamma, mean], its gradient
 * written into `gradient` and, where given, the products of the scores of single returns added up in `scores` (5 x 5, row-major).
 * -Infinity where a variance is not above 0.
 */
export function garchLogLikelihood(
  returns: Float64Array,
  parameters: ArrayLike<number>,
  log: (x: number) => number,
  gradient: Float64Array,
  scores?: Float64Array,
): number {
  const omega = parameters[0]!;
  const alpha = parameters[1]!;
  const beta = parameters[2]!;
  const gamma = parameters[3]!;
  const mean = parameters[4]!;
  const n = returns.length;
  let first = 0;
  let sum = 0;
  for (let t = 0; t < n; t++) {
    const e = returns[t]! - mean;
    sum += e;
    first += e * e;
  }
  first /= n;
  const dFirst = (-2 * sum) / n;
  const weight = alpha + 0.5 * gamma + beta;
  let h = omega + weight * first;
  // Derivatives of h by omega, alpha, beta, gamma and mean.
  let hOmega = 1;
  let hAlpha = first;
  let hBeta = first;
  let hGamma = 0.5 * first;
  let hMean = weight * dFirst;
  let total = 0;
  gradient.fill(0);
  scores?.fill(0);
  const score = new Float64Array(GARCH_WIDTH);
  for (let t = 0; t < n; t++) {
    if (!(h > 0 && h < Infinity)) return -Infinity;
    const e = returns[t]! - mean;
    const square = e * e;
    total -= 0.5 * (log(h) + square / h);
    const byVariance = (0.5 * (square / h - 1)) / h;
    score[0] = byVariance * hOmega;
    score[1] = byVariance * hAlpha;
    score[2] = byVariance * hBeta;
    score[3] = byVariance * hGamma;
    score[4] = byVariance * hMean + e / h;
    for (let i = 0; i < GARCH_WIDTH; i++) gradient[i]! += score[i]!;
    if (scores !== undefined) addOuterProduct(scores, score);
    const negative = e < 0 ? 1 : 0;
    const reaction = alpha + gamma * negative;
    hOmega = 1 + beta * hOmega;
    hAlpha = square + beta * hAlpha;
    hBeta = h + beta * hBeta;
    hGamma = negative * square + beta * hGamma;
    hMean = -2 * reaction * e + beta * hMean;
    h = omega + reaction * square + beta * h;
  }
  return total;
}

function addOuterProduct(sum: Float64Array, v: Float64Array): void {
  for (let i = 0; i < v.length; i++) for (let j = 0; j < v.length; j++) sum[i * v.length + j]! += v[i]! * v[j]!;
}
