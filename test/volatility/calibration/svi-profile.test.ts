/** The cheap way to an SVI minimum against the objective it stands for, and warm fits against cold ones. */
import { describe, expect, it, test } from 'vitest';
import { randomStream } from '../../../benchmarks/calibration/random.js';
import { benchmarkSlice } from '../../../benchmarks/calibration/slices.js';
import { fitError, isMiss } from '../../../benchmarks/calibration/success.js';
import type { SliceInput } from '../../../src/market/slice.js';
import type { SliceFit } from '../../../src/volatility/calibration/fit.js';
import { fitQuotes } from '../../../src/volatility/calibration/quotes.js';
import { sviBox } from '../../../src/volatility/calibration/svi-box.js';
import { evaluateSvi, lineariseSvi, sviNormal } from '../../../src/volatility/calibration/svi-objective.js';
import { descendProfile, profileCost, takeProblem } from '../../../src/volatility/calibration/svi-profile.js';
import { completeSlopes, firstLinearQuotes, setStart } from '../../../src/volatility/calibration/svi-projection.js';
import { calibrateSvi, recalibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';

function problem(index: number) {
  const { slice } = benchmarkSlice(index, 17);
  const quotes = fitQuotes(slice, {});
  const linear = sviNormal(quotes.count);
  firstLinearQuotes(quotes, linear);
  takeProblem(quotes, linear);
  return { slice, quotes, linear, box: sviBox(quotes) };
}

describe('the profile of the linear problem', () => {
  it('is the cost completed by the linear problem wherever that meets no bound', () => {
    let compared = 0;
    for (let index = 0; index < 60; index++) {
      const { quotes, linear, box } = problem(index);
      const x = new Float64Array(5);
      for (const place of [0.1, 0.4, 0.8]) {
        setStart(box, place, 0.2, x);
        const cost = profileCost(quotes, linear, box, x[3]!, x[4]!);
        if (Number.isNaN(cost)) continue;
        compared++;
        expect(Math.abs(cost / completeSlopes(quotes, linear, box, x) - 1)).toBeLessThan(1e-8);
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  it('is left at its minimum, at a valid smile', () => {
    let descended = 0;
    for (let index = 0; index < 120; index++) {
      const { quotes, linear, box } = problem(index);
      const x = new Float64Array(5);
      setStart(box, 0.5, 0.15, x);
      if (!descendProfile(quotes, linear, box, x)) continue;
      descended++;
      const here = profileCost(quotes, linear, box, x[3]!, x[4]!);
      for (const [dm, ds] of [
        [0.02, 0],
        [-0.02, 0],
        [0, 0.1],
        [0, -0.1],
      ] as const) {
        const there = profileCost(quotes, linear, box, x[3]! + dm * box.span, x[4]! + ds);
        if (!Number.isNaN(there)) expect(here).toBeLessThan(there * (1 + 1e-3));
      }
      for (let j = 1; j < 5; j++) expect(x[j]! > box.low[j]! && x[j]! < box.high[j]!).toBe(true);
    }
    expect(descended).toBeGreaterThan(50);
  });
});

test('the problem around a point has the cost of the volatilities to second order in a', () => {
  for (let index = 0; index < 30; index++) {
    const { slice, quotes } = problem(index);
    const w = slice.volatility.map((v) => v * v * slice.timeToExpiry);
    const level = Math.min(...w);
    const x = Float64Array.of(0.9 * level, 0.1 * level, 0.1 * level, 0, Math.log(0.5));
    const around = sviNormal(quotes.count);
    const normal = sviNormal(quotes.count);
    expect(lineariseSvi(quotes, x, around)).toBe(true);
    // In a the model's variances all move alike.
    let slope = 0;
    let curvature = 0;
    let clamped = false;
    for (let i = 0; i < quotes.count; i++) {
      const u = slice.logMoneyness[i]! - x[3]!;
      const variance = x[0]! + 0.1 * level * Math.sqrt(u * u + 0.25);
      const model = Math.sqrt(variance / slice.timeToExpiry);
      clamped ||= slice.volatility[i]! < 0.1 * model;
      slope += around.weight[i]! * (variance - around.target[i]!);
      curvature += around.weight[i]!;
    }
    const h = 1e-4 * level;
    const at = (a: number): number => evaluateSvi(quotes, Float64Array.of(a, ...x.subarray(1)), normal);
    const [down, here, up] = [at(x[0]! - h), at(x[0]!), at(x[0]! + h)];
    expect(Math.abs(slope / ((up - down) / (2 * h)) - 1)).toBeLessThan(1e-5);
    if (!clamped) expect(Math.abs(curvature / ((up - 2 * here + down) / (h * h)) - 1)).toBeLessThan(1e-3);
  }
});

describe('recalibrateSvi', () => {
  const random = randomStream(4);
  const moved = (slice: SliceInput): SliceInput => {
    const shift = 1 + random.uniform(-0.005, 0.005);
    return {
      ...slice,
      volatility: slice.volatility.map((v, i) => shift * v + 0.2 * slice.standardDeviation[i]! * random.uniform(-1, 1)),
    };
  };
  const fitted = (slice: SliceInput): SliceFit<SviParameters> => {
    const fit = calibrateSvi(slice);
    if (!fit.ok) throw new Error(fit.message);
    return fit;
  };

  it('finds the cold fit by one search, also where the last fit was at a bound or missed its quotes', () => {
    let single = 0;
    for (let index = 0; index < 120; index++) {
      const { slice } = benchmarkSlice(index, 19);
      const next = moved(slice);
      const warm = recalibrateSvi(next, {}, fitted(slice));
      const cold = fitted(next);
      if (!warm.ok) throw new Error(warm.message);
      if (warm.diagnostics.starts === 1) single++;
      // The cost itself: chi-square per degree of freedom also counts the bounds that are met.
      expect(isMiss(fitError(warm), fitError(cold))).toBe(false);
    }
    expect(single).toBeGreaterThan(100);
  });

  it('asks the cold search where the fit is worse than the last one was', () => {
    const { slice } = benchmarkSlice(0, 19);
    const other = benchmarkSlice(5, 19).slice;
    const warm = recalibrateSvi(other, {}, fitted(slice));
    const cold = fitted(other);
    if (!warm.ok) throw new Error(warm.message);
    expect(warm.diagnostics.rmseBp).toBeLessThan(1.01 * cold.diagnostics.rmseBp + 0.1);
    expect(warm.diagnostics.starts).toBeGreaterThan(1);
  });
});
