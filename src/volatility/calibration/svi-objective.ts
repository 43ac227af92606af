/**
 * The SVI least-squares objective in the variables in which the necessary conditions are bounds:
 *
 *   w(k) = a + R p + L q,   p = (z + u) / 2,   q = (z - u) / 2,   u = k - m,   z = sqrt(u^2 + sigma^2)
 *
 * R = b (1 + rho) and L = b (1 - rho) are the slopes of the right and left wing, s = ln sigma. For given (m, s) the variance is
 * linear in (a, R, L). One pass over the quotes gives the cost, half the sum of rho(r), its gradient and the Gauss-Newton matrix
 * in x = (a, R, L, m, s); a robust loss enters by the weight psi(r) / r, whose
 * quadratic bounds it from above, the dead zone nearly by psi'(r). Nothing is allocated.
 */
import { exp } from '../../math/exponential.js';
import { DEADZONE_PULL, lossInfluence, lossValue, lossWeight } from '../../math/least-squares/loss.js';
import type { Loss } from '../../math/least-squares/problem.js';
import { quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';

/** What one pass over the quotes leaves behind. */
export interface SviNormal {
  gradient: Float64Array;
  /** Lower triangle by rows: 15 numbers. */
  matrix: Float64Array;
  /** The quotes as a linear problem in total variance, around the point: sum of weight (w - target)^2 / 2. */
  weight: Float64Array;
  target: Float64Array;
}

export function sviNormal(quotes: number): SviNormal {
  return {
    gradient: new Float64Array(5),
    matrix: new Float64Array(15),
    weight: new Float64Array(quotes),
    target: new Float64Array(quotes),
  };
}

/** Writes the normal equations at x; returns the cost, Infinity where a variance is not above 0. */
export function evaluateSvi(quotes: FitQuotes, x: Float64Array, normal: SviNormal): number {
  return quotes.plain ? plainNormal(quotes, x, normal) : generalNormal(quotes, x, normal);
}

/** Whitened residuals and Jacobian of the plain case, column by column. */
let columns = jacobianColumns(64);

function jacobianColumns(quotes: number) {
  return {
    residual: new Float64Array(quotes),
    byA: new Float64Array(quotes),
    byR: new Float64Array(quotes),
    byL: new Float64Array(quotes),
    byM: new Float64Array(quotes),
    byS: new Float64Array(quotes),
  };
}

/**
 * Sums in loops of their own hold few enough numbers at a time to stay in registers, which halves the time of one loop for all.
 */
function plainNormal(quotes: FitQuotes, x: Float64Array, normal: SviNormal): number {
  const { count, k, volatility, inverseError, time } = quotes;
  const { gradient, matrix, weight, target } = normal;
  if (columns.residual.length < count) columns = jacobianColumns(2 * count);
  const { residual, byA, byR, byL, byM, byS } = columns;
  const a = x[0]!;
  const right = x[1]!;
  const left = x[2]!;
  const m = x[3]!;
  const sigma = exp(x[4]!);
  const variance = sigma * sigma;
  const perSigma = ((right + left) / 2) * variance;
  const rate = 1 / time;
  const half = rate / 2;
  const twice = 2 * time;
  let cost = 0;
  for (let i = 0; i < count; i++) {
    const u = k[i]! - m;
    const z = Math.sqrt(u * u + variance);
    const p = 0.5 * (z + u);
    const q = 0.5 * (z - u);
    const rightPart = right * p;
    const leftPart = left * q;
    const w = a + rightPart + leftPart;
    if (!(w > 0)) return Infinity;
    const model = Math.sqrt(w * rate);
    const inverseDeviation = inverseError[i]!;
    const error = model - volatility[i]!;
    const r = error * inverseDeviation;
    const inverse = (inverseDeviation * half) / (model * z);
    const j = inverse * z;
    cost += r * r;
    weight[i] = j * j;
    target[i] = w - twice * model * error;
    residual[i] = r;
    byA[i] = j;
    byR[i] = j * p;
    byL[i] = j * q;
    byM[i] = inverse * (leftPart - rightPart);
    byS[i] = inverse * perSigma;
  }
  let g0 = 0, g1 = 0, g2 = 0, h00 = 0, h10 = 0, h11 = 0, h20 = 0, h21 = 0, h22 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const r = residual[i]!;
    const j0 = byA[i]!;
    const j1 = byR[i]!;
    const j2 = byL[i]!;
    g0 += j0 * r;
    g1 += j1 * r;
    g2 += j2 * r;
    h00 += j0 * j0;
    h10 += j1 * j0;
    h11 += j1 * j1;
    h20 += j2 * j0;
    h21 += j2 * j1;
    h22 += j2 * j2;
  }
  gradient[0] = g0;
  gradient[1] = g1;
  gradient[2] = g2;
  matrix[0] = h00;
  matrix[1] = h10;
  matrix[2] = h11;
  matrix[3] = h20;
  matrix[4] = h21;
  matrix[5] = h22;
  let g3 = 0, g4 = 0, h30 = 0, h31 = 0, h32 = 0, h33 = 0, h40 = 0, h41 = 0, h42 = 0, h43 = 0, h44 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const j3 = byM[i]!;
    g3 += j3 * residual[i]!;
    h30 += j3 * byA[i]!;
    h31 += j3 * byR[i]!;
    h32 += j3 * byL[i]!;
    h33 += j3 * j3;
  }
  for (let i = 0; i < count; i++) {
    const j4 = byS[i]!;
    g4 += j4 * residual[i]!;
    h40 += j4 * byA[i]!;
    h41 += j4 * byR[i]!;
    h42 += j4 * byL[i]!;
    h43 += j4 * byM[i]!;
    h44 += j4 * j4;
  }
  gradient[3] = g3;
  gradient[4] = g4;
  matrix[6] = h30;
  matrix[7] = h31;
  matrix[8] = h32;
  matrix[9] = h33;
  matrix[10] = h40;
  matrix[11] = h41;
  matrix[12] = h42;
  matrix[13] = h43;
  matrix[14] = h44;
  return 0.5 * cost;
}

