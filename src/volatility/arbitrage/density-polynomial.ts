/**
 * The polynomial whose sign on t > 0 is the sign of the density of a slice.
 *
 *   g(k) = (1 - k w'/(2w))^2 - (w'^2/4)(1/w + 1/4) + w''/2,   density of ln(S/F) = g phi(d2)/sqrt(w)
 *
 * In the variable t of hyperbola.ts, with P = 2 t w, Q = W (rho + u/R), W = 2 t R, M = 2 t phi k:
 *
 *   P = B (1 + rho) t^2 + 2 A t + B (1 - rho) s     Q = (1 + rho) t^2 - (1 - rho) s
 *   W = t^2 + s                                     M = t^2 - 2 c t - s
 *
 *   D = 4 W (2 P W - B Q M)^2 - phi^2 B^2 Q^2 (8 t + P) P W + 64 phi^2 B s t^3 P^2,     g = D / (16 P^2 W^3)
 *
 * The first and the last coefficient of D are B^2 (1 -+ rho)^2 (4 - phi^2 B^2 (1 -+ rho)^2) up to a power of s: Lee's bounds.
 * For SSVI P = B (1 + rho) (t + q)^2 and M = (t - 1 - rho)(t + q) with q = 1 - rho, the factor (t + q)^4 drops out, and
 *
 *   E = 16 W (W + 2 t)^2 - 16 phi^2 theta (1 + rho) t (t - q)^2 W - phi^2 theta^2 (1 + rho)^2 (t^2 - q^2)^2 W
 *       + 128 phi^2 theta s t^3,     g = E / (64 W^3)
 *
 * of degree six. Gatheral and Jacquier (2014), equation 2.1, for g; the derivation is in docs/maths-no-arbitrage.md.
 */
import type { Dyadic } from '../../math/dyadic.js';
import {
  add,
  binaryExponent,
  dyadic,
  multiply,
  negate,
  one,
  scaleByPowerOfTwo,
  subtract,
  zero,
} from '../../math/dyadic.js';
import type { DyadicPolynomial } from '../../math/polynomial.js';
import { addPolynomials, multiplyPolynomials, scalePolynomial } from '../../math/polynomial.js';
import type { RoundedPolynomial } from '../../math/rounded-polynomial.js';
import {
  addRounded,
  inRange,
  multiplyRounded,
  rounded,
  scaleRounded,
  subtractRounded,
} from '../../math/rounded-polynomial.js';
import type { SsviSlice, SviParameters } from '../smile/parameters.js';
import type { ExactHyperbola, HyperbolicSlice } from './hyperbola.js';
import { exactHyperbola, isRawSvi } from './hyperbola.js';

function integer(n: number): Dyadic {
  return { mantissa: BigInt(n), exponent: 0 };
}

function product(...factors: readonly Dyadic[]): Dyadic {
  return factors.reduce(multiply);
}

/** The polynomial of a slice, exactly: D for raw SVI, E for SSVI. */
export function exactDensityPolynomial(p: HyperbolicSlice): DyadicPolynomial {
  return isRawSvi(p) ? generalDensityPolynomial(exactHyperbola(p)) : ssviDensityPolynomial(p);
}

/** D, exactly, for either kind of slice. */
export function generalDensityPolynomial(h: ExactHyperbola): DyadicPolynomial {
  const { level, scale, plus, minus, offset, squared, curvature } = h;
  const P: DyadicPolynomial = [product(scale, minus, squared), scaleByPowerOfTwo(level, 1), multiply(scale, plus)];
  const Q: DyadicPolynomial = [negate(multiply(minus, squared)), zero, plus];
  const W: DyadicPolynomial = [squared, zero, one];
  const M: DyadicPolynomial = [negate(squared), scaleByPowerOfTwo(negate(offset), 1), one];
  const phi2 = multiply(curvature, curvature);
  const PW = multiplyPolynomials(P, W);
  const root = addPolynomials(
    scalePolynomial(PW, integer(2)),
    scalePolynomial(multiplyPolynomials(Q, M), negate(scale)),
  );
  const eightTPlusP: DyadicPolynomial = [P[0]!, add(P[1]!, integer(8)), P[2]!];
  const slope = multiplyPolynomials(multiplyPolynomials(Q, Q), multiplyPolynomials(eightTPlusP, PW));
  const bend = multiplyPolynomials([zero, zero, zero, one], multiplyPolynomials(P, P));
  return addPolynomials(
    addPolynomials(
      scalePolynomial(multiplyPolynomials(W, multiplyPolynomials(root, root)), integer(4)),
      scalePolynomial(slope, negate(product(phi2, scale, scale))),
    ),
    scalePolynomial(bend, product(integer(64), phi2, scale, squared)),
  );
}

