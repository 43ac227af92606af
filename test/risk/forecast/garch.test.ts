import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { log } from '../../../src/math/logarithm.js';
import { seededRandom } from '../../../src/math/random.js';
import { fitGarch } from '../../../src/risk/forecast/garch.js';
import type { GarchFit } from '../../../src/risk/forecast/garch.js';
import { garchTerm } from '../../../src/risk/forecast/garch-term.js';
import { garchLogLikelihood, garchPersistence, garchVariances } from '../../../src/risk/forecast/garch-variance.js';
import type { GarchParameters } from '../../../src/risk/forecast/garch-variance.js';
import { logReturns } from '../../../src/risk/forecast/realised.js';
import { bitcoin, hasSeries, sp500 } from './price-series.js';

function simulate(parameters: GarchParameters, count: number, seed: number): Float64Array {
  const { omega, alpha, beta, gamma = 0, mean = 0 } = parameters;
  const random = seededRandom(seed);
  let h = omega / (1 - garchPersistence(parameters));
  const next = (): number => {
    const e = Math.sqrt(h) * random.normal();
    h = omega + (e < 0 ? alpha + gamma : alpha) * e * e + beta * h;
    return mean + e;
  };
  for (let burn = 0; burn < 500; burn++) next();
  return Float64Array.from({ length: count }, next);
}

function fitted(result: ReturnType<typeof fitGarch>): GarchFit {
  if (!result.ok) throw new Error(result.message);
  return result;
}

const errors = ({ covariance }: GarchFit): number[] => covariance.map((row, i) => Math.sqrt(row[i]!));

describe('likelihood', () => {
  it('its gradient is its difference quotient, its value that of the variances', () => {
    const returns = simulate({ omega: 0.05, alpha: 0.1, beta: 0.8, gamma: 0.05, mean: 0.02 }, 300, 1);
    const at = [0.07, 0.08, 0.82, 0.06, 0.03];
    const gradient = new Float64Array(5);
    const value = garchLogLikelihood(returns, at, log, gradient);
    const h = garchVariances(returns, { omega: 0.07, alpha: 0.08, beta: 0.82, gamma: 0.06, mean: 0.03 });
    const direct = returns.reduce((sum, r, t) => sum - 0.5 * (Math.log(h[t]!) + (r - 0.03) ** 2 / h[t]!), 0);
    expect(value).toBeCloseTo(direct, 9);
    at.forEach((p, k) => {
      const moved = (d: number): number => garchLogLikelihood(returns, at.with(k, p + d), log, new Float64Array(5));
      expect((moved(1e-6) - moved(-1e-6)) / 2e-6 / gradient[k]!).toBeCloseTo(1, 5);
    });
    expect(garchLogLikelihood(returns, [-10, 0, 0, 0, 0], log, gradient)).toBe(-Infinity);
  });
});

// The figures are those of a Nelder-Mead search of the same likelihood by another program.
describe.skipIf(!hasSeries)('real series', () => {
  it('S&P 500, 2005 to 2025: symmetric, and asymmetric with a mean', () => {
    const returns = logReturns(sp500().map(({ close }) => close));
    const plain = fitted(fitGarch(returns));
    expect(plain.omega / 2.6105995e-6).toBeCloseTo(1, 5);
    expect(plain.alpha).toBeCloseTo(0.1264976, 6);
    expect(plain.beta).toBeCloseTo(0.8529596, 6);
    expect(plain.logLikelihood).toBeCloseTo(16402.296955, 5);
    const gjr = fitted(fitGarch(returns, { mean: 'constant', asymmetric: true }));
    expect(gjr.alpha).toBeCloseTo(0.0080286, 6);
    expect(gjr.beta).toBeCloseTo(0.8698554, 6);
    expect(gjr.gamma).toBeCloseTo(0.1922586, 6);
    expect(gjr.mean / 3.173971e-4).toBeCloseTo(1, 5);
    expect(gjr.logLikelihood).toBeCloseTo(16509.581338, 5);
  });

  it('bitcoin, 2017 to 2025', () => {
    const fit = fitted(fitGarch(logReturns(bitcoin().map(({ close }) => close))));
    expect(fit.omega / 6.853467e-5).toBeCloseTo(1, 5);
    expect(fit.alpha).toBeCloseTo(0.1182184, 6);
    expect(fit.beta).toBeCloseTo(0.8396207, 6);
    expect(fit.logLikelihood).toBeCloseTo(6114.47556, 5);
    // Fat tails: the robust errors are larger.
    expect(fit.robustCovariance[1]![1]!).toBeGreaterThan(fit.covariance[1]![1]!);
  });
});

