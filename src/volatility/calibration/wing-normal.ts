/**
 * The least-squares objective of one slice by its at-the-money variance theta and its wing slopes R and L, the coordinates that
 * every fit of the SSVI family shares. With D = R - L and S = R + L,
 *
 *   w = (theta + D k + Q) / 2,   Q = sqrt((theta + D k)^2 + 4 R L k^2)
 *   w_theta = (1 + (theta + D k)/Q) / 2,   w_R = (S k^2/Q + k (1 + theta/Q)) / 2,   w_L = (S k^2/Q - k (1 + theta/Q)) / 2
 *
 * A fit chains these ten numbers of a slice to variables of its own: cost, gradient and Gauss-Newton matrix are all it needs.
 */
import { lossCurvature, lossInfluence, lossValue } from '../../math/least-squares/loss.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import { quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';

/** Wing slopes stay below Lee's limit of 2 by what the conversion to (rho, phi) can round, and above what a quote can see. */
export const STEEPEST = 2 * (1 - 2 ** -40);
export const FLATTEST = 1e-9;

/** Numbers that `wingNormal` writes: cost, gradient and packed Gauss-Newton matrix. */
export const WING_NORMAL = 10;

/**
 * Writes the cost, half the sum of rho(r), its gradient and the packed lower triangle of the Gauss-Newton matrix in (theta, R, L);
 * returns the cost, Infinity where a variance is not above 0. Nothing is allocated.
 */
export function wingNormal(
  quotes: FitQuotes,
  theta: number,
  right: number,
  left: number,
  normal: Float64Array,
): number {
  const { count, k, volatility, inverseError, time, plain } = quotes;
  const rate = 1 / time;
  const half = 0.5 * rate;
  const d = right - left;
  const steep = 4 * right * left;
  const halfSum = 0.5 * (right + left);
  let cost = 0;
  let g0 = 0, g1 = 0, g2 = 0, h00 = 0, h10 = 0, h11 = 0, h20 = 0, h21 = 0, h22 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const ki = k[i]!;
    const line = theta + d * ki;
    const square = ki * ki;
    const q = Math.sqrt(line * line + steep * square);
    const w = line >= 0 ? 0.5 * (line + q) : (0.5 * steep * square) / (q - line);
    if (!(w > 0)) return Infinity;
    let r: number;
    let slope: number;
    let influence: number;
    let curvature = 1;
    if (plain) {
      const model = Math.sqrt(w * rate);
      r = (model - volatility[i]!) * inverseError[i]!;
      slope = (inverseError[i]! * half) / model;
      influence = r;
      cost += r * r;
    } else {
      r = quoteResidual(quotes, i, w);
      const halfWidth = quotes.deadzone[i]!;
      cost += lossValue(quotes.loss, r, halfWidth);
      if (r === 0 && Number.isNaN(volatility[i]!)) continue;
      slope = quoteSlope(quotes, i, w);
      influence = lossInfluence(quotes.loss, r, halfWidth);
      curvature = lossCurvature(quotes.loss, r, halfWidth);
    }
    const inverse = 1 / q;
    const wSkew = 0.5 * ki * (1 + theta * inverse);
    const wSum = halfSum * square * inverse;
    const j0 = slope * (0.5 + 0.5 * line * inverse);
    const j1 = slope * (wSum + wSkew);
    const j2 = slope * (wSum - wSkew);
    g0 += j0 * influence;
    g1 += j1 * influence;
    g2 += j2 * influence;
    h00 += curvature * j0 * j0;
    h10 += curvature * j1 * j0;
    h11 += curvature * j1 * j1;
    h20 += curvature * j2 * j0;
    h21 += curvature * j2 * j1;
    h22 += curvature * j2 * j2;
  }
  cost *= 0.5;
  normal[0] = cost;
  normal[1] = g0;
  normal[2] = g1;
  normal[3] = g2;
  normal[4] = h00;
  normal[5] = h10;
  normal[6] = h11;
  normal[7] = h20;
  normal[8] = h21;
  normal[9] = h22;
  return cost;
}

/** The whitened residuals of a slice, written from `row` on; not numbers beyond Lee's bound, where there is no smile. */
export function wingResiduals(quotes: FitQuotes, slice: WingSlice, r: Float64Array, row: number): void {
  const valid = slice.right <= STEEPEST && slice.left <= STEEPEST;
  for (let i = 0; i < quotes.count; i++) {
    r[row + i] = valid ? quoteResidual(quotes, i, wingVariance(slice, quotes.k[i]!)) : NaN;
  }
}

