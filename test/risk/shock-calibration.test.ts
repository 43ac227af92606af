import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/math/random.js';
import { fitParetoTail, paretoQuantile } from '../../src/risk/generalised-pareto.js';
import {
  calibrateSpotShock,
  calibrateVolatilityShock,
  overlappingMoves,
  stressCoverage,
} from '../../src/risk/shock-calibration.js';

/** Excesses over 1 of a generalised Pareto tail that a tenth of the sample lies in. */
function paretoSample(shape: number, scale: number, count: number): number[] {
  const random = seededRandom(4);
  return Array.from({ length: count }, (_, i) => {
    if (i % 10 !== 0) return 0.5;
    const u = random.uniform();
    return 1 + (shape === 0 ? -scale * Math.log(u) : (scale * (u ** -shape - 1)) / shape);
  });
}

describe('generalised Pareto tail', () => {
  it.each([
    [0.25, 2],
    [0, 1],
    [-0.2, 0.5],
  ])('finds shape %f and scale %f within three errors, and where the likelihood is flat', (shape, scale) => {
    const sample = paretoSample(shape, scale, 40_000);
    const fit = fitParetoTail(sample, 1);
    if (!fit.ok) throw new Error(fit.message);
    expect(fit.share).toBe(0.1);
    expect(Math.abs(fit.shape - shape)).toBeLessThan(3 * fit.shapeError);
    expect(Math.abs(fit.scale - scale)).toBeLessThan(3 * fit.scaleError);
    const y = sample.filter((value) => value > 1).map((value) => value - 1);
    const likelihood = (xi: number, beta: number): number =>
      y.reduce((sum, e) => sum - Math.log(beta) - (1 + 1 / xi) * Math.log1p((xi * e) / beta), 0);
    const { shape: xi, scale: beta } = fit;
    expect(fit.logLikelihood).toBeCloseTo(likelihood(xi, beta), 4);
    for (const [dx, db] of [
      [0.01, 0],
      [-0.01, 0],
      [0, 0.01],
      [0, -0.01],
    ] as const)
      expect(likelihood(xi + dx, beta * (1 + db))).toBeLessThan(fit.logLikelihood);
  });

  it('has the quantiles of the formula, the exponential as its limit', () => {
    const tail = { threshold: 0.05, share: 0.1, shape: 0.3, scale: 0.02 };
    expect(paretoQuantile(tail, 0.99).quantile).toBeCloseTo(0.05 + (0.02 / 0.3) * (10 ** 0.3 - 1), 14);
    expect(paretoQuantile(tail, 0.9).quantile).toBeCloseTo(0.05, 15);
    const exponential = { ...tail, shape: 0 };
    expect(paretoQuantile(exponential, 0.99).quantile).toBeCloseTo(0.05 + 0.02 * Math.log(10), 14);
    expect(paretoQuantile({ ...tail, shape: 1e-12 }, 0.99).quantile).toBeCloseTo(0.05 + 0.02 * Math.log(10), 11);
    expect(paretoQuantile(exponential, 0.99).shortfall).toBeCloseTo(0.05 + 0.02 * Math.log(10) + 0.02, 14);
    expect(paretoQuantile({ ...tail, shape: 1 }, 0.99).shortfall).toBe(Infinity);
    // The mean of the quantiles beyond p is the shortfall.
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += paretoQuantile(tail, 0.99 + 0.01 * ((i + 0.5) / 20_000)).quantile / 20_000;
    expect(sum).toBeCloseTo(paretoQuantile(tail, 0.99).shortfall, 4);
    for (const [wrong, p, field] of [
      [{}, 0.5, 'p'],
      [{}, 1, 'p'],
      [{ share: 0 }, 0.99, 'share'],
      [{ scale: 0 }, 0.99, 'scale'],
    ] as const)
      expect(() => paretoQuantile({ ...tail, ...wrong }, p)).toThrow(expect.objectContaining({ field }));
  });

  it('needs twenty excesses', () => {
    expect(fitParetoTail([1, 2, 3], 0)).toMatchObject({ ok: false, reason: 'too-few-excesses', value: 3, limit: 20 });
    expect(() => fitParetoTail([NaN], 0)).toThrow(expect.objectContaining({ field: 'sample[0]' }));
  });
});

