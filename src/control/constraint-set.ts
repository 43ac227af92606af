/**
 * The limits a portfolio has to keep, as one object for every optimiser, and as linear rows for its solver.
 *
 *   gross     sum |x_i| <= G                       x = p - q, p, q >= 0
 *   linear    L <= a'x <= U                        net exposure, Greeks, anything else by name
 *   margin    sum m+_i p_i + m-_i q_i <= M
 *   turnover  sum |x_i - x0_i| <= T                x - x0 = b - s, b, s >= 0
 *   cash      price'x + cost'(b + s) <= C
 *   shortfall v + 1/(1-c) sum_s p_s u_s <= E,  u_s >= -(pnl_s'x) - v,  u_s >= 0
 *
 * The last is expected shortfall at confidence c of the scenarios; since value at risk is at most that, it bounds both. Rockafellar
 * and Uryasev, "Optimization of conditional value-at-risk" (2000). x is in units of the caller: weights, contracts or currency.
 */
import { requireArray, requireFinite, requireNonNegative } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { linearProgram } from '../math/linear-program.js';
import type { LinearRow } from '../math/linear-program.js';
import type { Matrix } from '../math/matrix.js';

export interface LinearLimit {
  name: string;
  coefficients: readonly number[];
  lower?: number | undefined;
  upper?: number | undefined;
}

export interface ConstraintSet {
  /** By name; no bounds where missing. */
  lower?: readonly number[] | undefined;
  upper?: readonly number[] | undefined;
  /** Sum of sizes at most this, each times its weight (1 where missing). */
  gross?: { limit: number; weights?: readonly number[] | undefined } | undefined;
  /** Net exposure, Greeks, sector sums: one row each. */
  linear?: readonly LinearLimit[] | undefined;
  /** Margin per unit long and per unit short, 0 or more. */
  margin?: { long: readonly number[]; short: readonly number[]; limit: number } | undefined;
  turnover?: { from: readonly number[]; limit: number } | undefined;
  /** What is bought, at `prices` and with `costs` per unit traded from `from`, from this much cash. */
  cash?: { prices: readonly number[]; costs: readonly number[]; from: readonly number[]; limit: number } | undefined;
  /** Profit per unit by scenario [scenario][name], probabilities equal where missing. */
  shortfall?:
    { pnl: Matrix; probabilities?: readonly number[] | undefined; confidence: number; limit: number } | undefined;
}

export interface CompiledConstraints {
  /** x is the first n variables; the others are parts the rows need. */
  variables: number;
  rows: LinearRow[];
  lower: number[];
  upper: number[];
  /** Which rows are limits (the rest define the parts), and under what name. */
  limits: { name: string; row: number }[];
}

/**
 * Rows and bounds for a linear or quadratic program in n names. Throws InputError where lengths differ from n, numbers are not finite
 * or a limit is in the wrong order.
 */
export function compileConstraints(set: ConstraintSet, n: number): CompiledConstraints {
  const free = (values: readonly number[] | undefined, usual: number, field: string): number[] => {
    if (values !== undefined && values.length !== n) throw new InputError(`${field}.length`, values.length, `${n}`);
    return Array.from({ length: n }, (_, k) => requireNumber(`${field}[${k}]`, values ? values[k]! : usual));
  };
  const c: CompiledConstraints = {
    ...{ variables: n, rows: [], limits: [] },
    lower: free(set.lower, -Infinity, 'lower'),
    upper: free(set.upper, Infinity, 'upper'),
  };
  const limit = (name: string, row: LinearRow): void => {
    c.limits.push({ name, row: c.rows.push(row) - 1 });
  };
  const names = Array.from({ length: n }, (_, k) => k);
  for (const { name, coefficients, lower, upper } of set.linear ?? []) {
    const values = vector(`linear.${name}`, coefficients, n);
    if ((lower ?? -Infinity) > (upper ?? Infinity))
      throw new InputError(`linear.${name}.lower`, lower, 'at most upper');
    limit(name, { columns: names, values, lower, upper });
  }
  if (set.gross !== undefined || set.margin !== undefined) {
    const [long, short] = split(
      c,
      n,
      names.map(() => 0),
    );
    const both = [...long, ...short];
    if (set.gross !== undefined) {
      const weights = nonNegative('gross.weights', set.gross.weights ?? names.map(() => 1), n);
      limit('gross', {
        columns: both,
        values: [...weights, ...weights],
        upper: requireFinite('gross.limit', set.gross.limit),
      });
    }
    if (set.margin !== undefined) {
      const values = [
        ...nonNegative('margin.long', set.margin.long, n),
        ...nonNegative('margin.short', set.margin.short, n),
      ];
      limit('margin', { columns: both, values, upper: requireFinite('margin.limit', set.margin.limit) });
    }
  }
  if (set.turnover !== undefined) {
    const [bought, sold] = split(c, n, vector('turnover.from', set.turnover.from, n));
    const columns = [...bought, ...sold];
    limit('turnover', {
      columns,
      values: columns.map(() => 1),
      upper: requireFinite('turnover.limit', set.turnover.limit),
    });
  }
  if (set.cash !== undefined) {
    const prices = vector('cash.prices', set.cash.prices, n);
    const costs = nonNegative('cash.costs', set.cash.costs, n);
    const [bought, sold] = split(c, n, vector('cash.from', set.cash.from, n));
    const columns = [...bought, ...sold];
    const values = [...costs.map((cost, k) => cost + prices[k]!), ...costs.map((cost, k) => cost - prices[k]!)];
    limit('cash', { columns, values, upper: requireFinite('cash.limit', set.cash.limit) });
  }
  if (set.shortfall !== undefined) {
    const { columns, values } = shortfallRow(c, set.shortfall, n);
    limit('shortfall', { columns, values, upper: requireFinite('shortfall.limit', set.shortfall.limit) });
  }
  return c;
}

