import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kelly, kellyBet, kellyWeights, riskAversionFromLoss, robustScale } from '../../src/control/kelly.js';
import { InputError } from '../../src/errors.js';
import { normalCdf } from '../../src/math/normal.js';

const worked = { drift: 0.2, rate: 0.04, volatility: 0.6 };

describe('kelly', () => {
  it('gives the worked numbers', () => {
    const full = kelly(worked);
    expect(full.weight).toBeCloseTo(0.444444, 6);
    expect(full.growth).toBeCloseTo(0.0755556, 7);
    expect(kelly({ ...worked, fraction: 2 }).growth).toBeCloseTo(0.04, 12);
    const bet = kellyBet({ probability: 0.6, odds: 1 });
    expect(bet.weight).toBeCloseTo(0.2, 12);
    expect(bet.growth).toBeCloseTo(0.0201355, 7);
  });

  it('keeps 2c - c^2 of the excess growth, has nothing to do without an edge, and no weight grows faster', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 0.05, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (edge, volatility, c) => {
          const i = { drift: 0.03 + edge, rate: 0.03, volatility };
          const full = kelly(i);
          const part = kelly({ ...i, fraction: c });
          const scale = 1e-12 * (1 + Math.abs(full.growth));
          expect(Math.abs(part.growth - 0.03 - (2 * c - c * c) * (full.growth - 0.03))).toBeLessThan(scale);
          expect(part.growth).toBeLessThanOrEqual(full.growth + scale);
          expect(kelly({ ...i, riskAversion: 2 }).weight).toBeCloseTo(kelly({ ...i, fraction: 0.5 }).weight, 12);
        },
      ),
    );
    expect(kelly({ ...worked, drift: 0.04 }).weight).toBe(0);
    expect(kellyBet({ probability: 0.4, odds: 1 })).toEqual({ weight: 0, growth: 0 });
    expect(kellyBet({ probability: 1, odds: 2 }).weight).toBe(1);
  });

  it('is the single asset in one dimension, and has gradient 0 in several', () => {
    const one = kellyWeights({ drift: [0.2], rate: 0.04, covariance: [[0.36]], fraction: 0.5 });
    expect(one.weights[0]).toBeCloseTo(0.222222, 6);
    expect(one.growth).toBeCloseTo(kelly({ ...worked, fraction: 0.5 }).growth, 12);
    const covariance = [
      [0.36, 0.1, 0.02],
      [0.1, 0.25, 0.03],
      [0.02, 0.03, 0.09],
    ];
    const drift = [0.2, 0.1, 0.07];
    const { weights, growth } = kellyWeights({ drift, rate: 0.04, covariance });
    const variance = (k: number) => covariance[k]!.reduce((sum, s, j) => sum + s * weights[j]!, 0);
    weights.forEach((_, k) => {
      expect(variance(k)).toBeCloseTo(drift[k]! - 0.04, 12);
    });
    const excess = weights.reduce((sum, w, k) => sum + w * (drift[k]! - 0.04 - 0.5 * variance(k)), 0);
    expect(growth).toBeCloseTo(0.04 + excess, 12);
  });

  it('scales by 1 - radius/Sharpe against the worst mean of an ellipsoid', () => {
    // One asset: the worst mean is edge - radius * volatility, and the best weight against it that over the variance.
    const [edge, volatility, radius] = [0.16, 0.4, 0.1];
    const scale = robustScale({ sharpe: edge / volatility, radius });
    expect((scale * edge) / (volatility * volatility)).toBeCloseTo(
      (edge - radius * volatility) / (volatility * volatility),
      12,
    );
    expect(robustScale({ sharpe: 0.3, radius: 0.4 })).toBe(0);
    expect(robustScale({ sharpe: 0, radius: 0 })).toBe(1);
    // Two assets, the worst mean searched on the circle: no weight does better than the scaled one.
    const mu = [0.3, 0.1];
    const sharpe = Math.hypot(mu[0]!, mu[1]!);
    const worst = (w: number[]) => {
      let value = Infinity;
      for (let a = 0; a < 2000; a++) {
        const angle = (2 * Math.PI * a) / 2000;
        const mean = [mu[0]! + 0.1 * Math.cos(angle), mu[1]! + 0.1 * Math.sin(angle)];
        value = Math.min(value, w[0]! * mean[0]! + w[1]! * mean[1]! - 0.5 * (w[0]! ** 2 + w[1]! ** 2));
      }
      return value;
    };
    const factor = robustScale({ sharpe, radius: 0.1 });
    const best = worst(mu.map((m) => m * factor));
    for (const [dx, dy] of [
      [0.02, 0],
      [-0.02, 0],
      [0, 0.02],
      [0, -0.02],
      [0.01, -0.01],
    ]) {
      expect(worst([mu[0]! * factor + dx!, mu[1]! * factor + dy!])).toBeLessThan(best + 1e-6);
    }
  });

  it('maps a loss a year in twenty to an aversion that has it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        fc.double({ min: 0.01, max: 1.5, noNaN: true }),
        (maximumLoss, edge) => {
          const i = { maximumLoss, drift: 0.03 + edge, rate: 0.03, volatility: 0.6 };
          const { riskAversion, weight } = riskAversionFromLoss(i);
          expect(weight).toBeCloseTo(kelly({ ...i, riskAversion }).weight, 9);
          const mean = 0.03 + weight * edge - 0.5 * weight * weight * 0.36;
          expect(normalCdf((Math.log(1 - maximumLoss) - mean) / (weight * 0.6))).toBeCloseTo(0.05, 9);
        },
      ),
    );
  });

  it('refuses numbers out of range', () => {
    expect(() => kelly({ ...worked, volatility: 0 })).toThrow(InputError);
    expect(() => kelly({ ...worked, riskAversion: 0 })).toThrow(InputError);
    expect(() => kellyBet({ probability: 0, odds: 1 })).toThrow(InputError);
    expect(() => kellyBet({ probability: 0.5, odds: 0 })).toThrow(InputError);
    expect(() => kellyWeights({ drift: [0.1], rate: 0, covariance: [[1, 2]] })).toThrow(InputError);
    expect(() =>
      kellyWeights({
        drift: [0.1, 0.1],
        rate: 0,
        covariance: [
          [1, 2],
          [2, 1],
        ],
      }),
    ).toThrow(InputError);
    expect(() =>
      kellyWeights({
        drift: [0.1, 0.1],
        rate: 0,
        covariance: [
          [1, 0.2],
          [0.3, 1],
        ],
      }),
    ).toThrow(InputError);
    expect(() => riskAversionFromLoss({ ...worked, maximumLoss: 1 })).toThrow(InputError);
    expect(() => riskAversionFromLoss({ ...worked, drift: 0.01, maximumLoss: 0.2 })).toThrow(InputError);
    expect(() => robustScale({ sharpe: -1, radius: 1 })).toThrow(InputError);
  });
});
