import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/math/random.js';
import { symmetricEigen } from '../../src/math/symmetric-matrix.js';
import {
  correlationFromCovariance,
  covarianceFromCorrelation,
  nearestCorrelation,
  requireCorrelation,
  stressCorrelation,
} from '../../src/risk/correlation.js';
import { randomCorrelation } from './random-correlation.js';

const least = (matrix: number[][]): number => symmetricEigen(matrix).values[0]!;
const distance = (a: number[][], b: number[][]): number =>
  Math.sqrt(a.reduce((sum, row, i) => sum + row.reduce((s, x, j) => s + (x - b[i]![j]!) ** 2, 0), 0));

/** Symmetric, unit diagonal, entries in [-1, 1], as a rule not positive semi-definite. */
function broken(seed: number, n: number): number[][] {
  const random = seededRandom(seed);
  const matrix = Array.from({ length: n }, () => new Array<number>(n).fill(1));
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[i]![j] = matrix[j]![i] = 2 * random.uniform() - 1;
  return matrix;
}

describe('nearest correlation', () => {
  const example = [
    [1, 1, 0],
    [1, 1, 1],
    [0, 1, 1],
  ];

  it("Higham's example (2002, section 4): 0.7607 and 0.1573 at a distance of 0.5278", () => {
    const near = nearestCorrelation(example, { method: 'higham' });
    expect(near[0]![1]).toBeCloseTo(0.7607, 4);
    expect(near[1]![2]).toBeCloseTo(0.7607, 4);
    expect(near[0]![2]).toBeCloseTo(0.1573, 4);
    expect(distance(near, example)).toBeCloseTo(0.5278, 4);
  });

  it('gives a correlation matrix, Higham nearer than clipping, and no random one nearer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 3, max: 6 }), (seed, n) => {
        const matrix = broken(seed, n);
        const clipped = nearestCorrelation(matrix);
        const near = nearestCorrelation(matrix, { method: 'higham' });
        for (const result of [clipped, near]) {
          requireCorrelation('result', result);
          expect(least(result)).toBeGreaterThanOrEqual(-1e-12);
          result.forEach((row, i) => {
            expect(row[i]).toBe(1);
          });
        }
        const best = distance(near, matrix);
        expect(best).toBeLessThanOrEqual(distance(clipped, matrix) + 1e-9);
        for (let k = 0; k < 5; k++) {
          const other = randomCorrelation(seed + k, n).correlation;
          for (const share of [1, 0.1, 0.01]) {
            const between = near.map((row, i) => row.map((x, j) => x + share * (other[i]![j]! - x)));
            expect(distance(between, matrix)).toBeGreaterThanOrEqual(best - 1e-9);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('leaves a correlation matrix as it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 8 }), (seed, n) => {
        const { correlation } = randomCorrelation(seed, n);
        const symmetric = correlation.map((row, i) => row.map((x, j) => (x + correlation[j]![i]!) / 2));
        expect(nearestCorrelation(symmetric)).toEqual(symmetric);
        expect(nearestCorrelation(symmetric, { method: 'higham' })).toEqual(symmetric);
      }),
    );
    const ones = [0, 1, 2].map(() => [1, 1, 1]);
    expect(nearestCorrelation(ones)).toEqual(ones);
  });
});

describe('stress', () => {
  it('runs from the matrix to all as one, or to the signs, and stays semi-definite', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, theta) => {
        const { correlation, uniform } = randomCorrelation(seed, 4);
        const signs = [0, 1, 2, 3].map(() => (uniform() < 0.5 ? 1 : -1));
        expect(least(stressCorrelation(correlation, theta))).toBeGreaterThanOrEqual(-1e-12);
        expect(least(stressCorrelation(correlation, theta, signs))).toBeGreaterThanOrEqual(-1e-12);
        expect(stressCorrelation(correlation, 0)).toEqual(correlation);
        expect(stressCorrelation(correlation, 1, signs)).toEqual(signs.map((a) => signs.map((b) => a * b)));
      }),
    );
  });
});

describe('covariances', () => {
  it('correlation and volatilities come back', () => {
    const { correlation } = randomCorrelation(5, 4);
    const vols = [0.1, 0.5, 1, 2];
    const back = correlationFromCovariance(covarianceFromCorrelation(correlation, vols));
    back.volatilities.forEach((v, i) => {
      expect(v).toBeCloseTo(vols[i]!, 14);
    });
    back.correlation.forEach((row, i) => {
      row.forEach((r, j) => {
        expect(r).toBeCloseTo(correlation[i]![j]!, 14);
      });
    });
    expect(
      correlationFromCovariance([
        [0, 0],
        [0, 4],
      ]).correlation,
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});

describe('errors', () => {
  const identity = [
    [1, 0],
    [0, 1],
  ];
  it.each([
    [
      'c[1][1]',
      () =>
        nearestCorrelation([
          [1, 0],
          [0, 2],
        ]),
    ],
    [
      'c[1][0]',
      () =>
        nearestCorrelation([
          [1, 0.5],
          [0.4, 1],
        ]),
    ],
    [
      'c[0].length',
      () =>
        nearestCorrelation([
          [1, 0, 0],
          [0, 1],
        ]),
    ],
    ['c.length', () => nearestCorrelation([])],
    [
      'c[0][1]',
      () =>
        nearestCorrelation([
          [1, NaN],
          [0, 1],
        ]),
    ],
    ['method', () => nearestCorrelation(identity, { method: 'svd' as 'clip' })],
    ['theta', () => stressCorrelation(identity, 1.5)],
    ['signs.length', () => stressCorrelation(identity, 0.5, [1])],
    ['signs[1]', () => stressCorrelation(identity, 0.5, [1, 0])],
    [
      'r[0][1]',
      () =>
        stressCorrelation(
          [
            [1, 1.5],
            [1.5, 1],
          ],
          0.5,
        ),
    ],
    [
      'r',
      () =>
        stressCorrelation(
          [
            [1, 1, 0],
            [1, 1, 1],
            [0, 1, 1],
          ],
          0.5,
        ),
    ],
    ['volatilities.length', () => covarianceFromCorrelation(identity, [1])],
    ['volatilities[1]', () => covarianceFromCorrelation(identity, [1, -1])],
    [
      'covariance[0][0]',
      () =>
        correlationFromCovariance([
          [-1, 0],
          [0, 1],
        ]),
    ],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
