/**
 * Raw SVI fitted to one expiry: weighted least squares over the smiles that meet Lee's bounds and have no negative variance.
 *
 * A fixed grid of (m, sigma), each completed by the exact linear problem, gives the start; variable projection with a
 * Levenberg-Marquardt step in (m, ln sigma) takes it to the minimum. Where the result looks suspicious (it misses the quotes
 * by more than their errors, meets a bound, or did not converge) or the loss is not convex, the search is repeated from the
 * other valleys of a finer grid and the best is kept. Nothing is random.
 */
import { requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { SmileParameters, SviParameters } from '../smile/parameters.js';
import { requireSvi, SVI_NAMES } from '../smile/raw-svi.js';
import { carryInformation, objectiveOf, sliceFit } from './diagnostics.js';
import type { FitFailure, FitObjective, FitOptions, SliceFit } from './fit.js';
import { fitQuotes, quotePool } from './quotes.js';
import type { FitQuotes, QuotePool } from './quotes.js';
import { raiseToFloor, sviBox } from './svi-box.js';
import type { SviBox } from './svi-box.js';
import { sviMl } from './svi-ml.js';
import { evaluateSvi, sviNormal } from './svi-objective.js';
import type { SviNormal } from './svi-objective.js';
import { completeSlopes, firstLinearQuotes, setStart } from './svi-projection.js';
import { sviSearch } from './svi-search.js';
import type { SviSearch, SviWorkspace } from './svi-search.js';

/** Fewer targets at distinct strikes than parameters determine nothing. */
const LEAST_QUOTES = 5;
const FIRST_LAMBDA = 0.3;
/** Chi-square per degree of freedom from which a fit is looked at again. */
const SUSPICIOUS = 2;

/** Places of m within the quoted interval, and sigma over its length. */
const QUICK_PLACES = [0.1, 0.4, 0.65, 0.9];
const QUICK_RATIOS = [0.05, 0.2, 0.6];
/** About as many quotes as the coarse grid looks at. */
const QUICK_QUOTES = 10;
const FINE_PLACES = [-0.1, 0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.1];
const FINE_RATIOS = [0.01, 0.03, 0.1, 0.3, 1, 3];
const FINE_COSTS = new Float64Array(FINE_PLACES.length * FINE_RATIOS.length);
/** About as many quotes as the fine grid looks at. */
const FINE_QUOTES = 15;
const FURTHER_STARTS = 1;
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

const point = new Float64Array(5);
const best = new Float64Array(5);

/**
 * Fits raw SVI to a slice.
 *
 * @param slice at least five targets at distinct strikes; a quote whose target is NaN only bounds the smile.
 * @param options `start` (SVI parameters) is searched from first, and alone where the result is not suspicious.
 * @returns the fit, or `too-few-quotes` or `no-convergence`.
 * @throws InputError for numbers in the slice or options that make no sense, and for `arbitrage` other than 'report'.
 */
export function calibrateSvi(slice: SliceInput, options: FitOptions = {}): SliceFit<SviParameters> | FitFailure {
  if (!isSorted(slice.logMoneyness)) return fitSorted(slice, options);
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
  const box = sviBox(quotes);
  const { found, starts } = engine === 'ml' ? sviMl(quotes, box, start) : search(quotes, box, start);
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
  return report(slice, objectiveOf(options), quotes, box, found, starts, engine === 'trust-region' && starts === 1);
}

const ENGINES = ['trust-region', 'ml'] as const;
/** Certification moves parameters with the neighbouring expiries in view; a slice alone is only reported. */
const ARBITRAGE = ['report'] as const;

function isSorted(k: readonly number[]): boolean {
  for (let i = 1; i < k.length; i++) if (k[i]! < k[i - 1]!) return false;
  return true;
}

/** The same fit whatever the order of the quotes, to the last bit: they are sorted first. */
function fitSorted(slice: SliceInput, options: FitOptions): SliceFit<SviParameters> | FitFailure {
  fitQuotes(slice, options);
  const order = slice.logMoneyness.map((_, i) => i).sort((a, b) => slice.logMoneyness[a]! - slice.logMoneyness[b]!);
  const pick = <T>(values: readonly T[]): T[] => order.map((i) => values[i]!);
  const sorted = calibrateSvi(
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
): { found: SviSearch; starts: number } {
  let found: SviSearch | undefined;
  let starts = 0;
  if (start !== undefined) {
    toSearchPoint(box, start, point);
    found = sviSearch(quotes, box, point, 0, workspace);
    best.set(point);
    starts = 1;
    if (!suspicious(quotes, box, found)) return { found, starts };
  }
  firstLinearQuotes(quotes, workspace.linear);
  const quick = quickStart(quotes, box);
  const cold = sviSearch(quotes, box, quick, FIRST_LAMBDA, workspace);
  starts++;
  if (found === undefined || isBetter(cold, found)) {
    found = { ...cold, x: best };
    best.set(cold.x);
  }
  if (quotes.loss !== 'l2' || suspicious(quotes, box, found)) {
    for (const place of valleys(quotes, box, found.x)) {
      point.set(place);
      const further = sviSearch(quotes, box, point, FIRST_LAMBDA, workspace);
      starts++;
      if (isBetter(further, found)) {
        found = { ...further, x: best };
        best.set(further.x);
      }
    }
  }
  return { found: { ...found, x: best }, starts };
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
  let least = Infinity;
  const stride = Math.max(1, Math.floor(quotes.count / QUICK_QUOTES));
  for (const place of QUICK_PLACES) {
    for (const ratio of QUICK_RATIOS) {
      setStart(box, place, ratio, trialStart);
      const cost = completeSlopes(quotes, workspace.linear, box, trialStart, stride);
      if (cost < least) {
        least = cost;
        point.set(trialStart);
      }
    }
  }
  completeSlopes(quotes, workspace.linear, box, point);
  return point;
}

const trialStart = new Float64Array(5);

/** Points of the fine grid no worse than their neighbours and not next to `known`, the lowest first, a few of them. */
function valleys(quotes: FitQuotes, box: SviBox, known: Float64Array): Float64Array[] {
  const columns = FINE_RATIOS.length;
  const stride = Math.max(1, Math.floor(quotes.count / FINE_QUOTES));
  for (let at = 0; at < FINE_COSTS.length; at++) {
    setStart(box, FINE_PLACES[Math.floor(at / columns)]!, FINE_RATIOS[at % columns]!, trialStart);
    FINE_COSTS[at] = completeSlopes(quotes, workspace.linear, box, trialStart, stride);
  }
  const cost = (at: number): number => FINE_COSTS[at] ?? Infinity;
  const found: number[] = [];
  for (let at = 0; at < FINE_COSTS.length; at++) {
    const column = at % columns;
    const besides = Math.min(column > 0 ? cost(at - 1) : Infinity, column < columns - 1 ? cost(at + 1) : Infinity);
    if (cost(at) <= Math.min(besides, cost(at - columns), cost(at + columns))) found.push(at);
  }
  found.sort((a, b) => cost(a) - cost(b));
  const starts: Float64Array[] = [];
  for (const at of found) {
    const x = new Float64Array(5);
    setStart(box, FINE_PLACES[Math.floor(at / columns)]!, FINE_RATIOS[at % columns]!, x);
    if (Math.abs(x[3]! - known[3]!) < SAME_PLACE * box.span && Math.abs(x[4]! - known[4]!) < SAME_RATIO) continue;
    completeSlopes(quotes, workspace.linear, box, x);
    starts.push(x);
    if (starts.length === FURTHER_STARTS) break;
  }
  return starts;
}

/** SVI parameters as a point of the search, moved into its box. */
export function toSearchPoint(box: SviBox, p: SviParameters, x: Float64Array): void {
  x[1] = p.b * (1 + p.rho);
  x[2] = p.b * (1 - p.rho);
  x[3] = p.m;
  x[4] = log(p.sigma);
  for (let j = 1; j < 5; j++) x[j] = Math.min(box.high[j]!, Math.max(box.low[j]!, x[j]!));
  x[0] = p.a;
  raiseToFloor(box, x);
}

function fromSearchPoint(x: Float64Array): SviParameters {
  const right = x[1]!;
  const left = x[2]!;
  const b = (right + left) / 2;
  return { a: x[0]!, b, rho: (right - left) / (right + left), m: x[3]!, sigma: exp(x[4]!) };
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

const slopes = new Float64Array(25);
const parameterInformation = new Float64Array(15);
const floorInformation = new Float64Array(10);
const held = new Uint8Array(5);
const chain = new Float64Array(25);

function report(
  slice: SliceInput,
  objective: FitObjective,
  quotes: FitQuotes,
  box: SviBox,
  found: SviSearch,
  starts: number,
  isLast: boolean,
): SliceFit<SviParameters> {
  const { x } = found;
  const normal = workspace.here;
  // A search ends within its tolerance of the point whose normal equations it leaves behind.
  const cost = isLast && found.termination === 'cost' ? found.cost : evaluateSvi(quotes, x, normal);
  const p = fromSearchPoint(x);
  const { b, rho, sigma } = p;
  const right = x[1]!;
  const left = x[2]!;
  const volatility = new Array<number>(quotes.count);
  for (let i = 0; i < quotes.count; i++) {
    const u = quotes.k[i]! - x[3]!;
    const z = Math.sqrt(u * u + sigma * sigma);
    volatility[i] = Math.sqrt((x[0]! + 0.5 * (right * (z + u) + left * (z - u))) / quotes.time);
  }
  // d(a, R, L, m, s) / d(a, b, rho, m, sigma)
  slopes.fill(0);
  slopes[0] = 1;
  slopes[6] = 1 + rho;
  slopes[7] = b;
  slopes[11] = 1 - rho;
  slopes[12] = -b;
  slopes[18] = 1;
  slopes[24] = 1 / sigma;
  carryInformation(5, normal.matrix, slopes, parameterInformation);

  const atBound: string[] = [];
  const names = ['a', 'b(1+rho)', 'b(1-rho)', 'm', 'sigma'];
  for (let j = 1; j < 5; j++) {
    held[j] = x[j]! <= box.low[j]! || x[j]! >= box.high[j]! ? 1 : 0;
    if (held[j] === 1) atBound.push(names[j]!);
  }
  held[0] = 0;
  if (found.onFloor) atBound.unshift('minimum variance');
  // d(a, b, rho, m, sigma) / d(a, R, L, m, s)
  const sum = right + left;
  chain.fill(0);
  chain[0] = 1;
  chain[6] = 0.5;
  chain[7] = 0.5;
  chain[11] = (2 * left) / (sum * sum);
  chain[12] = (-2 * right) / (sum * sum);
  chain[18] = 1;
  chain[24] = sigma;
  const onFloor = found.onFloor ? onFloorVariables(x, sigma, normal) : undefined;
  return sliceFit({
    model: 'svi',
    parameters: p,
    names: SVI_NAMES,
    values: [p.a, b, rho, p.m, sigma],
    lower: [-Infinity, 0, -1, box.low[3]!, exp(box.low[4]!)],
    upper: [Infinity, 2, 1, box.high[3]!, exp(box.high[4]!)],
    input: slice,
    objective,
    volatility,
    cost,
    variables: onFloor === undefined ? 5 : 4,
    information: onFloor?.information ?? normal.matrix,
    held: onFloor?.held ?? held,
    chain: onFloor?.chain ?? chain,
    parameterInformation,
    atBound,
    iterations: found.iterations,
    starts,
    termination: found.termination,
    rejected: [],
  });
}

/** The report's matrices where a follows from (R, L, m, s): information, held variables and d(parameters) of those four. */
function onFloorVariables(
  x: Float64Array,
  sigma: number,
  normal: SviNormal,
): { information: Float64Array; held: Uint8Array; chain: Float64Array } {
  const root = Math.sqrt(x[1]! * x[2]!);
  // da/d(R, L, m, s) on a + sigma sqrt(R L) = v
  const level = [(-sigma * x[2]!) / (2 * root), (-sigma * x[1]!) / (2 * root), 0, -sigma * root];
  const at = (i: number, j: number): number => normal.matrix[i >= j ? (i * (i + 1)) / 2 + j : (j * (j + 1)) / 2 + i]!;
  for (let i = 0, place = 0; i < 4; i++) {
    for (let j = 0; j <= i; j++) {
      floorInformation[place++] =
        at(i + 1, j + 1) + level[i]! * at(0, j + 1) + level[j]! * at(i + 1, 0) + level[i]! * level[j]! * at(0, 0);
    }
  }
  const floorChain = new Float64Array(20);
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 4; j++) floorChain[4 * i + j] = chain[5 * i + j + 1]! + chain[5 * i]! * level[j]!;
  }
  return { information: floorInformation, held: held.slice(1), chain: floorChain };
}
