/**
 * The operations on the bits of doubles that the formulas of this folder need beside + - * /, comparisons, Math.sqrt,
 * Math.abs and Math.fround. Everything here is written without branches and without loops, so that scripts/kernel can translate
 * each formula into vector instructions, operation by operation: a lane of the kernel and the code below give the same bits.
 */
import { POWERS_OF_TWO } from '../../../math/powers-of-two.js';

const float64 = new Float64Array(2);
const int32 = new Int32Array(float64.buffer);
/** Which half of a double holds its exponent: 1 on little-endian machines. */
const HIGH_WORD = ((): number => {
  float64[0] = 1;
  return int32[1] === 0 ? 0 : 1;
})();

const LEAST = 2 ** -128;
const MOST = 2 ** 128;

/** 2^n for a whole n from -1022 to 1023. */
export function powerOfTwo(n: number): number {
  return POWERS_OF_TWO[(n + 1023) | 0]!;
}

/** The whole e for which a 2^-e is nearest to b, for positive normal a and b whose quotient is one too; read from their high words. */
export function exponentGap(a: number, b: number): number {
  float64[0] = a;
  float64[1] = b;
  return (int32[HIGH_WORD]! - int32[HIGH_WORD + 2]! + 0x80000) >> 20;
}

/** Whether all three lie in [2^-128, 2^128): positive, neither tiny nor huge, no NaN. The kernel looks at their exponents at once. */
export function areModerate(a: number, b: number, c: number): boolean {
  return a >= LEAST && a < MOST && b >= LEAST && b < MOST && c >= LEAST && c < MOST;
}
