/**
 * Black's implied volatility in normalised form: s = sigma sqrt(T) from x = |ln(F/K)| and p, the out-of-the-money value over
 * min(F, K). One guess and one Householder step of fifth order; no allocation.
 *
 *   h = x/s,  t = s/2,  B = M(h - t) - M(h + t),  p(s) = phi(h - t) B,  p' = phi(h - t),  1 - p = phi(h - t) [M(t - h) + M(h + t)]
 *
 * The step is taken on the objective that is nearly linear where p lies:
 *
 *   below the inflection s = sqrt(2x):   1/(ln p - constant), the constant chosen so that one end is the guess's own variable
 *   above it, p < 1/2:                   ln p
 *   p >= 1/2:                            ln(1 - p)
 *
 * A step turns a relative error e into less than 0.1 e^5, so a guess good to 7e-4 leaves nothing above 2e-17. Beyond x = 3 the guess
 * comes from the inverse normal law and the step is repeated inside a bracket, where it cannot leave nor fail. The residual is
 * a logarithm of a ratio near 1, so its rounding enters s damped by B/s = p/(s p').
 * Normalised form and the objectives: Jaeckel, Let's be Rational (2015); guesses and steps here are our own.
 */
import { log } from '../math/logarithm.js';
import { inverseGaussian, mills, SQRT_TWO_PI } from '../math/mills.js';
import { inverseNormalCdf } from '../math/normal.js';
import { outOfTheMoneyFraction, scaledBlack } from './black.js';
import { LEAST_VALUE } from './price-bounds.js';
import { GUESS_LIMIT, inflectionValue, lowerGuess, lowerVariable, upperGuess } from './implied-volatility-guess.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** After a step shorter than this, relative to s, nothing is left to correct. */
const LAST_STEP = 1e-4;
const MAXIMUM_STEPS = 100;
/** Next to the money, h below a twentieth, ln p is the better objective: the reciprocal one degenerates as w goes to 0. */
const LEAST_RECIPROCAL = 0.1;

/**
 * s = sigma sqrt(T) at which an option at log-moneyness x = |ln(F/K)| >= 0 is worth p per unit of min(F, K). |ds/s| is at most
 * 8 x 2^-53 (1 + p/(s p')) for p >= 1e-300 and 1 - p >= 2^-40; outside that a double p need not determine s. 0 for p = 0 and
 * Infinity for p = 1, the limits; NaN where x or p is NaN or out of range.
 */
export function impliedStandardDeviation(x: number, p: number): number {
  if (!(p > 0 && p < 1 && x >= 0 && x < Infinity)) return limit(x, p);
  if (x > GUESS_LIMIT) return bracketedSolution(x, p);
  const root = Math.sqrt(x);
  const inflection = inflectionValue(root);
  if (p < inflection) {
    if (p < LEAST_VALUE) return bracketedSolution(x, p);
    const w = lowerVariable(x, p);
    const s = lowerGuess(x, root, w);
    return s + s * lowerStep(x, s, p, w < LEAST_RECIPROCAL ? 0 : w);
  }
  const s = upperGuess(root, p, inflection);
  return s + s * (p < 0.5 ? lowerStep(x, s, p, 0) : upperStep(x, s, p));
}

function limit(x: number, p: number): number {
  if (!(x >= 0 && x < Infinity)) return NaN;
  return p === 0 ? 0 : p === 1 ? Infinity : NaN;
}

/** ds/s from matching ln p; with w > 0 on the objective 1/y, y = ln p - constant, whose constant puts the target at y = -w/2. */
function lowerStep(x: number, s: number, p: number, w: number): number {
  const h = x / s;
  const t = 0.5 * s;
  const ratio = scaledBlack(h, t);
  const residual = log((SQRT_TWO_PI * p * inverseGaussian(h - t)) / ratio);
  const slope = s / ratio;
  if (w === 0) return householder(h, t, slope, residual / slope, 0);
  const target = -0.5 * w;
  const here = target - residual;
  return householder(h, t, slope, ((residual / slope) * here) / target, slope / here);
}

