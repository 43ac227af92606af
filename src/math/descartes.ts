/**
 * The positive roots of an integer polynomial by Descartes' rule of signs and bisection: a second, independent way to the sign
 * pattern of real-roots.ts.
 *
 *   p on [0, 1] in the Bernstein basis:  sign variations of its coefficients = number of roots in (0, 1) + an even number
 *
 * Coefficients all >= 0 give p >= 0; one variation gives exactly one root; anything else is halved by de Casteljau's algorithm.
 * Vincent (1836); Collins and Akritas (1976); Lane and Riesenfeld (1981).
 */
import type { Dyadic } from './dyadic.js';
import type { IntegerPolynomial } from './polynomial.js';
import { degree, derivative, signVariations, splitZeroRoot, trim } from './polynomial.js';
import type { RootBracket, SignPattern } from './real-roots.js';
import { completePattern, rootBoundExponent, squareFreePart } from './real-roots.js';

/** A prime below 2^26, so that products of residues are exact doubles. */
const PRIME = 67108859;

/** True only if p has no multiple root: shown modulo a prime, where p and p' have no common factor. False says nothing. */
export function isSurelySquareFree(p: IntegerPolynomial): boolean {
  const residues = (q: IntegerPolynomial): number[] =>
    q.map((c) => Number(((c % BigInt(PRIME)) + BigInt(PRIME)) % BigInt(PRIME)));
  let a = residues(p);
  let b = residues(derivative(p));
  if (a.at(-1) === 0 || b.at(-1) === 0) return false;
  while (b.length > 1) {
    const inverse = inverseModulo(b.at(-1)!);
    while (a.length >= b.length) {
      const factor = (a.at(-1)! * inverse) % PRIME;
      const shift = a.length - b.length;
      for (let i = 0; i < b.length; i++) {
        a[i + shift] = (a[i + shift]! - ((factor * b[i]!) % PRIME) + PRIME) % PRIME;
      }
      a.pop();
    }
    while (a.length > 0 && a.at(-1) === 0) a.pop();
    if (a.length === 0) return false;
    [a, b] = [b, a];
  }
  return true;
}

function inverseModulo(x: number): number {
  let result = 1;
  let base = x;
  for (let power = PRIME - 2; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) result = (result * base) % PRIME;
    base = (base * base) % PRIME;
  }
  return result;
}

function binomial(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 1; i <= k; i++) value = (value * BigInt(n - k + i)) / BigInt(i);
  return value;
}

/** Bernstein coefficients on [0, 2^exponent] times a positive constant. */
function bernsteinCoefficients(p: IntegerPolynomial, exponent: number): bigint[] {
  const n = degree(p);
  // c[j] 2^(e j), brought to integers; times n! / C(n, j) so that the change of basis stays in integers.
  const shift = exponent < 0 ? -exponent * n : 0;
  let factorial = 1n;
  for (let i = 2; i <= n; i++) factorial *= BigInt(i);
  const scaled = p.map((c, j) => ((c << BigInt(exponent * j + shift)) * factorial) / binomial(n, j));
  return scaled.map((_, i) => {
    let sum = 0n;
    for (let j = 0; j <= i; j++) sum += binomial(i, j) * scaled[j]!;
    return sum;
  });
}

/** The coefficients on the two halves, times 2^n. */
function split(coefficients: readonly bigint[]): [left: bigint[], right: bigint[]] {
  const n = coefficients.length - 1;
  const row = [...coefficients];
  const left: bigint[] = new Array<bigint>(n + 1);
  const right: bigint[] = new Array<bigint>(n + 1);
  for (let r = 0; r <= n; r++) {
    left[r] = row[0]! << BigInt(n - r);
    right[n - r] = row[n - r]! << BigInt(n - r);
    for (let i = 0; i < n - r; i++) row[i] = row[i]! + row[i + 1]!;
  }
  return [left, right];
}

/** The sign pattern on t > 0 of a polynomial that is not 0, by Descartes' rule and bisection. */
export function signPatternByDescartes(p: IntegerPolynomial): SignPattern {
  const { rest } = splitZeroRoot(p);
  const squareFree = degree(rest) < 1 || isSurelySquareFree(rest) ? rest : squareFreePart(rest);
  const found: RootBracket[] = [];

  /** The box is (index, index + 1) 2^exponent. */
  const search = (coefficients: readonly bigint[], index: bigint, exponent: number): void => {
    const variations = signVariations(coefficients);
    if (variations === 0) return;
    if (variations === 1 && index > 0n && coefficients.at(-1) !== 0n) {
      found.push({ lower: point(index, exponent), upper: point(index + 1n, exponent) });
      return;
    }
    const [left, right] = split(coefficients);
    search(left, 2n * index, exponent - 1);
    if (right[0] === 0n) {
      const middle = point(2n * index + 1n, exponent - 1);
      found.push({ lower: middle, upper: middle });
    }
    search(right, 2n * index + 1n, exponent - 1);
  };

  if (degree(squareFree) >= 1 && signVariations(squareFree) > 0) {
    const exponent = rootBoundExponent(squareFree);
    search(bernsteinCoefficients(squareFree, exponent), 0n, exponent);
  }
  return completePattern(trim(p), squareFree, found);
}

function point(index: bigint, exponent: number): Dyadic {
  return { mantissa: index, exponent };
}