describe('fit', () => {
  it('recovers what made the returns, the misses as large as the errors say', () => {
    const truth = { omega: 2e-6, alpha: 0.09, beta: 0.89 };
    let chiSquare = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const fit = fitted(fitGarch(simulate(truth, 3000, seed)));
      [fit.omega - truth.omega, fit.alpha - truth.alpha, fit.beta - truth.beta].forEach((miss, k) => {
        const deviations = miss / errors(fit)[k]!;
        expect(Math.abs(deviations)).toBeLessThan(4);
        chiSquare += deviations * deviations;
      });
      expect(fit.parameterNames).toEqual(['omega', 'alpha', 'beta']);
      expect(fit.longRunVolatility).toBeCloseTo(Math.sqrt(fit.omega / (1 - fit.alpha - fit.beta)), 14);
    }
    // Thirty squared deviations, correlated within a fit: mean 30, deviation about 12.
    expect(chiSquare).toBeGreaterThan(5);
    expect(chiSquare).toBeLessThan(70);
  });

  it('recovers asymmetry and mean', () => {
    const truth = { omega: 0.02, alpha: 0.03, beta: 0.88, gamma: 0.12, mean: 0.05 };
    for (let seed = 1; seed <= 4; seed++) {
      const fit = fitted(fitGarch(simulate(truth, 4000, seed), { mean: 'constant', asymmetric: true }));
      expect(fit.parameterNames).toEqual(['omega', 'alpha', 'beta', 'gamma', 'mean']);
      fit.parameterNames.forEach((name, k) => {
        expect(Math.abs(fit[name] - truth[name]) / errors(fit)[k]!).toBeLessThan(4);
      });
    }
  });

  it('no point of a grid around it is more likely', () => {
    const returns = simulate({ omega: 0.05, alpha: 0.1, beta: 0.85 }, 1200, 7);
    const fit = fitted(fitGarch(returns));
    const gradient = new Float64Array(5);
    const constant = 0.5 * returns.length * Math.log(2 * Math.PI);
    const best = garchLogLikelihood(returns, [fit.omega, fit.alpha, fit.beta, 0, 0], log, gradient);
    expect(fit.logLikelihood).toBeCloseTo(best - constant, 8);
    for (const persistence of [0.5, 0.8, 0.9, 0.95, 0.98, 0.995, fit.persistence]) {
      for (let share = 0.02; share < 1; share += 0.06) {
        for (const level of [0.25, 0.5, 0.8, 1, 1.25, 2, 4]) {
          const omega = (level * fit.omega * (1 - persistence)) / (1 - fit.persistence);
          const point = [omega, persistence * share, persistence * (1 - share), 0, 0];
          expect(garchLogLikelihood(returns, point, log, gradient)).toBeLessThanOrEqual(best + 1e-9);
        }
      }
    }
  });

  it('returns in other units: the same weights, omega in their square', () => {
    const returns = simulate({ omega: 0.05, alpha: 0.1, beta: 0.85 }, 1000, 9);
    const one = fitted(fitGarch(returns));
    const percent = fitted(fitGarch(returns.map((r) => r * 1e-4)));
    expect(percent.alpha).toBeCloseTo(one.alpha, 7);
    expect(percent.beta).toBeCloseTo(one.beta, 7);
    expect(percent.omega / one.omega / 1e-8).toBeCloseTo(1, 6);
    expect(percent.logLikelihood - one.logLikelihood).toBeCloseTo(-1000 * Math.log(1e-4), 4);
    expect(percent.covariance[0]![0]! / one.covariance[0]![0]! / 1e-16).toBeCloseTo(1, 4);
  });

  it('the last variance is the forecast the parameters give', () => {
    const returns = simulate({ omega: 0.05, alpha: 0.1, beta: 0.85 }, 500, 11);
    const fit = fitted(fitGarch(returns));
    const next = fit.omega + fit.alpha * returns[499]! ** 2 + fit.beta * fit.variances[499]!;
    expect(fit.variances).toHaveLength(501);
    expect(fit.variances[500]).toBeCloseTo(next, 12);
  });
});

