/**
 * The straight line y = intercept + slope x through points of which some are wrong.
 *
 *   minimise  sum_i rho_H((y_i - intercept - slope x_i) / (scale s_i)) + 1/2 ((g . line - target) / s_prior)^2
 *
 * rho_H is Huber's loss (quadratic to c = 1.345 standard deviations, linear beyond), s_i the stated standard deviation of y_i and
 * scale = max(1, 1.4826 x median |residual / s|), so a fit worse than stated widens its own errors and never narrows them.
 * Huber's loss bounds the pull of a wrong point but does not remove it, so the points are first sorted into right and wrong ones.
 * Three lines are tried: least squares on all points, and the repeated-median lines (half of the points may be wrong) of all points
 * and of the more precise half, each improved by concentration steps on its best seven tenths. From the one with the smallest sum
 * of squares capped at `outlierCut`, the points beyond `outlierCut` scales are put aside.
 *
 * Huber, "Robust Estimation of a Location Parameter" (1964); Siegel, "Robust regression using repeated medians" (1982);
 * Rousseeuw and Van Driessen, "Computing LTS regression for large data sets" (2006).
 */
import { medianOf, square } from './summary.js';

/** Prior knowledge of one combination of the line: atIntercept x intercept + atSlope x slope = target, give or take its error. */
export interface LinePrior {
  atIntercept: number;
  atSlope: number;
  target: number;
  standardDeviation: number;
}

export interface RobustLine {
  intercept: number;
  slope: number;
  /** Of (intercept, slope): [var, cov, var]. */
  covariance: [number, number, number];
  /** Residual over stated standard deviation, every point. */
  standardised: Float64Array;
  /** 1 where the point was put aside as an outlier. */
  outlier: Uint8Array;
  /** Multiple of the stated standard deviations the right points really scatter by, 1 or more. */
  scale: number;
  /** Sum of the squared standardised residuals of the points kept, and of the prior. */
  chiSquare: number;
  degreesOfFreedom: number;
}

const HUBER = 1.345;
const NORMAL_MAD = 1.4826;
const START_NEIGHBOURS = 64;

/**
 * Fits the line. `x` must be ascending and of order one; at least two points, at two different x unless a prior fixes the rest.
 * `standardDeviation` entries are positive. `outlierCut` is in scales.
 */
export function robustLine(
  x: Float64Array,
  y: Float64Array,
  standardDeviation: Float64Array,
  options: { prior?: LinePrior | undefined; outlierCut: number },
): RobustLine {
  const n = x.length;
  const { prior, outlierCut } = options;
  const weight = new Float64Array(n);
  const standardised = new Float64Array(n);
  const outlier = new Uint8Array(n);

  const precise = smallest(standardDeviation, Math.ceil(n / 2)).sort((a, b) => a - b);
  const candidates = [
    solve(x, y, standardDeviation, weight.fill(1), prior).line,
    concentrate(x, y, standardDeviation, repeatedMedian(x, y, all(n), prior), prior),
    concentrate(x, y, standardDeviation, repeatedMedian(x, y, precise, prior), prior),
  ];
  let line = candidates[0]!;
  let least = Infinity;
  for (const candidate of candidates) {
    residuals(x, y, standardDeviation, candidate, standardised);
    const loss = standardised.reduce((sum, u) => sum + Math.min(u * u, outlierCut * outlierCut), 0);
    if (loss < least) {
      least = loss;
      line = candidate;
    }
  }

  let scale = 1;
  for (let round = 0; round < 20; round++) {
    residuals(x, y, standardDeviation, line, standardised);
    scale = Math.max(1, NORMAL_MAD * medianOf(standardised.map(Math.abs)));
    const before = outlier.slice();
    for (let i = 0; i < n; i++) outlier[i] = Math.abs(standardised[i]!) > outlierCut * scale ? 1 : 0;
    if (round > 0 && same(before, outlier)) break;
    line = huber(x, y, standardDeviation, outlier, scale, line, prior);
  }
  residuals(x, y, standardDeviation, line, standardised);

  let chiSquare = 0;
  let influence = 0;
  let central = 0;
  let used = 0;
  for (let i = 0; i < n; i++) {
    weight[i] = 1 - outlier[i]!;
    if (outlier[i] === 1) continue;
    const u = standardised[i]!;
    used++;
    chiSquare += u * u;
    influence += Math.min(u * u, square(HUBER * scale));
    if (Math.abs(u) <= HUBER * scale) central++;
  }
  if (prior) chiSquare += square(priorError(prior, line) / prior.standardDeviation);
  const degreesOfFreedom = used + (prior ? 1 : 0) - 2;
  // Huber's variance of an M-estimate, never below what the stated errors say.
  const inflation =
    degreesOfFreedom > 0 && central > 0
      ? Math.max(1, influence / degreesOfFreedom / square(central / used))
      : square(scale);
  for (let i = 0; i < n; i++) weight[i] = weight[i]! / inflation;
  const { covariance } = solve(x, y, standardDeviation, weight, prior);
  return { ...line, covariance, standardised, outlier, scale, chiSquare, degreesOfFreedom };
}

