/**
 * The chi-square law with k degrees of freedom (k > 0, need not be whole): the distribution of likelihood-ratio statistics.
 *
 *   P(X <= x) = P(k/2, x/2),   f(x) = (x/2)^(k/2) e^(-x/2) / (x Gamma(k/2))
 *
 * Quantiles by Newton's method in ln x on the logarithm of the smaller tail, which is concave there, so that after at most one
 * overshoot the iterates run to the root from one side. Abramowitz and Stegun (1964), 26.4.
 */
import { InputError } from '../errors.js';
import { exp } from './exponential.js';
import { logGamma } from './gamma.js';
import { gammaP, gammaQ, logGammaWeight } from './incomplete-gamma.js';
import { log } from './logarithm.js';
import { inverseNormalCdf } from './normal.js';

/** The density at x: 0 below 0; at 0 infinite for k < 2, a half for k = 2. Throws InputError unless k > 0 is finite. */
export function chiSquarePdf(x: number, k: number): number {
  requireDegrees(k);
  if (x < 0) return 0;
  if (x === 0) return k < 2 ? Infinity : k === 2 ? 0.5 : 0;
  return (exp(logGammaWeight(0.5 * k, 0.5 * x)) * 0.5 * k) / x;
}

/** The probability of x or less; 0 below 0. Throws InputError unless k > 0 is finite and x is a number. */
export function chiSquareCdf(x: number, k: number): number {
  requireDegrees(k);
  return x < 0 ? 0 : gammaP(0.5 * k, 0.5 * x);
}

/** The probability of more than x, the p-value of a statistic x; 1 below 0. Throws as {@link chiSquareCdf}. */
export function chiSquareSurvival(x: number, k: number): number {
  requireDegrees(k);
  return x < 0 ? 1 : gammaQ(0.5 * k, 0.5 * x);
}

/** x with P(X <= x) = p; 0 at p = 0, Infinity at p = 1. Throws InputError unless k > 0 is finite and 0 <= p <= 1. */
export function chiSquareQuantile(p: number, k: number): number {
  requireDegrees(k);
  if (!(p >= 0 && p <= 1)) throw new InputError('p', p, 'a number from 0 to 1');
  if (p === 0) return 0;
  if (p === 1) return Infinity;
  const a = 0.5 * k;
  return 2 * (p < 0.5 ? lowerQuantile(p, a) : upperQuantile(1 - p, a));
}

function requireDegrees(k: number): void {
  if (!(k > 0 && k < Infinity)) throw new InputError('k', k, 'a finite number above 0');
}

/** x with P(a, x) = p, p < 1/2: from Wilson and Hilferty's point, or the root of the leading term of P, which lies below. */
function lowerQuantile(p: number, a: number): number {
  const leading = (log(p) + logGamma(a + 1)) / a;
  const start = Math.max(leading, log(Math.max(wilsonHilferty(inverseNormalCdf(p), a), 0)));
  return newton(start, a, (x) => gammaP(a, x), log(p), 1);
}

/** x with Q(a, x) = q, q <= 1/2: from Wilson and Hilferty's point, or for a < 1 the exponential law's, which lies above. */
function upperQuantile(q: number, a: number): number {
  const start = a < 1 ? -log(q) : wilsonHilferty(-inverseNormalCdf(q), a);
  return newton(log(start), a, (x) => gammaQ(a, x), log(q), -1);
}

/** The cube root of a gamma variable is nearly normal: Wilson and Hilferty (1931). */
function wilsonHilferty(deviate: number, a: number): number {
  const root = 1 - 1 / (9 * a) + deviate / (3 * Math.sqrt(a));
  return a * root * root * root;
}

function newton(start: number, a: number, tail: (x: number) => number, target: number, sign: 1 | -1): number {
  let u = start;
  for (let i = 0; i < 100; i++) {
    const x = exp(u);
    const probability = tail(x);
    // Where the leading term itself underflows there is nothing to refine.
    if (probability === 0) break;
    const step = ((target - log(probability)) * probability) / (sign * a * exp(logGammaWeight(a, x)));
    u += step;
    if (Math.abs(step) <= 2e-16 * (1 + Math.abs(u))) break;
  }
  return exp(u);
}
