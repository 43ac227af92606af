/**
 * The difference of two slices, later minus earlier, and the quartic that holds its zeros.
 *
 *   w_i = L_i + sqrt(q_i),   L_i = A + B rho c + B rho phi k,   q_i = B^2 ((phi k + c)^2 + s)     (hyperbola.ts)
 *   gap = L + sqrt(q_2) - sqrt(q_1),   L = L_2 - L_1
 *   F   = (q_1 - q_2 - L^2)^2 - 4 L^2 q_2
 *
 * F is the product of the four L +- sqrt(q_2) +- sqrt(q_1): every zero of the gap is a root of F, not the other way round. Which
 * roots are true is told by the sign of the gap itself, which at a dyadic k is decided by squaring, without a root taken.
 */
import type { Dyadic } from '../../math/dyadic.js';
import {
  add,
  compare,
  dyadic,
  multiply,
  negate,
  one,
  scaleByPowerOfTwo,
  sign,
  signOfSumWithRoot,
  squareRootBounds,
  subtract,
  toNumber,
} from '../../math/dyadic.js';
import type { DyadicPolynomial, IntegerPolynomial } from '../../math/polynomial.js';
import { addPolynomials, multiplyPolynomials, scalePolynomial, toIntegerPolynomial } from '../../math/polynomial.js';
import type { RoundedPolynomial } from '../../math/rounded-polynomial.js';
import {
  addRounded,
  inRange,
  multiplyRounded,
  rounded,
  scaleRounded,
  subtractRounded,
} from '../../math/rounded-polynomial.js';
import type { HyperbolicSlice } from './hyperbola.js';
import { exactHyperbola, isRawSvi } from './hyperbola.js';

/** L, q_1 and q_2 as exact polynomials in k. */
export interface VarianceGap {
  readonly line: DyadicPolynomial;
  readonly earlier: DyadicPolynomial;
  readonly later: DyadicPolynomial;
}

function lineAndRadicand(p: HyperbolicSlice): { line: DyadicPolynomial; radicand: DyadicPolynomial } {
  const { level, scale, plus, offset, squared, curvature } = exactHyperbola(p);
  const tilt = multiply(scale, subtract(plus, one));
  const u: DyadicPolynomial = [offset, curvature];
  return {
    line: addPolynomials([level], scalePolynomial(u, tilt)),
    radicand: scalePolynomial(addPolynomials(multiplyPolynomials(u, u), [squared]), multiply(scale, scale)),
  };
}

export function varianceGap(earlier: HyperbolicSlice, later: HyperbolicSlice): VarianceGap {
  const first = lineAndRadicand(earlier);
  const second = lineAndRadicand(later);
  return {
    line: addPolynomials(second.line, scalePolynomial(first.line, negate(one))),
    earlier: first.radicand,
    later: second.radicand,
  };
}

/** F, up to a positive power of two. */
export function gapQuartic({ line, earlier, later }: VarianceGap): IntegerPolynomial {
  const minus = negate(one);
  const squaredLine = multiplyPolynomials(line, line);
  const inner = addPolynomials(earlier, scalePolynomial(addPolynomials(later, squaredLine), minus));
  const outer = scalePolynomial(multiplyPolynomials(squaredLine, later), { mantissa: -4n, exponent: 0 });
  return toIntegerPolynomial(addPolynomials(multiplyPolynomials(inner, inner), outer));
}

/** The gap as a function of -k. */
export function mirrored({ line, earlier, later }: VarianceGap): VarianceGap {
  const flip = (p: DyadicPolynomial): DyadicPolynomial => p.map((c, i) => (i % 2 === 0 ? c : negate(c)));
  return { line: flip(line), earlier: flip(earlier), later: flip(later) };
}

/** x times the gap at k = 1/x, x > 0; at x = 0 it is the difference of the slopes of the right wings. */
export function inverted({ line, earlier, later }: VarianceGap): VarianceGap {
  return { line: [...line].reverse(), earlier: [...earlier].reverse(), later: [...later].reverse() };
}

