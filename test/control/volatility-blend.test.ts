import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanSquaredError, mincerZarnowitz, qlike } from '../../src/control/forecast-loss.js';
import { blendVol, fitBlendWeights, variancePremiumScale } from '../../src/control/volatility-blend.js';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';

describe('blendVol', () => {
  it('lies between its sources for convex weights, and is positive', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: 0.01, max: 3, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true })),
          { minLength: 1, maxLength: 5 },
        ),
        (sources) => {
          const total = sources.reduce((sum, [, w]) => sum + w, 0);
          const volatilities = sources.map(([v]) => v);
          const { volatility, shares } = blendVol({ volatilities, weights: sources.map(([, w]) => w / total) });
          expect(volatility).toBeGreaterThanOrEqual(Math.min(...volatilities) * (1 - 1e-12));
          expect(volatility).toBeLessThanOrEqual(Math.max(...volatilities) * (1 + 1e-12));
          expect(shares.reduce((sum, s) => sum + s, 0)).toBeCloseTo(1, 12);
        },
      ),
    );
    expect(blendVol({ volatilities: [0.3, 0.5], weights: [0.5, 0.5] }).volatility).toBeCloseTo(Math.sqrt(0.17), 12);
    expect(blendVol({ volatilities: [0.3, 0.5], weights: [0, 1], varianceScales: [1, 0.64] }).volatility).toBeCloseTo(
      0.4,
      12,
    );
  });

  it('finds the weights that made a series, and never a worse loss than one source alone', () => {
    const random = seededRandom(2);
    const forecastVariance = Array.from({ length: 500 }, () => [
      0.1 + 0.4 * random.uniform(),
      0.1 + 0.4 * random.uniform(),
      0.2 + 0.1 * random.uniform(),
    ]);
    const exact = forecastVariance.map(([a, b, c]) => 0.6 * a! + 0.3 * b! + 0.1 * c!);
    const fit = fitBlendWeights({ forecastVariance, realisedVariance: exact });
    expect(fit).toMatchObject({ ok: true });
    if (fit.ok)
      [0.6, 0.3, 0.1].forEach((w, k) => {
        expect(fit.weights[k]).toBeCloseTo(w, 8);
      });
    const noisy = exact.map((v) => v * -2 * Math.log(random.uniform()) * 0.5);
    for (const convex of [true, false]) {
      const fitted = fitBlendWeights({ forecastVariance, realisedVariance: noisy, convex });
      if (!fitted.ok) throw new Error(fitted.message);
      expect(Math.min(...fitted.weights)).toBeGreaterThanOrEqual(0);
      if (convex) expect(fitted.weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
      for (let k = 0; k < 3; k++) {
        expect(fitted.meanSquaredError).toBeLessThanOrEqual(
          meanSquaredError(
            noisy,
            forecastVariance.map((row) => row[k]!),
          ) + 1e-12,
        );
      }
    }
    expect(fitBlendWeights({ forecastVariance: [[1]], realisedVariance: [1] })).toMatchObject({
      ok: false,
      reason: 'too-short',
    });
  });

  it('refuses what is no forecast', () => {
    expect(() => blendVol({ volatilities: [0.3], weights: [0.5, 0.5] })).toThrow(InputError);
    expect(() => blendVol({ volatilities: [0.3], weights: [0] })).toThrow(InputError);
    expect(() => blendVol({ volatilities: [-0.3], weights: [1] })).toThrow(InputError);
    expect(() => blendVol({ volatilities: [0.3], weights: [-1] })).toThrow(InputError);
    expect(() => variancePremiumScale([0.1], [0])).toThrow(InputError);
    expect(() => variancePremiumScale([], [])).toThrow(InputError);
    expect(() => fitBlendWeights({ forecastVariance: [[1], [1, 2]], realisedVariance: [1, 1] })).toThrow(InputError);
    expect(variancePremiumScale([0.1, 0.2], [0.3, 0.3])).toBeCloseTo(0.5, 12);
  });
});

describe('forecast losses', () => {
  it('are least at the truth: 0 there, above 0 elsewhere', () => {
    const truth = [0.1, 0.2, 0.4];
    expect(qlike(truth, truth)).toBe(0);
    expect(meanSquaredError(truth, truth)).toBe(0);
    expect(qlike([1], [2])).toBeCloseTo(0.5 + Math.log(2) - 1, 14);
    // An underestimate costs more than an overestimate of the same ratio.
    expect(qlike([1], [0.5])).toBeGreaterThan(qlike([1], [2]));
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 9, noNaN: true }),
        fc.double({ min: 0.01, max: 9, noNaN: true }),
        (v, f) => {
          expect(qlike([v], [f])).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('regresses realised on forecast variance', () => {
    const forecast = [1, 2, 3, 4];
    const exact = mincerZarnowitz([3, 5, 7, 9], forecast);
    expect(exact).toMatchObject({
      ok: true,
      intercept: expect.closeTo(1, 12) as number,
      slope: expect.closeTo(2, 12) as number,
    });
    // y = 1, 3, 2, 5 on x = 1..4: slope 1.1, intercept 0, residuals -.1, .8, -1.3, .6; R^2 = 1 - 2.7/8.75.
    const line = mincerZarnowitz([1, 3, 2, 5], forecast);
    if (!line.ok) throw new Error(line.message);
    expect(line.slope).toBeCloseTo(1.1, 12);
    expect(line.intercept).toBeCloseTo(0, 12);
    expect(line.rSquared).toBeCloseTo(1 - 2.7 / 8.75, 12);
    expect(line.slopeError).toBeCloseTo(Math.sqrt((2.25 * 0.01 + 0.25 * 0.64 + 0.25 * 1.69 + 2.25 * 0.36) / 25), 12);
    expect(mincerZarnowitz([1, 2], [1, 2])).toMatchObject({ reason: 'too-short' });
    expect(mincerZarnowitz([1, 2, 3], [2, 2, 2])).toMatchObject({ reason: 'singular' });
    expect(() => qlike([1], [0])).toThrow(InputError);
    expect(() => qlike([1], [1, 2])).toThrow(InputError);
    expect(() => meanSquaredError([], [])).toThrow(InputError);
  });
});
