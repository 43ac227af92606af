/**
 * An SSVI surface fitted to all slices at once: one correlation, one curve phi(theta) and the at-the-money variance of every expiry,
 * inside the conditions of Gatheral and Jacquier (2014) against butterfly and calendar arbitrage. Families and conditions:
 * smile/ssvi-family.ts; variables and search: ssvi-search.ts.
 */
import { requireArray, requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Rejection } from '../../errors.js';
import type { Instant } from '../../market/quote.js';
import type { SliceInput } from '../../market/slice.js';
import { leastSquares } from '../../math/least-squares/least-squares.js';
import type { NormalSearch } from '../../math/least-squares/normal-search.js';
import type { Matrix } from '../../math/matrix.js';
import { certifyButterfly } from '../arbitrage/butterfly.js';
import { certifyCalendar } from '../arbitrage/calendar.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SsviSlice } from '../smile/parameters.js';
import { isSsvi } from '../smile/smile.js';
import { requireSsviSlice } from '../smile/ssvi.js';
import { requireSsviFamily, ssviSlices, toSsviCurve, wingShare } from '../smile/ssvi-family.js';
import type { SsviCurve, SsviFamily, WingShare } from '../smile/ssvi-family.js';
import { carryInformation, noQuoteErrors, objectiveOf, reportSearch } from './diagnostics.js';
import type { FitDiagnostics, FitFailure, FitObjective, FitOptions, SliceFit } from './fit.js';
import { fitQuotes } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import {
  curveVariables,
  firstPoint,
  GROWTH,
  searchSsvi,
  ssviBox,
  ssviNormal,
  ssviPoint,
  ssviProblem,
  ssviVariables,
} from './ssvi-search.js';
import type { SsviPoint } from './ssvi-search.js';
import { ssviQuoteErrors, ssviSliceFit } from './ssvi-slice-fit.js';

export interface SsviFitOptions extends FitOptions {
  /** Default 'power-law'. */
  family?: SsviFamily | undefined;
}

/** One expiry of an SSVI surface. */
export type SsviSliceFit = SliceFit<SsviSlice>;

export interface SsviFit {
  ok: true;
  family: SsviFamily;
  /** rho, eta and gamma of the power law; rho and lambda of the Heston-like family. */
  parameters: Record<string, number>;
  /** At-the-money total variance, in order of expiry. */
  theta: number[];
  /** In order of expiry; the covariance of each is that of the surface, carried to (theta, rho, phi). */
  slices: SsviSliceFit[];
  /** 'theta[0]', ... and the names of `parameters`: the order of the covariance. */
  parameterNames: string[];
  covariance: Matrix;
  interval95: Record<string, [number, number]>;
  /** Over the quotes of all slices. */
  diagnostics: FitDiagnostics;
  /** Of every slice. */
  butterfly: Certificate[];
  /** Of neighbouring slices. */
  calendar: Certificate[];
  /** Expiries without a target. */
  failed: { expiry: Instant; reason: FitFailure['reason'] }[];
  rejected: Rejection[];
}

/**
 * Calibrates an SSVI surface to slices of different expiries, in any order. Every slice and every pair of neighbours of the result is
 * proved free of arbitrage. `start`, an SSVI slice, gives rho and the level of the curve. Expiries without a target are listed in
 * `failed`. Fails with 'too-few-quotes' where there are fewer targets than parameters (one a slice, and 3 or 2), 'no-convergence'
 * where the engine finds no minimum; throws InputError on slices or options that are not as they must be.
 */
