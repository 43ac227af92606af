/** w, g and the slope of g at a log-moneyness, in doubles, and g once more from exact integers where doubles do not tell. */
import type { Dyadic } from '../../math/dyadic.js';
import { add, multiply, quotientBounds, scaleByPowerOfTwo, toNumber, zero } from '../../math/dyadic.js';
import type { DyadicPolynomial } from '../../math/polynomial.js';
import type { RoundedValue } from '../../math/rounded-polynomial.js';
import { evaluateRounded } from '../../math/rounded-polynomial.js';
import { densityDivisor, exactDensityPolynomial, roundedDensityPolynomial } from './density-polynomial.js';
import type { HyperbolicSlice } from './hyperbola.js';
import { doubleHyperbola, exactHyperbola, isRawSvi, totalVarianceAt, variableAt, variableBounds } from './hyperbola.js';
import type { SliceAt } from './trade.js';

/** g of any smile from w and its derivatives; needs w > 0. */
export function densityFactor(k: number, w: number, dw: number, d2w: number): number {
  const straight = 1 - (k * dw) / (2 * w);
  return straight * straight - 0.25 * dw * dw * (1 / w + 0.25) + 0.5 * d2w;
}

/**
 * A function that gives w and g at k. g comes from the density polynomial in doubles where its rounding bound is below 1e-7 of
 * it, or of a `scale` that matters; else from the exact polynomial at t to 200 digits: with scale 0 the sign is right and the
 * digits are good however close to 0 g is.
 */
export function accurateDensity(p: HyperbolicSlice): (k: number, scale?: number) => SliceAt {
  const h = doubleHyperbola(p);
  const density = roundedDensityPolynomial(p);
  const at: RoundedValue = { value: 0, error: 0 };
  let exactly: ((k: number) => number) | undefined;
  return (k, scale = 0) => {
    const w = totalVarianceAt(h, k);
    const t = variableAt(h, k);
    if (density !== undefined) {
      const { polynomial, unit } = density;
      const x = t / unit;
      const reversed = x > 1;
      evaluateRounded(polynomial, reversed ? 1 / x : x, reversed, at);
      // t itself is a few roundings off, which the powers of t multiply by at most 10.
      // Reversed, the value is already D over the highest power of x.
      const divisor = densityDivisor(p, h.width / unit, x, w, reversed ? x : 1);
      const isOrdinary = divisor > 1e-280 && divisor < 1e280 && w > 0;
      if (isOrdinary && Math.max(Math.abs(at.value), scale * divisor) > 3e7 * at.error) {
        return { g: at.value / divisor, w };
      }
    }
    exactly ??= exactDensity(p);
    return { g: exactly(k), w };
  };
}

/** D/(16 P^2 W^3), or E/(64 W^3), at t to 200 digits; the largest double stands for anything beyond it. */
function exactDensity(p: HyperbolicSlice): (k: number) => number {
  const h = exactHyperbola(p);
  const polynomial = exactDensityPolynomial(p);
  const P = [multiply(multiply(h.scale, h.minus), h.squared), scaleByPowerOfTwo(h.level, 1), multiply(h.scale, h.plus)];
  const at = (q: DyadicPolynomial, t: Dyadic): Dyadic => q.reduceRight((sum, c) => add(multiply(sum, t), c), zero);
  return (k) => {
    const [t] = variableBounds(h, k, 200);
    const W = add(multiply(t, t), h.squared);
    const cube = multiply(W, multiply(W, W));
    const square = multiply(at(P, t), at(P, t));
    const divisor = scaleByPowerOfTwo(isRawSvi(p) ? multiply(square, cube) : cube, isRawSvi(p) ? 4 : 6);
    const g = toNumber(quotientBounds(at(polynomial, t), divisor, 80)[0]);
    return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, g));
  };
}

/** A function that gives dg/dk in doubles. */
export function densitySlope(p: HyperbolicSlice): (k: number) => number {
  const h = doubleHyperbola(p);
  const { scale, rho, offset, width, curvature } = h;
  return (k) => {
    const u = curvature * k + offset;
    const root = Math.sqrt(u * u + width * width);
    const w = totalVarianceAt(h, k);
    const dw = curvature * scale * (rho + u / root);
    const d2w = (curvature * curvature * scale * width * width) / (root * root * root);
    const d3w = (-3 * d2w * curvature * u) / (root * root);
    const straight = 1 - (k * dw) / (2 * w);
    const dStraight = -(dw + k * d2w) / (2 * w) + (k * dw * dw) / (2 * w * w);
    return 2 * straight * dStraight - 0.5 * dw * d2w * (1 / w + 0.25) + (dw * dw * dw) / (4 * w * w) + 0.5 * d3w;
  };
}
