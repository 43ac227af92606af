/**
 * The exponential, written out so that every engine gives the same bits.
 *
 *   x = n ln 2 + r,  |r| <= ln 2 / 2,   e^x = 2^n e^r,   e^r = 1 + r + r^2 E(r)
 *
 * n ln 2 is taken off in two parts (Cody and Waite 1980): the first has 21 trailing zero bits, so n times it is exact. E is the
 * minimax polynomial printed by scripts/fit-normal-coefficients.ts. Error below 1 ulp for normal results.
 */

const LOG2_E = 1.4426950408889634;
const LN2_HIGH = 0.6931471806019545;
const LN2_LOW = -4.2009150726810846e-11;

/** Above this e^x exceeds the largest double. */
const OVERFLOW = 709.782712893384;
/** Below this e^x rounds to zero. */
const UNDERFLOW = -745.1332191019412;

/** 2^(i - 1023) for i = 1 .. 2046: every power of two that is a normal double. */
const POWERS_OF_TWO = powersOfTwo();

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(2047);
  let power = 2 ** -1022;
  for (let i = 1; i < 2047; i++) {
    powers[i] = power;
    power *= 2;
  }
  return powers;
}

/** e^r - 1 - r over r^2 on |r| <= ln 2 / 2, even and odd powers apart. */
function exponentialTail(r: number): number {
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

/** y 2^n for n beyond the exponents of normal doubles, in two steps; the last one rounds once. */
function scaleByPowerOfTwo(y: number, n: number): number {
  if (n > 1023) return y * POWERS_OF_TWO[2046]! * POWERS_OF_TWO[n]!;
  if (n < -1022) return y * POWERS_OF_TWO[n + 1077]! * 2 ** -54;
  return y * POWERS_OF_TWO[n + 1023]!;
}

/**
 * e^(high + low), where `low` is a correction, |low| <= 2^-20 |high| or at most 2^-20: keeps the digits of an exponent that does
 * not fit one double. NaN for NaN.
 */
export function expSum(high: number, low: number): number {
  if (!(high < OVERFLOW)) return high >= OVERFLOW ? (high > OVERFLOW ? Infinity : Number.MAX_VALUE) : NaN;
  if (high < UNDERFLOW) return 0;
  const n = Math.round(high * LOG2_E);
  const rHigh = high - n * LN2_HIGH;
  const rLow = low - n * LN2_LOW;
  const r = rHigh + rLow;
  const y = 1 + (rHigh + (rLow + r * r * exponentialTail(r)));
  return scaleByPowerOfTwo(y, n);
}

/** e^x. Infinity above 709.78, 0 below -745.13, NaN for NaN; error below 1 ulp. */
export function exp(x: number): number {
  return expSum(x, 0);
}

/** e^x - 1 without cancellation near 0; error below 2 ulp. */
export function expm1(x: number): number {
  if (!(x < OVERFLOW)) return x >= OVERFLOW ? exp(x) : NaN;
  if (x < -40) return -1;
  const n = Math.round(x * LOG2_E);
  const rHigh = x - n * LN2_HIGH;
  const rLow = -n * LN2_LOW;
  const r = rHigh + rLow;
  const tail = rLow + r * r * exponentialTail(r);
  if (n === 0) return rHigh + tail;
  if (n > 56) return scaleByPowerOfTwo(1 + (rHigh + tail), n);
  const power = POWERS_OF_TWO[n + 1023]!;
  return power - 1 + power * (rHigh + tail);
}
