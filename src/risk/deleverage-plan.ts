/**
 * What to close, at the least cost, until an account's equity is again a multiple of its maintenance margin, where the margin is a scan:
 *
 *   maintenance(d)  f (max(0, -w_s sum_i (q_i - d_i) pnl_is over cells s) + sum_e rate_e |sum_i (q_i - d_i) exposure_ei|)
 *   minimise        sum_i cost_i |d_i|
 *   subject to      target x maintenance(d) <= equity - sum_i cost_i |d_i|,   d_i between 0 and q_i
 *
 * Convex and piecewise linear, so a linear program is exact. With an order, a class is touched only where the classes before it do not
 * suffice: those are then closed as far as brings equity nearest to the target. Along the way from one class's book to the next the
 * margin only falls, being convex, as a lower one on the way would have been reached at less cost; steps that do not lower it on their
 * own are therefore traded together.
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { linearProgram } from '../math/linear-program.js';
import type { LinearRow } from '../math/linear-program.js';

export interface ReduciblePosition {
  id: string;
  /** Long positive. */
  quantity: number;
  /** Of closing one unit: half the spread, fees and impact. */
  cost: number;
  /** Profit of one unit in each cell. */
  profits: readonly number[];
  /** Quantities are closed in whole lots, or entirely; any quantity where missing. */
  lot?: number | undefined;
  /** Classes close in rising order: 0 futures, 1 options, say. 0 where missing. */
  order?: number | undefined;
}

export interface DeleverageProblem {
  equity: number;
  /** Least equity over maintenance margin. */
  target: number;
  positions: readonly ReduciblePosition[];
  /** w, by cell; 1 where missing. */
  weights?: readonly number[] | undefined;
  /** Charges on absolute exposures: of one unit of each position. */
  charges?: readonly { rate: number; exposures: readonly number[] }[] | undefined;
  /** f; 1 where missing. */
  maintenanceFraction?: number | undefined;
}

export interface DeleverageStep {
  /** Signed quantities to trade, against the positions. */
  trades: { id: string; quantity: number }[];
  cost: number;
  /** After the step. */
  maintenance: number;
  equityRatio: number;
}

export type DeleveragePlan =
  | {
      ok: true;
      steps: DeleverageStep[];
      cost: number;
      maintenanceBefore: number;
      maintenance: number;
      /** After costs. */
      equity: number;
      /** Infinity without a margin. */
      equityRatio: number;
    }
  /** Closing everything costs more than there is; no answer passed its proof; or no whole lots were found that do it. */
  | Failure<'infeasible' | 'no-convergence' | 'lots'>;

/** Margin left to rounding to lots, as shares of the target. */
const SLACKS = [0, 0.001, 0.004, 0.016, 0.064, 0.25, 1];
/** Of the target, for the rounding of a program's answer. */
const ROUNDING = 1e-9;

/** Throws InputError where lengths differ, or a cost, weight, rate or lot is out of range. */
export function deleveragePlan(problem: DeleverageProblem): DeleveragePlan {
  requireProblem(problem);
  const { positions, equity, target } = problem;
  const before = maintenanceOf(problem, positions.map(zero));
  if (equity >= target * before) return planOf(problem, positions.map(zero));
  const orders = [...new Set(positions.map(({ order = 0 }) => order))].sort((a, b) => a - b);
  const settled: (number | undefined)[] = positions.map(() => undefined);
  for (const last of orders) {
    const limits = positions.map(({ quantity, order = 0 }, i): [number, number] => {
      const [least, most] = order > last ? [0, 0] : [0, Math.abs(quantity)];
      return settled[i] === undefined ? [least, most] : [settled[i], settled[i]];
    });
    for (const slack of SLACKS) {
      const solved = leastReduction(problem, target * (1 + slack), limits, 'cost');
      if (!solved.ok) break;
      const plan = planOf(
        problem,
        solved.closed.map((size, i) => wholeLots(size, positions[i]!)),
      );
      if (plan.equityRatio >= target * (1 - ROUNDING)) return plan;
    }
    const best = leastReduction(problem, target, limits, 'shortfall');
    if (!best.ok) return best;
    if (best.shortfall <= ROUNDING * Math.abs(equity)) {
      return { ok: false, reason: 'lots', message: 'no whole lots near the cheapest quantities restore the ratio' };
    }
    positions.forEach((position, i) => {
      if ((position.order ?? 0) === last) settled[i] = wholeLots(best.closed[i]!, position);
    });
  }
  return { ok: false, reason: 'infeasible', message: 'no reductions restore the ratio at their cost' };
}

