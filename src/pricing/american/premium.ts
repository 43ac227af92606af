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
import { exp } from '../../math/exponential.js';
import { hazardExcess } from '../../math/mills.js';
import { logEdgeAtExpiry } from './boundary.js';
import { interpolate, type Collocation } from './collocation.js';

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
  const { count, outer, outerBasis, squares } = grid;
  const base = logEdgeAtExpiry(r, q, 'upper');
  const drift = r - q - 0.5 * sigma * sigma;
  const s = sigma * Math.sqrt(timeToExpiry);
  let sum = 0;
  for (let j = 0; j < outer.count; j++) {
    const h = interpolate(outerBasis, j * count, squares, count);
    const bu = h > 0 ? base - Math.sqrt(h) : base;
    const sine = outer.sine[j]!;
    sum += outer.weight[j]! * earned(x, bu, timeToExpiry * sine * sine, s * sine, drift, r, q);
  }
  return timeToExpiry * sum;
}

/** r e^(-rt) N(-d-) - q S e^(-qt) N(-d+), the rate at which exercise below e^bu at t from now earns. */
export function earned(x: number, bu: number, t: number, width: number, drift: number, r: number, q: number): number {
  const minus = (x - bu + drift * t) / width;
  const plus = minus + width;
  const density = INVERSE_SQRT_TWO_PI * exp(-r * t - 0.5 * minus * minus);
  const tail = density / (Math.abs(minus) + hazardExcess(Math.abs(minus)));
  const strikePart = r * (minus > 0 ? tail : exp(-r * t) - tail);
  if (q === 0) return strikePart;
  // S e^(-qt) n(d+) = B_u e^(-rt) n(d-).
  const spotTail = (density * exp(bu)) / (Math.abs(plus) + hazardExcess(Math.abs(plus)));
  return strikePart - q * (plus > 0 ? spotTail : exp(x - q * t) - spotTail);
}
