import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import * as jet from '../../src/math/jet.js';
import type { Jet } from '../../src/math/jet.js';
import { differentiate } from '../reference/greeks.js';
import { normalCdf, normalDensity } from '../reference/normal.js';
import { relativeError, type Real } from '../reference/real.js';

const orders = [0, 1, 2, 3];
/** Every (a, b) with a + b <= 3. */
const pairs = orders.flatMap((a) => orders.filter((b) => a + b <= 3).map((b) => [a, b] as const));
const repeated = (a: number, b: number): number[] => [...Array<number>(a).fill(0), ...Array<number>(b).fill(1)];

function expectDerivatives(f: (x: Jet, y: Jet) => Jet, exact: (x: Real, y: Real) => Real, x: number, y: number): void {
  const value = f(jet.variable(2, 0, x), jet.variable(2, 1, y));
  for (const [a, b] of pairs) {
    const expected = differentiate(exact, [x, y], [a, b]);
    const found = jet.derivative(value, ...repeated(a, b));
    if (expected.abs().lt(1e-25)) expect(Math.abs(found)).toBeLessThan(1e-14);
    else expect(relativeError(found, expected), `order ${a}, ${b}`).toBeLessThan(2e-14);
  }
}

describe('jets against 50-digit differentiation', () => {
  it.each<[string, (x: Jet, y: Jet) => Jet, (x: Real, y: Real) => Real]>([
    ['sum', (x, y) => jet.add(jet.multiply(x, x), y), (x, y) => x.mul(x).add(y)],
    ['difference', (x, y) => jet.subtract(jet.multiply(x, y), y), (x, y) => x.mul(y).sub(y)],
    ['product', (x, y) => jet.multiply(jet.multiply(x, y), y), (x, y) => x.mul(y).mul(y)],
    ['quotient', (x, y) => jet.divide(x, y), (x, y) => x.div(y)],
    ['exp', (x, y) => jet.exp(jet.multiply(x, y)), (x, y) => x.mul(y).exp()],
    ['log', (x, y) => jet.log(jet.multiply(x, y)), (x, y) => x.mul(y).ln()],
    ['sqrt', (x, y) => jet.sqrt(jet.multiply(x, y)), (x, y) => x.mul(y).sqrt()],
    ['power', (x, y) => jet.power(jet.add(x, y), 2.5), (x, y) => x.add(y).pow(2.5)],
    ['distribution', (x, y) => jet.normalCdf(jet.divide(x, y)), (x, y) => normalCdf(x.div(y))],
    ['density', (x, y) => jet.normalPdf(jet.divide(x, y)), (x, y) => normalDensity(x.div(y))],
    [
      'constant, scale, shift',
      (x, y) => jet.multiply(jet.shift(jet.scale(x, 3), 2), jet.add(y, jet.constant(2, 0.5))),
      (x, y) => x.mul(3).add(2).mul(y.add(0.5)),
    ],
  ])('%s', (_, f, exact) => {
    expectDerivatives(f, exact, 0.7, 1.3);
    expectDerivatives(f, exact, 2.25, 0.4);
  });

  it('builds a function from its gradient', () => {
    // f(u, w) = u e^w with u = x y, w = x - y: the gradient is (e^w, u e^w).
    expectDerivatives(
      (x, y) => {
        const [u, w] = [jet.multiply(x, y), jet.subtract(x, y)];
        const growth = jet.exp(w);
        return jet.fromGradient(u[0]! * Math.exp(w[0]!), [
          [growth, u],
          [jet.multiply(u, growth), w],
        ]);
      },
      (x, y) => x.mul(y).mul(x.sub(y).exp()),
      1.1,
      0.6,
    );
  });
});

describe('jet algebra', () => {
  const value = fc.double({ min: 0.5, max: 2, noNaN: true });
  it('does not depend on the order of the variables, with one to six of them', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (point) => {
        const n = point.length;
        const variables = point.map((x, i) => jet.variable(n, i, x));
        const product = variables.reduce((a, b) => jet.multiply(a, b));
        const log = jet.log(product);
        const sum = variables.map((v) => jet.log(v)).reduce((a, b) => jet.add(a, b));
        log.forEach((c, i) => {
          expect(Math.abs(c - sum[i]!)).toBeLessThanOrEqual(1e-13);
        });
        if (n >= 3) {
          expect(jet.derivative(product, 0, 1, 2)).toBe(jet.derivative(product, 2, 0, 1));
          const rest = point.reduce((a, x, i) => (i < 3 ? a : a * x), 1);
          expect(jet.derivative(product, 1, 2, 0)).toBeCloseTo(rest, 8);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('stores 4, 10, 20, 35, 56 and 84 coefficients', () => {
    expect([1, 2, 3, 4, 5, 6].map((n) => jet.constant(n, 1).length)).toEqual([4, 10, 20, 35, 56, 84]);
  });

  it('refuses a number of variables, an index, an order or a partner that does not fit', () => {
    for (const n of [0, 7, 1.5, NaN]) expect(() => jet.constant(n, 1)).toThrow(InputError);
    for (const i of [-1, 2, 0.5]) expect(() => jet.variable(2, i, 1)).toThrow(InputError);
    const x = jet.variable(2, 0, 1);
    expect(() => jet.derivative(x, 0, 0, 0, 0)).toThrow(InputError);
    expect(() => jet.derivative(x, 2)).toThrow(InputError);
    expect(() => jet.add(x, jet.constant(3, 1))).toThrow(InputError);
    expect(() => jet.derivative(new Float64Array(7))).toThrow(InputError);
    expect(() => jet.fromGradient(1, [])).toThrow(InputError);
  });

  it('keeps an exact zero where the third order of a gradient overflows', () => {
    const gradient = jet.constant(1, 2);
    gradient[3] = Infinity;
    expect(jet.fromGradient(1, [[gradient, jet.variable(1, 0, 5)]])).toEqual(Float64Array.from([1, 2, 0, 0]));
  });
});
