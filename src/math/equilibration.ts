/**
 * Scaling of a linear program by powers of two, so that its numbers are of size one: rows and columns of A by the geometric mean of
 * their smallest and largest entries (Curtis and Reid 1972 in its simplest form), the width of a variable being one of its column's
 * entries as 1/width; then bounds and objective by their largest entries.
 *
 *   A' = R A S,   x = X S x',   c' = S c / C,   bounds of rows R b / X,   bounds of variables S^-1 b / X,   y = C R y'
 *
 * Powers of two leave every digit as it was.
 */
import { log } from './logarithm.js';

/** Entries by row, bounds of rows and variables, objective. */
export interface ScaledProgram {
  objective: number[];
  rows: { entries: [column: number, value: number][]; lower: number; upper: number }[];
  lower: number[];
  upper: number[];
}

const PASSES = 4;
/** Programs stretched further than this keep the rest of their spread. */
const LARGEST_EXPONENT = 200;

/** The program of size one; a solution x' and duals y' times the scales are those of the original. */
export function equilibrate(program: ScaledProgram): {
  program: ScaledProgram;
  columnScale: number[];
  rowScale: number[];
} {
  const { objective, rows, lower, upper } = program;
  let column = objective.map(() => 1);
  let row = rows.map(() => 1);
  for (let pass = 0; pass < PASSES; pass++) {
    row = rows.map(({ entries }) => meanScale(entries.map(([j, value]) => value * column[j]!)));
    const inColumn = objective.map((): number[] => []);
    rows.forEach(({ entries }, i) => {
      for (const [j, value] of entries) inColumn[j]!.push(value * row[i]!);
    });
    column = inColumn.map((values, j) => meanScale([...values, 1 / (upper[j]! - lower[j]!)]));
  }
  const size = largestPower([
    ...rows.flatMap(({ entries, ...bounds }, i) =>
      entries.length === 0 ? [] : [bounds.lower * row[i]!, bounds.upper * row[i]!],
    ),
    ...column.flatMap((scale, j) => [lower[j]! / scale, upper[j]! / scale]),
  ]);
  const cost = largestPower(objective.map((c, j) => c * column[j]!));
  return {
    program: {
      objective: objective.map((c, j) => (c * column[j]!) / cost),
      rows: rows.map((bounds, i) => ({
        entries: bounds.entries.map(([j, value]): [number, number] => [j, value * row[i]! * column[j]!]),
        lower: (bounds.lower * row[i]!) / size,
        upper: (bounds.upper * row[i]!) / size,
      })),
      lower: lower.map((bound, j) => bound / column[j]! / size),
      upper: upper.map((bound, j) => bound / column[j]! / size),
    },
    columnScale: column.map((scale) => scale * size),
    rowScale: row.map((scale) => scale * cost),
  };
}

/** Sizes without zeros and infinities. */
function sizes(values: readonly number[]): number[] {
  return values.map(Math.abs).filter((value) => value > 0 && value < Infinity);
}

/** The power of two that brings the geometric mean of the smallest and the largest size next to 1. */
function meanScale(values: readonly number[]): number {
  const found = sizes(values);
  return found.length === 0 ? 1 : powerOfTwo(-0.5 * (log(Math.min(...found)) + log(Math.max(...found))));
}

/** The power of two next to the largest size. */
function largestPower(values: readonly number[]): number {
  const found = sizes(values);
  return found.length === 0 ? 1 : powerOfTwo(log(Math.max(...found)));
}

function powerOfTwo(logarithm: number): number {
  const exponent = Math.round(logarithm / Math.LN2);
  return 2 ** Math.min(Math.max(exponent, -LARGEST_EXPONENT), LARGEST_EXPONENT);
}
