import { describe, expect, it } from 'vitest';
import { costDerivatives, freeHessian } from '../../../src/volatility/calibration/cost-derivatives.js';
import type { FitOptions } from '../../../src/volatility/calibration/fit.js';
import { fitQuotes } from '../../../src/volatility/calibration/quotes.js';
import { SVI_BOUNDS, sviJets } from '../../../src/volatility/calibration/smile-jets.js';
import { movedSvi, sviCost } from '../../../src/volatility/calibration/svi-cost.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { evenly, sliceOf, sviVolatility } from './sample-slices.js';
import { uniform } from './slices.js';

const p: SviParameters = { a: 0.015, b: 0.14, rho: -0.45, m: 0.04, sigma: 0.17 };
const random = uniform(2);
const k = evenly(-0.5, 0.4, 11);
const slice = sliceOf(
  k,
  k.map((x) => sviVolatility({ ...p, a: 0.02 }, x, 0.5) + 0.01 * (random() - 0.5)),
);

describe('the cost of an SVI slice', () => {
  it.each([
    [{}, []],
    [{ space: 'variance' }, ['m']],
    [{ space: 'price', weights: 'vega' }, []],
    [{ loss: 'huber' }, ['b(1+rho)', 'sigma']],
    [{ loss: 'cauchy', space: 'price' }, ['minimum variance']],
    [{}, ['minimum variance', 'b(1-rho)']],
  ] satisfies [FitOptions, string[]][])('has the derivatives of its jets: %o, held %o', (options, atBound) => {
    const quotes = fitQuotes(slice, options);
    const jets = sviJets(p, atBound);
    const reference = costDerivatives(quotes, jets);
    const { cost, gradient, hessian } = sviCost(
      quotes,
      p,
      SVI_BOUNDS.map((name) => (atBound as string[]).includes(name)),
    );
    expect(cost).toBeCloseTo(reference.cost, 10);
    const scale = Math.max(...hessian.map(Math.abs));
    expect(gradient.length).toBe(jets.free);
    gradient.forEach((slope, a) => {
      expect(Math.abs(slope - reference.gradient[a]!)).toBeLessThan(1e-12 * scale);
    });
    freeHessian(reference, jets).forEach((value, at) => {
      expect(Math.abs(hessian[at]! - value)).toBeLessThan(1e-12 * scale);
    });
  });

  it('moves in its free variables, and keeps its least variance on the floor', () => {
    const held = SVI_BOUNDS.map((name) => name === 'minimum variance');
    const least = (q: SviParameters): number => q.a + q.b * q.sigma * Math.sqrt((1 - q.rho) * (1 + q.rho));
    const moved = movedSvi(p, held, (at) => [0.01, -0.02, 0.03, 0.1][at]!)!;
    expect(least(moved)).toBeCloseTo(least(p), 15);
    expect(moved.b * (1 + moved.rho)).toBeCloseTo(p.b * (1 + p.rho) + 0.01, 14);
    expect(moved.sigma).toBeCloseTo(p.sigma * Math.exp(0.1), 14);
    expect(movedSvi(p, held, (at) => (at === 0 ? -1 : 0))).toBeUndefined();
  });
});
