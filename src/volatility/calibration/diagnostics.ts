/**
 * What a fit reports, whatever the model.
 *
 * The search runs in its own variables x, of which some are held by a bound; the parameters theta are functions of x.
 *
 *   covariance    s^2 C (J'J)^-1 C'  over the free x,  C = dtheta/dx,  s^2 = max(1, chi-square per degree of freedom)
 *   condition     of J in theta with its columns scaled to unit length, over the directions the bounds leave free
 *   interval 95%  theta +- 1.96 deviations, cut at the parameter's domain; one-sided, 1.645 deviations of the fit without the
 *                 bound, where the parameter itself is at one
 *
 * J'J is the Gauss-Newton matrix of the whitened residuals, weighted by psi(r) / r under a robust loss.
 */
import type { SliceInput } from '../../market/slice.js';
import { dominantEigenvalue } from '../../math/least-squares/dominant.js';
import { packedIndex } from '../../math/least-squares/normal-step.js';
import type { Termination } from '../../math/least-squares/problem.js';
import type { Matrix } from '../../math/matrix.js';
import type { Rejection } from '../../errors.js';
import type { FitDiagnostics, FitObjective, FitOptions, ModelName, SliceFit } from './fit.js';

const TWO_SIDED = 1.959963984540054;
const ONE_SIDED = 1.6448536269514722;

/** A finished search in its own variables, and what carries it to the parameters. */
export interface FinishedSearch {
  names: readonly string[];
  /** theta, in the order of names. */
  values: readonly number[];
  /** Domain of each parameter. */
  lower: readonly number[];
  upper: readonly number[];
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
}

/** The finished search of one slice. */
export interface FinishedFit<P, Model extends string = ModelName> extends FinishedSearch {
  model: Model;
  parameters: P;
  input: SliceInput;
  objective: FitObjective;
  /** The model's volatility at each quote. */
  volatility: ArrayLike<number>;
  rejected: Rejection[];
}

/** Model against quotes, summed over one slice or several. */
export interface QuoteErrors {
  used: number;
  /** Quotes with two sides. */
  spreads: number;
  inside: number;
  sumOfSquares: number;
  sumInHalfSpreads: number;
  maxErrorBp: number;
}

export function noQuoteErrors(): QuoteErrors {
  return { used: 0, spreads: 0, inside: 0, sumOfSquares: 0, sumInHalfSpreads: 0, maxErrorBp: 0 };
}

