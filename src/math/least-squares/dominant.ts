/**
 * The largest eigenvalue of a small symmetric matrix without negative eigenvalues, and its direction, by repeated squaring:
 * after four squarings every other direction has shrunk by the 16th power of its share. Where two eigenvalues are that close
 * the direction is one of their span, and the Rayleigh quotient is right to the square of what is left.
 */
const SQUARINGS = 4;
let current = new Float64Array(64);
let next = new Float64Array(64);

/** `matrix` is n x n, row-major. Writes the unit direction; returns the eigenvalue, 0 for the zero matrix. */
export function dominantEigenvalue(n: number, matrix: ArrayLike<number>, direction: Float64Array): number {
  if (n * n > current.length) {
    current = new Float64Array(n * n);
    next = new Float64Array(n * n);
  }
  let from = current;
  let to = next;
  for (let i = 0; i < n * n; i++) from[i] = matrix[i]!;
  for (let pass = 0; pass < SQUARINGS; pass++) {
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, from[i * n + i]!);
    if (!(largest > 0)) break;
    const scale = 1 / (largest * largest);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += from[i * n + k]! * from[j * n + k]!;
        to[i * n + j] = sum * scale;
        to[j * n + i] = sum * scale;
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  // The column with the largest diagonal element is the direction up to its length.
  let column = 0;
  for (let j = 1; j < n; j++) if (from[j * n + j]! > from[column * n + column]!) column = j;
  let norm = 0;
  for (let i = 0; i < n; i++) norm += from[i * n + column]! ** 2;
  norm = Math.sqrt(norm);
  for (let i = 0; i < n; i++) direction[i] = norm > 0 ? from[i * n + column]! / norm : i === 0 ? 1 : 0;
  let value = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) value += direction[i]! * matrix[i * n + j]! * direction[j]!;
  return Math.max(0, value);
}
