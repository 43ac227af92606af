import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/portfolio/account.js';
import { studentTQuantile } from '../../src/math/student-t.js';
import { deltaGammaExactVaR } from '../../src/risk/value-at-risk/delta-gamma-exact.js';
import { sampleFactors, type FactorModel } from '../../src/risk/value-at-risk/factor-samples.js';
import { localQuadratic } from '../../src/risk/value-at-risk/local-quadratic.js';
import { monteCarloVaR, simulatedTail, type MonteCarloOptions } from '../../src/risk/value-at-risk/monte-carlo.js';
import type { QuadraticBook } from '../../src/risk/value-at-risk/quadratic-book.js';
import { future, option, position, smileExpiries, smileMarket, spot } from '../portfolio/support.js';

const s = smileMarket();
const covariance = [
  [0.0016, 0.0012, -0.0002],
  [0.0012, 0.0025, -0.0001],
  [-0.0002, -0.0001, 0.0004],
];
const model: FactorModel = { factors: ['spot:BTC', 'spot:ETH', 'volatility:BTC'], covariance };
const book: QuadraticBook = {
  delta: [1e6, -4e5, 2e5],
  gamma: [
    [-2e7, 0, 1e6],
    [0, 5e6, 0],
    [1e6, 0, -3e6],
  ],
  theta: 0,
  covariance,
};

