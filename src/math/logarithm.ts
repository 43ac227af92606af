/**
 * Logarithms, written out so that every engine gives the same bits.
 *
 *   x = 2^e m,  z = (m - 1)/(m + 1),   ln x = e ln 2 + 2 atanh z,   2 atanh z = 2 z + z^3 A(z^2),  |z| <= 0.2
 *
 * A is the minimax polynomial printed by scripts/fit-normal-coefficients.ts. The logarithm of a quotient never forms the
 * quotient: e is the difference of the exponents, and a 2^-e - b is exact (Sterbenz), so ln(a/b) is right to 2 ulp however
 * close a is to b.
 */

import { POWERS_OF_TWO } from './powers-of-two.js';

const LN2_HIGH = 0.6931471806019545;
const LN2_LOW = -4.2009150726810846e-11;
const SMALLEST_NORMAL = 2 ** -1022;
const float64 = new Float64Array(1);
const uint32 = new Uint32Array(float64.buffer);
/** Which half of a double holds its exponent: 1 on little-endian machines. */
const HIGH_WORD = ((): number => {
  float64[0] = 1;
  return uint32[1] === 0 ? 0 : 1;
})();

function highWord(x: number): number {
  float64[0] = x;
  return uint32[HIGH_WORD]!;
}

/** (2 atanh z - 2 z) / z^3 as a function of w = z^2 <= 0.04. */
export function atanhTail(w: number): number {
  let a = 0.15368053823484012;
  a = a * w + 0.15250207530878324;
  a = a * w + 0.18186355048712768;
  a = a * w + 0.22222138528445592;
  a = a * w + 0.28571429394936143;
  a = a * w + 0.39999999996163754;
  a = a * w + 0.666666666666727;
  return a;
}

/** ln(1 + f) for a mantissa step f in [-1/3, 1/2], plus e ln 2. */
function logOnePlus(f: number, e: number): number {
  const z = f / (2 + f);
  const w = z * z;
  const half = 0.5 * f * f;
  // 2 z = f - z f and z f = f^2/2 - z f^2/2: the leading term f stays exact.
  const tail = half - z * (half + w * atanhTail(w));
  return e === 0 ? f - tail : e * LN2_HIGH - (tail - e * LN2_LOW - f);
}

/** ln x. -Infinity at 0, NaN below 0; error below 1 ulp. */
export function log(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x === Infinity ? x : NaN;
  if (x < SMALLEST_NORMAL) return log(x * 2 ** 54) - 54 * (LN2_HIGH + LN2_LOW);
  // The mantissa is brought to [2/3, 4/3]: 0x55555 is a third of 2^20.
  const e = ((highWord(x) + (0x100000 - 0x55555)) >>> 20) - 1023;
  // 2^-1024 is no normal double, so the largest numbers are halved first.
  const mantissa = e < 1023 ? x * POWERS_OF_TWO[1023 - e]! : 0.5 * x * POWERS_OF_TWO[1024 - e]!;
  return logOnePlus(mantissa - 1, e);
}

/** ln(1 + x) without cancellation near 0. -Infinity at -1, NaN below; error below 2 ulp. */
export function log1p(x: number): number {
  if (x > -0.25 && x < 0.4) return x === 0 ? x : logOnePlus(x, 0);
  const u = 1 + x;
  if (!(u > 0) || u === Infinity) return log(u);
  // 1 + x = u + c with c the rounding error of the sum.
  const c = x > 1 ? 1 - (u - x) : x - (u - 1);
  return log(u) + c / u;
}

/**
 * ln(a/b) of two positive finite numbers, formed without the quotient: right to 2 ulp next to a = b, and where a/b or b/a is
 * no double. -Infinity where only a is 0, Infinity where only b is 0, NaN where both are.
 */
export function logRatio(a: number, b: number): number {
  const highA = highWord(a);
  const highB = highWord(b);
  if (!(isModerate(highA) && isModerate(highB))) return extremeLogRatio(a, b);
  const e = (highA - highB + 0x80000) >> 20;
  const scaled = e === 0 ? a : a * POWERS_OF_TWO[1023 - e]!;
  const z = (scaled - b) / (scaled + b);
  const w = z * z;
  const fraction = 2 * z + z * w * atanhTail(w);
  return e === 0 ? fraction : e * LN2_HIGH + (fraction + e * LN2_LOW);
}

/** From 2^-500 to 2^500, where a power of two that brings one number to the size of another is a normal double. */
function isModerate(high: number): boolean {
  return high >= (1023 - 500) * 2 ** 20 && high < (1023 + 500) * 2 ** 20;
}

/** The same for numbers outside those bounds: scaling both keeps the ratio, and beyond e^300 a difference is exact enough. */
function extremeLogRatio(a: number, b: number): number {
  if (!(a > 0 && b > 0)) return a === 0 && b > 0 ? -Infinity : b === 0 && a > 0 ? Infinity : NaN;
  if (a < 1 && b < 1) return logRatio(a * 2 ** 200, b * 2 ** 200);
  if (a > 1 && b > 1 && a < Infinity && b < Infinity) return logRatio(a * 2 ** -200, b * 2 ** -200);
  return log(a) - log(b);
}
