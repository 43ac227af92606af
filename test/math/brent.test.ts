import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { brent } from '../../src/math/brent.js';

describe('brent', () => {
  it('solves to the last digits', () => {
    expect(brent((x) => x * x - 2, 0, 2)).toBeCloseTo(Math.SQRT2, 15);
    expect(brent((x) => Math.cos(x) - x, 0, 1)).toBeCloseTo(0.7390851332151607, 15);
    expect(brent((x) => x ** 9, -1, 2)).toBeCloseTo(0, 15);
  });

  it('stays in the bracket and changes sign at the answer', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (root, power) => {
          const f = (x: number) => Math.sign(x - root) * Math.abs(x - root) ** power;
          const found = brent(f, -6, 6.5);
          expect(Math.abs(found - root)).toBeLessThan(1e-9);
        },
      ),
    );
  });

  it('takes an end that is a root, and refuses ends of one sign and values that are no numbers', () => {
    expect(brent((x) => x, 0, 1)).toBe(0);
    expect(brent((x) => x - 1, 0, 1)).toBe(1);
    expect(() => brent((x) => x * x + 1, -1, 1)).toThrow(InputError);
    expect(() => brent((x) => (Math.abs(x) === 1 ? x : NaN), -1, 1)).toThrow(InputError);
  });

  it('stops at the tolerance', () => {
    let calls = 0;
    const found = brent(
      (x) => {
        calls++;
        return Math.exp(x) - 2;
      },
      0,
      1,
      { tolerance: 1e-3 },
    );
    expect(Math.abs(found - Math.LN2)).toBeLessThan(1e-3);
    expect(calls).toBeLessThan(9);
  });
});