describe('what cannot be fitted', () => {
  it('too few returns', () => {
    expect(fitGarch(simulate({ omega: 1, alpha: 0.1, beta: 0.8 }, 99, 1))).toMatchObject({
      ok: false,
      reason: 'too-short',
      value: 99,
      limit: 100,
    });
  });

  it('returns that do not vary', () => {
    expect(fitGarch(new Float64Array(200))).toMatchObject({ ok: false, reason: 'no-convergence' });
    expect(fitGarch(new Float64Array(200).fill(0.01), { mean: 'constant' })).toMatchObject({
      ok: false,
      reason: 'no-convergence',
    });
  });

  it('volatility that only grows has no long-run level', () => {
    const random = seededRandom(2);
    const growing = Float64Array.from({ length: 1500 }, (_, t) => Math.exp(t / 150) * random.normal());
    expect(fitGarch(growing)).toMatchObject({ ok: false, reason: 'not-stationary', limit: 1 });
  });

  it('returns without clustering: squares that alternate', () => {
    const alternating = Float64Array.from(
      { length: 400 },
      (_, t) => (t % 2 === 0 ? 0.01 : 0.0101) * (t % 3 === 0 ? 1 : -1),
    );
    expect(fitGarch(alternating)).toMatchObject({ ok: false, reason: 'no-convergence' });
  });

  it('names bad input', () => {
    expect(() => fitGarch([0, NaN])).toThrow('returns[1] must be');
    expect(() => fitGarch([0], { mean: 'median' as 'zero' })).toThrow('mean must be');
  });
});

describe('term structure', () => {
  const weights = fc.record({
    omega: fc.double({ min: 1e-8, max: 1e-3, noNaN: true }),
    alpha: fc.double({ min: 0, max: 0.3, noNaN: true }),
    beta: fc.double({ min: 0, max: 0.69, noNaN: true }),
  });

  it('the mean of the expected variances, monotone towards the long run', () => {
    fc.assert(
      fc.property(
        weights,
        fc.double({ min: 0, max: 1e-2, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        (p, next, n) => {
          const longRun = p.omega / (1 - p.alpha - p.beta);
          let h = next;
          let sum = 0;
          for (let k = 0; k < n; k++) {
            sum += h;
            if (k < n - 1) h = p.omega + (p.alpha + p.beta) * h;
          }
          const term = garchTerm(p, next, n);
          expect(Math.abs(term.variance - h)).toBeLessThanOrEqual(1e-12 * h);
          expect(Math.abs(term.meanVariance - sum / n)).toBeLessThanOrEqual(1e-12 * (sum / n));
          expect(term.volatility).toBe(Math.sqrt(term.meanVariance));
          const further = garchTerm(p, next, n + 1);
          const towards = Math.sign(longRun - next);
          expect(towards * (further.meanVariance - term.meanVariance)).toBeGreaterThanOrEqual(
            -1e-12 * term.meanVariance,
          );
          expect(towards * (longRun - term.meanVariance)).toBeGreaterThanOrEqual(-1e-12 * longRun);
          expect(garchTerm(p, next, 1).meanVariance).toBe(next);
        },
      ),
    );
  });

  it('without a long run: flat for exponential weights, rising by omega else', () => {
    expect(garchTerm({ omega: 0, alpha: 0.06, beta: 0.94 }, 4e-4, 250)).toEqual({
      variance: 4e-4,
      meanVariance: 4e-4,
      volatility: 0.02,
    });
    const rising = garchTerm({ omega: 1e-6, alpha: 0.1, beta: 0.9 }, 1e-4, 11);
    expect(rising.variance).toBeCloseTo(1.1e-4, 14);
    expect(rising.meanVariance).toBeCloseTo(1.05e-4, 14);
    // Next to it: the same limit.
    expect(garchTerm({ omega: 1e-6, alpha: 0.1, beta: 0.9 - 1e-11 }, 1e-4, 11).meanVariance).toBeCloseTo(1.05e-4, 13);
    expect(garchTerm({ omega: 1e-4, alpha: 0, beta: 0 }, 3e-4, 2).meanVariance).toBeCloseTo(2e-4, 14);
  });

  it.each([
    ['omega', () => garchTerm({ omega: -1, alpha: 0, beta: 0 }, 1, 1)],
    ['gamma', () => garchTerm({ omega: 1, alpha: 0.1, beta: 0, gamma: -0.2 }, 1, 1)],
    ['persistence', () => garchTerm({ omega: 1, alpha: 0.2, beta: 0.9 }, 1, 1)],
    ['nextVariance', () => garchTerm({ omega: 1, alpha: 0.1, beta: 0.8 }, -1, 1)],
    ['periods', () => garchTerm({ omega: 1, alpha: 0.1, beta: 0.8 }, 1, 0)],
    ['returns.length', () => garchVariances([], { omega: 1, alpha: 0.1, beta: 0.8 })],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
