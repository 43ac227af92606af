/**
 * The fair strike of continuously monitored variance, by the log contract in the variable z = -d2(k):
 *
 *   E[-2 ln(S_T/F)] = integral of w(k) n(d2(k)) d(-d2(k)),   d2 = -k/sqrt(w) - sqrt(w)/2
 *
 * Gatheral, "The Volatility Surface" (2006), chapter 11; equal to the replication by out-of-the-money options.
 */
import { normalPdf } from '../../math/normal.js';
import { integrate } from '../../math/quadrature.js';
import type { TotalVariance } from '../smile/total-variance.js';

/** n(z) is below 1e-20 beyond. */
const farthest = 9.6;

/** Expected total variance, to about 1e-13 relative, of a smile whose wings grow slower than 2 |k|. */
export function expectedTotalVariance(
  smileAt: (k: number) => Pick<TotalVariance, 'w' | 'dw'>,
  breaks: readonly number[] = [],
): number {
  const scale = Math.sqrt(smileAt(0).w);
  const d2 = (k: number): number => {
    const root = Math.sqrt(smileAt(k).w);
    return -k / root - 0.5 * root;
  };
  let lower = -scale;
  while (d2(lower) < farthest && lower > -1e6) lower *= 1.5;
  let upper = scale;
  while (d2(upper) > -farthest && upper < 1e6) upper *= 1.5;
  const integrand = (k: number): number => {
    const { w, dw } = smileAt(k);
    const root = Math.sqrt(w);
    const slope = 1 / root - (k * dw) / (2 * w * root) + dw / (4 * root);
    return w * normalPdf(-k / root - 0.5 * root) * slope;
  };
  return integrate(integrand, lower, upper, 1e-13, [0, ...breaks]).value;
}