/** Standard deviation the points alone leave on the combination of the line that `prior` speaks of; Infinity where undetermined. */
export function deviationWithoutPrior(x: Float64Array, standardDeviation: Float64Array, prior: LinePrior): number {
  const weight = new Float64Array(x.length).fill(1);
  const { covariance: c } = solve(x, new Float64Array(x.length), standardDeviation, weight, undefined);
  const { atIntercept: p, atSlope: q } = prior;
  const variance = p * p * c[0] + 2 * p * q * c[1] + q * q * c[2];
  return variance >= 0 ? Math.sqrt(variance) : Infinity;
}

type Line = { intercept: number; slope: number };

/** The repeated-median line of some of the points; where all their x agree, the slope is the prior's. */
function repeatedMedian(x: Float64Array, y: Float64Array, points: number[], prior: LinePrior | undefined): Line {
  const stride = Math.max(1, Math.ceil(points.length / START_NEIGHBOURS));
  const toOthers = new Float64Array(Math.ceil(points.length / stride));
  const slopes: number[] = [];
  points.forEach((i, rank) => {
    let count = 0;
    for (let other = rank % stride; other < points.length; other += stride) {
      const j = points[other]!;
      if (x[j] !== x[i]) toOthers[count++] = (y[j]! - y[i]!) / (x[j]! - x[i]!);
    }
    if (count > 0) slopes.push(medianOf(toOthers.subarray(0, count)));
  });
  if (slopes.length === 0) {
    const height = medianOf(points.map((i) => y[i]!));
    const at = x[points[0]!]!;
    // intercept + slope at = height, and the prior's line through it.
    const determinant = (prior?.atSlope ?? 1) - at * (prior?.atIntercept ?? 0);
    const slope = prior ? (prior.target - prior.atIntercept * height) / determinant : 0;
    return { intercept: height - slope * at, slope };
  }
  const slope = medianOf(slopes);
  return { intercept: medianOf(points.map((i) => y[i]! - slope * x[i]!)), slope };
}

/** Least squares on the seven tenths of the points nearest to the line, repeated until they stay the same. */
function concentrate(
  x: Float64Array,
  y: Float64Array,
  s: Float64Array,
  from: Line,
  prior: LinePrior | undefined,
): Line {
  const n = x.length;
  const kept = Math.min(n, Math.max(3, Math.ceil(0.7 * n)));
  const weight = new Float64Array(n);
  const standardised = new Float64Array(n);
  let line = from;
  for (let step = 0; step < 50; step++) {
    residuals(x, y, s, line, standardised);
    const before = weight.slice();
    weight.fill(0);
    for (const i of smallest(standardised, kept)) weight[i] = 1;
    if (same(before, weight)) break;
    line = solve(x, y, s, weight, prior).line;
  }
  return line;
}

