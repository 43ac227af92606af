/**
 * The most likely move that loses at least a given amount: the shortest in units of the factors' covariance,
 *
 *   minimise x'S^-1 x   subject to   d'x + 1/2 x'G x <= -loss
 *
 * In independent factors a one-dimensional root: y_j = -n e_j / (1 + n lambda_j) for the multiplier n at which the loss is met, with
 * the case where the direction of the most negative lambda has no slope solved along that direction.
 * More and Sorensen (1983) for the geometry; the move is instantaneous, theta has no part in it.
 */
import { Matrix as Dense } from 'ml-matrix';
import { requireFinite } from '../check.js';
import { brent } from '../math/brent.js';
import { independentTerms } from './value-at-risk/quadratic-book.js';
import type { IndependentTerms, QuadraticBook } from './value-at-risk/quadratic-book.js';
import { leastValue } from './value-at-risk/quadratic-distribution.js';

export type ReverseStress =
  | {
      found: true;
      /** Of each factor. */
      move: number[];
      /** In standard deviations over one day. */
      distance: number;
      loss: number;
    }
  /** No move loses as much. */
  | { found: false; largestLoss: number };

/** Throws InputError where shapes differ, gamma is not symmetric, the covariance is none or the target is not finite. */
export function reverseStress(book: QuadraticBook, lossTarget: number): ReverseStress {
  requireFinite('lossTarget', lossTarget);
  const terms = independentTerms(book, 1);
  const n = terms.square.length;
  if (lossTarget <= 0) return { found: true, move: new Array<number>(n).fill(0), distance: 0, loss: 0 };
  const y = nearestLoss(terms, lossTarget);
  if (y === undefined) return { found: false, largestLoss: terms.constant - leastValue(terms) };
  return {
    found: true,
    move: terms.basis.mmul(Dense.columnVector(y)).to1DArray(),
    distance: Math.hypot(...y),
    loss: -profit(terms, y),
  };
}

/** e'y + 1/2 sum lambda y^2 */
function profit({ linear, square }: IndependentTerms, y: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < square.length; j++) sum += linear[j]! * y[j]! + 0.5 * square[j]! * y[j]! * y[j]!;
  return sum;
}

function nearestLoss(raw: IndependentTerms, target: number): Float64Array | undefined {
  const terms = withoutRounding(raw);
  const { linear, square } = terms;
  if (leastValue(terms) - terms.constant > -target) return undefined;
  const at = (multiplier: number): Float64Array =>
    linear.map((e, j) => (e === 0 ? 0 : (-multiplier * e) / (1 + multiplier * square[j]!)));
  const missing = (multiplier: number): number => profit(terms, at(multiplier)) + target;

  const lowest = Math.min(...square);
  const limit = lowest < 0 ? -1 / lowest : Infinity;
  // The multiplier for which the loss is met lies between one for which it is not and one for which it is.
  let lower = 0;
  let upper = limit < Infinity ? 0.5 * limit : 1;
  while (missing(upper) > 0) {
    lower = upper;
    upper = limit < Infinity ? upper + 0.5 * (limit - upper) : 2 * upper;
    if (upper === lower || upper >= limit || !Number.isFinite(upper)) return alongLowest(terms, at(lower), target);
  }
  return at(brent(missing, lower, upper));
}

/** What is left is lost along the direction of the most negative curvature, on either side alike. */
function alongLowest(terms: IndependentTerms, y: Float64Array, target: number): Float64Array | undefined {
  const { linear, square } = terms;
  const lowest = square.indexOf(Math.min(...square));
  const lambda = square[lowest]!;
  if (lambda >= 0) return y;
  const rest = y.slice();
  rest[lowest] = 0;
  const short = profit(terms, rest) + target;
  const e = linear[lowest]!;
  // 1/2 lambda t^2 + e t = -short, on the side where the slope loses.
  const root = Math.sqrt(Math.max(e * e - 2 * lambda * short, 0));
  rest[lowest] = (e >= 0 ? e - root : e + root) / -lambda;
  return rest;
}

/** Slopes and curvatures that are rounding beside the largest are 0. */
function withoutRounding(terms: IndependentTerms): IndependentTerms {
  const cleaned = (values: Float64Array): Float64Array => {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return values.map((value) => (Math.abs(value) < 1e-13 * largest ? 0 : value));
  };
  return { ...terms, linear: cleaned(terms.linear), square: cleaned(terms.square) };
}