function ssviDensityPolynomial({ theta, rho, phi }: SsviSlice): DyadicPolynomial {
  const plus = add(one, dyadic(rho));
  const q = subtract(one, dyadic(rho));
  const s = multiply(plus, q);
  const phi2 = multiply(dyadic(phi), dyadic(phi));
  const level = dyadic(theta);
  const W: DyadicPolynomial = [s, zero, one];
  const sum: DyadicPolynomial = [s, integer(2), one];
  const away: DyadicPolynomial = [negate(q), one];
  const both: DyadicPolynomial = [negate(multiply(q, q)), zero, one];
  const first = scalePolynomial(multiplyPolynomials(W, multiplyPolynomials(sum, sum)), integer(16));
  const second = scalePolynomial(
    multiplyPolynomials(W, multiplyPolynomials([zero, one], multiplyPolynomials(away, away))),
    product(integer(-16), phi2, level, plus),
  );
  const third = scalePolynomial(
    multiplyPolynomials(W, multiplyPolynomials(both, both)),
    product(integer(-1), phi2, level, level, plus, plus),
  );
  const fourth: DyadicPolynomial = [zero, zero, zero, product(integer(128), phi2, level, s)];
  return addPolynomials(addPolynomials(first, second), addPolynomials(third, fourth));
}

/** The polynomial in doubles with its rounding bounds; t is `unit` times its variable, `unit` a power of two. */
export interface RoundedDensity {
  readonly polynomial: RoundedPolynomial;
  readonly unit: number;
}

/** Undefined where the parameters are so large or small that products of doubles could overflow or vanish. */
export function roundedDensityPolynomial(p: HyperbolicSlice): RoundedDensity | undefined {
  return isRawSvi(p) ? roundedGeneral(p) : roundedSsvi(p);
}

function roundedGeneral({ a, b, rho, m, sigma }: SviParameters): RoundedDensity | undefined {
  if (!inRange(64, a, b, m, sigma)) return undefined;
  // In units of 2^floor(log2 sigma) the width is within [1, 2); a power of two rounds nothing.
  const unit = 2 ** binaryExponent(dyadic(sigma));
  const scale = b * unit;
  const curvature = 1 / unit;
  const width = sigma / unit;
  if (!inRange(64, a, scale, m / unit, curvature)) return undefined;
  const squared = width * width; // 1 rounding
  const plus = 1 + rho; // 1
  const minus = 1 - rho; // 1
  const P = rounded([scale * (minus * squared), 2 * a, scale * plus], 4);
  const Q = rounded([-minus * squared, 0, plus], 3);
  const W = rounded([squared, 0, 1], 1);
  const M = rounded([-squared, (2 * m) / unit, 1], 1);
  const PW = multiplyRounded(P, W);
  const root = subtractRounded(scaleRounded(PW, 2, 0), scaleRounded(multiplyRounded(Q, M), scale, 0));
  const first = scaleRounded(multiplyRounded(W, multiplyRounded(root, root)), 4, 0);
  const eightTPlusP = addRounded(P, rounded([0, 8], 0));
  const slope = multiplyRounded(multiplyRounded(Q, Q), multiplyRounded(eightTPlusP, PW));
  const bend = multiplyRounded(rounded([0, 0, 0, 1], 0), multiplyRounded(P, P));
  // phi is a power of two, so its square is exact; scale^2 is 1 rounding, and scale s is 2.
  const phi2 = curvature * curvature;
  const second = scaleRounded(slope, phi2 * (scale * scale), 1);
  const third = scaleRounded(bend, 64 * phi2 * (scale * squared), 2);
  return { polynomial: addRounded(subtractRounded(first, second), third), unit };
}

function roundedSsvi({ theta, rho, phi }: SsviSlice): RoundedDensity | undefined {
  if (!inRange(64, theta, phi)) return undefined;
  const plus = 1 + rho; // 1 rounding
  const q = 1 - rho; // 1
  const s = plus * q; // 3
  const W = rounded([s, 0, 1], 3);
  const sum = rounded([s, 2, 1], 3);
  const away = rounded([-q, 1], 1);
  const both = rounded([-q * q, 0, 1], 3);
  const first = scaleRounded(multiplyRounded(W, multiplyRounded(sum, sum)), 16, 0);
  // phi^2 theta is 2 roundings, with (1 + rho) 4; the square of the first two and phi theta (1 + rho) likewise.
  const second = scaleRounded(
    multiplyRounded(W, multiplyRounded(rounded([0, 1], 0), multiplyRounded(away, away))),
    16 * (phi * phi * theta * plus),
    4,
  );
  const slope = phi * theta * plus; // 3
  const third = scaleRounded(multiplyRounded(W, multiplyRounded(both, both)), slope * slope, 7);
  const fourth = rounded([0, 0, 0, 128 * (phi * phi * theta * s)], 6);
  return { polynomial: addRounded(subtractRounded(subtractRounded(first, second), third), fourth), unit: 1 };
}

/** What D / tau^10 is divided by to give g at t, 16 P^2 W^3 / tau^10, or 64 W^3 / tau^6 under E / tau^6; any tau > 0. */
export function densityDivisor(
  p: HyperbolicSlice,
  width: number,
  t: number,
  totalVariance: number,
  tau: number,
): number {
  const x = t / tau;
  const W = x * x + (width / tau) ** 2;
  const P = (2 * x * totalVariance) / tau;
  return isRawSvi(p) ? 16 * P * P * W * W * W : 64 * W * W * W;
}
