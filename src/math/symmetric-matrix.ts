/** Symmetric matrices as rows: checks, eigenvalues and quadratic forms. The eigenvalues are ml-matrix's. */
import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix';
import { requireArray, requireFinite } from '../check.js';
import { InputError } from '../errors.js';
import type { Matrix } from './matrix.js';

/** Entries may differ from their mirror by this share of the largest one: what rounding leaves. */
const ASYMMETRY = 1e-12;

/** Throws InputError unless the rows are a square of finite numbers, `size` wide where given, the same across the diagonal. */
export function requireSymmetric(field: string, matrix: Matrix, size?: number): Matrix {
  const n = size ?? requireArray(field, matrix).length;
  if (n === 0 || requireArray(field, matrix).length !== n) {
    throw new InputError(`${field}.length`, matrix.length, size === undefined ? 'above 0' : String(n));
  }
  let largest = 0;
  matrix.forEach((row, i) => {
    if (requireArray(`${field}[${i}]`, row).length !== n) {
      throw new InputError(`${field}[${i}].length`, row.length, String(n));
    }
    row.forEach((value, j) => (largest = Math.max(largest, Math.abs(requireFinite(`${field}[${i}][${j}]`, value)))));
  });
  matrix.forEach((row, i) => {
    for (let j = 0; j < i; j++) {
      if (Math.abs(row[j]! - matrix[j]![i]!) > ASYMMETRY * largest) {
        throw new InputError(`${field}[${i}][${j}]`, row[j], `symmetric, ${matrix[j]![i]!}`);
      }
    }
  });
  return matrix;
}

export interface SymmetricEigen {
  /** Ascending. */
  values: Float64Array;
  /** vectors[k] is the unit eigenvector of values[k]. */
  vectors: Matrix;
}

/** Eigenvalues and eigenvectors of a symmetric matrix; the upper triangle is read. */
export function symmetricEigen(matrix: Matrix): SymmetricEigen {
  const decomposition = new EigenvalueDecomposition(new Dense(matrix), { assumeSymmetric: true });
  const { eigenvectorMatrix } = decomposition;
  const order = decomposition.realEigenvalues.map((value, k) => ({ value, k })).sort((a, b) => a.value - b.value);
  return {
    values: Float64Array.from(order, ({ value }) => value),
    vectors: order.map(({ k }) => eigenvectorMatrix.getColumn(k)),
  };
}

/** The sum of f(value) vector vector' over the eigenvalues: a matrix function, symmetric to the last bit. */
export function fromEigen(
  { values, vectors }: SymmetricEigen,
  f: (value: number) => number = (value) => value,
): Matrix {
  const n = values.length;
  const result = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let k = 0; k < n; k++) {
    const weight = f(values[k]!);
    if (weight === 0) continue;
    const vector = vectors[k]!;
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) result[i]![j]! += weight * vector[i]! * vector[j]!;
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) result[j]![i] = result[i]![j]!;
  return result;
}

/** Throws InputError unless the matrix is symmetric with no eigenvalue below -`tolerance` times the largest. */
export function requirePositiveSemidefinite(field: string, matrix: Matrix, size?: number, tolerance = 1e-10): Matrix {
  requireSymmetric(field, matrix, size);
  const { values } = symmetricEigen(matrix);
  if (values[0]! < -tolerance * Math.max(values[values.length - 1]!, 0)) {
    throw new InputError(field, values[0], 'positive semi-definite, without a negative eigenvalue');
  }
  return matrix;
}

/** x' A y. */
export function bilinearForm(matrix: Matrix, x: ArrayLike<number>, y: ArrayLike<number> = x): number {
  let total = 0;
  for (let i = 0; i < matrix.length; i++) {
    const row = matrix[i]!;
    let sum = 0;
    for (let j = 0; j < row.length; j++) sum += row[j]! * y[j]!;
    total += x[i]! * sum;
  }
  return total;
}