export function calibrateSsvi(slices: readonly SliceInput[], o: SsviFitOptions = {}): SsviFit | FitFailure {
  requireArray('slices', slices);
  const family = o.family === undefined ? 'power-law' : requireSsviFamily(o.family);
  if (o.engine !== undefined) requireOneOf('engine', o.engine, ['trust-region', 'ml']);
  const ordered = [...slices].sort((a, b) => a.timeToExpiry - b.timeToExpiry);
  ordered.slice(1).forEach((slice, i) => {
    if (slice.timeToExpiry === ordered[i]!.timeToExpiry) {
      throw new InputError('slices', slice.timeToExpiry, 'of different expiries');
    }
  });
  const all = ordered.map((input) => ({ input, quotes: fitQuotes(input, o) }));
  const usable = all.filter(({ quotes }) => quotes.targets > 0);
  const empty = all.filter(({ quotes }) => quotes.targets === 0);
  const rejected = empty.flatMap(({ input }) => withoutTarget(input));
  const quotes = usable.map((slice) => slice.quotes);
  const targets = quotes.reduce((sum, slice) => sum + slice.targets, 0);
  const variables = usable.length + curveVariables(family);
  if (usable.length === 0 || targets < variables) {
    const message = `${targets} quotes with a target volatility: ${variables} parameters need as many`;
    return { ok: false, reason: 'too-few-quotes', message, value: targets, limit: variables, rejected };
  }

  const start = firstPoint(family, quotes);
  if (o.start !== undefined) applyStart(start, family, o.start);
  const { low, high } = ssviBox(family, usable.length, start.theta[0]!);
  const x = ssviVariables(family, start, low, high);
  const search =
    o.engine === 'ml' ? searchByMl(family, quotes, x, low, high, o) : bestSearch(family, quotes, x, low, high);
  if (typeof search === 'string') return { ok: false, reason: 'no-convergence', message: search, rejected };
  const inputs = usable.map((slice) => slice.input);
  const failed = empty.map(({ input }) => ({ expiry: input.expiry, reason: 'too-few-quotes' as const }));
  return { ...finish(family, inputs, quotes, x, low, high, search, objectiveOf(o)), failed, rejected };
}

function withoutTarget(input: SliceInput): Rejection[] {
  return input.instrument.map((id, index) => ({ index, id, reason: 'too-few-quotes', value: 0, limit: 1 }));
}

const share: WingShare = { value: 0, byTheta: 0, byWing: 0, byGamma: 0 };

/** Gives the start the correlation and, at the slice's own theta, the curvature of an SSVI slice. */
function applyStart(start: SsviPoint, family: SsviFamily, slice: unknown): void {
  const p = slice as SsviSlice;
  if (typeof slice !== 'object' || slice === null || !isSsvi(p)) throw new InputError('start', slice, 'an SSVI slice');
  requireSsviSlice(p);
  wingShare(family, p.theta || start.theta[0]!, start.right + start.left, start.gamma, share);
  const scale = (0.5 * p.theta * p.phi) / share.value;
  start.right = scale * (1 + p.rho);
  start.left = scale * (1 - p.rho);
}

interface Search extends NormalSearch {
  starts: number;
}

/** Curves that a search from the quotes' own hyperbolas could miss: rho, gamma and the size of both wings as a part of the largest. */
const OTHER_CURVES = [
  [-0.7, 0.5, 0.5],
  [0, 0.3, 0.2],
  [0.5, 0.4, 0.7],
] as const;

/** From x, which becomes the best point; where that ends far from the quotes or on the box of the curve, also from other curves. Why not, where there is none. */
function bestSearch(
  family: SsviFamily,
  quotes: readonly FitQuotes[],
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
): Search | string {
  const first = x.slice();
  let best = searchSsvi(family, quotes, x, low, high);
  let starts = 1;
  const n = quotes.length;
  const degrees = quotes.reduce((sum, slice) => sum + slice.targets, 0) - x.length;
  const atEdge = x.subarray(n, n + 2).some((value, j) => value <= low[n + j]! || value >= high[n + j]!);
  if (!(2 * best.cost <= 4 * Math.max(1, degrees)) || atEdge) {
    for (const [rho, gamma, size] of OTHER_CURVES) {
      const other = first.slice();
      other[n] = 0.5 * size * high[n]! * (1 + rho);
      other[n + 1] = 0.5 * size * high[n]! * (1 - rho);
      if (family === 'power-law') other[n + 2] = gamma;
      const search = searchSsvi(family, quotes, other, low, high);
      starts++;
      if (!(search.cost < best.cost)) continue;
      best = search;
      x.set(other);
    }
  }
  return Number.isFinite(best.cost) ? { ...best, starts } : 'no start has finite residuals';
}

function searchByMl(
  family: SsviFamily,
  quotes: readonly FitQuotes[],
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
  o: FitOptions,
): Search | string {
  const problem = ssviProblem(family, quotes, low, high);
  const fit = leastSquares(problem, { start: Array.from(x), engine: 'ml', loss: o.loss, costTolerance: 1e-12 });
  if (!fit.ok) return fit.message;
  x.set(fit.x);
  return { cost: fit.cost, iterations: fit.iterations, starts: 1, termination: fit.termination };
}

