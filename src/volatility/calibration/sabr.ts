/**
 * SABR fitted to one expiry in (alpha, rho, nu) at fixed beta, by Levenberg-Marquardt in the box alpha > 0, |rho| <= 0.9995, nu >= 0.
 *
 * The start follows Le Floc'h and Kennedy, "Explicit SABR calibration through simple expansions" (2014): from level, slope and
 * curvature s0, s0', s0'' of the volatility in k at the money,
 *
 *   rho nu = 2 s0' + om s0,   nu^2 = 3 s0 s0'' - om^2 s0^2 / 2 + 3/2 (rho nu)^2,   om = 1 - beta
 *
 * and alpha the smallest positive root of the at-the-money formula, a cubic. With `exactAtm` that root eliminates alpha throughout,
 * so the volatility at the forward is that of the quotes.
 */
import { requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import { leastSquares } from '../../math/least-squares/least-squares.js';
import { normalSearch } from '../../math/least-squares/normal-search.js';
import type { Termination } from '../../math/least-squares/problem.js';
import type { SabrParameters } from '../smile/parameters.js';
import { sabrAlpha } from '../smile/sabr-alpha.js';
import { maximumSabrCorrelation, requireSabr, sabrForms } from '../smile/sabr.js';
import type { SabrForm } from '../smile/sabr.js';
import { objectiveOf, sliceFit } from './diagnostics.js';
import type { FitFailure, FitObjective, FitOptions, SliceFit } from './fit.js';
import { addPoint, parabolaSums, solveParabola } from './parabola.js';
import { fitQuotes } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import { sabrColumns, sabrJacobian, sabrNormal } from './sabr-objective.js';
import type { SabrColumns } from './sabr-objective.js';

export interface SabrFitOptions extends FitOptions {
  /** The volatility at the forward is that of the quotes, interpolated. */
  exactAtm?: boolean | undefined;
}

/** Quotes with a target that three parameters need. */
export const LEAST_SABR_QUOTES = 3;
const NAMES = ['alpha', 'rho', 'nu'] as const;
const LOW = [1e-300, -maximumSabrCorrelation, 0] as const;
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
  const quotes = fitQuotes(slice, o);
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
  const columns = sabrColumns(quotes, slice.forward + shift, beta, form);
  const atm = atTheMoney(quotes);
  const warm = o.start === undefined ? undefined : warmStart(o.start, form);
  const search =
    o.engine === 'ml'
      ? searchByMl(quotes, columns, warm ?? firstStart(columns, atm), o)
      : searchFrom(quotes, columns, atm, warm, o.exactAtm ?? false);
  if (search === undefined) {
    return { ok: false, reason: 'no-convergence', message: 'no start has finite residuals', rejected: [] };
  }
  return finish(
    slice,
    quotes,
    columns,
    search,
    { forward: slice.forward, beta, shift: o.shift },
    {
      ...objectiveOf(o),
      exactAtm: o.exactAtm,
    },
  );
}

/** Volatility at k = 0 with its slope and curvature in k. */
interface AtTheMoney {
  level: number;
  slope: number;
  curvature: number;
}

/** A finished search at (alpha, rho, nu). */
interface Search {
  x: Float64Array;
  cost: number;
  iterations: number;
  starts: number;
  termination: Termination;
}

const point = new Float64Array(3);
const low = Float64Array.from(LOW);
const high = Float64Array.from(HIGH);
const lowOfTwo = Float64Array.from(LOW.slice(1));
const highOfTwo = Float64Array.from(HIGH.slice(1));

/**
 * From the warm start or the explicit one; where that ends far from the quotes or at a bound of rho, also from three standard
 * smiles, and the best counts.
 */
function searchFrom(
  quotes: FitQuotes,
  columns: SabrColumns,
  atm: AtTheMoney,
  warm: Float64Array | undefined,
  exactAtm: boolean,
): Search | undefined {
  let best = searchOnce(quotes, columns, atm, warm ?? firstStart(columns, atm), exactAtm);
  let starts = 1;
  const suspicious =
    best === undefined ||
    Math.abs(best.x[1]!) >= maximumSabrCorrelation ||
    2 * best.cost > 4 * Math.max(1, quotes.targets - 3);
  if (suspicious) {
    const wild = 1 / Math.sqrt(quotes.time);
    for (const rho of [-0.7, 0, 0.5]) {
      const nu = Math.min(Math.max(0.5, 0.8 * wild), 8);
      const start = Float64Array.of(sabrAlpha(columns, atm.level, rho, nu), rho, nu);
      const other = searchOnce(quotes, columns, atm, start, exactAtm);
      starts++;
      if (other !== undefined && (best === undefined || other.cost < best.cost)) best = other;
    }
  }
  return best && { ...best, starts };
}

