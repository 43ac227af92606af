/** The cheapest hedge in whole lots: the program of `hedgeLp` with trades that are multiples of each instrument's lot. */
import { requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { integerProgram } from '../../math/integer-program.js';
import { costOf, requireHedgeProblem, requireVector, residualOf, splitProgram, tradesOf } from './problem.js';
import type { HedgeProblem } from './problem.js';
import { leastRelaxations } from './relaxation.js';
import type { Relaxation } from './relaxation.js';

export interface IntegerHedgeProblem extends HedgeProblem {
  /** Smallest trade of each instrument. */
  lots: readonly number[];
  /** At most this many instruments are traded; any number where missing. */
  maximumLegs?: number | undefined;
  /** Nodes of the search after which the best hedge so far is returned; 32768 where missing. */
  maximumNodes?: number | undefined;
}

export interface IntegerHedge {
  ok: true;
  trades: number[];
  residual: number[];
  cost: number;
  /** Cost of the hedge in fractions of lots: no hedge in lots is cheaper. */
  bound: number;
  gap: number;
  /** False where the search was cut short. */
  optimal: boolean;
}

export type IntegerHedgeFailure = Failure<'infeasible' | 'unbounded' | 'no-convergence'> & {
  relaxations: Relaxation[];
};

/**
 * Throws InputError as `requireHedgeProblem`, for a lot that is not positive, and for a limit on legs where an instrument may be
 * traded without bound.
 */
export function hedgeInteger(problem: IntegerHedgeProblem): IntegerHedge | IntegerHedgeFailure {
  requireHedgeProblem(problem);
  const { cost, lots, maximumLegs } = problem;
  const n = cost.length;
  requireVector('lots', lots, n, requirePositive);
  const columnLot = [...lots, ...lots];

  // Columns in lots, so that they are whole numbers.
  const split = splitProgram(problem);
  const program = {
    objective: split.objective.map((c, j) => c * columnLot[j]!),
    rows: split.rows.map((row) => ({
      ...row,
      values: Array.from(row.values, (value, e) => value * columnLot[row.columns[e]!]!),
    })),
    lower: split.lower.map((bound, j) => Math.ceil(bound / columnLot[j]! - 1e-9)),
    upper: split.upper.map((bound, j) => Math.floor(bound / columnLot[j]! + 1e-9)),
  };
  const integers = program.objective.map((_, j) => j);
  if (maximumLegs !== undefined) {
    if (!(Number.isInteger(maximumLegs) && maximumLegs >= 0)) {
      throw new InputError('maximumLegs', maximumLegs, 'a whole number, 0 or more');
    }
    // One switch an instrument: a column may be above 0 only where its switch is on.
    for (let j = 0; j < n; j++) {
      const most = Math.max(program.upper[j]!, program.upper[n + j]!);
      if (most === Infinity) throw new InputError(`upper[${j}]`, Infinity, 'finite where legs are limited');
      const on = program.objective.push(0) - 1;
      program.lower.push(0);
      program.upper.push(1);
      program.rows.push({ columns: [j, n + j, on], values: [1, 1, -most], upper: 0 });
      integers.push(on);
    }
    program.rows.push({
      columns: Array.from({ length: n }, (_, j) => 2 * n + j),
      values: new Array<number>(n).fill(1),
      upper: maximumLegs,
    });
  }
  const solved = integerProgram({ ...program, integers, maximumNodes: problem.maximumNodes });
  if (!solved.ok) return { ...solved, relaxations: leastRelaxations(split) };
  const trades = tradesOf(
    solved.x.map((value, j) => value * (columnLot[j] ?? 1)),
    n,
  );
  return {
    ok: true,
    trades,
    residual: residualOf(problem, trades),
    cost: costOf(cost, trades),
    bound: solved.bound,
    gap: solved.gap,
    optimal: solved.optimal,
  };
}
