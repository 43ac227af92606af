import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ulp } from '../../src/math/ulp.js';

describe('ulp', () => {
  it('is the spacing of doubles', () => {
    expect(ulp(1)).toBe(Number.EPSILON);
    expect(ulp(2 - Number.EPSILON)).toBe(Number.EPSILON);
    expect(ulp(-2)).toBe(2 * Number.EPSILON);
    expect(ulp(0)).toBe(Number.MIN_VALUE);
    expect(ulp(Number.MIN_VALUE)).toBe(Number.MIN_VALUE);
    expect(ulp(2 ** -1022)).toBe(Number.MIN_VALUE);
    expect(ulp(2 ** -1021)).toBe(2 * Number.MIN_VALUE);
    expect(ulp(2 ** -970)).toBe(2 ** -1022);
    expect(ulp(2 ** -969)).toBe(2 ** -1021);
    expect(ulp(Number.MAX_VALUE)).toBe(2 ** 971);
    for (const value of [NaN, Infinity, -Infinity]) expect(ulp(value)).toBeNaN();
  });
  it('takes every double to a different one, and half of it to no other', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e308 }), (x) => {
        expect(x + ulp(x)).toBeGreaterThan(x);
        expect(x + ulp(x) / 4).toBe(x);
      }),
    );
  });
});