/**
 * The quotes as the linear problem in total variance whose cost is that of the plain case around x to second order; false where a variance is
 * not above 0.
 */
export function lineariseSvi(quotes: FitQuotes, x: Float64Array, { weight, target }: SviNormal): boolean {
  const { count, k, volatility, inverseError, time } = quotes;
  const a = x[0]!;
  const b = 0.5 * (x[1]! + x[2]!);
  const skew = 0.5 * (x[1]! - x[2]!);
  const m = x[3]!;
  const sigma = exp(x[4]!);
  const variance = sigma * sigma;
  const rate = 1 / time;
  const half = 0.5 * rate;
  const twice = 2 * time;
  for (let i = 0; i < count; i++) {
    const u = k[i]! - m;
    const w = a + b * Math.sqrt(u * u + variance) + skew * u;
    if (!(w > 0)) return false;
    const model = Math.sqrt(w * rate);
    const error = model - volatility[i]!;
    const inverse = 1 / model;
    const slope = inverseError[i]! * half * inverse;
    // The cost's second derivative in w is slope^2 (1 - error / model).
    const bend = Math.max(LEAST_BEND, 1 - error * inverse);
    weight[i] = slope * slope * bend;
    target[i] = w - (twice * model * error) / bend;
  }
  return true;
}

/** Keeps the weights positive where a quote is far below the model. */
const LEAST_BEND = 0.1;

const row = new Float64Array(5);

function generalNormal(quotes: FitQuotes, x: Float64Array, normal: SviNormal): number {
  const { loss } = quotes;
  const { gradient, matrix, weight, target } = normal;
  gradient.fill(0);
  matrix.fill(0);
  const sigma = exp(x[4]!);
  let cost = 0;
  for (let i = 0; i < quotes.count; i++) {
    const u = quotes.k[i]! - x[3]!;
    const z = Math.sqrt(u * u + sigma * sigma);
    const p = 0.5 * (z + u);
    const q = 0.5 * (z - u);
    const w = x[0]! + x[1]! * p + x[2]! * q;
    if (!(w > 0)) return Infinity;
    const r = quoteResidual(quotes, i, w);
    const halfWidth = quotes.deadzone[i]!;
    cost += lossValue(loss, r, halfWidth);
    weight[i] = 0;
    target[i] = w;
    if (r === 0 && quotes.target[i] !== quotes.target[i]) continue;
    const slope = quoteSlope(quotes, i, w);
    row[0] = slope;
    row[1] = slope * p;
    row[2] = slope * q;
    row[3] = (slope * (x[2]! * q - x[1]! * p)) / z;
    row[4] = (slope * 0.5 * (x[1]! + x[2]!) * sigma * sigma) / z;
    const influence = lossInfluence(loss, r, halfWidth);
    const curvature = stepCurvature(loss, r, halfWidth);
    weight[i] = curvature * slope * slope;
    target[i] = w - influence / (curvature * slope);
    for (let j = 0, at = 0; j < 5; j++) {
      gradient[j]! += row[j]! * influence;
      for (let c = 0; c <= j; c++) matrix[at++]! += curvature * row[j]! * row[c]!;
    }
  }
  return cost / 2;
}

/**
 * Curvature of the quadratic that stands for the loss in a step. The weight psi / r would not bound the dead zone from above; its
 * own curvature jumps at the edge, so a residual close to the edge counts as beyond it and steps do not run across.
 */
function stepCurvature(loss: Loss, r: number, halfWidth: number): number {
  if (loss !== 'spread-deadzone') return lossWeight(loss, r, halfWidth);
  return Math.abs(r) > 0.9 * halfWidth ? 1 + DEADZONE_PULL : 3 * DEADZONE_PULL;
}
