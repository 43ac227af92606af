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
import { scaledBlack } from './black.js';
import { GUESS_LIMIT, inflectionValue, lowerGuess, lowerVariable, upperGuess } from './implied-volatility-guess.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** After a step shorter than this, relative to s, nothing is left to correct. */
const LAST_STEP = 1e-4;
const MAXIMUM_STEPS = 100;

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
    const w = lowerVariable(x, p);
    const s = lowerGuess(x, root, w);
    return s + s * lowerStep(x, s, w, lowerResidual(x, s, p));
  }
  const s = upperGuess(root, p, inflection);
  return s + s * (p < 0.5 ? middleStep(x, s, lowerResidual(x, s, p)) : upperStep(x, s, upperResidual(x, s, p)));
}

function limit(x: number, p: number): number {
  if (!(x >= 0 && x < Infinity)) return NaN;
  return p === 0 ? 0 : p === 1 ? Infinity : NaN;
}

/** ln p - ln p(s). */
function lowerResidual(x: number, s: number, p: number): number {
  const h = x / s;
  const t = 0.5 * s;
  return log((SQRT_TWO_PI * p * inverseGaussian(h - t)) / scaledBlack(h, t));
}

/** ln(1 - p) - ln(1 - p(s)). */
function upperResidual(x: number, s: number, p: number): number {
  const h = x / s;
  const t = 0.5 * s;
  return log((SQRT_TWO_PI * (1 - p) * inverseGaussian(h - t)) / (mills(t - h) + mills(h + t)));
}

// The steps below return ds/s. With f the logarithm that is matched: slope = s f', f2 = s f''/f', and f3, f4 alike, made
// from the ratios of p itself: p''/p' = a/s, a = h^2 - t^2, and its derivatives.

/** Fifth-order step, from Newton's own and the ratios of derivatives: Householder (1970) with d = 4. */
function householder(newton: number, f2: number, f3: number, f4: number): number {
  const a2 = 0.5 * f2 * newton;
  const a3 = (f3 * newton * newton) / 6;
  const a4 = (f4 * newton * newton * newton) / 24;
  const g3 = 1 + 2 * a2 + a3;
  return (newton * g3) / (g3 + a2 * (1 + a2) + a3 + a4);
}

/** Step on ln p, or on ln(1 - p) with its own slope. */
function logarithmStep(h: number, t: number, slope: number, residual: number): number {
  const a = (h - t) * (h + t);
  const h2 = h * h;
  const a1 = -3 * h2 - t * t;
  const p3 = a * a + a1;
  const p4 = a * (a * a + 3 * a1) + 12 * h2;
  const f2 = a - slope;
  const f3 = p3 - slope * (3 * a - 2 * slope);
  const f4 = p4 - slope * (4 * p3 + 3 * a * a - slope * (12 * a - 6 * slope));
  return householder(residual / slope, f2, f3, f4);
}

function middleStep(x: number, s: number, residual: number): number {
  const h = x / s;
  const t = 0.5 * s;
  return logarithmStep(h, t, s / scaledBlack(h, t), residual);
}

function upperStep(x: number, s: number, residual: number): number {
  const h = x / s;
  const t = 0.5 * s;
  return logarithmStep(h, t, -s / (mills(t - h) + mills(h + t)), residual);
}

/** Step on 1/y, y = ln p - constant, with the constant that puts the target at y = -w/2. */
function lowerStep(x: number, s: number, w: number, residual: number): number {
  const h = x / s;
  const t = 0.5 * s;
  const slope = s / scaledBlack(h, t);
  const a = (h - t) * (h + t);
  const h2 = h * h;
  const a1 = -3 * h2 - t * t;
  const p3 = a * a + a1;
  const p4 = a * (a * a + 3 * a1) + 12 * h2;
  const l2 = a - slope;
  const l3 = p3 - slope * (3 * a - 2 * slope);
  const l4 = p4 - slope * (4 * p3 + 3 * a * a - slope * (12 * a - 6 * slope));
  const target = -0.5 * w;
  const here = target - residual;
  const q = slope / here;
  const f2 = l2 - 2 * q;
  const f3 = l3 - 6 * q * (l2 - q);
  const f4 = l4 - q * (8 * l3 + 6 * l2 * l2 - q * (36 * l2 - 24 * q));
  return householder(((residual / slope) * here) / target, f2, f3, f4);
}

/** The same steps from a rougher guess, repeated inside a bracket: for x beyond the guesses. */
function bracketedSolution(x: number, p: number): number {
  const upperHalf = p >= 0.5;
  const inflection = 0.5 - INVERSE_SQRT_TWO_PI * mills(Math.sqrt(2 * x));
  const w = lowerVariable(x, p);
  let lower = 0;
  let upper = Infinity;
  let s = farGuess(x, p);
  for (let i = 0; i < MAXIMUM_STEPS; i++) {
    const residual = upperHalf ? -upperResidual(x, s, p) : lowerResidual(x, s, p);
    if (residual > 0) lower = s;
    else if (residual < 0) upper = s;
    const step = upperHalf
      ? upperStep(x, s, -residual)
      : p < inflection
        ? lowerStep(x, s, w, residual)
        : middleStep(x, s, residual);
    const next = s + s * step;
    if (Math.abs(step) < LAST_STEP) return next;
    s =
      next > lower && next < upper
        ? next
        : upper === Infinity
          ? 2 * s
          : lower === 0
            ? 0.5 * s
            : Math.sqrt(lower) * Math.sqrt(upper);
  }
  return s;
}

/**
 * For large x the strike's part e^x Phi(-h - t) is the smaller one: Phi(t - h) = p, then once more with the ratio of the two parts
 * taken from the first answer. t - h = z gives t = (z + sqrt(z^2 + 2x)) / 2.
 */
function farGuess(x: number, p: number): number {
  const z = inverseNormalCdf(p);
  const t = 0.5 * (z + Math.sqrt(z * z + 2 * x));
  const h = t - z;
  // p' = phi, so the two parts are phi M(h - t) and phi M(h + t).
  const improved = z < 0 ? p / (1 - mills(h + t) / mills(-z)) : p;
  if (!(improved > 0 && improved < 1)) return 2 * t;
  const better = inverseNormalCdf(improved);
  return better + Math.sqrt(better * better + 2 * x);
}
