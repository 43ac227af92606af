import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviationWithoutPrior, robustLine } from '../../src/math/robust-line.js';
import { medianOf } from '../../src/math/summary.js';

const x = Float64Array.from({ length: 11 }, (_, i) => -1 + 0.2 * i);
const ones = new Float64Array(11).fill(1);
const line = (intercept: number, slope: number): Float64Array => x.map((at) => intercept + slope * at);

describe('robust line', () => {
  it('is the line itself where the points lie on one', () => {
    const fit = robustLine(x, line(3, -2), ones, { outlierCut: 4 });
    expect(fit.intercept).toBeCloseTo(3, 14);
    expect(fit.slope).toBeCloseTo(-2, 14);
    expect(fit.degreesOfFreedom).toBe(9);
    expect(fit.chiSquare).toBeLessThan(1e-25);
    // Design matrix by hand: sum of weights 11, of x^2 4.4, of x 0.
    expect(fit.covariance[0]).toBeCloseTo(1 / 11, 14);
    expect(fit.covariance[1]).toBeCloseTo(0, 14);
    expect(fit.covariance[2]).toBeCloseTo(1 / 4.4, 14);
  });

  it('within the Huber limit it is weighted least squares', () => {
    // Residuals of one standard deviation at most: the normal equations solved by hand.
    const s = x.map((_, i) => 1 + 0.1 * i);
    const y = x.map((at, i) => 1 + 0.5 * at + (i % 2 === 0 ? 0.4 : -0.3) * s[i]!);
    const sums = { w: 0, x: 0, y: 0, xx: 0, xy: 0 };
    x.forEach((at, i) => {
      const w = 1 / (s[i]! * s[i]!);
      sums.w += w;
      sums.x += w * at;
      sums.y += w * y[i]!;
      sums.xx += w * at * at;
      sums.xy += w * at * y[i]!;
    });
    const determinant = sums.w * sums.xx - sums.x * sums.x;
    const fit = robustLine(x, y, s, { outlierCut: 4 });
    expect(fit.slope).toBeCloseTo((sums.w * sums.xy - sums.x * sums.y) / determinant, 12);
    expect(fit.intercept).toBeCloseTo((sums.xx * sums.y - sums.x * sums.xy) / determinant, 12);
  });

  it('three of eleven points may be anywhere', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(10), { minLength: 1, maxLength: 3 }),
        fc.array(fc.double({ min: 20, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (bad, sizes) => {
          const y = line(3, -2);
          bad.forEach((i, n) => (y[i]! += sizes[n]!));
          const fit = robustLine(x, y, ones, { outlierCut: 4 });
          expect(fit.intercept).toBeCloseTo(3, 9);
          expect(fit.slope).toBeCloseTo(-2, 9);
          expect([...fit.outlier.keys()].filter((i) => fit.outlier[i] === 1)).toEqual([...bad].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('a prior is one more measurement', () => {
    const prior = { atIntercept: 0, atSlope: 1, target: -1, standardDeviation: Math.sqrt(1 / 4.4) };
    // Equal precision: half-way between the slope of the points and the prior's.
    const fit = robustLine(x, line(3, -2), new Float64Array(11).fill(1), { outlierCut: 4, prior });
    expect(fit.slope).toBeCloseTo(-1.5, 10);
    expect(fit.covariance[2]).toBeCloseTo(1 / 8.8, 12);
    expect(deviationWithoutPrior(x, ones, prior)).toBeCloseTo(Math.sqrt(1 / 4.4), 14);
  });

  it('however precise the prior, its combination is met and the rest comes from the points', () => {
    const prior = { atIntercept: 1, atSlope: -3, target: 10, standardDeviation: 1e-12 };
    const fit = robustLine(x, line(3, -2), new Float64Array(11).fill(5), { outlierCut: 4, prior });
    expect(fit.intercept - 3 * fit.slope).toBeCloseTo(10, 11);
    expect(fit.covariance[0] - 6 * fit.covariance[1] + 9 * fit.covariance[2]).toBeLessThan(1e-15);
  });

  it('at a single x the prior gives the slope', () => {
    const at = new Float64Array(3).fill(0.5);
    const prior = { atIntercept: 0, atSlope: 1, target: 2, standardDeviation: 0.1 };
    const fit = robustLine(at, Float64Array.of(7, 7, 7), new Float64Array(3).fill(1), { outlierCut: 4, prior });
    expect(fit.slope).toBeCloseTo(2, 14);
    expect(fit.intercept).toBeCloseTo(6, 14);
    expect(fit.covariance[2]).toBeCloseTo(0.01, 14);
    expect(deviationWithoutPrior(at, ones.slice(0, 3), prior)).toBe(Infinity);
  });

  it('the middle of a list', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(medianOf([])).toBeNaN();
  });
});
