/**
 * Interval arithmetic with outward rounding: every result holds all values the operation takes on its arguments.
 *
 * + - * / and the square root are correctly rounded, so one step of a double outwards is enough; exp, log and their shifted
 * forms are right to 2 units in the last place and are widened by 4. A result that is not known at all is the whole line.
 *
 * Moore, "Interval analysis" (1966).
 */
import { exp as expDouble, expm1 as expm1Double } from './exponential.js';
import { log as logDouble } from './logarithm.js';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

export const wholeLine: Interval = { lower: -Infinity, upper: Infinity };

/** A bound above x that is more than `ulps` units in the last place away; ulp(x) <= 2^-52 |x| or the smallest double. */
function above(x: number, ulps: number): number {
  return x + (Math.abs(x) * (ulps * 2 ** -52) + ulps * Number.MIN_VALUE);
}

function outward(lower: number, upper: number, ulps = 1): Interval {
  if (Number.isNaN(lower) || Number.isNaN(upper)) return wholeLine;
  return {
    lower: lower === Infinity ? Number.MAX_VALUE : lower === -Infinity ? lower : -above(-lower, ulps),
    upper: upper === -Infinity ? -Number.MAX_VALUE : upper === Infinity ? upper : above(upper, ulps),
  };
}

/** The interval from `lower` to `upper`, as they are. */
export function interval(lower: number, upper: number = lower): Interval {
  return { lower, upper };
}

export function add(x: Interval, y: Interval): Interval {
  return outward(x.lower + y.lower, x.upper + y.upper);
}

export function subtract(x: Interval, y: Interval): Interval {
  return outward(x.lower - y.upper, x.upper - y.lower);
}

export function negate(x: Interval): Interval {
  return { lower: -x.upper, upper: -x.lower };
}

/** 0 times infinity is 0 here: an infinite end stands for arbitrarily large numbers. */
function product(x: number, y: number): number {
  return x === 0 || y === 0 ? 0 : x * y;
}

export function multiply(x: Interval, y: Interval): Interval {
  const a = product(x.lower, y.lower);
  const b = product(x.lower, y.upper);
  const c = product(x.upper, y.lower);
  const d = product(x.upper, y.upper);
  return outward(Math.min(a, b, c, d), Math.max(a, b, c, d));
}

/** The whole line where the divisor holds 0. */
export function divide(x: Interval, y: Interval): Interval {
  if (y.lower <= 0 && y.upper >= 0) return wholeLine;
  const a = x.lower / y.lower;
  const b = x.lower / y.upper;
  const c = x.upper / y.lower;
  const d = x.upper / y.upper;
  return outward(Math.min(a, b, c, d), Math.max(a, b, c, d));
}

/** x^2, never negative. */
export function square(x: Interval): Interval {
  const a = x.lower * x.lower;
  const b = x.upper * x.upper;
  const { lower, upper } = outward(Math.min(a, b), Math.max(a, b));
  return { lower: x.lower <= 0 && x.upper >= 0 ? 0 : Math.max(0, lower), upper };
}

/** The square root of the part that is not negative; the whole line where there is none. */
export function squareRoot(x: Interval): Interval {
  if (!(x.upper >= 0)) return wholeLine;
  const { lower, upper } = outward(Math.sqrt(Math.max(0, x.lower)), Math.sqrt(x.upper));
  return { lower: Math.max(0, lower), upper };
}

export function exp(x: Interval): Interval {
  const { lower, upper } = outward(expDouble(x.lower), expDouble(x.upper), 4);
  return { lower: Math.max(0, lower), upper };
}

/** e^x - 1. */
export function expm1(x: Interval): Interval {
  return outward(expm1Double(x.lower), expm1Double(x.upper), 4);
}

/** The natural logarithm; unbounded below where x reaches 0, the whole line where x has no positive part. */
export function log(x: Interval): Interval {
  if (!(x.upper > 0)) return wholeLine;
  return outward(x.lower > 0 ? logDouble(x.lower) : -Infinity, logDouble(x.upper), 4);
}

/** The interval between the smaller and the larger ends. */
export function hull(x: Interval, y: Interval): Interval {
  return { lower: Math.min(x.lower, y.lower), upper: Math.max(x.upper, y.upper) };
}

/** The common part of two intervals that both hold the same value. */
export function intersect(x: Interval, y: Interval): Interval {
  return { lower: Math.max(x.lower, y.lower), upper: Math.min(x.upper, y.upper) };
}
