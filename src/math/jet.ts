/**
 * Jets: truncated Taylor arithmetic of third order in up to six variables. A jet holds, for every monomial of degree 0 to 3
 * in the steps h_1 .. h_n from a point, the Taylor coefficient of a function there:
 *
 *   f(x + h) = sum_{|a| <= 3} c_a h^a + O(|h|^4),   d^|a| f / dx^a = a! c_a
 *
 * Sums, products and compositions of jets are exact up to rounding, so derivatives need no step size. A jet is one flat
 * array whose length tells its number of variables; degree 0 comes first, then degrees 1, 2 and 3.
 *
 * Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 13.
 */
import { InputError } from '../errors.js';
import { exp as exponential } from './exponential.js';
import { log as logarithm } from './logarithm.js';
import { normalCdf as cdf, normalPdf as pdf } from './normal.js';

/** Taylor coefficients, graded by degree. Lengths 4, 10, 20, 35, 56, 84 stand for 1 to 6 variables. */
export type Jet = Float64Array;

const ORDER = 3;
const MAXIMUM_VARIABLES = 6;

interface Layout {
  variables: number;
  size: number;
  degree: Uint8Array;
  /** Triples (i, j, k): monomial i times monomial j is monomial k, for all products of degree 3 or less. */
  products: Uint8Array;
  /** Monomial of up to three variables, indexed [i (n + 1)^2 + j (n + 1) + k], where n stands for "none". */
  position: Uint8Array;
  /** a! of each monomial. */
  factorial: Uint8Array;
}

const layouts: (Layout | undefined)[] = [];

function layoutOf(jet: Jet): Layout {
  const known = layouts[jet.length];
  if (known === undefined) throw new InputError('jet', jet.length, 'an array made by constant() or variable()');
  return known;
}

/** Monomials as sorted triples of variables, padded with n. */
function layoutFor(variables: number): Layout {
  if (!Number.isInteger(variables) || variables < 1 || variables > MAXIMUM_VARIABLES) {
    throw new InputError('variables', variables, `a whole number from 1 to ${MAXIMUM_VARIABLES}`);
  }
  const size = ((variables + 1) * (variables + 2) * (variables + 3)) / 6;
  const known = layouts[size];
  if (known !== undefined) return known;

  const n = variables;
  const monomials: number[][] = [];
  for (let degree = 0; degree <= ORDER; degree++) {
    for (let i = 0; i <= n; i++) {
      for (let j = i; j <= n; j++) {
        for (let k = j; k <= n; k++) {
          const factors = [i, j, k].filter((variable) => variable < n);
          if (factors.length === degree) monomials.push(factors);
        }
      }
    }
  }
  const place = (factors: number[]): number => {
    const [i = n, j = n, k = n] = factors;
    return (i * (n + 1) + j) * (n + 1) + k;
  };
  const position = new Uint8Array((n + 1) ** 3);
  monomials.forEach((factors, index) => {
    for (const a of [0, 1, 2]) {
      for (const b of [0, 1, 2]) {
        if (a === b) continue;
        const padded = [0, 1, 2].map((slot) => factors[slot] ?? n);
        position[place([padded[a]!, padded[b]!, padded[3 - a - b]!])] = index;
      }
    }
  });
  const products: number[] = [];
  monomials.forEach((left, i) => {
    monomials.forEach((right, j) => {
      if (left.length + right.length <= ORDER) products.push(i, j, position[place([...left, ...right])]!);
    });
  });
  const layout: Layout = {
    variables,
    size,
    degree: Uint8Array.from(monomials, (factors) => factors.length),
    products: Uint8Array.from(products),
    position,
    factorial: Uint8Array.from(monomials, factorialOf),
  };
  layouts[size] = layout;
  return layout;
}

function factorialOf(factors: number[]): number {
  const distinct = new Set(factors).size;
  if (factors.length === 3) return distinct === 1 ? 6 : distinct === 2 ? 2 : 1;
  return factors.length === 2 && distinct === 1 ? 2 : 1;
}

/** The jet of a constant among `variables` variables (1 to 6; anything else throws an InputError). */
export function constant(variables: number, value: number): Jet {
  const jet = new Float64Array(layoutFor(variables).size);
  jet[0] = value;
  return jet;
}

/** The jet of variable number `index` (from 0) among `variables`, at `value`. */
export function variable(variables: number, index: number, value: number): Jet {
  if (!Number.isInteger(index) || index < 0 || index >= variables) {
    throw new InputError('index', index, `a whole number from 0 to ${variables - 1}`);
  }
  const jet = constant(variables, value);
  jet[1 + index] = 1;
  return jet;
}

/** How many variables the jet has. */
export function variablesOf(jet: Jet): number {
  return layoutOf(jet).variables;
}

/** The derivative by the variables listed: derivative(f, 0, 0, 1) is d3f / dx0^2 dx1, derivative(f) the value. */
export function derivative(jet: Jet, ...by: readonly number[]): number {
  const { variables: n, position, factorial } = layoutOf(jet);
  if (by.length > ORDER || by.some((index) => !Number.isInteger(index) || index < 0 || index >= n)) {
    throw new InputError('by', by, `at most three variables from 0 to ${n - 1}`);
  }
  const [i = n, j = n, k = n] = by;
  const monomial = position[(i * (n + 1) + j) * (n + 1) + k]!;
  return jet[monomial]! * factorial[monomial]!;
}

