/**
 * The search of a SABR fit at fixed beta: Levenberg-Marquardt in (alpha, rho, u), u = nu / alpha, with alpha > 0 and
 * |rho| <= 0.9995. (rho, u) and (-rho, -u) are one smile, so u takes any sign in the search: at nu = 0 the gradient in nu depends
 * on the sign of rho, and a search held there would rest at points that are no minimum. See sabr-objective.ts.
 *
 * The start inverts the leading term, volatility = A n y / chi with n = nu for short times: since chi = ln(...) has the inverse
 * z = sinh chi - rho (cosh chi - 1), the volatility is in y = c A / volatility, where it is chi / n,
 *
 *   volatility / A = sinh(n y) / (n y) - rho (cosh(n y) - 1) / (n y) = 1 - rho n y / 2 + n^2 y^2 / 6 + ...
 *
 * a parabola in what the quotes themselves give. Compare Le Floc'h and Kennedy, "Explicit SABR calibration through simple
 * expansions" (2014), who invert level, slope and curvature in k. Where the volatility at the forward is given, the variables
 * are rho and nu.
 */
import { leastSquares } from '../../math/least-squares/least-squares.js';
import { normalSearch } from '../../math/least-squares/normal-search.js';
import type { NormalSearch } from '../../math/least-squares/normal-search.js';
import type { Loss, Termination } from '../../math/least-squares/problem.js';
import { sabrAlpha } from '../smile/sabr-alpha.js';
import { maximumSabrCorrelation } from '../smile/sabr.js';
import { addPoint, parabolaSums, solveParabola } from './parabola.js';
import type { FitQuotes } from './quotes.js';
import { sabrJacobian, sabrNormal, sabrNormalAtMoney } from './sabr-objective.js';
import type { SabrColumns } from './sabr-objective.js';

/** Of (alpha, rho, u). */
const LOW = [1e-300, -maximumSabrCorrelation, -Infinity] as const;
const HIGH = [Infinity, maximumSabrCorrelation, Infinity] as const;

/** A finished search at (alpha, rho, u). */
export interface SabrSearch {
  x: Float64Array;
  cost: number;
  iterations: number;
  starts: number;
  termination: Termination;
}

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
 * also from standard smiles, and the best counts. With `exactAtm` on the smiles whose volatility at the forward is that of the quotes. Undefined where no start
 * has finite residuals; x is overwritten by the next search.
 */
export function searchSabr(
  quotes: FitQuotes,
  columns: SabrColumns,
  start: Float64Array | undefined,
  exactAtm: boolean,
): SabrSearch | undefined {
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
    const flat = (amplitudeNearMoney(quotes, columns) * columns.moneyScale) / columns.moneyPower;
    for (const [rho, total] of OTHER_SMILES) {
      placeStart(columns, flat, rho, total / Math.sqrt(quotes.time), point);
      again();
    }
    // Far from the money the expansion may have no volatility but at low levels.
    for (let part = 0.5; part > 1e-3 && !Number.isFinite(found.cost); part *= 0.5) {
      placeStart(columns, part * flat, 0, 0.1 / Math.sqrt(quotes.time), point);
      again();
    }
  }
  const { cost, iterations, termination } = found;
  return Number.isFinite(cost) ? { x: best, cost, iterations, starts, termination } : undefined;
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

/**
 * Moves `point` to the minimum found, by turns with the second derivative in alpha and without it: each creeps where the other does
 * not, along a maximum of the volatility in alpha or beside it.
 */
function searchFreely(quotes: FitQuotes, columns: SabrColumns): NormalSearch {
  let bent = true;
  const evaluate = (x: Float64Array, normal: Float64Array): number =>
    sabrNormal(quotes, columns, x[0]!, x[1]!, x[2]!, normal, bent);
  const options = searchOptions(quotes, ITERATIONS_OF_TURN);
  let found = normalSearch(3, evaluate, point, low, high, options);
  let iterations = found.iterations;
  for (let turn = 1; turn < TURNS && found.termination === 'iterations' && Number.isFinite(found.cost); turn++) {
    bent = !bent;
    found = normalSearch(3, evaluate, point, low, high, options);
    iterations += found.iterations;
  }
  return { cost: found.cost, iterations, termination: found.termination };
}

const TURNS = 10;
const ITERATIONS_OF_TURN = 15;

/** The same on the smiles with this volatility at the forward. */
function searchAtMoney(quotes: FitQuotes, columns: SabrColumns, level: number): NormalSearch {
  two[0] = point[1]!;
  two[1] = point[0]! * point[2]!;
  const evaluate = (x: Float64Array, normal: Float64Array): number =>
    sabrNormalAtMoney(quotes, columns, sabrAlpha(columns, level, x[0]!, x[1]!), x[0]!, x[1]!, normal);
  const found = normalSearch(2, evaluate, two, lowOfTwo, highOfTwo, searchOptions(quotes, 100));
  point[0] = sabrAlpha(columns, level, two[0], two[1]);
  point[1] = two[0]!;
  point[2] = two[1] / point[0];
  return found;
}

function searchOptions(quotes: FitQuotes, maxIterations: number): Parameters<typeof normalSearch>[5] {
  return {
    firstLambda: 0,
    maxIterations,
    leastCost: 1e-26 * quotes.count,
    costTolerance: quotes.plain ? 1e-9 : 1e-12,
  };
}

/** The ml engine in the same variables and box. */
export function searchSabrByMl(
  quotes: FitQuotes,
  columns: SabrColumns,
  start: Float64Array | undefined,
  loss: Loss | undefined,
): SabrSearch | undefined {
  firstStart(quotes, columns, origin);
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
    { start: Array.from(start ?? origin), engine: 'ml', loss },
  );
  if (!fit.ok) return undefined;
  return { x: fit.x, cost: fit.cost, iterations: fit.iterations, starts: 1, termination: fit.termination };
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

/** Writes the start of the header into x and returns its volatility at the forward. */
function firstStart(quotes: FitQuotes, columns: SabrColumns, x: Float64Array): number {
  const { count, volatility, deviation } = quotes;
  const { scale, c } = columns;
  const reference = amplitudeNearMoney(quotes, columns);
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

/** alpha of the flat smile through the quote nearest the money, Theta aside. */
function amplitudeNearMoney({ count, k, volatility }: FitQuotes, { scale }: SabrColumns): number {
  let nearest = -1;
  for (let i = 0; i < count; i++) {
    if (!Number.isNaN(volatility[i]!) && (nearest < 0 || Math.abs(k[i]!) < Math.abs(k[nearest]!))) nearest = i;
  }
  return volatility[nearest]! / scale[nearest]!;
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
