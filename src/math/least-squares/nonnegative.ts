/**
 * Least squares with unknowns of 0 or more: min |A x - b|^2, x >= 0, by the active-set method of Lawson and Hanson, "Solving
 * Least Squares Problems" (1974), chapter 23. The unknowns above 0 solve their own least-squares problem; one at 0 is let go where
 * that lowers the sum, and one that would go below 0 is stopped there.
 */
import { Matrix as Dense, solve } from 'ml-matrix';
import { InputError } from '../../errors.js';
import type { Matrix } from '../matrix.js';

export interface NonNegativeFit {
  x: number[];
  /** The unknowns that are not held at 0. */
  free: boolean[];
  /** |A x - b|^2 */
  sumOfSquares: number;
}

/** A gradient below this part of its terms is rounding. */
const ROUNDING = 1e-11;

/**
 * Rows of `a` are equations, no fewer than the columns, which are independent. Throws InputError unless `b` has one number a row and every number
 * is finite.
 */
export function nonNegativeLeastSquares(a: Matrix, b: readonly number[]): NonNegativeFit {
  const columns = a[0]?.length ?? 0;
  if (b.length !== a.length || columns === 0) throw new InputError('b', b, 'one number for each row of a matrix');
  if (![...a, b].every((row) => row.every(Number.isFinite)) || !a.every((row) => row.length === columns)) {
    throw new InputError('a', a, 'rows of finite numbers, of equal length');
  }
  const x = new Array<number>(columns).fill(0);
  const free = new Array<boolean>(columns).fill(false);
  const residuals = (): number[] => a.map((row, i) => row.reduce((left, entry, j) => left - entry * x[j]!, b[i]!));
  // Each turn lowers the sum over a finite number of sets; the bound is against rounding alone.
  for (let turn = 0; turn < 10 * columns; turn++) {
    const entering = steepest(a, residuals(), b, free);
    if (entering === undefined) break;
    free[entering] = true;
    while (!advance(a, b, x, free));
  }
  return { x, free, sumOfSquares: residuals().reduce((sum, r) => sum + r * r, 0) };
}

/** Moves x to the solution in the free unknowns, or as far as the first of them at 0, which is then held; true once it is there. */
function advance(a: Matrix, b: readonly number[], x: number[], free: boolean[]): boolean {
  const set = indices(free);
  const target = unconstrained(a, b, set);
  const share = set.map((j, i) => (target[i]! > 0 ? 1 : x[j]! > 0 ? x[j]! / (x[j]! - target[i]!) : 0));
  const step = Math.min(1, ...share);
  set.forEach((j, i) => {
    const stops = target[i]! <= 0 && share[i] === step;
    x[j] = stops ? 0 : x[j]! + step * (target[i]! - x[j]!);
    if (stops) free[j] = false;
  });
  return target.every((value) => value > 0);
}

/** The held unknown whose growth lowers the sum fastest for the length of its column, if any does. */
function steepest(a: Matrix, residual: number[], b: readonly number[], free: readonly boolean[]): number | undefined {
  let best: number | undefined;
  let most = ROUNDING * Math.hypot(...b);
  free.forEach((isFree, j) => {
    if (isFree) return;
    const length = Math.hypot(...a.map((row) => row[j]!));
    const gain = a.reduce((sum, row, i) => sum + row[j]! * residual[i]!, 0) / length;
    if (gain > most) [most, best] = [gain, j];
  });
  return best;
}

function indices(free: readonly boolean[]): number[] {
  return free.flatMap((isFree, j) => (isFree ? [j] : []));
}

/** Least squares in the listed unknowns alone. */
function unconstrained(a: Matrix, b: readonly number[], set: readonly number[]): number[] {
  const columns = new Dense(a.map((row) => set.map((j) => row[j]!)));
  return solve(columns, Dense.columnVector(b.slice())).to1DArray();
}
