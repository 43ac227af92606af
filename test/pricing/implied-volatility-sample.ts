/** How implied volatility is sampled and judged: by the exact solution of the double price, in units of what the price determines. */
import { blackAt, impliedError } from '../reference/double-double.js';

export const UNIT_ROUNDOFF = 2 ** -53;

export interface Sample {
  x: number;
  s: number;
  /** The double nearest to the exact out-of-the-money value over min(F, K). */
  p: number;
  /** p / (s p'): the relative change of s for a relative change of p. */
  condition: number;
}

/** The sample at h = x/s and s, or undefined where x or p leave the domain: x <= 300, p >= 1e-300, 1 - p >= 2^-40. */
export function sampleAt(h: number, s: number): Sample | undefined {
  const x = h * s;
  // The oracle's table ends where the value is below 1e-300.
  if (x > 300 || h - 0.5 * s > 37.4) return undefined;
  const { value, slope } = blackAt(x, s);
  const p = value[0];
  if (!(p >= 1e-300 && 1 - p >= 2 ** -40)) return undefined;
  return { x, s, p, condition: p / slope[0] / s };
}

/** |ds/s| of a solution over 2^-53 (1 + p/(s p')). */
export function errorInUnits({ x, p, condition }: Sample, solution: number): number {
  return Math.abs(impliedError(x, p, solution)) / (UNIT_ROUNDOFF * (1 + condition));
}