/** ds/s from matching ln(1 - p). */
function upperStep(x: number, s: number, p: number): number {
  const h = x / s;
  const t = 0.5 * s;
  const ratio = mills(t - h) + mills(h + t);
  const residual = log((SQRT_TWO_PI * (1 - p) * inverseGaussian(h - t)) / ratio);
  const slope = -s / ratio;
  return householder(h, t, slope, residual / slope, 0);
}

/**
 * ds/s by Householder's iteration of fifth order (1970) from Newton's own step on an objective g(f), where f = ln p or ln(1 - p),
 * slope = s f', and g is the identity (q = 0) or 1/y with q = s f'/y. The higher derivatives of f follow from p''/p' = a/s,
 * a = h^2 - t^2; all are taken relative to the first and in units of s, so nothing overflows.
 */
function householder(h: number, t: number, slope: number, newton: number, q: number): number {
  const a = (h - t) * (h + t);
  const h2 = h * h;
  const a2 = a * a;
  const b = -3 * h2 - t * t;
  const p3 = a2 + b;
  const p4 = a * (a2 + 3 * b) + 12 * h2;
  const l2 = a - slope;
  const l3 = p3 - slope * (3 * a - 2 * slope);
  const l4 = p4 - slope * (4 * p3 + 3 * a2 - slope * (12 * a - 6 * slope));
  const f2 = l2 - 2 * q;
  const f3 = l3 - 6 * q * (l2 - q);
  const f4 = l4 - q * (8 * l3 + 6 * l2 * l2 - q * (36 * l2 - 24 * q));
  const c2 = 0.5 * f2 * newton;
  const c3 = (f3 * newton * newton) / 6;
  const c4 = (f4 * newton * newton * newton) / 24;
  const numerator = 1 + 2 * c2 + c3;
  return (newton * numerator) / (numerator + c2 * (1 + c2) + c3 + c4);
}

/** The same steps from a rougher guess, repeated inside a bracket: for x and p beyond the fitted guesses. */
function bracketedSolution(x: number, p: number): number {
  const inflection = 0.5 - INVERSE_SQRT_TWO_PI * mills(Math.sqrt(2 * x));
  const w = p < inflection ? lowerVariable(x, p) : 0;
  let lower = 0;
  let upper = Infinity;
  let s = farGuess(x, p);
  for (let i = 0; i < MAXIMUM_STEPS; i++) {
    const step = p < 0.5 ? lowerStep(x, s, p, w) : upperStep(x, s, p);
    const next = s + s * step;
    if (Math.abs(step) < LAST_STEP) return next;
    if (outOfTheMoneyFraction(x, s) < p) lower = s;
    else upper = s;
    s = next > lower && next < upper ? next : inside(lower, upper, s);
  }
  return s;
}

/** A point of the bracket, which may be open on either side of s. */
function inside(lower: number, upper: number, s: number): number {
  if (upper === Infinity) return 2 * s;
  return lower === 0 ? 0.5 * s : Math.sqrt(lower) * Math.sqrt(upper);
}

/**
 * For large x the strike's part e^x Phi(-h - t) is the smaller one: Phi(t - h) = p, then once more with the ratio of the two parts
 * taken from the first answer.
 */
function farGuess(x: number, p: number): number {
  const z = inverseNormalCdf(p);
  const t = halfDeviation(z, x);
  // The two parts are phi(h - t) M(h - t) and phi(h - t) M(h + t), with h - t = -z.
  const improved = z < 0 ? p / (1 - mills(2 * t - z) / mills(-z)) : p;
  if (!(improved > 0 && improved < 1)) return 2 * t;
  return 2 * halfDeviation(inverseNormalCdf(improved), x);
}

/** t with t - h = z and h t = x/2. */
function halfDeviation(z: number, x: number): number {
  const root = Math.sqrt(z * z + 2 * x);
  return z < 0 ? x / (root - z) : 0.5 * (z + root);
}
