/**
 * Cosine and sine of multiples of pi, written out so that every engine gives the same nodes of quadrature and interpolation.
 *
 *   cos a = sum (-1)^k a^(2k) / (2k)!,   sin a = sum (-1)^k a^(2k+1) / (2k+1)!,   0 <= a <= pi/4, and reflections
 */

/** Sum of the alternating series in a^2 whose k-th ratio is a^2 / ((m + 2k - 1)(m + 2k)), m = 0 for cosine, 1 for sine. */
function alternating(square: number, m: number): number {
  let sum = 1;
  for (let k = 12; k > 0; k--) sum = 1 - (square * sum) / ((m + 2 * k - 1) * (m + 2 * k));
  return sum;
}

/** sin(pi x) for 0 <= x <= 1; error below 2 ulp. */
export function sinPi(x: number): number {
  if (x > 0.5) return sinPi(1 - x);
  if (x > 0.25) return cosPi(0.5 - x);
  const angle = Math.PI * x;
  return angle * alternating(angle * angle, 1);
}

/** cos(pi x) for 0 <= x <= 1; error below 2 ulp of 1. */
export function cosPi(x: number): number {
  if (x > 0.5) return -cosPi(1 - x);
  if (x > 0.25) return sinPi(0.5 - x);
  const angle = Math.PI * x;
  return alternating(angle * angle, 0);
}
