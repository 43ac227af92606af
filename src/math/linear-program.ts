/**
 * Linear programs, one interface over the simplex method of the package yalps.
 *
 *   minimise c'x   subject to   rowLower <= A x <= rowUpper,   lower <= x <= upper
 *
 * Solved in the canonical form  min f'p,  G p >= g,  p >= 0  and, for the prices of the rows, as its explicit dual
 * max g'y,  G'y <= f,  y >= 0, both scaled by powers of two. The answer does not rest on the solver: whatever path it took, p is
 * believed only if it meets its bounds, y only if it meets those of the dual, and both only if their objectives agree, since weak
 * duality then proves that either is optimal. That there is no answer is proved the same way (Farkas): the least sum by which the
 * bounds are missed is a program with an optimum, and that is above 0. Dantzig (1963); von Neumann (1947).
 *
 * "Agree" is to be read on numbers of size 1, and one bound of 1e9 that nothing comes near would make 1 of a billionth. Bounds far wider
 * than the narrowest are therefore left out until the optimum without them misses them.
 */
import { solve } from 'yalps';
import type { Coefficients, Constraint } from 'yalps';
import { requireArray, requireFinite } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { equilibrate } from './equilibration.js';

/** One row of A by its non-zero entries; entries of the same column add up. */
export interface LinearRow {
  columns: ArrayLike<number>;
  values: ArrayLike<number>;
  /** -Infinity where missing. */
  lower?: number | undefined;
  /** Infinity where missing. */
  upper?: number | undefined;
}

export interface LinearProgram {
  /** c, one entry a variable. */
  objective: ArrayLike<number>;
  rows: readonly LinearRow[];
  /** Of the variables: 0 where missing, -Infinity where there is none. */
  lower?: ArrayLike<number> | undefined;
  /** Of the variables: Infinity where missing. */
  upper?: ArrayLike<number> | undefined;
}

export type LinearProgramResult =
  | {
      ok: true;
      x: number[];
      /** c'x */
      objective: number;
      /** By row, the objective's change per unit of the row's bound: at least 0 at a lower bound, at most 0 at an upper one. */
      duals: number[];
      /** c - A'y by variable: at least 0 at its lower bound, at most 0 at its upper one. */
      reducedCosts: number[];
      /** c'x less the objective of the dual: 0 but for rounding. */
      gap: number;
    }
  /** No x meets all bounds; the objective has none; or no answer passed its proof. */
  | Failure<'infeasible' | 'unbounded' | 'no-convergence'>;

/** The program with every bound written out and checked. */
interface Bounded {
  objective: number[];
  rows: { entries: [column: number, value: number][]; lower: number; upper: number }[];
  lower: number[];
  upper: number[];
}

/** min f'p subject to G p >= g, p >= 0. */
interface Canonical {
  cost: number[];
  rows: { entries: [column: number, value: number][]; bound: number }[];
}

interface CanonicalProgram extends Canonical {
  /** `source` is the row of the program, or -1 for the width of a variable. */
  rows: (Canonical['rows'][number] & { source: number; sign: 1 | -1 })[];
  /** x_j = origin_j + sign (p_column - p_opposite). */
  variables: { column: number; sign: 1 | -1; origin: number; opposite: number }[];
}

/** Largest violation of a bound, of the dual's bounds or gap that an answer may have, on numbers of size 1. */
const TOLERANCE = 1e-9;
/** Least sum of violated bounds that is no rounding. */
const LEAST_CONTRADICTION = 1e-8;
/** Size of the terms of an objective below which they count as rounding. */
const LEAST_TERMS = 2 ** -6;
/** A bound so many times the narrowest is left out until it is missed. */
const WIDE = 2 ** 8;

/**
 * What the solver takes for zero, and the order of rows and columns, which breaks its ties: a path that stalls or loses its digits on
 * one of these rarely does on the next. Powers of two, because the solver rounds its answer to multiples of them.
 */
