/** Sensitivities of slices that certification has moved, against calibrations of bumped quotes. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { OptionChain } from '../../../src/market/chain.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { goldenSection } from '../../../src/math/golden-section.js';
import type { SliceFit } from '../../../src/volatility/calibration/fit.js';
import {
  parameterSensitivities,
  quoteSensitivities,
  surfaceSensitivities,
} from '../../../src/volatility/calibration/quote-sensitivities.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { smileDerivatives } from '../../../src/volatility/smile/smile.js';
import { totalVarianceGradient } from '../../../src/volatility/smile/smile-gradient.js';
import { evenly, sliceOf, sviVolatility } from './sample-slices.js';
import { uniform } from './slices.js';

const vogt: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
const names = ['a', 'b', 'rho', 'm', 'sigma'] as const;

function certified(slice: SliceInput): SliceFit<SviParameters> {
  const fit = calibrateSvi(slice, { arbitrage: 'certify' });
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

function vogtSlice(noise: number): SliceInput {
  const k = evenly(-1.2, 1.2, 11);
  const random = uniform(3);
  const volatility = k.map((at) => sviVolatility(vogt, at, 1) + noise * (random() - 0.5));
  return sliceOf(k, volatility, { timeToExpiry: 1 });
}

function bumped(slice: SliceInput, i: number, by: number): SliceInput {
  return { ...slice, volatility: slice.volatility.map((v, j) => (i === j ? v + by : v)) };
}

describe('a slice held by its own density', () => {
  it.each([0, 0.006])('moves as its calibrations do, noise %d', (noise) => {
    const slice = vogtSlice(noise);
    const fit = certified(slice);
    expect(fit.diagnostics.atBound).toContain('arbitrage');
    const all = parameterSensitivities(fit);
    if (!all.ok) throw new Error(all.message);
    const h = 1e-5;
    const size = all.perVolatility.map((row) => Math.max(...row.map(Math.abs)));
    for (let j = 0; j < slice.volatility.length; j += 3) {
      const [up, down] = [1, -1].map((sign) => certified(bumped(slice, j, sign * h)).parameters);
      names.forEach((name, i) => {
        const difference = (up![name] - down![name]) / (2 * h);
        expect(Math.abs(all.perVolatility[i]![j]! - difference)).toBeLessThan(1e-6 * size[i]!);
      });
    }
    // The forward at fixed strikes and volatilities.
    const step = 1e-3;
    const [up, down] = [1, -1].map((sign) => {
      const forward = slice.forward + sign * step;
      const shift = Math.log(forward / slice.forward);
      return certified({ ...slice, forward, logMoneyness: slice.logMoneyness.map((k) => k - shift) }).parameters;
    });
    names.forEach((name, i) => {
      const difference = (up![name] - down![name]) / (2 * step);
      expect(Math.abs(all.perForwardAtVolatility[i]! - difference)).toBeLessThan(1e-5 * Math.abs(difference) + 1e-9);
    });
  });

  it('stays on the condition: no error of the quotes takes it off', () => {
    const fit = certified(vogtSlice(0.006));
    const free = calibrateSvi(vogtSlice(0.006));
    if (!free.ok) throw new Error(free.message);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < i; j++) expect(fit.covariance[i]![j]).toBeCloseTo(fit.covariance[j]![i]!, 14);
      expect(fit.interval95[names[i]!]![0]).toBeLessThan(fit.parameters[names[i]!]);
    }
    // Four directions are left of five, so the covariance is singular along the gradient of the condition.
    const gradient = touchingGradient(fit.parameters);
    const variance = quadratic(fit.covariance, gradient);
    expect(Math.abs(variance)).toBeLessThan(1e-9 * quadratic(free.covariance, gradient));
  });

  it('is no minimum away from where it was found', () => {
    const fit = certified(vogtSlice(0));
    const moved = { ...fit, parameters: { ...fit.parameters, a: fit.parameters.a + 1e-3 } };
    expect(parameterSensitivities(moved)).toMatchObject({ ok: false, reason: 'not-a-minimum' });
    expect(() => quoteSensitivities(moved, [1, 0, 0, 0, 0])).toThrow(InputError);
  });
});

/** d/dparameters of the least g: where it is least its own slope in k is 0, so k may stay. */
function touchingGradient(p: SviParameters): number[] {
  const g = (q: SviParameters, k: number): number => {
    const { w, dw, d2w } = smileDerivatives(q, k);
    return (1 - (k * dw) / (2 * w)) ** 2 - 0.25 * dw * dw * (1 / w + 0.25) + 0.5 * d2w;
  };
  const k = goldenSection((x) => g(p, x), 0.6, 1, 1e-9);
  return names.map((name) => (g({ ...p, [name]: p[name] + 1e-6 }, k) - g({ ...p, [name]: p[name] - 1e-6 }, k)) / 2e-6);
}