function zero(): number {
  return 0;
}

/** Absolute quantities closed, for the least cost, or to miss the target by least value. */
function leastReduction(
  { positions, equity, weights, charges = [], maintenanceFraction = 1 }: DeleverageProblem,
  target: number,
  limits: readonly [number, number][],
  least: 'cost' | 'shortfall',
): { ok: true; closed: number[]; shortfall: number } | Failure<'infeasible' | 'no-convergence'> {
  const n = positions.length;
  const cells = positions[0]?.profits.length ?? 0;
  const signs = positions.map(({ quantity }) => Math.sign(quantity));
  // Closed quantities, the scan, each absolute exposure, and what is missed.
  const scan = n;
  const missed = n + 1 + charges.length;
  const all = Array.from({ length: missed + 1 }, (_, j) => j);
  const costs = positions.map(({ cost }) => cost);
  const rows: LinearRow[] = [];
  for (let s = 0; s < cells; s++) {
    const weight = weights?.[s] ?? 1;
    const profits = positions.map(({ profits }) => profits[s]!);
    const held = positions.reduce((sum, { quantity }, i) => sum + quantity * profits[i]!, 0);
    rows.push({
      columns: [...all.slice(0, n), scan],
      values: [...profits.map((profit, i) => -weight * signs[i]! * profit), 1],
      lower: -weight * held,
    });
  }
  charges.forEach(({ exposures }, e) => {
    const held = positions.reduce((sum, { quantity }, i) => sum + quantity * exposures[i]!, 0);
    for (const side of [1, -1]) {
      rows.push({
        columns: [...all.slice(0, n), n + 1 + e],
        values: [...exposures.map((exposure, i) => side * signs[i]! * exposure), 1],
        lower: side * held,
      });
    }
  });
  const scale = target * maintenanceFraction;
  rows.push({
    columns: all,
    values: [...costs, scale, ...charges.map(({ rate }) => scale * rate), -1],
    upper: equity,
  });
  const byCost = least === 'cost';
  const none = [0, ...charges.map(zero)];
  const solved = linearProgram({
    objective: byCost ? [...costs, ...none, 0] : [...costs.map(zero), ...none, 1],
    rows,
    lower: [...limits.map(([from]) => from), ...none, 0],
    upper: [...limits.map(([, to]) => to), ...none.map(() => Infinity), byCost ? 0 : Infinity],
  });
  if (solved.ok) return { ok: true, closed: solved.x.slice(0, n), shortfall: solved.x[missed]! };
  const { reason } = solved;
  return { ...solved, reason: reason === 'unbounded' ? 'no-convergence' : reason };
}

function wholeLots(closed: number, { quantity, lot }: ReduciblePosition): number {
  const size = Math.abs(quantity);
  const least = closed > ROUNDING * size ? closed : 0;
  return lot === undefined ? Math.min(least, size) : Math.min(lot * Math.ceil(least / lot - ROUNDING), size);
}

