/**
 * Where an integer polynomial is positive and where it is negative on t > 0, exactly: its real roots in disjoint brackets with
 * dyadic ends, and its sign in every gap between them. Roots are counted by Sturm's theorem,
 *
 *   roots in (a, b] = V(a) - V(b),   V = sign variations along p, p', -rem(p, p'), ...
 *
 * Sturm (1829); subresultants keep the coefficients of the sequence small, Brown and Traub (1971).
 */
import type { Dyadic } from './dyadic.js';
import { add, binaryExponent, bitLength, compare, scaleByPowerOfTwo, subtract } from './dyadic.js';
import type { IntegerPolynomial } from './polynomial.js';
import {
  degree,
  derivative,
  exactQuotient,
  positiveRemainder,
  reverse,
  signAt,
  signVariations,
  splitZeroRoot,
  trim,
} from './polynomial.js';

/** One real root: lower < root < upper, or lower = root = upper. */
export interface RootBracket {
  readonly lower: Dyadic;
  readonly upper: Dyadic;
}

export interface SignPattern {
  /** The distinct roots in t > 0, ascending; no two brackets touch. */
  readonly roots: readonly RootBracket[];
  /** The sign of p before the first root, between neighbours, and after the last: one more than there are roots. */
  readonly signs: readonly number[];
  /** A polynomial with the same roots, each simple. */
  readonly squareFree: IntegerPolynomial;
}

function absolute(n: bigint): bigint {
  return n < 0n ? -n : n;
}

function stripZeros(p: bigint[]): bigint[] {
  while (p.length > 0 && p[p.length - 1] === 0n) p.pop();
  return p;
}

/**
 * Sturm's sequence of p, each member times a positive constant: the subresultants with the signs of Sturm. The last member is
 * the greatest common divisor of p and p', up to a constant.
 */
export function sturmSequence(p: IntegerPolynomial): IntegerPolynomial[] {
  const sequence: IntegerPolynomial[] = [p];
  let previous = p;
  let current: IntegerPolynomial = derivative(p);
  let scale = 1n;
  for (let first = true; current.length > 0; first = false) {
    sequence.push(current);
    const drop = previous.length - current.length;
    const divisor = first ? 1n : absolute(previous[previous.length - 1]!) * scale ** BigInt(drop);
    const lead = absolute(current[current.length - 1]!);
    const next = stripZeros(positiveRemainder(previous, current).map((c) => -c / divisor));
    scale = drop === 1 ? lead : lead ** BigInt(drop) / scale ** BigInt(drop - 1);
    previous = current;
    current = next;
  }
  return sequence;
}

/** p with every root made simple. */
export function squareFreePart(p: IntegerPolynomial): IntegerPolynomial {
  const divisor = sturmSequence(p).at(-1)!;
  return divisor.length > 1 ? exactQuotient(p, divisor) : p;
}

/** A power of two above every positive root (Fujiwara's bound, rounded up). */
export function rootBoundExponent(p: IntegerPolynomial): number {
  const n = degree(p);
  const lead = bitLength(p[n]!) - 1;
  let bound = -Infinity;
  for (let i = 1; i <= n; i++) {
    const c = p[n - i]!;
    if (c !== 0n) bound = Math.max(bound, Math.ceil((bitLength(c) - lead) / i));
  }
  return bound + 1;
}

function midpoint(x: Dyadic, y: Dyadic): Dyadic {
  return scaleByPowerOfTwo(add(x, y), -1);
}

/** A point between two positive ones: a power of two where they are far apart, else the middle. */
function between(lower: Dyadic, upper: Dyadic): Dyadic {
  const low = binaryExponent(lower);
  const high = binaryExponent(upper);
  return high - low > 2 ? { mantissa: 1n, exponent: Math.floor((low + high) / 2) + 1 } : midpoint(lower, upper);
}

/** The bracket halved around its root; `squareFree` has the root once and no other in the bracket. */
export function halve(squareFree: IntegerPolynomial, { lower, upper }: RootBracket): RootBracket {
  if (compare(lower, upper) === 0) return { lower, upper };
  const middle = midpoint(lower, upper);
  const sign = signAt(squareFree, middle);
  if (sign === 0) return { lower: middle, upper: middle };
  return sign === signAt(squareFree, upper) ? { lower, upper: middle } : { lower: middle, upper };
}

