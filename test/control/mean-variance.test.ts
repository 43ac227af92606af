import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileConstraints,
  constraintSlacks,
  expectedShortfallOf,
  minimalRelaxations,
} from '../../src/control/constraint-set.js';
import type { ConstraintSet } from '../../src/control/constraint-set.js';
import { kellyWeights } from '../../src/control/kelly.js';
import { meanShortfallWithCosts, meanVarianceWithCosts } from '../../src/control/mean-variance.js';
import type { MeanVarianceInput } from '../../src/control/mean-variance.js';
import { InputError } from '../../src/errors.js';
import { linearProgram } from '../../src/math/linear-program.js';
import { seededRandom } from '../../src/math/random.js';

const covariance = [
  [0.36, 0.1, 0.02],
  [0.1, 0.25, 0.03],
  [0.02, 0.03, 0.09],
];
const base: MeanVarianceInput = {
  ...{ mean: [0.16, 0.06, 0.03], covariance, riskAversion: 2 },
  ...{ current: [0.1, 0.2, 0.3], costs: [0, 0, 0] },
};

function solve(i: MeanVarianceInput) {
  const solved = meanVarianceWithCosts(i);
  if (!solved.ok) throw new Error(solved.message);
  return solved;
}

function utility({ mean, covariance: s, riskAversion, current, costs }: MeanVarianceInput, w: number[]) {
  const variance = w.reduce((sum, a, i) => sum + a * w.reduce((inner, b, j) => inner + s[i]![j]! * b, 0), 0);
  return (
    w.reduce((sum, a, k) => sum + a * mean[k]! - costs[k]! * Math.abs(a - current[k]!), 0) -
    0.5 * riskAversion * variance
  );
}

