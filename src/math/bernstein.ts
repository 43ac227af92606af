/**
 * The sign pattern of a polynomial on t > 0 in doubles, with proved bounds on the rounding: right where it answers, and silent
 * where the doubles cannot tell.
 *
 *   p on [0, 1] in the Bernstein basis: the graph lies in the hull of the coefficients
 *     all > 0: p > 0        all < 0: p < 0        one variation: exactly one root
 *   anything else is halved by de Casteljau's algorithm; [1, infinity) is [0, 1] of t^n p(1/t)
 *
 * Lane and Riesenfeld, "Bounds on a polynomial" (1981).
 */
import type { RoundedPolynomial } from './rounded-polynomial.js';
import { roundingBound } from './rounded-polynomial.js';

/** A box in one of the two charts; x = t, or x = 1/t where `reversed`. */
export interface Box {
  readonly lower: number;
  readonly upper: number;
  readonly reversed: boolean;
}

/** What is proved about p on the box. 'root': one simple root inside, opposite signs at the ends. */
export interface Piece extends Box {
  readonly kind: 'positive' | 'negative' | 'root';
  /** For a root: whether p is negative at the end with the larger t. */
  readonly falls: boolean;
}

const MAXIMUM_DEPTH = 30;
const MAXIMUM_PIECES = 160;

/** Pieces that cover t > 0 from left to right, or undefined where rounding hides the signs. */
export function certifiedPieces(p: RoundedPolynomial): Piece[] | undefined {
  const pieces: Piece[] = [];
  if (!subdivide(p, false, pieces)) return undefined;
  const beyondOne: Piece[] = [];
  if (!subdivide(p, true, beyondOne)) return undefined;
  return pieces.concat(beyondOne.reverse());
}

/** No coefficient can be negative: p >= 0 on t >= 0. */
export function isSurelyNonNegative(p: RoundedPolynomial): boolean {
  const bound = roundingBound(p.roundings);
  return p.coefficients.every((c, i) => c >= bound * p.magnitudes[i]!);
}

function subdivide(p: RoundedPolynomial, reversed: boolean, pieces: Piece[]): boolean {
  const n = p.coefficients.length - 1;
  const coefficients: number[] = [];
  const errors: number[] = [];
  // b[i] = sum over j <= i of C(i, j) / C(n, j) c[j]
  const bound = roundingBound(p.roundings + n + 4);
  const weights = bernsteinWeights(n);
  for (let i = 0; i <= n; i++) {
    let value = 0;
    let magnitude = 0;
    for (let j = 0; j <= i; j++) {
      const weight = weights[i * (n + 1) + j]!;
      const at = reversed ? n - j : j;
      value += weight * p.coefficients[at]!;
      magnitude += weight * p.magnitudes[at]!;
    }
    coefficients.push(value);
    errors.push(bound * magnitude);
  }
  return divide(coefficients, errors, 0, 1, 0, reversed, pieces);
}

/** `b` and `errors` are overwritten. */
function divide(
  b: number[],
  errors: number[],
  lower: number,
  upper: number,
  depth: number,
  reversed: boolean,
  pieces: Piece[],
): boolean {
  const kind = classify(b, errors);
  if (kind !== 'mixed') {
    if (pieces.length >= MAXIMUM_PIECES) return false;
    const falls = kind === 'root' && (reversed ? b[0]! < 0 : b[0]! > 0);
    pieces.push({ lower, upper, reversed, kind, falls });
    return true;
  }
  if (depth === MAXIMUM_DEPTH) return false;
  const n = b.length - 1;
  const left: number[] = [];
  const leftErrors: number[] = [];
  // After step r the arrays hold the row of means in 0 .. n - r; what stays behind in n - r is the right half's coefficient.
  for (let r = 0; r <= n; r++) {
    left.push(b[0]!);
    leftErrors.push(errors[0]!);
    for (let i = 0; i < n - r; i++) {
      const value = 0.5 * (b[i]! + b[i + 1]!);
      b[i] = value;
      // The mean of the errors, plus one rounding of the value; the factor covers the roundings of this line itself.
      errors[i] = (0.5 * (errors[i]! + errors[i + 1]!) + 2 ** -53 * Math.abs(value)) * (1 + 2 ** -50);
    }
  }
  const middle = 0.5 * (lower + upper);
  return (
    divide(left, leftErrors, lower, middle, depth + 1, reversed, pieces) &&
    divide(b, errors, middle, upper, depth + 1, reversed, pieces)
  );
}

function classify(b: readonly number[], errors: readonly number[]): Piece['kind'] | 'mixed' {
  const n = b.length - 1;
  let allPositive = true;
  let allNegative = true;
  // Signs that are sure, and whether the unsure ones could add a variation to the single one seen.
  let last = 0;
  let variations = 0;
  let unsure = 0;
  let single = true;
  for (let i = 0; i <= n; i++) {
    const value = b[i]!;
    const error = errors[i]!;
    const sign = value > error ? 1 : value < -error ? -1 : 0;
    if (sign <= 0) allPositive = false;
    if (sign >= 0) allNegative = false;
    if (sign === 0) {
      unsure++;
    } else {
      // Between equal signs an unsure one may hide two variations; between opposite signs one adds nothing, two may.
      if (last === sign && unsure > 0) single = false;
      if (last !== 0 && last !== sign) {
        variations++;
        if (unsure > 1) single = false;
      }
      last = sign;
      unsure = 0;
    }
  }
  if (allPositive) return 'positive';
  if (allNegative) return 'negative';
  const endsSure = Math.abs(b[0]!) > errors[0]! && Math.abs(b[n]!) > errors[n]!;
  return variations === 1 && single && endsSure ? 'root' : 'mixed';
}

const weightTables = new Map<number, Float64Array>();

/** C(i, j) / C(n, j), row i, column j. */
function bernsteinWeights(n: number): Float64Array {
  const known = weightTables.get(n);
  if (known !== undefined) return known;
  const weights = new Float64Array((n + 1) * (n + 1));
  for (let i = 0; i <= n; i++) {
    let numerator = 1;
    let denominator = 1;
    for (let j = 0; j <= i; j++) {
      weights[i * (n + 1) + j] = numerator / denominator;
      numerator = (numerator * (i - j)) / (j + 1);
      denominator = (denominator * (n - j)) / (j + 1);
    }
  }
  weightTables.set(n, weights);
  return weights;
}
