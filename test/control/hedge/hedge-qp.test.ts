import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hedgeLp } from '../../../src/control/hedge/hedge-lp.js';
import { hedgeQp } from '../../../src/control/hedge/hedge-qp.js';
import type { QuadraticHedge, QuadraticHedgeProblem } from '../../../src/control/hedge/hedge-qp.js';
import { minVarianceHedge } from '../../../src/control/hedge/minimum-variance.js';
import { neutralise } from '../../../src/control/hedge/neutralise.js';
import { InputError } from '../../../src/errors.js';
import { seededRandom } from '../../../src/math/random.js';

function solved(problem: QuadraticHedgeProblem): QuadraticHedge {
  const hedge = hedgeQp(problem);
  if (!hedge.ok) throw new Error(hedge.reason);
  expect(hedge.kktResidual).toBeLessThan(1e-8);
  return hedge;
}

const unlimited = (n: number) => ({
  lower: new Array<number>(n).fill(-Infinity),
  upper: new Array<number>(n).fill(Infinity),
});

const number = (size: number) => fc.integer({ min: -100, max: 100 }).map((value) => (size * value) / 100);
/** 0 to 1 in thousandths. */
const share = fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000);
const vector = (n: number, size: number) => fc.array(number(size), { minLength: n, maxLength: n });

const problems = fc.integer({ min: 1, max: 4 }).chain((n) =>
  fc.record({
    greeks: fc.array(vector(n, 5), { minLength: 2, maxLength: 2 }),
    current: vector(2, 50),
    target: vector(2, 5),
    weights: fc.array(
      share.map((value) => 2 * value),
      { minLength: 2, maxLength: 2 },
    ),
    impact: fc.array(
      share.map((value) => 0.01 + 2 * value),
      { minLength: n, maxLength: n },
    ),
    cost: fc.array(
      share.map((value) => 20 * value),
      { minLength: n, maxLength: n },
    ),
    lower: fc.array(fc.integer({ min: -6, max: 0 }), { minLength: n, maxLength: n }),
    upper: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: n, maxLength: n }),
  }),
);

function objective(problem: QuadraticHedgeProblem, h: readonly number[]): number {
  const { greeks, current, target, cost } = problem;
  const weights = problem.weights as readonly number[];
  const impact = (problem.impact ?? cost.map(() => 0)) as readonly number[];
  const left = greeks.map((row, i) => row.reduce((sum, a, j) => sum + a * h[j]!, current[i]! - target[i]!));
  return (
    left.reduce((sum, value, i) => sum + weights[i]! * value * value, 0) +
    h.reduce((sum, value, j) => sum + cost[j]! * Math.abs(value) + 0.5 * impact[j]! * value * value, 0)
  );
}

describe('one instrument, one Greek', () => {
  it.each([
    // min w (g + a h)^2 + c|h| + q h^2/2 is at h = -sign(g a) max(2 w |a g| - c, 0) / (2 w a^2 + q).
    [10, 0.5, 2, 3, 1],
    [-10, 0.5, 2, 3, 1],
    [10, 0.5, 2, 30, 1],
    [10, -2, 0.1, 0, 0],
  ])('g %d, a %d, w %d, c %d, q %d: shrunk by its cost', (g, a, w, c, q) => {
    const hedge = solved({
      greeks: [[a]],
      current: [g],
      target: [0],
      weights: [w],
      cost: [c],
      impact: [q],
      ...unlimited(1),
    });
    const expected = (-Math.sign(g * a) * Math.max(2 * w * Math.abs(a * g) - c, 0)) / (2 * w * a * a + q);
    expect(hedge.trades[0]).toBeCloseTo(expected, 9);
    expect(hedge.limitPrices[0]).toBeCloseTo(0, 9);
  });

  it('has the slope of its objective for the price of a limit', () => {
    const at = (upper: number) =>
      solved({
        greeks: [[1]],
        current: [-10],
        target: [0],
        weights: [1],
        cost: [2],
        lower: [0],
        upper: [upper],
      });
    const { trades, limitPrices } = at(4);
    expect(trades[0]).toBeCloseTo(4, 10);
    // 2 (h - 10) + 2 at 4.
    expect(limitPrices[0]).toBeCloseTo(-10, 8);
    expect((at(4.001).objective - at(3.999).objective) / 0.002).toBeCloseTo(-10, 6);
    expect(at(0).limitPrices[0]).toBeCloseTo(-18, 8);
    expect(at(50).limitPrices[0]).toBeCloseTo(0, 8);
  });
});

