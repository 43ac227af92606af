/**
 * Gauss-Hermite quadrature for expectations under the standard normal law, exact for polynomials of degree below 2 n.
 *
 *   E f(Z) = sum w_i f(z_i),   He_n(z_i) = 0,   w_i = 1 / (n h_(n-1)(z_i)^2),   h_k = He_k / sqrt(k!)
 *
 * The zeros of h_n lie one in each gap of those of h_(n-1), which brackets every one of them. Abramowitz and Stegun, 25.4.46.
 */
import { brent } from './brent.js';
import { InputError } from '../errors.js';

export interface NormalQuadrature {
  /** Ascending, symmetric about 0. */
  nodes: Float64Array;
  /** Positive, summing to 1. */
  weights: Float64Array;
}

/** Throws InputError unless `count` is a whole number from 1 to 64. */
export function gaussHermite(count: number): NormalQuadrature {
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    throw new InputError('count', count, 'a whole number from 1 to 64');
  }
  let zeros: number[] = [];
  for (let n = 1; n <= count; n++) {
    const end = 2 * Math.sqrt(n);
    const gaps = [-end, ...zeros, end];
    const f = (z: number): number => normalisedHermite(n, z);
    zeros = Array.from({ length: n }, (_, i) => (2 * i + 1 === n ? 0 : brent(f, gaps[i]!, gaps[i + 1]!)));
  }
  const nodes = Float64Array.from(zeros, (z, i) => 0.5 * (z - zeros[count - 1 - i]!));
  const weights = nodes.map((z) => {
    const h = normalisedHermite(count - 1, z);
    return 1 / (count * h * h);
  });
  return { nodes, weights };
}

/** h_(k+1) = (z h_k - sqrt(k) h_(k-1)) / sqrt(k+1) */
function normalisedHermite(n: number, z: number): number {
  let previous = 0;
  let h = 1;
  for (let k = 0; k < n; k++) {
    const next = (z * h - Math.sqrt(k) * previous) / Math.sqrt(k + 1);
    previous = h;
    h = next;
  }
  return h;
}
