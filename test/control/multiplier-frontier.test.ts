import { describe, expect, it } from 'vitest';
import { multiplierFrontier } from '../../src/control/multiplier-frontier.js';
import { jumpShortfallProbability, localShortfallProbability } from '../../src/control/shortfall-probability.js';
import { InputError } from '../../src/errors.js';

const base = {
  ...{ multipliers: [1, 3, 5], drift: 0.1, rate: 0.02, volatility: 0.6 },
  ...{ stepYears: 7 / 365, steps: 52, floor: 0.8, paths: 1000, seed: 5 },
};

describe('multiplierFrontier', () => {
  it('breaks the floor as often as the closed form says, and never at m = 1', () => {
    const outcomes = multiplierFrontier(base);
    expect(outcomes[0]).toMatchObject({ breachProbability: 0, meanGap: 0 });
    const { total } = localShortfallProbability({ ...base, multiplier: 5 });
    const found = outcomes[2]!.breachProbability;
    expect(Math.abs(found - total)).toBeLessThan(4 * Math.sqrt((total * (1 - total)) / base.paths));
    for (let k = 1; k < 3; k++) {
      expect(outcomes[k]!.breachProbability).toBeGreaterThanOrEqual(outcomes[k - 1]!.breachProbability);
      expect(outcomes[k]!.expectedShortfall).toBeGreaterThan(outcomes[k - 1]!.expectedShortfall);
    }
    // The mean of m = 1: the cushion of 0.2 grows at the drift, the floor at the rate.
    const year = (52 * 7) / 365;
    const expected = 0.8 * Math.exp(0.02 * year) + 0.2 * Math.exp(0.1 * year) - 1;
    expect(Math.abs(outcomes[0]!.mean - expected)).toBeLessThan(4 * outcomes[0]!.standardError);
  });

  it('breaks by jumps alone as often as the jump formula says', () => {
    const jumps = { intensity: 0.5, sample: [-0.1, -0.15, -0.3, -0.4] };
    const [outcome] = multiplierFrontier({
      ...base,
      multipliers: [4],
      volatility: 0.05,
      stepYears: 5 / 365,
      steps: 73,
      paths: 600,
      jumps,
    });
    const expected = jumpShortfallProbability({
      ...{ multiplier: 4, intensity: 0.5, years: 1 },
      jumpBelow: (x) => jumps.sample.filter((jump) => jump <= x).length / 4,
    });
    expect(Math.abs(outcome!.breachProbability - expected)).toBeLessThan(
      4 * Math.sqrt((expected * (1 - expected)) / 600),
    );
  });

  it('gives the same for the same seed, and refuses numbers out of range', () => {
    const small = { ...base, steps: 4, paths: 400 };
    expect(multiplierFrontier(small)).toEqual(multiplierFrontier(small));
    expect(() => multiplierFrontier({ ...small, paths: 100 })).toThrow(InputError);
    expect(() => multiplierFrontier({ ...small, floor: 1 })).toThrow(InputError);
    expect(() => multiplierFrontier({ ...small, confidence: 1 })).toThrow(InputError);
    expect(() => multiplierFrontier({ ...small, jumps: { intensity: 1, sample: [] } })).toThrow(InputError);
    expect(() => multiplierFrontier({ ...small, jumps: { intensity: 1, sample: [-1] } })).toThrow(InputError);
    expect(() => multiplierFrontier({ ...small, steps: 0 })).toThrow(InputError);
  });
});
