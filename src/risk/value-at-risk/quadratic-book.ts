/**
 * A book to second order in its factors, over a horizon h:
 *
 *   profit = theta h + d'x + 1/2 x'G x,   x ~ N(0, h S)
 *
 * In independent factors y, along the eigenvectors of R'G R with R R' = h S, it is a sum of independent terms
 * theta h + sum_j e_j y_j + 1/2 lambda_j y_j^2, of which all cumulants are known:
 *
 *   k_r = 1/2 (r-1)! sum lambda^r + 1/2 r! sum e^2 lambda^(r-2),   k_1 = theta h + 1/2 sum lambda
 */
import { Matrix as Dense } from 'ml-matrix';
import { requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Matrix } from '../../math/matrix.js';
import { requireSymmetric, symmetricEigen } from '../../math/symmetric-matrix.js';
import { covarianceRoot } from './factor-space.js';
import { requireExposures } from './risk-measure.js';

export interface QuadraticBook {
  /** Profit per unit of each factor: returns, or changes of volatility. */
  delta: number[];
  /** Second derivatives in the factors, symmetric. */
  gamma: Matrix;
  /** Profit a year from the passing of time alone. */
  theta: number;
  /** Of the factors over one day. */
  covariance: Matrix;
}

/** profit = constant + sum_j linear_j y_j + 1/2 square_j y_j^2, y independent standard normals. */
export interface IndependentTerms {
  constant: number;
  linear: Float64Array;
  square: Float64Array;
  /** x = basis y. */
  basis: Dense;
}

const DAYS_PER_YEAR = 365;

/** Throws InputError where shapes differ, gamma is not symmetric or the covariance is none. */
export function independentTerms(book: QuadraticBook, horizonDays: number): IndependentTerms {
  const n = book.delta.length;
  requireExposures('delta', book.delta);
  requireSymmetric('gamma', book.gamma, n);
  requireFinite('theta', book.theta);
  const root = new Dense(covarianceRoot('covariance', book.covariance, n)).mul(Math.sqrt(horizonDays));
  const whitened = root.mmul(new Dense(book.gamma)).mmul(root);
  const symmetric = Dense.add(whitened, whitened.transpose()).mul(0.5);
  const { values, vectors } = symmetricEigen(symmetric.to2DArray());
  const basis = root.mmul(new Dense(vectors).transpose());
  return {
    constant: (book.theta * horizonDays) / DAYS_PER_YEAR,
    linear: Float64Array.from(basis.transpose().mmul(Dense.columnVector(book.delta)).to1DArray()),
    square: values,
    basis,
  };
}

/** k_1 to k_4. */
export function cumulants({ constant, linear, square }: IndependentTerms): [number, number, number, number] {
  const k: [number, number, number, number] = [constant, 0, 0, 0];
  for (let j = 0; j < square.length; j++) {
    const lambda = square[j]!;
    const e2 = linear[j]! * linear[j]!;
    k[0] += 0.5 * lambda;
    k[1] += 0.5 * lambda ** 2 + e2;
    k[2] += lambda ** 3 + 3 * e2 * lambda;
    k[3] += 3 * lambda ** 4 + 12 * e2 * lambda ** 2;
  }
  if (!k.every(Number.isFinite)) throw new InputError('book', k, 'of moments within the range of numbers');
  return k;
}
