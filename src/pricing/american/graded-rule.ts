/**
 * Nodes that crowd towards t = 0, for derivatives of the premium: next to the edge of exercise the integrand of gamma has a peak at
 * sqrt(t) of the order of ln(S/B)/sigma, however small that is.
 *
 *   phi in [0, pi/2] cut at pi/4, pi/8, ... , pi 2^-17: a Gauss-Legendre rule on each piece
 */
import { chebyshevBasis } from '../../math/chebyshev.js';
import { cosPi, sinPi } from '../../math/cosine.js';
import { gaussLegendre } from '../../math/gauss-legendre.js';
import type { ArcRule, Collocation } from './collocation.js';
import { nodeColumns, type NodeColumns } from './node-columns.js';

const PIECES = 17;

/** As {@link arcRule} of collocation.ts, with `perPiece` nodes on each piece. */
export function gradedArcRule(perPiece: number): ArcRule {
  const { nodes, weights } = gaussLegendre(perPiece);
  const count = PIECES * perPiece;
  const sine = new Float64Array(count);
  const cosine = new Float64Array(count);
  const weight = new Float64Array(count);
  for (let piece = 0; piece < PIECES; piece++) {
    const to = 0.5 ** (piece + 1);
    const from = piece === PIECES - 1 ? 0 : 0.5 * to;
    for (let j = 0; j < perPiece; j++) {
      const at = piece * perPiece + j;
      const phi = from + (to - from) * nodes[j]!;
      sine[at] = sinPi(phi);
      cosine[at] = cosPi(phi);
      weight[at] = 2 * Math.PI * (to - from) * weights[j]! * sine[at] * cosine[at];
    }
  }
  return { count, sine, cosine, weight };
}

export interface GradedRule {
  readonly rule: ArcRule;
  /** The collocation's basis at cos(phi_j), [j][k]. */
  readonly basis: Float64Array;
  /** Work space. */
  readonly atNodes: NodeColumns;
}

const rules = new WeakMap<Collocation, GradedRule>();

/** The rule with the basis of a collocation, made when first used. */
export function gradedRuleOf(grid: Collocation): GradedRule {
  let graded = rules.get(grid);
  if (graded === undefined) {
    const rule = gradedArcRule(grid.count < 10 ? 6 : 10);
    const basis = new Float64Array(rule.count * grid.count);
    for (let j = 0; j < rule.count; j++) chebyshevBasis(grid.points, rule.cosine[j]!, basis, j * grid.count);
    graded = { rule, basis, atNodes: nodeColumns(rule.count) };
    rules.set(grid, graded);
  }
  return graded;
}