/** d residual / d(theta, R, L) of quote i, written into `slopes`; zeros where a bound holds the residual at 0. */
export function wingSlopes(quotes: FitQuotes, slice: WingSlice, i: number, slopes: Float64Array): void {
  const { theta, right, left } = slice;
  const k = quotes.k[i]!;
  const w = wingVariance(slice, k);
  if (Number.isNaN(quotes.target[i]!) && quoteResidual(quotes, i, w) === 0) {
    slopes.fill(0);
    return;
  }
  const slope = quoteSlope(quotes, i, w);
  const line = theta + (right - left) * k;
  const inverse = 1 / Math.sqrt(line * line + 4 * right * left * k * k);
  const bySkew = 0.5 * k * (1 + theta * inverse);
  const bySum = 0.5 * (right + left) * k * k * inverse;
  slopes[0] = slope * 0.5 * (1 + line * inverse);
  slopes[1] = slope * (bySum + bySkew);
  slopes[2] = slope * (bySum - bySkew);
}

function wingVariance({ theta, right, left }: WingSlice, k: number): number {
  const line = theta + (right - left) * k;
  const product = 4 * right * left * k * k;
  const q = Math.sqrt(line * line + product);
  return line >= 0 ? 0.5 * (line + q) : (0.5 * product) / (q - line);
}

/**
 * theta, R and L from all quotes at once, by the equation of the hyperbola
 *
 *   w = theta + D k + R L k^2 / w,
 *
 * linear in (theta, D, R L) with the quotes' own w on the right: exact where the quotes are. Each equation counts by its precision, and
 * less the farther it is from the money.
 */
export function hyperbolaThrough(quotes: FitQuotes): WingSlice {
  const { count, k, volatility, deviation, time } = quotes;
  let nearest = Infinity;
  let atNearest = NaN;
  for (let i = 0; i < count; i++) {
    const v = volatility[i]!;
    if (v === v && Math.abs(k[i]!) < nearest) {
      nearest = Math.abs(k[i]!);
      atNearest = v;
    }
  }
  const level = atNearest * atNearest * time;
  const width = Math.max(Math.sqrt(level), 2 * nearest);
  const perWidth = 1 / width;
  const perVariance = 1 / (atNearest * atNearest);
  let s0 = 0, s1 = 0, s2 = 0, s11 = 0, s12 = 0, s22 = 0, y0 = 0, y1 = 0, y2 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const v = volatility[i]!;
    if (v !== v) continue;
    const u = k[i]! * perWidth;
    const y = v * v * perVariance;
    const b = (u * u) / y;
    const error = v * deviation[i]!;
    const weight = 1 / (error * error * (1 + b));
    const byU = weight * u;
    const byB = weight * b;
    s0 += weight;
    s1 += byU;
    s2 += byB;
    s11 += byU * u;
    s12 += byU * b;
    s22 += byB * b;
    y0 += weight * y;
    y1 += byU * y;
    y2 += byB * y;
  }
  // The inverse of the symmetric matrix by its minors.
  const m00 = s11 * s22 - s12 * s12;
  const m01 = s2 * s12 - s1 * s22;
  const m02 = s1 * s12 - s2 * s11;
  const m11 = s0 * s22 - s2 * s2;
  const m12 = s1 * s2 - s0 * s12;
  const m22 = s0 * s11 - s1 * s1;
  const inverse = 1 / (s0 * m00 + s1 * m01 + s2 * m02);
  const c0 = (m00 * y0 + m01 * y1 + m02 * y2) * inverse;
  const c1 = (m01 * y0 + m11 * y1 + m12 * y2) * inverse;
  const c2 = (m02 * y0 + m12 * y1 + m22 * y2) * inverse;
  const usable = c0 > 0.2 && c0 < 5 && Number.isFinite(c1) && Number.isFinite(c2);
  const theta = usable ? c0 * level : level;
  const skew = usable ? c1 * level * perWidth : 0;
  const product = usable ? Math.max(0, c2 * level * level * perWidth * perWidth) : 0;
  // Some curvature in every start: a smile without any cannot be bent by its gradient.
  const sum = Math.max(Math.sqrt(skew * skew + 4 * product), 1.05 * Math.abs(skew), 0.3 * level * perWidth);
  return { theta, right: 0.5 * (sum + skew), left: 0.5 * (sum - skew) };
}
