/**
 * The damped Gauss-Newton step under linear inequalities: the p that minimises
 *
 *   |R p + q|^2 + lambda |D p|^2      with  low <= p <= high  and  G p <= room,   0 feasible,
 *
 * by a primal active-set method in s = D p, where the problem is strictly convex and well scaled: the minimum on the rows held is
 * p + Z y with Z an orthonormal basis of their null space; a row in the way is held from there on; a row whose multiplier is negative is
 * let go. A bound is a row like any other. Nothing is squared: y comes from a triangular factor. Nocedal & Wright (2006), Numerical
 * Optimization, section 16.5.
 */
import { reduceToTriangle, solveTriangle } from './linear.js';
import type { LinearInequalities } from './problem.js';

/** Rows a of a'x <= b, the inequalities first, then the bounds; row-major. */
export interface ConstraintRows {
  count: number;
  /** The variable of each bound. */
  bounds: number[];
  rows: Float64Array;
  upper: Float64Array;
}

/** The inequalities and the finite bounds of n parameters as rows. */
export function constraintRows(
  n: number,
  inequalities: LinearInequalities,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
): ConstraintRows {
  const rows: number[] = inequalities.rows.flat();
  const upper = [...inequalities.upper];
  const bounds: number[] = [];
  for (let j = 0; j < n; j++) {
    for (const [bound, sign] of [
      [low[j]!, -1],
      [high[j]!, 1],
    ] as const) {
      if (!Number.isFinite(bound)) continue;
      for (let i = 0; i < n; i++) rows.push(i === j ? sign : 0);
      upper.push(sign * bound);
      bounds.push(j);
    }
  }
  return { count: upper.length, bounds, rows: Float64Array.from(rows), upper: Float64Array.from(upper) };
}

/** Part of the terms of a row within which it counts as met with equality. */
const ROUNDING = 1e-12;
/** Cosine of the gradient with a row below which its multiplier is rounding. */
const LEAST_PULL = 1e-13;

/** b - a'x of row i; 0 where that is rounding. */
export function roomOf({ rows, upper }: ConstraintRows, i: number, x: Float64Array): number {
  const n = x.length;
  let value = upper[i]!;
  let size = Math.abs(value);
  for (let j = 0; j < n; j++) {
    const term = rows[i * n + j]! * x[j]!;
    value -= term;
    size += Math.abs(term);
  }
  return Math.abs(value) <= ROUNDING * size ? 0 : value;
}

/**
 * Writes the step from x, which meets every row, into p and returns the rows that hold it. R is n x n upper triangular, row-major; D
 * holds scales above 0.
 */
export function inequalityStep(
  n: number,
  r: Float64Array,
  q: Float64Array,
  lambda: number,
  scale: Float64Array,
  x: Float64Array,
  constraints: ConstraintRows,
  p: Float64Array,
): number[] {
  const { count, rows, bounds, upper } = constraints;
  const scaled = new Float64Array(rows.length);
  const room = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let norm = 0;
    for (let j = 0; j < n; j++) {
      scaled[i * n + j] = rows[i * n + j]! / scale[j]!;
      norm += scaled[i * n + j]! ** 2;
    }
    norm = Math.sqrt(norm) || 1;
    for (let j = 0; j < n; j++) scaled[i * n + j]! /= norm;
    room[i] = Math.max(0, roomOf(constraints, i, x)) / norm;
  }
  const stacked = new Float64Array(2 * n * n);
  const right = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) stacked[i * n + j] = r[i * n + j]! / scale[j]!;
    stacked[(n + i) * n + i] = Math.sqrt(lambda);
    right[i] = -q[i]!;
  }
  const s = new Float64Array(n);
  const held: number[] = [];
  for (let pass = 0; pass < 10 * (n + count); pass++) {
    const basis = nullSpace(
      n,
      held.map((i) => scaled.subarray(i * n, (i + 1) * n)),
    );
    const move = minimumAlong(n, stacked, right, basis, s);
    let blocking = -1;
    let fraction = 1;
    for (let i = 0; i < count; i++) {
      if (held.includes(i)) continue;
      const along = dot(n, scaled, i * n, move);
      if (along <= 1e-12 * length(move)) continue;
      const part = Math.max(0, room[i]! - dot(n, scaled, i * n, s)) / along;
      if (part < fraction) {
        fraction = part;
        blocking = i;
      }
    }
    for (let j = 0; j < n; j++) s[j]! += fraction * move[j]!;
    if (blocking >= 0) {
      held.push(blocking);
      continue;
    }
    const release = wronglyHeld(n, stacked, right, s, scaled, held);
    if (release < 0) break;
    held.splice(release, 1);
  }
  for (let j = 0; j < n; j++) p[j] = s[j]! / scale[j]!;
  // To a bound exactly.
  for (const i of held) {
    const j = bounds[i - (count - bounds.length)];
    if (j !== undefined) p[j] = rows[i * n + j]! * upper[i]! - x[j]!;
  }
  return held;
}