const ATTEMPTS = [
  { precision: 2 ** -40, reversed: false },
  { precision: 2 ** -33, reversed: false },
  { precision: 2 ** -40, reversed: true },
  { precision: 2 ** -33, reversed: true },
] as const;

/**
 * Throws InputError where a column is not an index of the objective, lengths differ, a coefficient is not finite or a bound is NaN.
 * Dense inside: of use up to some hundred rows and columns.
 */
export function linearProgram(program: LinearProgram): LinearProgramResult {
  const bounded = written(program);
  if (contradictory(bounded)) return failure('infeasible');
  for (let wide = wideBounds(bounded); ;) {
    const found = optimumOf(without(bounded, wide));
    // Fewer bounds than there are: what cannot be met without the rest cannot be met with it, and the best that meets the rest is best.
    if (found.status === 'infeasible') return failure('infeasible');
    const missed =
      found.status === 'optimal' && pricesHold(bounded, wide, found.duals)
        ? wide.filter((bound) => misses(bounded, bound, found.x))
        : wide;
    if (missed.length === 0) {
      return found.status === 'optimal' ? answer(bounded, found.x, found.duals) : failure(found.status);
    }
    wide = wide.filter((bound) => !missed.includes(bound));
  }
}

type Found =
  { status: 'optimal'; x: number[]; duals: number[] } | { status: 'infeasible' | 'unbounded' | 'no-convergence' };

function optimumOf(bounded: Bounded): Found {
  const scaled = equilibrate(bounded);
  const canonical = canonicalForm(scaled.program);
  for (const attempt of ATTEMPTS) {
    const found = optimum(canonical, attempt);
    if (found.status === 'optimal') {
      const x = canonical.variables.map(({ column, sign, origin, opposite }) => {
        return origin + sign * (found.p[column]! - (opposite < 0 ? 0 : found.p[opposite]!));
      });
      const duals = bounded.rows.map(() => 0);
      canonical.rows.forEach(({ source, sign }, i) => {
        if (source >= 0) duals[source]! += sign * found.y[i]!;
      });
      return {
        status: 'optimal',
        x: x.map((value, j) => value * scaled.columnScale[j]!),
        duals: duals.map((value, i) => value * scaled.rowScale[i]!),
      };
    }
    // That there is no optimum needs a proof as well: the least violation of all bounds, or of the dual's, has an optimum above 0.
    const shortfall = leastShortfall(canonical, attempt);
    if (shortfall > LEAST_CONTRADICTION) return { status: 'infeasible' };
    if (shortfall === 0 && leastShortfall(transposed(canonical), attempt) > LEAST_CONTRADICTION)
      return { status: 'unbounded' };
  }
  return { status: 'no-convergence' };
}

/** One bound of a row or of a variable. */
interface Side {
  of: 'rows' | 'variables';
  index: number;
  side: 'lower' | 'upper';
}

/**
 * The bounds so much wider than the narrowest that a program scaled to hold them would have no digits left for the others. Most of them
 * bind nothing; those that do are put back when they are missed.
 */
function wideBounds(bounded: Bounded): Side[] {
  const { rows, lower, upper } = bounded;
  // Scaled by the entries of A alone: a width is what is being judged.
  const open = { lower: lower.map(() => -Infinity), upper: upper.map(() => Infinity) };
  const { program, columnScale } = equilibrate({ ...bounded, ...open });
  const sides: (Side & { size: number })[] = [];
  const add = (of: Side['of'], index: number, from: number, to: number): void => {
    sides.push({ of, index, side: 'lower', size: Math.abs(from) }, { of, index, side: 'upper', size: Math.abs(to) });
  };
  program.rows.forEach((row, i) => {
    add('rows', i, row.lower, row.upper);
  });
  columnScale.forEach((scale, j) => {
    add('variables', j, lower[j]! / scale, upper[j]! / scale);
  });
  const finite = sides.filter(({ size }) => size > 0 && size < Infinity);
  const narrowest = finite.reduce((least, { size }) => Math.min(least, size), Infinity);
  return finite.filter(({ of, index, size }) => {
    const equal = of === 'rows' ? rows[index]!.lower === rows[index]!.upper : lower[index] === upper[index];
    return size > WIDE * narrowest && !equal;
  });
}

