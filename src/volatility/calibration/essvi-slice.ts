/**
 * One eSSVI slice fitted after the slice before it, inside the box of essvi-wings.ts: x = (e, r, l), the excess of theta over its
 * least value and the steps of both wing slopes, all 0 or more. The objective is that of wing-normal.ts, its start the hyperbola
 * through the quotes.
 */
import { normalSearch } from '../../math/least-squares/normal-search.js';
import type { NormalSearch } from '../../math/least-squares/normal-search.js';
import { leastSlope, leastTheta } from '../smile/essvi-wings.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import type { FitQuotes } from './quotes.js';
import { FLATTEST, hyperbolaThrough, STEEPEST, wingNormal } from './wing-normal.js';

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
  const start = hyperbolaThrough(quotes);
  high[0] = Infinity;
  high[1] = STEEPEST - rightFloor;
  high[2] = STEEPEST - leftFloor;
  x[1] = Math.min(high[1], Math.max(0, start.right - rightFloor));
  x[2] = Math.min(high[2], Math.max(0, start.left - leftFloor));
  x[0] = Math.max(0, start.theta - leastTheta(rightFloor + x[1], leftFloor + x[2], before));
  // A slice without variance has no volatility to compare.
  low[0] = before === undefined ? 1e-9 * start.theta : 0;
  x[0] = Math.max(x[0], low[0]);

  const { cost, iterations, termination } = normalSearch(
    3,
    (at, normal) => {
      essviNormal(quotes, before, at[0]!, rightFloor + at[1]!, leftFloor + at[2]!, normal);
      return normal[0]!;
    },
    x,
    low,
    high,
    {
      firstLambda: 0,
      maxIterations: 100,
      leastCost: 1e-24 * quotes.count,
      costTolerance: quotes.plain ? 1e-9 : undefined,
    },
  );
  const right = rightFloor + x[1];
  const left = leftFloor + x[2];
  const bound = x[0] <= low[0] || x[1] <= 0 || x[2] <= 0;
  const slice = { theta: leastTheta(right, left, before) + x[0], right, left };
  return { cost, iterations, termination, slice, bound };
}

/** Slopes of theta along R and L at fixed excess. */
export interface ThetaSlopes {
  thetaRight: number;
  thetaLeft: number;
}

const thetaSlopes: ThetaSlopes = { thetaRight: 0, thetaLeft: 0 };

/**
 * Cost, gradient and Gauss-Newton matrix in (e, r, l) of the slice with wings R and L and theta the excess above its least value.
 * The record returned is overwritten by the next call.
 */
export function essviNormal(
  quotes: FitQuotes,
  before: WingSlice | undefined,
  excess: number,
  right: number,
  left: number,
  normal: Float64Array,
): ThetaSlopes {
  const s = right + left;
  const byCalendar = before === undefined ? 0 : before.theta / (before.right + before.left);
  const fromCalendar = byCalendar > 0.5 * Math.max(right, left);
  const a = fromCalendar ? byCalendar : right >= left ? 0.5 * (s + right) : 0.5 * left;
  const b = fromCalendar ? byCalendar : right >= left ? 0.5 * right : 0.5 * (s + left);
  thetaSlopes.thetaRight = a;
  thetaSlopes.thetaLeft = b;
  normal[0] = wingNormal(quotes, leastTheta(right, left, before) + excess, right, left, normal);
  const g0 = normal[1]!;
  const h00 = normal[4]!;
  const h10 = normal[5]!;
  const h20 = normal[7]!;
  normal[2]! += a * g0;
  normal[3]! += b * g0;
  normal[5] = h10 + a * h00;
  normal[6]! += a * (2 * h10 + a * h00);
  normal[7] = h20 + b * h00;
  normal[8]! += a * h20 + b * (h10 + a * h00);
  normal[9]! += b * (2 * h20 + b * h00);
  return thetaSlopes;
}