/** Adds the variables and rows of expected shortfall to `c` and returns it as a linear function of them. */
export function shortfallRow(
  c: CompiledConstraints,
  { pnl, probabilities, confidence }: Omit<NonNullable<ConstraintSet['shortfall']>, 'limit'>,
  n: number,
): { columns: number[]; values: number[] } {
  const weights = scenarioProbabilities(pnl, probabilities, n);
  requireConfidence(confidence);
  const v = addVariable(c, -Infinity);
  const columns = [v];
  const values = [1];
  pnl.forEach((row, s) => {
    const u = addVariable(c, 0);
    columns.push(u);
    values.push(weights[s]! / (1 - confidence));
    c.rows.push({ columns: [u, v, ...row.map((_, k) => k)], values: [1, 1, ...row], lower: 0 });
  });
  return { columns, values };
}

function requireConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1))
    throw new InputError('shortfall.confidence', confidence, 'above 0 and below 1');
}

function scenarioProbabilities(pnl: Matrix, probabilities: readonly number[] | undefined, n: number): number[] {
  requireArray('shortfall.pnl', pnl);
  if (pnl.length === 0) throw new InputError('shortfall.pnl', pnl, 'one scenario or more');
  pnl.forEach((row, s) => vector(`shortfall.pnl[${s}]`, row, n));
  const weights = probabilities ?? pnl.map(() => 1 / pnl.length);
  const checked = nonNegative('shortfall.probabilities', weights, pnl.length);
  const total = checked.reduce((sum, p) => sum + p, 0);
  if (Math.abs(total - 1) > 1e-9) throw new InputError('shortfall.probabilities', total, 'numbers with sum 1');
  return checked;
}

/** Two columns of variables, 0 or more, whose difference is x - from. */
function split(c: CompiledConstraints, n: number, from: readonly number[]): [number[], number[]] {
  const above = Array.from({ length: n }, () => addVariable(c, 0));
  const below = Array.from({ length: n }, () => addVariable(c, 0));
  for (let k = 0; k < n; k++) {
    c.rows.push({ columns: [k, above[k]!, below[k]!], values: [1, -1, 1], lower: from[k]!, upper: from[k]! });
  }
  return [above, below];
}

function addVariable(c: CompiledConstraints, lower: number): number {
  c.lower.push(lower);
  c.upper.push(Infinity);
  return c.variables++;
}

function requireNumber(field: string, value: number): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new InputError(field, value, 'a number');
  return value;
}

function vector(field: string, values: readonly number[], n: number): number[] {
  requireArray(field, values);
  if (values.length !== n) throw new InputError(`${field}.length`, values.length, `${n}`);
  return values.map((value, k) => requireFinite(`${field}[${k}]`, value));
}

function nonNegative(field: string, values: readonly number[], n: number): number[] {
  return vector(field, values, n).map((value, k) => requireNonNegative(`${field}[${k}]`, value));
}

export interface ConstraintSlack {
  name: string;
  /** Of the portfolio, in the limit's own unit. */
  value: number;
  lower: number;
  upper: number;
  /** To the nearer limit; negative where it is broken. */
  slack: number;
  /** Within 1e-7 of a limit, relative to its size. */
  active: boolean;
}

