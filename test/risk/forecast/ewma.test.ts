import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/math/random.js';
import {
  ewmaHalfLife,
  ewmaVol,
  ewmaWindow,
  fitEwmaLambda,
  lambdaFromHalfLife,
} from '../../../src/risk/forecast/ewma.js';
import { garchVariances } from '../../../src/risk/forecast/garch-variance.js';
import { logReturns } from '../../../src/risk/forecast/realised.js';
import { hasSeries, sp500 } from './price-series.js';

const lambdas = fc.double({ min: 0.5, max: 0.999, noNaN: true });
const someReturns = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('EWMA volatility', () => {
  it('.01, then returns .02, -.03, 0 at lambda .94', () => {
    const vols = ewmaVol([0.02, -0.03, 0], { lambda: 0.94, seed: 0.01 });
    [0.0108627805, 0.0128421182, 0.0124508956].forEach((expected, t) => {
      expect(vols[t]).toBeCloseTo(expected, 10);
    });
  });

  it('lambda .94: a half-life of 11.20, 99% of the weight in 74', () => {
    expect(ewmaHalfLife(0.94)).toBeCloseTo(11.2, 2);
    expect(Math.floor(ewmaWindow(0.94, 0.99))).toBe(74);
    expect(lambdaFromHalfLife(ewmaHalfLife(0.94))).toBeCloseTo(0.94, 14);
  });

  it('is GARCH with omega 0, alpha 1 - lambda, beta lambda; lies between its seed and the largest return', () => {
    fc.assert(
      fc.property(someReturns, lambdas, (returns, lambda) => {
        const seed = Math.sqrt(returns.reduce((sum, r) => sum + r * r, 0) / returns.length);
        const vols = ewmaVol(returns, { lambda, seed });
        const variances = garchVariances(returns, { omega: 0, alpha: 1 - lambda, beta: lambda });
        const most = Math.max(seed, ...returns.map(Math.abs));
        vols.forEach((v, t) => {
          expect(v * v).toBeCloseTo(variances[t + 1]!, 14);
          expect(v).toBeLessThanOrEqual(most * (1 + 1e-12));
        });
      }),
    );
  });

  it('no returns, no volatilities; constant price, volatility dies out', () => {
    expect(ewmaVol([], { lambda: 0.9, seed: 0.01 })).toHaveLength(0);
    expect(ewmaVol([0, 0], { lambda: 0.81, seed: 0.1 })[1]).toBeCloseTo(0.081, 12);
    expect([...ewmaVol([0, 0], { lambda: 0.9, seed: 0 })]).toEqual([0, 0]);
  });
});

describe('lambda from data', () => {
  it('no lambda of a fine grid has a lower loss', () => {
    const random = seededRandom(3);
    let variance = 1e-4;
    const returns = Array.from({ length: 1500 }, () => {
      const r = Math.sqrt(variance) * random.normal();
      variance = 2e-6 + 0.08 * r * r + 0.9 * variance;
      return r;
    });
    const fit = fitEwmaLambda(returns, { seed: 0.01 });
    const lossOf = (lambda: number): number => {
      const vols = ewmaVol(returns, { lambda, seed: 0.01 });
      return (
        returns.reduce((sum, r, t) => {
          const v = t === 0 ? 1e-4 : vols[t - 1]! ** 2;
          return sum + (r * r) / v + Math.log(v);
        }, 0) / returns.length
      );
    };
    expect(fit.loss).toBeCloseTo(lossOf(fit.lambda), 10);
    for (let lambda = 0.5; lambda < 0.9999; lambda += 0.001)
      expect(lossOf(lambda)).toBeGreaterThanOrEqual(fit.loss - 1e-12);
    expect(fit.lambda).toBeGreaterThan(0.85);
    expect(fit.lambda).toBeLessThan(0.97);
  });

  it.skipIf(!hasSeries)('the S&P 500 from 2005 to 2025: near the .94 of RiskMetrics', () => {
    const returns = logReturns(sp500().map(({ close }) => close));
    expect(fitEwmaLambda(returns, { seed: 0.006 }).lambda).toBeCloseTo(0.93, 2);
  });
});

describe('errors', () => {
  it.each([
    ['lambda', () => ewmaVol([0], { lambda: 1.1, seed: 1 })],
    ['seed', () => ewmaVol([0], { lambda: 0.9, seed: -1 })],
    ['returns[1]', () => ewmaVol([0, NaN], { lambda: 0.9, seed: 1 })],
    ['lambda', () => ewmaHalfLife(1)],
    ['periods', () => lambdaFromHalfLife(0)],
    ['share', () => ewmaWindow(0.9, 1)],
    ['returns.length', () => fitEwmaLambda([0], { seed: 1 })],
    ['seed', () => fitEwmaLambda(new Array<number>(10).fill(0.1), { seed: 0 })],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
