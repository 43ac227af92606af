/**
 * The logarithm of the gamma function by Stirling's series.
 *
 *   ln Gamma(x) = (x - 1/2) ln x - x + ln(2 pi)/2 + delta(x)
 *   delta(x) = sum over k of B_2k / (2k (2k - 1) x^(2k-1)),   B_2k the Bernoulli numbers
 *
 * From 10 on nine terms leave less than 1e-17; smaller arguments are carried there by Gamma(x) = Gamma(x + n) / (x (x+1) ...
 * (x+n-1)). The remainder delta by itself is what densities need at large parameters, where the large parts of several gamma
 * functions cancel. Abramowitz and Stegun (1964), 6.1.40.
 */
import { log } from './logarithm.js';

const HALF_LOG_TWO_PI = 0.9189385332046728;
/** From here on the series is exact to double precision. */
const LEAST = 10;

/** delta(x) for x > 0: what Stirling's formula leaves out of ln Gamma(x); absolute error about 5e-15. */
export function stirlingRemainder(x: number): number {
  if (x < LEAST) return logGamma(x) - ((x - 0.5) * log(x) - x + HALF_LOG_TWO_PI);
  const w = 1 / (x * x);
  // B_2k / (2k (2k - 1)) for k = 9 down to 1.
  let sum = 43867 / 244188;
  sum = sum * w - 3617 / 122400;
  sum = sum * w + 1 / 156;
  sum = sum * w - 691 / 360360;
  sum = sum * w + 1 / 1188;
  sum = sum * w - 1 / 1680;
  sum = sum * w + 1 / 1260;
  sum = sum * w - 1 / 360;
  sum = sum * w + 1 / 12;
  return sum / x;
}

/** ln Gamma(x) for x > 0, Infinity at 0, NaN below; error about 5e-15 or, for large values, a few ulp. */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN;
  if (x === Infinity) return Infinity;
  let product = 1;
  let shifted = x;
  while (shifted < LEAST) {
    product *= shifted;
    shifted += 1;
  }
  const large = (shifted - 0.5) * log(shifted) - shifted + HALF_LOG_TWO_PI + stirlingRemainder(shifted);
  return product === 1 ? large : large - log(product);
}

/** e - ln(1 + e) for e > -1 without cancellation near 0; `ratio` is 1 + e where it is known better than the sum. */
export function logDeviance(e: number, ratio = 1 + e): number {
  if (!(Math.abs(e) < 0.4)) return e - log(ratio);
  // ln(1 + e) = 2 atanh z with z = e / (2 + e), and e - 2 z = z e.
  const z = e / (2 + e);
  const w = z * z;
  let sum = 0;
  for (let k = 29; k >= 3; k -= 2) sum = sum * w + 1 / k;
  return z * (e - 2 * w * sum);
}
