/**
 * What a book gains from its parts not moving together.
 *
 *   diversification ratio    sum |w_i| sigma_i / sqrt(w' S w)
 *   effective number of bets exp(-sum p_k ln p_k),   p_k = lambda_k (e_k' w)^2 / (w' S w) over the eigenvectors e_k of S
 *   to a factor f            beta = w' c / v_f,   R^2 = (w' c)^2 / (v_f w' S w),   c the covariances with f, v_f its variance
 *
 * Choueifaty and Coignard (2008); Meucci, "Managing diversification" (2009).
 */
import { requireArray, requireFinite, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log } from '../math/logarithm.js';
import type { Matrix } from '../math/matrix.js';
import { compensatedSum } from '../math/sum.js';
import { bilinearForm, requirePositiveSemidefinite, symmetricEigen } from '../math/symmetric-matrix.js';

/**
 * 1 where all parts move as one, at least 1 for a long-only book, Infinity for a book whose parts cancel. Weights in any unit, the
 * covariance per unit of each. Throws InputError where sizes differ, the covariance is not positive semi-definite or no part has risk.
 */
export function diversificationRatio(weights: number[], covariance: Matrix): number {
  requireBook(weights, covariance);
  const apart = compensatedSum(weights.map((w, i) => Math.abs(w) * Math.sqrt(covariance[i]![i]!)));
  if (!(apart > 0)) throw new InputError('weights', weights, 'a book in which some part has risk');
  const together = Math.sqrt(Math.max(bilinearForm(covariance, weights), 0));
  return apart / together;
}

/**
 * Between 1 and the number of parts: how many uncorrelated bets the variance is spread over. Principal components of equal variance
 * are not unique, nor is the number then. Throws InputError as {@link diversificationRatio}, and for a book without variance.
 */
export function effectiveNumberOfBets(weights: number[], covariance: Matrix): number {
  requireBook(weights, covariance);
  const { values, vectors } = symmetricEigen(covariance);
  const parts = vectors.map((vector, k) => {
    const exposure = compensatedSum(vector.map((entry, i) => entry * weights[i]!));
    return Math.max(values[k]!, 0) * exposure * exposure;
  });
  const total = compensatedSum(parts);
  const apart = compensatedSum(weights.map((w, i) => w * w * covariance[i]![i]!));
  // Parts that cancel leave the rounding of the eigenvectors.
  if (!(total > 1e-14 * apart)) throw new InputError('weights', weights, 'a book with variance');
  return exp(-compensatedSum(parts.map((part) => (part > 0 ? (part / total) * log(part / total) : 0))));
}

export interface FactorFit {
  /** Change of the book per unit change of the factor. */
  beta: number;
  /** The share of the book's variance that the factor explains, 0 to 1; 0 for a book without variance. */
  rSquared: number;
  /** Standard deviation of what is left. */
  residualVolatility: number;
}

/**
 * The book against one factor: an index, or a hedge. Throws InputError where sizes differ, the covariance of the parts and the factor
 * together is not positive semi-definite, or the factor's variance is not above 0.
 */
export function factorFit(
  weights: number[],
  covariance: Matrix,
  factor: { covariances: number[]; variance: number },
): FactorFit {
  const variance = requirePositive('factor.variance', factor.variance);
  requireArray('factor.covariances', factor.covariances);
  if (factor.covariances.length !== weights.length) {
    throw new InputError('factor.covariances.length', factor.covariances.length, String(weights.length));
  }
  requireBook(weights, covariance);
  const joint = covariance.map((row, i) => [...row, factor.covariances[i]!]);
  requirePositiveSemidefinite('factor.covariances', [...joint, [...factor.covariances, variance]]);
  const shared = compensatedSum(weights.map((w, i) => w * factor.covariances[i]!));
  const own = Math.max(bilinearForm(covariance, weights), 0);
  const explained = Math.min((shared * shared) / variance, own);
  return {
    beta: shared / variance,
    rSquared: own > 0 ? explained / own : 0,
    residualVolatility: Math.sqrt(own - explained),
  };
}

function requireBook(weights: number[], covariance: Matrix): void {
  requireArray('weights', weights).forEach((w, i) => requireFinite(`weights[${i}]`, w));
  requirePositiveSemidefinite('covariance', covariance, weights.length);
}
