/**
 * Doubles as exact numbers. Every finite double is an integer times a power of two; sums, differences and products of such
 * numbers are again of that kind, so an expression in + - x of stored parameters has a value that can be written down exactly.
 *
 *   value = mantissa * 2^exponent,   mantissa a BigInt
 */
import { InputError } from '../errors.js';

/** mantissa * 2^exponent, exactly. */
export interface Dyadic {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const float64 = new Float64Array(1);
const bits64 = new BigUint64Array(float64.buffer);
const FRACTION_MASK = (1n << 52n) - 1n;

export const zero: Dyadic = { mantissa: 0n, exponent: 0 };
export const one: Dyadic = { mantissa: 1n, exponent: 0 };

/** The exact value of a double. Throws InputError for NaN and infinities. */
export function dyadic(x: number): Dyadic {
  if (!Number.isFinite(x)) throw new InputError('x', x, 'a finite number');
  if (Number.isSafeInteger(x)) return { mantissa: BigInt(x), exponent: 0 };
  float64[0] = x;
  const bits = bits64[0]!;
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & FRACTION_MASK;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: (biased === 0 ? 1 : biased) - 1075 };
}

export function add(x: Dyadic, y: Dyadic): Dyadic {
  if (x.mantissa === 0n) return y;
  if (y.mantissa === 0n) return x;
  const exponent = Math.min(x.exponent, y.exponent);
  return {
    mantissa: (x.mantissa << BigInt(x.exponent - exponent)) + (y.mantissa << BigInt(y.exponent - exponent)),
    exponent,
  };
}

export function negate(x: Dyadic): Dyadic {
  return { mantissa: -x.mantissa, exponent: x.exponent };
}

export function subtract(x: Dyadic, y: Dyadic): Dyadic {
  return add(x, negate(y));
}

export function multiply(x: Dyadic, y: Dyadic): Dyadic {
  return { mantissa: x.mantissa * y.mantissa, exponent: x.exponent + y.exponent };
}

/** x 2^n. */
export function scaleByPowerOfTwo(x: Dyadic, n: number): Dyadic {
  return { mantissa: x.mantissa, exponent: x.exponent + n };
}

/** -1, 0 or 1. */
export function sign(x: Dyadic): number {
  return x.mantissa > 0n ? 1 : x.mantissa < 0n ? -1 : 0;
}

/** The sign of x - y. */
export function compare(x: Dyadic, y: Dyadic): number {
  return sign(subtract(x, y));
}

/** Number of binary digits of |n|; 0 for 0. */
export function bitLength(n: bigint): number {
  const magnitude = n < 0n ? -n : n;
  if (magnitude === 0n) return 0;
  const hex = magnitude.toString(16);
  return 4 * (hex.length - 1) + (32 - Math.clz32(parseInt(hex[0]!, 16)));
}

/** floor(log2 |x|) for x other than 0. */
export function binaryExponent(x: Dyadic): number {
  return bitLength(x.mantissa) - 1 + x.exponent;
}

/** A double next to x: within one unit in the last place, infinite beyond the largest double. */
function near(x: Dyadic): number {
  if (x.mantissa === 0n) return 0;
  const length = bitLength(x.mantissa);
  const drop = Math.max(0, length - 64);
  const leading = Number(x.mantissa >> BigInt(drop));
  const exponent = x.exponent + drop;
  // |leading| < 2^64, so two steps reach every double without an early overflow or underflow.
  const half = Math.max(-1074, Math.min(900, exponent));
  const rest = Math.max(-1100, Math.min(1100, exponent - half));
  return leading * 2 ** half * 2 ** rest;
}

/** The largest double at or below x (-Infinity below the most negative double). */
export function roundDown(x: Dyadic): number {
  let value = near(x);
  if (value === Infinity) value = Number.MAX_VALUE;
  if (value === -Infinity) return value;
  while (compare(dyadic(value), x) > 0) value = nextDown(value);
  for (let above = nextUp(value); above !== Infinity && compare(dyadic(above), x) <= 0; above = nextUp(value))
    value = above;
  return value;
}

/** The smallest double at or above x (Infinity above the largest double). */
export function roundUp(x: Dyadic): number {
  return -roundDown(negate(x));
}

/** A double within one unit in the last place of x. */
export function toNumber(x: Dyadic): number {
  return near(x);
}

/** Dyadic bounds of x/y that agree to about `digits` binary digits; y is not 0. */
export function quotientBounds(x: Dyadic, y: Dyadic, digits: number): [lower: Dyadic, upper: Dyadic] {
  const shift = Math.max(0, digits + bitLength(y.mantissa) - bitLength(x.mantissa));
  let numerator = x.mantissa << BigInt(shift);
  let denominator = y.mantissa;
  if (denominator < 0n) [numerator, denominator] = [-numerator, -denominator];
  const truncated = numerator / denominator;
  const remainder = numerator % denominator;
  const exponent = x.exponent - shift - y.exponent;
  return [
    { mantissa: remainder < 0n ? truncated - 1n : truncated, exponent },
    { mantissa: remainder > 0n ? truncated + 1n : truncated, exponent },
  ];
}

/** The sign of x + sqrt(y), y >= 0. */
export function signOfSumWithRoot(x: Dyadic, y: Dyadic): number {
  const s = sign(x);
  if (s >= 0) return s > 0 || y.mantissa > 0n ? 1 : 0;
  return compare(y, multiply(x, x));
}

/** floor(sqrt(n)) of a non-negative integer, by Newton's iteration from above. */
function integerSquareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Dyadic bounds lower <= sqrt(x) <= upper that agree to about `digits` binary digits; x >= 0. */
export function squareRootBounds(x: Dyadic, digits: number): [lower: Dyadic, upper: Dyadic] {
  if (x.mantissa === 0n) return [zero, zero];
  let shift = Math.max(0, 2 * digits - bitLength(x.mantissa));
  if ((x.exponent - shift) % 2 !== 0) shift++;
  const radicand = x.mantissa << BigInt(shift);
  const root = integerSquareRoot(radicand);
  const exponent = (x.exponent - shift) / 2;
  const exact = root * root === radicand;
  return [
    { mantissa: root, exponent },
    { mantissa: exact ? root : root + 1n, exponent },
  ];
}

/** The next double above x; Infinity stays. */
export function nextUp(x: number): number {
  if (x === Infinity || Number.isNaN(x)) return x;
  if (x === 0) return Number.MIN_VALUE;
  float64[0] = x;
  bits64[0] = x > 0 ? bits64[0]! + 1n : bits64[0]! - 1n;
  return float64[0];
}

/** The next double below x; -Infinity stays. */
export function nextDown(x: number): number {
  return -nextUp(-x);
}
