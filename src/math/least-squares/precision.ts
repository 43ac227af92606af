/**
 * What a Jacobian says about the parameters it determines: covariance, condition and the direction determined least.
 *
 *   J D^-1 = U S V',   D = column norms;    covariance = variance x D^-1 V S^-2 V' D^-1,    condition = S_1 / S_n
 *
 * Held columns (parameters at a bound) take no part: their rows and columns of the covariance are zero.
 */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { Matrix as Rows } from '../matrix.js';
import { columnNorm } from './linear.js';

export interface Precision {
  covariance: Rows;
  /** Condition number of the column-scaled Jacobian; 1 where nothing is free. */
  condition: number;
  /** Unit vector over all columns, in the scaled parameters. */
  weakDirection: Float64Array;
}

/** A condition number from which on the doubles of the Jacobian no longer determine every parameter. */
export const SINGULAR_CONDITION = 1e14;

/** In columns of unit length such an entry changes no singular value, but its square would underflow inside the decomposition. */
const NEGLIGIBLE = 1e-40;

/** `jacobian` is row-major, rows x columns. A direction without information gets an infinite condition and variance. */
export function precisionOf(
  jacobian: Float64Array,
  rows: number,
  columns: number,
  held: readonly number[],
  variance: number,
): Precision {
  const free = Array.from({ length: columns }, (_, j) => j).filter((j) => !held.includes(j));
  const covariance: Rows = Array.from({ length: columns }, () => new Array<number>(columns).fill(0));
  const weakDirection = new Float64Array(columns);
  if (free.length === 0) return { covariance, condition: 1, weakDirection };
  const norms = free.map((j) => columnNorm(jacobian, columns, j, 0, rows) || 1);
  const scaled = Matrix.zeros(Math.max(rows, free.length), free.length);
  for (let i = 0; i < rows; i++) {
    free.forEach((j, c) => {
      const entry = jacobian[i * columns + j]! / norms[c]!;
      if (Math.abs(entry) > NEGLIGIBLE) scaled.set(i, c, entry);
    });
  }
  const { diagonal, rightSingularVectors: v } = new SingularValueDecomposition(scaled);
  const weakest = free.length - 1;
  free.forEach((j, c) => (weakDirection[j] = v.get(c, weakest)));
  for (let a = 0; a < free.length; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let s = 0; s < free.length; s++) sum += (v.get(a, s) * v.get(b, s)) / diagonal[s]! ** 2;
      const value = (variance * sum) / (norms[a]! * norms[b]!);
      covariance[free[a]!]![free[b]!] = value;
      covariance[free[b]!]![free[a]!] = value;
    }
  }
  return { covariance, condition: diagonal[0]! / diagonal[weakest]!, weakDirection };
}

/** Residual variance for a covariance: chi-square per degree of freedom, but never below the stated errors. */
export function residualVariance(chiSquare: number, degreesOfFreedom: number): number {
  return degreesOfFreedom > 0 ? Math.max(1, chiSquare / degreesOfFreedom) : 1;
}