/** Every limit evaluated at x itself, not at a solver's parts: sizes, margin, turnover and shortfall as they are. */
export function constraintSlacks(set: ConstraintSet, x: readonly number[]): ConstraintSlack[] {
  const n = x.length;
  compileConstraints(set, n);
  const slacks: ConstraintSlack[] = [];
  const add = (name: string, value: number, lower = -Infinity, upper = Infinity): void => {
    if (lower === -Infinity && upper === Infinity) return;
    const slack = Math.min(value - lower, upper - value);
    const bound = value - lower < upper - value ? lower : upper;
    slacks.push({ name, value, lower, upper, slack, active: Math.abs(slack) <= 1e-7 * (1 + Math.abs(bound)) });
  };
  const dot = (a: readonly number[]): number => a.reduce((sum, value, k) => sum + value * x[k]!, 0);
  const sizes = (from: readonly number[], up: (k: number) => number, down: (k: number) => number): number =>
    x.reduce((sum, value, k) => {
      const change = value - from[k]!;
      return sum + (change > 0 ? up(k) * change : -down(k) * change);
    }, 0);
  const origin = x.map(() => 0);
  const one = (): number => 1;
  x.forEach((value, k) => {
    add(`name[${k}]`, value, set.lower?.[k], set.upper?.[k]);
  });
  for (const { name, coefficients, lower, upper } of set.linear ?? []) add(name, dot(coefficients), lower, upper);
  if (set.gross) {
    const weight = (k: number): number => set.gross?.weights?.[k] ?? 1;
    add('gross', sizes(origin, weight, weight), -Infinity, set.gross.limit);
  }
  if (set.margin) {
    const { long, short, limit } = set.margin;
    add(
      'margin',
      sizes(
        origin,
        (k) => long[k]!,
        (k) => short[k]!,
      ),
      -Infinity,
      limit,
    );
  }
  if (set.turnover) add('turnover', sizes(set.turnover.from, one, one), -Infinity, set.turnover.limit);
  if (set.cash) {
    const { prices, costs, from, limit } = set.cash;
    add(
      'cash',
      sizes(
        from,
        (k) => costs[k]! + prices[k]!,
        (k) => costs[k]! - prices[k]!,
      ),
      -Infinity,
      limit,
    );
  }
  if (set.shortfall) {
    add('shortfall', scenarioShortfall(set.shortfall, x), -Infinity, set.shortfall.limit);
  }
  return slacks;
}

/** Expected shortfall of the portfolio x over scenarios. Throws InputError where shapes differ. */
export function scenarioShortfall(
  { pnl, probabilities, confidence }: Omit<NonNullable<ConstraintSet['shortfall']>, 'limit'>,
  x: readonly number[],
): number {
  const weights = scenarioProbabilities(pnl, probabilities, x.length);
  const losses = pnl.map((row) => -row.reduce((sum, value, k) => sum + value * x[k]!, 0));
  return expectedShortfallOf(losses, weights, confidence);
}

/** The mean of the worst part 1 - confidence of losses with probabilities; of all of them at a confidence of 0. */
export function expectedShortfallOf(
  losses: readonly number[],
  probabilities: readonly number[],
  confidence: number,
): number {
  if (confidence !== 0) requireConfidence(confidence);
  const order = losses.map((_, s) => s).sort((a, b) => losses[b]! - losses[a]!);
  let left = 1 - confidence;
  let sum = 0;
  for (const s of order) {
    const share = Math.min(probabilities[s]!, left);
    sum += share * losses[s]!;
    left -= share;
    if (left <= 0) break;
  }
  return sum / (1 - confidence);
}

export interface Relaxation {
  name: string;
  /** By how much the limit has to give, in its own unit. */
  by: number;
  side: 'lower' | 'upper';
}

/**
 * The least sum of relaxations, each relative to the size of its limit, at which the named limits can be kept together; none where they
 * can be as they are. Bounds of single names are limits 'name[k]'. 'unsolved' where the elastic program found no proof.
 */
export function minimalRelaxations(
  set: ConstraintSet,
  n: number,
): { ok: true; relaxations: Relaxation[]; x: number[] } | Failure<'unsolved'> {
  const c = compileConstraints(set, n);
  const elastic: { name: string; side: 'lower' | 'upper'; column: number; size: number }[] = [];
  const objective = c.lower.map(() => 0);
  const rows = [...c.rows];
  const lower = [...c.lower];
  const give = (name: string, side: 'lower' | 'upper', bound: number): number => {
    const size = Math.max(Math.abs(bound), 1e-3);
    elastic.push({ name, side, column: lower.length, size });
    objective.push(1 / size);
    return lower.push(0) - 1;
  };
  const relaxed = (name: string, row: LinearRow): LinearRow => {
    const columns = Array.from(row.columns);
    const values = Array.from(row.values);
    const from = row.lower ?? -Infinity;
    const to = row.upper ?? Infinity;
    if (from > -Infinity) {
      columns.push(give(name, 'lower', from));
      values.push(1);
    }
    if (to < Infinity) {
      columns.push(give(name, 'upper', to));
      values.push(-1);
    }
    return { columns, values, lower: from, upper: to };
  };
  for (const { name, row } of c.limits) rows[row] = relaxed(name, rows[row]!);
  for (let k = 0; k < n; k++) {
    if (lower[k] === -Infinity && c.upper[k] === Infinity) continue;
    rows.push(relaxed(`name[${k}]`, { columns: [k], values: [1], lower: lower[k], upper: c.upper[k] }));
    lower[k] = -Infinity;
  }
  const upper = lower.map(() => Infinity);
  const solved = linearProgram({ objective, rows, lower, upper });
  if (!solved.ok) return { ok: false, reason: 'unsolved', message: solved.message };
  const relaxations = elastic.flatMap(({ name, side, column, size }) => {
    const by = solved.x[column]!;
    return by > 1e-9 * size ? [{ name, side, by }] : [];
  });
  return { ok: true, relaxations, x: solved.x.slice(0, n) };
}
