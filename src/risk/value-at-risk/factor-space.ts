/**
 * Correlated factors as independent ones: a covariance S = R R' with R its symmetric root, x = R y, y ~ N(0, 1). Factors that do not
 * vary, and combinations of factors that do not, have no part in y.
 */
import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix';
import { InputError } from '../../errors.js';
import type { Matrix } from '../../math/matrix.js';
import { requireSymmetric } from './risk-measure.js';

/** Negative eigenvalues up to this share of the largest are rounding. */
const ROUNDING = 1e-10;

/** R. Throws InputError where the matrix is not symmetric, not finite, or has a negative eigenvalue beyond rounding. */
export function covarianceRoot(field: string, covariance: Matrix, size: number): Dense {
  requireSymmetric(field, covariance, size);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Dense(covariance), {
    assumeSymmetric: true,
  });
  const largest = Math.max(...realEigenvalues.map(Math.abs));
  realEigenvalues.forEach((value) => {
    if (value < -ROUNDING * largest) {
      throw new InputError(field, value, 'positive semi-definite, without a negative eigenvalue');
    }
  });
  const roots = Dense.diag(realEigenvalues.map((value) => Math.sqrt(Math.max(value, 0))));
  return eigenvectorMatrix.mmul(roots).mmul(eigenvectorMatrix.transpose());
}

/** x'S x, 0 at least. */
export function quadraticForm(covariance: Matrix, x: readonly number[]): number {
  const value = x.reduce((sum, a, i) => sum + a * x.reduce((inner, b, j) => inner + covariance[i]![j]! * b, 0), 0);
  return Math.max(value, 0);
}
