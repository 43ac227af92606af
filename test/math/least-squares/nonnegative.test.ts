import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { nonNegativeLeastSquares } from '../../../src/math/least-squares/nonnegative.js';

const entry = fc.double({ min: -10, max: 10, noNaN: true }).map((x) => Math.round(x * 1e6) / 1e6);

describe('non-negative least squares', () => {
  test('a worked example: the second unknown is held', () => {
    const a = [
      [1, 1],
      [1, 2],
      [1, 3],
    ];
    // The free line through (1, 6), (2, 4), (3, 2) falls; held at slope 0 it is the mean.
    expect(nonNegativeLeastSquares(a, [6, 4, 2])).toMatchObject({ free: [true, false] });
    expect(nonNegativeLeastSquares(a, [6, 4, 2]).x[0]).toBeCloseTo(4, 14);
    expect(nonNegativeLeastSquares(a, [6, 4, 2]).sumOfSquares).toBeCloseTo(8, 13);
    expect(nonNegativeLeastSquares(a, [2, 4, 6]).x[1]).toBeCloseTo(2, 14);
    expect(nonNegativeLeastSquares(a, [-1, -1, -1])).toEqual({ x: [0, 0], free: [false, false], sumOfSquares: 3 });
  });

  test('meets the conditions of Karush, Kuhn and Tucker: no allowed step lowers the sum', () => {
    const problems = fc.integer({ min: 1, max: 6 }).chain((columns) =>
      fc.integer({ min: columns, max: 10 }).chain((rows) =>
        fc.record({
          a: fc.array(fc.array(entry, { minLength: columns, maxLength: columns }), {
            minLength: rows,
            maxLength: rows,
          }),
          b: fc.array(entry, { minLength: rows, maxLength: rows }),
        }),
      ),
    );
    fc.assert(
      fc.property(problems, ({ a, b }) => {
        const columns = a[0]!.length;
        // A little of the identity makes the columns independent.
        const rows = [...a, ...Array.from({ length: columns }, (_, i) => a[0]!.map((_, j) => (i === j ? 0.1 : 0)))];
        const rhs = [...b, ...a[0]!.map(() => 0)];
        const { x, free, sumOfSquares } = nonNegativeLeastSquares(rows, rhs);
        const residual = rows.map((row, i) => row.reduce((left, value, j) => left - value * x[j]!, rhs[i]!));
        const scale = Math.hypot(...rhs) + 1e-12;
        x.forEach((value, j) => {
          const gradient = rows.reduce((sum, row, i) => sum + row[j]! * residual[i]!, 0);
          const length = Math.hypot(...rows.map((row) => row[j]!));
          expect(value).toBeGreaterThanOrEqual(0);
          if (free[j]!) expect(Math.abs(gradient) / length).toBeLessThan(1e-9 * scale);
          else {
            expect(value).toBe(0);
            expect(gradient / length).toBeLessThan(1e-9 * scale);
          }
        });
        expect(sumOfSquares).toBeCloseTo(
          residual.reduce((sum, r) => sum + r * r, 0),
          9,
        );
      }),
      { numRuns: 500 },
    );
  });

  test.each<[number[][], number[]]>([
    [[], []],
    [[[1]], [1, 2]],
    [
      [[1], [1, 2]],
      [1, 2],
    ],
    [[[NaN]], [1]],
    [[[1]], [Infinity]],
  ])('%j, %j is a mistake', (a, b) => {
    expect(() => nonNegativeLeastSquares(a, b)).toThrow(InputError);
  });
});
