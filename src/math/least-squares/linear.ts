/**
 * The linear algebra of a least-squares step, on flat row-major arrays: Householder reduction of [A | b] to triangular form
 * and the solution of min |A x - b|. Written out for up to six columns, where a library call costs more than the arithmetic;
 * ml-matrix above that.
 */
import { Matrix, QrDecomposition } from 'ml-matrix';

const WRITTEN_OUT = 6;

/**
 * Reduces A (rows x columns) and b, both overwritten, to R (columns x columns, upper triangular, row-major) and q = Q'b, so
 * that |A x - b|^2 = |R x - q|^2 + a constant. Fewer rows than columns are read as followed by rows of zeros.
 */
export function reduceToTriangle(
  a: Float64Array,
  rows: number,
  columns: number,
  b: Float64Array,
  triangle: Float64Array,
  q: Float64Array,
): void {
  if (columns > WRITTEN_OUT) {
    reduceByLibrary(a, rows, columns, b, triangle, q);
    return;
  }
  const steps = Math.min(rows, columns);
  for (let k = 0; k < steps; k++) {
    const norm = columnNorm(a, columns, k, k, rows);
    if (norm === 0) continue;
    const pivot = a[k * columns + k]!;
    const alpha = pivot > 0 ? -norm : norm;
    // The reflector is v = (column - alpha e_k) / (pivot - alpha), scaled so that v_k = 1.
    const first = pivot - alpha;
    const factor = -first / alpha;
    for (let i = k + 1; i < rows; i++) a[i * columns + k]! /= first;
    for (let j = k + 1; j < columns; j++) {
      let dot = a[k * columns + j]!;
      for (let i = k + 1; i < rows; i++) dot += a[i * columns + k]! * a[i * columns + j]!;
      dot *= factor;
      a[k * columns + j]! -= dot;
      for (let i = k + 1; i < rows; i++) a[i * columns + j]! -= dot * a[i * columns + k]!;
    }
    let dot = b[k]!;
    for (let i = k + 1; i < rows; i++) dot += a[i * columns + k]! * b[i]!;
    dot *= factor;
    b[k]! -= dot;
    for (let i = k + 1; i < rows; i++) b[i]! -= dot * a[i * columns + k]!;
    a[k * columns + k] = alpha;
  }
  for (let i = 0; i < columns; i++) {
    q[i] = i < rows ? b[i]! : 0;
    for (let j = 0; j < columns; j++) triangle[i * columns + j] = i < rows && j >= i ? a[i * columns + j]! : 0;
  }
}

/** The right-hand side goes in as one more column: its place in the triangle is Q'b. */
function reduceByLibrary(
  a: Float64Array,
  rows: number,
  columns: number,
  b: Float64Array,
  triangle: Float64Array,
  q: Float64Array,
): void {
  const augmented = Matrix.zeros(Math.max(rows, columns + 1), columns + 1);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) augmented.set(i, j, a[i * columns + j]!);
    augmented.set(i, columns, b[i]!);
  }
  const upper = new QrDecomposition(augmented).upperTriangularMatrix;
  for (let i = 0; i < columns; i++) {
    q[i] = upper.get(i, columns);
    for (let j = 0; j < columns; j++) triangle[i * columns + j] = j < i ? 0 : upper.get(i, j);
  }
}

/** Euclidean norm of a column from row `from` to the one before `to`; no overflow, no underflow. */
export function columnNorm(a: Float64Array, columns: number, column: number, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(a[i * columns + column]!));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = from; i < to; i++) sum += (a[i * columns + column]! / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** Solves R x = q for an upper triangular R; false where a diagonal element is zero. */
export function solveTriangle(triangle: Float64Array, n: number, q: Float64Array, x: Float64Array): boolean {
  for (let i = n - 1; i >= 0; i--) {
    let sum = q[i]!;
    for (let j = i + 1; j < n; j++) sum -= triangle[i * n + j]! * x[j]!;
    const pivot = triangle[i * n + i]!;
    if (pivot === 0) return false;
    x[i] = sum / pivot;
  }
  return true;
}
