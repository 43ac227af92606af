/**
 * Variance realised over a period, from the returns within it, and the part of it that came in jumps.
 *
 *   realised variance   RV = sum r_i^2
 *   bipower variation   BV = (pi/2) n/(n-1) sum |r_i| |r_(i-1)|,  which a single jump leaves almost as it is
 *   jump part           max(RV - BV, 0)
 *
 * Andersen, Bollerslev, Diebold and Labys (2003); Barndorff-Nielsen and Shephard, "Power and bipower variation" (2004).
 */
import { requireFinite, requireNonNegative, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { logRatio } from '../../math/logarithm.js';
import { compensatedSum } from '../../math/sum.js';

/** Variance of the whole period. Returns are logarithmic, decimals. Throws InputError where one is not finite. */
export function realisedVariance(returns: ArrayLike<number>): number {
  return compensatedSum(Float64Array.from(returns, (r, i) => requireFinite(`returns[${i}]`, r) * r));
}

/** Variance of the whole period without its jumps. Throws InputError below two returns, or where one is not finite. */
export function bipowerVariation(returns: ArrayLike<number>): number {
  const n = returns.length;
  if (n < 2) throw new InputError('returns.length', n, '2 or more');
  const sizes = Float64Array.from(returns, (r, i) => Math.abs(requireFinite(`returns[${i}]`, r)));
  const products = sizes.subarray(1).map((size, i) => size * sizes[i]!);
  return (HALF_PI * n * compensatedSum(products)) / (n - 1);
}

const HALF_PI = 1.5707963267948966;

/** The share of the variance that came in jumps, 0 to 1; 0 where nothing moved. Throws as {@link bipowerVariation}. */
export function jumpShare(returns: ArrayLike<number>): number {
  const bipower = bipowerVariation(returns);
  const total = realisedVariance(returns);
  return total > 0 ? Math.min(Math.max(1 - bipower / total, 0), 1) : 0;
}

/** ln(p_i / p_(i-1)), one fewer than prices. Throws InputError where a price is not above 0. */
export function logReturns(prices: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(prices, (price, i) => requirePositive(`prices[${i}]`, price));
  return values.subarray(1).map((price, i) => logRatio(price, values[i]!));
}

/** The annual volatility of a variance of one period: sqrt(variance x periods a year). Throws InputError on a negative variance. */
export function annualisedVolatility(variance: number, periodsPerYear: number): number {
  return Math.sqrt(requireNonNegative('variance', variance) * requirePositive('periodsPerYear', periodsPerYear));
}
