import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { inverseNormalCdf } from '../../src/math/normal.js';
import { seededRandom } from '../../src/math/random.js';
import { calibrateCoverage } from '../../src/risk/value-at-risk/coverage-calibration.js';

const random = seededRandom(31);
/** Student's t with four degrees of freedom, scaled to a deviation of 1: fatter than the normal model below takes it for. */
const profits = Array.from({ length: 4000 }, () => {
  const square = [0, 0, 0, 0].reduce((sum) => sum + random.normal() ** 2, 0);
  return (random.normal() / Math.sqrt(square / 4)) * Math.SQRT1_2;
});
const z = inverseNormalCdf(0.99);
const multiple = { profits, valueAtRisk: (level: number) => level * z, levels: [0, 10] as [number, number] };

describe('calibrateCoverage', () => {
  it('finds the multiple of fat tails, which holds on the days held out', () => {
    const found = calibrateCoverage(multiple, { confidence: 0.99, trainingDays: 2000 });
    if (!found.ok) throw new Error(found.message);
    // The 99% quantile of t with 4 degrees is 3.74695; over sqrt 2 and z it is 1.13893.
    expect(found.level).toBeGreaterThan(1);
    expect(found.level).toBeLessThan(1.35);
    expect(found.training.breaches).toBeLessThanOrEqual(20);
    expect(found.training.zone).toBe('green');
    expect(found.holdout!.days).toBe(2000);
    expect(found.holdout!.kupiec.pValue).toBeGreaterThan(0.01);
    const [low, high] = found.holdout!.breachInterval;
    expect(low).toBeLessThan(0.01);
    expect(high).toBeGreaterThan(0.01);
  });

  it('is the least level: a millionth below is broken too often', () => {
    const found = calibrateCoverage(multiple, { confidence: 0.95, trainingDays: 3000 });
    if (!found.ok) throw new Error(found.message);
    const breaches = (level: number) => profits.slice(0, 3000).filter((p) => -p > level * z).length;
    expect(breaches(found.level)).toBe(150);
    expect(breaches(found.level * (1 - 1e-6))).toBe(151);
  });

  it('calibrates the confidence asked of a model as well', () => {
    const found = calibrateCoverage(
      { profits, valueAtRisk: (level) => inverseNormalCdf(level), levels: [0.5, 0.99999] },
      { confidence: 0.99, trainingDays: 4000 },
    );
    if (!found.ok) throw new Error(found.message);
    expect(found.level).toBeGreaterThan(0.99);
    expect(found.holdout).toBeUndefined();
  });

  it('says where no level covers, and refuses what cannot be', () => {
    const low = calibrateCoverage({ ...multiple, levels: [0, 0.5] }, { confidence: 0.99, trainingDays: 2000 });
    expect(low).toMatchObject({ ok: false, reason: 'not-coverable' });
    const options = { confidence: 0.99, trainingDays: 2000 };
    expect(() => calibrateCoverage({ ...multiple, valueAtRisk: (level) => 5 - level }, options)).toThrow(InputError);
    expect(() => calibrateCoverage({ ...multiple, valueAtRisk: () => NaN }, options)).toThrow(InputError);
    expect(() => calibrateCoverage({ ...multiple, levels: [2, 1] }, options)).toThrow(InputError);
    expect(() => calibrateCoverage(multiple, { ...options, trainingDays: 5000 })).toThrow(InputError);
    expect(() => calibrateCoverage({ ...multiple, profits: [NaN] }, { ...options, trainingDays: 1 })).toThrow(
      InputError,
    );
  });
});
