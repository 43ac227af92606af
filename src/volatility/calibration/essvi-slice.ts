/**
 * One eSSVI slice fitted after the slice before it, inside the box of essvi-wings.ts: x = (e, r, l), the excess of theta over its
 * least value and the steps of both wing slopes, all 0 or more. With S = R + L and D = R - L,
 *
 *   w = (theta + D k + Q) / 2,   Q = sqrt(theta^2 + 2 theta D k + S^2 k^2)
 *   w_theta = (1 + (theta + D k)/Q) / 2,   w_D = k (1 + theta/Q) / 2,   w_S = S k^2 / (2 Q)
 *
 * The start is the parabola through the quotes near the money: w(0) = theta, w'(0) = D, w''(0) = (S^2 - D^2) / (2 theta).
 */
import { lossCurvature, lossInfluence, lossValue } from '../../math/least-squares/loss.js';
import { normalSearch } from '../../math/least-squares/normal-search.js';
import type { NormalSearch } from '../../math/least-squares/normal-search.js';
import { leastSlope, leastTheta } from '../smile/essvi-wings.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import { quoteResidual, quoteSlope } from './svi-objective.js';
import type { FitQuotes } from './quotes.js';

/** Wing slopes stay below Lee's limit of 2 by what the conversion to (rho, phi) can round, and above what a quote can see. */
export const STEEPEST = 2 * (1 - 2 ** -40);
export const FLATTEST = 1e-9;

export interface EssviSliceSearch extends NormalSearch {
  slice: WingSlice;
  /** Whether a condition against arbitrage holds the slice. */
  bound: boolean;
}

const x = new Float64Array(3);
const low = new Float64Array(3);
const high = new Float64Array(3);

/** Fits the slice; `before` is the slice of the expiry before, if any. */
export function searchEssviSlice(quotes: FitQuotes, before: WingSlice | undefined): EssviSliceSearch {
  const rightFloor = before === undefined ? FLATTEST : leastSlope(before.right);
  const leftFloor = before === undefined ? FLATTEST : leastSlope(before.left);
  const start = parabola(quotes);
  high[0] = Infinity;
  high[1] = STEEPEST - rightFloor;
  high[2] = STEEPEST - leftFloor;
  x[1] = Math.min(high[1], Math.max(0, start.right - rightFloor));
  x[2] = Math.min(high[2], Math.max(0, start.left - leftFloor));
  x[0] = Math.max(0, start.theta - leastTheta(rightFloor + x[1], leftFloor + x[2], before));
  // A slice without variance has no volatility to compare.
  low[0] = before === undefined ? 1e-9 * start.theta : 0;
  x[0] = Math.max(x[0], low[0]);

  const search = normalSearch(
    3,
    (at, normal) => wingNormal(quotes, before, at[0]!, rightFloor + at[1]!, leftFloor + at[2]!, normal).cost,
    x,
    low,
    high,
    { firstLambda: 1e-3, maxIterations: 100, leastCost: 1e-24 * quotes.count },
  );
  const right = rightFloor + x[1];
  const left = leftFloor + x[2];
  const bound = x[0] <= low[0] || x[1] <= 0 || x[2] <= 0;
  return { ...search, slice: { theta: leastTheta(right, left, before) + x[0], right, left }, bound };
}

/** The cost at a point, and the slopes of theta along R and L at fixed excess. */
interface WingCost {
  cost: number;
  thetaRight: number;
  thetaLeft: number;
}

const wingCost: WingCost = { cost: 0, thetaRight: 0, thetaLeft: 0 };

/**
 * Cost, gradient and Gauss-Newton matrix in (e, r, l) of the slice with wings R and L and theta the excess above its least value.
 * The record returned is overwritten by the next call.
 */
