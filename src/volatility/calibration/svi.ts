/**
 * Raw SVI fitted to one expiry: weighted least squares over the smiles that meet Lee's bounds and have no negative variance.
 *
 * A fixed row of m, each completed by the exact linear problem, gives the start; variable projection with a
 * Levenberg-Marquardt step in (m, ln sigma) takes it to the minimum. Where the result looks suspicious (it misses the quotes
 * by more than their errors, meets a bound, or did not converge) or the loss is not convex, the search is repeated from other
 * valleys of a grid that come near it, and the best is kept. Nothing is random.
 */
import { requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import type { SmileParameters, SviParameters } from '../smile/parameters.js';
import { requireSvi } from '../smile/raw-svi.js';
import { certifiedSlice } from './certified-slice.js';
import { objectiveOf } from './diagnostics.js';
import type { FitDiagnostics, FitFailure, FitOptions, SliceFit } from './fit.js';
import { fitQuotes, quotePool } from './quotes.js';
import type { FitQuotes, QuotePool } from './quotes.js';
import { emptyBox, sviBox } from './svi-box.js';
import type { SviBox } from './svi-box.js';
import { sviMl } from './svi-ml.js';
import { lineariseSvi, sviNormal } from './svi-objective.js';
import { descendProfile, profileCost, stepProfile, takeProblem } from './svi-profile.js';
import type { SviNormal } from './svi-objective.js';
import { completeSlopes, firstLinearQuotes, setStart } from './svi-projection.js';
import { sviReport, toSearchPoint } from './svi-report.js';
import { sviSearch } from './svi-search.js';
import type { SviSearch, SviWorkspace } from './svi-search.js';

/** Fewer targets at distinct strikes than parameters determine nothing. */
const LEAST_QUOTES = 5;
const FIRST_LAMBDA = 0.3;
/** Chi-square per degree of freedom from which a fit is looked at again. */
const SUSPICIOUS = 2;
/** How many times that of the last fit it may be in a fit that started there. */
const WORSE = 1.5;

/** Places of m within the quoted interval, and sigma over its length: one is enough to begin with. */
const QUICK_PLACES = [0.05, 0.25, 0.4, 0.55, 0.75, 0.95];
const QUICK_RATIO = 0.15;
const FINE_PLACES = [0, 0.2, 0.35, 0.5, 0.65, 0.8, 1];
const FINE_RATIOS = [0.01, 0.05, 0.25, 1.2];
const FINE_COSTS = new Float64Array(FINE_PLACES.length * FINE_RATIOS.length);
/** About as many quotes as the fine grid looks at. */
const FINE_QUOTES = 10;
const FURTHER_STARTS = 2;
/** Newton steps on the way from the linear problem to that of the volatilities, and the part of the cost worth a further one. */
const MOST_STEPS = 3;
const ENOUGH = 1e-5;
/** A start that costs more than this many times the fit at hand is not searched from. */
const HOPELESS = 1.1;
/** A start this near to a known minimum, in spans and in ln sigma, would find it again. */
const SAME_PLACE = 0.1;
const SAME_RATIO = 0.7;

interface Workspace extends SviWorkspace {
  linear: SviNormal;
  pool: QuotePool;
}

/** Reused by every fit: a slice is fitted without allocating more than its report. */
let workspace = sviWorkspace(64);

function sviWorkspace(quotes: number): Workspace {
  return { here: sviNormal(quotes), there: sviNormal(quotes), linear: sviNormal(quotes), pool: quotePool(quotes) };
}

const ownBox = emptyBox();
const point = new Float64Array(5);
const best = new Float64Array(5);

/**
 * Fits raw SVI to a slice.
 *
 * @param slice at least five targets at distinct strikes; a quote whose target is NaN only bounds the smile.
 * @param options `start` (SVI parameters) is searched from first, and alone where the result is not suspicious.
 *   `arbitrage` 'certify' gives a slice that is proved free of butterfly arbitrage, with its certificate; by default nothing is asked.
 * @returns the fit, or `too-few-quotes`, `no-convergence` or, with 'certify', `not-certifiable`.
 * @throws InputError for numbers in the slice or options that make no sense.
 */
export function calibrateSvi(slice: SliceInput, options: FitOptions = {}): SliceFit<SviParameters> | FitFailure {
  return calibrate(slice, options, false);
}

/**
 * The fit for quotes that have moved a little since \`previous\`, the fit of the same expiry: one search from its parameters, which counts
 * where it is no more suspicious than \`previous\` was, and else what \`calibrateSvi\` finds from there.
 */
export function recalibrateSvi(
  slice: SliceInput,
  options: FitOptions,
  previous: SliceFit,
): SliceFit<SviParameters> | FitFailure {
  const warm = { ...options, start: previous.parameters };
  const fit = calibrate(slice, warm, true);
  return fit.ok && !isWorse(fit.diagnostics, previous.diagnostics) ? fit : calibrateSvi(slice, warm);
}

/** Whether a fit meets a bound that the last one did not, or misses its quotes by more than they say and than the last one did. */
function isWorse(fit: FitDiagnostics, last: FitDiagnostics): boolean {
  if (fit.chiSquarePerDof > Math.max(SUSPICIOUS, WORSE * last.chiSquarePerDof)) return true;
  return fit.atBound.some((name) => !last.atBound.includes(name));
}

/** \`alone\`: only the search from \`start\`. */
function calibrate(slice: SliceInput, options: FitOptions, alone: boolean): SliceFit<SviParameters> | FitFailure {
  if (!isSorted(slice.logMoneyness)) return fitSorted(slice, options, alone);
  const count = slice.logMoneyness.length;
  if (workspace.here.weight.length < count) workspace = sviWorkspace(2 * count);
  const quotes = fitQuotes(slice, options, workspace.pool);
  const engine = options.engine === undefined ? 'trust-region' : requireOneOf('engine', options.engine, ENGINES);
  if (options.arbitrage !== undefined) requireOneOf('arbitrage', options.arbitrage, ARBITRAGE);
  const start = options.start === undefined ? undefined : requireStart(options.start);
  const distinct = distinctTargets(quotes);
  if (distinct < LEAST_QUOTES) {
    return {
      ok: false,
      reason: 'too-few-quotes',
      message: `five quotes at distinct strikes are needed for the five parameters of SVI, there are ${distinct}`,
      value: distinct,
      limit: LEAST_QUOTES,
      rejected: [],
    };
  }
  const box = sviBox(quotes, options.arbitrage === 'certify' ? undefined : ownBox);
  const { found, starts } = engine === 'ml' ? sviMl(quotes, box, start) : search(quotes, box, start, alone);
  if (found.termination === 'iterations') {
    return {
      ok: false,
      reason: 'no-convergence',
      message: `no convergence in ${found.iterations} iterations`,
      value: found.iterations,
      limit: found.iterations,
      rejected: [],
    };
  }
  const isLast = engine === 'trust-region' && starts === 1;
  const fit = sviReport(slice, objectiveOf(options), quotes, box, workspace.here, found, starts, isLast);
  return options.arbitrage === 'certify' ? certifiedSlice(fit, fitQuotes(slice, options), box) : fit;
}

const ENGINES = ['trust-region', 'ml'] as const;
const ARBITRAGE = ['report', 'certify'] as const;

function isSorted(k: readonly number[]): boolean {
  for (let i = 1; i < k.length; i++) if (k[i]! < k[i - 1]!) return false;
  return true;
}

/** The same fit whatever the order of the quotes, to the last bit: they are sorted first. */
function fitSorted(slice: SliceInput, options: FitOptions, alone: boolean): SliceFit<SviParameters> | FitFailure {
  fitQuotes(slice, options);
  const order = slice.logMoneyness.map((_, i) => i).sort((a, b) => slice.logMoneyness[a]! - slice.logMoneyness[b]!);
  const pick = <T>(values: readonly T[]): T[] => order.map((i) => values[i]!);
  const sorted = calibrate(
    {
      ...slice,
      instrument: pick(slice.instrument),
      logMoneyness: pick(slice.logMoneyness),
      volatilityBid: pick(slice.volatilityBid),
      volatilityAsk: pick(slice.volatilityAsk),
      volatility: pick(slice.volatility),
      standardDeviation: pick(slice.standardDeviation),
    },
    options,
    alone,
  );
  if (!sorted.ok) return sorted;
  const residualBp = new Array<number>(order.length);
  const residualHalfSpreads = new Array<number>(order.length);
  order.forEach((from, at) => {
    residualBp[from] = sorted.residualBp[at]!;
    residualHalfSpreads[from] = sorted.residualHalfSpreads[at]!;
  });
  return { ...sorted, input: slice, residualBp, residualHalfSpreads };
}

function search(
  quotes: FitQuotes,
  box: SviBox,
  start: SviParameters | undefined,
  alone: boolean,
): { found: SviSearch; starts: number } {
  let found: SviSearch | undefined;
  let starts = 0;
  if (start !== undefined) {
    toSearchPoint(box, start, point);
    if (alone && quotes.plain) stepNear(quotes, box, point);
    found = sviSearch(quotes, box, point, 0, workspace);
    starts = 1;
    if (alone || !suspicious(quotes, box, found)) return { found, starts };
    best.set(point);
    found.x = best;
  }
  firstLinearQuotes(quotes, workspace.linear);
  const quick = quickStart(quotes, box);
  const cold = searchFrom(quotes, box, quick, workspace.linear);
  starts++;
  if (found === undefined || isBetter(cold, found)) {
    best.set(cold.x);
    cold.x = best;
    found = cold;
  }
  if (quotes.loss !== 'l2' || suspicious(quotes, box, found)) {
    for (const place of valleys(quotes, box, found)) {
      point.set(place);
      const further = sviSearch(quotes, box, point, FIRST_LAMBDA, workspace);
      starts++;
      if (isBetter(further, found)) {
        best.set(further.x);
        further.x = best;
        found = further;
      }
    }
  }
  return { found, starts };
}

/** The search from a start, which first goes the cheap way as far as that leads. */
function searchFrom(quotes: FitQuotes, box: SviBox, x: Float64Array, linear: SviNormal): SviSearch {
  if (!quotes.plain || !descendProfile(quotes, linear, box, x)) {
    completeSlopes(quotes, linear, box, x);
    return sviSearch(quotes, box, x, FIRST_LAMBDA, workspace);
  }
  stepNear(quotes, box, x);
  return sviSearch(quotes, box, x, 0, workspace);
}

/** Newton steps from near the minimum, each on the linear problem around the point. */
function stepNear(quotes: FitQuotes, box: SviBox, x: Float64Array): void {
  for (let step = 0; step < MOST_STEPS; step++) {
    if (!lineariseSvi(quotes, x, workspace.there)) break;
    if (!(stepProfile(quotes, workspace.there, box, x) > ENOUGH)) break;
  }
}

function isBetter(a: SviSearch, b: SviSearch): boolean {
  if (a.termination === 'iterations') return false;
  return b.termination === 'iterations' || a.cost < b.cost;
}

function suspicious(quotes: FitQuotes, box: SviBox, found: SviSearch): boolean {
  if (found.termination === 'iterations' || found.onFloor) return true;
  if (2 * found.cost > SUSPICIOUS * Math.max(1, quotes.targets - 5)) return true;
  for (let j = 1; j < 5; j++) if (found.x[j]! <= box.low[j]! || found.x[j]! >= box.high[j]!) return true;
  return false;
}

/** The best point of the coarse grid. */
function quickStart(quotes: FitQuotes, box: SviBox): Float64Array {
  const { linear } = workspace;
  takeProblem(quotes, linear);
  let least = Infinity;
  for (const place of QUICK_PLACES) {
    setStart(box, place, QUICK_RATIO, trialStart);
    let cost = profileCost(quotes, linear, box, trialStart[3]!, trialStart[4]!);
    if (Number.isNaN(cost)) cost = completeSlopes(quotes, linear, box, trialStart);
    if (cost < least) {
      least = cost;
      point.set(trialStart);
    }
  }
  return point;
}

const trialStart = new Float64Array(5);

/** Points of the fine grid no worse than their neighbours, not next to what was found nor hopeless, the lowest first. */
function valleys(quotes: FitQuotes, box: SviBox, found: SviSearch): Float64Array[] {
  const known = found.x;
  const columns = FINE_RATIOS.length;
  const stride = Math.max(1, Math.floor(quotes.count / FINE_QUOTES));
  for (let at = 0; at < FINE_COSTS.length; at++) {
    setStart(box, FINE_PLACES[Math.floor(at / columns)]!, FINE_RATIOS[at % columns]!, trialStart);
    FINE_COSTS[at] = completeSlopes(quotes, workspace.linear, box, trialStart, stride);
  }
  const cost = (at: number): number => FINE_COSTS[at] ?? Infinity;
  const lowest: number[] = [];
  for (let at = 0; at < FINE_COSTS.length; at++) {
    const column = at % columns;
    const besides = Math.min(column > 0 ? cost(at - 1) : Infinity, column < columns - 1 ? cost(at + 1) : Infinity);
    if (cost(at) <= Math.min(besides, cost(at - columns), cost(at + columns))) lowest.push(at);
  }
  lowest.sort((a, b) => cost(a) - cost(b));
  const starts: Float64Array[] = [];
  for (const at of lowest) {
    const x = new Float64Array(5);
    setStart(box, FINE_PLACES[Math.floor(at / columns)]!, FINE_RATIOS[at % columns]!, x);
    if (Math.abs(x[3]! - known[3]!) < SAME_PLACE * box.span && Math.abs(x[4]! - known[4]!) < SAME_RATIO) continue;
    if (completeSlopes(quotes, workspace.linear, box, x) > HOPELESS * found.cost) continue;
    starts.push(x);
    if (starts.length === FURTHER_STARTS) break;
  }
  return starts;
}

function requireStart(start: SmileParameters): SviParameters {
  if (!('sigma' in start)) throw new InputError('start', start, 'SVI parameters (a, b, rho, m, sigma)');
  requireSvi(start);
  return start;
}

function distinctTargets(quotes: FitQuotes): number {
  const { count, k, volatility } = quotes;
  let distinct = 0;
  for (let i = 0; i < count && distinct < LEAST_QUOTES; i++) {
    if (volatility[i] !== volatility[i]) continue;
    let seen = false;
    for (let j = 0; j < i && !seen; j++) seen = k[j] === k[i] && volatility[j] === volatility[j];
    if (!seen) distinct++;
  }
  return distinct;
}
