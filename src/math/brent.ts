/**
 * A root of a continuous function between two points where its signs differ: Brent's combination of inverse quadratic
 * interpolation, the secant and bisection, which never does worse than bisection. Brent, Algorithms for Minimization without
 * Derivatives (1973), chapter 4.
 */
import { InputError } from '../errors.js';

export interface BrentOptions {
  /** Half the width of the bracket at which to stop, beside 4 ulp of the root; 0 where missing. */
  tolerance?: number | undefined;
  /** f(lower) and f(upper), where they are known. */
  atLower?: number | undefined;
  atUpper?: number | undefined;
}

/** Throws InputError where the signs at the ends do not differ or a value of the function is not a number. */
export function brent(f: (x: number) => number, lower: number, upper: number, options: BrentOptions = {}): number {
  const tolerance = options.tolerance ?? 0;
  let a = lower;
  let b = upper;
  let fa = options.atLower ?? f(a);
  let fb = options.atUpper ?? f(b);
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (!(fa * fb < 0 || Math.sign(fa) * Math.sign(fb) < 0)) {
    throw new InputError('bracket', [lower, upper], 'two points where the function has opposite signs');
  }
  let c = a;
  let fc = fa;
  let step = b - a;
  let previous = step;
  // b is the best point, a the one before, c the one across the root.
  for (;;) {
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const near = 2 * Number.EPSILON * Math.abs(b) + 0.5 * tolerance;
    const half = 0.5 * (c - b);
    if (Math.abs(half) <= near || fb === 0) return b;
    if (Math.abs(previous) >= near && Math.abs(fa) > Math.abs(fb)) {
      const ratio = fb / fa;
      let p: number;
      let q: number;
      if (a === c) {
        p = 2 * half * ratio;
        q = 1 - ratio;
      } else {
        const u = fa / fc;
        const v = fb / fc;
        p = ratio * (2 * half * u * (u - v) - (b - a) * (v - 1));
        q = (u - 1) * (v - 1) * (ratio - 1);
      }
      if (p > 0) q = -q;
      else p = -p;
      if (2 * p < Math.min(3 * half * q - Math.abs(near * q), Math.abs(previous * q))) {
        previous = step;
        step = p / q;
      } else {
        step = half;
        previous = half;
      }
    } else {
      step = half;
      previous = half;
    }
    a = b;
    fa = fb;
    b += Math.abs(step) > near ? step : Math.sign(half) * near;
    fb = f(b);
    if (Number.isNaN(fb)) throw new InputError('f', fb, `a number at ${b}`);
    if (fb > 0 === fc > 0) {
      c = a;
      fc = fa;
      step = b - a;
      previous = step;
    }
  }
}