function without({ objective, rows, lower, upper }: Bounded, sides: readonly Side[]): Bounded {
  if (sides.length === 0) return { objective, rows, lower, upper };
  const fewer = { objective, rows: rows.map((row) => ({ ...row })), lower: [...lower], upper: [...upper] };
  for (const { of, index, side } of sides) {
    const none = side === 'lower' ? -Infinity : Infinity;
    if (of === 'rows') fewer.rows[index]![side] = none;
    else fewer[side][index] = none;
  }
  return fewer;
}

/**
 * Whether no variable gains by going where nothing holds it, on the scale of its own price: a price that is tiny beside the others
 * counts times a bound that is huge.
 */
function pricesHold(bounded: Bounded, wide: readonly Side[], duals: readonly number[]): boolean {
  if (wide.length === 0) return true;
  const { objective, rows, lower, upper } = without(bounded, wide);
  const size = objective.map(Math.abs);
  rows.forEach(({ entries }, i) => {
    for (const [j, value] of entries) size[j]! += Math.abs(value * duals[i]!);
  });
  return reducedCosts(bounded, duals).every((cost, j) => {
    const held = Number.isFinite(cost > 0 ? lower[j]! : upper[j]!);
    return held || Math.abs(cost) <= TOLERANCE * size[j]!;
  });
}

function misses({ rows, lower, upper }: Bounded, { of, index, side }: Side, x: readonly number[]): boolean {
  const value = of === 'rows' ? rows[index]!.entries.reduce((sum, [j, entry]) => sum + entry * x[j]!, 0) : x[index]!;
  const bound = of === 'rows' ? rows[index]![side] : (side === 'lower' ? lower : upper)[index]!;
  return side === 'lower' ? value < bound : value > bound;
}

const MESSAGES = {
  infeasible: 'no point meets all bounds',
  unbounded: 'the objective can be lowered without limit',
  'no-convergence': 'no answer of the solver passed the check of its bounds and its duality gap',
} as const;

function failure(reason: keyof typeof MESSAGES): LinearProgramResult {
  return { ok: false, reason, message: MESSAGES[reason] };
}

function written({ objective, rows, lower, upper }: LinearProgram): Bounded {
  const n = objective.length;
  requireArray('rows', rows);
  const finite = (field: string, values: ArrayLike<number>): number[] =>
    Array.from(values, (value, i) => requireFinite(`${field}[${i}]`, value));
  return {
    objective: finite('objective', objective),
    rows: rows.map(({ columns, values, lower: from = -Infinity, upper: to = Infinity }, i) => {
      if (columns.length !== values.length) {
        throw new InputError(`rows[${i}].values.length`, values.length, `the number of columns, ${columns.length}`);
      }
      const entries = new Map<number, number>();
      finite(`rows[${i}].values`, values).forEach((value, e) => {
        const column = columns[e]!;
        if (!(Number.isInteger(column) && column >= 0 && column < n)) {
          throw new InputError(`rows[${i}].columns[${e}]`, column, `an integer from 0 to ${n - 1}`);
        }
        entries.set(column, (entries.get(column) ?? 0) + value);
      });
      return {
        entries: [...entries].filter(([, value]) => value !== 0),
        lower: requireBound(`rows[${i}].lower`, from, Infinity),
        upper: requireBound(`rows[${i}].upper`, to, -Infinity),
      };
    }),
    lower: variableBounds('lower', lower, n, 0, Infinity),
    upper: variableBounds('upper', upper, n, Infinity, -Infinity),
  };
}

function variableBounds(
  field: string,
  bounds: ArrayLike<number> | undefined,
  n: number,
  usual: number,
  refused: number,
): number[] {
  if (bounds !== undefined && bounds.length !== n) {
    throw new InputError(`${field}.length`, bounds.length, `the number of variables, ${n}`);
  }
  return Array.from({ length: n }, (_, j) => requireBound(`${field}[${j}]`, bounds ? bounds[j]! : usual, refused));
}