describe('meanVarianceWithCosts', () => {
  it('is Sigma^-1 mu / g without costs, and stays where it is with large ones', () => {
    const free = solve(base);
    const closed = kellyWeights({ drift: [...base.mean], rate: 0, covariance, riskAversion: 2 });
    free.weights.forEach((w, k) => {
      expect(w).toBeCloseTo(closed.weights[k]!, 8);
    });
    expect(free.residual).toBeLessThan(1e-9);
    expect(solve({ ...base, costs: [9, 9, 9] })).toMatchObject({ weights: base.current, trades: [0, 0, 0], cost: 0 });
  });

  const weight = fc.double({ min: -1, max: 1, noNaN: true });

  it('does not trade a weight whose gain is below its cost, and stops there once it has', () => {
    fc.assert(
      fc.property(
        fc.tuple(weight, weight, weight),
        fc.double({ min: 0.001, max: 0.1, noNaN: true }),
        (current, cost) => {
          const i = { ...base, current, costs: [cost, cost, cost] };
          const { weights, trades } = solve(i);
          weights.forEach((_, k) => {
            const slope = base.mean[k]! - 2 * weights.reduce((sum, w, j) => sum + covariance[k]![j]! * w, 0);
            // At the optimum the gradient lies within the cost, and at it on the side that was traded.
            expect(Math.abs(slope)).toBeLessThan(cost + 1e-7);
            if (Math.abs(trades[k]!) > 1e-6) expect(slope).toBeCloseTo(Math.sign(trades[k]!) * cost, 6);
          });
          const again = solve({ ...i, current: weights });
          again.trades.forEach((trade) => {
            expect(Math.abs(trade)).toBeLessThan(1e-6);
          });
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('beats random feasible points and keeps every limit', () => {
    const constraints: ConstraintSet = {
      ...{ lower: [-0.2, 0, 0], upper: [0.4, 0.5, 0.6] },
      gross: { limit: 0.3 },
      linear: [{ name: 'vega', coefficients: [1, -2, 0.5], lower: -0.3, upper: 0.3 }],
      margin: { long: [0.3, 0.2, 0.1], short: [0.5, 0.4, 0.2], limit: 0.15 },
      turnover: { from: base.current, limit: 0.5 },
    };
    const i = { ...base, costs: [0.01, 0.005, 0.002], constraints };
    const solved = solve(i);
    for (const { slack } of solved.slacks) expect(slack).toBeGreaterThan(-1e-8);
    expect(solved.slacks.some(({ active }) => active)).toBe(true);
    expect(solved.utility).toBeCloseTo(utility(i, solved.weights), 12);
    const random = seededRandom(9);
    let feasible = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const w = solved.weights.map((value) => value + 0.2 * (2 * random.uniform() - 1) * random.uniform());
      if (constraintSlacks(constraints, w).some(({ slack }) => slack < 0)) continue;
      feasible++;
      expect(utility(i, w)).toBeLessThan(solved.utility + 1e-9);
    }
    expect(feasible).toBeGreaterThan(20);
  });

  it('says by how much limits that contradict each other would have to give', () => {
    const constraints: ConstraintSet = {
      gross: { limit: 0.5 },
      linear: [{ name: 'net', coefficients: [1, 1, 1], lower: 0.6 }],
    };
    const failed = meanVarianceWithCosts({ ...base, constraints });
    if (failed.ok) throw new Error('infeasible');
    expect(failed.reason).toBe('infeasible');
    expect(failed.relaxations).toEqual([{ name: 'net', side: 'lower', by: expect.closeTo(0.1, 8) as number }]);
    expect(minimalRelaxations({ gross: { limit: 1 } }, 3)).toMatchObject({ ok: true, relaxations: [] });
    const bounds = minimalRelaxations(
      { lower: [2], upper: [3], linear: [{ name: 'cap', coefficients: [1], upper: 1 }] },
      1,
    );
    expect(bounds).toMatchObject({
      ok: true,
      relaxations: [{ name: 'name[0]', side: 'lower', by: expect.closeTo(1, 8) as number }],
    });
  });

  it('names a portfolio without an end', () => {
    const flat = { ...base, covariance: covariance.map((row) => row.map(() => 0)) };
    expect(meanVarianceWithCosts(flat)).toMatchObject({ ok: false, reason: 'unbounded', relaxations: [] });
  });

  it('refuses shapes and numbers out of range', () => {
    expect(() => solve({ ...base, mean: [] })).toThrow(InputError);
    expect(() => solve({ ...base, current: [1] })).toThrow(InputError);
    expect(() => solve({ ...base, costs: [-1, 0, 0] })).toThrow(InputError);
    expect(() => solve({ ...base, riskAversion: 0 })).toThrow(InputError);
    expect(() => solve({ ...base, covariance: [[1]] })).toThrow(InputError);
    expect(() => solve({ ...base, covariance: covariance.map((row) => row.map((v) => -v)) })).toThrow(InputError);
    for (const constraints of [
      { lower: [0] },
      { upper: [0, 0, NaN] },
      { linear: [{ name: 'x', coefficients: [1] }] },
      { linear: [{ name: 'x', coefficients: [1, 1, 1], lower: 2, upper: 1 }] },
      { margin: { long: [-1, 0, 0], short: [0, 0, 0], limit: 1 } },
      { shortfall: { pnl: [], confidence: 0.9, limit: 1 } },
      { shortfall: { pnl: [[1, 1, 1]], confidence: 1, limit: 1 } },
      { shortfall: { pnl: [[1, 1, 1]], probabilities: [0.5], confidence: 0.9, limit: 1 } },
    ] as ConstraintSet[]) {
      expect(() => compileConstraints(constraints, 3)).toThrow(InputError);
    }
  });
});

describe('expected shortfall over scenarios', () => {
  const random = seededRandom(3);
  const returns = Array.from({ length: 60 }, () => [0.01 + 0.1 * random.normal(), 0.006 + 0.05 * random.normal()]);

  it('is the least value of the linear program that defines it', () => {
    const x = [0.7, -0.4];
    for (const confidence of [0.5, 0.9, 0.99]) {
      const compiled = compileConstraints({ shortfall: { pnl: returns, confidence, limit: 1 } }, 2);
      const row = compiled.rows[compiled.limits[0]!.row]!;
      const objective = Array.from({ length: compiled.variables }, () => 0);
      Array.from(row.columns).forEach((column, e) => (objective[column] = row.values[e]!));
      compiled.lower.splice(0, 2, ...x);
      compiled.upper.splice(0, 2, ...x);
      const solved = linearProgram({ objective, rows: compiled.rows, lower: compiled.lower, upper: compiled.upper });
      if (!solved.ok) throw new Error(solved.message);
      const losses = returns.map(([a, b]) => -(x[0]! * a! + x[1]! * b!));
      expect(solved.objective).toBeCloseTo(
        expectedShortfallOf(
          losses,
          losses.map(() => 1 / 60),
          confidence,
        ),
        9,
      );
    }
  });

  it('is kept as a limit, and weighed against the mean with costs', () => {
    const limited = meanVarianceWithCosts({
      ...{
        mean: [0.01, 0.006],
        covariance: [
          [0.01, 0],
          [0, 0.0025],
        ],
        riskAversion: 1,
        current: [0, 0],
        costs: [0.001, 0.001],
      },
      constraints: { shortfall: { pnl: returns, confidence: 0.9, limit: 0.05 }, lower: [0, 0] },
    });
    if (!limited.ok) throw new Error(limited.message);
    expect(limited.slacks.find(({ name }) => name === 'shortfall')!.slack).toBeGreaterThan(-1e-8);
    const i = {
      ...{
        mean: [0.01, 0.006],
        returns,
        confidence: 0.9,
        riskAversion: 0.08,
        current: [0.2, 0.2],
        costs: [0.0005, 0.0005],
      },
      constraints: { lower: [0, 0], upper: [1, 1], gross: { limit: 1.2 } },
    };
    const best = meanShortfallWithCosts(i);
    if (!best.ok) throw new Error(best.message);
    const value = (w: number[]) => {
      const losses = returns.map((row) => -(row[0]! * w[0]! + row[1]! * w[1]!));
      const risk =
        0.08 *
        expectedShortfallOf(
          losses,
          losses.map(() => 1 / 60),
          0.9,
        );
      return w.reduce((sum, a, k) => sum + a * i.mean[k]! - 0.0005 * Math.abs(a - 0.2), 0) - risk;
    };
    expect(best.utility).toBeCloseTo(value(best.weights), 10);
    for (let a = 0; a <= 1; a += 0.1) {
      for (let b = 0; b <= Math.min(1, 1.2 - a); b += 0.05) expect(value([a, b])).toBeLessThan(best.utility + 1e-9);
    }
    expect(meanShortfallWithCosts({ ...i, costs: [1, 1], constraints: {} })).toMatchObject({ weights: [0.2, 0.2] });
    expect(() => meanShortfallWithCosts({ ...i, confidence: 1 })).toThrow(InputError);
  });

  it('counts what is bought against cash', () => {
    const cash = { prices: [100, 50], costs: [1, 0.5], from: [1, 1], limit: 60 };
    const at = (x: number[]) => constraintSlacks({ cash }, x)[0]!;
    expect(at([2, 0])).toMatchObject({ value: 101 - 49.5, slack: 60 - 51.5 });
    expect(at([1, 1])).toMatchObject({ value: 0 });
    expect(at([2, 1]).slack).toBeLessThan(0);
  });
});
