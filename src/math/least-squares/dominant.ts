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
  for (let i = 0; i < n * n; i++) current[i] = matrix[i]!;
  for (let pass = 0; pass < SQUARINGS; pass++) {
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, current[i * n + i]!);
    if (!(largest > 0)) break;
    const scale = 1 / (largest * largest);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += current[i * n + k]! * current[k * n + j]!;
        next[i * n + j] = sum * scale;
        next[j * n + i] = sum * scale;
      }
    }
    [current, next] = [next, current];
  }
  // The column with the largest diagonal element is the direction up to its length.
  let column = 0;
  for (let j = 1; j < n; j++) if (current[j * n + j]! > current[column * n + column]!) column = j;
  let norm = 0;
  for (let i = 0; i < n; i++) norm += current[i * n + column]! ** 2;
  norm = Math.sqrt(norm);
  for (let i = 0; i < n; i++) direction[i] = norm > 0 ? current[i * n + column]! / norm : i === 0 ? 1 : 0;
  let value = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) value += direction[i]! * matrix[i * n + j]! * direction[j]!;
  return Math.max(0, value);
}