function profits(moves: readonly Float64Array[], { delta, gamma }: QuadraticBook): Float64Array {
  return Float64Array.from(moves, (x) =>
    x.reduce(
      (all, xi, i) => all + delta[i]! * xi + 0.5 * xi * x.reduce((row, xj, j) => row + gamma[i]![j]! * xj, 0),
      0,
    ),
  );
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((all, value) => all + value, 0);

describe('sampleFactors', () => {
  const moments = (m: FactorModel, horizonDays: number, antithetic = true) => {
    const samples = sampleFactors(m, { samples: 40_000, horizonDays, seed: 3, antithetic });
    const n = m.factors.length;
    const mean = Array.from({ length: n }, (_, i) => sum(samples.map((x) => x[i]!)) / samples.length);
    const cov = mean.map((a, i) =>
      mean.map((b, j) => sum(samples.map((x) => (x[i]! - a) * (x[j]! - b))) / samples.length),
    );
    return { mean, cov };
  };

  it.each([
    ['normal', 'normal'],
    ['Student’s t', { studentT: 8 }],
  ] as const)('has the covariance asked for: %s', (_, distribution) => {
    const { mean, cov } = moments({ ...model, distribution, mean: [0.001, 0, 0] }, 4);
    expect(mean[0]).toBeCloseTo(0.004, 12);
    covariance.forEach((row, i) => {
      row.forEach((value, j) => {
        const scale = 4 * Math.sqrt(covariance[i]![i]! * covariance[j]![j]!);
        expect(Math.abs(cov[i]![j]! - 4 * value)).toBeLessThan(0.03 * scale);
      });
    });
  });

  it("adds jumps: mean lambda m, covariance lambda (S_J + m m')", () => {
    const jump = { jumpsPerDay: 0.1, mean: [-0.1], covariance: [[0.01]] };
    const { mean, cov } = moments({ factors: ['spot:BTC'], covariance: [[0.0016]], distribution: jump }, 5, false);
    expect(mean[0]).toBeCloseTo(-0.05, 2);
    expect(cov[0]![0]).toBeCloseTo(0.008 + 0.5 * 0.02, 3);
  });

  it('comes in mirrored pairs, by seed', () => {
    const samples = sampleFactors(model, { samples: 10, horizonDays: 1, seed: 1 });
    for (let i = 0; i < 10; i += 2)
      samples[i]!.forEach((x, j) => {
        expect(samples[i + 1]![j]! + x).toBeCloseTo(0, 15);
      });
    expect(sampleFactors(model, { samples: 10, horizonDays: 1, seed: 1 })).toEqual(samples);
  });

  it.each<[Partial<FactorModel>, { samples?: number; horizonDays?: number; seed?: number }, string]>([
    [{ factors: [] }, {}, 'factors'],
    [{}, { samples: 9 }, 'samples'],
    [{}, { samples: 1.5 }, 'samples'],
    [{}, { horizonDays: 0 }, 'horizonDays'],
    [{}, { seed: 0.5 }, 'seed'],
    [{ covariance: [[1]] }, {}, 'covariance.length'],
    [{ mean: [0] }, {}, 'mean.length'],
    [{ distribution: { studentT: 2 } }, {}, 'studentT'],
    [{ distribution: { jumpsPerDay: -1, mean: [0, 0, 0], covariance } }, {}, 'jumpsPerDay'],
  ])('throws for %o %o', (wrong, options, field) => {
    const run = (): unknown =>
      sampleFactors({ ...model, ...wrong }, { samples: 10, horizonDays: 1, seed: 1, ...options });
    expect(run).toThrow(expect.objectContaining({ field }));
  });
});

describe('simulatedTail', () => {
  it('lies within its standard errors of the exact distribution, with and without control and mirror', () => {
    for (const confidence of [0.95, 0.99]) {
      const exact = deltaGammaExactVaR(book, { confidence, horizonDays: 4 });
      const spreads: number[] = [];
      for (const antithetic of [false, true]) {
        for (const quadratic of [undefined, book]) {
          let outside = 0;
          for (let seed = 0; seed < 12; seed++) {
            const moves = sampleFactors(model, { samples: 2000, horizonDays: 4, seed, antithetic });
            const options = { confidence, horizonDays: 4, antithetic };
            const ours = simulatedTail(profits(moves, book), moves, { ...model, quadratic }, options);
            if (Math.abs(ours.valueAtRisk - exact.valueAtRisk) > 2 * ours.standardError) outside++;
            expect(Math.abs(ours.valueAtRisk - exact.valueAtRisk)).toBeLessThan(
              4.5 * ours.standardError + 2e-3 * exact.valueAtRisk,
            );
            expect(Math.abs(ours.expectedShortfall - exact.expectedShortfall)).toBeLessThan(
              4.5 * ours.shortfallError + 1e-3 * exact.valueAtRisk,
            );
            if (seed === 0) spreads.push(ours.standardError);
          }
          // A twentieth is expected; of a control that is the book itself nothing is left to chance.
          expect(outside).toBeLessThanOrEqual(quadratic === undefined ? 4 : 12);
        }
      }
      expect(spreads[1]!).toBeLessThan(0.35 * spreads[0]!);
      expect(spreads[3]!).toBeLessThan(0.35 * spreads[2]!);
    }
  });

  it('has the quantile of Student’s t for a linear book', () => {
    const nu = 5;
    const linear: QuadraticBook = { delta: [1e6], gamma: [[0]], theta: 0, covariance: [[0.0016]] };
    const t: FactorModel = { factors: ['spot:BTC'], covariance: [[0.0016]], distribution: { studentT: nu } };
    const moves = sampleFactors(t, { samples: 40_000, horizonDays: 1, seed: 2 });
    const risk = simulatedTail(profits(moves, linear), moves, t, { confidence: 0.99, horizonDays: 1 });
    const exact = 40_000 * Math.sqrt((nu - 2) / nu) * studentTQuantile(0.99, nu);
    expect(Math.abs(risk.valueAtRisk - exact)).toBeLessThan(4 * risk.standardError);
    expect(risk.standardError).toBeLessThan(0.03 * exact);
  });

  it('takes a control of normal factors without mean only', () => {
    const moves = sampleFactors(model, { samples: 10, horizonDays: 1, seed: 2 });
    const run = (more: object): unknown =>
      simulatedTail(
        profits(moves, book),
        moves,
        { ...model, quadratic: book, ...more },
        { confidence: 0.9, horizonDays: 1 },
      );
    expect(() => run({ distribution: { studentT: 4 } })).toThrow(expect.objectContaining({ field: 'controlVariate' }));
    expect(() => run({ mean: [0.1, 0, 0] })).toThrow(expect.objectContaining({ field: 'controlVariate' }));
  });
});

describe('monteCarloVaR', () => {
  const account: Account = {
    id: 'a',
    reportingCurrency: 'USD',
    cash: { ETH: 3 },
    positions: [
      position(option({ style: 'linear', strike: 60_000, expiry: smileExpiries[2]! }), -4),
      position(option({ style: 'linear', type: 'put', strike: 60_000, expiry: smileExpiries[2]! }), -4),
      position(future({ underlying: 'BTC' }), 30_000, 59_000),
      position(spot('ETH'), 5),
    ],
  };
  const options: MonteCarloOptions = { confidence: 0.95, horizonDays: 1, samples: 2000, seed: 11 };
  const small: FactorModel = { ...model, covariance: covariance.map((row) => row.map((value) => value / 25)) };

  it('has the derivatives of the book as its control', () => {
    const local = localQuadratic(account, s, small);
    const at = (x: number[]): number => {
      const linear = x.reduce((all, xi, i) => all + local.delta[i]! * xi, 0);
      return (
        linear +
        0.5 * x.reduce((all, xi, i) => all + xi * x.reduce((row, xj, j) => row + local.gamma[i]![j]! * xj, 0), 0)
      );
    };
    expect(local.delta[1]).toBeCloseTo(8 * 3000, 2);
    expect(local.gamma[1]![1]).toBeCloseTo(8 * 3000, 1);
    expect(local.gamma[0]![2]).toBe(local.gamma[2]![0]);
    expect(at([0, 0, 0])).toBe(0);
    expect(local.theta).toBeGreaterThan(0);
  });

  it('lies within its standard errors of the exact delta-gamma figure where the book is nearly quadratic', () => {
    const exact = deltaGammaExactVaR({ ...localQuadratic(account, s, small), theta: 0 }, options);
    const plain = monteCarloVaR(account, s, small, options);
    const controlled = monteCarloVaR(account, s, small, { ...options, controlVariate: true });
    expect(Math.abs(plain.valueAtRisk - exact.valueAtRisk)).toBeLessThan(3 * plain.standardError);
    expect(Math.abs(plain.expectedShortfall - exact.expectedShortfall)).toBeLessThan(3 * plain.shortfallError);
    expect(controlled.standardError).toBeLessThan(0.5 * plain.standardError);
    expect(Math.abs(controlled.valueAtRisk / exact.valueAtRisk - 1)).toBeLessThan(0.01);
  });

  it('splits both figures by position, and gives the same for the same seed', () => {
    const risk = monteCarloVaR(account, s, model, options);
    expect((sum(risk.contributions.positions) + risk.contributions.cash) / risk.expectedShortfall).toBeCloseTo(1, 10);
    const parts = risk.valueAtRiskContributions;
    expect((sum(parts.positions) + parts.cash) / risk.valueAtRisk).toBeCloseTo(1, 10);
    expect(parts.raw / risk.valueAtRisk).toBeGreaterThan(0.7);
    expect(parts.raw / risk.valueAtRisk).toBeLessThan(1.3);
    expect(risk.expectedShortfall).toBeGreaterThanOrEqual(risk.valueAtRisk);
    expect(monteCarloVaR(account, s, model, options)).toEqual(risk);
    const doubled = {
      ...account,
      cash: { ETH: 6 },
      positions: account.positions.map((p) => ({ ...p, quantity: 2 * p.quantity })),
    };
    expect(monteCarloVaR(doubled, s, model, options).valueAtRisk / risk.valueAtRisk).toBeCloseTo(2, 10);
  });

  it('has more in the tail for Student’s t and for jumps', () => {
    const far = { ...options, confidence: 0.995 };
    const normal = monteCarloVaR(account, s, model, far).expectedShortfall;
    const t = monteCarloVaR(account, s, { ...model, distribution: { studentT: 3 } }, far).expectedShortfall;
    const none = [0, 0, 0];
    const jumps = { jumpsPerDay: 0.05, mean: [-0.15, -0.2, 0.1], covariance: [none, none, none] };
    const jumping = monteCarloVaR(account, s, { ...model, distribution: jumps }, far).expectedShortfall;
    expect(t).toBeGreaterThan(1.1 * normal);
    expect(jumping).toBeGreaterThan(1.1 * normal);
  });
});
