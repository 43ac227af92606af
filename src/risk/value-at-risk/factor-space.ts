/**
 * Correlated factors as independent ones: a covariance S = R R' with R its symmetric root, x = R y, y ~ N(0, 1). Factors that do not
 * vary, and combinations of factors that do not, have no part in y.
 */
import type { Matrix } from '../../math/matrix.js';
import { bilinearForm, fromEigen, requirePositiveSemidefinite, symmetricEigen } from '../../math/symmetric-matrix.js';

/** R. Throws InputError where the matrix is not symmetric, not finite, or has a negative eigenvalue beyond rounding. */
export function covarianceRoot(field: string, covariance: Matrix, size: number): Matrix {
  requirePositiveSemidefinite(field, covariance, size);
  return fromEigen(symmetricEigen(covariance), (value) => Math.sqrt(Math.max(value, 0)));
}

/** x'S x, 0 at least. */
export function quadraticForm(covariance: Matrix, x: readonly number[]): number {
  return Math.max(bilinearForm(covariance, x), 0);
}