describe('calibrateSpotShock', () => {
  it('is the quantile of overlapping moves, floored', () => {
    expect([...overlappingMoves([0.01, 0.02, -0.05, 0.1], 2)]).toEqual([0.03, -0.030000000000000002, 0.05]);
    const returns = [0.01, -0.02, 0.03, -0.04, 0.05, -0.06, 0.07, -0.08, 0.09, -0.1];
    expect(calibrateSpotShock(returns, { probability: 0.8 })).toMatchObject({ ok: true, shock: 0.08, moves: 10 });
    const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r + 0.005) ** 2, 0) / 9);
    const floored = calibrateSpotShock(returns, { probability: 0.8, floor: 3, horizonDays: 4 });
    expect(floored).toMatchObject({ ok: true, fromFloor: true, shock: expect.closeTo(6 * deviation, 12) as number });
    expect(() => calibrateSpotShock([0.1], { probability: 0.9, horizonDays: 2 })).toThrow(
      expect.objectContaining({ field: 'returns.length' }),
    );
    expect(() => calibrateSpotShock([0.1], { probability: 0.9, horizonDays: 0 })).toThrow(
      expect.objectContaining({ field: 'horizonDays' }),
    );
    expect(() => calibrateSpotShock([0.1], { probability: 1 })).toThrow(
      expect.objectContaining({ field: 'confidence' }),
    );
  });

  it('reaches beyond the sample with a Pareto tail', () => {
    const random = seededRandom(9);
    const returns = Array.from({ length: 2000 }, () => 0.02 * random.normal());
    const tail = calibrateSpotShock(returns, { probability: 0.999, tail: { threshold: 0.9 } });
    expect(tail.ok && tail.shock).toBeGreaterThan(0.055);
    expect(tail.ok && tail.shock).toBeLessThan(0.08);
    expect(calibrateSpotShock(returns.slice(0, 50), { probability: 0.99, tail: { threshold: 0.9 } })).toMatchObject({
      ok: false,
      reason: 'too-few-excesses',
    });
  });
});

describe('calibrateVolatilityShock', () => {
  it('is the line through the days and the quantile of what is left', () => {
    const spotReturns = [-0.1, -0.05, 0, 0.05, 0.1];
    const left = [0.01, -0.02, 0.02, -0.02, 0.01];
    const volatilityChanges = spotReturns.map((x, t) => 0.03 - 0.8 * x + left[t]!);
    const fit = calibrateVolatilityShock({ spotReturns, volatilityChanges, spotShock: -0.3, probability: 0.75 });
    expect(fit.slope).toBeCloseTo(-0.8, 12);
    expect(fit.intercept).toBeCloseTo(0.03, 12);
    expect(fit.residualQuantile).toBeCloseTo(0.01, 12);
    expect(fit.shock).toBeCloseTo(0.03 + 0.24 + 0.01, 12);
    const base = { spotReturns, volatilityChanges, spotShock: 0, probability: 0.9 };
    for (const [wrong, field] of [
      [{ volatilityChanges: [1] }, 'volatilityChanges.length'],
      [{ spotReturns: [1, 1, 1, 1, 1] }, 'spotReturns'],
      [{ spotReturns: [1], volatilityChanges: [1] }, 'spotReturns.length'],
      [{ spotShock: NaN }, 'spotShock'],
    ] as const)
      expect(() => calibrateVolatilityShock({ ...base, ...wrong })).toThrow(expect.objectContaining({ field }));
  });
});

describe('stressCoverage', () => {
  it('counts days beyond the worst case, with Kupiec’s test: five in 250 at 99%', () => {
    const profits = Array.from({ length: 250 }, (_, t) => (t % 50 === 0 ? -11 : 1));
    const coverage = stressCoverage(profits, -10, 0.99);
    expect(coverage).toMatchObject({ days: 250, breaches: 5, share: 0.02 });
    expect(coverage.kupiec.statistic).toBeCloseTo(1.95681, 5);
    expect(stressCoverage(profits, profits, 0.99).breaches).toBe(0);
    expect(() => stressCoverage([], -1, 0.99)).toThrow(expect.objectContaining({ field: 'profits.length' }));
    expect(() => stressCoverage([1], [1, 2], 0.99)).toThrow(expect.objectContaining({ field: 'worst.length' }));
  });
});
