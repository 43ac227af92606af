/**
 * Real numbers of 80 decimal digits, the arithmetic of every reference value in the tests (mathjs BigNumber). A double enters with
 * the exact value of its bits, never through its shortest decimal form; a decimal string enters as it is written.
 */
import { all, create, type BigNumber, type FactoryFunctionMap } from 'mathjs';

export type Real = BigNumber;
/** What a reference function takes: a real, a double (its exact binary value) or a decimal string. */
export type RealLike = Real | number | string;

const DIGITS = 80;
const decimal = create(all as FactoryFunctionMap, { number: 'BigNumber', precision: DIGITS });

function parse(text: string): Real {
  return decimal.bignumber(text);
}

/** The exact value of a finite double, a real as it is, or a decimal string as it is written. */
export function real(value: RealLike): Real {
  if (typeof value === 'string') return parse(value);
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  if (Number.isSafeInteger(value)) return parse(String(value));
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const magnitude = parse(mantissa.toString()).mul(powerOfTwo((biased === 0 ? 1 : biased) - 1075));
  return value < 0 ? magnitude.neg() : magnitude;
}

const powers = new Map<number, Real>();

function powerOfTwo(exponent: number): Real {
  let power = powers.get(exponent);
  if (power === undefined) {
    power = parse('2').pow(exponent);
    powers.set(exponent, power);
  }
  return power;
}

/** Bits after the point of a fixed-point number: 96 decimal digits. */
export const FIXED_BITS = 320n;
const FIXED_ONE = powerOfTwo(Number(FIXED_BITS));

/** The nearest integer to value * 2^FIXED_BITS. */
export function toFixedPoint(value: Real): bigint {
  return BigInt(value.mul(FIXED_ONE).toFixed(0));
}

/** value / 2^FIXED_BITS. */
export function fromFixedPoint(value: bigint): Real {
  return parse(value.toString()).div(FIXED_ONE);
}

export const ZERO = real(0);
export const ONE = real(1);
export const TWO = real(2);
export const HALF = real(0.5);
export const PI = parse(
  '3.1415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679821480865',
);
export const SQRT_TWO_PI = PI.mul(2).sqrt();

/** (approximation - exact) / |exact| as a double; 0 where both are 0, Infinity where only the exact value is. */
export function relativeError(approximation: number, exact: Real): number {
  const difference = real(approximation).sub(exact);
  if (difference.isZero()) return 0;
  return exact.isZero() ? Infinity : difference.div(exact.abs()).toNumber();
}
