/**
 * Hedges against scenarios: the trades that make the worst outcomes of a set of scenarios least bad, or bring them within a budget at
 * the least premium. With per-unit profits of each instrument in each scenario both are linear programs:
 *
 *   expected shortfall   min over t of  t + sum_s p_s max(loss_s - t, 0) / (1 - confidence), loss_s = -(book_s + sum_j h_j pnl_sj)
 *                        plus the cost of the trades                                    Rockafellar and Uryasev (2000)
 *   tail insurance       min cost'|h|  with  loss_s <= budget in every scenario
 */
import { requireArray, requireFinite, requireNonNegative, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { linearProgram } from '../../math/linear-program.js';
import type { Matrix } from '../../math/matrix.js';
import { expectedShortfallOf } from '../constraint-set.js';
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

/** The instruments, their scenarios, and the limits of `HedgeProblem`; no Greeks where they are free. */
export interface ScenarioProblem {
  /** [scenario][instrument]: profit per unit bought. */
  profits: Matrix;
  /** Profit of the book by scenario. */
  book: readonly number[];
  cost: readonly number[];
  lower: readonly number[];
  upper: readonly number[];
  /** Greeks to keep within bounds beside. */
  greeks?: Pick<HedgeProblem, 'greeks' | 'current' | 'target' | 'tolerance'> | undefined;
}

export interface ShortfallProblem extends ScenarioProblem {
  /** By scenario, adding up to 1; equal where missing. */
  probabilities?: readonly number[] | undefined;
  /** 0 to 1, 1 excluded. */
  confidence: number;
}

export interface InsuranceProblem extends ScenarioProblem {
  /** Most that may be lost in any scenario; negative asks for a gain. */
  budget: number;
}

export interface ScenarioHedge {
  ok: true;
  trades: number[];
  cost: number;
  /** Of losses, cost not included: of the book alone and with the trades. */
  before: { expectedShortfall: number; worstLoss: number };
  after: { expectedShortfall: number; worstLoss: number };
  /** By scenario, change of the optimum per unit of profit there; at most 0. */
  scenarioPrices: number[];
}

export type ScenarioHedgeResult =
  | ScenarioHedge
  /** `relaxations` by row: scenarios first where they are limits, then Greeks. */
  | (Failure<'infeasible' | 'unbounded' | 'no-convergence'> & { relaxations: Relaxation[] });

/** Least expected shortfall plus cost. Throws InputError on shapes, costs, probabilities or a confidence that cannot be. */
export function scenarioHedge(problem: ShortfallProblem): ScenarioHedgeResult {
  const split = requireScenarios(problem);
  const { profits, book } = problem;
  const confidence = requireWithin('confidence', problem.confidence, 0, 1 - 1e-12);
  const probabilities = requireProbabilities(problem.probabilities, book.length);
  const n = split.objective.length;
  const program: SplitProgram = {
    // t, then the excess of each scenario over it.
    objective: [...split.objective, 1, ...probabilities.map((p) => p / (1 - confidence))],
    rows: [
      ...profits.map((row, s) => {
        const { columns, values } = tradeRow(row);
        return { columns: [...columns, n, n + 1 + s], values: [...values, 1, 1], lower: -book[s]! };
      }),
      ...split.rows,
    ],
    lower: [...split.lower, -Infinity, ...probabilities.map(() => 0)],
    upper: [...split.upper, Infinity, ...probabilities.map(() => Infinity)],
  };
  return solved(problem, program, { probabilities, confidence });
}

/** Least cost with no scenario losing more than the budget. Throws InputError on shapes, costs or a budget that is not finite. */
export function tailInsurance(problem: InsuranceProblem): ScenarioHedgeResult {
  const split = requireScenarios(problem);
  const budget = requireFinite('budget', problem.budget);
  const program: SplitProgram = {
    ...split,
    rows: [
      ...problem.profits.map((row, s) => ({ ...tradeRow(row), lower: -budget - problem.book[s]! })),
      ...split.rows,
    ],
  };
  const probabilities = requireProbabilities(undefined, problem.book.length);
  return solved(problem, program, { probabilities, confidence: 0.95 });
}

function solved(
  { profits, book, cost }: ScenarioProblem,
  program: SplitProgram,
  { probabilities, confidence }: { probabilities: number[]; confidence: number },
): ScenarioHedgeResult {
  const answer = linearProgram(program);
  if (!answer.ok) return { ...answer, relaxations: leastRelaxations(program) };
  const trades = tradesOf(answer.x, cost.length);
  const losses = profits.map((row, s) => -row.reduce((sum, profit, j) => sum + profit * trades[j]!, book[s]!));
  const measured = (values: number[]): ScenarioHedge['before'] => ({
    expectedShortfall: expectedShortfallOf(values, probabilities, confidence),
    worstLoss: Math.max(...values),
  });
  return {
    ok: true,
    trades,
    cost: costOf(cost, trades),
    before: measured(book.map((profit) => -profit)),
    after: measured(losses),
    scenarioPrices: answer.duals.slice(0, book.length).map((price) => -price),
  };
}

function requireScenarios({ profits, book, cost, lower, upper, greeks }: ScenarioProblem): SplitProgram {
  requireArray('book', book);
  if (book.length === 0) throw new InputError('book.length', 0, 'at least one scenario');
  requireVector('book', book, book.length, requireFinite);
  requireMatrix('profits', profits, book.length, cost.length);
  const limits = { ...(greeks ?? { greeks: [], current: [], target: [], tolerance: [] }), cost, lower, upper };
  requireHedgeProblem(limits);
  return splitProgram(limits);
}

function requireProbabilities(probabilities: readonly number[] | undefined, count: number): number[] {
  if (probabilities === undefined) return new Array<number>(count).fill(1 / count);
  requireVector('probabilities', probabilities, count, requireNonNegative);
  const total = probabilities.reduce((sum, p) => sum + p, 0);
  if (Math.abs(total - 1) > 1e-9) throw new InputError('probabilities', total, 'numbers that add up to 1');
  return probabilities.map((p) => p / total);
}
