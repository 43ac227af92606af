/**
 * Trades that lower a scenario-based margin requirement most for their cost. Such a requirement is the largest of weighted losses over
 * the venue's cells, plus charges on absolute exposures (a roll shock per expiry), both convex and piecewise linear in quantities:
 *
 *   minimise  t + sum_e rate_e |exposure_e| + c'|h|
 *   subject to  t >= 0,  t >= -w_s (book_s + sum_j h_j pnl_sj),  Greeks within tolerance,  lower <= h <= upper
 *
 * Exact for requirements of this shape. The prices by cell say which cells bind.
 */
import { requireFinite, requireNonNegative } from '../../check.js';
import type { Failure } from '../../errors.js';
import { linearProgram } from '../../math/linear-program.js';
import type { Matrix } from '../../math/matrix.js';
import {
  costOf,
  requireHedgeProblem,
  requireMatrix,
  requireVector,
  splitProgram,
  tradeRow,
  tradesOf,
} from './problem.js';
import type { HedgeProblem, SplitProgram } from './problem.js';
import { leastRelaxations } from './relaxation.js';
import type { Relaxation } from './relaxation.js';

export interface MarginProblem {
  /** Profit of the book by cell, and per unit bought, [cell][instrument]. */
  book: readonly number[];
  profits: Matrix;
  /** w, by cell; 1 where missing. */
  weights?: readonly number[] | undefined;
  /** Charges `rate` |current + sum_j h_j perUnit_j|, one an expiry for instance. */
  charges?: readonly { rate: number; current: number; perUnit: readonly number[] }[] | undefined;
  cost: readonly number[];
  lower: readonly number[];
  upper: readonly number[];
  /** Greeks to keep within bounds beside. */
  greeks?: Pick<HedgeProblem, 'greeks' | 'current' | 'target' | 'tolerance'> | undefined;
}

export type MinimisedMargin =
  | {
      ok: true;
      trades: number[];
      cost: number;
      requirementBefore: number;
      requirement: number;
      /** By cell, how much the requirement falls per unit of profit there: above 0 where the cell binds. */
      cellPrices: number[];
    }
  | (Failure<'infeasible' | 'unbounded' | 'no-convergence'> & { relaxations: Relaxation[] });

/** Throws InputError where shapes differ, a number is not finite, or a cost, weight or rate is negative. */
export function minimiseMargin(problem: MarginProblem): MinimisedMargin {
  const { book, profits, cost, lower, upper, charges = [] } = problem;
  requireVector('book', book, book.length, requireFinite);
  requireMatrix('profits', profits, book.length, cost.length);
  const weights = problem.weights ?? book.map(() => 1);
  requireVector('weights', weights, book.length, requireNonNegative);
  charges.forEach(({ rate, current, perUnit }, e) => {
    requireNonNegative(`charges[${e}].rate`, rate);
    requireFinite(`charges[${e}].current`, current);
    requireVector(`charges[${e}].perUnit`, perUnit, cost.length, requireFinite);
  });
  const none = { greeks: [], current: [], target: [], tolerance: [] };
  const limits = { ...(problem.greeks ?? none), cost, lower, upper };
  requireHedgeProblem(limits);

  const split = splitProgram(limits);
  const n = split.objective.length;
  const program: SplitProgram = {
    // t, then the absolute value of each exposure.
    objective: [...split.objective, 1, ...charges.map(({ rate }) => rate)],
    rows: [
      ...profits.map((row, s) => {
        const { columns, values } = tradeRow(row.map((profit) => weights[s]! * profit));
        return { columns: [...columns, n], values: [...values, 1], lower: -weights[s]! * book[s]! };
      }),
      ...charges.flatMap(({ current, perUnit }, e) =>
        [1, -1].map((sign) => {
          const { columns, values } = tradeRow(perUnit.map((value) => -sign * value));
          return { columns: [...columns, n + 1 + e], values: [...values, 1], lower: sign * current };
        }),
      ),
      ...split.rows,
    ],
    lower: [...split.lower, 0, ...charges.map(() => 0)],
    upper: [...split.upper, Infinity, ...charges.map(() => Infinity)],
  };
  const solved = linearProgram(program);
  if (!solved.ok) return { ...solved, relaxations: leastRelaxations(program) };
  const trades = tradesOf(solved.x, cost.length);
  return {
    ok: true,
    trades,
    cost: costOf(cost, trades),
    requirementBefore: requirement(problem, weights, new Array<number>(cost.length).fill(0)),
    requirement: requirement(problem, weights, trades),
    cellPrices: book.map((_, s) => solved.duals[s]! * weights[s]!),
  };
}

function requirement(
  { book, profits, charges = [] }: MarginProblem,
  weights: readonly number[],
  trades: number[],
): number {
  const after = (row: readonly number[], start: number): number =>
    row.reduce((sum, value, j) => sum + value * trades[j]!, start);
  const worst = profits.reduce((most, row, s) => Math.max(most, -weights[s]! * after(row, book[s]!)), 0);
  return charges.reduce((sum, { rate, current, perUnit }) => sum + rate * Math.abs(after(perUnit, current)), worst);
}