/** Orthonormal vectors that span what is orthogonal to the rows, which are independent. */
export function nullSpace(n: number, rows: readonly Float64Array[]): Float64Array[] {
  const spanned: Float64Array[] = [];
  for (const row of rows) {
    const direction = remainder(row, spanned);
    const norm = length(direction);
    if (norm > 1e-10 * length(row)) spanned.push(direction.map((value) => value / norm));
  }
  const basis: Float64Array[] = [];
  while (spanned.length + basis.length < n) {
    let longest = new Float64Array(n);
    let norm = -1;
    for (let j = 0; j < n; j++) {
      const unit = new Float64Array(n);
      unit[j] = 1;
      const rest = remainder(unit, [...spanned, ...basis]);
      const size = length(rest);
      if (size > norm) {
        longest = rest;
        norm = size;
      }
    }
    basis.push(longest.map((value) => value / norm));
  }
  return basis;
}

/** What Gram and Schmidt leave of v; twice, which is enough. */
function remainder(v: Float64Array, orthonormal: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const rest = Float64Array.from(v);
  for (let turn = 0; turn < 2; turn++) {
    for (const e of orthonormal) {
      const part = dot(v.length, e, 0, rest);
      for (let j = 0; j < rest.length; j++) rest[j]! -= part * e[j]!;
    }
  }
  return rest;
}

/** The move from s along the basis to the least |A s - b|. */
function minimumAlong(
  n: number,
  a: Float64Array,
  b: Float64Array,
  basis: readonly Float64Array[],
  s: Float64Array,
): Float64Array {
  const columns = basis.length;
  const move = new Float64Array(n);
  if (columns === 0) return move;
  const reduced = new Float64Array(2 * n * columns);
  const rest = new Float64Array(2 * n);
  for (let i = 0; i < 2 * n; i++) {
    rest[i] = b[i]! - dot(n, a, i * n, s);
    basis.forEach((z, c) => (reduced[i * columns + c] = dot(n, a, i * n, z)));
  }
  const triangle = new Float64Array(columns * columns);
  const q = new Float64Array(columns);
  const y = new Float64Array(columns);
  reduceToTriangle(reduced, 2 * n, columns, rest, triangle, q);
  if (!solveTriangle(triangle, columns, q, y)) return move;
  basis.forEach((z, c) => {
    for (let j = 0; j < n; j++) move[j]! += y[c]! * z[j]!;
  });
  return move;
}

/** The place in `held` of the row that the minimum pulls away from hardest; -1 where every row is wanted. */
function wronglyHeld(
  n: number,
  a: Float64Array,
  b: Float64Array,
  s: Float64Array,
  rows: Float64Array,
  held: readonly number[],
): number {
  const width = held.length;
  if (width === 0) return -1;
  const gradient = new Float64Array(n);
  let size = 0;
  for (let i = 0; i < 2 * n; i++) {
    const rest = dot(n, a, i * n, s) - b[i]!;
    for (let j = 0; j < n; j++) {
      gradient[j]! += a[i * n + j]! * rest;
      size += Math.abs(a[i * n + j]! * rest);
    }
  }
  const transposed = new Float64Array(n * width);
  held.forEach((row, c) => {
    for (let j = 0; j < n; j++) transposed[j * width + c] = rows[row * n + j]!;
  });
  const triangle = new Float64Array(width * width);
  const q = new Float64Array(width);
  const multipliers = new Float64Array(width);
  // The gradient is minus the sum of the rows by their multipliers.
  reduceToTriangle(
    transposed,
    n,
    width,
    gradient.map((value) => -value),
    triangle,
    q,
  );
  if (!solveTriangle(triangle, width, q, multipliers)) return -1;
  let worst = -1;
  let least = -LEAST_PULL * size;
  multipliers.forEach((value, c) => {
    if (value < least) {
      least = value;
      worst = c;
    }
  });
  return worst;
}

function dot(n: number, a: Float64Array, from: number, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += a[from + j]! * b[j]!;
  return sum;
}

function length(v: Float64Array): number {
  return Math.sqrt(dot(v.length, v, 0, v));
}
