/** Where an American option is exercised: spots against time to expiry. */
import { exp } from '../../math/exponential.js';
import { chebyshevBasis } from '../../math/chebyshev.js';
import { standardDeviation } from '../black-greeks.js';
import { logEdgeAtExpiry, type Edge } from './boundary.js';
import { exerciseRegion, settledTime } from './canonical-put.js';
import { interpolate, type Collocation } from './collocation.js';
import { solveEdges } from './put-edges.js';
import { putOf, type AmericanTerms } from './terms.js';
import { differenceSolution } from './value.js';

export interface BoundaryPoint {
  /** Years. */
  timeToExpiry: number;
  spot: number;
}

/** Points a boundary, evenly spaced in the square root of time. */
const POINTS = 40;

/**
 * The boundary of a put is exercised at and below it, a call's at and above. Two edges (put with q < r < 0, call with r < q < 0) come
 * as one closed line around the region of exercise: the edge nearer the strike from expiry on, then the other back to expiry.
 */
export function boundaryPoints(terms: AmericanTerms): BoundaryPoint[] {
  const { timeToExpiry, volatility, strike } = terms;
  const deviation = standardDeviation(volatility, timeToExpiry);
  if (deviation === 0 || deviation === Infinity || strike === 0) return [];
  if (terms.dividends !== undefined) return differenceSolution(terms, 'accurate').edges;
  const put = putOf(terms);
  if (exerciseRegion(put.rate, put.dividendYield, timeToExpiry) === 'never') return [];
  const solved = solveEdges(put, 'accurate');
  if (solved.kind === 'one-edge') {
    const settled = settledTime(put);
    const points = edgePoints(terms, solved.grid, 'upper', settled);
    const last = points[POINTS]!;
    return settled < timeToExpiry ? [...points, { timeToExpiry, spot: last.spot }] : points;
  }
  if (solved.kind === 'two-edges') {
    const { edges, horizon } = solved;
    return [
      ...edgePoints(terms, edges.upper, 'upper', horizon),
      ...edgePoints(terms, edges.lower, 'lower', horizon).reverse(),
    ];
  }
  return differenceSolution(terms, 'accurate').edges;
}

function edgePoints(terms: AmericanTerms, grid: Collocation, edge: Edge, horizon: number): BoundaryPoint[] {
  const put = putOf(terms);
  const base = logEdgeAtExpiry(put.rate, put.dividendYield, edge);
  const basis = new Float64Array(grid.count);
  return Array.from({ length: POINTS + 1 }, (_, i) => {
    const x = i / POINTS;
    chebyshevBasis(grid.points, x, basis, 0);
    const depth = Math.sqrt(Math.max(interpolate(basis, 0, grid.squares, grid.count), 0));
    const level = exp(base + (edge === 'upper' ? -depth : depth));
    return { timeToExpiry: x * x * horizon, spot: terms.isCall ? terms.strike / level : terms.strike * level };
  });
}
