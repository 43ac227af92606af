/**
 * What a fit of one slice reports, whatever the model.
 *
 * The search runs in its own variables x, of which some are held by a bound; the parameters theta are functions of x.
 *
 *   covariance    s^2 C (J'J)^-1 C'  over the free x,  C = dtheta/dx,  s^2 = max(1, chi-square per degree of freedom)
 *   condition     of J in theta with its columns scaled to unit length, over the directions the bounds leave free
 *   interval 95%  theta +- 1.96 deviations, cut at the parameter's domain; one-sided, 1.645 deviations of the fit without the
 *                 bound, where the parameter itself is at one
 *
 * J'J is the Gauss-Newton matrix of the whitened residuals, with the curvature of a robust loss in it.
 */
import type { SliceInput } from '../../market/slice.js';
import { dominantEigenvalue } from '../../math/least-squares/dominant.js';
import { packedIndex } from '../../math/least-squares/normal-step.js';
import type { Termination } from '../../math/least-squares/problem.js';
import type { Rejection } from '../../errors.js';
import type { SmileParameters } from '../smile/parameters.js';
import type { FitDiagnostics, ModelName, SliceFit } from './fit.js';

const TWO_SIDED = 1.959963984540054;
const ONE_SIDED = 1.6448536269514722;

/** A finished search, as the report needs it. */
export interface FinishedFit<P extends SmileParameters> {
  model: ModelName;
  parameters: P;
  names: readonly string[];
  /** theta, in the order of names. */
  values: readonly number[];
  /** Domain of each parameter. */
  lower: readonly number[];
  upper: readonly number[];
  input: SliceInput;
  /** The model's volatility at each quote. */
  volatility: ArrayLike<number>;
  /** Half the sum of rho(r). */
  cost: number;
  /** Number of search variables. */
  variables: number;
  /** Packed lower triangle of J'J in x. */
  information: Float64Array;
  /** 1 for each x held by a bound. */
  held: ArrayLike<number>;
  /** dtheta/dx, names x variables, row-major. */
  chain: Float64Array;
  /** Packed lower triangle of J'J in theta. */
  parameterInformation: Float64Array;
  atBound: string[];
  iterations: number;
  starts: number;
  termination: Termination;
  rejected: Rejection[];
}

/** J'J in theta from that in x, where dx/dtheta is square (variables x names, row-major). */
export function carryInformation(
  n: number,
  information: Float64Array,
  slopes: Float64Array,
  carried: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let a = 0; a < n; a++) {
        const left = slopes[a * n + i]!;
        if (left === 0) continue;
        for (let b = 0; b < n; b++) {
          const right = slopes[b * n + j]!;
          if (right !== 0) sum += left * right * information[packedIndex(a, b)]!;
        }
      }
      carried[packedIndex(i, j)] = sum;
    }
  }
}

/** Packed J'J of a whitened Jacobian, rows x columns, row-major. */
export function informationOf(jacobian: Float64Array, rows: number, columns: number): Float64Array {
  const information = new Float64Array((columns * (columns + 1)) / 2);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += jacobian[row * columns + i]! * jacobian[row * columns + j]!;
      information[packedIndex(i, j)] = sum;
    }
  }
  return information;
}

/** The record of a finished fit. */
export function sliceFit<P extends SmileParameters>(fit: FinishedFit<P>): SliceFit<P> {
  const { input, names } = fit;
  const n = names.length;
  const count = input.logMoneyness.length;
  const residualBp = new Array<number>(count);
  const residualHalfSpreads = new Array<number>(count);
  let used = 0;
  let spreads = 0;
  let inside = 0;
  let sum = 0;
  let sumHalfSpreads = 0;
  let maxErrorBp = 0;
  for (let i = 0; i < count; i++) {
    const target = input.volatility[i]!;
    const error = fit.volatility[i]! - target;
    residualBp[i] = 1e4 * error;
    residualHalfSpreads[i] = NaN;
    if (target !== target) continue;
    used++;
    sum += error * error;
    maxErrorBp = Math.max(maxErrorBp, 1e4 * Math.abs(error));
    const bid = input.volatilityBid[i]!;
    const ask = input.volatilityAsk[i]!;
    if (bid > 0 && ask > bid && ask < Infinity) {
      const inHalfSpreads = (2 * error) / (ask - bid);
      residualHalfSpreads[i] = inHalfSpreads;
      spreads++;
      sumHalfSpreads += inHalfSpreads * inHalfSpreads;
      if (fit.volatility[i]! >= bid && fit.volatility[i]! <= ask) inside++;
    }
  }
  let free = fit.variables;
  for (let j = 0; j < fit.variables; j++) if (fit.held[j] === 1) free--;
  const degrees = used - free;
  const chiSquarePerDof = (2 * fit.cost) / Math.max(1, degrees);
  const variance = degrees > 0 ? Math.max(1, chiSquarePerDof) : 1;
  const covariance = covarianceOf(fit, fit.held, variance);
  const { condition, weakDirection } = weakness(fit, covariance, variance);
  const diagnostics: FitDiagnostics = {
    rmseBp: 1e4 * Math.sqrt(sum / used),
    maxErrorBp,
    rmseHalfSpreads: Math.sqrt(sumHalfSpreads / spreads),
    shareInsideSpread: inside / spreads,
    quotesUsed: used,
    chiSquarePerDof,
    condition,
    weakDirection,
    atBound: fit.atBound,
    iterations: fit.iterations,
    starts: fit.starts,
    termination: fit.termination,
  };
  const rows: number[][] = [];
  for (let i = 0; i < n; i++) {
    const row = new Array<number>(n);
    for (let j = 0; j < n; j++) row[j] = covariance[i * n + j]!;
    rows.push(row);
  }
  return {
    ok: true,
    model: fit.model,
    parameters: fit.parameters,
    parameterNames: names.slice(),
    covariance: rows,
    interval95: intervals(fit, covariance, variance),
    input,
    residualBp,
    residualHalfSpreads,
    diagnostics,
    rejected: fit.rejected,
  };
}

