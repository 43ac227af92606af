import { describe, expect, it } from 'vitest';
import { solveNoTradeRegion } from '../../src/control/no-trade-region.js';
import { qLearnPolicy } from '../../src/control/q-learning.js';
import { InputError } from '../../src/errors.js';

const market = { drift: 0.08, rate: 0, volatility: 0.4, riskAversion: 1, oneWayCost: 0.005, step: 1 / 52 };

describe('qLearnPolicy', () => {
  it.each([
    [{}],
    [{ drift: 0.12, rate: 0.02, riskAversion: 2, oneWayCost: 0.002 }],
    [{ oneWayCost: 0.02, step: 1 / 12 }],
  ])('is within a cell of the dynamic program on 95 weights in 100 at %o', (change) => {
    const i = { ...market, ...change };
    const region = solveNoTradeRegion(i);
    if (!region.ok) throw new Error(region.message);
    const from = region.merton - 0.18;
    const grid = { from, to: from + 0.36, count: 37 };
    const learned = qLearnPolicy({ ...i, weights: grid, episodes: 10_000, seed: 1 });
    let close = 0;
    learned.weights.forEach((w, k) => {
      const best = Math.min(Math.max(w, region.lower), region.upper);
      if (Math.abs(learned.weights[learned.policy[k]!]! - best) <= 0.01 * (1 + 1e-9)) close++;
    });
    expect(close / 37).toBeGreaterThanOrEqual(0.95);
  });

  it('gives the same policy for the same seed, and refuses numbers out of range', () => {
    const i = { ...market, weights: { from: 0.3, to: 0.7, count: 21 }, episodes: 500, seed: 7 };
    expect(qLearnPolicy(i)).toEqual(qLearnPolicy(i));
    expect(qLearnPolicy({ ...i, seed: 8 }).value).not.toEqual(qLearnPolicy(i).value);
    expect(() => qLearnPolicy({ ...i, episodes: 0 })).toThrow(InputError);
    expect(() => qLearnPolicy({ ...i, weights: { from: 0.5, to: 1.2, count: 21 } })).toThrow(InputError);
    expect(() => qLearnPolicy({ ...i, weights: { from: 0.5, to: 0.6, count: 2 } })).toThrow(InputError);
    expect(() => qLearnPolicy({ ...i, seed: 0.5 })).toThrow(InputError);
    expect(() => qLearnPolicy({ ...i, oneWayCost: 1 })).toThrow(InputError);
    expect(() => qLearnPolicy({ ...i, volatility: 0 })).toThrow(InputError);
  });
});
