/**
 * The damped Gauss-Newton step inside a box from the normal equations of a few variables: the p that minimises
 *
 *   g'p + p'(H + lambda diag H) p / 2      with  low <= p <= high,
 *
 * or, with the first variables undamped and eliminated, lambda times the diagonal of what is then left of H (variable projection),
 * by Cholesky and a primal active-set method. For hot loops: the scratch arrays grow to the largest problem met, and nothing else is
 * allocated. It squares the condition of the Jacobian; box-step.ts does not and serves the general case.
 */

/** H is packed: its lower triangle by rows. */
export function packedIndex(row: number, column: number): number {
  return row >= column ? (row * (row + 1)) / 2 + column : (column * (column + 1)) / 2 + row;
}

/** Below this part of its diagonal a pivot is rounding. */
const LEAST_PIVOT = 1e-14;

let largest = 6;
let held = new Int8Array(largest);
let free = new Int32Array(largest);
let factor = new Float64Array(largest * largest);
let solution = new Float64Array(largest);

function grow(n: number): void {
  largest = n;
  held = new Int8Array(n);
  free = new Int32Array(n);
  factor = new Float64Array(n * n);
  solution = new Float64Array(n);
}

/** Writes the step into p and returns the fall the undamped model promises. */
export function normalStep(
  n: number,
  matrix: Float64Array,
  gradient: Float64Array,
  lambda: number,
  low: Float64Array,
  high: Float64Array,
  p: Float64Array,
): number {
  if (n > largest) grow(n);
  let anyHeld = false;
  for (let j = 0; j < n; j++) {
    p[j] = 0;
    held[j] = low[j] === 0 && gradient[j]! >= 0 ? -1 : high[j] === 0 && gradient[j]! <= 0 ? 1 : 0;
    anyHeld ||= held[j] !== 0;
  }
  for (let pass = 0; pass < 3 * n + 1; pass++) {
    let count = 0;
    for (let j = 0; j < n; j++) if (held[j] === 0) free[count++] = j;
    solveFree(n, count, matrix, gradient, lambda, p, anyHeld);
    let blocking = -1;
    let side = 0;
    let fraction = 1;
    for (let c = 0; c < count; c++) {
      const j = free[c]!;
      const move = solution[c]! - p[j]!;
      const room = move < 0 ? low[j]! - p[j]! : high[j]! - p[j]!;
      if (Math.abs(move) > Math.abs(room) && room / move < fraction) {
        fraction = Math.max(0, room / move);
        blocking = j;
        side = move < 0 ? -1 : 1;
      }
    }
    if (blocking < 0) {
      // Inside already, but for the rounding of a difference of the smallest numbers.
      for (let c = 0; c < count; c++) {
        const j = free[c]!;
        p[j] = Math.min(high[j]!, Math.max(low[j]!, solution[c]!));
      }
      if (!anyHeld) break;
      const release = wronglyHeld(n, matrix, gradient, lambda, p);
      if (release < 0) break;
      held[release] = 0;
      continue;
    }
    for (let c = 0; c < count; c++) {
      const j = free[c]!;
      p[j] = Math.min(high[j]!, Math.max(low[j]!, p[j]! + fraction * (solution[c]! - p[j]!)));
    }
    held[blocking] = side;
    anyHeld = true;
    p[blocking] = side < 0 ? low[blocking]! : high[blocking]!;
  }
  let fall = 0;
  for (let i = 0; i < n; i++) {
    let product = 0;
    for (let j = 0; j < n; j++) product += matrix[packedIndex(i, j)]! * p[j]!;
    fall -= p[i]! * (gradient[i]! + product / 2);
  }
  return fall;
}

/** Cholesky of the free block and the solution for it, the held variables where they are. */
function solveFree(
  n: number,
  count: number,
  matrix: Float64Array,
  gradient: Float64Array,
  lambda: number,
  p: Float64Array,
  anyHeld: boolean,
): void {
  for (let c = 0; c < count; c++) {
    const row = free[c]!;
    const base = (row * (row + 1)) / 2;
    let right = -gradient[row]!;
    if (anyHeld) for (let j = 0; j < n; j++) if (held[j] !== 0) right -= matrix[packedIndex(row, j)]! * p[j]!;
    for (let d = 0; d < c; d++) {
      let sum = matrix[base + free[d]!]!;
      for (let e = 0; e < d; e++) sum -= factor[c * n + e]! * factor[d * n + e]!;
      factor[c * n + d] = sum * factor[d * n + d]!;
    }
    const diagonal = matrix[base + row]!;
    let pivot = diagonal * (1 + lambda);
    for (let e = 0; e < c; e++) pivot -= factor[c * n + e]! * factor[c * n + e]!;
    // The diagonal holds its reciprocal; 0 where the variable cannot be told from those before it, which then does not move.
    factor[c * n + c] = pivot > LEAST_PIVOT * diagonal ? 1 / Math.sqrt(pivot) : 0;
    for (let e = 0; e < c; e++) right -= factor[c * n + e]! * solution[e]!;
    solution[c] = right * factor[c * n + c]!;
  }
  for (let c = count - 1; c >= 0; c--) {
    let sum = solution[c]!;
    for (let e = c + 1; e < count; e++) sum -= factor[e * n + c]! * solution[e]!;
    solution[c] = sum * factor[c * n + c]!;
  }
}

/** The held variable that the gradient at p pulls hardest off its bound; -1 where none does. */
function wronglyHeld(n: number, matrix: Float64Array, gradient: Float64Array, lambda: number, p: Float64Array): number {
  let worst = -1;
  let worstPull = 0;
  for (let i = 0; i < n; i++) {
    if (held[i] === 0) continue;
    const diagonal = matrix[packedIndex(i, i)]!;
    let slope = gradient[i]! + lambda * diagonal * p[i]!;
    let size = Math.abs(gradient[i]!);
    for (let j = 0; j < n; j++) {
      const term = matrix[packedIndex(i, j)]! * p[j]!;
      slope += term;
      size += Math.abs(term);
    }
    const pull = (held[i]! * slope) / Math.sqrt(diagonal > 0 ? diagonal : 1);
    if (held[i]! * slope > 1e-13 * size && pull > worstPull) {
      worstPull = pull;
      worst = i;
    }
  }
  return worst;
}
