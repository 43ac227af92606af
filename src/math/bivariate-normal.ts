/**
 * The bivariate normal distribution: the probability that X <= h and Y <= k at correlation rho.
 *
 *   P(h, k, rho) = N(h) N(k) + (1/2 pi) int_0^asin(rho) e^(-(h^2 - 2 h k sin a + k^2) / (2 cos^2 a)) da
 *
 * (Plackett 1954). Near rho = 1 the integral is taken from there, where P = N(min(h, k)): with x = sqrt(1 - r^2), r = sqrt(1 - x^2),
 *
 *   P = N(min) - (1/2 pi) int_0^a e^(-(h - k)^2 / (2 x^2)) f(x^2) dx,   f(s) = e^(-hk / (1 + r)) / r,   a = sqrt(1 - rho^2)
 *   f(s) = e^(-hk/2) [1 + s (1/2 - hk/8) + s^2 (3/8 - hk/8 + (hk)^2/128)] + rest of order s^3
 *
 * The bracket integrates in closed form and takes the corner at x = 0 with it; the smooth rest is left to Gauss-Legendre. rho < 0 by
 * P(h, k, rho) = N(h) - P(h, -k, -rho). Drezner and Wesolowsky (1990); Genz, Numerical computation of rectangular bivariate and
 * trivariate normal and t probabilities (2004).
 */
import { exp } from './exponential.js';
import { gaussLegendre, type QuadratureRule } from './gauss-legendre.js';
import { normalCdf } from './normal.js';

const TWO_PI = 2 * Math.PI;
const SQRT_TWO_PI = 2.5066282746310007;
/** From this correlation on the integral starts at 1. */
const NEAR_ONE = 0.8;

let rule: QuadratureRule | undefined;

/** The probability; absolute error below 2e-15. NaN for a NaN argument or a correlation outside [-1, 1]. */
export function bivariateNormalCdf(h: number, k: number, rho: number): number {
  if (!(rho >= -1 && rho <= 1) || Number.isNaN(h) || Number.isNaN(k)) return NaN;
  if (h === -Infinity || k === -Infinity) return 0;
  if (h === Infinity) return normalCdf(k);
  if (k === Infinity) return normalCdf(h);
  if (rho < -NEAR_ONE) return clamped(normalCdf(h) - nearOne(h, -k, -rho));
  if (rho > NEAR_ONE) return clamped(nearOne(h, k, rho));
  return clamped(normalCdf(h) * normalCdf(k) + fromZero(h, k, rho));
}

function clamped(p: number): number {
  return p < 0 ? 0 : p > 1 ? 1 : p;
}

function fromZero(h: number, k: number, rho: number): number {
  rule ??= gaussLegendre(24);
  // In r = sin a the integrand has a root singularity at 1 only, which rho stays away from.
  const squares = 0.5 * (h * h + k * k);
  const product = h * k;
  let sum = 0;
  for (let i = 0; i < rule.nodes.length; i++) {
    const r = rho * rule.nodes[i]!;
    const c2 = (1 - r) * (1 + r);
    sum += (rule.weights[i]! * exp((product * r - squares) / c2)) / Math.sqrt(c2);
  }
  return (rho * sum) / TWO_PI;
}

function nearOne(h: number, k: number, rho: number): number {
  const edge = normalCdf(h < k ? h : k);
  const a2 = (1 - rho) * (1 + rho);
  if (a2 === 0) return edge;
  const product = h * k;
  const b2 = (h - k) * (h - k);
  // The exponent at x = a is the largest.
  if (b2 / (2 * a2) + product / (1 + rho) > 745) return edge;
  rule ??= gaussLegendre(24);
  const a = Math.sqrt(a2);
  const linear = 0.5 - product / 8;
  const square = 0.375 - product / 8 + (product * product) / 128;
  const ending = exp(-0.5 * (b2 / a2 + product));
  // e^(-hk/2) times the integrals of e^(-b^2/(2x^2)) x^0, x^2, x^4 from 0 to a.
  const b = Math.sqrt(b2);
  const tail = b > 0 ? exp(-0.5 * product) * b * SQRT_TWO_PI * normalCdf(-b / a) : 0;
  const i0 = a * ending - tail;
  const i2 = (a * a2 * ending - b2 * i0) / 3;
  const i4 = (a * a2 * a2 * ending - b2 * i2) / 5;
  let sum = 0;
  for (let i = 0; i < rule.nodes.length; i++) {
    const x = a * rule.nodes[i]!;
    const s = x * x;
    const r = Math.sqrt(1 - s);
    const halfGap = (0.5 * b2) / s;
    const exact = exp(-halfGap - product / (1 + r)) / r;
    const bracket = exp(-halfGap - 0.5 * product) * (1 + s * (linear + s * square));
    sum += rule.weights[i]! * (exact - bracket);
  }
  return edge - (i0 + linear * i2 + square * i4 + a * sum) / TWO_PI;
}
