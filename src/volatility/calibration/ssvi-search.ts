/**
 * The search for an SSVI surface: x = (d_1 ... d_n, R, L [, gamma]) in a box. theta_1 = d_1, theta_i = (1 + 2^-40) theta_(i-1) + d_i
 * with d_i >= 0 does not fall; R, L and gamma are those of smile/ssvi-family.ts.
 *
 * A slice's quotes are summed into ten numbers in its own (theta, right, left), which depend on theta_i and on the curve alone: in
 * (theta, R, L, gamma) the Gauss-Newton matrix is an arrow, a diagonal with a border. Sums from the last slice back carry it to d.
 */
import { packedIndex } from '../../math/least-squares/normal-step.js';
import { normalSearch } from '../../math/least-squares/normal-search.js';
import type { NormalSearch } from '../../math/least-squares/normal-search.js';
import type { LeastSquaresProblem } from '../../math/least-squares/problem.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import { LARGEST_GAMMA, largestWing, SMALLEST_GAMMA, wingShare } from '../smile/ssvi-family.js';
import type { SsviFamily, SsviWings, WingShare } from '../smile/ssvi-family.js';
import type { FitQuotes } from './quotes.js';
import { FLATTEST, hyperbolaThrough, WING_NORMAL, wingNormal, wingResiduals, wingSlopes } from './wing-normal.js';

/** theta grows by at least this from slice to slice. */
export const GROWTH = 1 + 2 ** -40;

export interface SsviPoint extends SsviWings {
  /** In order of expiry. */
  theta: number[];
}

/** Number of variables of the curve. */
export function curveVariables(family: SsviFamily): number {
  return family === 'power-law' ? 3 : 2;
}

export function ssviPoint(family: SsviFamily, x: ArrayLike<number>): SsviPoint {
  const n = x.length - curveVariables(family);
  const theta = new Array<number>(n);
  for (let i = 0; i < n; i++) theta[i] = i === 0 ? x[0]! : GROWTH * theta[i - 1]! + x[i]!;
  return { theta, right: x[n]!, left: x[n + 1]!, gamma: family === 'power-law' ? x[n + 2]! : 0.5 };
}

/** The box; the first theta stays above a billionth of the start's. */
export function ssviBox(
  family: SsviFamily,
  slices: number,
  firstTheta: number,
): { low: Float64Array; high: Float64Array } {
  const n = slices + curveVariables(family);
  const low = new Float64Array(n);
  const high = new Float64Array(n).fill(Infinity);
  low[0] = 1e-9 * firstTheta;
  low.fill(FLATTEST, slices, slices + 2);
  high.fill(largestWing(family), slices, slices + 2);
  if (family === 'power-law') {
    low[slices + 2] = SMALLEST_GAMMA;
    high[slices + 2] = LARGEST_GAMMA;
  }
  return { low, high };
}

/** The variables of a point, moved into the box. */
export function ssviVariables(
  family: SsviFamily,
  { theta, right, left, gamma }: SsviPoint,
  low: Float64Array,
  high: Float64Array,
): Float64Array {
  const n = theta.length;
  const x = new Float64Array(low.length);
  let before = 0;
  for (let i = 0; i < n; i++) {
    x[i] = Math.max(low[i]!, theta[i]! - GROWTH * before);
    before = GROWTH * before + x[i]!;
  }
  x[n] = right;
  x[n + 1] = left;
  if (family === 'power-law') x[n + 2] = gamma;
  for (let j = n; j < x.length; j++) x[j] = Math.min(high[j]!, Math.max(low[j]!, x[j]!));
  return x;
}

/**
 * A start from the hyperbolas through each slice's quotes: theta at the money; rho from the wings of all; the rest from how theta phi
 * changes with theta, which for the power law is a straight line in logarithms.
 */
