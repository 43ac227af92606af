import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asymptoticHalfWidth, mertonWeight, solveNoTradeRegion } from '../../src/control/no-trade-region.js';
import { InputError } from '../../src/errors.js';

const worked = { drift: 0.08, rate: 0, volatility: 0.4, riskAversion: 1, oneWayCost: 0.005, step: 1 / 365 };

function solve(change: Partial<typeof worked & { grid: number; nodes: number }> = {}) {
  const region = solveNoTradeRegion({ ...worked, ...change });
  if (!region.ok) throw new Error(region.message);
  return region;
}

const halfWidth = ({ lower, upper }: { lower: number; upper: number }) => 0.5 * (upper - lower);

describe('solveNoTradeRegion', () => {
  it.each([
    [{}, 0.425, 0.575, 0.0777],
    [{ step: 1 / 52 }, 0.4309, 0.5691, 0.0777],
    [{ oneWayCost: 0.001 }, 0.458, 0.542, 0.0454],
    [{ drift: 0.12, rate: 0.02, riskAversion: 2, oneWayCost: 0.002 }, 0.2741, 0.3507, 0.0411],
  ])('gives the worked region of %o', (change, lower, upper, asymptotic) => {
    const region = solve(change);
    expect(Math.abs(region.lower - lower)).toBeLessThan(1.5e-3);
    expect(Math.abs(region.upper - upper)).toBeLessThan(1.5e-3);
    expect(region.asymptoticHalfWidth).toBeCloseTo(asymptotic, 4);
  });

  it('comes to its asymptotic width from below as steps shorten', () => {
    const ratios = [1 / 52, 1 / 365, 1 / 3650].map((step) => {
      const region = solve({ step });
      return halfWidth(region) / region.asymptoticHalfWidth;
    });
    expect(ratios[1]).toBeGreaterThan(ratios[0]!);
    expect(ratios[2]).toBeGreaterThan(ratios[1]!);
    expect(Math.abs(ratios[2]! - 1)).toBeLessThan(0.03);
  });

  it('holds the weight without costs, widens with cost and shrinks to that weight', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.15, max: 0.85, noNaN: true }),
        fc.double({ min: 0.2, max: 0.8, noNaN: true }),
        fc.double({ min: 0.7, max: 5, noNaN: true }),
        fc.double({ min: 0.0005, max: 0.004, noNaN: true }),
        (merton, volatility, riskAversion, oneWayCost) => {
          const drift = 0.02 + merton * riskAversion * volatility * volatility;
          const i = { drift, rate: 0.02, volatility, riskAversion, step: 1 / 52, grid: 121 };
          const narrow = solve({ ...i, oneWayCost });
          const wide = solve({ ...i, oneWayCost: 3 * oneWayCost });
          expect(narrow.lower).toBeLessThan(merton);
          expect(narrow.upper).toBeGreaterThan(merton);
          expect(halfWidth(wide)).toBeGreaterThan(halfWidth(narrow));
          expect(wide.growth).toBeLessThan(narrow.growth);
        },
      ),
      { numRuns: 6, endOnFailure: true },
    );
    const free = solve({ oneWayCost: 0 });
    expect(free.lower).toBeCloseTo(0.5, 4);
    expect(free.upper).toBeCloseTo(0.5, 4);
    expect(free.growth).toBeCloseTo(0.02, 5);
  });

  it('trades to the edge and not to the middle, and not at all between', () => {
    const { weights, policy, lower, upper } = solve();
    weights.forEach((w, k) => {
      expect(policy[k]).toBe(w < lower ? lower : w > upper ? upper : w);
    });
  });

  it('moves by no more than 1.5e-3 with more nodes or points', () => {
    const base = solve();
    for (const change of [{ nodes: 31 }, { grid: 481 }]) {
      const finer = solve(change);
      expect(Math.abs(finer.lower - base.lower)).toBeLessThan(1.5e-3);
      expect(Math.abs(finer.upper - base.upper)).toBeLessThan(1.5e-3);
    }
  });

  it('has a region around a leveraged weight as well', () => {
    const region = solve({ drift: 0.32 });
    expect(region.merton).toBeCloseTo(2, 12);
    expect(region.lower).toBeGreaterThan(1);
    expect(region.lower).toBeLessThan(2);
    expect(region.upper).toBeGreaterThan(2);
  });

  it('names corners, and what it refuses', () => {
    const reason = (change: object) => {
      const region = solveNoTradeRegion({ ...worked, ...change });
      return region.ok ? 'ok' : region.reason;
    };
    expect(reason({ drift: 0 })).toBe('corner-solution');
    expect(reason({ drift: -0.1 })).toBe('corner-solution');
    expect(reason({ drift: 0.16 })).toBe('corner-solution');
    expect(reason({ drift: 0.003, oneWayCost: 0.1, step: 1 / 4, grid: 61 })).toBe('corner-solution');
    expect(reason({ drift: 3.2, step: 0.25 })).toBe('corner-solution');
    expect(() => solve({ volatility: 0 })).toThrow(InputError);
    expect(() => solve({ oneWayCost: 1 })).toThrow(InputError);
    expect(() => solve({ grid: 10 })).toThrow(InputError);
    expect(() => solve({ nodes: 1 })).toThrow(InputError);
    expect(() => solve({ step: 0 })).toThrow(InputError);
    expect(mertonWeight(worked)).toBeCloseTo(0.5, 12);
    expect(asymptoticHalfWidth(1, 1, 0.01)).toBe(0);
  });
});
