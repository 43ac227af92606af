/**
 * The regularised incomplete gamma functions P(a, x) = 1 - Q(a, x), the distribution of a gamma variable of shape a.
 *
 *   P(a, x) = x^a e^-x / Gamma(a + 1) * (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...)          x < a + 1
 *   Q(a, x) = x^a e^-x / Gamma(a) * 1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- ...)))      otherwise
 *
 * Abramowitz and Stegun (1964), 6.5.29 and 6.5.31; the fraction by Lentz's method in Thompson and Barnett's form (1986). The
 * factor in front is formed from the distance of x to a, so that large shapes keep their digits. Relative error about
 * 1e-15 (4 + sqrt(a) + |ln factor|) of whichever of P and Q is asked for in its tail.
 */
import { InputError } from '../errors.js';
import { exp } from './exponential.js';
import { logDeviance, logGamma, stirlingRemainder } from './gamma.js';
import { log } from './logarithm.js';

const LOG_TWO_PI = 1.8378770664093453;
const TINY = 1e-300;

/** P(a, x), the lower part: 0 at x = 0, 1 at Infinity. Throws InputError unless a > 0 is finite and x >= 0. */
export function gammaP(a: number, x: number): number {
  check(a, x);
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  return x < a + 1 ? lowerSeries(a, x) : 1 - upperFraction(a, x);
}

/** Q(a, x), the upper part: 1 at x = 0, 0 at Infinity. Throws InputError unless a > 0 is finite and x >= 0. */
export function gammaQ(a: number, x: number): number {
  check(a, x);
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}

/** ln(x^a e^-x / Gamma(a + 1)) for a, x > 0. */
export function logGammaWeight(a: number, x: number): number {
  if (a < 1) return a * log(x) - x - logGamma(a + 1);
  return -a * logDeviance((x - a) / a, x / a) - 0.5 * (LOG_TWO_PI + log(a)) - stirlingRemainder(a);
}

function check(a: number, x: number): void {
  if (!(a > 0 && a < Infinity)) throw new InputError('a', a, 'a finite number above 0');
  if (!(x >= 0)) throw new InputError('x', x, 'a number, 0 or more');
}

function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return Math.min(exp(logGammaWeight(a, x)) * sum, 1);
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; ; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 2e-16) return a * exp(logGammaWeight(a, x)) * fraction;
  }
}