/** The bracket refined to a width of 2^-digits of its upper end. */
export function refine(squareFree: IntegerPolynomial, bracket: RootBracket, digits: number): RootBracket {
  let { lower, upper } = bracket;
  if (compare(lower, upper) === 0) return bracket;
  const upperSign = signAt(squareFree, upper);
  for (;;) {
    const width = subtract(upper, lower);
    if (width.mantissa === 0n || binaryExponent(width) < binaryExponent(upper) - digits) return { lower, upper };
    const middle = between(lower, upper);
    const sign = signAt(squareFree, middle);
    if (sign === 0) return { lower: middle, upper: middle };
    if (sign === upperSign) upper = middle;
    else lower = middle;
  }
}

/** Brackets made disjoint, and the sign of p in every gap. `found` is ascending; neighbours may share an end. */
export function completePattern(
  p: IntegerPolynomial,
  squareFree: IntegerPolynomial,
  found: RootBracket[],
): SignPattern {
  const roots = found.map((bracket) =>
    signAt(squareFree, bracket.upper) === 0 ? { lower: bracket.upper, upper: bracket.upper } : bracket,
  );
  for (let i = 0; i + 1 < roots.length; i++) {
    while (compare(roots[i]!.upper, roots[i + 1]!.lower) >= 0) {
      roots[i] = halve(squareFree, roots[i]!);
      roots[i + 1] = halve(squareFree, roots[i + 1]!);
    }
  }
  if (roots.length === 0) return { roots, signs: [signAt(p, { mantissa: 1n, exponent: 0 })], squareFree };
  const signs = [signAt(p, scaleByPowerOfTwo(roots[0]!.lower, -1))];
  for (let i = 0; i + 1 < roots.length; i++) signs.push(signAt(p, midpoint(roots[i]!.upper, roots[i + 1]!.lower)));
  signs.push(signAt(p, scaleByPowerOfTwo(roots.at(-1)!.upper, 1)));
  return { roots, signs, squareFree };
}

/** The positive roots and the signs of a polynomial that is not 0, by Sturm's theorem and bisection. */
export function signPattern(p: IntegerPolynomial): SignPattern {
  const { rest } = splitZeroRoot(p);
  let sequence = sturmSequence(rest);
  let squareFree: IntegerPolynomial = rest;
  if (sequence.at(-1)!.length > 1) {
    squareFree = exactQuotient(rest, sequence.at(-1)!);
    sequence = sturmSequence(squareFree);
  }
  const variationsAt = (t: Dyadic): number => signVariations(sequence.map((q) => signAt(q, t)));
  const atZero = signVariations(sequence.map((q) => q[0]!));
  const atInfinity = signVariations(sequence.map((q) => q[q.length - 1]!));
  const found: RootBracket[] = [];

  /** `below` and `above` are the variations at the open ends; a root at `upper` is not counted. */
  const search = (lower: Dyadic, upper: Dyadic, count: number, below: number): void => {
    if (count === 0) return;
    if (count === 1) {
      found.push({ lower, upper });
      return;
    }
    const middle = between(lower, upper);
    const variations = variationsAt(middle);
    const hit = signAt(squareFree, middle) === 0 ? 1 : 0;
    const left = below - variations - hit;
    search(lower, middle, left, below);
    if (hit === 1) found.push({ lower: middle, upper: middle });
    search(middle, upper, count - left - hit, variations);
  };

  if (atZero > atInfinity) {
    const lower: Dyadic = { mantissa: 1n, exponent: -rootBoundExponent(reverse(squareFree)) };
    const upper: Dyadic = { mantissa: 1n, exponent: rootBoundExponent(squareFree) };
    search(lower, upper, atZero - atInfinity, atZero);
  }
  // A bracket that ends in its neighbour's exact root is moved off it, so that the sign at its end tells the side of its own.
  for (let i = 0; i < found.length; i++) {
    while (isOpen(found[i]!) && signAt(squareFree, found[i]!.upper) === 0) found[i] = offUpperEnd(found[i]!);
  }
  return completePattern(trim(p), squareFree, found);

  function isOpen({ lower, upper }: RootBracket): boolean {
    return compare(lower, upper) !== 0;
  }

  /** Half of an open bracket whose upper end is another root. */
  function offUpperEnd({ lower, upper }: RootBracket): RootBracket {
    const middle = between(lower, upper);
    if (signAt(squareFree, middle) === 0) return { lower: middle, upper: middle };
    const inLower = variationsAt(lower) - variationsAt(middle) > 0;
    return inLower ? { lower, upper: middle } : { lower: middle, upper };
  }
}

/** Number of distinct roots in the open interval (lower, upper), neither end a root. */
export function countRoots(p: IntegerPolynomial, lower: Dyadic, upper: Dyadic): number {
  const sequence = sturmSequence(squareFreePart(p));
  const variationsAt = (t: Dyadic): number => signVariations(sequence.map((q) => signAt(q, t)));
  return variationsAt(lower) - variationsAt(upper);
}
