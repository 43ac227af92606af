/**
 * The worst that can happen within bounds.
 *
 *   box         every cell of a grid over it, and from the worst of them a compass search: a step along each axis, halved where none
 *               of them is lower
 *   ellipsoid   minimise d'x + 1/2 x'G x  over  x'S^-1 x <= c^2: a trust-region problem. In independent factors y
 *
 *                 y_j = -e_j / (lambda_j + mu),  mu >= max(0, -lambda_min),  |y| = c, or mu = 0 where |y| < c
 *
 *               and where the direction of the lowest lambda has no slope and |y| stays below c even at mu = -lambda_min (the hard
 *               case), what is missing is gone along that direction, either way alike.              More and Sorensen (1983)
 */
import { Matrix as Dense } from 'ml-matrix';
import { requireArray, requireFinite, requireNonNegative, requireObject } from '../check.js';
import { InputError } from '../errors.js';
import { brent } from '../math/brent.js';
import type { Account } from '../portfolio/account.js';
import type { MissingPolicy } from '../portfolio/missing.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import { accountHoldings, pnlVectors, portfolioPnl } from './pnl-vectors.js';
import { shiftMarket } from './shift-market.js';
import { independentTerms, type QuadraticBook } from './value-at-risk/quadratic-book.js';

/** One axis of a box. */
export interface BoxAxis {
  lower: number;
  upper: number;
  /** Of the grid along it, both ends among them; 9 where missing, 1 for an axis of one value. */
  points?: number | undefined;
}

export interface BoxWorst {
  pnl: number;
  /** By axis. */
  at: number[];
  /** The worst of the grid alone. */
  gridPnl: number;
}

/** Profits at many points of a box. */
export type ProfitsAt = (points: readonly (readonly number[])[]) => ArrayLike<number>;

/** Grid cells from which the search goes on. */
const STARTS = 3;
/** The search stops at steps of this share of the grid's. */
const FINEST = 1e-4;

/**
 * The lowest profit found on a box: that of no grid cell is lower. Throws InputError for an axis without a range, or a profit that is
 * not a number.
 */
export function worstOnBox(profitsAt: ProfitsAt, axes: readonly BoxAxis[]): BoxWorst {
  if (requireArray('axes', axes).length === 0) throw new InputError('axes', axes, 'at least one');
  const nodes = axes.map(nodesOf);
  const cells = nodes.reduce<number[][]>(
    (all, values) => all.flatMap((cell) => values.map((value) => [...cell, value])),
    [[]],
  );
  const profits = evaluate(profitsAt, cells);
  const order = cells.map((_, i) => i).sort((a, b) => profits[a]! - profits[b]! || a - b);
  const steps = nodes.map((values) => (values.length > 1 ? values[1]! - values[0]! : 0));
  let best = { pnl: profits[order[0]!]!, at: cells[order[0]!]! };
  const gridPnl = best.pnl;
  for (const start of order.slice(0, STARTS)) {
    const found = descend(profitsAt, axes, { pnl: profits[start]!, at: cells[start]! }, steps);
    if (found.pnl < best.pnl) best = found;
  }
  return { ...best, gridPnl };
}

function nodesOf(axis: BoxAxis, i: number): number[] {
  requireObject(`axes[${i}]`, axis);
  const lower = requireFinite(`axes[${i}].lower`, axis.lower);
  const upper = requireFinite(`axes[${i}].upper`, axis.upper);
  if (upper < lower) throw new InputError(`axes[${i}].upper`, upper, `${lower} or more`);
  const points = axis.points ?? 9;
  if (!Number.isInteger(points) || points < 2)
    throw new InputError(`axes[${i}].points`, points, 'a whole number from 2');
  if (upper === lower) return [lower];
  return Array.from({ length: points }, (_, k) =>
    k === points - 1 ? upper : lower + (k * (upper - lower)) / (points - 1),
  );
}

function evaluate(profitsAt: ProfitsAt, points: readonly (readonly number[])[]): ArrayLike<number> {
  const profits = profitsAt(points);
  for (let i = 0; i < points.length; i++) requireFinite(`profit at ${points[i]!.join(', ')}`, profits[i]);
  return profits;
}

function descend(
  profitsAt: ProfitsAt,
  axes: readonly BoxAxis[],
  start: { pnl: number; at: number[] },
  gridSteps: readonly number[],
): { pnl: number; at: number[] } {
  let best = start;
  for (let share = 0.5; share >= FINEST;) {
    const polls = axes.flatMap(({ lower, upper }, i) =>
      [-1, 1].flatMap((side) => {
        const moved = Math.min(Math.max(best.at[i]! + side * share * gridSteps[i]!, lower), upper);
        return moved === best.at[i] ? [] : [best.at.map((value, j) => (j === i ? moved : value))];
      }),
    );
    if (polls.length === 0) break;
    const profits = evaluate(profitsAt, polls);
    let lowest = 0;
    for (let i = 1; i < polls.length; i++) if (profits[i]! < profits[lowest]!) lowest = i;
    if (profits[lowest]! < best.pnl) best = { pnl: profits[lowest]!, at: polls[lowest]! };
    else share /= 2;
  }
  return best;
}