/** The options that shaped the residuals. */
export function objectiveOf({ loss, weights, densityCorrection, space, form }: FitOptions): FitObjective {
  return { loss, weights, densityCorrection, space, form };
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

/** The record of a finished fit of one slice. */
export function sliceFit<P, Model extends string = ModelName>(
  fit: FinishedFit<P, Model>,
): Omit<SliceFit<P>, 'model'> & { model: Model } {
  const errors = noQuoteErrors();
  const { residualBp, residualHalfSpreads } = addQuoteErrors(errors, fit.input, fit.volatility);
  const { covariance, interval95, diagnostics } = reportSearch(fit, errors);
  return {
    ok: true,
    model: fit.model,
    parameters: fit.parameters,
    parameterNames: fit.names.slice(),
    covariance,
    interval95,
    input: fit.input,
    objective: fit.objective,
    residualBp,
    residualHalfSpreads,
    diagnostics,
    rejected: fit.rejected,
  };
}

/** Adds a slice to `errors` and returns its errors quote by quote. */
export function addQuoteErrors(
  errors: QuoteErrors,
  input: SliceInput,
  volatility: ArrayLike<number>,
): { residualBp: number[]; residualHalfSpreads: number[] } {
  const count = input.logMoneyness.length;
  const residualBp = new Array<number>(count);
  const residualHalfSpreads = new Array<number>(count);
  let { used, spreads, inside, sumOfSquares, sumInHalfSpreads, maxErrorBp } = errors;
  for (let i = 0; i < count; i++) {
    const target = input.volatility[i]!;
    const error = volatility[i]! - target;
    residualBp[i] = 1e4 * error;
    residualHalfSpreads[i] = NaN;
    if (target !== target) continue;
    used++;
    sumOfSquares += error * error;
    maxErrorBp = Math.max(maxErrorBp, 1e4 * Math.abs(error));
    const bid = input.volatilityBid[i]!;
    const ask = input.volatilityAsk[i]!;
    if (bid > 0 && ask > bid && ask < Infinity) {
      const inHalfSpreads = (2 * error) / (ask - bid);
      residualHalfSpreads[i] = inHalfSpreads;
      spreads++;
      sumInHalfSpreads += inHalfSpreads * inHalfSpreads;
      if (volatility[i]! >= bid && volatility[i]! <= ask) inside++;
    }
  }
  errors.used = used;
  errors.spreads = spreads;
  errors.inside = inside;
  errors.sumOfSquares = sumOfSquares;
  errors.sumInHalfSpreads = sumInHalfSpreads;
  errors.maxErrorBp = maxErrorBp;
  return { residualBp, residualHalfSpreads };
}

/** Precision of the parameters and diagnostics of a finished search whose quotes are summed in `errors`. */
export function reportSearch(
  fit: FinishedSearch,
  errors: QuoteErrors,
): { covariance: Matrix; interval95: Record<string, [number, number]>; diagnostics: FitDiagnostics } {
  const n = fit.names.length;
  let free = fit.variables;
  for (let j = 0; j < fit.variables; j++) if (fit.held[j] === 1) free--;
  const degrees = errors.used - free;
  const chiSquarePerDof = (2 * fit.cost) / Math.max(1, degrees);
  const variance = degrees > 0 ? Math.max(1, chiSquarePerDof) : 1;
  if (Math.max(n, fit.variables) > largest) grow(Math.max(n, fit.variables));
  const inverted = free === n && n === fit.variables && invertInformation(n, fit.parameterInformation);
  const covariance = inverted ? scaleBack(n, variance) : covarianceOf(fit, fit.held, variance, freeCovariance);
  const { condition, weakDirection } = inverted ? wholeWeakness(fit) : weakness(fit, covariance, variance);
  const rows: Matrix = [];
  for (let i = 0; i < n; i++) {
    const row = new Array<number>(n);
    for (let j = 0; j < n; j++) row[j] = covariance[i * n + j]!;
    rows.push(row);
  }
  return {
    covariance: rows,
    interval95: intervals(fit, covariance, variance),
    diagnostics: {
      rmseBp: 1e4 * Math.sqrt(errors.sumOfSquares / errors.used),
      maxErrorBp: errors.maxErrorBp,
      rmseHalfSpreads: Math.sqrt(errors.sumInHalfSpreads / errors.spreads),
      shareInsideSpread: errors.inside / errors.spreads,
      quotesUsed: errors.used,
      chiSquarePerDof,
      condition,
      weakDirection,
      atBound: fit.atBound,
      iterations: fit.iterations,
      starts: fit.starts,
      termination: fit.termination,
    },
  };
}

/** Scratch for as many parameters and variables as have been met. */
let largest = 8;
let lowerTriangle = new Float64Array(largest * largest);
let mapped = new Float64Array(largest * largest);
let scaled = new Float64Array(largest * largest);
let inverse = new Float64Array(largest * largest);
let direction = new Float64Array(largest);
let lengths = new Float64Array(largest);
let inverseLengths = new Float64Array(largest);
let freeCovariance = new Float64Array(largest * largest);
let unheldCovariance = new Float64Array(largest * largest);
let freeOf = new Int32Array(largest);
let freeScale = new Float64Array(largest);
let nothingHeld = new Uint8Array(largest);

function grow(n: number): void {
  largest = n;
  lowerTriangle = new Float64Array(n * n);
  mapped = new Float64Array(n * n);
  scaled = new Float64Array(n * n);
  inverse = new Float64Array(n * n);
  direction = new Float64Array(n);
  lengths = new Float64Array(n);
  inverseLengths = new Float64Array(n);
  freeCovariance = new Float64Array(n * n);
  unheldCovariance = new Float64Array(n * n);
  freeOf = new Int32Array(n);
  freeScale = new Float64Array(n);
  nothingHeld = new Uint8Array(n);
}

/** A pivot of the scaled matrix below this is rounding. */
const LEAST_PIVOT = 1e-14;

/**
 * s^2 C (J'J)^-1 C' over the variables that are not held. A variable that the quotes cannot tell from the others gives every
 * parameter it moves an infinite variance.
 */
function covarianceOf(
  fit: FinishedSearch,
  held: ArrayLike<number>,
  variance: number,
  covariance: Float64Array,
): Float64Array {
  const { information, chain, variables } = fit;
  const n = fit.names.length;
  const stride = largest;
  const lower = lowerTriangle;
  const map = mapped;
  covariance.fill(0, 0, n * n);
  // Cholesky L L' of the free block, scaled to unit diagonal, and W = L^-1 S^-1 C'; the covariance is s^2 W'W.
  let count = 0;
  for (let j = 0; j < variables; j++) {
    if (held[j] === 1) continue;
    const base = (j * (j + 1)) / 2;
    const scale = Math.sqrt(information[base + j]!);
    const inverse = scale > 0 ? 1 / scale : 0;
    const row = count * stride;
    let pivot = 1;
    for (let d = 0; d < count; d++) {
      let sum = information[base + freeOf[d]!]! * inverse * freeScale[d]!;
      for (let e = 0; e < d; e++) sum -= lower[row + e]! * lower[d * stride + e]!;
      const entry = sum * lower[d * stride + d]!;
      lower[row + d] = entry;
      pivot -= entry * entry;
    }
    if (!(scale > 0) || !(pivot > LEAST_PIVOT)) {
      for (let i = 0; i < n; i++) if (chain[i * variables + j] !== 0) covariance[i * n + i] = Infinity;
      continue;
    }
    // The diagonal holds its reciprocal.
    const diagonal = 1 / Math.sqrt(pivot);
    lower[row + count] = diagonal;
    for (let i = 0; i < n; i++) {
      let sum = chain[i * variables + j]! * inverse;
      for (let e = 0; e < count; e++) sum -= lower[row + e]! * map[e * stride + i]!;
      map[row + i] = sum * diagonal;
    }
    freeOf[count] = j;
    freeScale[count] = inverse;
    count++;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let c = 0; c < count; c++) sum += map[c * stride + i]! * map[c * stride + j]!;
      const value = covariance[i * n + j]! + variance * sum;
      covariance[i * n + j] = value;
      covariance[j * n + i] = value;
    }
  }
  return covariance;
}

