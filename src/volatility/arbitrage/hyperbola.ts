/**
 * Raw SVI and SSVI in one form without square roots, so that stored doubles stay exact:
 *
 *   phi k = u - c,   R = sqrt(u^2 + s),   w = A + B (rho u + R),   dw/dk = phi B (rho + u/R),   d2w/dk2 = phi^2 B s / R^3
 *
 *   raw SVI   A = a                      B = b         c = -m      s = sigma^2     phi = 1
 *   SSVI      A = theta (1 - rho^2)/2    B = theta/2   c = rho     s = 1 - rho^2   phi as stored
 *
 * With t = u + R > 0 everything is rational in t, because R - u = s/t:
 *
 *   u = (t - s/t)/2,   R = (t + s/t)/2,   w = (B (1 + rho) t + 2 A + B (1 - rho) s/t)/2
 *
 * t runs upwards through (0, infinity) as k runs upwards through the whole line.
 */
import type { Dyadic } from '../../math/dyadic.js';
import * as exact from '../../math/dyadic.js';
import type { Interval } from '../../math/interval.js';
import * as intervals from '../../math/interval.js';
import type { SsviSlice, SviParameters } from '../smile/parameters.js';

/** The form above in exact numbers; `plus` and `minus` are 1 + rho and 1 - rho. */
export interface ExactHyperbola {
  readonly level: Dyadic;
  readonly scale: Dyadic;
  readonly plus: Dyadic;
  readonly minus: Dyadic;
  readonly offset: Dyadic;
  readonly squared: Dyadic;
  readonly curvature: Dyadic;
}

/** A slice whose w is a branch of a hyperbola. */
export type HyperbolicSlice = SviParameters | SsviSlice;

export function isRawSvi(p: HyperbolicSlice): p is SviParameters {
  return 'sigma' in p;
}

export function exactHyperbola(p: HyperbolicSlice): ExactHyperbola {
  const rho = exact.dyadic(p.rho);
  const plus = exact.add(exact.one, rho);
  const minus = exact.subtract(exact.one, rho);
  if (isRawSvi(p)) {
    const sigma = exact.dyadic(p.sigma);
    return {
      level: exact.dyadic(p.a),
      scale: exact.dyadic(p.b),
      plus,
      minus,
      offset: exact.negate(exact.dyadic(p.m)),
      squared: exact.multiply(sigma, sigma),
      curvature: exact.one,
    };
  }
  const squared = exact.multiply(plus, minus);
  const scale = exact.scaleByPowerOfTwo(exact.dyadic(p.theta), -1);
  return {
    level: exact.multiply(scale, squared),
    scale,
    plus,
    minus,
    offset: rho,
    squared,
    curvature: exact.dyadic(p.phi),
  };
}

/** t at a double k: dyadic bounds, `digits` binary digits apart. */
export function variableBounds(h: ExactHyperbola, k: number, digits: number): [lower: Dyadic, upper: Dyadic] {
  const u = exact.add(exact.multiply(h.curvature, exact.dyadic(k)), h.offset);
  const radicand = exact.add(exact.multiply(u, u), h.squared);
  // R - |u| = s/(R + |u|) loses digits to cancellation, so the root is taken to that many more.
  const lost = Math.max(0, 2 * exact.binaryExponent(radicand) - 2 * exact.binaryExponent(h.squared));
  const [low, high] = exact.squareRootBounds(radicand, digits + lost + 8);
  return [exact.add(u, low), exact.add(u, high)];
}

/** The double form, for values that need no proof and for bounds by interval arithmetic. */
export interface DoubleHyperbola {
  readonly level: number;
  readonly scale: number;
  readonly rho: number;
  readonly offset: number;
  /** sqrt(s). */
  readonly width: number;
  readonly curvature: number;
}

export function doubleHyperbola(p: HyperbolicSlice): DoubleHyperbola {
  if (isRawSvi(p)) {
    return { level: p.a, scale: p.b, rho: p.rho, offset: -p.m, width: p.sigma, curvature: 1 };
  }
  const squared = (1 - p.rho) * (1 + p.rho);
  return {
    level: 0.5 * p.theta * squared,
    scale: 0.5 * p.theta,
    rho: p.rho,
    offset: p.rho,
    width: Math.sqrt(squared),
    curvature: p.phi,
  };
}

/** sqrt(u^2 + width^2), also where the squares leave the doubles. */
function distance(u: number, width: number): number {
  const squared = u * u + width * width;
  if (squared > 1e-280 && squared < 1e280) return Math.sqrt(squared);
  const size = Math.max(Math.abs(u), width);
  return size * Math.sqrt((u / size) * (u / size) + (width / size) * (width / size));
}

/** t at k, in doubles without cancellation. */
export function variableAt(h: DoubleHyperbola, k: number): number {
  const u = h.curvature * k + h.offset;
  const root = distance(u, h.width);
  return u >= 0 ? u + root : (h.width / (root - u)) * h.width;
}

