/**
 * What a number of quotes can tell, and the fit of an expiry that has too few for SVI.
 *
 *   quotes   model            from the quotes                     from the neighbouring expiries
 *   8 up     svi              a, b, rho, m, sigma
 *   4 to 7   essvi            theta, rho, phi
 *   2, 3     level-and-skew   theta, D = R - L                    S = R + L, the sum of the wing slopes
 *   1        level            theta                               R and L
 *
 * counted at distinct strikes. The neighbours' smiles are read as eSSVI slices. Every result keeps the sufficient condition against butterfly arbitrage
 * theta >= S max(R, L) / 2.
 */
import type { Instant } from '../../market/quote.js';
import type { SliceInput } from '../../market/slice.js';
import { leastSquares } from '../../math/least-squares/least-squares.js';
import { leastTheta, toSsviSlice, toWingSlice } from '../smile/essvi-wings.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import type { SsviSlice } from '../smile/parameters.js';
import { isSabr, isSsvi, smileDerivatives } from '../smile/smile.js';
import { ssviTotalVariance } from '../smile/ssvi.js';
import { informationOf, objectiveOf, sliceFit } from './diagnostics.js';
import { calibrateEssvi } from './essvi.js';
import type { FitFailure, FitOptions, SliceFit } from './fit.js';
import { fitQuotes, quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';

export type ModelChoice = 'svi' | 'essvi' | 'level-and-skew' | 'level' | 'none';

/** The richest model that this many quotes at distinct strikes determine. */
export function modelFor(quotes: number): ModelChoice {
  if (quotes >= 8) return 'svi';
  if (quotes >= 4) return 'essvi';
  if (quotes >= 2) return 'level-and-skew';
  return quotes === 1 ? 'level' : 'none';
}

/** Fits of the nearest expiries that have one, SVI or SSVI. */
export interface Neighbours {
  before?: SliceFit | undefined;
  after?: SliceFit | undefined;
}

const NAMES = ['theta', 'rho', 'phi'] as const;
/** Strikes at which the neighbours' smile is read, and the deviations they reach over. */
const READINGS = 21;
const REACH = 2.5;
/** The skew stays inside the wings by what the conversion to rho can round. */
const STEEPEST_TILT = 1 - 2 ** -40;

/**
 * Fits an expiry with few quotes as an eSSVI slice, in as many variables as its quotes determine; `diagnostics.borrowed` names what
 * was taken from the neighbours instead, whose own errors are not in the covariance. Fails as 'too-few-quotes' without any target, and
 * without a neighbour in SVI or SSVI where one is needed; as 'no-convergence' where the search does. Throws InputError on slices or
 * options that are not as they must be.
 */
export function fitThinSlice(
  slice: SliceInput,
  neighbours: Neighbours,
  options: FitOptions = {},
): SliceFit<SsviSlice> | FitFailure {
  const quotes = fitQuotes(slice, options);
  const distinct = new Set(slice.logMoneyness.filter((_, i) => !Number.isNaN(slice.volatility[i]!))).size;
  const choice = modelFor(distinct);
  if (choice === 'svi' || choice === 'essvi') {
    const fit = calibrateEssvi([slice], { ...options, start: undefined });
    return fit.ok ? fit.slices[0]! : fit;
  }
  const [before, after] = [neighbours.before, neighbours.after].map((fit) =>
    fit === undefined || isSabr(fit.parameters) ? undefined : fit,
  );
  const known = [before, after].filter((fit) => fit !== undefined);
  if (choice === 'none' || known.length === 0) {
    const needed = choice === 'none' ? 1 : 4;
    const message = `${distinct} quotes with a target and ${known.length} neighbours to borrow from`;
    return { ok: false, reason: 'too-few-quotes', message, value: distinct, limit: needed, rejected: [] };
  }
  const reference = neighbourSmile(slice, before, after);
  if (reference === undefined) {
    return { ok: false, reason: 'no-convergence', message: 'no eSSVI slice fits the neighbours', rejected: [] };
  }
  const from = known.map(({ input }) => input.expiry);
  return fitFrom(slice, quotes, reference, choice, from, options);
}

/**
 * The neighbours' smile at this expiry: theta, R and L linear in variance time between two eSSVI slices (Corbetta et al. 2019); after
 * the last one with its wings kept, before the first one with its rho and phi kept, and theta in proportion to variance time.
 */
function neighbourSmile(
  slice: SliceInput,
  before: SliceFit | undefined,
  after: SliceFit | undefined,
): WingSlice | undefined {
  const at = slice.varianceTime;
  const early = before && essviOf(before);
  const late = after && essviOf(after);
  if (before !== undefined && after !== undefined && early !== undefined && late !== undefined) {
    const share = (at - before.input.varianceTime) / (after.input.varianceTime - before.input.varianceTime);
    const between = (a: number, b: number): number => a + share * (b - a);
    return {
      theta: between(early.theta, late.theta),
      right: between(early.right, late.right),
      left: between(early.left, late.left),
    };
  }
  if (before !== undefined && early !== undefined) {
    return { ...early, theta: (early.theta * at) / before.input.varianceTime };
  }
  if (after === undefined || late === undefined) return undefined;
  const scale = at / after.input.varianceTime;
  return { theta: scale * late.theta, right: scale * late.right, left: scale * late.left };
}

/** A fitted smile as an eSSVI slice: itself, or the slice fitted to it. */
function essviOf({ parameters, input }: SliceFit): WingSlice | undefined {
  if (isSsvi(parameters)) return toWingSlice(parameters);
  const reach = REACH * Math.sqrt(smileDerivatives(parameters, 0).w);
  const k = Array.from({ length: READINGS }, (_, i) => reach * ((2 * i) / (READINGS - 1) - 1));
  const volatility = k.map((x) => Math.sqrt(smileDerivatives(parameters, x).w / input.timeToExpiry));
  const fit = calibrateEssvi([
    {
      ...input,
      instrument: k.map((x) => `k = ${x}`),
      logMoneyness: k,
      volatility,
      volatilityBid: volatility,
      volatilityAsk: volatility,
      standardDeviation: volatility.map((v) => 0.01 * v),
    },
  ]);
  return fit.ok ? toWingSlice(fit.slices[0]!.parameters) : undefined;
}

/** The fit in x = (e, D), or (e) alone: theta is e above its least value. */
function fitFrom(
  input: SliceInput,
  quotes: FitQuotes,
  reference: WingSlice,
  choice: 'level-and-skew' | 'level',
  from: Instant[],
  options: FitOptions,
): SliceFit<SsviSlice> | FitFailure {
  const { count } = quotes;
  const sum = reference.right + reference.left;
  const tilt = reference.right - reference.left;
  const variables = choice === 'level' ? 1 : 2;
  const wings = (x: ArrayLike<number>): WingSlice => {
    const d = x[1] ?? tilt;
    const [right, left] = [0.5 * (sum + d), 0.5 * (sum - d)];
    return { theta: leastTheta(right, left, undefined) + x[0]!, right, left };
  };
  // d(theta, rho, phi)/dx
  const chainAt = (x: ArrayLike<number>): Float64Array => {
    const { theta, right, left } = wings(x);
    const byTilt = ((right >= left ? 0.5 : -0.5) * leastTheta(right, left, undefined)) / Math.max(right, left);
    const phi = -sum / (theta * theta);
    return variables === 1 ? Float64Array.of(1, 0, phi) : Float64Array.of(1, byTilt, 0, 1 / sum, phi, phi * byTilt);
  };
  const jacobianAt = (x: ArrayLike<number>): Float64Array => slopes(quotes, toSsviSlice(wings(x)));
  const lower = [0, -sum * STEEPEST_TILT].slice(0, variables);
  const upper = [Infinity, sum * STEEPEST_TILT].slice(0, variables);
  const start = [
    Math.max(reference.theta - leastTheta(reference.right, reference.left, undefined), 1e-6 * reference.theta),
    tilt,
  ];
  const fit = leastSquares(
    {
      parameters: variables,
      residuals: count,
      lower,
      upper,
      deadzone: quotes.deadzone.length > 0 ? quotes.deadzone : undefined,
      evaluate(x, r) {
        const p = toSsviSlice(wings(x));
        for (let i = 0; i < count; i++) r[i] = quoteResidual(quotes, i, ssviTotalVariance(p, quotes.k[i]!));
      },
      jacobian(x, j) {
        j.set(product(jacobianAt(x), chainAt(x), count, variables));
      },
    },
    { start: start.slice(0, variables), loss: options.loss },
  );
  if (!fit.ok) return { ok: false, reason: 'no-convergence', message: fit.message, rejected: [] };
  const parameters = toSsviSlice(wings(fit.x));
  const jacobian = jacobianAt(fit.x);
  const chain = chainAt(fit.x);
  const isHeld = [fit.x[0]! <= 0, variables === 2 && (fit.x[1]! <= lower[1]! || fit.x[1]! >= upper[1]!)];
  const result = sliceFit<SsviSlice>({
    model: 'essvi',
    parameters,
    names: NAMES,
    values: [parameters.theta, parameters.rho, parameters.phi],
    lower: [0, -1, 0],
    upper: [Infinity, 1, Infinity],
    input,
    objective: objectiveOf(options),
    volatility: Float64Array.from({ length: count }, (_, i) =>
      Math.sqrt(ssviTotalVariance(parameters, quotes.k[i]!) / quotes.time),
    ),
    cost: fit.cost,
    variables,
    information: informationOf(product(jacobian, chain, count, variables), count, variables),
    held: isHeld.map(Number),
    chain,
    parameterInformation: informationOf(jacobian, count, 3),
    atBound: ['theta', 'rho'].filter((_, i) => isHeld[i]),
    iterations: fit.iterations,
    starts: 1,
    termination: fit.termination,
    rejected: [],
  });
  const borrowed = { parameters: variables === 1 ? ['R', 'L'] : ['R + L'], from };
  return { ...result, diagnostics: { ...result.diagnostics, borrowed } };
}

/** Whitened d residual / d(theta, rho, phi), row by row; a bound that holds at 0 has none. */
function slopes(quotes: FitQuotes, p: SsviSlice): Float64Array {
  const jacobian = new Float64Array(3 * quotes.count);
  for (let i = 0; i < quotes.count; i++) {
    const k = quotes.k[i]!;
    const w = ssviTotalVariance(p, k);
    if (Number.isNaN(quotes.target[i]!) && quoteResidual(quotes, i, w) === 0) continue;
    const shifted = p.phi * k + p.rho;
    const z = Math.sqrt(shifted * shifted + (1 - p.rho) * (1 + p.rho));
    const slope = quoteSlope(quotes, i, w);
    jacobian[3 * i] = (slope * w) / p.theta;
    jacobian[3 * i + 1] = slope * 0.5 * p.theta * p.phi * k * (1 + 1 / z);
    jacobian[3 * i + 2] = slope * 0.5 * p.theta * k * (p.rho + shifted / z);
  }
  return jacobian;
}

/** A B of rows x 3 and 3 x columns, row-major. */
function product(a: Float64Array, b: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let c = 0; c < 3; c++) result[i * columns + j]! += a[3 * i + c]! * b[c * columns + j]!;
    }
  }
  return result;
}
