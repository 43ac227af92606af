import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/math/random.js';
import { estimateBeta, shrinkBeta } from '../../src/risk/beta.js';

describe('beta from returns', () => {
  const random = seededRandom(1);
  const index = Array.from({ length: 500 }, () => 0.01 * random.normal());
  const noise = index.map(() => 0.01 * random.normal());

  it('a multiple has that beta and R^2 of 1; noise takes from R^2', () => {
    const exact = estimateBeta(
      index.map((r) => 1.3 * r),
      index,
    );
    expect(exact.beta).toBeCloseTo(1.3, 12);
    expect(exact.rSquared).toBeCloseTo(1, 12);
    const noisy = estimateBeta(
      index.map((r, t) => 1.3 * r + noise[t]!),
      index,
    );
    expect(noisy.beta).toBeCloseTo(1.3, 0);
    expect(noisy.rSquared).toBeCloseTo(1.69 / 2.69, 1);
  });

  it('exponential weights follow a beta that has changed', () => {
    const changed = index.map((r, t) => (t < 400 ? 0.5 : 2) * r);
    expect(estimateBeta(changed, index, { lambda: 0.94 }).beta).toBeCloseTo(2, 1);
    expect(estimateBeta(changed, index).beta).toBeLessThan(1.2);
  });

  it('shrinks towards 1', () => {
    expect(shrinkBeta(1)).toBeCloseTo(1, 15);
    expect(shrinkBeta(2)).toBeCloseTo(1.67, 15);
    expect(shrinkBeta(2, 0.5)).toBe(1.5);
    expect(estimateBeta([0, 0, 0], [1, 2, 3])).toEqual({ beta: 0, rSquared: 0 });
  });

  it.each([
    ['index.length', () => estimateBeta([1, 2, 3], [1, 2])],
    ['asset.length', () => estimateBeta([1, 2], [1, 2])],
    ['asset[1]', () => estimateBeta([1, NaN, 3], [1, 2, 3])],
    ['index', () => estimateBeta([1, 2, 3], [1, 1, 1])],
    ['lambda', () => estimateBeta([1, 2, 3], [1, 2, 3], { lambda: 2 })],
    ['beta', () => shrinkBeta(NaN)],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