/** The record of a finished fit. */
function finish(
  family: SsviFamily,
  inputs: readonly SliceInput[],
  quotes: readonly FitQuotes[],
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
  search: Search,
  objective: FitObjective,
): Omit<SsviFit, 'failed' | 'rejected'> {
  const n = inputs.length;
  const total = x.length;
  const point = ssviPoint(family, x);
  const { theta, right, left } = point;
  const curve = toSsviCurve(family, point);
  const parameters: Record<string, number> = { ...curve };
  const names = [...theta.map((_, i) => `theta[${i}]`), ...Object.keys(parameters)];
  const values = [...theta, ...Object.values(parameters)];

  const held = Array.from(x, (value, j) => (value <= low[j]! || value >= high[j]! ? 1 : 0));
  const atBound = names.slice(0, n).filter((_, i) => held[i] === 1);
  const lower = [...theta.map((value, i) => (held[i] === 1 ? value : 0)), ...Object.values(parameters).map(() => 0)];
  const upper = names.map(() => Infinity);
  lower[n] = right <= low[n]! ? curve.rho : -1;
  upper[n] = left <= low[n + 1]! ? curve.rho : 1;
  if (right <= low[n]! || left <= low[n + 1]!) atBound.push('rho');
  if (right >= high[n]! || left >= high[n + 1]!) {
    atBound.push(names[n + 1]!);
    (family === 'power-law' ? upper : lower)[n + 1] = values[n + 1]!;
  }
  if (family === 'power-law') {
    lower[n + 2] = low[n + 2]!;
    upper[n + 2] = high[n + 2]!;
    if (held[n + 2] === 1) atBound.push('gamma');
  }

  const normal = new Float64Array(1 + total + (total * (total + 1)) / 2);
  ssviNormal(family, quotes)(x, normal);
  const information = normal.slice(1 + total);
  const parameterInformation = new Float64Array(information.length);
  carryInformation(total, information, variableSlopes(curve, n, total), parameterInformation);

  const smiles = ssviSlices(curve, theta);
  const errors = noQuoteErrors();
  const sliceErrors = smiles.map((smile, i) => ssviQuoteErrors(inputs[i]!, quotes[i]!, smile, errors));
  const report = reportSearch(
    {
      names,
      values,
      lower,
      upper,
      cost: search.cost,
      variables: total,
      information,
      held,
      chain: parameterSlopes(family, point, total),
      parameterInformation,
      atBound,
      iterations: search.iterations,
      starts: search.starts,
      termination: search.termination,
    },
    errors,
  );
  const butterfly = smiles.map((smile) => certifyButterfly(smile));
  const free = held.filter((value) => value === 0).length;
  const surface = { curve, count: n, degrees: Math.max(1, errors.used - free), objective, ...report };
  return {
    ok: true,
    family,
    parameters,
    theta,
    slices: smiles.map((smile, i) =>
      ssviSliceFit(surface, i, inputs[i]!, quotes[i]!, smile, butterfly[i]!, sliceErrors[i]!),
    ),
    parameterNames: names,
    ...report,
    butterfly,
    calendar: smiles.slice(1).map((later, i) => certifyCalendar(smiles[i]!, later)),
  };
}

/** d(theta, rho, eta, gamma) or d(theta, rho, lambda) by x, row-major. */
function parameterSlopes(family: SsviFamily, { theta, right, left }: SsviPoint, total: number): Float64Array {
  const n = theta.length;
  const slopes = new Float64Array(total * total);
  for (let i = 0; i < n; i++) {
    let slope = 1;
    for (let j = i; j >= 0; j--) {
      slopes[i * total + j] = slope;
      slope *= GROWTH;
    }
  }
  const sum = right + left;
  slopes[n * total + n] = (2 * left) / (sum * sum);
  slopes[n * total + n + 1] = (-2 * right) / (sum * sum);
  const bySum = family === 'power-law' ? 0.5 : -2 / (sum * sum);
  slopes[(n + 1) * total + n] = bySum;
  slopes[(n + 1) * total + n + 1] = bySum;
  if (family === 'power-law') slopes[(n + 2) * total + n + 2] = 1;
  return slopes;
}

/** The inverse of parameterSlopes: dx by the parameters. */
function variableSlopes(curve: SsviCurve, n: number, total: number): Float64Array {
  const slopes = new Float64Array(total * total);
  for (let i = 0; i < n; i++) {
    slopes[i * total + i] = 1;
    if (i > 0) slopes[i * total + i - 1] = -GROWTH;
  }
  const scale = 'eta' in curve ? curve.eta : 1 / curve.lambda;
  const byScale = 'eta' in curve ? 1 : -scale * scale;
  slopes[n * total + n] = scale;
  slopes[n * total + n + 1] = byScale * (1 + curve.rho);
  slopes[(n + 1) * total + n] = -scale;
  slopes[(n + 1) * total + n + 1] = byScale * (1 - curve.rho);
  if ('eta' in curve) slopes[(n + 2) * total + n + 2] = 1;
  return slopes;
}
