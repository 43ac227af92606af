/**
 * Polynomials with exact coefficients. They are built with dyadic coefficients from stored doubles; their signs and roots are
 * then decided on integer coefficients, which a positive power of two turns them into.
 *
 *   p(t) = c[0] + c[1] t + ... + c[n] t^n
 */
import type { Dyadic } from './dyadic.js';
import { add as addDyadic, bitLength, multiply as multiplyDyadic, zero } from './dyadic.js';

/** Dyadic coefficients, lowest power first. */
export type DyadicPolynomial = readonly Dyadic[];

/** Integer coefficients, lowest power first, the last one not 0; empty is the zero polynomial. */
export type IntegerPolynomial = readonly bigint[];

export function addPolynomials(p: DyadicPolynomial, q: DyadicPolynomial): DyadicPolynomial {
  return Array.from({ length: Math.max(p.length, q.length) }, (_, i) => addDyadic(p[i] ?? zero, q[i] ?? zero));
}

export function multiplyPolynomials(p: DyadicPolynomial, q: DyadicPolynomial): DyadicPolynomial {
  if (p.length === 0 || q.length === 0) return [];
  const product: Dyadic[] = new Array<Dyadic>(p.length + q.length - 1).fill(zero);
  p.forEach((x, i) => {
    if (x.mantissa === 0n) return;
    q.forEach((y, j) => {
      product[i + j] = addDyadic(product[i + j]!, multiplyDyadic(x, y));
    });
  });
  return product;
}

/** c p. */
export function scalePolynomial(p: DyadicPolynomial, c: Dyadic): DyadicPolynomial {
  return p.map((x) => multiplyDyadic(x, c));
}

/** A positive power of two times p, with integer coefficients: the same signs and the same roots. */
export function toIntegerPolynomial(p: DyadicPolynomial): IntegerPolynomial {
  let least = Infinity;
  for (const { mantissa, exponent } of p) if (mantissa !== 0n) least = Math.min(least, exponent);
  return trim(p.map(({ mantissa, exponent }) => (mantissa === 0n ? 0n : mantissa << BigInt(exponent - least))));
}

/** Without leading zeros, and without the power of two common to all coefficients. */
export function trim(p: IntegerPolynomial): IntegerPolynomial {
  let length = p.length;
  while (length > 0 && p[length - 1] === 0n) length--;
  let common = 0n;
  for (const c of p) common |= c;
  if (common === 0n) return [];
  const twos = BigInt(bitLength(common & -common) - 1);
  return p.slice(0, length).map((c) => c >> twos);
}

export function degree(p: IntegerPolynomial): number {
  return p.length - 1;
}

export function derivative(p: IntegerPolynomial): IntegerPolynomial {
  return p.slice(1).map((c, i) => c * BigInt(i + 1));
}

/** t^n p(1/t): the reciprocal roots. */
export function reverse(p: IntegerPolynomial): IntegerPolynomial {
  return trim([...p].reverse());
}

/** p(-t). */
export function reflect(p: IntegerPolynomial): IntegerPolynomial {
  return p.map((c, i) => (i % 2 === 0 ? c : -c));
}

/** p without its factors of t, and how many there were. */
export function splitZeroRoot(p: IntegerPolynomial): { rest: IntegerPolynomial; multiplicity: number } {
  let multiplicity = 0;
  while (multiplicity < p.length && p[multiplicity] === 0n) multiplicity++;
  return { rest: p.slice(multiplicity), multiplicity };
}

/** p at a dyadic point. */
export function evaluate(p: IntegerPolynomial, t: Dyadic): Dyadic {
  const n = degree(p);
  if (n < 0) return zero;
  if (t.exponent >= 0) {
    const x = t.mantissa << BigInt(t.exponent);
    let value = 0n;
    for (let i = n; i >= 0; i--) value = value * x + p[i]!;
    return { mantissa: value, exponent: 0 };
  }
  // 2^(n s) p(m / 2^s) = sum of c[i] m^i 2^(s (n - i))
  const s = BigInt(-t.exponent);
  let value = p[n]!;
  for (let i = n - 1; i >= 0; i--) value = value * t.mantissa + (p[i]! << (s * BigInt(n - i)));
  return { mantissa: value, exponent: t.exponent * n };
}

/** The sign of p at a dyadic point. */
export function signAt(p: IntegerPolynomial, t: Dyadic): number {
  const { mantissa } = evaluate(p, t);
  return mantissa > 0n ? 1 : mantissa < 0n ? -1 : 0;
}

/** Changes of sign along a row of numbers, zeros left out. */
export function signVariations(row: Iterable<bigint | number>): number {
  let variations = 0;
  let last = 0;
  for (const x of row) {
    const sign = x > 0 ? 1 : x < 0 ? -1 : 0;
    if (sign === 0) continue;
    if (last !== 0 && sign !== last) variations++;
    last = sign;
  }
  return variations;
}

/** A positive multiple of the remainder of p by q; q is not 0. */
export function positiveRemainder(p: IntegerPolynomial, q: IntegerPolynomial): bigint[] {
  const remainder = [...p];
  const lead = q[q.length - 1]!;
  const size = lead < 0n ? -lead : lead;
  for (let top = p.length - 1; top >= q.length - 1; top--) {
    const factor = lead < 0n ? -remainder[top]! : remainder[top]!;
    for (let i = 0; i < top; i++) remainder[i] = remainder[i]! * size;
    const shift = top - (q.length - 1);
    for (let i = 0; i < q.length - 1; i++) remainder[i + shift] = remainder[i + shift]! - factor * q[i]!;
    remainder.length = top;
  }
  return remainder;
}

/** The quotient of p by a divisor that leaves no remainder over the rationals, with integer coefficients and the same sign. */
export function exactQuotient(p: IntegerPolynomial, divisor: IntegerPolynomial): IntegerPolynomial {
  const lead = divisor[divisor.length - 1]!;
  const size = lead < 0n ? -lead : lead;
  const steps = p.length - divisor.length + 1;
  const remainder = p.map((c) => c * size ** BigInt(steps));
  const quotient: bigint[] = new Array<bigint>(steps).fill(0n);
  for (let i = steps - 1; i >= 0; i--) {
    const factor = remainder[i + divisor.length - 1]! / lead;
    quotient[i] = factor;
    divisor.forEach((c, j) => {
      remainder[i + j] = remainder[i + j]! - factor * c;
    });
  }
  return primitivePart(quotient);
}

function greatestCommonDivisor(x: bigint, y: bigint): bigint {
  let a = x < 0n ? -x : x;
  let b = y < 0n ? -y : y;
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** p divided by the positive greatest common divisor of its coefficients. */
export function primitivePart(p: IntegerPolynomial): IntegerPolynomial {
  const trimmed = trim(p);
  let content = 0n;
  for (const c of trimmed) {
    content = greatestCommonDivisor(content, c);
    if (content === 1n) return trimmed;
  }
  return trimmed.map((c) => c / content);
}
