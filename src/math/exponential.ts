/**
 * The exponential, written out so that every engine gives the same bits.
 *
 *   x = n ln 2 + r,  |r| <= ln 2 / 2,   e^x = 2^n e^r,   e^r = 1 + r + r^2 E(r)
 *
 * n ln 2 is taken off in two parts (Cody and Waite 1980): the first has 21 trailing zero bits, so n times it is exact. E is the
 * minimax polynomial printed by scripts/fit-normal-coefficients.ts. Error below 1 ulp for normal results.
 */

import { POWERS_OF_TWO } from './powers-of-two.js';

const LOG2_E = 1.4426950408889634;
const LN2_HIGH = 0.6931471806019545;
const LN2_LOW = -4.2009150726810846e-11;

/** Between these e^x and all its factors are normal doubles. */
const LEAST_NORMAL = -708;
const GREATEST_NORMAL = 709;
/** Above this e^x exceeds the largest double. */
const OVERFLOW = 709.782712893384;
/** Below this e^x rounds to zero. */
const UNDERFLOW = -745.1332191019412;

/** 3 x 2^51: added and taken away again it leaves the nearest integer. */
const ROUND = 6755399441055744;

/** (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2, even and odd powers apart. */
export function exponentialTail(r: number): number {
  const r2 = r * r;
  let even = 2.7625401314410535e-7;
  even = even * r2 + 2.4801508130080776e-5;
  even = even * r2 + 0.0013888888927244937;
  even = even * r2 + 0.04166666666660283;
  even = even * r2 + 0.5;
  let odd = 2.511499547609953e-8;
  odd = odd * r2 + 2.7557226368988994e-6;
  odd = odd * r2 + 0.00019841269904626518;
  odd = odd * r2 + 0.008333333333314031;
  odd = odd * r2 + 0.16666666666666685;
  return even + r * odd;
}

/**
 * e^(high + low), where `low` is a correction, |low| <= 2^-20 |high| or at most 2^-20: keeps the digits of an exponent that does
 * not fit one double. NaN for NaN.
 */
export function expSum(high: number, low: number): number {
  if (!(high > LEAST_NORMAL && high < GREATEST_NORMAL)) return extremeExpSum(high, low);
  const n = high * LOG2_E + ROUND - ROUND;
  const rHigh = high - n * LN2_HIGH;
  const rLow = low - n * LN2_LOW;
  const r = rHigh + rLow;
  const y = 1 + (rHigh + (rLow + r * r * exponentialTail(r)));
  return y * POWERS_OF_TWO[(n + 1023) | 0]!;
}

/** The same outside the exponents of normal doubles, 2^n in two factors of which the last rounds once. */
function extremeExpSum(high: number, low: number): number {
  if (high > OVERFLOW) return Infinity;
  if (high < UNDERFLOW) return 0;
  if (Number.isNaN(high)) return NaN;
  const n = Math.round(high * LOG2_E);
  const rHigh = high - n * LN2_HIGH;
  const rLow = low - n * LN2_LOW;
  const r = rHigh + rLow;
  const y = 1 + (rHigh + (rLow + r * r * exponentialTail(r)));
  const half = n > 0 ? 512 : -512;
  return y * POWERS_OF_TWO[n - half + 1023]! * POWERS_OF_TWO[half + 1023]!;
}

/** e^x. Infinity above 709.78, 0 below -745.13, NaN for NaN; error below 1 ulp. */
export function exp(x: number): number {
  return expSum(x, 0);
}

/**
 * e^x in place, of the first `count` numbers, the bits of {@link exp}. Its arithmetic is written out: a call would put argument and
 * result on the heap wherever the compiler leaves it a call.
 */
export function exponentials(x: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const exponent = x[i]!;
    if (!(exponent > LEAST_NORMAL && exponent < GREATEST_NORMAL)) {
      x[i] = exp(exponent);
      continue;
    }
    const n = exponent * LOG2_E + ROUND - ROUND;
    const rHigh = exponent - n * LN2_HIGH;
    const rLow = 0 - n * LN2_LOW;
    const r = rHigh + rLow;
    const r2 = r * r;
    let even = 2.7625401314410535e-7;
    even = even * r2 + 2.4801508130080776e-5;
    even = even * r2 + 0.0013888888927244937;
    even = even * r2 + 0.04166666666660283;
    even = even * r2 + 0.5;
    let odd = 2.511499547609953e-8;
    odd = odd * r2 + 2.7557226368988994e-6;
    odd = odd * r2 + 0.00019841269904626518;
    odd = odd * r2 + 0.008333333333314031;
    odd = odd * r2 + 0.16666666666666685;
    const y = 1 + (rHigh + (rLow + r2 * (even + r * odd)));
    x[i] = y * POWERS_OF_TWO[(n + 1023) | 0]!;
  }
}

/** e^x - 1 without cancellation near 0; error below 2 ulp. */
export function expm1(x: number): number {
  if (!(x > -40 && x < 40)) return exp(x) - 1;
  const n = x * LOG2_E + ROUND - ROUND;
  const rHigh = x - n * LN2_HIGH;
  const rLow = -n * LN2_LOW;
  const r = rHigh + rLow;
  const tail = rLow + r * r * exponentialTail(r);
  if (n === 0) return rHigh + tail;
  const power = POWERS_OF_TWO[(n + 1023) | 0]!;
  return power - 1 + power * (rHigh + tail);
}
