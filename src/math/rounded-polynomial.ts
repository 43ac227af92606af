/**
 * Polynomials in doubles that know how wrong they can be. Beside every coefficient runs the same computation on absolute values
 * (its magnitude) and one count of roundings n for the whole polynomial:
 *
 *   |computed - exact| <= gamma(n) magnitude,   gamma(n) = n u / (1 - n u),   u = 2^-53
 *
 * Each coefficient is a sum of products of inputs, and no product passes through more than n roundings (Higham, "Accuracy and
 * stability of numerical algorithms", 2002, section 3.1). It holds while nothing under- or overflows: the caller keeps the sizes
 * of its inputs such that every product of them stays within 2^-600 .. 2^600, or is 0.
 */

export interface RoundedPolynomial {
  /** Lowest power first. */
  readonly coefficients: readonly number[];
  readonly magnitudes: readonly number[];
  readonly roundings: number;
}

const UNIT = 2 ** -53;

/** A bound on the relative error after n roundings, itself rounded up; it also covers the rounding of the magnitudes. */
export function roundingBound(n: number): number {
  return (1.01 * n * UNIT) / (1 - 4 * n * UNIT);
}

/** Coefficients that are within `roundings` roundings of what they stand for. */
export function rounded(coefficients: readonly number[], roundings: number): RoundedPolynomial {
  return { coefficients, magnitudes: coefficients.map(Math.abs), roundings };
}

export function addRounded(p: RoundedPolynomial, q: RoundedPolynomial): RoundedPolynomial {
  return combine(p, q, 1);
}

export function subtractRounded(p: RoundedPolynomial, q: RoundedPolynomial): RoundedPolynomial {
  return combine(p, q, -1);
}

function combine(p: RoundedPolynomial, q: RoundedPolynomial, sign: number): RoundedPolynomial {
  const length = Math.max(p.coefficients.length, q.coefficients.length);
  const coefficients: number[] = [];
  const magnitudes: number[] = [];
  for (let i = 0; i < length; i++) {
    coefficients.push((p.coefficients[i] ?? 0) + sign * (q.coefficients[i] ?? 0));
    magnitudes.push((p.magnitudes[i] ?? 0) + (q.magnitudes[i] ?? 0));
  }
  return { coefficients, magnitudes, roundings: Math.max(p.roundings, q.roundings) + 1 };
}

export function multiplyRounded(p: RoundedPolynomial, q: RoundedPolynomial): RoundedPolynomial {
  const n = p.coefficients.length;
  const m = q.coefficients.length;
  const coefficients: number[] = [];
  const magnitudes: number[] = [];
  for (let k = 0; k < n + m - 1; k++) {
    let value = 0;
    let magnitude = 0;
    for (let i = Math.max(0, k - m + 1); i <= k && i < n; i++) {
      value += p.coefficients[i]! * q.coefficients[k - i]!;
      magnitude += p.magnitudes[i]! * q.magnitudes[k - i]!;
    }
    coefficients.push(value);
    magnitudes.push(magnitude);
  }
  // One for the product, and one for each addition to it but the first.
  return { coefficients, magnitudes, roundings: p.roundings + q.roundings + Math.min(n, m) };
}

/** Whether every number is 0 or has a size within 2^-range .. 2^range. */
export function inRange(range: number, ...numbers: readonly number[]): boolean {
  return numbers.every((x) => x === 0 || (Math.abs(x) >= 2 ** -range && Math.abs(x) <= 2 ** range));
}

/** c p, where c is within `roundings` roundings of what it stands for. */
export function scaleRounded(p: RoundedPolynomial, c: number, roundings: number): RoundedPolynomial {
  return {
    coefficients: p.coefficients.map((x) => x * c),
    magnitudes: p.magnitudes.map((x) => x * Math.abs(c)),
    roundings: p.roundings + roundings + 1,
  };
}

/** A value and a bound on its distance from the exact one. */
export interface RoundedValue {
  value: number;
  error: number;
}

/** p(t) by Horner's rule with its error bound, for t >= 0, into `out`; the direction is reversed for t^n p(1/t). */
export function evaluateRounded(p: RoundedPolynomial, t: number, reversed: boolean, out: RoundedValue): void {
  const n = p.coefficients.length - 1;
  let value = 0;
  let magnitude = 0;
  for (let i = 0; i <= n; i++) {
    const at = reversed ? i : n - i;
    value = value * t + p.coefficients[at]!;
    magnitude = magnitude * t + p.magnitudes[at]!;
  }
  out.value = value;
  out.error = roundingBound(p.roundings + 2 * n + 2) * magnitude;
}
