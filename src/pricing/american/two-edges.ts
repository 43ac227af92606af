/**
 * A put with q < r < 0 is exercised between two edges Y(tau) < B(tau), from r/q and 1 at expiry towards each other; after the time
 * tau* where they meet, if they do, it is worth holding everywhere.
 *
 *   premium = int over u in [0, min(T, tau*)] of [earned below B(u)] - [earned below Y(u)],   t = T - u
 *
 * A path that starts above B meets B first and one from below Y meets Y first, so each edge solves its own equation, as if the other
 * were not there. tau* is where ln B - ln Y, decreasing in tau, comes to 0: both edges are solved on [0, t] until they end together at t.
 * An error in tau* enters the price by its square only, since nothing is earned where the edges meet.
 * Andersen and Lake, Fast American option pricing: the double-boundary case (2021).
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { logEdgeAtExpiry, solveBoundary } from './boundary.js';
import { europeanPut, type CanonicalPut } from './canonical-put.js';
import { interpolate, type Collocation } from './collocation.js';
import { earnedBelow, exercisePremium } from './premium.js';

/** ln B - ln Y at which the edges count as met. */
const MEETING = 1e-6;
const MAXIMUM_TRIALS = 80;

export interface TwoEdges {
  readonly upper: Collocation;
  readonly lower: Collocation;
}

/**
 * Solves both edges on [0, min(T, tau*)], leaves them in the two grids and returns that time; NaN where the search fails, which has
 * not been seen.
 */
export function solveTwoEdges({ upper, lower }: TwoEdges, put: CanonicalPut): number {
  const { rate, dividendYield, volatility, timeToExpiry } = put;
  const apart = -log(rate / dividendYield);
  const gapAt = (t: number): number => {
    if (!solveBoundary(upper, rate, dividendYield, volatility, t, 'upper')) return NaN;
    if (!solveBoundary(lower, rate, dividendYield, volatility, t, 'lower')) return NaN;
    if (!valuesMatch(upper, put, t)) return NaN;
    return apart - Math.sqrt(upper.squares[upper.count - 1]!) - Math.sqrt(lower.squares[lower.count - 1]!);
  };
  let gap = gapAt(timeToExpiry);
  if (gap >= 0) return timeToExpiry;
  // In sqrt(t) the gap is nearly a straight line from `apart` at 0.
  let below = 0;
  let belowGap = apart;
  let above = Math.sqrt(timeToExpiry);
  let aboveGap = gap;
  for (let trial = 0; trial < MAXIMUM_TRIALS; trial++) {
    const share = aboveGap < 0 ? belowGap / (belowGap - aboveGap) : 0.5;
    // Kept off the ends, so that a bracket that is too wide on one side shrinks too.
    const x = below + (above - below) * Math.min(Math.max(share, 0.02), 0.98);
    gap = gapAt(x * x);
    if (Math.abs(gap) <= MEETING) return x * x;
    if (gap > 0) {
      below = x;
      belowGap = gap;
    } else {
      above = x;
      aboveGap = gap;
    }
    if (above - below < 1e-12 * above) break;
  }
  return NaN;
}

/**
 * The upper edge's equation has further solutions, which match slopes at the points and nothing else: on the true one the put is worth
 * its exercise too.
 */
function valuesMatch(upper: Collocation, { rate, dividendYield, volatility }: CanonicalPut, t: number): boolean {
  const logEdge = -Math.sqrt(upper.squares[upper.count - 1]!);
  const moneyness = exp(logEdge);
  const put = { moneyness, logMoneyness: logEdge, rate, dividendYield, volatility, timeToExpiry: t, scale: 1 };
  const value = europeanPut(put) + exercisePremium(upper, logEdge, rate, dividendYield, volatility, t);
  return Math.abs(value - (1 - moneyness)) < 1e-4;
}

/** The premium of both edges, solved to `horizon`; put's moneyness anywhere outside the region of exercise. */
export function twoEdgePremium({ upper, lower }: TwoEdges, put: CanonicalPut, horizon: number): number {
  const { logMoneyness: x, rate: r, dividendYield: q, volatility, timeToExpiry } = put;
  const base = logEdgeAtExpiry(r, q, 'lower');
  const { outer, atOuter } = upper;
  const wait = timeToExpiry - horizon;
  for (let j = 0; j < outer.count; j++) {
    const sine = outer.sine[j]!;
    const t = wait + horizon * sine * sine;
    atOuter.time[j] = t;
    atOuter.width[j] = volatility * Math.sqrt(t);
  }
  fillEdges(upper, upper, 0, -1);
  const above = earnedBelow(atOuter, outer.count, outer.weight, x, r, q, volatility);
  fillEdges(upper, lower, base, 1);
  return horizon * (above - earnedBelow(atOuter, outer.count, outer.weight, x, r, q, volatility));
}

/** ln of an edge at the outer nodes of the upper one. */
function fillEdges(
  { count, outer, outerBasis, atOuter }: Collocation,
  { squares }: Collocation,
  base: number,
  sign: 1 | -1,
): void {
  for (let j = 0; j < outer.count; j++) {
    const h = interpolate(outerBasis, j * count, squares, count);
    atOuter.edge[j] = h > 0 ? base + sign * Math.sqrt(h) : base;
  }
}
