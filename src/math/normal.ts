/**
 * The standard normal law: density, distribution and quantile, with relative accuracy in the lower tail down to underflow.
 *
 *   phi(x) = e^(-x^2/2) / sqrt(2 pi),   Phi(-z) = phi(z) M(z) for z >= 0,   Phi(z) = 1 - Phi(-z)
 *
 * M is the Mills ratio of mills.ts, re-exported here.
 */
import { centralQuantile, tailQuantile } from './erf.js';
import { gaussian, mills, scaledGaussian } from './mills.js';

export { mills, millsComplement } from './mills.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** The density phi(x); 0 beyond |x| = 38.6; error below 2 ulp. */
export function normalPdf(x: number): number {
  return INVERSE_SQRT_TWO_PI * gaussian(x);
}

/** Phi(x), the probability below x; 0 below -38.5; error below 4 ulp. */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - lowerTail(x);
  return x <= 0 ? lowerTail(-x) : NaN;
}

function lowerTail(z: number): number {
  return scaledGaussian(INVERSE_SQRT_TWO_PI * mills(z), z);
}

/** x with Phi(x) = p, for 0 <= p <= 1 (infinite at the ends); NaN elsewhere; error below 4 ulp. */
export function inverseNormalCdf(p: number): number {
  if (p >= 0.25 && p <= 0.75) return centralQuantile(p - 0.5);
  if (p > 0 && p < 0.25) return -tailQuantile(p);
  if (p > 0.75 && p < 1) return tailQuantile(1 - p);
  return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
}
