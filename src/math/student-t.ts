/**
 * Student's t with nu degrees of freedom, any nu > 0: density, distribution and quantile, with relative accuracy in both tails.
 *
 *   f(x) = (1 + x^2/nu)^(-(nu+1)/2) / (sqrt(nu) B(nu/2, 1/2)),   F(-t) = I_w(nu/2, 1/2) / 2,   w = nu/(nu + t^2)
 *
 * Not scaled to unit variance: the variance is nu/(nu - 2) where nu > 2. Quantiles by Newton's method on ln F(-e^u), which is
 * concave in u, or next to the middle on F(t) - 1/2, which is concave in t: after at most one overshoot the iterates run to the
 * root from one side. Abramowitz and Stegun (1964), 26.7; nu = Infinity is the normal law. Large degrees of freedom by Hill's
 * normal variable (Communications of the ACM, 1970, algorithm 395):
 *
 *   F(-t) = Phi(-z - c(z)),   z = sqrt(a ln(1 + t^2/nu)),   a = nu - 1/2,   b = 48 a^2
 *   c(z) = (z^3 + 3 z)/b - (4 z^7 + 33 z^5 + 240 z^3 + 855 z)/(10 b^2)
 */
import { InputError } from '../errors.js';
import { exp, expm1 } from './exponential.js';
import { betaI, logBeta } from './incomplete-beta.js';
import { log, log1p } from './logarithm.js';
import { inverseNormalCdf, normalCdf, normalPdf } from './normal.js';

/** From here on the normal approximation of large degrees of freedom is right to the last digits of its tails. */
const LARGE = 2e4;
/** From here on the normal law itself is. */
const NORMAL = 1e20;
/** Just below the logarithm of the greatest double. */
const LOG_MAX = 709.78;

/** The density at x. Throws InputError unless nu > 0; NaN for NaN. */
export function studentTPdf(x: number, nu: number): number {
  requireDegrees(nu);
  if (nu >= NORMAL) return normalPdf(x);
  return exp(logPdf(Math.abs(x), nu));
}

/** The probability below x. Throws InputError unless nu > 0; NaN for NaN. */
export function studentTCdf(x: number, nu: number): number {
  requireDegrees(nu);
  if (nu >= NORMAL || Number.isNaN(x)) return normalCdf(x);
  return x > 0 ? 1 - lowerTail(x, nu) : lowerTail(-x, nu);
}

/** x with P(X <= x) = p, infinite at p = 0 and 1. Throws InputError unless nu > 0 and 0 <= p <= 1. */
export function studentTQuantile(p: number, nu: number): number {
  requireDegrees(nu);
  if (!(p >= 0 && p <= 1)) throw new InputError('p', p, 'a number from 0 to 1');
  if (nu >= NORMAL) return inverseNormalCdf(p);
  if (p === 0.5) return 0;
  return p < 0.5 ? -upperQuantile(p, nu) : upperQuantile(1 - p, nu);
}

function requireDegrees(nu: number): void {
  if (!(nu > 0)) throw new InputError('nu', nu, 'a number above 0');
}

function logPdf(t: number, nu: number): number {
  const square = (t / nu) * t;
  // Where t^2 / nu is no double, its logarithm is.
  const logTerm = square < Infinity ? log1p(square) : 2 * log(t) - log(nu);
  return -0.5 * (nu + 1) * logTerm - 0.5 * log(nu) - logBeta(0.5 * nu, 0.5);
}

/** F(-t) for t >= 0. */
function lowerTail(t: number, nu: number): number {
  const square = (t / nu) * t;
  if (nu >= LARGE) {
    const z = t === Infinity ? t : Math.sqrt((nu - 0.5) * log1p(square));
    return normalCdf(z < 1e3 ? -z - hillCorrection(z, nu) : -z);
  }
  if (square === 0) return 0.5;
  if (square === Infinity) return t === Infinity ? 0 : farTail(t, nu);
  const inner = 1 / (1 + square);
  return 0.5 * betaI(inner, 0.5 * nu, 0.5, square * inner);
}

function hillCorrection(z: number, nu: number): number {
  const b = 48 * (nu - 0.5) * (nu - 0.5);
  const w = z * z;
  return (z * (w + 3 - (((4 * w + 33) * w + 240) * w + 855) / (10 * b))) / b;
}

/** The leading term of the tail, t f(t) / nu, exact to a part in t^2. */
function farTail(t: number, nu: number): number {
  return exp(logPdf(t, nu) + log(t) - log(nu));
}

/** t >= 0 with F(-t) = p, 0 <= p < 1/2. */
function upperQuantile(p: number, nu: number): number {
  if (p === 0) return Infinity;
  if (nu >= LARGE) {
    const normal = -inverseNormalCdf(p);
    // The correction is so small that putting the normal deviate in twice is exact.
    const z = normal - hillCorrection(normal - hillCorrection(normal, nu), nu);
    return Math.sqrt(nu * expm1((z * z) / (nu - 0.5)));
  }
  if (p > 0.25 && nu >= 1) return centralQuantile(0.5 - p, nu);
  if (lowerTail(Number.MAX_VALUE, nu) > p) return Infinity;
  let u = log(-inverseNormalCdf(p));
  for (let i = 0; i < 100; i++) {
    const t = exp(u);
    const tail = lowerTail(t, nu);
    const hazard = tail === 0 ? nu : exp(logPdf(t, nu) + u - log(tail));
    const step = (tail === 0 ? -1 : log(tail) - log(p)) / hazard;
    u = Math.min(u + step, LOG_MAX);
    if (Math.abs(step) <= 2e-16 * (1 + Math.abs(u))) break;
  }
  return exp(u);
}

/** t > 0 with F(t) - 1/2 = mass, 0 < mass < 1/4; the start lies below the root, since the density is greatest at 0. */
function centralQuantile(mass: number, nu: number): number {
  let t = mass / exp(logPdf(0, nu));
  for (let i = 0; i < 100; i++) {
    const square = (t / nu) * t;
    const inner = 1 / (1 + square);
    const step = (mass - 0.5 * betaI(square * inner, 0.5, 0.5 * nu, inner)) / exp(logPdf(t, nu));
    t += step;
    if (Math.abs(step) <= 2e-16 * t) break;
  }
  return t;
}
