/**
 * The Mills ratio of the normal law and its complement, from one pair of rationals with a common denominator.
 *
 *   M(z) = Phi(-z) / phi(z) = P(z) / Q(z),   1 - z M(z) = N(z) / Q(z),   Q = N + z P,   z >= 0
 *
 * P, N, Q have degrees 11, 10, 12 and positive coefficients only: no cancellation, no branch on the half line. One minimax fit
 * serves both quotients (scripts/fit-normal-coefficients.ts prints it), each within 2.6e-17 of the truth before rounding. Forming
 * 1 - z M(z) by subtraction would lose a factor z^2. Ratio: Mills (1926), Biometrika 18.
 */
import { expSum } from './exponential.js';

export const SQRT_TWO_PI = 2.5066282746310007;

/** From here on M(z) = 1/z and 1 - z M(z) = 1/z^2 to the last digit, and the polynomials are kept from overflow. */
const FAR = 2 ** 28;

/** P, N and Q apart, for z from 0 to 2^28, where both quotients are needed. */
export function millsNumerator(z: number): number {
  const z2 = z * z;
  let even = 30.741632172098658;
  even = even * z2 + 4825.454921165805;
  even = even * z2 + 190205.96553156638;
  even = even * z2 + 2461020.979862162;
  even = even * z2 + 9520428.441942342;
  even = even * z2 + 5359994.909799255;
  let odd = z2 + 476.75277464530825;
  odd = odd * z2 + 35028.727283693326;
  odd = odd * z2 + 785279.5429409131;
  odd = odd * z2 + 5740547.41060412;
  odd = odd * z2 + 10167789.478477169;
  return even + z * odd;
}

export function millsComplementNumerator(z: number): number {
  const z2 = z * z;
  let even = z2 + 474.75277464535975;
  even = even * z2 + 34085.22173570082;
  even = even * z2 + 719915.6202563635;
  even = even * z2 + 4485705.1418894315;
  even = even * z2 + 4276657.184510773;
  let odd = 30.741632172098566;
  odd = odd * z2 + 4763.971656810268;
  odd = odd * z2 + 180862.4719210546;
  odd = odd * z2 + 2126588.5825122283;
  odd = odd * z2 + 6165006.071939271;
  return even + z * odd;
}

export function millsDenominator(z: number): number {
  const z2 = z * z;
  let even = z2 + 477.75277464530825;
  even = even * z2 + 35503.48005833869;
  even = even * z2 + 819364.764676614;
  even = even * z2 + 6460463.030860484;
  even = even * z2 + 14653494.6203666;
  even = even * z2 + 4276657.184510773;
  let odd = 30.741632172098658;
  odd = odd * z2 + 4856.196553337904;
  odd = odd * z2 + 194969.93718837667;
  odd = odd * z2 + 2641883.4517832166;
  odd = odd * z2 + 11647017.02445457;
  odd = odd * z2 + 11525000.981738526;
  return even + z * odd;
}

/**
 * e^(-z^2/2), error below 1 ulp: z is split into 24 bits, whose square is exact, and a rest. 0 beyond |z| = 38.6.
 */
export function gaussian(z: number): number {
  if (!(z < 39 && z > -39)) return Number.isNaN(z) ? NaN : 0;
  const high = Math.fround(z);
  return expSum(-0.5 * high * high, -0.5 * (z - high) * (z + high));
}

/** level e^(-z^2/2), kept from underflow between the factors: a large level may bring a vanishing Gaussian back among the doubles. */
export function scaledGaussian(level: number, z: number): number {
  if (z < 37 && z > -37) return level * gaussian(z);
  if (!(z < 55 && z > -55)) return Number.isNaN(z) ? NaN : 0;
  const high = Math.fround(z);
  const root = expSum(-0.25 * high * high, -0.25 * (z - high) * (z + high));
  return level * root * root;
}

/** e^(z^2/2), the same way. Infinity beyond |z| = 37.7. */
export function inverseGaussian(z: number): number {
  if (!(z < 39 && z > -39)) return Number.isNaN(z) ? NaN : Infinity;
  const high = Math.fround(z);
  return expSum(0.5 * high * high, 0.5 * (z - high) * (z + high));
}

/** M(z) = Phi(-z)/phi(z). For z < 0 by M(z) = sqrt(2 pi) e^(z^2/2) - M(-z), Infinity below -37.7; error below 3 ulp for z >= 0. */
export function mills(z: number): number {
  if (z >= 0) return z < FAR ? millsNumerator(z) / millsDenominator(z) : 1 / z;
  return z < 0 ? SQRT_TWO_PI * inverseGaussian(z) - mills(-z) : NaN;
}

/** 1 - z M(z) = -M'(z), from its own numerator: no cancellation at large z; error below 3 ulp for z >= 0. */
export function millsComplement(z: number): number {
  if (z >= 0) return z < FAR ? millsComplementNumerator(z) / millsDenominator(z) : 1 / z / z;
  return 1 - z * mills(z);
}