export function firstPoint(family: SsviFamily, quotes: readonly FitQuotes[]): SsviPoint {
  const wings = quotes.map(hyperbolaThrough);
  const theta = wings.map((slice) => slice.theta);
  for (let i = 1; i < theta.length; i++) theta[i] = Math.max(theta[i]!, theta[i - 1]!);
  let right = 0;
  let left = 0;
  for (const slice of wings) {
    right += slice.right / (slice.right + slice.left);
    left += slice.left / (slice.right + slice.left);
  }
  right /= wings.length;
  left /= wings.length;
  const size = (eta: number, gamma: number): SsviPoint => ({
    theta,
    right: 2 * eta * right,
    left: 2 * eta * left,
    gamma,
  });
  if (family === 'heston-like') {
    // phi is close to 1 / (2 + lambda theta).
    const rates = wings
      .map((slice, i) => (theta[i]! / (slice.right + slice.left) - 2) / theta[i]!)
      .sort((a, b) => a - b);
    return size(1 / Math.max(0.3, rates[rates.length >> 1]!), 0.5);
  }
  const ratio = theta.map((value) => Math.log(value / (1 + value)));
  const slope = wings.map((slice) => Math.log(slice.right + slice.left));
  const middle = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanRatio, meanSlope] = [middle(ratio), middle(slope)];
  let across = 0;
  let along = 0;
  ratio.forEach((value, i) => {
    across += (value - meanRatio) * (slope[i]! - meanSlope);
    along += (value - meanRatio) ** 2;
  });
  const gamma = along > 0 ? Math.min(0.45, Math.max(0.05, 1 - across / along)) : 0.45;
  return size(Math.exp(meanSlope - (1 - gamma) * meanRatio), gamma);
}

/** Minimises from x, which is moved to the minimum found. */
export function searchSsvi(
  family: SsviFamily,
  quotes: readonly FitQuotes[],
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
): NormalSearch {
  const count = quotes.reduce((sum, slice) => sum + slice.count, 0);
  const options = { firstLambda: 1e-3, maxIterations: 500, leastCost: 1e-24 * count };
  return normalSearch(x.length, ssviNormal(family, quotes), x, low, high, options);
}

const share: WingShare = { value: 0, byTheta: 0, byWing: 0, byGamma: 0 };

/** Cost, gradient and packed Gauss-Newton matrix in x. */
export function ssviNormal(
  family: SsviFamily,
  quotes: readonly FitQuotes[],
): (x: Float64Array, normal: Float64Array) => number {
  const n = quotes.length;
  const p = curveVariables(family);
  const ofSlice = new Float64Array(WING_NORMAL);
  const diagonal = new Float64Array(n);
  const gradient = new Float64Array(n);
  /** p numbers a slice: theta against the curve. */
  const border = new Float64Array(n * p);
  /** Columns of d(right, left)/d(R, L, gamma). */
  const ofRight = new Float64Array(p);
  const ofLeft = new Float64Array(p);
  return (x, normal) => {
    const total = n + p;
    normal.fill(0);
    const [right, left, gamma] = [x[n]!, x[n + 1]!, p === 3 ? x[n + 2]! : 0.5];
    let cost = 0;
    let theta = 0;
    for (let i = 0; i < n; i++) {
      theta = GROWTH * theta + x[i]!;
      wingShare(family, theta, right + left, gamma, share);
      const { value, byTheta, byWing, byGamma } = share;
      cost += wingNormal(quotes[i]!, theta, value * right, value * left, ofSlice);
      if (!(cost < Infinity)) return Infinity;
      const g1 = ofSlice[2]!;
      const g2 = ofSlice[3]!;
      const h10 = ofSlice[5]!;
      const h11 = ofSlice[6]!;
      const h20 = ofSlice[7]!;
      const h21 = ofSlice[8]!;
      const h22 = ofSlice[9]!;
      const a = byTheta * right;
      const b = byTheta * left;
      gradient[i] = ofSlice[1]! + a * g1 + b * g2;
      const t1 = h10 + a * h11 + b * h21;
      const t2 = h20 + a * h21 + b * h22;
      diagonal[i] = ofSlice[4]! + a * h10 + b * h20 + a * t1 + b * t2;
      ofRight[0] = value + byWing * right;
      ofRight[1] = byWing * right;
      ofLeft[0] = byWing * left;
      ofLeft[1] = value + byWing * left;
      if (p === 3) {
        ofRight[2] = byGamma * right;
        ofLeft[2] = byGamma * left;
      }
      for (let j = 0; j < p; j++) {
        const r = ofRight[j]!;
        const l = ofLeft[j]!;
        normal[1 + n + j]! += r * g1 + l * g2;
        border[i * p + j] = r * t1 + l * t2;
        const toRight = r * h11 + l * h21;
        const toLeft = r * h21 + l * h22;
        const at = 1 + total + packedIndex(n + j, n);
        for (let c = 0; c <= j; c++) normal[at + c]! += toRight * ofRight[c]! + toLeft * ofLeft[c]!;
      }
    }
    // From theta to d: every d_j moves all theta from j on.
    for (let i = n - 2; i >= 0; i--) {
      gradient[i]! += GROWTH * gradient[i + 1]!;
      diagonal[i]! += GROWTH * GROWTH * diagonal[i + 1]!;
      for (let j = 0; j < p; j++) border[i * p + j]! += GROWTH * border[(i + 1) * p + j]!;
    }
    for (let i = 0; i < n; i++) {
      normal[1 + i] = gradient[i]!;
      let entry = diagonal[i]!;
      const at = 1 + total + packedIndex(i, 0);
      for (let c = i; c >= 0; c--) {
        normal[at + c] = entry;
        entry *= GROWTH;
      }
      for (let j = 0; j < p; j++) normal[1 + total + packedIndex(n + j, i)] = border[i * p + j]!;
    }
    normal[0] = cost;
    return cost;
  };
}

