/**
 * The risk-neutral distribution of S_T that a smile implies, from total variance w and its derivatives at k = ln(K/F):
 *
 *   g(k)        = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2
 *   density(K)  = g / (K sqrt(2 pi w)) e^(-d2^2/2),     d2 = -k/sqrt(w) - sqrt(w)/2
 *   P(S_T <= K) = N(-d2) + n(d2) w' / (2 sqrt(w))
 *
 * Breeden and Litzenberger (1978); Gatheral and Jacquier (2014), section 2. The formulas hold whether or not the smile is free
 * of arbitrage: where it is not, the density is negative and is returned so.
 */
import { normalCdf, normalPdf } from '../../math/normal.js';
import type { TotalVariance } from '../smile/total-variance.js';

type Point = Pick<TotalVariance, 'w' | 'dw' | 'd2w'>;

/** Durrleman's g: negative exactly where the density is. */
export function durrleman({ w, dw, d2w }: Point, k: number): number {
  const tilt = 1 - (k * dw) / (2 * w);
  return tilt * tilt - 0.25 * dw * dw * (1 / w + 0.25) + 0.5 * d2w;
}

/** Density of ln(S_T/F) at k; without variance all of it is at the forward. */
export function logDensity(v: Point, k: number): number {
  if (v.w === 0) return k === 0 ? Infinity : 0;
  const root = Math.sqrt(v.w);
  return (durrleman(v, k) / root) * normalPdf(-k / root - 0.5 * root);
}

/** P(ln(S_T/F) <= k). */
export function cumulative(v: Point, k: number): number {
  if (v.w === 0) return k < 0 ? 0 : 1;
  const root = Math.sqrt(v.w);
  const d2 = -k / root - 0.5 * root;
  return normalCdf(-d2) + (normalPdf(d2) * v.dw) / (2 * root);
}

/** P(ln(S_T/F) > k), with relative accuracy in the upper tail. */
export function survival(v: Point, k: number): number {
  if (v.w === 0) return k < 0 ? 1 : 0;
  const root = Math.sqrt(v.w);
  const d2 = -k / root - 0.5 * root;
  return normalCdf(d2) - (normalPdf(d2) * v.dw) / (2 * root);
}

/**
 * The k below which the probability is p, by bisection safeguarding Newton's step on the cumulative distribution;
 * p strictly between 0 and 1. For a smile with arbitrage, one of the points where the cumulative crosses p, or undefined where
 * it turns back on the way there.
 */
export function logQuantile(smileAt: (k: number) => Point, p: number): number | undefined {
  const scale = Math.sqrt(smileAt(0).w);
  if (scale === 0) return 0;
  const at = (k: number): number => cumulative(smileAt(k), k);
  let lower = -scale;
  let upper = scale;
  for (let value = at(lower); value > p;) {
    [lower, upper] = [lower - 2 * (upper - lower), lower];
    const next = at(lower);
    if (!(next <= value && lower > -Infinity)) return undefined;
    value = next;
  }
  for (let value = at(upper); value < p;) {
    [lower, upper] = [upper, upper + 2 * (upper - lower)];
    const next = at(upper);
    if (!(next >= value && upper < Infinity)) return undefined;
    value = next;
  }
  let k = 0.5 * (lower + upper);
  for (let i = 0; i < 200; i++) {
    const v = smileAt(k);
    const excess = cumulative(v, k) - p;
    if (excess === 0) return k;
    if (excess > 0) upper = k;
    else lower = k;
    const newton = k - excess / logDensity(v, k);
    const next = newton > lower && newton < upper ? newton : 0.5 * (lower + upper);
    if (Math.abs(next - k) <= 4 * Number.EPSILON * Math.max(Math.abs(k), scale)) return next;
    k = next;
  }
  return k;
}
