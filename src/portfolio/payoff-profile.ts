/**
 * The shape of a book's profit over the spot at a horizon: where it breaks even, how much it can make and lose, and what the smile's
 * own distribution expects of it.
 *
 *   E[g(profit)] = integral of g(profit(F e^k)) density(k) dk,     density of the smile at the horizon, ln(S_T/F) = k
 *
 * At a common expiry the profit is piecewise linear in the spot (in coin: linear over the spot), monotone between strikes, so that
 * extremes are at strikes or in the tails and each piece has one root at most. Before it, extremes and roots are found between the
 * points of a fine grid. The measure is the market's (risk-neutral), not a forecast.
 */
import { requireArray, requireNonNegative, requireObject, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { brent } from '../math/brent.js';
import { exp } from '../math/exponential.js';
import { logRatio } from '../math/logarithm.js';
import { integrate } from '../math/quadrature.js';
import { compensatedSum } from '../math/sum.js';
import type { Currency } from '../market/quote.js';
import { cumulative, logDensity, survival } from '../volatility/surface/distribution.js';
import type { Position } from './account.js';
import { openHorizon, type HorizonBook } from './horizon-value.js';
import type { ExpiryView } from './market-view.js';
import type { MarketSnapshot } from './snapshot.js';

export interface PayoffProfile {
  spots: number[];
  /** At the spots, in the numeraire. */
  pnl: number[];
  /** Spots at which the profit changes sign, ascending. */
  breakEvens: number[];
  /** Infinity where unbounded. */
  maximumGain: number;
  /** The profit at its worst, as a loss: positive for a loss; Infinity where unbounded. */
  maximumLoss: number;
  unboundedGain: boolean;
  unboundedLoss: boolean;
  probabilityOfProfit: number;
  probabilityOfLoss: number;
  /** What is left of 1: where the profit is exactly 0 over a range. */
  probabilityOfZero: number;
  expectedPnl: number;
  /** E[max(profit, 0)] / E[max(-profit, 0)]; Infinity without losses. */
  omega: number;
  /** Third standardised moment; 0 where the profit does not vary. */
  skewness: number;
}

export interface ProfileOptions {
  /** From asOf; the book's next expiry where missing. */
  horizonDays?: number | undefined;
  spots: number[];
  numeraire: Currency;
}

const REACH = 64;
const GRID = 600;
/** Changes of the profit below this share of its terms are rounding. */
const NEGLIGIBLE = 1e-9;

/**
 * The profile of positions on one underlying. Throws InputError for spots that are not positive, a negative horizon, positions on more
 * than one underlying, and what the snapshot lacks.
 */
export function payoffProfile(
  positions: readonly Position[],
  snapshot: MarketSnapshot,
  options: ProfileOptions,
): PayoffProfile {
  requireObject('options', options);
  requireArray('spots', options.spots);
  options.spots.forEach((spot, i) => requirePositive(`spots[${i}]`, spot));
  if (options.horizonDays !== undefined) requireNonNegative('horizonDays', options.horizonDays);
  if (typeof options.numeraire !== 'string' || options.numeraire === '') {
    throw new InputError('numeraire', options.numeraire, 'a currency');
  }
  const book = openHorizon(positions, snapshot, options.numeraire, options.horizonDays);
  const { profit } = book;
  const centre = book.market?.spot ?? 1;
  const points = [...book.strikes, ...options.spots, centre];
  const [low, high] = [Math.min(...points) / REACH, Math.max(...points) * REACH];
  const tails = tailsOf(book, low, high, centre);
  const nodes = nodesOf(book, [...points, low, high, low / 2 ** 20, high * 2 ** 20], low, high);
  const values = nodes.map(profit);
  const breakEvens = rootsOf(book, nodes, values);
  const reached = [...extremes(book, nodes, values), tails.left.limit, tails.right.limit];
  const maximum = Math.max(...reached);
  const minimum = Math.min(...reached);
  return {
    spots: [...options.spots],
    pnl: options.spots.map(profit),
    breakEvens,
    maximumGain: tails.gain ? Infinity : maximum,
    maximumLoss: tails.loss ? Infinity : -minimum,
    unboundedGain: tails.gain,
    unboundedLoss: tails.loss,
    ...expectations(book, breakEvens, centre),
  };
}

/** What the profit does towards 0 and towards infinity: its limit, or without one its growth. */
function tailsOf(
  book: HorizonBook,
  low: number,
  high: number,
  centre: number,
): { left: { limit: number }; right: { limit: number }; gain: boolean; loss: boolean } {
  const tail = (edge: number, base: number): { limit: number; growth: number } => {
    const far = edge * base ** 60;
    const growth = book.profit(far * base) - book.profit(far);
    const scale = NEGLIGIBLE * (book.gross(far) + book.gross(centre));
    if (Math.abs(growth) > scale) return { limit: book.profit(edge), growth };
    // As far out as the terms do not dwarf their sum.
    let out = far;
    for (let i = 60; i > 0 && book.gross(out) > 1e3 * book.gross(centre); i -= 4) out = edge * base ** (i - 4);
    return { limit: book.profit(out), growth: 0 };
  };
  const left = tail(low, 0.5);
  const right = tail(high, 2);
  return { left, right, gain: left.growth > 0 || right.growth > 0, loss: left.growth < 0 || right.growth < 0 };
}

function nodesOf(book: HorizonBook, points: number[], low: number, high: number): number[] {
  const grid: number[] = [];
  if (!book.settled) {
    const step = logRatio(high, low) / GRID;
    for (let i = 1; i < GRID; i++) grid.push(low * exp(i * step));
  }
  return [...new Set([...points, ...grid])].sort((a, b) => a - b);
}

function rootsOf(book: HorizonBook, nodes: readonly number[], values: readonly number[]): number[] {
  const zero = (i: number): boolean => Math.abs(values[i]!) <= 1e-13 * book.gross(nodes[i]!);
  const roots: number[] = [];
  let before = -1;
  for (let i = 0; i < nodes.length; i++) {
    if (zero(i)) continue;
    if (before >= 0 && values[before]! > 0 !== values[i]! > 0) {
      if (i - before === 2) roots.push(nodes[i - 1]!);
      else if (i - before === 1) {
        const options = { atLower: values[before], atUpper: values[i] };
        roots.push(brent(book.profit, nodes[before]!, nodes[i]!, options));
      } else roots.push(nodes[before + 1]!, nodes[i - 1]!);
    }
    before = i;
  }
  return roots;
}

/** Values at the nodes, and where the book has not settled at the extremes between them, by golden section. */
function extremes(book: HorizonBook, nodes: readonly number[], values: readonly number[]): number[] {
  if (book.settled) return [...values.slice(1, -1)];
  const found = [...values];
  for (let i = 1; i < nodes.length - 1; i++) {
    const [a, b, c] = [values[i - 1]!, values[i]!, values[i + 1]!];
    if (b > a && b >= c) found.push(goldenMaximum(book.profit, nodes[i - 1]!, nodes[i + 1]!));
    if (b < a && b <= c) found.push(-goldenMaximum((spot) => -book.profit(spot), nodes[i - 1]!, nodes[i + 1]!));
  }
  return found;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The greatest value of a function with one maximum between two points. Kiefer (1953). */
function goldenMaximum(f: (x: number) => number, from: number, to: number): number {
  let [a, b] = [from, to];
  let [x, y] = [b - GOLDEN * (b - a), a + GOLDEN * (b - a)];
  let [fx, fy] = [f(x), f(y)];
  // The value is flat there: half the digits of the place give all of the value.
  while (b - a > 1e-9 * b) {
    if (fx > fy) {
      b = y;
      [y, fy] = [x, fx];
      x = b - GOLDEN * (b - a);
      fx = f(x);
    } else {
      a = x;
      [x, fx] = [y, fy];
      y = a + GOLDEN * (b - a);
      fy = f(y);
    }
  }
  return Math.max(fx, fy);
}

type Expectations = Pick<
  PayoffProfile,
  'probabilityOfProfit' | 'probabilityOfLoss' | 'probabilityOfZero' | 'expectedPnl' | 'omega' | 'skewness'
>;

function expectations(book: HorizonBook, breakEvens: readonly number[], centre: number): Expectations {
  if (book.market === undefined || book.horizon <= book.view.asOf) return certain(book.profit(centre));
  const expiry = book.market.expiry(book.horizon);
  if (expiry === undefined) {
    const field = `underlyings.${book.market.name}.surface`;
    throw new InputError(field, undefined, 'a surface with a forward at the horizon');
  }
  if (expiry.variance(0).w === 0) return certain(book.profit(expiry.forward));
  const { forward } = expiry;
  const [from, to] = support(expiry);
  const breaks = [...breakEvens, ...book.strikes].map((spot) => logRatio(spot, forward));
  const ends = [from, ...breaks.filter((k) => k > from && k < to).sort((a, b) => a - b), to];
  const sign = (k: number): number => {
    const spot = forward * exp(k);
    const value = book.profit(spot);
    return Math.abs(value) <= 1e-12 * book.gross(spot) ? 0 : Math.sign(value);
  };
  const below = (i: number): number =>
    i === 0 ? 0 : i === ends.length - 1 ? 1 : cumulative(expiry.variance(ends[i]!), ends[i]!);
  const chance = [0, 0, 0];
  const signs = ends.slice(1).map((end, i) => {
    const direction = sign(0.5 * (ends[i]! + end));
    chance[direction + 1]! += below(i + 1) - below(i);
    return direction;
  });
  // The moments look at nearly the same points, and a book's profit costs more than all else.
  const known = new Map<number, number>();
  const profitAt = (k: number): number => {
    const profit = known.get(k) ?? book.profit(forward * exp(k));
    known.set(k, profit);
    return profit;
  };
  // Raw moments piece by piece: on a piece the profit keeps its sign, and nothing cancels.
  const moment = (of: (profit: number) => number): number[] =>
    ends.slice(1).map((end, i) => {
      if (signs[i] === 0) return 0;
      const density = (k: number): number => of(profitAt(k)) * logDensity(expiry.variance(k), k);
      return integrate(density, ends[i]!, end, 1e-11).value;
    });
  const first = moment((profit) => profit);
  const gains = compensatedSum(first.filter((_, i) => signs[i]! > 0));
  const losses = -compensatedSum(first.filter((_, i) => signs[i]! < 0));
  const mean = gains - losses;
  const second = compensatedSum(moment((profit) => profit * profit));
  const variance = second - mean * mean;
  const third = compensatedSum(moment((profit) => profit * profit * profit)) - mean * (3 * second - 2 * mean * mean);
  return {
    probabilityOfProfit: chance[2]!,
    probabilityOfLoss: chance[0]!,
    probabilityOfZero: chance[1]!,
    expectedPnl: mean,
    omega: losses === 0 ? (gains === 0 ? 1 : Infinity) : gains / losses,
    skewness: variance > NEGLIGIBLE * second ? third / (variance * Math.sqrt(variance)) : 0,
  };
}

function certain(profit: number): Expectations {
  return {
    probabilityOfProfit: profit > 0 ? 1 : 0,
    probabilityOfLoss: profit < 0 ? 1 : 0,
    probabilityOfZero: profit === 0 ? 1 : 0,
    expectedPnl: profit,
    omega: profit > 0 ? Infinity : profit < 0 ? 0 : 1,
    skewness: 0,
  };
}

/** Log-moneyness beyond which the smile leaves less than 1e-16 on either side, or 60 deviations. */
function support(expiry: ExpiryView): [number, number] {
  const root = Math.sqrt(expiry.variance(0).w);
  const reach = (direction: 1 | -1): number => {
    const tail = direction === 1 ? survival : cumulative;
    for (let deviations = 4; deviations < 60; deviations++) {
      const k = direction * deviations * root;
      // Weighted by the spot on the right, where profits grow with it.
      if (tail(expiry.variance(k), k) * exp(Math.max(k, 0)) < 1e-16) return k;
    }
    return direction * 60 * root;
  };
  return [reach(-1), reach(1)];
}
