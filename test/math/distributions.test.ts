import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { chiSquareCdf, chiSquarePdf, chiSquareQuantile, chiSquareSurvival } from '../../src/math/chi-square.js';
import { logDeviance, logGamma, stirlingRemainder } from '../../src/math/gamma.js';
import { betaI, inverseBetaI, logBeta } from '../../src/math/incomplete-beta.js';
import { gammaP, gammaQ } from '../../src/math/incomplete-gamma.js';
import { inverseNormalCdf, normalCdf } from '../../src/math/normal.js';
import { studentTCdf, studentTPdf, studentTQuantile } from '../../src/math/student-t.js';
import * as reference from '../reference/distributions.js';
import { ONE, real, relativeError, type Real } from '../reference/real.js';
import { logUniform, seededRandom, uniform } from './accuracy.js';

const EPS = 2 ** -52;

/** The worst error over seeded draws, each divided by the size it may have. */
function worst(draws: number, seed: number, one: (random: () => number) => number): number {
  const random = seededRandom(seed);
  let most = 0;
  for (let i = 0; i < draws; i++) most = Math.max(most, one(random));
  return most;
}

const relative = (value: number, exact: Real): number => Math.abs(relativeError(value, exact));

describe('against 80 digits', () => {
  it('ln Gamma within 40 eps (1 + |ln Gamma|), the Stirling remainder within 40 eps', () => {
    const most = worst(30, 1, (random) => {
      const x = logUniform(1e-6, 1e6)(random);
      const exact = reference.logGamma(x);
      const error = real(logGamma(x)).sub(exact).abs().toNumber() / (1 + Math.abs(exact.toNumber()));
      const leading = real(x).sub(0.5).mul(real(x).ln()).sub(real(x)).add(real(0.9189385332046728));
      const remainder = Math.abs(exact.sub(leading).sub(stirlingRemainder(x)).toNumber());
      return Math.max(error, remainder);
    });
    expect(most / EPS).toBeLessThan(40);
  });

  it('e - ln(1 + e) within 8 eps', () => {
    const most = worst(60, 2, (random) => {
      const e = logUniform(1e-12, 0.999, true)(random);
      return relative(logDeviance(e), real(e).sub(ONE.add(real(e)).ln())) * Math.min(1, 1 + e);
    });
    expect(most / EPS).toBeLessThan(8);
  });

  it('P and Q(a, x), a from 1/2 to 100', () => {
    const most = worst(30, 3, (random) => {
      const a = logUniform(0.5, 100)(random);
      const x = a * logUniform(0.3, 2)(random);
      const lower = reference.gammaP(a, x);
      const upper = ONE.sub(lower);
      const smaller = Math.min(lower.toNumber(), upper.toNumber());
      const size = 10 + Math.sqrt(a) - Math.log(smaller);
      return Math.max(relative(gammaP(a, x), lower), relative(gammaQ(a, x), upper)) / size;
    });
    expect(most / EPS).toBeLessThan(4);
  });

  it('I_x(a, b), parameters from 1/2 to 300', () => {
    const most = worst(20, 4, (random) => {
      const a = logUniform(0.5, 300)(random);
      const b = logUniform(0.5, 300)(random);
      const x = uniform(0, 1)(random);
      const exact = x < 0.5 ? reference.betaI(real(x), a, b) : ONE.sub(reference.betaI(ONE.sub(real(x)), b, a));
      if (exact.lt('1e-50')) return 0;
      return relative(betaI(x, a, b), exact) / (20 + Math.sqrt(a + b) - Math.log(exact.toNumber()));
    });
    expect(most / EPS).toBeLessThan(10);
  });

  it.each([
    [0.1, 30, 10],
    [30, 2000, 40],
    [2e4, 1e5, 10],
  ])("Student's t, nu from %d to %d: distribution and density", (from, to, bound) => {
    const most = worst(to > 2000 ? 4 : 15, 5, (random) => {
      const nu = logUniform(from, to)(random);
      const x = -logUniform(1e-3, to > 2000 ? 6 : 30)(random);
      const tail = reference.studentTTail(x, nu);
      const density = reference.studentTDensity(x, nu);
      const size = 4 - Math.log(tail.toNumber());
      return Math.max(relative(studentTCdf(x, nu), tail), relative(studentTPdf(x, nu), density)) / size;
    });
    expect(most / EPS).toBeLessThan(bound);
  });

  it("Student's t quantile: the probability of the point is the one asked for", () => {
    const most = worst(15, 6, (random) => {
      const nu = logUniform(0.5, 2000)(random);
      const p = logUniform(1e-12, 0.499)(random);
      const x = studentTQuantile(p, nu);
      const miss = reference.studentTTail(x, nu).sub(real(p));
      return Math.abs(miss.div(reference.studentTDensity(x, nu)).div(real(x)).toNumber());
    });
    expect(most / EPS).toBeLessThan(400);
  });
});

