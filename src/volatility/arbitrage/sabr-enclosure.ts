/**
 * SABR's Black volatility (Obloj's form) and its density factor g in interval arithmetic, in k = ln(K/F), both shifted where a
 * shift is given. Written without 0/0 at the money, with om = 1 - beta:
 *
 *   E(x) = (e^x - 1)/x,   z = -(nu/alpha) F^om k E(om k),   H(z) = chi(z)/z
 *   volatility = alpha Theta / (F^om E(om k) H(z)),   w = volatility^2 T
 *   Theta = 1 + T (om^2 alpha^2/(24 G^2) + rho beta nu alpha/(4 G) + (2 - 3 rho^2) nu^2/24),   G = F^om e^(om k/2)
 *
 *   H(z) = sum of P_n(rho) z^n/(n+1)  for |z| <= 1/4 (1/R generates the Legendre polynomials, |P_n| <= 1)
 *        = chi(z)/z                   elsewhere; chi' = 1/R > 0, so the ends of a box give the ends of chi
 *
 * Hagan et al. (2002); Obloj (2008); Moore (1979) for the series.
 */
import type { Interval } from '../../math/interval.js';
import {
  add,
  divide,
  exp,
  intersect,
  interval,
  log,
  multiply,
  square,
  squareRoot,
  subtract,
  wholeLine,
} from '../../math/interval.js';
import type { IntervalSeries } from '../../math/interval-series.js';
import {
  addSeries,
  compose,
  constant,
  differentiate,
  divideSeries,
  expSeries,
  multiplySeries,
  scaleSeries,
  squareRootSeries,
  squareSeries,
  subtractSeries,
  taylorForm,
  variable,
} from '../../math/interval-series.js';
import type { SabrParameters } from '../smile/parameters.js';

/** w, w', w'' and two derivatives more. */
const LENGTH = 5;
const one = interval(1);

/** Taylor coefficients of w over a box of k, or undefined where the enclosure is too wide to exclude a volatility of 0. */
export function sabrVariance(p: SabrParameters, box: Interval): IntervalSeries | undefined {
  const { alpha, beta, rho, nu, timeToExpiry } = p;
  const shift = p.shift ?? 0;
  const om = subtract(one, interval(beta));
  const logForward = log(add(interval(p.forward), interval(shift)));
  const power = exp(multiply(om, logForward));
  const k = variable(box, LENGTH);
  const x = scaleSeries(k, om);
  const E = exponentialQuotient(x);
  const z = scaleSeries(multiplySeries(k, E), multiply(divide(interval(-nu), interval(alpha)), power));
  const shape = chiQuotient(z, rho);
  if (shape === undefined) return undefined;

  // 1/G = F^-om e^(-om k/2)
  const inverse = divideSeries(expSeries(scaleSeries(x, interval(-0.5))), constant(power, LENGTH));
  const squaredRho = square(interval(rho));
  const level = divide(square(multiply(om, interval(alpha))), interval(24));
  const skew = divide(
    multiply(multiply(interval(rho), interval(beta)), multiply(interval(nu), interval(alpha))),
    interval(4),
  );
  const bend = divide(
    multiply(subtract(interval(2), multiply(interval(3), squaredRho)), square(interval(nu))),
    interval(24),
  );
  const correction = addSeries(
    addSeries(scaleSeries(squareSeries(inverse), level), scaleSeries(inverse, skew)),
    constant(bend, LENGTH),
  );
  const theta = addSeries(constant(one, LENGTH), scaleSeries(correction, interval(timeToExpiry)));
  if (!(theta[0]!.lower > 0)) return undefined;
  const volatility = divideSeries(scaleSeries(theta, interval(alpha)), multiplySeries(scaleSeries(E, power), shape));
  return scaleSeries(squareSeries(volatility), interval(timeToExpiry));
}

const QUOTIENT_TERMS = 24;

/** E(x) = (e^x - 1)/x. */
function exponentialQuotient(x: IntervalSeries): IntervalSeries {
  const size = Math.max(Math.abs(x[0]!.lower), Math.abs(x[0]!.upper));
  if (size > 1) return divideSeries(subtractSeries(expSeries(x), constant(one, LENGTH)), x);
  // Sum of x^j/(j+1)!, and what is left from term N on: coefficient n of it is below 2 C(N, n)/(N + 1)! for |x| <= 1.
  let sum = constant(interval(0), LENGTH);
  for (let j = QUOTIENT_TERMS - 1; j >= 0; j--) {
    sum = addSeries(multiplySeries(sum, x), constant(divide(one, factorial(j + 1)), LENGTH));
  }
  const rest = x.map((_, n) => {
    const bound = divide(interval(2 * binomial(QUOTIENT_TERMS, n)), factorial(QUOTIENT_TERMS + 1)).upper;
    return interval(-bound, bound);
  });
  return addSeries(sum, compose(rest, x));
}

