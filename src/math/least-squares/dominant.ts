/**
 * The largest eigenvalue of a small symmetric matrix without negative eigenvalues, and its direction, by repeated squaring:
 * after four squarings every other direction has shrunk by the 16th power of its share. Where two eigenvalues are that close
 * the direction is one of their span, and the Rayleigh quotient is right to the square of what is left.
 */
const SQUARINGS = 4;
let current = new Float64Array(64);
let next = new Float64Array(64);

/** `matrix` is n x n, row-major; its lower triangle is read. Writes the unit direction; returns the eigenvalue, 0 for the zero matrix. */
export function dominantEigenvalue(n: number, matrix: ArrayLike<number>, direction: Float64Array): number {
  if (n * n > current.length) {
    current = new Float64Array(n * n);
    next = new Float64Array(n * n);
  }
  let from = current;
  let to = next;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      from[i * n + j] = matrix[i * n + j]!;
      from[j * n + i] = matrix[i * n + j]!;
    }
  }
  let column = largestDiagonal(n, from);
  for (let pass = 0; pass < SQUARINGS; pass++) {
    const largest = from[column * n + column]!;
    if (!(largest > 0)) break;
    const scale = 1 / (largest * largest);
    if (n === 5) squareFive(from, to, scale);
    else square(n, from, to, scale);
    const swap = from;
    from = to;
    to = swap;
    column = largestDiagonal(n, from);
  }
  // The column with the largest diagonal element is the direction up to its length.
  let norm = 0;
  for (let i = 0; i < n; i++) {
    const entry = i >= column ? from[i * n + column]! : from[column * n + i]!;
    direction[i] = entry;
    norm += entry * entry;
  }
  norm = Math.sqrt(norm);
  for (let i = 0; i < n; i++) direction[i] = norm > 0 ? direction[i]! / norm : i === 0 ? 1 : 0;
  let value = 0;
  for (let i = 0; i < n; i++) {
    const d = direction[i]!;
    let rest = 0;
    for (let j = 0; j < i; j++) rest += matrix[i * n + j]! * direction[j]!;
    value += d * (2 * rest + matrix[i * n + i]! * d);
  }
  return Math.max(0, value);
}

function largestDiagonal(n: number, matrix: Float64Array): number {
  let column = 0;
  for (let j = 1; j < n; j++) if (matrix[j * n + j]! > matrix[column * n + column]!) column = j;
  return column;
}

/** scale x from^2. */
function square(n: number, from: Float64Array, to: Float64Array, scale: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += from[i * n + k]! * from[j * n + k]!;
      to[i * n + j] = sum * scale;
      to[j * n + i] = sum * scale;
    }
  }
}

/** Its lower triangle, written out for five parameters: a fifth of the time. */
function squareFive(from: Float64Array, to: Float64Array, scale: number): void {
  const m00 = from[0]!;
  const m10 = from[5]!;
  const m11 = from[6]!;
  const m20 = from[10]!;
  const m21 = from[11]!;
  const m22 = from[12]!;
  const m30 = from[15]!;
  const m31 = from[16]!;
  const m32 = from[17]!;
  const m33 = from[18]!;
  const m40 = from[20]!;
  const m41 = from[21]!;
  const m42 = from[22]!;
  const m43 = from[23]!;
  const m44 = from[24]!;
  to[0] = scale * (m00 * m00 + m10 * m10 + m20 * m20 + m30 * m30 + m40 * m40);
  to[5] = scale * (m10 * m00 + m11 * m10 + m21 * m20 + m31 * m30 + m41 * m40);
  to[6] = scale * (m10 * m10 + m11 * m11 + m21 * m21 + m31 * m31 + m41 * m41);
  to[10] = scale * (m20 * m00 + m21 * m10 + m22 * m20 + m32 * m30 + m42 * m40);
  to[11] = scale * (m20 * m10 + m21 * m11 + m22 * m21 + m32 * m31 + m42 * m41);
  to[12] = scale * (m20 * m20 + m21 * m21 + m22 * m22 + m32 * m32 + m42 * m42);
  to[15] = scale * (m30 * m00 + m31 * m10 + m32 * m20 + m33 * m30 + m43 * m40);
  to[16] = scale * (m30 * m10 + m31 * m11 + m32 * m21 + m33 * m31 + m43 * m41);
  to[17] = scale * (m30 * m20 + m31 * m21 + m32 * m22 + m33 * m32 + m43 * m42);
  to[18] = scale * (m30 * m30 + m31 * m31 + m32 * m32 + m33 * m33 + m43 * m43);
  to[20] = scale * (m40 * m00 + m41 * m10 + m42 * m20 + m43 * m30 + m44 * m40);
  to[21] = scale * (m40 * m10 + m41 * m11 + m42 * m21 + m43 * m31 + m44 * m41);
  to[22] = scale * (m40 * m20 + m41 * m21 + m42 * m22 + m43 * m32 + m44 * m42);
  to[23] = scale * (m40 * m30 + m41 * m31 + m42 * m32 + m43 * m33 + m44 * m43);
  to[24] = scale * (m40 * m40 + m41 * m41 + m42 * m42 + m43 * m43 + m44 * m44);
}