function requireBound(field: string, value: number, refused: number): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value === refused) {
    throw new InputError(field, value, `a number other than ${refused}`);
  }
  return value;
}

/** Bounds in the wrong order, or a row without entries that asks for something else than 0. */
function contradictory({ rows, lower, upper }: Bounded): boolean {
  return (
    lower.some((from, j) => from > upper[j]!) ||
    rows.some((row) => row.lower > row.upper || (row.entries.length === 0 && (row.lower > 0 || row.upper < 0)))
  );
}

function canonicalForm({ objective, rows, lower, upper }: Bounded): CanonicalProgram {
  const cost: number[] = [];
  const column = (value: number): number => cost.push(value) - 1;
  const variables = objective.map((c, j): CanonicalProgram['variables'][number] => {
    if (lower[j]! > -Infinity) return { column: column(c), sign: 1, origin: lower[j]!, opposite: -1 };
    if (upper[j]! < Infinity) return { column: column(-c), sign: -1, origin: upper[j]!, opposite: -1 };
    return { column: column(c), sign: 1, origin: 0, opposite: column(-c) };
  });
  const canonical: CanonicalProgram['rows'] = [];
  rows.forEach((row, source) => {
    if (row.entries.length === 0) return;
    const entries: [number, number][] = [];
    let shift = 0;
    for (const [j, value] of row.entries) {
      const { column: own, sign, origin, opposite } = variables[j]!;
      shift += value * origin;
      entries.push([own, sign * value]);
      if (opposite >= 0) entries.push([opposite, -value]);
    }
    if (row.lower > -Infinity) canonical.push({ entries, bound: row.lower - shift, source, sign: 1 });
    if (row.upper < Infinity) {
      const negated = entries.map(([j, value]): [number, number] => [j, -value]);
      canonical.push({ entries: negated, bound: shift - row.upper, source, sign: -1 });
    }
  });
  variables.forEach(({ column: own }, j) => {
    if (lower[j]! > -Infinity && upper[j]! < Infinity) {
      canonical.push({ entries: [[own, -1]], bound: lower[j]! - upper[j]!, source: -1, sign: -1 });
    }
  });
  return { cost, rows: canonical, variables };
}

type Attempt = (typeof ATTEMPTS)[number];

/** The key of the objective among the solver's rows. */
const OBJECTIVE = -1;

function solvePrimal({ cost, rows }: Canonical, attempt: Attempt): Solved {
  const columns = cost.map((c): [number, number][] => [[OBJECTIVE, c]]);
  rows.forEach(({ entries }, i) => {
    for (const [j, value] of entries) columns[j]!.push([i, value]);
  });
  return run(
    'minimize',
    columns,
    rows.map(({ bound }) => ({ min: bound })),
    attempt,
  );
}

function solveDual({ cost, rows }: Canonical, attempt: Attempt): Solved {
  const columns = rows.map(({ entries, bound }): [number, number][] => [[OBJECTIVE, bound], ...entries]);
  return run(
    'maximize',
    columns,
    cost.map((c) => ({ max: c })),
    attempt,
  );
}

interface Solved {
  status: 'optimal' | 'infeasible' | 'unbounded' | 'stalled';
  values: Float64Array;
}

function run(
  direction: 'minimize' | 'maximize',
  columns: readonly Coefficients<number>[],
  constraints: readonly Constraint[],
  { precision, reversed }: Attempt,
): Solved {
  const ordered = <T>(items: readonly T[]): [number, T][] => {
    const keyed = items.map((item, i): [number, T] => [i, item]);
    return reversed ? keyed.reverse() : keyed;
  };
  const { status, variables } = solve<number, number>(
    { direction, objective: OBJECTIVE, constraints: ordered(constraints), variables: ordered(columns) },
    { precision, maxPivots: 1000 + 20 * (columns.length + constraints.length) },
  );
  const values = new Float64Array(columns.length);
  for (const [j, value] of variables) values[j] = value;
  return { status: status === 'cycled' || status === 'timedout' ? 'stalled' : status, values };
}

