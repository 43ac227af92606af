/**
 * The early-exercise premium of a put of strike 1, with its derivatives by the spot, from the edge of exercise.
 *
 *   premium = int_0^T [r e^(-rt) N(-d-(t, x - b_u)) - q S e^(-qt) N(-d+(t, x - b_u))] dt,   x = ln S,  u = T - t
 *   delta   = int -G/S - q e^(-qt) N(-d+),   gamma = int [G (1 + d-/w) + q B_u e^(-rt) n(d-)/w] / S^2
 *   G = e^(-rt) n(d-) (r - q B_u) / w,   w = sigma sqrt t
 *
 * Kim, The analytic valuation of American options (1990); Carr, Jarrow and Myneni (1992). What is earned while exercised, less what
 * is lost: both edges together are the difference of two such integrals.
 */
import { exponentials } from '../../math/exponential.js';
import { logEdgeAtExpiry } from './boundary.js';
import { interpolate, type Collocation } from './collocation.js';
import { hazardExcesses, type NodeColumns } from './node-columns.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** The premium by the boundary in `grid.squares`; x = ln(S/K). */
export function exercisePremium(
  grid: Collocation,
  x: number,
  r: number,
  q: number,
  sigma: number,
  timeToExpiry: number,
): number {
  const { count, outer, outerBasis, squares, atOuter } = grid;
  const base = logEdgeAtExpiry(r, q, 'upper');
  const s = sigma * Math.sqrt(timeToExpiry);
  for (let j = 0; j < outer.count; j++) {
    const h = interpolate(outerBasis, j * count, squares, count);
    const sine = outer.sine[j]!;
    atOuter.edge[j] = h > 0 ? base - Math.sqrt(h) : base;
    atOuter.time[j] = timeToExpiry * sine * sine;
    atOuter.width[j] = s * sine;
  }
  return timeToExpiry * earnedBelow(atOuter, outer.count, outer.weight, x, r, q, sigma);
}

/** Sum of weights times what exercise earns a year below the edges, at the times and with the widths that are in the columns. */
export function earnedBelow(
  at: NodeColumns,
  count: number,
  weight: Float64Array,
  x: number,
  r: number,
  q: number,
  sigma: number,
): number {
  fillEarned(at, count, x, r, q, sigma);
  return earnedSum(at, count, weight, r, q);
}

/** From edges, times and widths what the rate of earning asks for; `level` and the like only where there is a yield. */
function fillEarned(at: NodeColumns, count: number, x: number, r: number, q: number, sigma: number): void {
  const { edge, time, width, minus, density, level, discount, decay, minusExcess, plusExcess } = at;
  const drift = r - q - 0.5 * sigma * sigma;
  for (let j = 0; j < count; j++) {
    const t = time[j]!;
    const d = (x - edge[j]! + drift * t) / width[j]!;
    minus[j] = d;
    density[j] = -r * t - 0.5 * d * d;
    discount[j] = -r * t;
    minusExcess[j] = Math.abs(d);
    level[j] = edge[j]!;
    decay[j] = x - q * t;
    plusExcess[j] = Math.abs(d + width[j]!);
  }
  exponentials(density, count);
  exponentials(discount, count);
  hazardExcesses(minusExcess, count);
  if (q === 0) return;
  exponentials(level, count);
  exponentials(decay, count);
  hazardExcesses(plusExcess, count);
}

/** Sum of weights times r e^(-rt) N(-d-) - q S e^(-qt) N(-d+), the rate at which exercise below the edge at t from now earns. */
function earnedSum(at: NodeColumns, count: number, weight: Float64Array, r: number, q: number): number {
  const { width, minus, density, level, discount, decay, minusExcess, plusExcess } = at;
  let sum = 0;
  for (let j = 0; j < count; j++) {
    const d = minus[j]!;
    const scaled = INVERSE_SQRT_TWO_PI * density[j]!;
    const tail = scaled / (Math.abs(d) + minusExcess[j]!);
    let earned = r * (d > 0 ? tail : discount[j]! - tail);
    if (q !== 0) {
      const plus = d + width[j]!;
      // S e^(-qt) n(d+) = B_u e^(-rt) n(d-).
      const spotTail = (scaled * level[j]!) / (Math.abs(plus) + plusExcess[j]!);
      earned -= q * (plus > 0 ? spotTail : decay[j]! - spotTail);
    }
    sum += weight[j]! * earned;
  }
  return sum;
}
