/**
 * Where the exercise boundary is interpolated and where integrals along it are taken: numbers that depend on no option.
 *
 *   x_i = sqrt(tau_i / T), the Chebyshev points of [0, 1];   t = tau sin^2(phi),  u = tau cos^2(phi),  phi in [0, pi/2]
 *
 * tau is time to expiry, u that at which the boundary is met, t = tau - u the time until then. The integrands are functions of
 * sqrt(t) at one end and of sqrt(u) at the other; in phi they are smooth at both, so Gauss-Legendre nodes in phi converge fast
 * (the substitution t = tau z^2 of the paper leaves the end u = 0 and loses two digits). sqrt(u)/sqrt(T) = x_i cos(phi_j) is
 * the same for every option, and so is the matrix that interpolates there.
 *
 * Andersen, Lake and Offengenden, High performance American option pricing (2016).
 */
import { chebyshevBasis, chebyshevPoints } from '../../math/chebyshev.js';
import { cosPi, sinPi } from '../../math/cosine.js';
import { gaussLegendre } from '../../math/gauss-legendre.js';
import { nodeColumns, type NodeColumns } from './node-columns.js';

/** Nodes phi_j in [0, pi/2]: sin, cos and the weight of dt/tau. */
export interface ArcRule {
  readonly count: number;
  readonly sine: Float64Array;
  readonly cosine: Float64Array;
  readonly weight: Float64Array;
}

export interface Collocation {
  /** n, the number of unknowns: the boundary at expiry itself is known. */
  readonly count: number;
  /** x_0 = 0 to x_n = 1. */
  readonly points: Float64Array;
  /** For the equations of the boundary. */
  readonly inner: ArcRule;
  /** Basis at x_i cos(phi_j), [i][j][k], i and k from 1 to n. */
  readonly innerBasis: Float64Array;
  /** For the price. */
  readonly outer: ArcRule;
  /** Basis at cos(phi_j), [j][k]. */
  readonly outerBasis: Float64Array;
  /** A smaller collocation that gives the start, and its basis at x_i, [i][k]; undefined where there is none. */
  readonly coarse: Collocation | undefined;
  readonly refinement: Float64Array;
  /** Newton's largest last step in ln B: what is left after it is of the order of its square. */
  readonly tolerance: number;
  /** Work space: ln^2(B/X) at the points 1..n, and the system of one Newton step. */
  readonly squares: Float64Array;
  readonly starts: Float64Array;
  readonly system: Float64Array;
  readonly byNode: Float64Array;
  /** By point, by point and inner node [i][j], and by outer node. */
  readonly atPoints: NodeColumns;
  readonly atInner: NodeColumns;
  readonly atOuter: NodeColumns;
}

/** Right-hand sides of a system: the residual, or derivatives by volatility, rate and dividend yield. */
export const RIGHT_SIDES = 3;

export function arcRule(count: number): ArcRule {
  const { nodes, weights } = gaussLegendre(count);
  const sine = nodes.map((x) => sinPi(0.5 * x));
  const cosine = nodes.map((x) => cosPi(0.5 * x));
  return { count, sine, cosine, weight: weights.map((w, j) => Math.PI * w * sine[j]! * cosine[j]!) };
}

export function createCollocation(
  count: number,
  innerCount: number,
  outerCount: number,
  tolerance: number,
  coarse?: Collocation,
): Collocation {
  const points = chebyshevPoints(count);
  const inner = arcRule(innerCount);
  const innerBasis = new Float64Array(count * innerCount * count);
  for (let i = 1; i <= count; i++) {
    for (let j = 0; j < innerCount; j++) {
      chebyshevBasis(points, points[i]! * inner.cosine[j]!, innerBasis, ((i - 1) * innerCount + j) * count);
    }
  }
  const outer = arcRule(outerCount);
  const outerBasis = new Float64Array(outerCount * count);
  for (let j = 0; j < outerCount; j++) chebyshevBasis(points, outer.cosine[j]!, outerBasis, j * count);
  const refinement = new Float64Array(coarse === undefined ? 0 : count * coarse.count);
  if (coarse !== undefined) {
    for (let i = 0; i < count; i++) chebyshevBasis(coarse.points, points[i + 1]!, refinement, i * coarse.count);
  }
  return {
    count,
    points,
    inner,
    innerBasis,
    outer,
    outerBasis,
    coarse,
    refinement,
    tolerance,
    squares: new Float64Array(count),
    starts: new Float64Array(count),
    system: new Float64Array(count * (count + RIGHT_SIDES)),
    byNode: new Float64Array(4 * innerCount),
    atPoints: nodeColumns(count),
    atInner: nodeColumns(count * innerCount),
    atOuter: nodeColumns(outerCount),
  };
}

/** sum_k basis[offset + k] values[k]. */
export function interpolate(basis: Float64Array, offset: number, values: Float64Array, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += basis[offset + k]! * values[k]!;
  return sum;
}
