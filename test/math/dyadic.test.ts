import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import {
  add,
  binaryExponent,
  bitLength,
  compare,
  dyadic,
  multiply,
  negate,
  nextDown,
  nextUp,
  quotientBounds,
  roundDown,
  roundUp,
  scaleByPowerOfTwo,
  sign,
  signOfSumWithRoot,
  squareRootBounds,
  subtract,
  toNumber,
  type Dyadic,
} from '../../src/math/dyadic.js';
import { real } from '../reference/real.js';

const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const moderate = fc.double({ noNaN: true, min: -1e60, max: 1e60 });

function asReal({ mantissa, exponent }: Dyadic): ReturnType<typeof real> {
  return real(mantissa.toString()).mul(real(2).pow(exponent));
}

describe('doubles as exact numbers', () => {
  it('go in and come back the same', () => {
    fc.assert(
      fc.property(double, (x) => toNumber(dyadic(x)) === x && roundDown(dyadic(x)) === x && roundUp(dyadic(x)) === x),
    );
    for (const x of [
      0,
      -0,
      Number.MIN_VALUE,
      2 ** -1022,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      2 ** -1022 - Number.MIN_VALUE,
    ]) {
      expect(toNumber(dyadic(x))).toBe(x + 0);
    }
    for (const x of [NaN, Infinity, -Infinity]) expect(() => dyadic(x)).toThrow(InputError);
  });

  it('are added, multiplied and compared without rounding', () => {
    fc.assert(
      fc.property(moderate, moderate, (x, y) => {
        const [p, q] = [dyadic(x), dyadic(y)];
        expect(roundDown(add(p, q)) <= x + y && roundUp(add(p, q)) >= x + y).toBe(true);
        expect(sign(subtract(add(p, q), q))).toBe(Math.sign(x) + 0);
        expect(compare(subtract(add(p, q), q), p)).toBe(0);
        expect(compare(multiply(p, q), multiply(q, p))).toBe(0);
        expect(compare(p, q)).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
    expect(asReal(multiply(dyadic(0.1), dyadic(0.1))).eq(real(0.1).pow(2))).toBe(true);
  });

  it('are rounded outwards by less than one unit', () => {
    fc.assert(
      fc.property(moderate, moderate, (x, y) => {
        const exact = multiply(dyadic(x), dyadic(y));
        const [low, high] = [roundDown(exact), roundUp(exact)];
        expect(compare(dyadic(low), exact) <= 0 && compare(dyadic(high), exact) >= 0).toBe(true);
        expect(high === low || high === nextUp(low)).toBe(true);
      }),
    );
    const huge = scaleByPowerOfTwo(dyadic(1), 5000);
    expect([roundDown(huge), roundUp(huge), roundDown(negate(huge))]).toEqual([Number.MAX_VALUE, Infinity, -Infinity]);
    const tiny = scaleByPowerOfTwo(dyadic(1), -5000);
    expect([roundDown(tiny), roundUp(tiny), roundDown(negate(tiny))]).toEqual([0, Number.MIN_VALUE, -Number.MIN_VALUE]);
  });

  it('have roots and quotients between bounds that close in', () => {
    fc.assert(
      fc.property(moderate, moderate, (x, y) => {
        const square = dyadic(Math.abs(x));
        const [low, high] = squareRootBounds(square, 100);
        expect(compare(multiply(low, low), square) <= 0 && compare(multiply(high, high), square) >= 0).toBe(true);
        if (x !== 0)
          expect(binaryExponent(high) - bitLength(subtract(high, low).mantissa) - high.exponent).toBeGreaterThan(95);
        if (y === 0) return;
        const divisor = dyadic(y);
        const [from, to] = quotientBounds(dyadic(x), divisor, 100);
        const [below, above] = y > 0 ? [from, to] : [to, from];
        expect(compare(multiply(below, divisor), dyadic(x)) <= 0).toBe(true);
        expect(compare(multiply(above, divisor), dyadic(x)) >= 0).toBe(true);
      }),
    );
    const [low, high] = squareRootBounds(dyadic(0.25), 60);
    expect([toNumber(low), toNumber(high), compare(low, high)]).toEqual([0.5, 0.5, 0]);
  });

  it('tell the sign of x + sqrt(y)', () => {
    fc.assert(
      fc.property(moderate, moderate, (x, y) => {
        const root = dyadic(Math.abs(y));
        const expected = real(x).add(real(Math.abs(y)).sqrt());
        const exact = x < 0 ? compare(root, multiply(dyadic(x), dyadic(x))) : expected.isZero() ? 0 : 1;
        expect(signOfSumWithRoot(dyadic(x), root)).toBe(exact);
      }),
    );
    expect(signOfSumWithRoot(dyadic(-3), dyadic(9))).toBe(0);
    expect(signOfSumWithRoot(dyadic(-3), dyadic(nextUp(9)))).toBe(1);
    expect(signOfSumWithRoot(dyadic(-3), dyadic(nextDown(9)))).toBe(-1);
  });
});

it('neighbouring doubles', () => {
  fc.assert(fc.property(double, (x) => nextDown(nextUp(x)) === x && (x === Number.MAX_VALUE || nextUp(x) > x)));
  expect([nextUp(0), nextUp(-0), nextDown(0), nextUp(1), nextUp(Number.MAX_VALUE), nextUp(Infinity)]).toEqual([
    Number.MIN_VALUE,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    1 + Number.EPSILON,
    Infinity,
    Infinity,
  ]);
});