const LARGEST = 8;
const lowerTriangle = new Float64Array(LARGEST * LARGEST);
const mapped = new Float64Array(LARGEST * LARGEST);
const scaled = new Float64Array(LARGEST * LARGEST);
const direction = new Float64Array(LARGEST);
const freeOf = new Int32Array(LARGEST);

/** s^2 C (J'J)^-1 C' over the variables that are not held; a variable the quotes say nothing about has infinite variance. */
function covarianceOf(fit: FinishedFit<SmileParameters>, held: ArrayLike<number>, variance: number): Float64Array {
  const n = fit.names.length;
  let count = 0;
  for (let j = 0; j < fit.variables; j++) if (held[j] !== 1) freeOf[count++] = j;
  const covariance = new Float64Array(n * n);
  // Cholesky L L' of the free block, scaled to unit diagonal, then W = L^-1 S^-1 C'; the covariance is s^2 W'W.
  for (let c = 0; c < count; c++) {
    const row = freeOf[c]!;
    const rowScale = Math.sqrt(fit.information[packedIndex(row, row)]!);
    for (let d = 0; d <= c; d++) {
      const column = freeOf[d]!;
      const columnScale = Math.sqrt(fit.information[packedIndex(column, column)]!);
      let sum = d === c ? 1 : fit.information[packedIndex(row, column)]! / (rowScale * columnScale);
      for (let e = 0; e < d; e++) sum -= lowerTriangle[c * LARGEST + e]! * lowerTriangle[d * LARGEST + e]!;
      if (d === c) lowerTriangle[c * LARGEST + c] = sum > 0 && rowScale > 0 ? Math.sqrt(sum) : 0;
      else lowerTriangle[c * LARGEST + d] = sum / lowerTriangle[d * LARGEST + d]!;
    }
    for (let i = 0; i < n; i++) {
      let sum = fit.chain[i * fit.variables + row]! / rowScale;
      for (let e = 0; e < c; e++) sum -= lowerTriangle[c * LARGEST + e]! * mapped[e * LARGEST + i]!;
      mapped[c * LARGEST + i] = sum === 0 ? 0 : sum / lowerTriangle[c * LARGEST + c]!;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let c = 0; c < count; c++) sum += mapped[c * LARGEST + i]! * mapped[c * LARGEST + j]!;
      covariance[i * n + j] = variance * sum;
      covariance[j * n + i] = variance * sum;
    }
  }
  return covariance;
}

/** Largest and smallest stretch of the column-scaled Jacobian, and the parameters of the smallest. */
function weakness(
  fit: FinishedFit<SmileParameters>,
  covariance: Float64Array,
  variance: number,
): { condition: number; weakDirection: Record<string, number> } {
  const n = fit.names.length;
  const length = (i: number): number => Math.sqrt(fit.parameterInformation[packedIndex(i, i)]!);
  let finite = true;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const product = length(i) * length(j);
      scaled[i * n + j] = product > 0 ? fit.parameterInformation[packedIndex(i, j)]! / product : 0;
      finite &&= Number.isFinite(covariance[i * n + j]!);
    }
  }
  const largest = dominantEigenvalue(n, scaled, direction);
  let condition = Infinity;
  if (finite) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) scaled[i * n + j] = (covariance[i * n + j]! * length(i) * length(j)) / variance;
    }
    const weakest = dominantEigenvalue(n, scaled, direction);
    condition = Math.max(1, Math.sqrt(largest * weakest));
  } else {
    for (let i = 0; i < n; i++) direction[i] = Number.isFinite(covariance[i * n + i]!) ? 0 : 1;
    let norm = 0;
    for (let i = 0; i < n; i++) norm += direction[i]!;
    for (let i = 0; i < n; i++) direction[i]! /= Math.sqrt(norm);
  }
  const weakDirection: Record<string, number> = {};
  for (let i = 0; i < n; i++) weakDirection[fit.names[i]!] = direction[i]!;
  return { condition, weakDirection };
}

function intervals(
  fit: FinishedFit<SmileParameters>,
  covariance: Float64Array,
  variance: number,
): Record<string, [number, number]> {
  const n = fit.names.length;
  const result: Record<string, [number, number]> = {};
  let unbounded: Float64Array | undefined;
  for (let i = 0; i < n; i++) {
    const name = fit.names[i]!;
    const value = fit.values[i]!;
    const low = fit.lower[i]!;
    const high = fit.upper[i]!;
    if (fit.atBound.includes(name)) {
      unbounded ??= covarianceOf(fit, NOTHING_HELD, variance);
      const reach = ONE_SIDED * Math.sqrt(unbounded[i * n + i]!);
      result[name] = value <= low ? [value, Math.min(high, value + reach)] : [Math.max(low, value - reach), value];
    } else {
      const reach = TWO_SIDED * Math.sqrt(covariance[i * n + i]!);
      result[name] = [Math.max(low, value - reach), Math.min(high, value + reach)];
    }
  }
  return result;
}

const NOTHING_HELD = new Uint8Array(LARGEST);
