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
  return (
    5361138.461729158 +
    z *
      (10169806.058599869 +
        z *
          (9522181.896334155 +
            z *
              (5741523.5678251665 +
                z *
                  (2461403.557118028 +
                    z *
                      (785389.5162124254 +
                        z *
                          (190229.45026558577 +
                            z *
                              (35032.41725732566 +
                                z * (4825.865738782317 + z * (476.7823641067617 + z * (30.742701242837963 + z))))))))))
  );
}

export function millsComplementNumerator(z: number): number {
  return (
    4277569.606940119 +
    z *
      (6166199.525924198 +
        z *
          (4486496.065677305 +
            z *
              (2126928.2192196758 +
                z *
                  (720018.5094804991 +
                    z *
                      (180885.14571041116 +
                        z *
                          (34088.852530412645 +
                            z * (4764.380336285275 + z * (474.7823641068133 + z * (30.742701242837875 + z)))))))))
  );
}

export function millsDenominator(z: number): number {
  return (
    4277569.606940119 +
    z *
      (11527337.987653356 +
        z *
          (14656302.124277174 +
            z *
              (11649110.115553832 +
                z *
                  (6461542.077305666 +
                    z *
                      (2642288.702828439 +
                        z *
                          (819478.368742838 +
                            z *
                              (194993.83060187104 +
                                z *
                                  (35507.199621432475 +
                                    z *
                                      (4856.608440025155 +
                                        z * (477.7823641067617 + z * (30.742701242837963 + z)))))))))))
  );
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
