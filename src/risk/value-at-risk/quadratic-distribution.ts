/**
 * The distribution of Q = c + sum_j e_j y_j + 1/2 lambda_j y_j^2 with independent standard normals y, by inverting its moment
 * generating function
 *
 *   M(s) = exp(c s) prod_j (1 - s lambda_j)^(-1/2) exp( 1/2 s^2 e_j^2 / (1 - s lambda_j) )
 *   P(Q < x)       = -1/(2 pi i) int M(s) exp(-s x) / s   ds        along a path that crosses the real axis at s0 < 0
 *   E[(x - Q)^+]   =  1/(2 pi i) int M(s) exp(-s x) / s^2 ds
 *
 * The path crosses at the saddle point of the integrand, where it is largest on the axis and falls off fastest beside it. Straight up it
 * only falls; at the height h the path bends to the side where the integrand dies out exponentially:
 *
 *   s = s0 +- b (sqrt(h^2 + y^2) - h) + i y,    y = w sinh t
 *
 * and the trapezoidal rule in t converges exponentially. Bent too early, the path passes near a pole of the exponent, where the
 * integrand is far above its value at the saddle point and its digits cancel: h is the least for which it stays below. Relative
 * accuracy holds in the far tail, because the saddle point takes the tail's size out of the integral. Rice, "Distribution of quadratic
 * forms in normal random variables" (1980).
 */
import { exp } from '../../math/exponential.js';
import type { IndependentTerms } from './quadratic-book.js';

export interface LowerTail {
  /** P(Q < x) */
  probability: number;
  /** E[(x - Q)^+] */
  shortfall: number;
}

/** Bend of the path: its real part moves half as fast as its imaginary one, so that exp(s^2) dies out as well. */
const BEND = 0.5;
const NEGLIGIBLE = 1e-18;
/** Logarithm of how far the integrand may rise above its value at the saddle point. */
const HIGHEST_RISE = 1;
/** Logarithm of where it has died out. */
const DEAD = -42;

/** s0 +- BEND (sqrt(height^2 + y^2) - height) + i y with y = width sinh t */
interface Path {
  s0: number;
  width: number;
  height: number;
  side: 1 | -1;
}

/** The least value Q can take; -Infinity where there is none. */
export function leastValue({ constant, linear, square }: IndependentTerms): number {
  let least = constant;
  for (let j = 0; j < square.length; j++) {
    if (square[j]! < 0 || (square[j] === 0 && linear[j] !== 0)) return -Infinity;
    if (square[j]! > 0) least -= (0.5 * linear[j]! ** 2) / square[j]!;
  }
  return least;
}

/** Q must vary. */
export function lowerTail(terms: IndependentTerms, x: number): LowerTail {
  if (x <= leastValue(terms)) return { probability: 0, shortfall: 0 };
  const path = descent(terms, x);
  let step = 0.5;
  let last = sumAlong(terms, x, path, step);
  for (;;) {
    step /= 2;
    const next = sumAlong(terms, x, path, step);
    const settled = Math.abs(next.probability - last.probability) <= 1e-13 * Math.abs(next.probability);
    if (settled || step < 1e-3) return next;
    last = next;
  }
}

/** From the saddle point, bent as early as the integrand allows. */
function descent(terms: IndependentTerms, x: number): Path {
  const s0 = saddlePoint(terms, x);
  const width = 1 / Math.sqrt(derivatives(terms, s0, x).second);
  const atInfinity = slopeAtInfinity(terms, x) < 0 ? 1 : -1;
  let path: Path = { s0, width, height: width, side: atInfinity };
  for (let height = width; height < 1e40 * width; height *= 2) {
    for (const side of [atInfinity, atInfinity === 1 ? -1 : 1] as const) {
      path = { s0, width, height, side };
      if (staysBelow(terms, x, path)) return path;
    }
  }
  return path;
}

/** Whether the integrand dies out along the path without rising above its value at the saddle point. */
function staysBelow(terms: IndependentTerms, x: number, path: Path): boolean {
  const start = exponent(terms, path.s0, 0, x)[0];
  for (let t = 0.25; t < 100; t += 0.25) {
    const y = path.width * 0.5 * (exp(t) - exp(-t));
    const rise = exponent(terms, along(path, y), y, x)[0] - start;
    if (!(rise < HIGHEST_RISE)) return false;
    if (rise < DEAD) return true;
  }
  return true;
}

/** Real part of the path at the height y. */
function along({ s0, height, side }: Path, y: number): number {
  // y^2 / (sqrt(h^2 + y^2) + h), which does not cancel.
  return s0 + (side * BEND * y * y) / (Math.sqrt(height * height + y * y) + height);
}

