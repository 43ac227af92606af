import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bivariateNormalCdf } from '../../src/math/bivariate-normal.js';
import { normalCdf } from '../../src/math/normal.js';
import { bivariateNormal } from '../reference/bivariate-normal.js';
import { real } from '../reference/real.js';

const points: [number, number, number][] = [
  [0, 0, 0.5],
  [0.3, -0.7, 0.1],
  [-1.2, 0.4, -0.45],
  [2.5, 1.1, 0.79],
  [-3, -2.5, -0.79],
  [1, 1.2, 0.8],
  [0.5, 0.5000001, 0.81],
  [-0.2, -0.1, 0.9],
  [0.7, -0.9, 0.95],
  [-1.5, 1.4, -0.95],
  [1.1, -1.1, -0.97],
  [0.05, 0.06, 0.97],
  [-2, -2.1, 0.97],
];

describe('against 60 digits', () => {
  it.each(points)('h = %f, k = %f, rho = %f', (h, k, rho) => {
    const exact = bivariateNormal(h, k, rho);
    expect(
      Math.abs(
        real(bivariateNormalCdf(h, k, rho))
          .sub(exact)
          .toNumber(),
      ),
    ).toBeLessThan(2e-15);
  });
});

const ordinate = fc.double({ min: -9, max: 9, noNaN: true });
const correlation = fc.double({ min: -1, max: 1, noNaN: true });

describe('properties', () => {
  it('is that of one variable at correlations of 1 and -1', () => {
    for (const [h, k] of [
      [0, 0],
      [1, 1],
      [1, -1],
      [-0.5, 2],
    ] as const) {
      expect(bivariateNormalCdf(h, k, 1)).toBe(normalCdf(Math.min(h, k)));
      expect(bivariateNormalCdf(h, k, -1)).toBeCloseTo(Math.max(normalCdf(h) - normalCdf(-k), 0), 15);
    }
  });

  it('is symmetric, within its bounds, and completes', () => {
    fc.assert(
      fc.property(ordinate, ordinate, correlation, (h, k, rho) => {
        const p = bivariateNormalCdf(h, k, rho);
        expect(Math.abs(p - bivariateNormalCdf(k, h, rho))).toBeLessThan(2e-15);
        expect(p).toBeGreaterThanOrEqual(Math.max(0, normalCdf(h) + normalCdf(k) - 1) - 2e-15);
        expect(p).toBeLessThanOrEqual(Math.min(normalCdf(h), normalCdf(k)) + 2e-15);
        expect(Math.abs(p + bivariateNormalCdf(h, -k, -rho) - normalCdf(h))).toBeLessThan(3e-15);
      }),
      { numRuns: 2000 },
    );
  });

  it('at the origin it is 1/4 + asin(rho) / 2 pi', () => {
    fc.assert(
      fc.property(correlation, (rho) => {
        const exact = 0.25 + Math.asin(rho) / (2 * Math.PI);
        expect(Math.abs(bivariateNormalCdf(0, 0, rho) - exact)).toBeLessThan(2e-15);
      }),
    );
  });

  it('the two ways agree where one takes over', () => {
    fc.assert(
      fc.property(ordinate, ordinate, (h, k) => {
        const below = bivariateNormalCdf(h, k, 0.8);
        expect(Math.abs(bivariateNormalCdf(h, k, 0.8 + 1e-13) - below)).toBeLessThan(3e-14);
      }),
    );
  });
});

describe('ends', () => {
  it('of the plane, of the correlation, and what is no number', () => {
    expect(bivariateNormalCdf(-Infinity, 1, 0.3)).toBe(0);
    expect(bivariateNormalCdf(Infinity, 1, 0.3)).toBe(normalCdf(1));
    expect(bivariateNormalCdf(0.4, Infinity, -0.3)).toBe(normalCdf(0.4));
    expect(bivariateNormalCdf(0.4, 0.9, 1)).toBeCloseTo(normalCdf(0.4), 15);
    expect(bivariateNormalCdf(0.4, -0.9, -1)).toBe(0);
    expect(bivariateNormalCdf(0.4, 0.9, -1)).toBeCloseTo(normalCdf(0.4) + normalCdf(0.9) - 1, 15);
    expect(bivariateNormalCdf(NaN, 0, 0)).toBeNaN();
    expect(bivariateNormalCdf(0, 0, 1.1)).toBeNaN();
  });
});