describe('closed forms and tables', () => {
  it("Student's t of one, two and infinite degrees", () => {
    for (const x of [-1e9, -40, -1, -1e-3, 0.5, 3]) {
      expect(studentTCdf(x, 1) / (0.5 + Math.atan(x) / Math.PI) - 1).toBeCloseTo(0, x < -1e3 ? 6 : 13);
      // For large |x| the difference 1/2 - |x| / (2 sqrt(2 + x^2)) is 1/(sqrt(2 + x^2) (sqrt(2 + x^2) + |x|)).
      const root = Math.sqrt(2 + x * x);
      const tail = 1 / (root * (root + Math.abs(x)));
      expect(studentTCdf(x, 2) / (x < 0 ? tail : 1 - tail)).toBeCloseTo(1, 13);
      expect(studentTCdf(x, Infinity)).toBe(normalCdf(x));
    }
  });

  it.each([
    // Abramowitz and Stegun (1964), tables 26.8 and 26.10.
    [studentTQuantile(0.95, 5), 2.015],
    [studentTQuantile(0.995, 10), 3.169],
    [studentTQuantile(0.975, 1), 12.706],
    [chiSquareQuantile(0.95, 1), 3.84146],
    [chiSquareQuantile(0.95, 2), 5.99147],
    [chiSquareQuantile(0.99, 10), 23.2093],
    [chiSquareQuantile(0.005, 30), 13.7867],
  ])('%d is %d', (value, table) => {
    expect(Math.abs(value / table - 1)).toBeLessThan(1e-4);
  });

  it('chi-square of two degrees is exponential, of one the square of a normal', () => {
    for (const x of [1e-6, 0.1, 1, 5.49699, 60, 600]) {
      expect(chiSquareSurvival(x, 2) / Math.exp(-x / 2)).toBeCloseTo(1, 12);
      expect(chiSquareSurvival(x, 1) / (2 * normalCdf(-Math.sqrt(x)))).toBeCloseTo(1, 12);
      expect(chiSquarePdf(x, 2) / (0.5 * Math.exp(-x / 2))).toBeCloseTo(1, 12);
    }
    // A likelihood ratio of 5.49699 on one degree: p = 0.01905.
    expect(chiSquareSurvival(5.49699, 1)).toBeCloseTo(0.01905, 5);
  });

  it('a multiplier of 1/|q| at 99.9% of one day at 60 vol: 10.812 normal, 6.791 for t(4) of the same variance', () => {
    const day = 0.6 / Math.sqrt(365);
    const multiplier = (deviate: number): number => 1 / (1 - Math.exp(deviate * day));
    const simple = (deviate: number): number => 1 / -(deviate * day);
    const normal = inverseNormalCdf(0.001);
    const student = studentTQuantile(0.001, 4) * Math.sqrt(0.5);
    const fits = [multiplier, simple].filter(
      (m) => Math.abs(m(normal) - 10.812) < 5e-4 && Math.abs(m(student) - 6.791) < 5e-4,
    );
    expect(fits).toHaveLength(1);
  });

  it('Clopper-Pearson: the upper 95% bound of 0 in 10 is 1 - 0.025^(1/10)', () => {
    expect(inverseBetaI(0.975, 1, 10)).toBeCloseTo(1 - 0.025 ** 0.1, 14);
    expect(inverseBetaI(0.025, 2, 9)).toBeCloseTo(0.0252107263268333, 10);
  });
});

