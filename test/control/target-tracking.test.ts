import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trackTarget } from '../../src/control/target-tracking.js';
import type { TrackingInput } from '../../src/control/target-tracking.js';
import { gpTradingRate } from '../../src/control/trading-rate.js';
import { InputError } from '../../src/errors.js';

const base: TrackingInput = {
  grid: { from: 0, to: 2, count: 81 },
  regimes: [
    { target: 1, volatility: 0.3 },
    { target: 0.5, volatility: 0.9 },
  ],
  transition: [
    [0.95, 0.05],
    [0.1, 0.9],
  ],
  ...{ cost: (q: number) => 0.001 * Math.abs(q), riskAversion: 3, stepYears: 1 / 52, steps: 40 },
};

describe('trackTarget', () => {
  it('is the exhaustive search of every path, on a small problem', () => {
    const i = {
      ...base,
      grid: { from: 0, to: 1.5, count: 7 },
      steps: 3,
      cost: (q: number) => 0.002 * Math.abs(q) + 0.001 * q * q,
    };
    const { positions, value } = trackTarget(i);
    const worth = (t: number, r: number, x: number): number => {
      if (t === i.steps) return 0;
      const { target, volatility } = i.regimes[r]!;
      let best = Infinity;
      for (const y of positions) {
        const risk = (0.5 * 3 * volatility ** 2 * (y - target) ** 2) / 52;
        const later = [0, 1].reduce((sum, q) => sum + i.transition[r]![q]! * worth(t + 1, q, y), 0);
        best = Math.min(best, i.cost(y - x) + risk + later);
      }
      return best;
    };
    for (const r of [0, 1]) {
      positions.forEach((x, k) => {
        expect(value[r * 7 + k]).toBeCloseTo(worth(0, r, x), 14);
      });
    }
  });

  it('stays inside its band, trades to its edge, and is narrower where risk is greater or trading cheaper', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.0002, max: 0.01, noNaN: true }),
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        (rate, riskAversion) => {
          const { positions, policy, bands } = trackTarget({ ...base, riskAversion, cost: (q) => rate * Math.abs(q) });
          bands.forEach((band, r) => {
            if (band === undefined) throw new Error('a proportional cost leaves a band');
            positions.forEach((x, k) => {
              const to = positions[policy[r * 81 + k]!]!;
              expect(to).toBe(Math.min(Math.max(x, band.lower), band.upper));
            });
            expect(band.lower).toBeLessThanOrEqual(base.regimes[r]!.target);
          });
          const cheaper = trackTarget({ ...base, riskAversion, cost: (q) => 0.5 * rate * Math.abs(q) });
          const width = (band: { lower: number; upper: number } | undefined) => band!.upper - band!.lower;
          expect(width(cheaper.bands[0])).toBeLessThanOrEqual(width(bands[0]) + 1e-12);
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it('goes straight to the target where trading is free', () => {
    const { positions, policy, bands } = trackTarget({ ...base, cost: () => 0 });
    positions.forEach((_, k) => {
      expect(positions[policy[k]!]).toBeCloseTo(1, 12);
    });
    expect(bands[0]).toEqual({ lower: 1, upper: 1 });
  });

  it('trades the part of the way that a quadratic cost gives in closed form', () => {
    // One regime: cost lam/2 s^2 dt q^2 against g/2 s^2 dt x^2 is the discount-free trading rate.
    const variance = 0.09 / 52;
    const i: TrackingInput = {
      ...{ grid: { from: 0, to: 2, count: 801 }, regimes: [{ target: 1, volatility: 0.3 }], transition: [[1]] },
      ...{ cost: (q: number) => 0.5 * 4 * variance * q * q, riskAversion: 3, stepYears: 1 / 52, steps: 40 },
    };
    const { positions, policy } = trackTarget(i);
    const { rate } = gpTradingRate({ riskAversion: 3, cost: 4, discount: 0 });
    expect(positions[policy[0]!]).toBeCloseTo(rate, 2);
    expect(positions[policy[800]!]).toBeCloseTo(2 - rate, 2);
  });

  it('refuses what is no problem of this kind', () => {
    expect(() => trackTarget({ ...base, transition: [[1]] })).toThrow(InputError);
    expect(() =>
      trackTarget({
        ...base,
        transition: [
          [0.5, 0.4],
          [0, 1],
        ],
      }),
    ).toThrow(InputError);
    expect(() => trackTarget({ ...base, cost: () => 1 })).toThrow(InputError);
    expect(() => trackTarget({ ...base, cost: (q) => Math.sqrt(Math.abs(q)) })).toThrow(InputError);
    expect(() => trackTarget({ ...base, cost: (q) => -q })).toThrow(InputError);
    expect(() => trackTarget({ ...base, steps: 0 })).toThrow(InputError);
    expect(() => trackTarget({ ...base, grid: { from: 1, to: 1, count: 5 } })).toThrow(InputError);
    expect(() => trackTarget({ ...base, grid: { from: 0, to: 1, count: 1 } })).toThrow(InputError);
  });
});
