import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrateMultiplier, shortfallMultiplier, worstLossMultiplier } from '../../src/control/multiplier.js';
import {
  expectedGap,
  jumpShortfallProbability,
  localShortfallProbability,
  multiplierAtShortfall,
} from '../../src/control/shortfall-probability.js';
import { InputError } from '../../src/errors.js';
import { inverseNormalCdf } from '../../src/math/normal.js';
import { seededRandom } from '../../src/math/random.js';

const daily = { volatility: 0.6, stepYears: 1 / 365, confidence: 0.999 };
const sample = Array.from({ length: 20_000 }, (_, k) => 7 * inverseNormalCdf((k + 0.5) / 20_000));

describe('calibrateMultiplier', () => {
  it('gives the worked numbers', () => {
    expect(calibrateMultiplier({ ...daily, tail: 'normal' }).multiplier).toBeCloseTo(10.812, 3);
    expect(calibrateMultiplier({ ...daily, tail: { studentT: 4 } }).multiplier).toBeCloseTo(6.791, 3);
  });

  it('takes the shape of a sample and the size of the volatility', () => {
    const { multiplier } = calibrateMultiplier({ ...daily, tail: { sample } });
    expect(multiplier).toBeCloseTo(10.812, 1);
    const scaled = calibrateMultiplier({ ...daily, tail: { sample: sample.map((r) => 0.001 * r) } }).multiplier;
    expect(scaled).toBeCloseTo(multiplier, 9);
  });

  it('follows the exponential as the Pareto tail of shape 0', () => {
    const law = { threshold: 2, exceedance: 0.02, scale: 0.5, shape: 0 };
    const loss = (shape: number) =>
      calibrateMultiplier({ ...daily, tail: { generalisedPareto: { ...law, shape } } }).worstStepLoss;
    const z = 2 + 0.5 * Math.log(0.02 / 0.001);
    expect(loss(0)).toBeCloseTo(1 - Math.exp((-z * 0.6) / Math.sqrt(365)), 12);
    expect(loss(1e-9)).toBeCloseTo(loss(0), 9);
    expect(loss(0.3)).toBeGreaterThan(loss(0));
  });

  it('falls with volatility, step, confidence and cost, and is the hard bound in loss and cost', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 2, noNaN: true }),
        fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
        fc.double({ min: 0.9, max: 0.9999, noNaN: true }),
        fc.constantFrom('normal' as const, { studentT: 3 }, { studentT: 8 }),
        (volatility, stepYears, confidence, tail) => {
          const i = { volatility, stepYears, confidence, tail, cost: 0.001 };
          const { multiplier, worstStepLoss } = calibrateMultiplier(i);
          expect(multiplier).toBeCloseTo(worstLossMultiplier({ worstLoss: worstStepLoss, cost: 0.001 }).multiplier, 10);
          for (const worse of [
            { volatility: 1.1 * volatility },
            { stepYears: 1.1 * stepYears },
            { confidence: 0.5 + 0.5 * confidence },
            { cost: 0.002 },
          ]) {
            expect(calibrateMultiplier({ ...i, ...worse }).multiplier).toBeLessThan(multiplier);
          }
          const beyond = shortfallMultiplier(i);
          expect(beyond.quantileLoss).toBe(worstStepLoss);
          expect(beyond.worstStepLoss).toBeGreaterThan(worstStepLoss);
          expect(beyond.worstStepLoss).toBeLessThan(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has the expected loss beyond the quantile that a large sample has', () => {
    const closed = shortfallMultiplier({ ...daily, confidence: 0.99, tail: 'normal' }).worstStepLoss;
    const counted = shortfallMultiplier({ ...daily, confidence: 0.99, tail: { sample } }).worstStepLoss;
    expect(Math.abs(counted / closed - 1)).toBeLessThan(2e-3);
    const wide = shortfallMultiplier({ ...daily, confidence: 0.99, tail: { studentT: Infinity } }).worstStepLoss;
    expect(wide).toBeCloseTo(closed, 9);
  });

  it('refuses what has no such quantile', () => {
    const bad = (change: object) => () => calibrateMultiplier({ ...daily, tail: 'normal', ...change });
    expect(bad({ confidence: 0.4 })).toThrow(InputError);
    expect(bad({ confidence: 1 })).toThrow(InputError);
    expect(bad({ volatility: -1 })).toThrow(InputError);
    expect(bad({ stepYears: 0 })).toThrow(InputError);
    expect(bad({ cost: -1 })).toThrow(InputError);
    expect(bad({ tail: { studentT: 2 } })).toThrow(InputError);
    expect(bad({ tail: { sample: sample.slice(0, 500) } })).toThrow(InputError);
    expect(bad({ tail: { sample: Array.from({ length: 2000 }, () => 0) } })).toThrow(InputError);
    expect(bad({ tail: { generalisedPareto: { threshold: 2, exceedance: 1e-4, scale: 1, shape: 0.1 } } })).toThrow(
      InputError,
    );
    expect(() => worstLossMultiplier({ worstLoss: 1.1 })).toThrow(InputError);
    expect(calibrateMultiplier({ ...daily, volatility: 0, tail: 'normal' }).multiplier).toBe(Infinity);
  });
});

