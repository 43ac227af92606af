/** The small dense pieces of the fits: steps inside a box by two ways, and the dominant eigenvalue. */
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { boxStep, boxStepWorkspace } from '../../../src/math/least-squares/box-step.js';
import { dominantEigenvalue } from '../../../src/math/least-squares/dominant.js';
import { normalStep, packedIndex } from '../../../src/math/least-squares/normal-step.js';

const number = fc.double({ min: -2, max: 2, noNaN: true });

const problems = fc.integer({ min: 1, max: 5 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    r: fc.array(number, { minLength: n * n, maxLength: n * n }),
    q: fc.array(number, { minLength: n, maxLength: n }),
    low: fc.array(fc.double({ min: -1, max: 0, noNaN: true }), { minLength: n, maxLength: n }),
    high: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: n, maxLength: n }),
    lambda: fc.double({ min: 0, max: 3, noNaN: true }),
  }),
);

describe('steps inside a box', () => {
  it('are the same from the triangle and from the normal equations, and meet the optimality conditions', () => {
    fc.assert(
      fc.property(problems, ({ n, r, q, low, high, lambda }) => {
        const triangle = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = i; j < n; j++) triangle[i * n + j] = i === j ? 0.5 + Math.abs(r[i * n + j]!) : r[i * n + j]!;
        }
        const matrix = new Float64Array((n * (n + 1)) / 2);
        const gradient = new Float64Array(n);
        for (let i = 0; i < n; i++) {
          for (let k = 0; k < n; k++) gradient[i]! += triangle[k * n + i]! * q[k]!;
          for (let j = 0; j <= i; j++) {
            for (let k = 0; k < n; k++) matrix[packedIndex(i, j)]! += triangle[k * n + i]! * triangle[k * n + j]!;
          }
        }
        const scale = Float64Array.from({ length: n }, (_, i) => Math.sqrt(matrix[packedIndex(i, i)]!));
        const bounds = [Float64Array.from(low), Float64Array.from(high)] as const;
        const one = new Float64Array(n);
        const two = new Float64Array(n);
        boxStep(n, triangle, Float64Array.from(q), lambda, scale, ...bounds, one, boxStepWorkspace(n));
        const fall = normalStep(n, matrix, gradient, lambda, ...bounds, two);
        let promised = 0;
        for (let i = 0; i < n; i++) {
          expect(Math.abs(one[i]! - two[i]!)).toBeLessThan(1e-8);
          expect(two[i]).toBeGreaterThanOrEqual(low[i]!);
          expect(two[i]).toBeLessThanOrEqual(high[i]!);
          let curvature = 0;
          for (let j = 0; j < n; j++) curvature += matrix[packedIndex(i, j)]! * two[j]!;
          promised -= two[i]! * (gradient[i]! + curvature / 2);
          const slope = gradient[i]! + curvature + lambda * matrix[packedIndex(i, i)]! * two[i]!;
          if (two[i]! > low[i]!) expect(slope).toBeLessThan(1e-8);
          if (two[i]! < high[i]!) expect(slope).toBeGreaterThan(-1e-8);
        }
        expect(Math.abs(fall - promised)).toBeLessThan(1e-10);
      }),
      { numRuns: 500 },
    );
  });
});

describe('dominantEigenvalue', () => {
  it('is the largest of all, with a direction that has it', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 30, maxLength: 30 }), (values) => {
        const rows = new Matrix([0, 1, 2, 3, 4, 5].map((i) => values.slice(5 * i, 5 * i + 5)));
        const matrix = rows.transpose().mmul(rows);
        const largest = Math.max(...new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues);
        const direction = new Float64Array(5);
        const value = dominantEigenvalue(5, matrix.to1DArray(), direction);
        expect(value).toBeLessThanOrEqual(largest * (1 + 1e-12));
        expect(value).toBeGreaterThanOrEqual(0.98 * largest);
        if (largest > 0) expect(direction.reduce((sum, d) => sum + d * d, 0)).toBeCloseTo(1, 12);
      }),
    );
    expect(dominantEigenvalue(3, new Float64Array(9), new Float64Array(3))).toBe(0);
  });
});
