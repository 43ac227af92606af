/**
 * What hedges share: a book whose Greeks are `current`, instruments that change them by A per unit, and a target to come within a
 * tolerance of. Trades are written as purchases less sales, h = p - n, p, n >= 0, so that a cost per unit traded is linear.
 */
import { requireArray, requireFinite, requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';
import type { LinearProgram, LinearRow } from '../../math/linear-program.js';
import type { Matrix } from '../../math/matrix.js';

export interface HedgeProblem {
  /** A, [greek][instrument]: change of the Greek per unit bought. */
  greeks: Matrix;
  /** Of the book, by Greek. */
  current: readonly number[];
  target: readonly number[];
  /** Distance from the target that is allowed, by Greek. */
  tolerance: readonly number[];
  /** Per unit traded, by instrument: half the spread, fee and impact. */
  cost: readonly number[];
  /** Least and most units to trade, by instrument; infinite where there is no limit. */
  lower: readonly number[];
  upper: readonly number[];
}

/** Throws InputError where shapes differ, a number is not finite, a cost or tolerance is negative or a limit is NaN. */
export function requireHedgeProblem(problem: HedgeProblem): void {
  const { greeks, current, target, tolerance, cost, lower, upper } = problem;
  const instruments = cost.length;
  requireVector('current', current, greeks.length, requireFinite);
  requireVector('target', target, greeks.length, requireFinite);
  requireVector('tolerance', tolerance, greeks.length, requireNonNegative);
  requireVector('cost', cost, instruments, requireNonNegative);
  requireVector('lower', lower, instruments, (field, value) => requireLimit(field, value, Infinity));
  requireVector('upper', upper, instruments, (field, value) => requireLimit(field, value, -Infinity));
  requireMatrix('greeks', greeks, greeks.length, instruments);
}

export function requireVector(
  field: string,
  values: readonly number[],
  length: number,
  check: (field: string, value: unknown) => number,
): void {
  requireArray(field, values);
  if (values.length !== length) throw new InputError(`${field}.length`, values.length, String(length));
  values.forEach((value, i) => check(`${field}[${i}]`, value));
}

export function requireMatrix(field: string, rows: Matrix, height: number, width: number): void {
  requireArray(field, rows);
  if (rows.length !== height) throw new InputError(`${field}.length`, rows.length, String(height));
  rows.forEach((row, i) => {
    requireVector(`${field}[${i}]`, row, width, requireFinite);
  });
}

function requireLimit(field: string, value: unknown, refused: number): number {
  if (typeof value !== 'number' || Number.isNaN(value) || value === refused) {
    throw new InputError(field, value, `a number other than ${refused}`);
  }
  return value;
}

/** current + A h - target, by Greek. */
export function residualOf(
  { greeks, current, target }: Pick<HedgeProblem, 'greeks' | 'current' | 'target'>,
  h: readonly number[],
): number[] {
  return greeks.map((row, i) => row.reduce((sum, a, j) => sum + a * h[j]!, current[i]!) - target[i]!);
}

export function costOf(cost: readonly number[], trades: readonly number[]): number {
  return trades.reduce((sum, trade, j) => sum + Math.abs(trade) * cost[j]!, 0);
}

/** Columns 0 to n - 1 are purchases, n to 2 n - 1 sales. */
export interface SplitProgram extends LinearProgram {
  objective: number[];
  rows: LinearRow[];
  lower: number[];
  upper: number[];
}

/** min cost'(p + n) within the limits, with a row a Greek. Further columns and rows may be appended. */
export function splitProgram({ greeks, current, target, tolerance, cost, lower, upper }: HedgeProblem): SplitProgram {
  return {
    objective: [...cost, ...cost],
    rows: greeks.map((row, i) => ({
      ...tradeRow(row),
      lower: target[i]! - tolerance[i]! - current[i]!,
      upper: target[i]! + tolerance[i]! - current[i]!,
    })),
    lower: [...lower.map((bound) => Math.max(bound, 0)), ...upper.map((bound) => Math.max(-bound, 0))],
    upper: [...upper.map((bound) => Math.max(bound, 0)), ...lower.map((bound) => Math.max(-bound, 0))],
  };
}

/** The row `coefficients`'h in purchases and sales. */
export function tradeRow(coefficients: readonly number[]): { columns: number[]; values: number[] } {
  const n = coefficients.length;
  return {
    columns: [...coefficients.map((_, j) => j), ...coefficients.map((_, j) => n + j)],
    values: [...coefficients, ...coefficients.map((value) => -value)],
  };
}

/** h = p - n. */
export function tradesOf(x: readonly number[], instruments: number): number[] {
  return Array.from({ length: instruments }, (_, j) => x[j]! - x[instruments + j]!);
}