function planOf(problem: DeleverageProblem, closed: readonly number[]): DeleveragePlan & { ok: true } {
  const { positions, equity } = problem;
  const done = positions.map(zero);
  const maintenanceBefore = maintenanceOf(problem, done);
  let maintenance = maintenanceBefore;
  let cost = 0;
  const steps: DeleverageStep[] = [];
  let left = closed.flatMap((size, i) => (size > 0 ? [i] : []));
  const trade = (rows: readonly number[]): void => {
    let spent = 0;
    for (const i of rows) {
      done[i] = closed[i]!;
      spent += positions[i]!.cost * closed[i]!;
    }
    cost += spent;
    maintenance = maintenanceOf(problem, done);
    steps.push({
      trades: rows.map((i) => ({ id: positions[i]!.id, quantity: -Math.sign(positions[i]!.quantity) * closed[i]! })),
      cost: spent,
      maintenance,
      equityRatio: ratioOf(equity - cost, maintenance),
    });
    left = left.filter((i) => !rows.includes(i));
  };
  while (left.length > 0) {
    const order = Math.min(...left.map((i) => positions[i]!.order ?? 0));
    const next = left
      .filter((i) => (positions[i]!.order ?? 0) === order)
      .map((i) => ({
        i,
        after: maintenanceOf(
          problem,
          done.map((size, j) => (j === i ? closed[i]! : size)),
        ),
      }))
      .reduce((best, one) => (one.after < best.after ? one : best));
    if (next.after < maintenance) trade([next.i]);
    else trade(left.filter((i) => (positions[i]!.order ?? 0) === order));
  }
  return {
    ok: true,
    steps,
    cost,
    maintenanceBefore,
    maintenance,
    equity: equity - cost,
    equityRatio: ratioOf(equity - cost, maintenance),
  };
}

function ratioOf(equity: number, maintenance: number): number {
  return maintenance === 0 ? Infinity : equity / maintenance;
}

function maintenanceOf(
  { positions, weights, charges = [], maintenanceFraction = 1 }: DeleverageProblem,
  closed: readonly number[],
): number {
  const kept = positions.map(({ quantity }, i) => quantity - Math.sign(quantity) * closed[i]!);
  const cells = positions[0]?.profits.length ?? 0;
  let worst = 0;
  for (let s = 0; s < cells; s++) {
    const profit = positions.reduce((sum, { profits }, i) => sum + kept[i]! * profits[s]!, 0);
    worst = Math.max(worst, -(weights?.[s] ?? 1) * profit);
  }
  const charged = charges.reduce((sum, { rate, exposures }) => {
    return sum + rate * Math.abs(exposures.reduce((net, exposure, i) => net + kept[i]! * exposure, 0));
  }, 0);
  return maintenanceFraction * (worst + charged);
}

function requireProblem({
  equity,
  target,
  positions,
  weights,
  charges = [],
  maintenanceFraction,
}: DeleverageProblem): void {
  requireFinite('equity', equity);
  requirePositive('target', target);
  requireArray('positions', positions);
  const cells = positions[0]?.profits.length ?? 0;
  positions.forEach(({ quantity, cost, profits, lot, order }, i) => {
    const at = `positions[${i}]`;
    requireFinite(`${at}.quantity`, quantity);
    requireNonNegative(`${at}.cost`, cost);
    if (lot !== undefined) requirePositive(`${at}.lot`, lot);
    requireFinite(`${at}.order`, order ?? 0);
    requireLength(`${at}.profits`, profits, cells);
  });
  if (weights !== undefined) {
    requireLength('weights', weights, cells);
    weights.forEach((weight, s) => requireNonNegative(`weights[${s}]`, weight));
  }
  charges.forEach(({ rate, exposures }, e) => {
    requireNonNegative(`charges[${e}].rate`, rate);
    requireLength(`charges[${e}].exposures`, exposures, positions.length);
  });
  requireNonNegative('maintenanceFraction', maintenanceFraction ?? 1);
}

function requireLength(field: string, values: readonly number[], length: number): void {
  requireArray(field, values);
  if (values.length !== length) throw new InputError(`${field}.length`, values.length, String(length));
  values.forEach((value, i) => requireFinite(`${field}[${i}]`, value));
}
