/**
 * SABR fitted to one expiry at fixed beta, by Levenberg-Marquardt in (alpha, rho, u), u = nu / alpha, with alpha > 0 and
 * |rho| <= 0.9995. (rho, u) and (-rho, -u) are one smile, so u takes any sign in the search: at nu = 0 the gradient in nu depends
 * on the sign of rho, and a search held there would rest at points that are no minimum. See sabr-objective.ts.
 *
 * The start inverts the leading term, volatility = A n y / chi with n = nu for short times: since chi = ln(...) has the inverse
 * z = sinh chi - rho (cosh chi - 1), the volatility is in y = c A / volatility, where it is chi / n,
 *
 *   volatility / A = sinh(n y) / (n y) - rho (cosh(n y) - 1) / (n y) = 1 - rho n y / 2 + n^2 y^2 / 6 + ...
 *
 * a parabola in what the quotes themselves give. Compare Le Floc'h and Kennedy, "Explicit SABR calibration through simple
 * expansions" (2014), who invert level, slope and curvature in k. With `exactAtm` the at-the-money formula, a cubic, eliminates alpha
 * throughout, so the volatility at the forward is that of the quotes; the variables are then rho and nu.
 */
import { requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import { leastSquares } from '../../math/least-squares/least-squares.js';
import { normalSearch } from '../../math/least-squares/normal-search.js';
import type { NormalSearch } from '../../math/least-squares/normal-search.js';
import type { Termination } from '../../math/least-squares/problem.js';
import type { SabrParameters } from '../smile/parameters.js';
import { sabrAlpha } from '../smile/sabr-alpha.js';
import { maximumSabrCorrelation, requireSabr, sabrForms } from '../smile/sabr.js';
import type { SabrForm } from '../smile/sabr.js';
import { carryInformation, objectiveOf, sliceFit } from './diagnostics.js';
import type { FitFailure, FitObjective, FitOptions, SliceFit } from './fit.js';
import { addPoint, parabolaSums, solveParabola } from './parabola.js';
import { fitQuotes, quotePool } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import {
  alphaSlopes,
  SABR_NORMAL,
  sabrColumns,
  sabrJacobian,
  sabrNormal,
  sabrNormalAtMoney,
  sabrPool,
} from './sabr-objective.js';
import type { SabrColumns } from './sabr-objective.js';

export interface SabrFitOptions extends FitOptions {
  /** The volatility at the forward is that of the quotes, interpolated. */
  exactAtm?: boolean | undefined;
}

/** Quotes with a target that three parameters need. */
export const LEAST_SABR_QUOTES = 3;
const NAMES = ['alpha', 'rho', 'nu'] as const;
/** Of (alpha, rho, u). */
const LOW = [1e-300, -maximumSabrCorrelation, -Infinity] as const;
const HIGH = [Infinity, maximumSabrCorrelation, Infinity] as const;

/**
 * Calibrates SABR to a slice. `beta` is fixed: 1 where it is not given, 0.5 for the form 'normal'. With a `shift`, the slice's
 * logMoneyness is ln((K + shift) / (F + shift)). With the form 'normal' the slice's volatilities are normal ones, in price units,
 * and are fitted as they are. Fails with 'too-few-quotes' below three quotes with a target and 'no-convergence' where no start has
 * finite residuals; throws InputError on a slice or options that are not as they must be.
 */
export function calibrateSabr(slice: SliceInput, o: SabrFitOptions = {}): SliceFit<SabrParameters> | FitFailure {
  const form = o.form ?? 'obloj';
  if (!sabrForms.includes(form)) throw new InputError('form', form, `one of ${sabrForms.join(', ')}`);
  const beta = o.beta === undefined ? (form === 'normal' ? 0.5 : 1) : requireWithin('beta', o.beta, 0, 1);
  const shift = o.shift ?? 0;
  if (!(slice.forward + shift > 0) || slice.forward + shift === Infinity) {
    throw new InputError('forward', slice.forward, 'above minus the shift');
  }
  if (form === 'normal' && o.space !== undefined && o.space !== 'volatility') {
    throw new InputError('space', o.space, "'volatility' for normal volatilities");
  }
  if (o.engine === 'ml' && o.exactAtm === true) {
    throw new InputError('exactAtm', o.exactAtm, "false with the engine 'ml', which fits alpha with the others");
  }
  const count = slice.logMoneyness.length;
  if (pools.columns.c.length < count) pools = { quotes: quotePool(2 * count), columns: sabrPool(2 * count) };
  const quotes = fitQuotes(slice, o, pools.quotes);
  if (quotes.targets < LEAST_SABR_QUOTES) {
    const message = `${quotes.targets} quotes with a target volatility: SABR needs ${LEAST_SABR_QUOTES}`;
    return {
      ok: false,
      reason: 'too-few-quotes',
      message,
      value: quotes.targets,
      limit: LEAST_SABR_QUOTES,
      rejected: [],
    };
  }
  const columns = sabrColumns(quotes, slice.forward + shift, beta, form, pools.columns);
  const start = o.start === undefined ? undefined : warmStart(o.start, form);
  const exactAtm = o.exactAtm ?? false;
  const search =
    o.engine === 'ml'
      ? searchByMl(quotes, columns, start ?? coldStart(quotes, columns), o)
      : searchFrom(quotes, columns, start, exactAtm);
  if (search === undefined) {
    return { ok: false, reason: 'no-convergence', message: 'no start has finite residuals', rejected: [] };
  }
  const fixed = { forward: slice.forward, beta, shift: o.shift };
  return finish(slice, quotes, columns, search, fixed, { ...objectiveOf(o), exactAtm: o.exactAtm });
}

/** A finished search at (alpha, rho, u). */
interface Search {
  x: Float64Array;
  cost: number;
  iterations: number;
  starts: number;
  termination: Termination;
}

let pools = { quotes: quotePool(64), columns: sabrPool(64) };
const origin = new Float64Array(3);
const point = new Float64Array(3);
const two = new Float64Array(2);
const best = new Float64Array(3);
const low = Float64Array.from(LOW);
const high = Float64Array.from(HIGH);
const lowOfTwo = Float64Array.from(LOW.slice(1));
const highOfTwo = Float64Array.from(HIGH.slice(1));

/**
 * From the warm start or the explicit one; where that is no point of the domain, or the search creeps and ends far from the quotes,
 * also from standard smiles, and the best counts.
 */
function searchFrom(
  quotes: FitQuotes,
  columns: SabrColumns,
  start: Float64Array | undefined,
  exactAtm: boolean,
): Search | undefined {
  const parabola = firstStart(quotes, columns, origin);
  const level = exactAtm ? atTheMoney(quotes, parabola) : parabola;
  const search = exactAtm
    ? (): NormalSearch => searchAtMoney(quotes, columns, level)
    : (): NormalSearch => searchFreely(quotes, columns);
  point.set(start ?? origin);
  let found = search();
  best.set(point);
  let starts = 1;
  if (suspicious(quotes, found)) {
    const again = (): void => {
      const other = search();
      starts++;
      if (!(other.cost < found.cost) && Number.isFinite(found.cost)) return;
      found = other;
      best.set(point);
    };
    if (start !== undefined) {
      point.set(origin);
      again();
    }
    for (const [rho, total] of OTHER_SMILES) {
      placeStart(columns, level, rho, total / Math.sqrt(quotes.time), point);
      again();
    }
  }
  return Number.isFinite(found.cost) ? { ...found, x: best, starts } : undefined;
}

/** rho and nu sqrt T of the smiles tried when the search is suspicious. */
const OTHER_SMILES = [
  [-0.5, 0.4],
  [0, 0.4],
  [0.5, 0.4],
] as const;
const MANY_ITERATIONS = 12;

function suspicious(quotes: FitQuotes, { cost, iterations, termination }: NormalSearch): boolean {
  if (termination === 'iterations' || !Number.isFinite(cost)) return true;
  return iterations > MANY_ITERATIONS && 2 * cost > 4 * Math.max(1, quotes.targets - 3);
}

/** Moves `point` to the minimum found. */
function searchFreely(quotes: FitQuotes, columns: SabrColumns): NormalSearch {
  const evaluate = (x: Float64Array, normal: Float64Array): number =>
    sabrNormal(quotes, columns, x[0]!, x[1]!, x[2]!, normal, true);
  return normalSearch(3, evaluate, point, low, high, searchOptions(quotes));
}

/** The same on the smiles with this volatility at the forward. */
function searchAtMoney(quotes: FitQuotes, columns: SabrColumns, level: number): NormalSearch {
  two[0] = point[1]!;
  two[1] = point[0]! * point[2]!;
  const evaluate = (x: Float64Array, normal: Float64Array): number =>
    sabrNormalAtMoney(quotes, columns, sabrAlpha(columns, level, x[0]!, x[1]!), x[0]!, x[1]!, normal);
  const found = normalSearch(2, evaluate, two, lowOfTwo, highOfTwo, searchOptions(quotes));
  point[0] = sabrAlpha(columns, level, two[0], two[1]);
  point[1] = two[0]!;
  point[2] = two[1] / point[0];
  return found;
}

function searchOptions(quotes: FitQuotes): Parameters<typeof normalSearch>[5] {
  return {
    firstLambda: 0,
    maxIterations: 100,
    leastCost: 1e-26 * quotes.count,
    costTolerance: quotes.plain ? 1e-9 : 1e-12,
  };
}

/** The ml engine in the same variables and box. */
function searchByMl(quotes: FitQuotes, columns: SabrColumns, start: Float64Array, o: FitOptions): Search | undefined {
  const fit = leastSquares(
    {
      parameters: 3,
      residuals: quotes.count,
      lower: [...LOW],
      upper: [...HIGH],
      deadzone: quotes.deadzone.length > 0 ? quotes.deadzone : undefined,
      evaluate: (x, r) => {
        sabrJacobian(quotes, columns, x, r, undefined);
      },
      jacobian: (x, jacobian) => {
        sabrJacobian(quotes, columns, x, undefined, jacobian);
      },
    },
    { start: Array.from(start), engine: 'ml', loss: o.loss },
  );
  if (!fit.ok) return undefined;
  return { x: fit.x, cost: fit.cost, iterations: fit.iterations, starts: 1, termination: fit.termination };
}

function warmStart(start: unknown, form: SabrForm): Float64Array {
  const p = start as SabrParameters;
  requireSabr(p, form);
  return Float64Array.of(p.alpha, p.rho, p.nu / p.alpha);
}

/** Writes (alpha, rho, u) with the at-the-money volatility `level`, as far as there is one. */
function placeStart(columns: SabrColumns, level: number, rho: number, nu: number, x: Float64Array): void {
  const alpha = sabrAlpha(columns, level, rho, nu);
  const reference = (level * columns.moneyPower) / columns.moneyScale;
  x[0] = alpha > 0 ? alpha : reference;
  x[1] = rho;
  x[2] = nu / reference;
}

const STEEPEST_START = 0.98;
const sums = parabolaSums();
const coefficients = new Float64Array(3);

function coldStart(quotes: FitQuotes, columns: SabrColumns): Float64Array {
  firstStart(quotes, columns, origin);
  return origin;
}

/** Writes the start of the header into x and returns its volatility at the forward. */
function firstStart(quotes: FitQuotes, columns: SabrColumns, x: Float64Array): number {
  const { count, k, volatility, deviation } = quotes;
  const { scale, c } = columns;
  let nearest = -1;
  for (let i = 0; i < count; i++) {
    if (!Number.isNaN(volatility[i]!) && (nearest < 0 || Math.abs(k[i]!) < Math.abs(k[nearest]!))) nearest = i;
  }
  const reference = volatility[nearest]! / scale[nearest]!;
  let width = 0;
  for (let i = 0; i < count; i++) {
    const y = Math.abs(c[i]! / volatility[i]!) * scale[i]!;
    if (y > width) width = y;
  }
  width = width || 1;
  sums.fill(0);
  for (let i = 0; i < count; i++) {
    const value = volatility[i]! / scale[i]!;
    if (value !== value) continue;
    const y = c[i]! / (value * width);
    const error = deviation[i]! / (scale[i]! * reference);
    addPoint(sums, y, value / reference, 1 / (error * error));
  }
  solveParabola(sums, coefficients);
  const level = coefficients[0]!;
  const usable = level > 0.2 && level < 5 && Number.isFinite(coefficients[1]!) && Number.isFinite(coefficients[2]!);
  const amplitude = usable ? level * reference : reference;
  // rho n and n^2 from slope and curvature in y = c amplitude / volatility.
  const product = usable ? (-2 * coefficients[1]!) / (level * width * amplitude) : 0;
  const square = usable ? (6 * coefficients[2]!) / (level * width * width * amplitude * amplitude) : 0;
  let u = Math.sqrt(Math.max(0, square));
  let rho = product / u;
  if (!(Math.abs(rho) < STEEPEST_START)) {
    rho = product < 0 ? -STEEPEST_START : STEEPEST_START;
    u = Math.max(Math.abs(product) / STEEPEST_START, 0.05 / amplitude);
  }
  const atMoney = (amplitude * columns.moneyScale) / columns.moneyPower;
  placeStart(columns, atMoney, rho, u * amplitude, x);
  return atMoney;
}

/** The volatility at the forward: between the quotes beside it, else the parabola's. */
function atTheMoney(quotes: FitQuotes, otherwise: number): number {
  const bracket = moneyBracket(quotes);
  if (bracket === undefined) return otherwise;
  const { volatility } = quotes;
  return volatility[bracket.below]! + bracket.share * (volatility[bracket.above]! - volatility[bracket.below]!);
}

/** The quotes on either side of k = 0; undefined where the money is outside the quotes. */
export interface MoneyBracket {
  below: number;
  above: number;
  /** Of the quote above, in the volatility at k = 0 on the line that joins them. */
  share: number;
}

export function moneyBracket({ k, volatility, count }: FitQuotes): MoneyBracket | undefined {
  let below = -1;
  let above = -1;
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(volatility[i]!)) continue;
    if (k[i]! <= 0 && (below < 0 || k[i]! > k[below]!)) below = i;
    if (k[i]! >= 0 && (above < 0 || k[i]! < k[above]!)) above = i;
  }
  if (below < 0 || above < 0) return undefined;
  const gap = k[above]! - k[below]!;
  return { below, above, share: gap === 0 ? 0 : -k[below]! / gap };
}