describe('shortfall probability', () => {
  // Weeks of 7/365 of a year.
  const weekly = { drift: 0.05, rate: 0.02, volatility: 0.6, stepYears: 7 / 365, steps: 52 };

  it('gives the worked numbers', () => {
    const four = localShortfallProbability({ ...weekly, multiplier: 4 });
    expect(four.step).toBeCloseTo(3.0443e-4, 8);
    expect(four.total).toBeCloseTo(0.015708, 6);
    const five = localShortfallProbability({ ...weekly, multiplier: 5 });
    expect(five.step).toBeCloseTo(4.01374e-3, 8);
    expect(five.total).toBeCloseTo(0.1887, 4);
    const eight = localShortfallProbability({ ...weekly, stepYears: 1 / 365, steps: 365, multiplier: 8 });
    expect(eight.step).toBeCloseTo(1.1237e-5, 9);
    expect(eight.total).toBeCloseTo(0.004093, 6);
  });

  it('rises with m, volatility and the step, and its inversion gives m back', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 15, noNaN: true }),
        fc.double({ min: 0.2, max: 1.5, noNaN: true }),
        fc.double({ min: 0.002, max: 0.05, noNaN: true }),
        (multiplier, volatility, stepYears) => {
          const i = { drift: 0.02, rate: 0.02, volatility, stepYears, steps: 20, multiplier };
          const { total } = localShortfallProbability(i);
          if (total < 1e-12 || total > 0.999) return;
          for (const worse of [
            { multiplier: 1.1 * multiplier },
            { volatility: 1.1 * volatility },
            { stepYears: 1.1 * stepYears },
          ]) {
            expect(localShortfallProbability({ ...i, ...worse }).total).toBeGreaterThan(total);
          }
          expect(multiplierAtShortfall({ ...i, probability: total }) / multiplier).toBeCloseTo(1, 7);
        },
      ),
    );
    expect(localShortfallProbability({ ...weekly, multiplier: 1 })).toEqual({ step: 0, total: 0 });
  });

  it('agrees with simulated steps, and so does the size of the gap', () => {
    const random = seededRandom(21);
    const i = { ...weekly, volatility: 1.2, multiplier: 4, steps: 1 };
    const dt = 7 / 365;
    let breaks = 0;
    let gap = 0;
    const runs = 100_000;
    for (let k = 0; k < runs; k++) {
      const gross = Math.exp((0.05 - 0.72) * dt + 1.2 * Math.sqrt(dt) * random.normal());
      const shortfall = 4 * (Math.exp(0.02 * dt) - gross) - Math.exp(0.02 * dt);
      if (shortfall > 0) breaks++;
      gap += Math.max(shortfall, 0) / runs;
    }
    const { step } = localShortfallProbability(i);
    expect(Math.abs(breaks / runs - step)).toBeLessThan(4 * Math.sqrt(step / runs));
    expect(Math.abs(gap / expectedGap(i) - 1)).toBeLessThan(0.05);
  });

  it('counts jumps of 1/m or worse as a simulation does', () => {
    const i = {
      multiplier: 5,
      intensity: 3,
      years: 2,
      jumpBelow: (x: number) => Math.min(Math.max((x + 0.5) / 0.5, 0), 1),
    };
    const random = seededRandom(4);
    let broken = 0;
    for (let run = 0; run < 20_000; run++) {
      let time = -Math.log(random.uniform()) / 3;
      let hit = false;
      for (; time < 2; time += -Math.log(random.uniform()) / 3) hit ||= 0.5 * random.uniform() - 0.5 <= -0.2;
      if (hit) broken++;
    }
    const expected = jumpShortfallProbability(i);
    expect(Math.abs(broken / 20_000 - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 20_000));
    expect(jumpShortfallProbability({ ...i, multiplier: 1 })).toBe(0);
    expect(() => jumpShortfallProbability({ ...i, jumpBelow: () => 2 })).toThrow(InputError);
  });

  it('refuses numbers out of range', () => {
    expect(() => localShortfallProbability({ ...weekly, multiplier: NaN })).toThrow(InputError);
    expect(() => localShortfallProbability({ ...weekly, multiplier: 4, steps: 0 })).toThrow(InputError);
    expect(() => localShortfallProbability({ ...weekly, multiplier: 4, volatility: 0 })).toThrow(InputError);
    expect(() => multiplierAtShortfall({ ...weekly, probability: 1 })).toThrow(InputError);
  });
});