/** Iteratively reweighted least squares for Huber's loss at a fixed scale. */
function huber(
  x: Float64Array,
  y: Float64Array,
  s: Float64Array,
  outlier: Uint8Array,
  scale: number,
  from: Line,
  prior: LinePrior | undefined,
): Line {
  const weight = new Float64Array(x.length);
  let line = from;
  for (let iteration = 0; iteration < 200; iteration++) {
    for (let i = 0; i < x.length; i++) {
      const u = Math.abs((y[i]! - line.intercept - line.slope * x[i]!) / (scale * s[i]!));
      weight[i] = outlier[i] === 1 ? 0 : u <= HUBER ? 1 : HUBER / u;
    }
    const next = solve(x, y, s, weight, prior).line;
    const moved = Math.abs(next.intercept - line.intercept) + Math.abs(next.slope - line.slope);
    line = next;
    if (moved <= 1e-15 * (Math.abs(line.intercept) + Math.abs(line.slope))) break;
  }
  return line;
}

/** Weighted least squares with the prior as one more row. The covariance is infinite where the slope is undetermined. */
function solve(
  x: Float64Array,
  y: Float64Array,
  s: Float64Array,
  weight: Float64Array,
  prior: LinePrior | undefined,
): { line: Line; covariance: [number, number, number] } {
  let w0 = 0;
  let wx = 0;
  let wy = 0;
  for (let i = 0; i < x.length; i++) {
    const w = weight[i]! / (s[i]! * s[i]!);
    w0 += w;
    wx += w * x[i]!;
    wy += w * y[i]!;
  }
  // About the weighted mean (mx, my) the points' normal matrix is diagonal: diag(w0, wxx) in (height at mx, slope).
  const mx = wx / w0;
  const my = wy / w0;
  let wxx = 0;
  let wxy = 0;
  for (let i = 0; i < x.length; i++) {
    const w = weight[i]! / (s[i]! * s[i]!);
    const dx = x[i]! - mx;
    wxx += w * dx * dx;
    wxy += w * dx * (y[i]! - my);
  }
  if (!prior && !(wxx > 0)) return { line: { intercept: my, slope: 0 }, covariance: [Infinity, 0, Infinity] };
  let rise = 0;
  let slope = wxx > 0 ? wxy / wxx : 0;
  let vHeight = 1 / w0;
  let vSlope = 1 / wxx;
  let cov = 0;
  if (prior) {
    // The prior as one more measurement, in height at the mean and slope (intercept = height - slope mx): no large number is
    // subtracted from another however precise it is.
    const p = prior.atIntercept;
    const q = prior.atSlope - prior.atIntercept * mx;
    const variance = prior.standardDeviation * prior.standardDeviation;
    const missing = prior.target - p * my - q * slope;
    if (wxx > 0) {
      const total = variance + p * p * vHeight + q * q * vSlope;
      rise = (p * vHeight * missing) / total;
      slope += (q * vSlope * missing) / total;
      cov = (-p * vHeight * q * vSlope) / total;
      [vHeight, vSlope] = [
        (vHeight * (variance + q * q * vSlope)) / total,
        (vSlope * (variance + p * p * vHeight)) / total,
      ];
    } else {
      slope = missing / q;
      cov = (-p * vHeight) / q;
      vSlope = (variance + p * p * vHeight) / (q * q);
    }
  }
  return {
    line: { intercept: my + rise - slope * mx, slope },
    covariance: [vHeight - 2 * mx * cov + mx * mx * vSlope, cov - mx * vSlope, vSlope],
  };
}

function residuals(x: Float64Array, y: Float64Array, s: Float64Array, line: Line, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = (y[i]! - line.intercept - line.slope * x[i]!) / s[i]!;
}

function priorError(prior: LinePrior, line: Line): number {
  return prior.atIntercept * line.intercept + prior.atSlope * line.slope - prior.target;
}

function all(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Indices of the `count` entries smallest in size; equal sizes in order of index. */
function smallest(values: Float64Array, count: number): number[] {
  const order = Array.from(values, (_, i) => i);
  order.sort((a, b) => Math.abs(values[a]!) - Math.abs(values[b]!) || a - b);
  return order.slice(0, count);
}

function same(a: Float64Array | Uint8Array, b: Float64Array | Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
