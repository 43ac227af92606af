/**
 * The cheapest trades that bring chosen Greeks within a tolerance of their targets, as a linear program:
 *
 *   minimise c'|h|   subject to   |g + A h - g*| <= tolerance,   lower <= h <= upper
 *
 * The duals are prices: what one more unit of each Greek's target would add to the cost.
 */
import type { Failure } from '../../errors.js';
import { linearProgram } from '../../math/linear-program.js';
import { costOf, requireHedgeProblem, residualOf, splitProgram, tradesOf } from './problem.js';
import type { HedgeProblem } from './problem.js';
import { leastRelaxations } from './relaxation.js';
import type { Relaxation } from './relaxation.js';

export interface Hedge {
  ok: true;
  /** Units to buy (sell where negative), by instrument. */
  trades: number[];
  /** Greek after the trades less its target, by Greek. */
  residual: number[];
  cost: number;
  /** Change of the cost per unit of each Greek's target. */
  duals: number[];
}

/** `relaxations`: the Greeks that cannot be brought within their tolerance, and the least by which each stays outside. */
export type HedgeFailure = Failure<'infeasible' | 'unbounded'> & { relaxations: Relaxation[] };

/** Rejects with InputError as `requireHedgeProblem`. A promise, so that a solver that works elsewhere can take its place. */
export function hedgeLp(problem: HedgeProblem): Promise<Hedge | HedgeFailure> {
  return new Promise((resolve) => {
    resolve(cheapestHedge(problem));
  });
}

function cheapestHedge(problem: HedgeProblem): Hedge | HedgeFailure {
  requireHedgeProblem(problem);
  const program = splitProgram(problem);
  const solved = linearProgram(program);
  if (!solved.ok) {
    const { reason } = solved;
    if (reason === 'no-convergence') throw new Error(`hedgeLp: ${solved.message}`);
    return { ...solved, reason, relaxations: leastRelaxations(program) };
  }
  const trades = tradesOf(solved.x, problem.cost.length);
  return {
    ok: true,
    trades,
    residual: residualOf(problem, trades),
    cost: costOf(problem.cost, trades),
    duals: solved.duals,
  };
}