function requireSameLayout(a: Jet, b: Jet): Layout {
  if (a.length !== b.length) throw new InputError('jet', b.length, `of length ${a.length}, as its partner`);
  return layoutOf(a);
}

export function add(a: Jet, b: Jet): Jet {
  const { size } = requireSameLayout(a, b);
  const sum = new Float64Array(size);
  for (let i = 0; i < size; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}

export function subtract(a: Jet, b: Jet): Jet {
  const { size } = requireSameLayout(a, b);
  const difference = new Float64Array(size);
  for (let i = 0; i < size; i++) difference[i] = a[i]! - b[i]!;
  return difference;
}

/** A jet times a number. */
export function scale(a: Jet, factor: number): Jet {
  return a.map((coefficient) => coefficient * factor);
}

/** A jet plus a number. */
export function shift(a: Jet, step: number): Jet {
  const sum = Float64Array.from(a);
  sum[0] = sum[0]! + step;
  return sum;
}

export function multiply(a: Jet, b: Jet): Jet {
  const { size, products } = requireSameLayout(a, b);
  const product = new Float64Array(size);
  for (let p = 0; p < products.length; p += 3) {
    const k = products[p + 2]!;
    product[k] = product[k]! + a[products[p]!]! * b[products[p + 1]!]!;
  }
  return product;
}

/** a / b; a divisor of value 0 gives infinite or undefined coefficients, as for numbers. */
export function divide(a: Jet, b: Jet): Jet {
  return multiply(a, reciprocal(b));
}

export function reciprocal(a: Jet): Jet {
  const inverse = 1 / a[0]!;
  const square = inverse * inverse;
  return compose(a, inverse, -square, 2 * square * inverse, -6 * square * square);
}

/** g(u) from the value and the first three derivatives of g at the value of u. */
export function compose(u: Jet, g0: number, g1: number, g2: number, g3: number): Jet {
  const step = Float64Array.from(u);
  step[0] = 0;
  // Horner's scheme in the step: g0 + step (g1 + step (g2/2 + step g3/6)).
  const inner = shift(scale(step, g3 / 6), g2 / 2);
  return shift(multiply(step, shift(multiply(step, inner), g1)), g0);
}

export function exp(u: Jet): Jet {
  const value = exponential(u[0]!);
  return compose(u, value, value, value, value);
}

/** Natural logarithm; of a value above 0. */
export function log(u: Jet): Jet {
  const inverse = 1 / u[0]!;
  return compose(u, logarithm(u[0]!), inverse, -inverse * inverse, 2 * inverse * inverse * inverse);
}

/** Square root; of a value above 0. */
export function sqrt(u: Jet): Jet {
  const x = u[0]!;
  const root = Math.sqrt(x);
  return compose(u, root, 0.5 / root, -0.25 / (root * x), 0.375 / (root * x * x));
}

/** u^p for a fixed real exponent; of a value above 0. */
export function power(u: Jet, p: number): Jet {
  const x = u[0]!;
  const value = exponential(p * logarithm(x));
  const first = (p * value) / x;
  const second = ((p - 1) * first) / x;
  return compose(u, value, first, second, ((p - 2) * second) / x);
}

/** Standard normal distribution function. */
export function normalCdf(u: Jet): Jet {
  const z = u[0]!;
  const density = pdf(z);
  return compose(u, cdf(z), density, -z * density, (z * z - 1) * density);
}

/** Standard normal density. */
export function normalPdf(u: Jet): Jet {
  const z = u[0]!;
  const density = pdf(z);
  return compose(u, density, -z * density, (z * z - 1) * density, z * (3 - z * z) * density);
}

/**
 * The jet of f(u_1, .., u_m) from its value at the point, the jets u_i and the jets g_i of its partial derivatives df/du_i
 * along them. Where f itself is a difference of large terms but its gradient is not (every option value), this loses nothing.
 *
 * The part of degree m of f is 1/m times that of sum_i g_i E u_i, E multiplying each monomial by its degree (Euler).
 */
export function fromGradient(value: number, terms: readonly (readonly [gradient: Jet, inner: Jet])[]): Jet {
  const first = terms[0];
  if (first === undefined) throw new InputError('terms', terms, 'at least one gradient');
  const { size, degree } = layoutOf(first[0]);
  const total = new Float64Array(size);
  for (const [gradient, inner] of terms) {
    const { products } = requireSameLayout(gradient, inner);
    for (let p = 0; p < products.length; p += 3) {
      const j = products[p + 1]!;
      if (j === 0) continue;
      const k = products[p + 2]!;
      total[k] = total[k]! + gradient[products[p]!]! * inner[j]! * degree[j]!;
    }
  }
  for (let k = 1; k < size; k++) total[k] = total[k]! / degree[k]!;
  total[0] = value;
  return total;
}
