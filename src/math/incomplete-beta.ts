/**
 * The regularised incomplete beta function I_x(a, b), the distribution of a beta variable.
 *
 *   I_x(a, b) = x^a y^b / (a B(a, b)) * 1/(1 + d1/(1 + d2/(1 + ...))),   y = 1 - x,   I_x(a, b) = 1 - I_y(b, a)
 *   d_2m = m (b - m) x / ((a + 2m - 1)(a + 2m)),   d_2m+1 = -(a + m)(a + b + m) x / ((a + 2m)(a + 2m + 1))
 *
 * Abramowitz and Stegun (1964), 26.5.8, by Lentz's method on the side of the mean where it converges at once. x and y = 1 - x
 * are both taken, since the caller often knows the smaller one to full precision where the difference would lose it. The
 * factor in front is formed from the distance of x to the mean, so that large parameters keep their digits.
 */
import { InputError } from '../errors.js';
import { brent } from './brent.js';
import { exp } from './exponential.js';
import { logDeviance, logGamma, stirlingRemainder } from './gamma.js';
import { log } from './logarithm.js';

const LOG_TWO_PI = 1.8378770664093453;
const TINY = 1e-300;
const LARGEST_LOGIT = 700;

/**
 * I_x(a, b), with `y` = 1 - x where it is known better than the difference. Throws InputError unless a and b are finite and
 * above 0 and x and y lie in [0, 1].
 */
export function betaI(x: number, a: number, b: number, y = 1 - x): number {
  if (!(a > 0 && a < Infinity)) throw new InputError('a', a, 'a finite number above 0');
  if (!(b > 0 && b < Infinity)) throw new InputError('b', b, 'a finite number above 0');
  if (!(x >= 0 && x <= 1)) throw new InputError('x', x, 'a number from 0 to 1');
  if (!(y >= 0 && y <= 1)) throw new InputError('y', y, 'a number from 0 to 1');
  if (x === 0) return 0;
  if (y === 0) return 1;
  return x * (a + b + 2) < a + 1 ? lowerFraction(x, y, a, b) : 1 - lowerFraction(y, x, b, a);
}

/**
 * x with I_x(a, b) = p, for 0 <= p <= 1: the bound of a Clopper-Pearson interval. By Brent's method on ln(x / (1 - x)). Throws
 * InputError as {@link betaI}.
 */
export function inverseBetaI(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1)) throw new InputError('p', p, 'a number from 0 to 1');
  if (p === 0 || p === 1) return p;
  const miss = (v: number): number => betaI(logistic(v), a, b, logistic(-v)) - p;
  return miss(-LARGEST_LOGIT) >= 0
    ? 0
    : miss(LARGEST_LOGIT) <= 0
      ? 1
      : logistic(brent(miss, -LARGEST_LOGIT, LARGEST_LOGIT));
}

function logistic(v: number): number {
  return v < 0 ? exp(v) / (1 + exp(v)) : 1 / (1 + exp(-v));
}

/** ln(x^a y^b / B(a, b)) for 0 < x < 1, y = 1 - x. */
export function logBetaWeight(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  if (a < 1 && b < 1) return a * log(x) + b * log(y) - logBeta(a, b);
  // a (x/x0 - 1) + b (y/y0 - 1) = 0 at the mean x0 = a/n, y0 = b/n: only the deviances are left.
  const offset = x * b - y * a;
  const deviance = a * logDeviance(offset / a, (x / a) * n) + b * logDeviance(-offset / b, (y / b) * n);
  const remainder = stirlingRemainder(a) + stirlingRemainder(b) - stirlingRemainder(n);
  return 0.5 * (log(a) + log(b) - log(n) - LOG_TWO_PI) - deviance - remainder;
}

/** ln B(a, b) for a, b > 0; the parts that cancel where one of them is large are left out. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < 10) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const sum = small + large;
  // ln Gamma(large) - ln Gamma(sum) = large (r - ln(1 + r)) + ... with r = small / large.
  const ratio = small / large;
  return (
    logGamma(small) +
    large * logDeviance(ratio) +
    (0.5 - small) * log(sum) -
    0.5 * log(large) +
    stirlingRemainder(large) -
    stirlingRemainder(sum)
  );
}

function lowerFraction(x: number, y: number, a: number, b: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (Math.abs(d) < TINY) d = TINY;
  d = 1 / d;
  let fraction = d;
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + even / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + odd / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 4e-16) return (exp(logBetaWeight(x, y, a, b)) / a) * fraction;
  }
}
