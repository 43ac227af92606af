/**
 * The damped Gauss-Newton step inside a box: the p that minimises
 *
 *   |R p + q|^2 + lambda |D p|^2      with  low <= p <= high,
 *
 * by a primal active-set method. Bounds are met by solving again in the free variables, never by cutting a step that was
 * computed without them. The problem is strictly convex, so the set of active bounds is found in finitely many solves.
 * Nocedal & Wright (2006), Numerical Optimization, section 16.5.
 */
import { reduceToTriangle, solveTriangle } from './linear.js';

export interface BoxStepWorkspace {
  /** Column of each free variable. */
  free: Int32Array;
  /** -1 held at the lower bound of the step, 1 at the upper, 0 free. */
  held: Int8Array;
  stacked: Float64Array;
  right: Float64Array;
  triangle: Float64Array;
  reduced: Float64Array;
  solution: Float64Array;
}

export function boxStepWorkspace(n: number): BoxStepWorkspace {
  return {
    free: new Int32Array(n),
    held: new Int8Array(n),
    stacked: new Float64Array(2 * n * n),
    right: new Float64Array(2 * n),
    triangle: new Float64Array(n * n),
    reduced: new Float64Array(n),
    solution: new Float64Array(n),
  };
}

/** Writes the step into p. R is n x n upper triangular, row-major; D holds the column scales, all above 0. */
export function boxStep(
  n: number,
  r: Float64Array,
  q: Float64Array,
  lambda: number,
  scale: Float64Array,
  low: Float64Array,
  high: Float64Array,
  p: Float64Array,
  work: BoxStepWorkspace,
): void {
  const { held, solution } = work;
  p.fill(0);
  // A bound that the point already touches and that the gradient pushes against is held from the beginning.
  for (let j = 0; j < n; j++) {
    let gradient = 0;
    for (let i = 0; i <= j; i++) gradient += r[i * n + j]! * q[i]!;
    held[j] = low[j] === 0 && gradient >= 0 ? -1 : high[j] === 0 && gradient <= 0 ? 1 : 0;
  }
  for (let pass = 0; pass < 3 * n + 1; pass++) {
    const count = solveFree(n, r, q, lambda, scale, p, work);
    let blocking = -1;
    let side = 0;
    let fraction = 1;
    for (let c = 0; c < count; c++) {
      const j = work.free[c]!;
      const move = solution[c]! - p[j]!;
      const room = move < 0 ? low[j]! - p[j]! : high[j]! - p[j]!;
      if (Math.abs(move) > Math.abs(room) && room / move < fraction) {
        fraction = Math.max(0, room / move);
        blocking = j;
        side = move < 0 ? -1 : 1;
      }
    }
    for (let c = 0; c < count; c++) {
      const j = work.free[c]!;
      const next = fraction === 1 ? solution[c]! : p[j]! + fraction * (solution[c]! - p[j]!);
      p[j] = Math.min(high[j]!, Math.max(low[j]!, next));
    }
    if (blocking >= 0) {
      held[blocking] = side;
      p[blocking] = side < 0 ? low[blocking]! : high[blocking]!;
      continue;
    }
    const release = wronglyHeld(n, r, q, lambda, scale, p, work);
    if (release < 0) return;
    held[release] = 0;
  }
}

/** Solves for the free variables with the held ones where they are; returns how many are free. */
function solveFree(
  n: number,
  r: Float64Array,
  q: Float64Array,
  lambda: number,
  scale: Float64Array,
  p: Float64Array,
  work: BoxStepWorkspace,
): number {
  const { free, held, stacked, right } = work;
  let count = 0;
  for (let j = 0; j < n; j++) if (held[j] === 0) free[count++] = j;
  if (count === 0) return 0;
  const root = Math.sqrt(lambda);
  for (let i = 0; i < n; i++) {
    let value = -q[i]!;
    for (let j = i; j < n; j++) if (held[j] !== 0) value -= r[i * n + j]! * p[j]!;
    right[i] = value;
    for (let c = 0; c < count; c++) stacked[i * count + c] = r[i * n + free[c]!]!;
  }
  for (let c = 0; c < count; c++) {
    right[n + c] = 0;
    for (let other = 0; other < count; other++) stacked[(n + c) * count + other] = 0;
    stacked[(n + c) * count + c] = root * scale[free[c]!]!;
  }
  reduceToTriangle(stacked, n + count, count, right, work.triangle, work.reduced);
  if (!solveTriangle(work.triangle, count, work.reduced, work.solution)) work.solution.fill(0, 0, count);
  return count;
}

/** The held variable whose bound pulls hardest against the minimum, scaled; -1 where every held bound is wanted. */
function wronglyHeld(
  n: number,
  r: Float64Array,
  q: Float64Array,
  lambda: number,
  scale: Float64Array,
  p: Float64Array,
  work: BoxStepWorkspace,
): number {
  const { held, right } = work;
  for (let i = 0; i < n; i++) {
    let value = q[i]!;
    for (let j = i; j < n; j++) value += r[i * n + j]! * p[j]!;
    right[i] = value;
  }
  let worst = -1;
  let worstPull = 0;
  // A pull within rounding of the residual releases nothing.
  for (let i = 0; i < n; i++) worstPull = Math.max(worstPull, 1e-13 * Math.abs(q[i]!));
  for (let j = 0; j < n; j++) {
    if (held[j] === 0) continue;
    let gradient = lambda * scale[j]! * scale[j]! * p[j]!;
    for (let i = 0; i <= j; i++) gradient += r[i * n + j]! * right[i]!;
    const pull = (held[j]! * gradient) / scale[j]!;
    if (pull > worstPull) {
      worstPull = pull;
      worst = j;
    }
  }
  return worst;
}
