/**
 * The cube root by the library's own logarithm and one Newton step, so that every engine gives the same bits, which Math.cbrt does
 * not promise.
 */
import { exp } from './exponential.js';
import { log } from './logarithm.js';

/** x^(1/3), odd in x; error below 2 ulp on normal doubles. */
export function cubeRoot(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const size = Math.abs(x);
  const guess = exp(log(size) / 3);
  const root = guess - (guess - size / (guess * guess)) / 3;
  return x < 0 ? -root : root;
}