/** Trapezoidal rule over t; by symmetry twice the real part of the upper half. */
function sumAlong(terms: IndependentTerms, x: number, path: Path, step: number): LowerTail {
  const { width, height, side } = path;
  let probability = 0;
  let shortfall = 0;
  for (let i = 0; ; i++) {
    const t = i * step;
    const cosh = 0.5 * (exp(t) + exp(-t));
    const sinh = i === 0 ? 0 : 0.5 * (exp(t) - exp(-t));
    const im = width * sinh;
    const re = along(path, im);
    // ds/dt
    const dim = width * cosh;
    const dre = (side * BEND * im * dim) / Math.sqrt(height * height + im * im);
    const [logSize, phase] = exponent(terms, re, im, x);
    const size = exp(logSize);
    const fr = size * Math.cos(phase);
    const fi = size * Math.sin(phase);
    // f ds/s and f ds/s^2; the real part of 1/(2 pi i) z is Im z / (2 pi).
    const norm = re * re + im * im;
    const qr = (dre * re + dim * im) / norm;
    const qi = (dim * re - dre * im) / norm;
    const ur = fr * qr - fi * qi;
    const ui = fr * qi + fi * qr;
    const vi = (ui * re - ur * im) / norm;
    const weight = i === 0 ? 1 : 2;
    probability -= weight * ui;
    shortfall += weight * vi;
    if (i > 0 && size * Math.hypot(qr, qi) < NEGLIGIBLE * Math.abs(probability)) break;
    if (t > 600) break;
  }
  const scale = step / (2 * Math.PI);
  return { probability: probability * scale, shortfall: shortfall * scale };
}

/** Real and imaginary part of ln M(s) - s x. */
function exponent({ constant, linear, square }: IndependentTerms, re: number, im: number, x: number): [number, number] {
  let real = (constant - x) * re;
  let imaginary = (constant - x) * im;
  for (let j = 0; j < square.length; j++) {
    const ar = 1 - re * square[j]!;
    const ai = -im * square[j]!;
    const norm = ar * ar + ai * ai;
    real -= 0.25 * Math.log(norm);
    imaginary -= 0.5 * Math.atan2(ai, ar);
    const half = 0.5 * linear[j]! * linear[j]!;
    const sr = re * re - im * im;
    const si = 2 * re * im;
    real += (half * (sr * ar + si * ai)) / norm;
    imaginary += (half * (si * ar - sr * ai)) / norm;
  }
  return [real, imaginary];
}

/** Of ln M(s) - s x as |s| grows, where no term is normal: c - x - sum e^2 / (2 lambda). */
function slopeAtInfinity({ constant, linear, square }: IndependentTerms, x: number): number {
  let slope = constant - x;
  for (let j = 0; j < square.length; j++) {
    if (square[j] !== 0) slope -= (0.5 * linear[j]! * linear[j]!) / square[j]!;
  }
  return slope;
}

/** First and second derivative of ln M(s) - s x - ln(-s) on the real axis. */
function derivatives(
  { constant, linear, square }: IndependentTerms,
  s: number,
  x: number,
): { first: number; second: number } {
  let first = constant - x - 1 / s;
  let second = 1 / (s * s);
  for (let j = 0; j < square.length; j++) {
    const lambda = square[j]!;
    const a = 1 - s * lambda;
    const e2 = linear[j]! * linear[j]!;
    first += (0.5 * lambda) / a + (e2 * s * (1 - 0.5 * s * lambda)) / (a * a);
    second += (0.5 * lambda * lambda) / (a * a) + e2 / (a * a * a);
  }
  return { first, second };
}

/** Where ln M(s) - s x - ln(-s), convex, is least on (1 / min lambda, 0). */
function saddlePoint(terms: IndependentTerms, x: number): number {
  const least = Math.min(0, ...terms.square);
  let variance = 0;
  for (let j = 0; j < terms.square.length; j++) variance += 0.5 * terms.square[j]! ** 2 + terms.linear[j]! ** 2;
  let upper = -1e-3 / Math.sqrt(variance);
  while (derivatives(terms, upper, x).first < 0) upper /= 2;
  let lower: number;
  if (least < 0) {
    lower = 1 / least;
    if (upper <= lower) upper = 0.5 * lower;
    while (derivatives(terms, upper, x).first < 0) upper /= 2;
  } else {
    lower = 2 * upper;
    while (derivatives(terms, lower, x).first > 0 && lower > -1e280 / Math.sqrt(variance)) lower *= 2;
  }
  // Anywhere near the minimum serves: bisection in the logarithm of -s is enough.
  let near = -upper;
  let far = -lower;
  for (let i = 0; i < 80 && far - near > 1e-6 * near; i++) {
    const middle = far > 4 * near ? Math.sqrt(near * far) : 0.5 * (near + far);
    if (derivatives(terms, -middle, x).first > 0) near = middle;
    else far = middle;
  }
  return -0.5 * (near + Math.min(far, 2 * near));
}
