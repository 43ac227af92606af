import fc from 'fast-check';
import { expect, test } from 'vitest';
import { medianInPlace, medianOf } from '../../src/math/summary.js';

test('the median in place is the median of the first n, to the bit', () => {
  const values = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 1, 2)), { maxLength: 60 });
  fc.assert(
    fc.property(values, fc.array(fc.double(), { maxLength: 5 }), (list, beyond) => {
      const middle = medianInPlace(Float64Array.of(...list, ...beyond), list.length);
      // -0 and 0 are the same height.
      expect(middle + 0).toBe(medianOf(list) + 0);
    }),
    { numRuns: 2000 },
  );
});

test('what lies beyond n is left alone and the rest only reordered', () => {
  const values = Float64Array.of(5, 3, 9, 1, 7, 42);
  expect(medianInPlace(values, 5)).toBe(5);
  expect(values[5]).toBe(42);
  expect(values.slice(0, 5).sort()).toEqual(Float64Array.of(1, 3, 5, 7, 9));
  expect(medianInPlace(new Float64Array(3), 0)).toBeNaN();
});