type Optimum = { status: 'optimal'; p: Float64Array; y: Float64Array; objective: number } | { status: 'unproved' };

/** A point and duals that prove each other, both as the solver gave them. */
function optimum(program: Canonical, attempt: Attempt): Optimum {
  const primal = solvePrimal(program, attempt);
  if (primal.status !== 'optimal') return { status: 'unproved' };
  const dual = solveDual(program, attempt);
  if (dual.status !== 'optimal') return { status: 'unproved' };
  const { cost, rows } = program;
  const [p, y] = [primal.values, dual.values];
  const excess = cost.map((c) => -c);
  const size = cost.map((c) => 1 + Math.abs(c));
  for (let i = 0; i < rows.length; i++) {
    const { entries, bound } = rows[i]!;
    let sum = 0;
    let scale = 1 + Math.abs(bound);
    for (const [j, value] of entries) {
      sum += value * p[j]!;
      scale += Math.abs(value * p[j]!);
      excess[j]! += value * y[i]!;
      size[j]! += Math.abs(value * y[i]!);
    }
    if (!(sum >= bound - TOLERANCE * scale)) return { status: 'unproved' };
  }
  if (!excess.every((value, j) => value <= TOLERANCE * size[j]!)) return { status: 'unproved' };
  const objective = cost.reduce((sum, c, j) => sum + c * p[j]!, 0);
  const below = rows.reduce((sum, { bound }, i) => sum + bound * y[i]!, 0);
  const terms = cost.reduce((sum, c, j) => sum + Math.abs(c * p[j]!), LEAST_TERMS);
  if (!(Math.abs(objective - below) <= TOLERANCE * terms)) return { status: 'unproved' };
  return { status: 'optimal', p, y, objective };
}

/** The least sum by which the rows are missed, 0 where they can all be met but for rounding; NaN where there is no proof of it. */
function leastShortfall({ cost, rows }: Canonical, attempt: Attempt): number {
  const found = optimum(
    {
      cost: [...cost.map(() => 0), ...rows.map(() => 1)],
      rows: rows.map(({ entries, bound }, i) => ({ entries: [...entries, [cost.length + i, 1]], bound })),
    },
    attempt,
  );
  if (found.status !== 'optimal') return NaN;
  return found.objective > LEAST_CONTRADICTION ? found.objective : 0;
}

/** The dual as a program to minimise: min -g'y subject to -G'y >= -f. */
function transposed({ cost, rows }: Canonical): Canonical {
  const columns = cost.map((c): Canonical['rows'][number] => ({ entries: [], bound: -c }));
  rows.forEach(({ entries }, i) => {
    for (const [j, value] of entries) columns[j]!.entries.push([i, -value]);
  });
  return { cost: rows.map(({ bound }) => -bound), rows: columns };
}

function answer(program: Bounded, x: number[], duals: number[]): LinearProgramResult {
  const objective = dot(program.objective, x);
  const costs = reducedCosts(program, duals);
  return { ok: true, x, objective, duals, reducedCosts: costs, gap: objective - dualObjective(program, duals, costs) };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function reducedCosts({ objective, rows }: Bounded, duals: readonly number[]): number[] {
  const costs = [...objective];
  rows.forEach(({ entries }, i) => {
    for (const [j, value] of entries) costs[j]! -= value * duals[i]!;
  });
  return costs;
}

/** The least c'x that y and the bounds allow. What rounding leaves on the side without a bound is left out. */
function dualObjective({ rows, lower, upper }: Bounded, duals: readonly number[], costs: readonly number[]): number {
  const least = (price: number, from: number, to: number): number => {
    const bound = price > 0 ? from : to;
    return price === 0 || !Number.isFinite(bound) ? 0 : price * bound;
  };
  return (
    rows.reduce((sum, row, i) => sum + least(duals[i]!, row.lower, row.upper), 0) +
    costs.reduce((sum, cost, j) => sum + least(cost, lower[j]!, upper[j]!), 0)
  );
}
