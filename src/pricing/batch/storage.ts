/** The columns of a batch with what computes them, the kernel or its scalar twin: the same bits from both. */
import type { Columns } from './columns.js';
import type { Kernel } from './kernel.js';
import type { ModelRows } from './model.js';
import { evaluatePending, evaluateRows, solvePending, solveRows, type Wanted } from './rows.js';

export interface Storage {
  columns: Columns;
  /** The scalar twin where undefined. */
  kernel: Kernel | undefined;
}

/** Price or Greeks of the rows from `first`, a multiple of four, to before `end`, one too or the end of the columns. */
export function evaluateStorage(
  { columns, kernel }: Storage,
  model: ModelRows,
  shift: number,
  wanted: Wanted,
  first: number,
  end: number,
): void {
  if (kernel === undefined) {
    evaluateRows(model, columns, shift, wanted, first, end);
  } else {
    kernel.evaluate(columns, shift, wanted, first, end);
    evaluatePending(model, columns, shift, wanted, first, end);
  }
}

/** Their implied volatility. */
export function solveStorage(
  { columns, kernel }: Storage,
  model: ModelRows,
  shift: number,
  first: number,
  end: number,
): void {
  if (kernel === undefined) {
    solveRows(model, columns, shift, first, end);
  } else {
    kernel.solve(columns, shift, first, end);
    solvePending(model, columns, shift, first, end);
  }
}
