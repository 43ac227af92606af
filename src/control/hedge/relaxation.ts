/**
 * Why limits contradict each other: the least amounts by which rows must give way, by a program in which every row may be missed at a
 * price. Rows are weighed by the size of what they ask for, so that a Greek in millions and one in units count alike.
 */
import { linearProgram } from '../../math/linear-program.js';
import type { LinearRow } from '../../math/linear-program.js';
import type { SplitProgram } from './problem.js';

/** A row that must give way, and by how much in its own unit. */
export interface Relaxation {
  row: number;
  by: number;
}

/** Of the program's rows; empty where the limits on trades alone contradict each other. */
export function leastRelaxations({ objective, rows, lower, upper }: SplitProgram): Relaxation[] {
  const n = objective.length;
  const prices = rows.map((row) => 1 / sizeOf(row));
  const elastic = linearProgram({
    // A column to fall short and one to exceed, by row.
    objective: [...objective.map(() => 0), ...prices, ...prices],
    rows: rows.map((row, i) => ({
      ...row,
      columns: [...Array.from(row.columns), n + i, n + rows.length + i],
      values: [...Array.from(row.values), 1, -1],
    })),
    lower: [...lower, ...rows.map(() => 0), ...rows.map(() => 0)],
    upper: [...upper, ...rows.map(() => Infinity), ...rows.map(() => Infinity)],
  });
  if (!elastic.ok) return [];
  return rows
    .map((_, row) => ({ row, by: elastic.x[n + row]! + elastic.x[n + rows.length + row]! }))
    .filter(({ row, by }) => by * prices[row]! > 1e-9);
}

function sizeOf({ lower = -Infinity, upper = Infinity }: LinearRow): number {
  const size = Math.max(...[lower, upper].filter(Number.isFinite).map(Math.abs));
  return size > 0 ? size : 1;
}