/**
 * Where nothing is held: S = D^-1 J'J D^-1 in the parameters, D the lengths of the columns, into \`scaled\` and its inverse by Cholesky into
 * \`inverse\`, lower triangles; false where a pivot is rounding.
 */
function invertInformation(n: number, information: Float64Array): boolean {
  const lower = lowerTriangle;
  const map = mapped;
  for (let i = 0, at = 0; i < n; i++) {
    const length = Math.sqrt(information[packedIndex(i, i)]!);
    if (!(length > 0 && length < Infinity)) return false;
    const scale = 1 / length;
    inverseLengths[i] = scale;
    for (let j = 0; j <= i; j++) {
      const entry = information[at++]! * scale * inverseLengths[j]!;
      scaled[i * n + j] = entry;
      let sum = entry;
      for (let e = 0; e < j; e++) sum -= lower[i * n + e]! * lower[j * n + e]!;
      if (j < i) lower[i * n + j] = sum * lower[j * n + j]!;
      else if (sum > LEAST_PIVOT) lower[i * n + i] = 1 / Math.sqrt(sum);
      else return false;
    }
  }
  // L^-1 by rows; its diagonal is that of \`lower\`, which holds reciprocals.
  for (let i = 0; i < n; i++) {
    const diagonal = lower[i * n + i]!;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let e = j; e < i; e++) sum -= lower[i * n + e]! * map[e * n + j]!;
      map[i * n + j] = sum * diagonal;
    }
    map[i * n + i] = diagonal;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let e = i; e < n; e++) sum += map[e * n + i]! * map[e * n + j]!;
      inverse[i * n + j] = sum;
    }
  }
  return true;
}

