/**
 * The lognormal kernel (Black 1976; Black, Scholes and Merton 1973): the value of an out-of-the-money option and nothing else;
 * everything in the money is intrinsic value plus that.
 *
 *   A, B = discounted forward and strike,  x = |ln(A/B)|,  s = volatility sqrt(T),  h = x/s,  t = s/2,  z1 = h - t,  z2 = h + t
 *   w = min(A,B) phi(z1) = max(A,B) phi(z2) = A n(d1) = B n(d2)
 *   value = min(A,B) Phi(-z1) - max(A,B) Phi(-z2) = w [M(z1) - M(z2)],   M(z) = Phi(-z)/phi(z), the Mills ratio
 *
 * Which of three forms is used depends on where the difference of Mills ratios would cancel:
 *   s small:     w times twice the odd part of M around h, a series in t whose terms are all positive
 *   z1 >= 0:     w [M(z1) - M(z2)]
 *   z1 < 0:      min(A,B) - w [M(-z1) + M(z2)], the shortfall from the value at infinite volatility
 * The relative error is at most 8 x 2^-53 (1 + h^2) in (x, s); the factor h^2 is the condition of the value itself.
 */
import { logRatio } from '../math/logarithm.js';
import { hazardExcess, mills, scaledGaussian } from '../math/mills.js';

export const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** Beyond this h every price is zero: no double exceeds e^(60^2/2). */
export const FARTHEST = 60;

/** 1/n for the factorials of the series. */
const RECIPROCAL = Float64Array.from({ length: 64 }, (_, n) => (n === 0 ? 0 : 1 / n));

/** Where the series in t replaces the difference of two Mills ratios. */
export function usesSeries(h: number, t: number): boolean {
  return t < 0.2 || (t < 0.5 && h < 3);
}

/**
 * M(h - t) - M(h + t) = 2 sum over odd n of t^n M_n / n!, with M_n(h) the integral of u^n e^(-h u - u^2/2) over u > 0:
 * M_0 = M(h), M_1 = 1 - h M(h), M_(n+1) = n M_(n-1) - h M_n. All terms are positive. For h in [0, 60].
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
  if (usesSeries(h, t) && h < FARTHEST) return millsDifferenceSeries(h, t);
  return mills(h - t) - mills(h + t);
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
  if (z >= 0) return w * (mills(z) - mills(h + t));
  return smaller - w * (mills(-z) + mills(h + t));
}