export function wingNormal(
  quotes: FitQuotes,
  before: WingSlice | undefined,
  excess: number,
  right: number,
  left: number,
  normal: Float64Array,
): WingCost {
  const s = right + left;
  const d = right - left;
  const byCalendar = before === undefined ? 0 : before.theta / (before.right + before.left);
  const byButterfly = 0.5 * Math.max(right, left);
  const fromCalendar = byCalendar > byButterfly;
  const theta = leastTheta(right, left, before) + excess;
  const thetaRight = fromCalendar ? byCalendar : right >= left ? 0.5 * (s + right) : 0.5 * left;
  const thetaLeft = fromCalendar ? byCalendar : right >= left ? 0.5 * right : 0.5 * (s + left);

  const { count, k, volatility, inverseError, time, plain } = quotes;
  const rate = 1 / time;
  const half = 0.5 * rate;
  const steep = 4 * right * left;
  const halfSum = 0.5 * s;
  let cost = 0;
  let g0 = 0, g1 = 0, g2 = 0, h00 = 0, h10 = 0, h11 = 0, h20 = 0, h21 = 0, h22 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const ki = k[i]!;
    const line = theta + d * ki;
    const square = ki * ki;
    const q = Math.sqrt(line * line + steep * square);
    const w = line >= 0 ? 0.5 * (line + q) : (0.5 * steep * square) / (q - line);
    if (!(w > 0)) {
      wingCost.cost = Infinity;
      return wingCost;
    }
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
    const wTheta = 0.5 + 0.5 * line * inverse;
    const wSkew = 0.5 * ki * (1 + theta * inverse);
    const wSum = halfSum * square * inverse;
    const j0 = slope * wTheta;
    const j1 = slope * (wSum + wSkew + wTheta * thetaRight);
    const j2 = slope * (wSum - wSkew + wTheta * thetaLeft);
    g0 += j0 * influence;
    g1 += j1 * influence;
    g2 += j2 * influence; // prettier-ignore
    h00 += curvature * j0 * j0;
    h10 += curvature * j1 * j0;
    h11 += curvature * j1 * j1; // prettier-ignore
    h20 += curvature * j2 * j0;
    h21 += curvature * j2 * j1;
    h22 += curvature * j2 * j2; // prettier-ignore
  }
  cost *= 0.5;
  normal[0] = cost;
  normal[1] = g0;
  normal[2] = g1;
  normal[3] = g2; // prettier-ignore
  normal[4] = h00;
  normal[5] = h10;
  normal[6] = h11;
  normal[7] = h20;
  normal[8] = h21;
  normal[9] = h22; // prettier-ignore
  wingCost.cost = cost;
  wingCost.thetaRight = thetaRight;
  wingCost.thetaLeft = thetaLeft;
  return wingCost;
}

/** theta, R and L of the parabola in k through the quotes near the money, each weighted by its precision and nearness. */
function parabola(quotes: FitQuotes): WingSlice {
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
  const width = Math.max(atNearest * Math.sqrt(time), 2 * nearest);
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, y0 = 0, y1 = 0, y2 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const v = volatility[i]!;
    if (v !== v) continue;
    const u = k[i]! / width;
    const error = (2 * v * deviation[i]!) / (atNearest * atNearest);
    const weight = 1 / (error * error * (1 + u * u * u * u));
    const y = (v * v) / (atNearest * atNearest);
    const u2 = u * u;
    s0 += weight;
    s1 += weight * u;
    s2 += weight * u2;
    s3 += weight * u * u2;
    s4 += weight * u2 * u2; // prettier-ignore
    y0 += weight * y;
    y1 += weight * u * y;
    y2 += weight * u2 * y; // prettier-ignore
  }
  const m0 = s2 * s4 - s3 * s3;
  const m1 = s2 * s3 - s1 * s4;
  const m2 = s1 * s3 - s2 * s2;
  const determinant = s0 * m0 + s1 * m1 + s2 * m2;
  const level = atNearest * atNearest * time;
  const c0 = (m0 * y0 + m1 * y1 + m2 * y2) / determinant;
  const c1 = (m1 * y0 + (s0 * s4 - s2 * s2) * y1 + (s1 * s2 - s0 * s3) * y2) / determinant;
  const c2 = (m2 * y0 + (s1 * s2 - s0 * s3) * y1 + (s0 * s2 - s1 * s1) * y2) / determinant;
  const usable = c0 > 0.2 && c0 < 5 && Number.isFinite(c1) && Number.isFinite(c2);
  const theta = usable ? c0 * level : level;
  const skew = usable ? (c1 * level) / width : 0;
  const bend = usable ? Math.max(0, (2 * c2 * level) / (width * width)) : 0;
  // Some curvature in every start: a smile without any cannot be bent by its gradient.
  const sum = Math.max(Math.sqrt(skew * skew + 2 * theta * bend), 1.05 * Math.abs(skew), (0.3 * level) / width);
  return { theta, right: 0.5 * (sum + skew), left: 0.5 * (sum - skew) };
}
