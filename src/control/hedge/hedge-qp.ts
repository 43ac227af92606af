/**
 * The hedge that weighs what is left of the Greeks against what the trades cost, as a quadratic program:
 *
 *   minimise  (g + A h - g*)' W (g + A h - g*) + c'|h| + h' Q h / 2   subject to   lower <= h <= upper
 *
 * and, where tolerances are given, |g + A h - g*| <= tolerance. W turns Greeks into one currency: with S the covariance of the moves
 * they multiply, W = a S / 2 is the mean-variance trade-off at risk aversion a. Q is impact that grows with size. Under a cost per unit
 * a Greek is hedged only up to where the next unit costs what it saves.
 */
import { requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import type { Matrix } from '../../math/matrix.js';
import { quadraticProgram, requireSemidefinite } from '../../math/quadratic-program.js';
import {
  costOf,
  requireHedgeProblem,
  requireMatrix,
  requireVector,
  residualOf,
  splitProgram,
  tradesOf,
} from './problem.js';
import type { HedgeProblem } from './problem.js';
import { leastRelaxations } from './relaxation.js';
import type { Relaxation } from './relaxation.js';

export interface QuadraticHedgeProblem extends Omit<HedgeProblem, 'tolerance'> {
  /** W, [greek][greek], or its diagonal; symmetric and positive semidefinite. */
  weights: Matrix | readonly number[];
  /** Q, [instrument][instrument], or its diagonal; nothing where missing. */
  impact?: Matrix | readonly number[] | undefined;
  /** Distance from the target that is allowed whatever it costs, by Greek; any where missing. */
  tolerance?: readonly number[] | undefined;
}

export interface QuadraticHedge {
  ok: true;
  trades: number[];
  /** Greek after the trades less its target, by Greek. */
  residual: number[];
  /** What was minimised: penalty + cost + impact. */
  objective: number;
  penalty: number;
  cost: number;
  impact: number;
  /** Change of the objective per unit of each tolerance's side that binds, at least 0 at the lower one; 0 without tolerances. */
  duals: number[];
  /** Change of the objective per unit of the limit on each trade that binds; 0 where none does. */
  limitPrices: number[];
  /** Largest violation of the conditions of Karush, Kuhn and Tucker, on numbers of size 1. */
  kktResidual: number;
}

export type QuadraticHedgeFailure = Failure<'infeasible' | 'unbounded' | 'no-convergence'> & {
  relaxations: Relaxation[];
};

/** Throws InputError as `requireHedgeProblem`, and for weights or impact that are not symmetric and positive semidefinite. */
export function hedgeQp(problem: QuadraticHedgeProblem): QuadraticHedge | QuadraticHedgeFailure {
  const { greeks, current, target, cost, lower, upper, tolerance } = problem;
  requireHedgeProblem({ ...problem, tolerance: tolerance ?? current.map(() => 0) });
  const n = cost.length;
  const weights = requireQuadratic('weights', problem.weights, greeks.length);
  const impact = requireQuadratic('impact', problem.impact ?? cost.map(() => 0), n);

  const off = residualOf(problem, new Array<number>(n).fill(0));
  const weighted = weights.map((row) =>
    greeks[0]?.map((_, j) => row.reduce((sum, w, k) => sum + w * greeks[k]![j]!, 0)),
  );
  const bend = impact.map((row, i) =>
    row.map((q, j) => q + 2 * greeks.reduce((sum, greek, k) => sum + greek[i]! * weighted[k]![j]!, 0)),
  );
  const curvature = bend.map((row, i) => row.map((value, j) => 0.5 * (value + bend[j]![i]!)));
  const slope = cost.map((_, j) => 2 * off.reduce((sum, value, k) => sum + value * weighted[k]![j]!, 0));
  const hard = { greeks, current, target, tolerance: tolerance ?? [], cost, lower, upper };
  const split = splitProgram(tolerance === undefined ? { ...hard, greeks: [], current: [], target: [] } : hard);
  const solved = quadraticProgram({
    quadratic: [
      ...curvature.map((row) => [...row, ...row.map((value) => -value)]),
      ...curvature.map((row) => [...row.map((value) => -value), ...row]),
    ],
    linear: [...slope.map((value, j) => cost[j]! + value), ...slope.map((value, j) => cost[j]! - value)],
    rows: split.rows,
    lower: split.lower,
    upper: split.upper,
  });
  if (!solved.ok) return { ...solved, relaxations: solved.reason === 'infeasible' ? leastRelaxations(split) : [] };
  const trades = tradesOf(solved.x, n);
  const residual = residualOf(problem, trades);
  const penalty = quadratic(weights, residual);
  const paid = costOf(cost, trades);
  const moved = 0.5 * quadratic(impact, trades);
  return {
    ok: true,
    trades,
    residual,
    objective: penalty + paid + moved,
    penalty,
    cost: paid,
    impact: moved,
    duals: tolerance === undefined ? current.map(() => 0) : solved.duals,
    limitPrices: trades.map((trade, j) => limitPrice(trade, solved.reducedCosts[j]!, solved.reducedCosts[n + j]!)),
    kktResidual: solved.residual,
  };
}

/** From the prices of buying and of selling one more: of a trade that is made, its own; of none, one that would gain. */
function limitPrice(trade: number, buying: number, selling: number): number {
  if (trade > 0 || (trade === 0 && buying < 0)) return buying;
  return trade < 0 || selling < 0 ? -selling : 0;
}

function requireQuadratic(field: string, given: Matrix | readonly number[], size: number): number[][] {
  if (!isMatrix(given)) {
    requireVector(field, given, size, requireNonNegative);
    return given.map((value, i) => given.map((_, j) => (i === j ? value : 0)));
  }
  requireMatrix(field, given, size, size);
  given.forEach((row, i) => {
    row.forEach((value, j) => {
      if (value !== given[j]![i]) throw new InputError(`${field}[${i}][${j}]`, value, 'symmetric');
    });
  });
  requireSemidefinite(field, given);
  return given;
}

function isMatrix(given: Matrix | readonly number[]): given is Matrix {
  return Array.isArray(given[0]);
}

function quadratic(matrix: Matrix, x: readonly number[]): number {
  return matrix.reduce((sum, row, i) => sum + x[i]! * row.reduce((inner, value, j) => inner + value * x[j]!, 0), 0);
}
