import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covarianceFromCorrelation } from '../../src/risk/correlation.js';
import { diversificationRatio, effectiveNumberOfBets, factorFit } from '../../src/risk/diversification.js';
import { randomCorrelation } from './random-correlation.js';

const two = (rho: number, vols: number[]) =>
  covarianceFromCorrelation(
    [
      [1, rho],
      [rho, 1],
    ],
    vols,
  );

describe('diversification ratio', () => {
  it('weights .6 and .4, vols .5 and .8, correlation .7: 1.08455', () => {
    expect(diversificationRatio([0.6, 0.4], two(0.7, [0.5, 0.8]))).toBeCloseTo(1.08455, 5);
  });

  it('at least 1 for a long-only book, 1 where all move as one, Infinity where the parts cancel', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 6 }), (seed, n) => {
        const { correlation, uniform } = randomCorrelation(seed, n);
        const weights = Array.from({ length: n }, () => 0.01 + uniform());
        const vols = weights.map(() => 0.1 + uniform());
        expect(diversificationRatio(weights, covarianceFromCorrelation(correlation, vols))).toBeGreaterThanOrEqual(
          1 - 1e-12,
        );
        const one = weights.map(() => weights.map(() => 1));
        expect(diversificationRatio(weights, covarianceFromCorrelation(one, vols))).toBeCloseTo(1, 12);
      }),
    );
    expect(diversificationRatio([1, -1], two(1, [1, 1]))).toBe(Infinity);
  });
});

describe('effective number of bets', () => {
  it('n equal uncorrelated assets are n bets, one common factor is one', () => {
    const apart = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 + 1e-6 * i : 0)));
    expect(effectiveNumberOfBets([1, 1, 1], apart)).toBeCloseTo(3, 6);
    expect(
      effectiveNumberOfBets(
        [1, 1, 1],
        [0, 1, 2].map(() => [1, 1, 1]),
      ),
    ).toBeCloseTo(1, 10);
  });

  it('lies between 1 and n and ignores scale', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 6 }), (seed, n) => {
        const { correlation, uniform } = randomCorrelation(seed, n);
        const weights = Array.from({ length: n }, () => uniform() - 0.4);
        const bets = effectiveNumberOfBets(weights, correlation);
        expect(bets).toBeGreaterThanOrEqual(1 - 1e-12);
        expect(bets).toBeLessThanOrEqual(n + 1e-12);
        expect(
          effectiveNumberOfBets(
            weights.map((w) => -3 * w),
            correlation,
          ),
        ).toBeCloseTo(bets, 8);
      }),
    );
  });
});

describe('a book against a factor', () => {
  it('beta and R^2 of one asset are those of the pair', () => {
    const fit = factorFit([2], [[0.04]], { covariances: [0.018], variance: 0.09 });
    expect(fit.beta).toBeCloseTo(0.4, 14);
    expect(fit.rSquared).toBeCloseTo(0.3 * 0.3, 14);
    expect(fit.residualVolatility).toBeCloseTo(0.4 * Math.sqrt(0.91), 14);
  });

  it('a factor that is one of the assets explains a book of it alone', () => {
    const covariance = two(0.5, [0.2, 0.3]);
    const fit = factorFit([1, 0], covariance, { covariances: covariance[0]!, variance: covariance[0]![0]! });
    expect(fit.beta).toBeCloseTo(1, 14);
    expect(fit.rSquared).toBeCloseTo(1, 12);
    expect(factorFit([0, 0], covariance, { covariances: [0, 0], variance: 1 })).toEqual({
      beta: 0,
      rSquared: 0,
      residualVolatility: 0,
    });
  });

  it('what the factor explains and the rest add up to the variance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { correlation, uniform } = randomCorrelation(seed, 4);
        const weights = [0, 1, 2].map(() => uniform() - 0.5);
        const inner = correlation.slice(0, 3).map((row) => row.slice(0, 3));
        const fit = factorFit(weights, inner, { covariances: correlation[3]!.slice(0, 3), variance: 1 });
        const total = weights.reduce((s, w, i) => s + w * weights.reduce((t, v, j) => t + v * inner[i]![j]!, 0), 0);
        expect(fit.beta ** 2 + fit.residualVolatility ** 2).toBeCloseTo(total, 12);
        expect(fit.rSquared).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('errors', () => {
  it.each([
    ['weights', () => diversificationRatio([0, 0], two(0, [1, 1]))],
    ['weights', () => effectiveNumberOfBets([1, -1], two(1, [1, 1]))],
    ['covariance.length', () => diversificationRatio([1], two(0, [1, 1]))],
    ['weights[0]', () => diversificationRatio([NaN, 1], two(0, [1, 1]))],
    [
      'covariance',
      () =>
        diversificationRatio(
          [1, 1],
          [
            [1, 2],
            [2, 1],
          ],
        ),
    ],
    [
      'covariance[1][0]',
      () =>
        diversificationRatio(
          [1, 1],
          [
            [1, 0.5],
            [0.4, 1],
          ],
        ),
    ],
    ['factor.variance', () => factorFit([1], [[1]], { covariances: [0], variance: 0 })],
    ['factor.covariances.length', () => factorFit([1], [[1]], { covariances: [0, 0], variance: 1 })],
    ['factor.covariances', () => factorFit([1], [[1]], { covariances: [2], variance: 1 })],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
