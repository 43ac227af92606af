/**
 * The difference of two Mills ratios without cancellation, without a branch and with one division: what makes a price.
 *
 *   Phi(-z) = e^(-z^2/2) / (2 m(z)),  m(z) = 1 + z k(z),  k(z) = 0.68 + U(z)/P(z),  z >= -0.75
 *
 * k rises from 0.68 to sqrt(pi/2) = 1.25 and is flat: what is small, U/P <= 0.57, carries the rounding errors of the polynomials.
 * U and P have degree 11 in w = z + 0.75 and positive coefficients only (scripts/fit-normal-coefficients.ts; error 3.5e-18, as
 * stored 2.7e-17 of k). For z2 = z1 + s the divided differences U12 = (U2 - U1)/s and P12 come out of the same Horner scheme,
 * fed with its own intermediate values, as sums of positive terms, and with h = (z1 + z2)/2
 *
 *   1/m1 - 1/m2 = (z2 k2 - z1 k1)/(m1 m2) = s [0.68 P1 P2 + (U1 P2 + U2 P1)/2 + h (U12 P1 - U1 P12)] / [(P1 m1)(P2 m2)]
 *
 * so that nothing is lost as s goes to 0. The scheme for divided differences: Hildebrand, Introduction to Numerical Analysis
 * (1956), chapter 10; the form with one rational for all regimes is our own.
 */

/** Beyond z1 = -SHIFT the fit does not hold. */
const SHIFT = 0.75;
const BASE = 0.68;

/** Places of the results of {@link tails}. */
export const NEAR = 0;
export const FAR = 1;
export const DIFFERENCE = 2;
export const DENOMINATOR = 3;
export const TAIL_RESULTS = 4;

/**
 * With `near` from -0.75, `gap` >= 0, far = near + gap, middle = (near + far)/2: 1/m(near), 1/m(far) and the difference of both over
 * the gap, all times the denominator, so that the caller may join its division with another. Both far and gap are asked for,
 * since neither is exact from the other.
 */
export function tails(near: number, far: number, gap: number, middle: number, results: Float64Array): void {
  const v = near + SHIFT;
  const w = far + SHIFT;
  let u = 0.5733141373155062;
  let u12 = u;
  u = u * v + 15.93252753354211;
  let p = 1 * v + 29.534467112270846;
  u12 = u12 * w + u;
  let p12 = 1 * w + p;
  u = u * v + 223.91371878042787;
  p = p * v + 441.19768777958024;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 2051.303334895607;
  p = p * v + 4319.304680456366;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 13419.26409767266;
  p = p * v + 30486.620387596868;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 65126.816057918804;
  p = p * v + 162019.29595966166;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 236973.478294423;
  p = p * v + 660171.3891167403;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 639101.9976643355;
  p = p * v + 2064413.8846014917;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 1228853.282371473;
  p = p * v + 4876651.309237345;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 1538070.0345141215;
  p = p * v + 8362935.209282554;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 976392.113760287;
  p = p * v + 9524173.223815933;
  u12 = u12 * w + u;
  p12 = p12 * w + p;
  u = u * v + 14891.279612676512;
  p = p * v + 5635048.196117122;
  const uFar = u + gap * u12;
  const pFar = p + gap * p12;
  const m = p + near * (BASE * p + u);
  const mFar = pFar + far * (BASE * pFar + uFar);
  results[NEAR] = p * mFar;
  results[FAR] = pFar * m;
  results[DIFFERENCE] = BASE * (p * pFar) + (0.5 * (u * pFar + uFar * p) + middle * (u12 * p - u * p12));
  results[DENOMINATOR] = m * mFar;
}
