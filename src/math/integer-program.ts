/**
 * Linear programs some of whose variables are whole numbers, by the branch and bound of the package yalps over the simplex method:
 *
 *   minimise c'x   subject to   rowLower <= A x <= rowUpper,   lower <= x <= upper,   x_j whole for j in `integers`
 *
 * An answer is taken only if it meets its bounds with its integers rounded, and it comes with the proved optimum of the program
 * without the whole numbers, below which none can lie. Land and Doig (1960).
 */
import { solve } from 'yalps';
import type { Constraint } from 'yalps';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { linearProgram } from './linear-program.js';
import type { LinearProgram } from './linear-program.js';

export interface IntegerProgram extends LinearProgram {
  /** Indices of the variables that are whole numbers. */
  integers: readonly number[];
  /** Milliseconds are the caller's: branch and bound gives up after this many nodes; 32768 where missing. */
  maximumNodes?: number | undefined;
}

export type IntegerProgramResult =
  | {
      ok: true;
      x: number[];
      objective: number;
      /** Optimum of the program without whole numbers. */
      bound: number;
      /** objective - bound */
      gap: number;
      /** False where the search was cut short: the answer is feasible, not known to be best. */
      optimal: boolean;
    }
  | Failure<'infeasible' | 'unbounded' | 'no-convergence'>;

const FEASIBLE = 1e-7;

/** Throws InputError as `linearProgram`, and for an integer that is no index of a variable. */
export function integerProgram(program: IntegerProgram): IntegerProgramResult {
  const { objective, rows, integers } = program;
  const n = objective.length;
  for (const j of integers) {
    if (!(Number.isInteger(j) && j >= 0 && j < n)) {
      throw new InputError('integers', j, `an index from 0 to ${n - 1}`);
    }
  }
  const relaxed = linearProgram(program);
  if (!relaxed.ok) return relaxed;

  const whole = new Set(integers);
  const lower = Array.from(objective, (_, j) => program.lower?.[j] ?? 0);
  const upper = Array.from(objective, (_, j) => program.upper?.[j] ?? Infinity);
  // The solver knows variables from 0 up: x_j = origin_j + sign_j z_j, free ones as a difference.
  const origin = lower.map((bound, j) => (bound > -Infinity ? bound : upper[j]! < Infinity ? upper[j]! : 0));
  const constraints = new Map<string, Constraint>();
  const columns = new Map<string, Map<string, number>>();
  const parts = lower.map((bound, j) => {
    const span = upper[j]! - bound;
    const signs: (1 | -1)[] = bound > -Infinity ? [1] : upper[j]! < Infinity ? [-1] : [1, -1];
    return signs.map((sign) => {
      const key = `${j}${sign > 0 ? '+' : '-'}`;
      const entries = new Map<string, number>([['cost', sign * objective[j]!]]);
      if (span < Infinity) {
        entries.set(`span ${j}`, 1);
        constraints.set(`span ${j}`, { max: span });
      }
      columns.set(key, entries);
      return { key, sign };
    });
  });
  rows.forEach((row, i) => {
    let shift = 0;
    for (let e = 0; e < row.columns.length; e++) {
      const j = row.columns[e]!;
      shift += row.values[e]! * origin[j]!;
      for (const { key, sign } of parts[j]!) {
        const entries = columns.get(key)!;
        entries.set(`row ${i}`, (entries.get(`row ${i}`) ?? 0) + sign * row.values[e]!);
      }
    }
    const bounds: { min?: number; max?: number } = {};
    if (row.lower !== undefined && row.lower > -Infinity) bounds.min = row.lower - shift;
    if (row.upper !== undefined && row.upper < Infinity) bounds.max = row.upper - shift;
    constraints.set(`row ${i}`, bounds);
  });

  const found = solve(
    {
      direction: 'minimize',
      objective: 'cost',
      constraints,
      variables: columns,
      integers: integers.flatMap((j) => parts[j]!.map(({ key }) => key)),
    },
    { maxIterations: program.maximumNodes ?? 32_768, tolerance: 0, timeout: Infinity, includeZeroVariables: true },
  );
  if (found.status === 'infeasible') {
    return { ok: false, reason: 'infeasible', message: 'no whole numbers meet all bounds' };
  }
  const value = new Map(found.variables);
  const x = parts.map((signs, j) => {
    const raw = signs.reduce((sum, { key, sign }) => sum + sign * (value.get(key) ?? 0), origin[j]!);
    return whole.has(j) ? Math.round(raw) : raw;
  });
  if (!(found.status === 'optimal' || found.status === 'timedout') || !meetsBounds(program, x, lower, upper)) {
    return {
      ok: false,
      reason: 'no-convergence',
      message: 'the search for whole numbers ended without a feasible answer',
    };
  }
  const best = x.reduce((sum, xj, j) => sum + objective[j]! * xj, 0);
  return {
    ok: true,
    x,
    objective: best,
    bound: relaxed.objective,
    gap: best - relaxed.objective,
    optimal: found.status === 'optimal',
  };
}

function meetsBounds({ rows }: LinearProgram, x: readonly number[], lower: number[], upper: number[]): boolean {
  const within = (value: number, from: number, to: number, size: number): boolean =>
    value >= from - FEASIBLE * size && value <= to + FEASIBLE * size;
  return (
    x.every((value, j) => within(value, lower[j]!, upper[j]!, Math.max(1, Math.abs(value)))) &&
    rows.every((row) => {
      let sum = 0;
      let size = 1;
      for (let e = 0; e < row.columns.length; e++) {
        const term = row.values[e]! * x[row.columns[e]!]!;
        sum += term;
        size = Math.max(size, Math.abs(term));
      }
      return within(sum, row.lower ?? -Infinity, row.upper ?? Infinity, size);
    })
  );
}
