/**
 * The saddle of a minimum under equations: for steps p and changes of the multipliers mu,
 *
 *   H p - A' mu = -g,   A p = -c
 *
 * solved through the eigenvectors of the symmetric matrix, scaled to a unit diagonal of H and unit rows of A. At a minimum it has
 * as many negative eigenvalues as there are equations (Gould 1985). Nocedal and Wright, Numerical Optimization (2006), 16.1.
 */
import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix';
import type { Failure } from '../../errors.js';

export interface Saddle {
  ok: true;
  /** p for a right-hand side g, and c where it is not 0. */
  step(g: ArrayLike<number>, c?: ArrayLike<number>): Float64Array;
  /** Of the same system. */
  multipliers(g: ArrayLike<number>, c?: ArrayLike<number>): Float64Array;
}

/** An eigenvalue of the scaled matrix of this size cannot be told from zero. */
const LEAST_CURVATURE = 1e-12;

/**
 * `hessian` is n x n and row-major, `rows` the gradients of the equations. Fails as 'undetermined' where something is left open, and as
 * 'not-a-minimum' where the cost falls to some side.
 */
export function saddleOf(
  n: number,
  hessian: Float64Array,
  rows: readonly Float64Array[] = [],
): Saddle | Failure<'not-a-minimum' | 'undetermined'> {
  const units = new Float64Array(n + rows.length);
  for (let i = 0; i < n; i++) {
    const value = hessian[i * n + i]!;
    // Along what the equations hold the cost may bend either way.
    units[i] = rows.length === 0 ? Math.sqrt(value) : Math.sqrt(Math.abs(value));
    if (units[i]! > 0) continue;
    if (value === 0)
      return { ok: false, reason: 'undetermined', message: 'a variable moves no quote', value, limit: 0 };
    const message = `a second derivative of the cost is ${value}`;
    return { ok: false, reason: 'not-a-minimum', message, value, limit: 0 };
  }
  rows.forEach((row, j) => {
    let square = 0;
    for (let i = 0; i < n; i++) square += (row[i]! / units[i]!) ** 2;
    units[n + j] = Math.sqrt(square);
  });
  const size = n + rows.length;
  if (size === 0) return { ok: true, step: () => new Float64Array(0), multipliers: () => new Float64Array(0) };
  const scaled = Dense.zeros(size, size);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) scaled.set(i, j, hessian[i * n + j]! / (units[i]! * units[j]!));
    rows.forEach((row, j) => {
      const value = units[n + j] === 0 ? 0 : row[i]! / (units[i]! * units[n + j]!);
      scaled.set(i, n + j, value);
      scaled.set(n + j, i, value);
    });
  }
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(scaled, {
    assumeSymmetric: true,
  });
  const smallest = values.reduce((least, value) => (Math.abs(value) < Math.abs(least) ? value : least), Infinity);
  const negative = values.filter((value) => value < -LEAST_CURVATURE).length;
  if (negative > rows.length || !(Math.abs(smallest) > LEAST_CURVATURE)) {
    const reason = negative > rows.length ? 'not-a-minimum' : 'undetermined';
    const value = reason === 'undetermined' ? smallest : Math.min(...values);
    const message =
      rows.length === 0
        ? `the least eigenvalue of the scaled Hessian is ${value}`
        : `${negative} eigenvalues are negative, with ${rows.length} conditions`;
    return { ok: false, reason, message, value, limit: LEAST_CURVATURE };
  }
  const solve = (g: ArrayLike<number>, c: ArrayLike<number> | undefined): Float64Array => {
    const solution = new Float64Array(size);
    values.forEach((value, e) => {
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const right = i < n ? g[i]! : (c?.[i - n] ?? 0);
        if (right !== 0) sum -= (vectors.get(i, e) * right) / units[i]!;
      }
      for (let i = 0; i < size; i++) solution[i]! += (vectors.get(i, e) * sum) / (value * units[i]!);
    });
    return solution;
  };
  return {
    ok: true,
    step: (g, c) => solve(g, c).subarray(0, n),
    // The matrix is symmetric with -mu as unknown.
    multipliers: (g, c) =>
      solve(g, c)
        .subarray(n)
        .map((value) => -value),
  };
}