/** The covariance from what \`invertInformation\` left. */
function scaleBack(n: number, variance: number): Float64Array {
  const covariance = freeCovariance;
  for (let i = 0; i < n; i++) {
    const scale = variance * inverseLengths[i]!;
    for (let j = 0; j <= i; j++) {
      const value = inverse[i * n + j]! * scale * inverseLengths[j]!;
      covariance[i * n + j] = value;
      covariance[j * n + i] = value;
    }
  }
  return covariance;
}

/** The same as \`weakness\` from what \`invertInformation\` left. */
function wholeWeakness(fit: FinishedSearch): Weakness {
  const n = fit.names.length;
  const strongest = dominantEigenvalue(n, scaled, direction);
  const weakest = dominantEigenvalue(n, inverse, direction);
  return { condition: Math.max(1, Math.sqrt(strongest * weakest)), weakDirection: named(fit.names, direction) };
}

function named(names: readonly string[], values: Float64Array): Record<string, number> {
  const result: Record<string, number> = {};
  for (let i = 0; i < names.length; i++) result[names[i]!] = values[i]!;
  return result;
}

interface Weakness {
  condition: number;
  weakDirection: Record<string, number>;
}

/** Largest and smallest stretch of the column-scaled Jacobian, and the parameters of the smallest. */
function weakness(fit: FinishedSearch, covariance: Float64Array, variance: number): Weakness {
  const n = fit.names.length;
  const information = fit.parameterInformation;
  let finite = true;
  for (let i = 0, at = 0; i < n; i++) {
    const length = Math.sqrt(information[packedIndex(i, i)]!);
    lengths[i] = length;
    inverseLengths[i] = length > 0 ? 1 / length : 0;
    for (let j = 0; j <= i; j++) {
      scaled[i * n + j] = information[at++]! * inverseLengths[i]! * inverseLengths[j]!;
      finite &&= Number.isFinite(covariance[i * n + j]!);
    }
  }
  const largest = dominantEigenvalue(n, scaled, direction);
  let condition = Infinity;
  if (finite) {
    const inverseVariance = 1 / variance;
    for (let i = 0; i < n; i++) {
      const scale = lengths[i]! * inverseVariance;
      for (let j = 0; j <= i; j++) scaled[i * n + j] = covariance[i * n + j]! * scale * lengths[j]!;
    }
    const weakest = dominantEigenvalue(n, scaled, direction);
    condition = Math.max(1, Math.sqrt(largest * weakest));
  } else {
    for (let i = 0; i < n; i++) direction[i] = Number.isFinite(covariance[i * n + i]!) ? 0 : 1;
    let norm = 0;
    for (let i = 0; i < n; i++) norm += direction[i]!;
    for (let i = 0; i < n; i++) direction[i]! /= Math.sqrt(norm);
  }
  return { condition, weakDirection: named(fit.names, direction) };
}

function intervals(fit: FinishedSearch, covariance: Float64Array, variance: number): Record<string, [number, number]> {
  const n = fit.names.length;
  const result: Record<string, [number, number]> = {};
  let unbounded: Float64Array | undefined;
  for (let i = 0; i < n; i++) {
    const name = fit.names[i]!;
    const value = fit.values[i]!;
    const low = fit.lower[i]!;
    const high = fit.upper[i]!;
    if (fit.atBound.includes(name)) {
      unbounded ??= covarianceOf(fit, nothingHeld, variance, unheldCovariance);
      const reach = ONE_SIDED * Math.sqrt(unbounded[i * n + i]!);
      result[name] = value <= low ? [value, Math.min(high, value + reach)] : [Math.max(low, value - reach), value];
    } else {
      const reach = TWO_SIDED * Math.sqrt(covariance[i * n + i]!);
      result[name] = [Math.max(low, value - reach), Math.min(high, value + reach)];
    }
  }
  return result;
}
