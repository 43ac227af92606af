/**
 * Taylor coefficients in interval arithmetic: if x runs through a box, coefficient n holds f^(n)(x)/n! for every x in it. All
 * series of one computation have the same length.
 *
 * Moore, "Methods and applications of interval analysis" (1979), section 3.4.
 */
import type { Interval } from './interval.js';
import { add, divide, exp, intersect, interval, multiply, negate, square, squareRoot, subtract } from './interval.js';

export type IntervalSeries = readonly Interval[];

const zero = interval(0);

/** The variable itself. */
export function variable(box: Interval, length: number): IntervalSeries {
  return Array.from({ length }, (_, n) => (n === 0 ? box : interval(n === 1 ? 1 : 0)));
}

export function constant(value: Interval, length: number): IntervalSeries {
  return Array.from({ length }, (_, n) => (n === 0 ? value : zero));
}

export function addSeries(x: IntervalSeries, y: IntervalSeries): IntervalSeries {
  return x.map((c, n) => add(c, y[n]!));
}

export function subtractSeries(x: IntervalSeries, y: IntervalSeries): IntervalSeries {
  return x.map((c, n) => subtract(c, y[n]!));
}

export function scaleSeries(x: IntervalSeries, factor: Interval): IntervalSeries {
  return x.map((c) => multiply(c, factor));
}

export function multiplySeries(x: IntervalSeries, y: IntervalSeries): IntervalSeries {
  return x.map((_, n) => convolve(x, y, n, 0));
}

/** Sum over i from `first` to n of x[i] y[n - i]. */
function convolve(x: IntervalSeries, y: IntervalSeries, n: number, first: number): Interval {
  let sum = zero;
  for (let i = first; i <= n; i++) sum = add(sum, multiply(x[i]!, y[n - i]!));
  return sum;
}

/** x^2; the leading coefficient is never negative. */
export function squareSeries(x: IntervalSeries): IntervalSeries {
  return x.map((_, n) => (n === 0 ? square(x[0]!) : convolve(x, x, n, 0)));
}

/** x/y; nothing is known where y can be 0. */
export function divideSeries(x: IntervalSeries, y: IntervalSeries): IntervalSeries {
  const quotient: Interval[] = [];
  for (let n = 0; n < x.length; n++) {
    let rest = x[n]!;
    for (let i = 1; i <= n; i++) rest = subtract(rest, multiply(y[i]!, quotient[n - i]!));
    quotient.push(divide(rest, y[0]!));
  }
  return quotient;
}

/** sqrt(x): r^2 = x gives 2 r[0] r[n] = x[n] - sum of r[i] r[n-i]. */
export function squareRootSeries(x: IntervalSeries): IntervalSeries {
  const root: Interval[] = [squareRoot(x[0]!)];
  for (let n = 1; n < x.length; n++) {
    let rest = x[n]!;
    for (let i = 1; i < n; i++) rest = subtract(rest, multiply(root[i]!, root[n - i]!));
    root.push(divide(rest, multiply(interval(2), root[0]!)));
  }
  return root;
}

/** e^x: n y[n] = sum of i x[i] y[n-i]. */
export function expSeries(x: IntervalSeries): IntervalSeries {
  const y: Interval[] = [exp(x[0]!)];
  for (let n = 1; n < x.length; n++) {
    let sum = zero;
    for (let i = 1; i <= n; i++) sum = add(sum, multiply(multiply(interval(i), x[i]!), y[n - i]!));
    y.push(divide(sum, interval(n)));
  }
  return y;
}

/** f(x) from the Taylor coefficients of f over the box of x. */
export function compose(f: IntervalSeries, x: IntervalSeries): IntervalSeries {
  const step = x.map((c, n) => (n === 0 ? zero : c));
  let result = constant(f.at(-1)!, x.length);
  for (let n = f.length - 2; n >= 0; n--) result = addSeries(multiplySeries(result, step), constant(f[n]!, x.length));
  return result;
}

/** The series of the derivative, one shorter. */
export function differentiate(x: IntervalSeries): IntervalSeries {
  return x.slice(1).map((c, n) => multiply(interval(n + 1), c));
}

export function negateSeries(x: IntervalSeries): IntervalSeries {
  return x.map(negate);
}

/**
 * All values over a box from the coefficients `at` its middle and `over` all of it, h the box less its middle: with order 2
 * f(m) + f'(m) h + (f''/2)(box) h^2, with order 1 the mean-value form f(m) + f'(box) h; intersected with f(box).
 */
export function taylorForm(at: IntervalSeries, over: IntervalSeries, h: Interval, order: 1 | 2): Interval {
  const around =
    order === 1
      ? add(at[0]!, multiply(over[1]!, h))
      : add(at[0]!, add(multiply(at[1]!, h), multiply(over[2]!, square(h))));
  return intersect(over[0]!, around);
}