function searchOnce(
  quotes: FitQuotes,
  columns: SabrColumns,
  atm: AtTheMoney,
  start: Float64Array,
  exactAtm: boolean,
): Search | undefined {
  const options = { firstLambda: 1e-3, maxIterations: 100, leastCost: 1e-26 * quotes.count };
  if (exactAtm) {
    const two = start.slice(1);
    const found = normalSearch(
      2,
      (x, normal) =>
        sabrNormal(quotes, columns, sabrAlpha(columns, atm.level, x[0]!, x[1]!), x[0]!, x[1]!, normal, true),
      two,
      lowOfTwo,
      highOfTwo,
      options,
    );
    const alpha = sabrAlpha(columns, atm.level, two[0]!, two[1]!);
    return Number.isFinite(found.cost)
      ? { ...found, x: Float64Array.of(alpha, two[0]!, two[1]!), starts: 1 }
      : undefined;
  }
  point.set(start);
  const found = normalSearch(
    3,
    (x, normal) => sabrNormal(quotes, columns, x[0]!, x[1]!, x[2]!, normal, false),
    point,
    low,
    high,
    options,
  );
  return Number.isFinite(found.cost) ? { ...found, x: point.slice(), starts: 1 } : undefined;
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
  return Float64Array.of(p.alpha, p.rho, p.nu);
}

/** Start of Le Floc'h and Kennedy. */
function firstStart(columns: SabrColumns, atm: AtTheMoney): Float64Array {
  const { om, moneyScale } = columns;
  // In relative terms the normal smile is that of Black's over the logarithmic mean of F and K, (F K)^(1/2) to first order.
  const s0 = atm.level / moneyScale;
  const slope = atm.slope / moneyScale - (columns.form === 'normal' ? 0.5 * s0 : 0);
  const curvature = atm.curvature / moneyScale;
  const product = 2 * slope + om * s0;
  let nu = Math.sqrt(Math.max(0, 3 * s0 * curvature - 0.5 * om * om * s0 * s0 + 1.5 * product * product));
  let rho = product / nu;
  if (!(Math.abs(rho) < 0.98)) {
    rho = product < 0 ? -0.98 : 0.98;
    nu = Math.max(Math.abs(product) / 0.98, 0.05);
  }
  return Float64Array.of(sabrAlpha(columns, atm.level, rho, nu), rho, nu);
}

const sums = parabolaSums();
const coefficients = new Float64Array(3);

/** Weighted parabola in k through the quotes near the money. */
function atTheMoney(quotes: FitQuotes): AtTheMoney {
  const { count, k, volatility, deviation, time } = quotes;
  let nearest = -1;
  for (let i = 0; i < count; i++) {
    if (!Number.isNaN(volatility[i]!) && (nearest < 0 || Math.abs(k[i]!) < Math.abs(k[nearest]!))) nearest = i;
  }
  const reference = volatility[nearest]!;
  let spread = 0;
  for (let i = 0; i < count; i++) if (!Number.isNaN(volatility[i]!)) spread = Math.max(spread, Math.abs(k[i]!));
  const width = Math.max(2 * Math.abs(k[nearest]!), Math.min(spread, 3 * Math.sqrt(time)) / 2) || 1;
  sums.fill(0);
  for (let i = 0; i < count; i++) {
    const y = volatility[i]!;
    if (Number.isNaN(y)) continue;
    const u = k[i]! / width;
    addPoint(sums, u, y, (reference / deviation[i]!) ** 2 / (1 + u * u * u * u));
  }
  solveParabola(sums, coefficients);
  const c0 = coefficients[0]!;
  const c1 = coefficients[1]!;
  const c2 = coefficients[2]!;
  const usable = c0 > 0.2 * reference && c0 < 5 * reference && Number.isFinite(c1) && Number.isFinite(c2);
  const bracket = moneyBracket(quotes);
  const level =
    bracket === undefined
      ? usable
        ? c0
        : reference
      : volatility[bracket.below]! + bracket.share * (volatility[bracket.above]! - volatility[bracket.below]!);
  return usable
    ? { level, slope: c1 / width, curvature: (2 * c2) / (width * width) }
    : { level, slope: 0, curvature: 0 };
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

function finish(
  input: SliceInput,
  quotes: FitQuotes,
  columns: SabrColumns,
  search: Search,
  fixed: { forward: number; beta: number; shift: number | undefined },
  objective: FitObjective,
): SliceFit<SabrParameters> {
  const exactAtm = objective.exactAtm ?? false;
  const [alpha, rho, nu] = search.x as unknown as [number, number, number];
  const normal = new Float64Array(10);
  sabrNormal(quotes, columns, alpha, rho, nu, normal, false);
  const volatility = new Float64Array(quotes.count);
  for (let i = 0; i < quotes.count; i++) volatility[i] = columns.volatilityAt(i, alpha, rho, nu);
  const atBound = NAMES.filter((_, j) => search.x[j]! <= LOW[j]! || search.x[j]! >= HIGH[j]!);
  const chain = exactAtm
    ? Float64Array.of(...columns.alphaSlopes(alpha, rho, nu), 1, 0, 0, 1)
    : Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  let information = normal.slice(4, 10);
  if (exactAtm) {
    const two = new Float64Array(6);
    sabrNormal(quotes, columns, alpha, rho, nu, two, true);
    information = two.slice(3, 6);
  }
  const held = (exactAtm ? NAMES.slice(1) : NAMES).map((name) => (atBound.includes(name) ? 1 : 0));
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
    lower: [0, -1, 0],
    upper: [...HIGH],
    input,
    objective,
    volatility,
    cost: search.cost,
    variables: exactAtm ? 2 : 3,
    information,
    held,
    chain,
    parameterInformation: normal.slice(4, 10),
    atBound: [...atBound],
    iterations: search.iterations,
    starts: search.starts,
    termination: search.termination,
    rejected: [],
  });
}
