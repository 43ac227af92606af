/**
 * The lognormal kernel (Black 1976; Black, Scholes and Merton 1973): the value of an out-of-the-money option and nothing else;
 * everything in the money is intrinsic value plus that.
 *
 *   A, B = discounted forward and strike,  x = |ln(A/B)|,  s = volatility sqrt(T),  h = x/s,  t = s/2,  z = h - t
 *   level = min(A,B) e^(-z^2/2) / 2,  Phi(-z) = e^(-z^2/2) / (2 m(z))
 *   value = min(A,B) Phi(-z) - max(A,B) Phi(-h - t) = level [1/m(z) - 1/m(h + t)]
 *
 * The difference comes from math/tail-slope.ts as s times a sum of positive terms: nothing cancels, however small s is. Below
 * z = -0.69, where the value is more than half of min(A,B), it is formed from its shortfall, min(A,B) - level [1/m(-z) + 1/m(h + t)].
 * The relative error is at most 8 x 2^-53 (1 + h^2) in (x, s); the factor h^2 is the condition of the value itself.
 */
import { logRatio } from '../math/logarithm.js';
import { mills, scaledGaussian } from '../math/mills.js';
import { DENOMINATOR, DIFFERENCE, FAR, NEAR, TAIL_RESULTS, tails } from '../math/tail-slope.js';

export const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** sqrt(pi/2): M = this / m. */
const SQRT_HALF_PI = 1.2533141373155003;
const SQRT_TWO_OVER_PI = 0.7978845608028654;

/** Beyond this |h - t| every price is at its bound: no double exceeds e^(60^2/2). */
const FARTHEST = 60;
/** Below this h - t the value is formed from its shortfall. */
export const SATURATION = -0.69;
/** The products of the polynomials behind 1/m overflow beyond. */
const LARGEST = 1e12;

const tail = new Float64Array(TAIL_RESULTS);

/** 1/m(h - t) - 1/m(h + t) for h - t >= SATURATION. */
function tailDifference(h: number, t: number, s: number): number {
  const far = h + t;
  if (far > LARGEST) return SQRT_TWO_OVER_PI * (mills(h - t) - mills(far));
  tails(h - t, far, s, h, tail);
  return s * (tail[DIFFERENCE]! / tail[DENOMINATOR]!);
}

/** 1/m(t - h) + 1/m(h + t) for h - t < SATURATION. */
function tailSum(h: number, t: number): number {
  const far = h + t;
  if (far > LARGEST) return SQRT_TWO_OVER_PI * (mills(t - h) + mills(far));
  tails(t - h, far, h + h, t, tail);
  return (tail[NEAR]! + tail[FAR]!) / tail[DENOMINATOR]!;
}

/** M(h - t) - M(h + t), the value in units of min(A,B) phi(h - t), for h and t of 0 or more. Infinity where t - h > 37.6. */
export function scaledBlack(h: number, t: number): number {
  const near = h - t;
  return near < SATURATION ? mills(near) - mills(h + t) : SQRT_HALF_PI * tailDifference(h, t, 2 * t);
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
  const z = h - t;
  return z < SATURATION ? scaledGaussian(0.5, z) * tailSum(h, t) : 1 - outOfTheMoney(1, x, s);
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
  if (z < -FARTHEST) return smaller;
  const level = scaledGaussian(0.5 * smaller, z);
  return z < SATURATION ? smaller - level * tailSum(h, t) : level * tailDifference(h, t, s);
}