const normal = new Float64Array(SABR_NORMAL);
const information = normal.subarray(4);
const parameterInformation = new Float64Array(6);
/** d(alpha, rho, nu)/d(alpha, rho, u), its inverse, and d(alpha, rho, nu)/d(rho, nu) at a given volatility at the forward. */
const chain = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const inverseChain = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const chainAtMoney = Float64Array.of(0, 0, 1, 0, 0, 1);
/** Of the two variables at a given volatility at the forward. */
const informationAtMoney = normal.subarray(3);

function finish(
  input: SliceInput,
  quotes: FitQuotes,
  columns: SabrColumns,
  search: Search,
  fixed: { forward: number; beta: number; shift: number | undefined },
  objective: FitObjective,
): SliceFit<SabrParameters> {
  const exactAtm = objective.exactAtm ?? false;
  const alpha = search.x[0]!;
  // One of the two names of the smile.
  const sign = search.x[2]! < 0 ? -1 : 1;
  const rho = sign * search.x[1]!;
  const u = sign * search.x[2]!;
  const nu = u * alpha;
  sabrNormal(quotes, columns, alpha, rho, u, normal);
  const atBound: string[] = [];
  if (Math.abs(rho) >= maximumSabrCorrelation) atBound.push('rho');
  if (nu === 0) atBound.push('nu');
  const cost = normal[0]!;
  inverseChain[6] = -u / alpha;
  inverseChain[8] = 1 / alpha;
  carryInformation(3, information, inverseChain, parameterInformation);
  let variables = 3;
  if (exactAtm) {
    variables = 2;
    sabrNormalAtMoney(quotes, columns, alpha, rho, nu, normal);
    alphaSlopes(columns, alpha, rho, nu, chainAtMoney);
  } else {
    chain[6] = u;
    chain[8] = alpha;
  }
  const held = NAMES.slice(3 - variables).map((name) => (atBound.includes(name) ? 1 : 0));
  return sliceFit<SabrParameters>({
    model: 'sabr',
    parameters: {
      forward: fixed.forward,
      timeToExpiry: quotes.time,
      alpha,
      beta: fixed.beta,
      rho,
      nu,
      ...(fixed.shift === undefined ? {} : { shift: fixed.shift }),
    },
    names: NAMES,
    values: [alpha, rho, nu],
    lower: [0, -maximumSabrCorrelation, 0],
    upper: [Infinity, maximumSabrCorrelation, Infinity],
    input,
    objective,
    volatility: columns.model,
    cost,
    variables,
    information: exactAtm ? informationAtMoney : information,
    held,
    chain: exactAtm ? chainAtMoney : chain,
    parameterInformation,
    atBound,
    iterations: search.iterations,
    starts: search.starts,
    termination: search.termination,
    rejected: [],
  });
}