const LEGENDRE_TERMS = 40;

/** H(z) = chi(z)/z, undefined where the box is too wide for either form. */
function chiQuotient(z: IntervalSeries, rho: number): IntervalSeries | undefined {
  const { lower, upper } = z[0]!;
  if (Math.max(Math.abs(lower), Math.abs(upper)) <= 0.25) {
    const weights: Interval[] = [];
    let [before, current] = [interval(0), one];
    for (let n = 0; n < LEGENDRE_TERMS; n++) {
      weights.push(divide(current, interval(n + 1)));
      const ahead = multiply(interval(2 * n + 1), multiply(interval(rho), current));
      const next = divide(subtract(ahead, multiply(interval(n), before)), interval(n + 1));
      [before, current] = [current, intersect(next, interval(-1, 1))];
    }
    let sum = constant(interval(0), z.length);
    for (let n = LEGENDRE_TERMS - 1; n >= 0; n--) {
      sum = addSeries(multiplySeries(sum, z), constant(weights[n]!, z.length));
    }
    // From term N on: coefficient n is below 2 C(N, n) |z|^(N - n)/(N + 1), for the terms at least halve.
    const rest = z.map((_, n) => {
      const bound = (2.01 * binomial(LEGENDRE_TERMS, n) * 0.25 ** (LEGENDRE_TERMS - n)) / (LEGENDRE_TERMS + 1);
      return interval(-bound, bound);
    });
    return addSeries(sum, compose(rest, z));
  }
  if (lower <= 0 && upper >= 0) return undefined;
  const argument = variable(z[0]!, z.length);
  const beside = subtractSeries(argument, constant(interval(rho), z.length));
  const orthogonal = multiply(subtract(one, interval(rho)), add(one, interval(rho)));
  const R = squareRootSeries(addSeries(squareSeries(beside), constant(orthogonal, z.length)));
  const slope = divideSeries(constant(one, z.length), R);
  const chi = slope.map((_, n) =>
    n === 0 ? interval(chiAt(lower, rho).lower, chiAt(upper, rho).upper) : divide(slope[n - 1]!, interval(n)),
  );
  return compose(divideSeries(chi, argument), z);
}

/** chi at a point, on the side of rho that does not cancel. */
function chiAt(z: number, rho: number): Interval {
  const r = interval(rho);
  const beside = subtract(interval(z), r);
  const R = squareRoot(add(square(beside), multiply(subtract(one, r), add(one, r))));
  return z >= rho ? log(divide(add(R, beside), subtract(one, r))) : log(divide(add(one, r), subtract(R, beside)));
}

function factorial(n: number): Interval {
  let value = one;
  for (let i = 2; i <= n; i++) value = multiply(value, interval(i));
  return value;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}

/** Taylor coefficients of g, up to the second, from those of w; nothing is known where w can be 0. */
export function densitySeries(w: IntervalSeries, box: Interval): IntervalSeries {
  const dw = differentiate(w);
  const d2w = differentiate(dw);
  const length = d2w.length;
  const [value, slope] = [w.slice(0, length), dw.slice(0, length)];
  const k = variable(box, length);
  const unit = constant(one, length);
  const straight = subtractSeries(unit, divideSeries(multiplySeries(k, slope), scaleSeries(value, interval(2))));
  const steep = multiplySeries(
    squareSeries(slope),
    addSeries(divideSeries(unit, value), constant(interval(0.25), length)),
  );
  return addSeries(
    subtractSeries(squareSeries(straight), scaleSeries(steep, interval(0.25))),
    scaleSeries(d2w, interval(0.5)),
  );
}

/**
 * All values of g on a box. With order 2: g(m) + g'(m) h + (g''/2)(box) h^2 about the middle m; with order 1 the mean-value form
 * g(m) + g'(box) h. Both are intersected with g(box).
 */
export function sabrDensity(p: SabrParameters, order: 1 | 2): (box: Interval) => Interval {
  return (box) => {
    const wide = sabrVariance(p, box);
    if (wide === undefined || !(wide[0]!.lower > 0)) return wholeLine;
    const over = densitySeries(wide, box);
    if (box.lower === box.upper) return over[0]!;
    const middle = interval(0.5 * (box.lower + box.upper));
    const thin = sabrVariance(p, middle);
    if (thin === undefined) return wholeLine;
    const at = densitySeries(thin, middle);
    return taylorForm(at, over, subtract(box, middle), order);
  };
}
