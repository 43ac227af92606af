/**
 * Trades that bring Greeks to their targets exactly, without regard to cost: A h = g* - g.
 *
 *   as many instruments as Greeks   the solution
 *   more instruments                the one with the smallest sum of squares
 *   fewer                           the least weighted squares, sum weight^2 (g + A h - g*)^2; a weight of delta, say, is what a
 *                                   typical move makes of a unit of it, sigma S, so that Greeks compare as profit and loss
 *
 * By singular values of A with rows and columns brought to size 1; their ratio is the condition.
 */
import { Matrix as Dense, SingularValueDecomposition } from 'ml-matrix';
import { requireFinite, requirePositive } from '../../check.js';
import type { Failure } from '../../errors.js';
import type { Matrix } from '../../math/matrix.js';
import { requireMatrix, requireVector, residualOf } from './problem.js';

export interface NeutraliseInput {
  /** [greek][instrument]: change of the Greek per unit bought. */
  greeks: Matrix;
  current: readonly number[];
  target: readonly number[];
  /** By Greek, used where there are fewer instruments than Greeks; 1 where missing. */
  weights?: readonly number[] | undefined;
}

export type Neutralised =
  | {
      ok: true;
      trades: number[];
      /** Greek after the trades less its target. */
      residual: number[];
      /** Largest over smallest singular value of the scaled system. */
      condition: number;
    }
  | Failure<'singular'>;

/** Beyond this the trades are decided by rounding. */
const WORST_CONDITION = 1e12;

/** Throws InputError where shapes differ, a number is not finite or a weight is not positive. */
export function neutralise({ greeks, current, target, weights }: NeutraliseInput): Neutralised {
  const rows = current.length;
  const columns = greeks[0]?.length ?? 0;
  requireVector('current', current, rows, requireFinite);
  requireVector('target', target, rows, requireFinite);
  requireMatrix('greeks', greeks, rows, columns);
  if (weights !== undefined) requireVector('weights', weights, rows, requirePositive);
  if (columns === 0) return singular(Infinity);

  // Rows may be scaled freely where they are met exactly; where they are not, their weights say how they compare.
  const rowScale = greeks.map((row, i) => {
    if (columns < rows) return weights?.[i] ?? 1;
    const size = Math.max(...row.map(Math.abs));
    return size > 0 ? 1 / size : 1;
  });
  const columnScale = Array.from({ length: columns }, (_, j) => {
    const size = Math.max(...greeks.map((row, i) => Math.abs(row[j]!) * rowScale[i]!));
    return size > 0 ? 1 / size : 1;
  });
  const scaled = new Dense(greeks.map((row, i) => row.map((a, j) => a * rowScale[i]! * columnScale[j]!)));
  const decomposition = new SingularValueDecomposition(scaled, { autoTranspose: true });
  const values = decomposition.diagonal.slice(0, Math.min(rows, columns));
  const condition = Math.max(...values) / Math.min(...values);
  if (!(condition <= WORST_CONDITION)) return singular(condition);

  const trades = new Array<number>(columns).fill(0);
  // The second pass takes back what the first lost to rounding.
  for (let pass = 0; pass < 2; pass++) {
    const missing = residualOf({ greeks, current, target }, trades).map((value, i) => [-value * rowScale[i]!]);
    const step = decomposition.solve(new Dense(missing));
    for (let j = 0; j < columns; j++) trades[j]! += step.get(j, 0) * columnScale[j]!;
  }
  return { ok: true, trades, residual: residualOf({ greeks, current, target }, trades), condition };
}

function singular(condition: number): Neutralised {
  return {
    ok: false,
    reason: 'singular',
    message: 'the instruments do not change the Greeks independently of one another',
    value: condition,
    limit: WORST_CONDITION,
  };
}
