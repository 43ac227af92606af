/**
 * Exponential and logarithm without branches, for the moderate arguments of ordinary options (domain.ts). The polynomials are
 * those of src/math; see there for the method.
 */
import { exponentialTail } from '../../../math/exponential.js';
import { atanhTail } from '../../../math/logarithm.js';
import { exponentGap, powerOfTwo } from './lanes.js';

const LOG2_E = 1.4426950408889634;
const LN2_HIGH = 0.6931471806019545;
const LN2_LOW = -4.2009150726810846e-11;
/** 3 x 2^51: added and taken away again it leaves the nearest integer. */
const ROUND = 6755399441055744;
/** |z| from which e^(-z^2/2) times a moderate level is zero, while 2^256 times it is a normal double. */
const FARTHEST = 42;
/** What the power of two is kept above the subnormal numbers by: a large level may bring a vanishing Gaussian back among the doubles. */
const HEADROOM = 256;
/** 2^-256. */
const LOWERED = 8.636168555094445e-78;

/** e^x for |x| <= 700; error below 1 ulp. */
export function exponential(x: number): number {
  const n = x * LOG2_E + ROUND - ROUND;
  const high = x - n * LN2_HIGH;
  const low = -n * LN2_LOW;
  const r = high + low;
  return (1 + (high + (low + r * r * exponentialTail(r)))) * powerOfTwo(n);
}

/** e^x - 1 for |x| <= 700; error below 2 ulp. */
export function exponentialLessOne(x: number): number {
  const n = x * LOG2_E + ROUND - ROUND;
  const high = x - n * LN2_HIGH;
  const low = -n * LN2_LOW;
  const r = high + low;
  const power = powerOfTwo(n);
  return power - 1 + power * (high + (low + r * r * exponentialTail(r)));
}

/** level e^(-z^2/2), 0 beyond |z| = 42; error below 1.5 ulp. z is split into 24 bits, whose square is exact, and a rest. */
export function scaledGaussian(level: number, z: number): number {
  const size = Math.abs(z);
  const inside = size < FARTHEST ? size : FARTHEST;
  const top = Math.fround(inside);
  const square = -0.5 * top * top;
  const n = square * LOG2_E + ROUND - ROUND;
  const high = square - n * LN2_HIGH;
  const low = -0.5 * (inside - top) * (inside + top) - n * LN2_LOW;
  const r = high + low;
  return level * LOWERED * (1 + (high + (low + r * r * exponentialTail(r)))) * powerOfTwo(n + HEADROOM);
}

/** ln(a/b) without the quotient, for positive normal numbers whose quotient is one; error below 2 ulp. */
export function logarithmOfRatio(a: number, b: number): number {
  const e = exponentGap(a, b);
  const scaled = a * powerOfTwo(-e);
  const z = (scaled - b) / (scaled + b);
  const w = z * z;
  return e * LN2_HIGH + (2 * z + z * w * atanhTail(w) + e * LN2_LOW);
}
