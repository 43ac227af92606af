/**
 * Correlation matrices: repair to the positive semi-definite ones, and stress towards all moving as one.
 *
 *   clip     negative eigenvalues set to 0, then scaled back to a unit diagonal: fast, not the nearest
 *   higham   the nearest in the Frobenius norm: projections onto the two sets in turn, with Dykstra's correction
 *   stress   R(theta) = (1 - theta) R + theta s s',  s all ones or a vector of signs: a mixture, so it stays semi-definite
 *
 * Rebonato and Jaeckel (1999); Higham, "Computing the nearest correlation matrix" (2002).
 */
import { requireArray, requireOneOf, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import type { Matrix } from '../math/matrix.js';
import { fromEigen, requireSymmetric, symmetricEigen } from '../math/symmetric-matrix.js';

/** No eigenvalue below this share of -1 counts as negative: the rounding of a decomposition. */
const ROUNDING = 1e-12;
const MAX_PROJECTIONS = 20000;

/** Throws InputError unless the matrix is symmetric with a unit diagonal, entries within [-1, 1], and positive semi-definite. */
export function requireCorrelation(field: string, correlation: Matrix): Matrix {
  requireUnitDiagonal(field, correlation);
  correlation.forEach((row, i) => {
    row.forEach((value, j) => requireWithin(`${field}[${i}][${j}]`, value, -1, 1));
  });
  const least = symmetricEigen(correlation).values[0]!;
  if (least < -1e-10) throw new InputError(field, least, 'positive semi-definite, without a negative eigenvalue');
  return correlation;
}

/**
 * A correlation matrix near a symmetric one with unit diagonal: the same entries where it is one already, else 'clip' (where missing)
 * or 'higham'. No eigenvalue of the result is below -1e-12. Throws InputError on shape, symmetry or diagonal.
 */
export function nearestCorrelation(c: Matrix, o: { method?: 'clip' | 'higham' | undefined } = {}): Matrix {
  requireUnitDiagonal('c', c);
  const method = requireOneOf('method', o.method ?? 'clip', ['clip', 'higham']);
  const symmetric = c.map((row, i) => row.map((value, j) => (i === j ? 1 : 0.5 * (value + c[j]![i]!))));
  const eigen = symmetricEigen(symmetric);
  if (eigen.values[0]! >= -ROUNDING) return symmetric;
  return clip(method === 'clip' ? symmetric : project(symmetric));
}

/**
 * R moved by `theta` from 0 (as it is) to 1 (all as one, or by `signs` of +1 and -1: names of opposite sign perfectly against each
 * other). Throws InputError unless R is a correlation matrix, theta lies in [0, 1] and the signs match.
 */
export function stressCorrelation(r: Matrix, theta: number, signs?: readonly number[]): Matrix {
  requireCorrelation('r', r);
  requireWithin('theta', theta, 0, 1);
  signs?.forEach((sign, i) => {
    if (Math.abs(sign) !== 1) throw new InputError(`signs[${i}]`, sign, '1 or -1');
  });
  if (signs !== undefined && requireArray('signs', signs).length !== r.length) {
    throw new InputError('signs.length', signs.length, String(r.length));
  }
  const sign = (i: number): number => signs?.[i] ?? 1;
  return r.map((row, i) => row.map((value, j) => (i === j ? 1 : (1 - theta) * value + theta * sign(i) * sign(j))));
}

/** The covariance with these standard deviations. Throws InputError unless R is a correlation matrix of their size. */
export function covarianceFromCorrelation(r: Matrix, volatilities: readonly number[]): Matrix {
  requireCorrelation('r', r);
  if (requireArray('volatilities', volatilities).length !== r.length) {
    throw new InputError('volatilities.length', volatilities.length, String(r.length));
  }
  volatilities.forEach((v, i) => requireWithin(`volatilities[${i}]`, v, 0, Number.MAX_VALUE));
  return r.map((row, i) => row.map((value, j) => value * volatilities[i]! * volatilities[j]!));
}

/** The correlations of a covariance; an asset that does not vary has none with the others. Throws InputError on shape or symmetry. */
export function correlationFromCovariance(covariance: Matrix): { correlation: Matrix; volatilities: number[] } {
  requireSymmetric('covariance', covariance);
  const volatilities = covariance.map((row, i) =>
    Math.sqrt(requireWithin(`covariance[${i}][${i}]`, row[i], 0, Infinity)),
  );
  const correlation = covariance.map((row, i) =>
    row.map((value, j) => {
      const scale = volatilities[i]! * volatilities[j]!;
      return i === j ? 1 : scale > 0 ? Math.min(Math.max(value / scale, -1), 1) : 0;
    }),
  );
  return { correlation, volatilities };
}

function requireUnitDiagonal(field: string, matrix: Matrix): void {
  requireSymmetric(field, matrix);
  matrix.forEach((row, i) => {
    if (Math.abs(row[i]! - 1) > ROUNDING) throw new InputError(`${field}[${i}][${i}]`, row[i], '1');
  });
}

function clip(matrix: Matrix): Matrix {
  const positive = fromEigen(symmetricEigen(matrix), (value) => Math.max(value, 0));
  const scale = positive.map((row, i) => 1 / Math.sqrt(row[i]!));
  return positive.map((row, i) =>
    row.map((value, j) => (i === j ? 1 : Math.min(Math.max(value * scale[i]! * scale[j]!, -1), 1))),
  );
}

/** Higham's algorithm 3.3; what is left of negative eigenvalues after convergence is for {@link clip}. */
function project(matrix: Matrix): Matrix {
  const n = matrix.length;
  let unit = matrix;
  const correction = matrix.map(() => new Float64Array(n));
  for (let step = 0; step < MAX_PROJECTIONS; step++) {
    const corrected = unit.map((row, i) => row.map((value, j) => value - correction[i]![j]!));
    const positive = fromEigen(symmetricEigen(corrected), (value) => Math.max(value, 0));
    let change = 0;
    const next = positive.map((row, i) =>
      row.map((value, j) => {
        correction[i]![j] = value - corrected[i]![j]!;
        const projected = i === j ? 1 : value;
        change = Math.max(change, Math.abs(projected - unit[i]![j]!));
        return projected;
      }),
    );
    unit = next;
    if (change <= 1e-14) break;
  }
  return unit;
}
