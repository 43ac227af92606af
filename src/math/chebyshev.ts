/**
 * Interpolation on [0, 1] by the polynomial through Chebyshev's points of the second kind, in barycentric form.
 *
 *   x_k = (1 - cos(k pi / n)) / 2,  k = 0..n,    p(x) = sum_k l_k(x) f_k,    l_k(x) = c_k/(x - x_k) / sum_j c_j/(x - x_j)
 *
 * with c_k = (-1)^k, halved at both ends. Berrut and Trefethen, Barycentric Lagrange interpolation (2004).
 */
import { cosPi, sinPi } from './cosine.js';

/** The n + 1 points, ascending from 0 to 1. */
export function chebyshevPoints(n: number): Float64Array {
  return Float64Array.from({ length: n + 1 }, (_, k) => {
    const half = sinPi(k / (2 * n));
    return 2 * k < n ? half * half : 0.5 * (1 - cosPi(k / n));
  });
}

/**
 * Writes the values l_1(x) ... l_n(x) of the basis at x in [0, 1] to `out` from `offset` on; l_0, which belongs to the point 0, is
 * left out: it serves functions that vanish there.
 */
export function chebyshevBasis(points: Float64Array, x: number, out: Float64Array, offset: number): void {
  const n = points.length - 1;
  for (let k = 0; k <= n; k++) {
    if (x !== points[k]!) continue;
    out.fill(0, offset, offset + n);
    if (k > 0) out[offset + k - 1] = 1;
    return;
  }
  let sum = 0.5 / (x - points[0]!);
  for (let k = 1; k <= n; k++) {
    const c = (k % 2 === 0 ? 1 : -1) * (k === n ? 0.5 : 1);
    const term = c / (x - points[k]!);
    out[offset + k - 1] = term;
    sum += term;
  }
  for (let k = 0; k < n; k++) out[offset + k]! /= sum;
}