/** w at k, in doubles. */
export function totalVarianceAt(h: DoubleHyperbola, k: number): number {
  const u = h.curvature * k + h.offset;
  const root = distance(u, h.width);
  // rho u + R = (1 + rho) u + (R - u) for u >= 0: two terms of one sign.
  const tail = (h.width / (root + Math.abs(u))) * h.width;
  return h.level + h.scale * (u >= 0 ? (1 + h.rho) * u + tail : (h.rho - 1) * u + tail);
}

/** dw/dk at k, in doubles. */
export function slopeAt(h: DoubleHyperbola, k: number): number {
  const u = h.curvature * k + h.offset;
  return h.curvature * h.scale * (h.rho + u / distance(u, h.width));
}

/** All k that a t in the interval, t > 0, can stand for. */
export function logMoneynessOf(p: HyperbolicSlice, t: Interval): Interval {
  const { add, divide, interval, multiply, square, subtract } = intervals;
  let squared: Interval;
  let offset: Interval;
  let curvature: Interval;
  if (isRawSvi(p)) {
    squared = square(interval(p.sigma));
    offset = interval(-p.m);
    curvature = interval(1);
  } else {
    const rho = interval(p.rho);
    squared = multiply(subtract(interval(1), rho), add(interval(1), rho));
    offset = rho;
    curvature = interval(p.phi);
  }
  const twiceU = subtract(t, divide(squared, t));
  return divide(subtract(multiply(interval(0.5), twiceU), offset), curvature);
}

/** All t that a k in the interval can stand for. */
export function variableOf(p: HyperbolicSlice, k: number): Interval {
  const h = exactHyperbola(p);
  const [lower, upper] = variableBounds(h, k, 60);
  return { lower: exact.roundDown(lower), upper: exact.roundUp(upper) };
}

/** The k of an exact t > 0: dyadic bounds, about `digits` binary digits apart. */
export function logMoneynessBounds(h: ExactHyperbola, t: Dyadic, digits: number): [lower: Dyadic, upper: Dyadic] {
  const { multiply, quotientBounds, scaleByPowerOfTwo, subtract } = exact;
  // phi k = (t - s/t)/2 - c = (t^2 - 2 c t - s)/(2 t)
  const numerator = subtract(multiply(t, subtract(t, scaleByPowerOfTwo(h.offset, 1))), h.squared);
  return quotientBounds(numerator, scaleByPowerOfTwo(multiply(t, h.curvature), 1), digits);
}

/** The sign of w at a double k, exactly. */
export function totalVarianceSign(h: ExactHyperbola, k: number): number {
  const { add, dyadic, multiply, one, signOfSumWithRoot, subtract } = exact;
  const u = add(multiply(h.curvature, dyadic(k)), h.offset);
  const rho = subtract(h.plus, one);
  const linear = add(h.level, multiply(h.scale, multiply(rho, u)));
  const radicand = multiply(multiply(h.scale, h.scale), add(multiply(u, u), h.squared));
  return signOfSumWithRoot(linear, radicand);
}

/** The sign of dw/dk at a double k, exactly, for a slice that is not flat: that of u + rho R. */
export function slopeSign(h: ExactHyperbola, k: number): number {
  const { add, dyadic, multiply, one, sign, signOfSumWithRoot, negate, subtract } = exact;
  const u = add(multiply(h.curvature, dyadic(k)), h.offset);
  const rho = subtract(h.plus, one);
  const radicand = multiply(multiply(rho, rho), add(multiply(u, u), h.squared));
  return sign(rho) >= 0 ? signOfSumWithRoot(u, radicand) : -signOfSumWithRoot(negate(u), radicand);
}

/** The smallest w of a slice that is not flat, A + B sqrt((1 - rho^2) s), to all digits of a double. */
export function minimumVariance({ level, scale, plus, minus, squared }: ExactHyperbola): number {
  const radicand = exact.multiply(exact.multiply(scale, scale), exact.multiply(exact.multiply(plus, minus), squared));
  // A + r = (A^2 - r^2)/(A - r) where A < 0: the difference of squares is exact.
  const [root] = exact.squareRootBounds(radicand, 100);
  if (exact.sign(level) >= 0) return exact.toNumber(exact.add(level, root));
  const difference = exact.subtract(exact.multiply(level, level), radicand);
  return exact.toNumber(exact.quotientBounds(difference, exact.subtract(level, root), 80)[0]);
}

/** The sign of the smallest w of a slice that is not flat: of A + B sqrt((1 - rho^2) s), exactly. */
export function minimumSign(h: ExactHyperbola): number {
  const { multiply, signOfSumWithRoot } = exact;
  const radicand = multiply(multiply(h.scale, h.scale), multiply(multiply(h.plus, h.minus), h.squared));
  return signOfSumWithRoot(h.level, radicand);
}
