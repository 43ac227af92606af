/**
 * One implicit step of the heat equation that may not fall below an obstacle:
 *
 *   W >= G,   (1 + 2a) W_i - a (W_(i-1) + W_(i+1)) >= R_i,   one of both an equality at each point
 *
 * by policy iteration: points are held at G or free, the tridiagonal system is solved, and points change sides where W < G or where
 * the equation would pull them up. The matrix is an M-matrix, so values only rise and the iteration ends at the solution. Howard
 * (1960); Reisinger and Witte, On the use of policy iteration as an easy way of pricing American options (2012).
 */

export interface ObstacleWork {
  /** Held at the obstacle, 1, or free, 0: the start of the next step too. */
  readonly held: Uint8Array;
  readonly above: Float64Array;
  readonly right: Float64Array;
}

export function obstacleWork(count: number): ObstacleWork {
  return { held: new Uint8Array(count), above: new Float64Array(count), right: new Float64Array(count) };
}

const MAXIMUM_ROUNDS = 200;

/**
 * Solves for `w`, whose first and last values are given; `right` of the work space holds R. Without an obstacle (European) one solve.
 */
export function obstacleStep(
  w: Float64Array,
  a: number,
  obstacle: Float64Array | undefined,
  { held, above, right }: ObstacleWork,
): void {
  const last = w.length - 1;
  for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
    // Elimination from the left: w_i = right'_i + above_i w_(i+1).
    above[0] = 0;
    let before = w[0]!;
    for (let i = 1; i < last; i++) {
      if (obstacle !== undefined && held[i] === 1) {
        above[i] = 0;
        before = obstacle[i]!;
      } else {
        const pivot = 1 / (1 + 2 * a - a * above[i - 1]!);
        above[i] = a * pivot;
        before = (right[i]! + a * before) * pivot;
      }
      w[i] = before;
    }
    for (let i = last - 1; i > 0; i--) w[i] = w[i]! + above[i]! * w[i + 1]!;
    if (obstacle === undefined) return;
    let changed = false;
    for (let i = 1; i < last; i++) {
      if (held[i] === 1) {
        const pull = right[i]! + a * (w[i - 1]! + w[i + 1]!) - (1 + 2 * a) * w[i]!;
        if (pull > 1e-14 * Math.abs(w[i]!)) {
          held[i] = 0;
          changed = true;
        }
      } else if (w[i]! < obstacle[i]!) {
        held[i] = 1;
        changed = true;
      }
    }
    if (!changed) return;
  }
}
