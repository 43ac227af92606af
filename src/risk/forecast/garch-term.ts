/**
 * GARCH(1,1) variance beyond the next period, and its mean over a horizon.
 *
 *   E h_(t+k) = VL + (h1 - VL) p^(k-1),   mean of k = 1..n:  VL + (h1 - VL)(1 - p^n)/(n (1 - p)),   VL = omega/(1 - p)
 *
 * p = alpha + beta + gamma/2, written as sums of powers of p, which need no VL. A persistence of 1 has no long-run level: variance is
 * expected to grow by omega a period, and with omega = 0 (exponential weights) to stay as it is. Bollerslev (1986).
 */
import { requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp, expm1 } from '../../math/exponential.js';
import { log1p } from '../../math/logarithm.js';
import { garchPersistence, requireGarch } from './garch-variance.js';
import type { GarchParameters } from './garch-variance.js';

export interface GarchTerm {
  /** Expected variance of the period at the horizon. */
  variance: number;
  /** Mean of the expected variances of all periods up to it: what an option over the horizon is about. */
  meanVariance: number;
  /** Its square root, of one period. */
  volatility: number;
}

/**
 * `nextVariance` is the variance of the next period (the last of `garchVariances`), `periods` the horizon, a whole number, 1 or more.
 * Throws InputError on either, or on parameters without meaning; a persistence above 1 is one.
 */
export function garchTerm(parameters: GarchParameters, nextVariance: number, periods: number): GarchTerm {
  requireGarch(parameters);
  requireNonNegative('nextVariance', nextVariance);
  if (!Number.isInteger(periods) || periods < 1) throw new InputError('periods', periods, 'a whole number, 1 or more');
  const gap = 1 - garchPersistence(parameters);
  if (gap < -1e-12) throw new InputError('persistence', 1 - gap, '1 or less');
  const { omega } = parameters;
  const last = remaining(gap, periods - 1);
  const meanVariance = (nextVariance * accumulated(gap, periods) + omega * accumulatedTwice(gap, periods)) / periods;
  return {
    variance: nextVariance * last + omega * accumulated(gap, periods - 1),
    meanVariance,
    volatility: Math.sqrt(meanVariance),
  };
}

/** p^n, p = 1 - gap. */
function remaining(gap: number, n: number): number {
  return n === 0 ? 1 : exp(n * log1p(-gap));
}

/** The sum of p^k over k = 0..n-1: (1 - p^n)/(1 - p). */
function accumulated(gap: number, n: number): number {
  return n === 0 || gap === 0 ? n : gap >= 1 ? 1 : -expm1(n * log1p(-gap)) / gap;
}

/** The sum of {@link accumulated} over k = 0..n-1: (n - (1 - p^n)/(1 - p))/(1 - p). */
function accumulatedTwice(gap: number, n: number): number {
  if (n * Math.abs(gap) > 0.01) return (n - accumulated(gap, n)) / gap;
  // C(n, 2) - gap C(n, 3) + gap^2 C(n, 4) - ..., where the difference above would cancel.
  let term = 0.5 * n * (n - 1);
  let sum = term;
  for (let j = 2; j < 10; j++) {
    term *= (-gap * (n - j)) / (j + 1);
    sum += term;
  }
  return sum;
}