/** The same fit quote by quote, for a general engine. */
export function ssviProblem(
  family: SsviFamily,
  quotes: readonly FitQuotes[],
  low: Float64Array,
  high: Float64Array,
): LeastSquaresProblem {
  const n = quotes.length;
  const total = low.length;
  const slopes = new Float64Array(3);
  const slicesAt = (x: Float64Array): WingSlice[] => {
    const { theta, right, left, gamma } = ssviPoint(family, x);
    return theta.map((value) => {
      wingShare(family, value, right + left, gamma, share);
      return { theta: value, right: share.value * right, left: share.value * left };
    });
  };
  return {
    parameters: total,
    residuals: quotes.reduce((sum, { count }) => sum + count, 0),
    lower: Array.from(low),
    upper: Array.from(high),
    deadzone: quotes.flatMap((slice) => Array.from({ length: slice.count }, (_, i) => slice.deadzone[i] ?? 0)),
    evaluate(x, r) {
      let row = 0;
      slicesAt(x).forEach((slice, s) => {
        wingResiduals(quotes[s]!, slice, r, row);
        row += quotes[s]!.count;
      });
    },
    jacobian(x, jacobian) {
      jacobian.fill(0);
      let at = 0;
      const [right, left, gamma] = [x[n]!, x[n + 1]!, total > n + 2 ? x[n + 2]! : 0.5];
      slicesAt(x).forEach((slice, s) => {
        wingShare(family, slice.theta, right + left, gamma, share);
        const { value, byTheta, byWing, byGamma } = share;
        for (let i = 0; i < quotes[s]!.count; i++, at += total) {
          wingSlopes(quotes[s]!, slice, i, slopes);
          const byShare = slopes[1]! * right + slopes[2]! * left;
          let byStep = slopes[0]! + byTheta * byShare;
          for (let j = s; j >= 0; j--) {
            jacobian[at + j] = byStep;
            byStep *= GROWTH;
          }
          jacobian[at + n] = value * slopes[1]! + byWing * byShare;
          jacobian[at + n + 1] = value * slopes[2]! + byWing * byShare;
          if (total > n + 2) jacobian[at + n + 2] = byGamma * byShare;
        }
      });
    },
  };
}