/** Whether the two slices are one curve. */
export function isIdenticallyZero({ line, earlier, later }: VarianceGap): boolean {
  const difference = addPolynomials(earlier, scalePolynomial(later, negate(one)));
  return [...line, ...difference].every(({ mantissa }) => mantissa === 0n);
}

function valueAt(p: DyadicPolynomial, k: Dyadic): Dyadic {
  return p.reduceRight((sum, c) => add(multiply(sum, k), c), dyadic(0));
}

/** The sign of the gap at k, exactly: of (L + sqrt(q_2)) - sqrt(q_1). */
export function gapSign({ line, earlier, later }: VarianceGap, k: Dyadic): number {
  const L = valueAt(line, k);
  const q1 = valueAt(earlier, k);
  const q2 = valueAt(later, k);
  if (signOfSumWithRoot(L, q2) < 0) return -1;
  // Both sides are >= 0: compare their squares, L^2 + q_2 - q_1 + 2 L sqrt(q_2) with 0.
  const rest = subtract(add(multiply(L, L), q2), q1);
  const square = scaleByPowerOfTwo(multiply(multiply(L, L), q2), 2);
  if (sign(L) >= 0) return signOfSumWithRoot(rest, square);
  const opposite = signOfSumWithRoot(negate(rest), square);
  return opposite === 0 ? 0 : -opposite;
}

/** The gap at a double k to nearly all digits of a double, however close to 0 it is. */
export function gapValue({ line, earlier, later }: VarianceGap, k: number): number {
  const at = dyadic(k);
  const [first] = squareRootBounds(valueAt(earlier, at), 250);
  const [second] = squareRootBounds(valueAt(later, at), 250);
  return toNumber(subtract(add(valueAt(line, at), second), first));
}

/** Whether a wing of the later slice rises at least as fast as the earlier one's, exactly. */
export function wingRisesAsFast(earlier: HyperbolicSlice, later: HyperbolicSlice, right: boolean): boolean {
  const slope = (p: HyperbolicSlice): Dyadic => {
    const { scale, curvature, plus, minus } = exactHyperbola(p);
    return multiply(multiply(scale, curvature), right ? plus : minus);
  };
  return compare(slope(later), slope(earlier)) >= 0;
}

/** F in doubles with rounding bounds; undefined where parameters are so large or small that products could leave the doubles. */
export function roundedGapQuartic(earlier: HyperbolicSlice, later: HyperbolicSlice): RoundedPolynomial | undefined {
  const first = roundedParts(earlier);
  const second = roundedParts(later);
  if (first === undefined || second === undefined) return undefined;
  const line = subtractRounded(second.line, first.line);
  const squaredLine = multiplyRounded(line, line);
  const inner = subtractRounded(subtractRounded(first.radicand, second.radicand), squaredLine);
  const outer = scaleRounded(multiplyRounded(squaredLine, second.radicand), 4, 0);
  return subtractRounded(multiplyRounded(inner, inner), outer);
}

function roundedParts(p: HyperbolicSlice): { line: RoundedPolynomial; radicand: RoundedPolynomial } | undefined {
  if (isRawSvi(p)) {
    const { a, b, rho, m, sigma } = p;
    if (!inRange(32, a, b, rho, m, sigma)) return undefined;
    const tilt = b * rho; // 1 rounding
    const squares = addRounded(rounded([m * m], 1), rounded([sigma * sigma, -2 * m, 1], 1));
    return {
      line: addRounded(rounded([a], 0), rounded([-tilt * m, tilt], 2)),
      radicand: scaleRounded(squares, b * b, 1),
    };
  }
  const { theta, rho, phi } = p;
  if (!inRange(32, theta, rho, phi)) return undefined;
  const half = 0.5 * theta;
  return {
    line: rounded([half, half * rho * phi], 2),
    radicand: scaleRounded(rounded([1, 2 * rho * phi, phi * phi], 1), half * half, 1),
  };
}
