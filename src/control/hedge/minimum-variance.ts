/**
 * Trades that leave the least variance of a book whose factor exposures are g when the instruments' are A and the factors' covariance
 * is S:
 *
 *   h = -(A' S A)^-1 A' S g
 *
 * the regression of the book on the instruments. Johnson (1960).
 */
import { Matrix as Dense, SingularValueDecomposition } from 'ml-matrix';
import { requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import type { Matrix } from '../../math/matrix.js';
import { requireMatrix, requireVector } from './problem.js';

export interface MinimumVarianceInput {
  /** A, [factor][instrument]: change of value per unit of the factor and unit bought. */
  exposures: Matrix;
  /** g, of the book, by factor. */
  current: readonly number[];
  /** S, of the factors, symmetric. */
  covariance: Matrix;
}

export type MinimumVarianceHedge =
  | {
      ok: true;
      trades: number[];
      /** Of the book alone and with the trades. */
      variance: number;
      residualVariance: number;
      /** Share of the variance that is hedged, 0 to 1. */
      effectiveness: number;
    }
  | Failure<'singular'>;

const WORST_CONDITION = 1e12;

/** Throws InputError where shapes differ, a number is not finite or the covariance is not symmetric. */
export function minVarianceHedge({ exposures, current, covariance }: MinimumVarianceInput): MinimumVarianceHedge {
  const factors = current.length;
  const instruments = exposures[0]?.length ?? 0;
  requireVector('current', current, factors, requireFinite);
  requireMatrix('exposures', exposures, factors, instruments);
  requireMatrix('covariance', covariance, factors, factors);
  covariance.forEach((row, i) => {
    row.forEach((value, j) => {
      if (value !== covariance[j]![i]) throw new InputError(`covariance[${i}][${j}]`, value, 'symmetric');
    });
  });
  const A = new Dense(exposures);
  const S = new Dense(covariance);
  const g = Dense.columnVector([...current]);
  const SA = S.mmul(A);
  const normal = A.transpose().mmul(SA);
  const size = Array.from({ length: instruments }, (_, j) => {
    const variance = normal.get(j, j);
    return variance > 0 ? 1 / Math.sqrt(variance) : 1;
  });
  const scaled = new Dense(size.map((a, i) => size.map((b, j) => a * b * normal.get(i, j))));
  const decomposition = new SingularValueDecomposition(scaled);
  if (instruments === 0 || !(decomposition.condition <= WORST_CONDITION)) {
    return {
      ok: false,
      reason: 'singular',
      message: 'the instruments move together or not at all: more than one hedge has the least variance',
      value: instruments === 0 ? Infinity : decomposition.condition,
      limit: WORST_CONDITION,
    };
  }
  const right = SA.transpose().mmul(g);
  const solution = decomposition.solve(new Dense(size.map((a, i) => [-a * right.get(i, 0)])));
  const trades = size.map((a, i) => a * solution.get(i, 0));
  const variance = quadratic(S, g);
  const after = Dense.add(g, A.mmul(Dense.columnVector(trades)));
  const residualVariance = Math.min(Math.max(quadratic(S, after), 0), variance);
  return {
    ok: true,
    trades,
    variance,
    residualVariance,
    effectiveness: variance > 0 ? 1 - residualVariance / variance : 0,
  };
}

function quadratic(S: Dense, x: Dense): number {
  return x.transpose().mmul(S).mmul(x).get(0, 0);
}