describe('invariants', () => {
  const probability = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });
  const degrees = fc.double({ min: 0.3, max: 1e6, noNaN: true });

  it('quantiles undo distributions', () => {
    fc.assert(
      fc.property(probability, degrees, (p, nu) => {
        const scale = (q: number): number => Math.abs(q / p - 1) / (1 + (1 - p) / p);
        expect(scale(studentTCdf(studentTQuantile(p, nu), nu))).toBeLessThan(1e-11);
        expect(scale(chiSquareCdf(chiSquareQuantile(p, Math.min(nu, 1e4)), Math.min(nu, 1e4)))).toBeLessThan(1e-11);
      }),
      { numRuns: 200 },
    );
  });

  it('the beta quantile undoes the beta distribution', () => {
    const parameter = fc.double({ min: 0.5, max: 1000, noNaN: true });
    fc.assert(
      fc.property(probability, parameter, parameter, (p, a, b) => {
        const x = inverseBetaI(p, a, b);
        const density = Math.exp(a * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b));
        expect(Math.abs(betaI(x, a, b) - p)).toBeLessThan(1e-13 + 1e-14 * density * (1 + x / (1 - x)));
      }),
      { numRuns: 100 },
    );
  });

  it("Student's t is symmetric, rises, and its tails are heavier than the normal's", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 30, noNaN: true }), degrees, (t, nu) => {
        expect(studentTCdf(t, nu) + studentTCdf(-t, nu)).toBeCloseTo(1, 15);
        expect(studentTCdf(-t * 1.001, nu)).toBeLessThan(studentTCdf(-t, nu));
        expect(studentTQuantile(0.001, nu)).toBeLessThanOrEqual(inverseNormalCdf(0.001));
      }),
      { numRuns: 200 },
    );
  });

  it('the switch to large degrees leaves no step', () => {
    for (const x of [-0.01, -1.5, -8, -30]) {
      const below = studentTCdf(x, 2e4 * (1 - 1e-9));
      expect(Math.abs(studentTCdf(x, 2e4) / below - 1)).toBeLessThan(1e-8);
    }
    for (const p of [0.4, 0.01, 1e-30]) {
      const below = studentTQuantile(p, 2e4 * (1 - 1e-9));
      expect(Math.abs(studentTQuantile(p, 2e4) / below - 1)).toBeLessThan(1e-11);
    }
  });

  it('P + Q = 1 and I_x(a, b) + I_y(b, a) = 1', () => {
    fc.assert(
      fc.property(
        degrees,
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (k, r, x) => {
          const a = Math.min(k, 1e4);
          expect(gammaP(a, a * r) + gammaQ(a, a * r)).toBeCloseTo(1, 14);
          expect(betaI(x, a, 2) + betaI(1 - x, 2, a, x)).toBeCloseTo(1, 10);
        },
      ),
    );
  });
});

describe('ends and errors', () => {
  it('limits', () => {
    expect(studentTCdf(-Infinity, 3)).toBe(0);
    expect(studentTCdf(Infinity, 3)).toBe(1);
    expect(studentTCdf(0, 3)).toBe(0.5);
    expect(studentTCdf(NaN, 3)).toBeNaN();
    expect(studentTQuantile(0, 3)).toBe(-Infinity);
    expect(studentTQuantile(1, 3)).toBe(Infinity);
    expect(studentTQuantile(0.5, 3)).toBe(0);
    expect(studentTQuantile(1e-10, 0.01)).toBe(-Infinity);
    expect(gammaP(2, 0)).toBe(0);
    expect(gammaQ(2, Infinity)).toBe(0);
    expect(betaI(0, 2, 3)).toBe(0);
    expect(betaI(1, 2, 3)).toBe(1);
    expect(logGamma(0)).toBe(Infinity);
    expect(logGamma(-1)).toBeNaN();
    expect(chiSquarePdf(0, 1)).toBe(Infinity);
    expect(chiSquarePdf(0, 2)).toBe(0.5);
    expect(chiSquarePdf(-1, 2)).toBe(0);
    expect(chiSquareSurvival(-1, 2)).toBe(1);
    expect(chiSquareCdf(-1, 2)).toBe(0);
    expect(chiSquareQuantile(0, 2)).toBe(0);
    expect(chiSquareQuantile(1, 2)).toBe(Infinity);
    expect(inverseBetaI(0, 2, 2)).toBe(0);
    // A quantile below the least double.
    expect(chiSquareQuantile(1e-10, 0.001)).toBe(0);
  });

  it.each([
    ['nu', () => studentTCdf(1, 0)],
    ['nu', () => studentTPdf(1, NaN)],
    ['p', () => studentTQuantile(1.5, 3)],
    ['a', () => gammaP(0, 1)],
    ['x', () => gammaQ(1, -1)],
    ['x', () => betaI(1.5, 1, 1)],
    ['y', () => betaI(0.5, 1, 1, -1)],
    ['b', () => betaI(0.5, 1, Infinity)],
    ['p', () => inverseBetaI(NaN, 1, 1)],
    ['k', () => chiSquareCdf(1, -1)],
    ['p', () => chiSquareQuantile(2, 1)],
  ])('%s out of range is named', (field, call) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(new RegExp(`^${field} must be`));
  });
});