describe('limits of the program', () => {
  const greeks = [
    [0.5, 1, -0.3],
    [20, 0, 35],
  ];
  const book = { current: [12, -900], target: [0, 0] };

  it('without costs it neutralises', () => {
    const square = { greeks: greeks.map((row) => row.slice(0, 2)), ...book };
    const exact = neutralise(square);
    if (!exact.ok) throw new Error(exact.reason);
    const hedge = solved({ ...square, weights: [1, 1], cost: [0, 0], ...unlimited(2) });
    hedge.trades.forEach((trade, j) => {
      expect(trade).toBeCloseTo(exact.trades[j]!, 6);
    });
  });

  it('with a covariance for its weights it has the least variance', () => {
    const covariance = [
      [0.04, 0.001],
      [0.001, 0.0004],
    ];
    const one = { greeks: greeks.map((row) => [row[0]!]), ...book };
    const least = minVarianceHedge({ exposures: one.greeks, current: book.current, covariance });
    if (!least.ok) throw new Error(least.reason);
    const hedge = solved({ ...one, weights: covariance, cost: [0], ...unlimited(1) });
    expect(hedge.trades[0]).toBeCloseTo(least.trades[0]!, 8);
    expect(hedge.penalty).toBeCloseTo(least.residualVariance, 8);
  });

  it('without weights, within tolerances, it is the linear program, duals and all', async () => {
    const problem = {
      greeks,
      ...book,
      tolerance: [0.2, 15],
      cost: [4, 0.4, 6],
      lower: [-100, -100, -100],
      upper: [100, 100, 100],
    };
    const linear = await hedgeLp(problem);
    if (!linear.ok) throw new Error(linear.reason);
    const hedge = solved({ ...problem, weights: [0, 0] });
    expect(hedge.objective).toBeCloseTo(linear.cost, 6);
    hedge.duals.forEach((dual, i) => {
      expect(dual).toBeCloseTo(linear.duals[i]!, 6);
    });
  });

  it('weights that grow bring the Greeks nearer, at more cost', () => {
    const at = (w: number) =>
      solved({
        greeks,
        ...book,
        weights: [w, w / 100],
        cost: [4, 0.4, 6],
        lower: [-50, -50, -50],
        upper: [50, 50, 50],
      });
    const runs = [1e-3, 1e-2, 1e-1, 1, 10].map(at);
    for (let i = 1; i < runs.length; i++) {
      const [less, more] = [runs[i - 1]!, runs[i]!];
      expect(more.cost).toBeGreaterThanOrEqual(less.cost - 1e-7);
      const distance = ({ residual }: QuadraticHedge) => residual[0]! ** 2 + residual[1]! ** 2 / 100;
      expect(distance(more)).toBeLessThanOrEqual(distance(less) + 1e-7);
    }
  });
});

describe('random problems', () => {
  it('beat every point within their limits', () => {
    const random = seededRandom(5);
    fc.assert(
      fc.property(problems, (problem) => {
        const hedge = solved(problem);
        expect(hedge.objective).toBeCloseTo(objective(problem, hedge.trades), 6);
        hedge.trades.forEach((trade, j) => {
          expect(trade).toBeGreaterThanOrEqual(problem.lower[j]! - 1e-9);
          expect(trade).toBeLessThanOrEqual(problem.upper[j]! + 1e-9);
        });
        for (let s = 0; s < 40; s++) {
          const other = hedge.trades.map((trade, j) =>
            Math.min(Math.max(trade + random.normal() * 2 ** -(s % 8), problem.lower[j]!), problem.upper[j]!),
          );
          expect(hedge.objective).toBeLessThanOrEqual(objective(problem, other) + 1e-7 * (1 + hedge.objective));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('a flat book is left alone', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const hedge = solved({ ...problem, current: [1, 2], target: [1, 2] });
        for (const trade of hedge.trades) expect(trade).toBeCloseTo(0, 7);
      }),
      { numRuns: 30 },
    );
  });
});

describe('no answer', () => {
  it('names the tolerances that cannot be met, and by how much', () => {
    const hedge = hedgeQp({
      greeks: [[1]],
      current: [-10],
      target: [0],
      weights: [1],
      tolerance: [1],
      cost: [0],
      lower: [0],
      upper: [4],
    });
    expect(hedge).toMatchObject({ ok: false, reason: 'infeasible', relaxations: [{ row: 0 }] });
    expect(!hedge.ok && hedge.relaxations[0]!.by).toBeCloseTo(5, 8);
  });

  it('refuses what is no such problem', () => {
    const good = { greeks: [[1]], current: [1], target: [0], weights: [1], cost: [0], ...unlimited(1) };
    expect(() => hedgeQp({ ...good, weights: [-1] })).toThrow(InputError);
    expect(() => hedgeQp({ ...good, weights: [1, 1] })).toThrow(InputError);
    expect(() => hedgeQp({ ...good, weights: [[1, 0]] })).toThrow(InputError);
    expect(() => hedgeQp({ ...good, impact: [NaN] })).toThrow(InputError);
    expect(() => hedgeQp({ ...good, impact: [[-1]] })).toThrow(InputError);
    expect(() => hedgeQp({ ...good, cost: [-1] })).toThrow(InputError);
    const two = { ...good, greeks: [[1], [1]], current: [1, 1], target: [0, 0] };
    expect(() =>
      hedgeQp({
        ...two,
        weights: [
          [1, 2],
          [3, 1],
        ],
      }),
    ).toThrow(InputError);
    expect(() =>
      hedgeQp({
        ...two,
        weights: [
          [1, 2],
          [2, 1],
        ],
      }),
    ).toThrow(InputError);
  });
});
