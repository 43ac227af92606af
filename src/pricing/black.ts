/**
 * The lognormal kernel (Black 1976; Black, Scholes and Merton 1973): the value of an out-of-the-money option and nothing else;
 * everything in the money is intrinsic value plus that.
 *
 *   A, B = discounted forward and strike,  x = |ln(A/B)|,  s = volatility sqrt(T),  h = x/s,  t = s/2,  z1 = h - t,  z2 = h + t
 *   w = min(A,B) phi(z1) = max(A,B) phi(z2) = A n(d1) = B n(d2)
 *   value = min(A,B) Phi(-z1) - max(A,B) Phi(-z2) = w [M(z1) - M(z2)],   M(z) = Phi(-z)/phi(z), the Mills ratio
 *
 * With 1/M(z) = z + e(z) (mills.ts), M(z1) - M(z2) = [s + e(z2) - e(z1)] M(z1) M(z2), where e(z1) - e(z2) is at most 0.37 s: the
 * rounding errors of e are all that can disturb it, so only where s is small beside them is another form needed:
 *   s/2 (1 + h^2) < 0.6:   M(z1) - M(z2) as twice the odd part of M around h, a series in t of positive terms
 *   z1 < 0 otherwise:      value = min(A,B) - w [M(-z1) + M(z2)], the shortfall from the value at infinite volatility
 * The relative error is at most 8 x 2^-53 (1 + h^2) in (x, s); the factor h^2 is the condition of the value itself.
 */
import { logRatio } from '../math/logarithm.js';
import { hazardExcess, mills, scaledGaussian } from '../math/mills.js';

export const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** Beyond this h every price is zero: no double exceeds e^(60^2/2). */
export const FARTHEST = 60;

/** 1/n for the factorials of the series. */
const RECIPROCAL = Float64Array.from({ length: 64 }, (_, n) => (n === 0 ? 0 : 1 / n));

/** Where the series in t replaces the difference of two hazard rates. */
export function usesSeries(h: number, t: number): boolean {
  return t * (1 + h * h) < 0.6;
}

/**
 * M(h - t) - M(h + t) = 2 sum over odd n of t^n M_n / n!, with M_n(h) the integral of u^n e^(-h u - u^2/2) over u > 0:
 * M_0 = M(h), M_1 = 1 - h M(h), M_(n+1) = n M_(n-1) - h M_n. All terms are positive.
 */
export function millsDifferenceSeries(h: number, t: number): number {
  const excess = hazardExcess(h);
  const t2 = t * t;
  // even = t^(2k) M_2k / (2k)!, odd = t^(2k) M_(2k+1) / (2k+1)!
  let even = 1 / (h + excess);
  let odd = excess * even;
  let sum = odd;
  for (let n = 2; n < 40; n += 2) {
    even = t2 * RECIPROCAL[n]! * (even - h * odd);
    odd = (t2 * odd - h * even) * RECIPROCAL[n + 1]!;
    sum += odd;
    if (odd < 2e-17 * sum) break;
  }
  return 2 * t * sum;
}

/** M(h - t) - M(h + t), the value in units of w, for h and t of 0 or more. Infinity where t - h > 37.6. */
export function scaledBlack(h: number, t: number): number {
  if (usesSeries(h, t)) return millsDifferenceSeries(h, t);
  const near = h - t;
  const far = h + t;
  return near < 0 ? mills(near) - mills(far) : millsDifference(near, far, 2 * t);
}

/** M(near) - M(far) for 0 <= near, far = near + s. */
function millsDifference(near: number, far: number, s: number): number {
  const excessNear = hazardExcess(near);
  const excessFar = hazardExcess(far);
  return (s + (excessFar - excessNear)) / ((near + excessNear) * (far + excessFar));
}

/** The out-of-the-money value per unit of min(A, B), its value at infinite volatility, from x = |ln(A/B)| and s. In [0, 1]. */
export function outOfTheMoneyFraction(x: number, s: number): number {
  return outOfTheMoney(1, x, s);
}

/** One less {@link outOfTheMoneyFraction}, with relative accuracy as it vanishes at large s. */
export function outOfTheMoneyShortfall(x: number, s: number): number {
  if (!(s > 0) || x === Infinity) return 1;
  if (s === Infinity) return 0;
  const h = x / s;
  const t = 0.5 * s;
  if (h >= t) return 1 - outOfTheMoney(1, x, s);
  return INVERSE_SQRT_TWO_PI * scaledGaussian(1, h - t) * (mills(t - h) + mills(h + t));
}

/** The undiscounted out-of-the-money value of forward against strike; `standardDeviation` is volatility sqrt(T). */
export function outOfTheMoneyValue(forward: number, strike: number, standardDeviation: number): number {
  const x = logRatio(forward, strike);
  return outOfTheMoney(forward < strike ? forward : strike, Math.abs(x), standardDeviation);
}

/** The out-of-the-money value whose limit at infinite volatility is `smaller`, from x = |ln(A/B)| >= 0 and s >= 0. */
export function outOfTheMoney(smaller: number, x: number, s: number): number {
  if (!(s > 0) || x === Infinity) return 0;
  if (s === Infinity) return smaller;
  const h = x / s;
  const t = 0.5 * s;
  const z = h - t;
  if (z > FARTHEST) return 0;
  const w = INVERSE_SQRT_TWO_PI * scaledGaussian(smaller, z);
  if (usesSeries(h, t)) return w * millsDifferenceSeries(h, t);
  if (z >= 0) return w * millsDifference(z, h + t, s);
  return smaller - w * (mills(-z) + mills(h + t));
}
