/**
 * The Mills ratio of the normal law and its complement, both from one rational for the hazard rate's excess over z.
 *
 *   M(z) = Phi(-z)/phi(z),   1/M(z) = z + e(z),   M = 1/(z + e),   1 - z M = e/(z + e),   e(z) = N(z)/P(z) for z >= 0
 *
 * N and P have degrees 10 and 11 and positive coefficients only: no cancellation and no branch on the half line. The minimax fit
 * (scripts/fit-normal-coefficients.ts prints it) is within 3e-17 of e before rounding, and e falls like 1/z, so its error fades from
 * M. Forming 1 - z M by subtraction would lose a factor z^2. The ratio: Mills (1926), Biometrika 18.
 */
import { expSum } from './exponential.js';

export const SQRT_TWO_PI = 2.5066282746310007;

/** From here on e(z) = 1/z to the last digit, and the polynomials are kept from overflow. */
const FAR = 2 ** 28;

/** e(z) = phi(z)/Phi(-z) - z for z >= 0, from 0.798 at 0 down to 1/z; error below 6 ulp. Even and odd powers are summed apart. */
export function hazardExcess(z: number): number {
  if (z > FAR) return 1 / z;
  const z2 = z * z;
  let evenN = z2 + 476.9718103146256;
  evenN = evenN * z2 + 34356.17335421619;
  evenN = evenN * z2 + 727557.6132869258;
  evenN = evenN * z2 + 4544166.279098182;
  evenN = evenN * z2 + 4343685.388212512;
  let oddN = 30.822007939005346;
  oddN = oddN * z2 + 4794.543895691152;
  oddN = oddN * z2 + 182550.51038990336;
  oddN = oddN * z2 + 2151754.9590887707;
  oddN = oddN * z2 + 6252981.102348488;
  let evenP = 30.822007939005445;
  evenP = evenP * z2 + 4856.187911581545;
  evenP = evenP * z2 + 191954.6662305441;
  evenP = evenP * z2 + 2489383.384330752;
  evenP = evenP * z2 + 9649861.850907585;
  evenP = evenP * z2 + 5444002.305097508;
  let oddP = z2 + 478.97181031456904;
  oddP = oddP * z2 + 35304.11697343733;
  oddP = oddP * z2 + 793450.1247026512;
  oddP = oddP * z2 + 5812759.836620496;
  oddP = oddP * z2 + 10316309.280284416;
  return (evenN + z * oddN) / (evenP + z * oddP);
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

/** M(z) = Phi(-z)/phi(z). For z < 0 by M(z) = sqrt(2 pi) e^(z^2/2) - M(-z), Infinity below -37.7; error below 4 ulp, 2 beyond z = 5. */
export function mills(z: number): number {
  if (z >= 0) return 1 / (z + hazardExcess(z));
  return z < 0 ? SQRT_TWO_PI * inverseGaussian(z) - mills(-z) : NaN;
}

/** 1 - z M(z) = -M'(z), without cancellation at large z; error below 6 ulp. */
export function millsComplement(z: number): number {
  if (z >= 0) {
    const excess = hazardExcess(z);
    return excess / (z + excess);
  }
  return 1 - z * mills(z);
}
