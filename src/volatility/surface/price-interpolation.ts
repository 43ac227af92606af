/**
 * Between two slices by a convex combination of undiscounted prices at fixed k = ln(K/F),
 *
 *   c = alpha c_1 + (1 - alpha) c_2,   alpha = (sqrt(theta_2) - sqrt(theta)) / (sqrt(theta_2) - sqrt(theta_1)),
 *
 * theta the at-the-money total variance, linear in variance time. Gatheral and Jacquier (2014), section 5. Distribution and
 * density mix alike, and give the derivatives of w back:
 *
 *   w'  = 2 sqrt(w) [P(X <= k) - N(-d2)] / n(d2)
 *   w'' = 2 [g - (1 - k w'/(2w))^2 + w'^2/4 (1/w + 1/4)],   g = density sqrt(w) / n(d2)
 */
import { exp } from '../../math/exponential.js';
import { normalCdf, normalPdf } from '../../math/normal.js';
import { outOfTheMoneyFraction } from '../../pricing/black.js';
import { impliedStandardDeviation } from '../../pricing/implied-standard-deviation.js';
import type { TotalVariance } from '../smile/total-variance.js';
import { logDensity, survival, cumulative } from './distribution.js';
import type { SmileAt } from './smile-at.js';

export function priceBetween(
  from: (k: number) => TotalVariance,
  to: (k: number) => TotalVariance,
  share: number,
  perTau: number,
): SmileAt {
  const [theta1, theta2] = [from(0).w, to(0).w];
  const theta = theta1 + share * (theta2 - theta1);
  const gap = Math.sqrt(theta2) - Math.sqrt(theta1);
  // Where the slices agree at the money, the weight is linear in time.
  const mixes = Math.abs(gap) > 1e-12 * Math.sqrt(theta2);
  const alpha = mixes ? (Math.sqrt(theta2) - Math.sqrt(theta)) / gap : 1 - share;
  const alphaPerTau = mixes ? (-(theta2 - theta1) * perTau) / (2 * Math.sqrt(theta) * gap) : -perTau;

  return (k) => {
    const [earlier, later] = [from(k), to(k)];
    const mix = (one: number, other: number): number => alpha * one + (1 - alpha) * other;
    const x = Math.abs(k);
    const [f1, f2] = [outOfTheMoneyFraction(x, Math.sqrt(earlier.w)), outOfTheMoneyFraction(x, Math.sqrt(later.w))];
    const root = impliedStandardDeviation(x, mix(f1, f2));
    const w = root * root;
    const d2 = -k / root - 0.5 * root;
    const density = normalPdf(d2);
    // The smaller tail keeps its digits.
    const excess =
      k > 0
        ? normalCdf(d2) - mix(survival(earlier, k), survival(later, k))
        : mix(cumulative(earlier, k), cumulative(later, k)) - normalCdf(-d2);
    const dw = (2 * root * excess) / density;
    const g = (mix(logDensity(earlier, k), logDensity(later, k)) * root) / density;
    const tilt = 1 - (k * dw) / (2 * w);
    const d2w = 2 * (g - tilt * tilt + 0.25 * dw * dw * (1 / w + 0.25));
    // dc/dw = n(d1) / (2 sqrt w) per unit of forward; fractions are per unit of min(F, K).
    const scale = k < 0 ? exp(k) : 1;
    const vega = normalPdf(d2 + root) / (2 * root);
    return { w, dw, d2w, dTau: (alphaPerTau * scale * (f1 - f2)) / vega };
  };
}