export interface WorstCaseBox {
  /** Relative moves of all spots alike. */
  spot: BoxAxis;
  /** Relative moves of all volatilities alike. */
  volatility: BoxAxis;
  /** Days from now; now where missing. */
  horizonDays?: BoxAxis | undefined;
  dynamics?: SmileDynamics | undefined;
  missing?: MissingPolicy | undefined;
}

/**
 * The worst of an account over a box of spots, volatilities and dates by full revaluation, in its reporting currency. Throws
 * InputError as scenarioGrid does.
 */
export function worstCase(
  account: Account,
  snapshot: MarketSnapshot,
  box: WorstCaseBox,
): { pnl: number; spot: number; volatility: number; horizonDays: number; gridPnl: number } {
  const holdings = accountHoldings(account, snapshot);
  const { dynamics, missing, horizonDays = { lower: 0, upper: 0 } } = box;
  const profitsAt: ProfitsAt = (points) => {
    const cells = points.map(([spot, volatility, days]) =>
      shiftMarket(
        snapshot,
        [
          { factor: 'time', kind: 'absolute', size: days! / 365 },
          { factor: 'spot', kind: 'relative', size: spot! },
          { factor: 'volatility', kind: 'relative', size: volatility! },
        ],
        dynamics,
      ),
    );
    const vectors = pnlVectors(holdings, snapshot, cells, { numeraire: account.reportingCurrency, missing });
    return portfolioPnl(vectors, holdings);
  };
  const { pnl, at, gridPnl } = worstOnBox(profitsAt, [box.spot, box.volatility, horizonDays]);
  return { pnl, spot: at[0]!, volatility: at[1]!, horizonDays: at[2]!, gridPnl };
}

export interface EllipsoidWorst {
  /** d'x + 1/2 x'G x at the worst x; 0 or less. */
  pnl: number;
  /** Of each factor. */
  move: number[];
  /** sqrt(x'S^-1 x): the radius, or less where the worst lies inside. */
  distance: number;
  /** Whether the worst move is one of two alike, either way along a direction without slope. */
  hardCase: boolean;
}

/**
 * The worst of a quadratic book within `radius` standard deviations of one day, at once: theta has no part in it. Throws InputError
 * where shapes differ, gamma is not symmetric, the covariance is none or the radius is below 0.
 */
export function worstOnEllipsoid(book: QuadraticBook, radius: number): EllipsoidWorst {
  const c = requireNonNegative('radius', radius);
  const { linear, square: raw, basis } = independentTerms(book, 1);
  const scale = raw.reduce((most, lambda) => Math.max(most, Math.abs(lambda)), 0);
  // Slopes and curvatures that are rounding beside the largest are 0.
  const square = raw.map((lambda) => (Math.abs(lambda) <= 1e-13 * scale ? 0 : lambda));
  const slope = linear.reduce((most, e) => Math.max(most, Math.abs(e)), 0);
  const e = linear.map((value) => (Math.abs(value) <= 1e-13 * slope ? 0 : value));
  const lowest = square.reduce((least, lambda) => Math.min(least, lambda), Infinity);
  const at = (mu: number): Float64Array => e.map((value, j) => (value === 0 ? 0 : -value / (square[j]! + mu)));
  const length = (y: Float64Array): number => Math.hypot(...y);
  const finish = (y: Float64Array, hardCase = false): EllipsoidWorst => {
    let pnl = 0;
    for (let j = 0; j < y.length; j++) pnl += linear[j]! * y[j]! + 0.5 * square[j]! * y[j]! * y[j]!;
    return { pnl, move: basis.mmul(Dense.columnVector(y)).to1DArray(), distance: length(y), hardCase };
  };
  if (c === 0 || (slope === 0 && scale === 0)) return finish(new Float64Array(e.length));
  if (lowest > 0 && length(at(0)) <= c) return finish(at(0));
  if (slope === 0 && lowest >= 0) return finish(new Float64Array(e.length));

  const floor = Math.max(0, -lowest);
  const open = floor + 1e-14 * Math.max(scale, slope / c);
  if (!(length(at(open)) > c)) {
    // No slope along the lowest lambda: the length never comes to c by itself.
    const y = at(floor).map((value, j) => (square[j]! + floor <= 1e-14 * scale ? 0 : value));
    const k = square.indexOf(lowest);
    const missing = Math.sqrt(Math.max(c * c - length(y) ** 2, 0));
    if (lowest >= 0) return finish(y);
    y[k] = e[k]! > 0 ? -missing : missing;
    return finish(y, missing > 0);
  }
  // |y| is convex and falling in mu, 1/|y| nearly straight.
  const upper = floor + (slope * Math.sqrt(e.length)) / c + scale;
  const mu = brent((value) => 1 / c - 1 / length(at(value)), open, upper);
  const y = at(mu);
  const stretch = c / length(y);
  return finish(y.map((value) => value * stretch));
}