function quadratic(matrix: readonly (readonly number[])[], x: readonly number[]): number {
  return x.reduce((sum, a, i) => sum + x.reduce((inner, b, j) => inner + a * matrix[i]![j]! * b, 0), 0);
}

const chain: OptionChain = {
  underlying: 'TEST',
  venue: 'test',
  asOf: 1_700_000_000_000,
  spot: 100,
  style: 'european',
  settlement: 'linear',
  premiumCurrency: 'USD',
  multiplier: 1,
  quotes: [],
  rejected: [],
};

function surfaceOf(slices: SliceInput[]): SliceFit[] {
  const dated = slices.map((slice, i) => ({ ...slice, expiry: chain.asOf + (i + 1) * 86_400_000 }));
  const fit = calibrateSurface(chain, { slices: { slices: dated, rejected: [] } });
  if (!fit.ok) throw new Error(fit.message);
  return fit.fits;
}

/** Three expiries of which two cross, and one that fits its own quotes. */
function crossing(): SliceInput[] {
  const random = uniform(11);
  const at = (p: SviParameters, time: number, noise: number): SliceInput => {
    const k = evenly(-0.5, 0.45, 9);
    const volatility = k.map((x) => sviVolatility(p, x, time) + noise * (random() - 0.5));
    return sliceOf(k, volatility, { timeToExpiry: time });
  };
  return [
    at({ a: 0.02, b: 0.12, rho: -0.4, m: 0.02, sigma: 0.2 }, 0.5, 0.004),
    at({ a: 0.021, b: 0.11, rho: -0.15, m: 0.02, sigma: 0.22 }, 0.55, 0.004),
    at({ a: 0.06, b: 0.2, rho: -0.3, m: 0.02, sigma: 0.25 }, 1, 0.001),
  ];
}

describe('slices that touch each other', () => {
  const slices = crossing();
  const fits = surfaceOf(slices);
  const places = [-0.3, 0, 0.25];
  const value = (of: readonly SliceFit[], s: number): number =>
    places.reduce((sum, k) => sum + smileDerivatives(of[s]!.parameters, k).w, 0);
  const gradients = (s: number): number[][] =>
    fits.map(({ parameters }, i) => {
      const sum = [0, 0, 0, 0, 0];
      const one = new Float64Array(5);
      if (i !== s) return sum;
      for (const k of places) {
        totalVarianceGradient(parameters, k, one);
        one.forEach((slope, a) => (sum[a] = sum[a]! + slope));
      }
      return sum;
    });

  it('are two of the three', () => {
    expect(fits.map(({ diagnostics }) => diagnostics.atBound.includes('arbitrage'))).toEqual([true, true, false]);
    // Their weights are below 1 and move with the quotes.
    expect(fits[0]!.objective!.moved!.weight).toBeLessThan(1);
  });

  it('move together, as calibrations of the surface do', () => {
    const h = 1e-5;
    for (const [from, j] of [
      [0, 2],
      [1, 5],
      [2, 4],
    ] as const) {
      const [up, down] = [1, -1].map((sign) =>
        surfaceOf(slices.map((slice, i) => (i === from ? bumped(slice, j, sign * h) : slice))),
      );
      for (let s = 0; s < 3; s++) {
        const difference = (value(up!, s) - value(down!, s)) / (2 * h);
        const carried = surfaceSensitivities(fits, gradients(s))[from]!;
        if (!carried.ok) throw new Error(carried.message);
        expect(Math.abs(carried.perVolatility[j]! - difference)).toBeLessThan(1e-5 * Math.abs(difference) + 1e-9);
      }
    }
  });

  it('have no derivatives by themselves', () => {
    expect(parameterSensitivities(fits[0]!)).toMatchObject({ ok: false, reason: 'not-a-minimum' });
    expect(parameterSensitivities(fits[2]!).ok).toBe(true);
    const [alone] = surfaceSensitivities([fits[1]!], [[1, 0, 0, 0, 0]]);
    expect(alone).toMatchObject({ ok: false, reason: 'not-a-minimum' });
  });

  it('throw on gradients of another shape', () => {
    expect(() => surfaceSensitivities(fits, [[1, 0, 0, 0, 0]])).toThrow(InputError);
    expect(() => surfaceSensitivities(fits, [[1], [1], [1]])).toThrow(InputError);
  });

  it('hold each other in their covariance', () => {
    const plain = calibrateSvi(slices[0]!);
    if (!plain.ok) throw new Error(plain.message);
    const trace = (fit: SliceFit): number => fit.covariance.reduce((sum, row, i) => sum + row[i]!, 0);
    expect(trace(fits[0]!)).toBeLessThan(trace(plain));
  });
});
