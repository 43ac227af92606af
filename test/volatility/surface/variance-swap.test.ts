import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarClock } from '../../../src/market/clock.js';
import { integrate } from '../../../src/math/quadrature.js';
import { outOfTheMoneyFraction } from '../../../src/pricing/black.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { gammaSwapStrike } from '../../../src/volatility/surface/gamma-swap.js';
import { openSurface } from '../../../src/volatility/surface/surface.js';
import type { VolatilitySurface } from '../../../src/volatility/surface/surface.js';

const asOf = Date.UTC(2026, 0, 2, 8);
const year = 365 * 86_400_000;
const reference: SviParameters = { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 };

function surfaceOf(parameters: SviParameters): VolatilitySurface {
  const slice = { timeToExpiry: 1, varianceTime: 1, forward: 1, discountFactor: 1, parameters };
  return openSurface({
    schema: 1,
    underlying: 'X',
    asOf,
    clock: calendarClock,
    interpolation: 'total-variance',
    slices: [{ ...slice, expiry: asOf + year }],
    calendar: [],
  });
}

/** The integral of f over the line, out to where options of this smile are worth nothing. */
function overLine(f: (k: number) => number, m: number): number {
  return integrate(f, -60, 60, 1e-13, [-5, -1, 0, m, 1, 5]).value;
}

/** 2 E[-k] and 2 E[k e^k] by options and by the density. */
function byOptionsAndDensity(p: SviParameters): Record<'variance' | 'gamma', [options: number, density: number]> {
  const surface = surfaceOf(p);
  const option = (k: number): number =>
    Math.exp(Math.min(k, 0)) * outOfTheMoneyFraction(Math.abs(k), Math.sqrt(surface.totalVariance(k, 1)));
  const density = (k: number): number => surface.density(Math.exp(k), 1) * Math.exp(k);
  return {
    variance: [overLine((k) => 2 * option(k) * Math.exp(-k), p.m), overLine((k) => -2 * k * density(k), p.m)],
    gamma: [overLine((k) => 2 * option(k), p.m), overLine((k) => 2 * k * Math.exp(k) * density(k), p.m)],
  };
}

const slices = fc
  .record({
    a: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
    right: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    left: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    m: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
    sigma: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
  })
  .map(({ a, right, left, m, sigma }) => {
    const b = 0.5 * (right + left);
    return { a, b, rho: (0.5 * (right - left)) / b, m, sigma };
  })
  .filter((p) => certifyButterfly(p).verdict === 'proved');

describe('three formulas of one number', () => {
  test('the reference slice', () => {
    const { variance, gamma } = byOptionsAndDensity(reference);
    const swap = surfaceOf(reference).varianceSwapStrike(1) ** 2;
    for (const other of variance) expect(Math.abs(other / swap - 1)).toBeLessThan(1e-12);
    const weighted = gammaSwapStrike(surfaceOf(reference), 1) ** 2;
    for (const other of gamma) expect(Math.abs(other / weighted - 1)).toBeLessThan(1e-12);
    // Puts cost more than calls: variance costs more where the price is low.
    expect(weighted).toBeLessThan(swap);
  });

  test('log contract, options and density agree on every slice free of arbitrage', () => {
    fc.assert(
      fc.property(slices, (p) => {
        const { variance, gamma } = byOptionsAndDensity(p);
        const swap = surfaceOf(p).varianceSwapStrike(1) ** 2;
        for (const other of variance) expect(Math.abs(other / swap - 1)).toBeLessThan(1e-10);
        const weighted = gammaSwapStrike(surfaceOf(p), 1) ** 2;
        for (const other of gamma) expect(Math.abs(other / weighted - 1)).toBeLessThan(1e-10);
      }),
      { numRuns: 60 },
    );
  });
});

test('a flat smile has its own volatility', () => {
  const flat = surfaceOf({ a: 0.09, b: 0, rho: 0, m: 0, sigma: 1 });
  expect(flat.varianceSwapStrike(1)).toBeCloseTo(0.3, 13);
  expect(gammaSwapStrike(flat, 1)).toBeCloseTo(0.3, 13);
});

test('a wing next to its bound is integrated to its end', () => {
  // Slope 1.99: what lies beyond k = -1e6 still counts.
  const steep = { a: 0.05, b: 0.9975, rho: -0.995, m: 0, sigma: 0.1 };
  const surface = surfaceOf(steep);
  const w = (k: number): number => surface.totalVariance(k, 1);
  // In z = -d2, by bisection, the integrand is w n(z).
  const varianceAt = (z: number): number => {
    let [lower, upper] = [-1e9, 1e3];
    for (let i = 0; i < 200; i++) {
      const middle = 0.5 * (lower + upper);
      if (middle / Math.sqrt(w(middle)) + 0.5 * Math.sqrt(w(middle)) < z) lower = middle;
      else upper = middle;
    }
    return w(lower);
  };
  const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  const exact = integrate((z) => varianceAt(z) * density(z), -9.6, 9.6, 1e-12, [-0.5, 0, 0.5]).value;
  expect(Math.abs(surface.varianceSwapStrike(1) ** 2 / exact - 1)).toBeLessThan(1e-10);
});
