import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hedgeInteger } from '../../../src/control/hedge/hedge-integer.js';
import { hedgeLp } from '../../../src/control/hedge/hedge-lp.js';
import { minVarianceHedge } from '../../../src/control/hedge/minimum-variance.js';
import { minimiseMargin } from '../../../src/control/hedge/minimise-margin.js';
import { neutralise } from '../../../src/control/hedge/neutralise.js';
import type { HedgeProblem } from '../../../src/control/hedge/problem.js';
import { scenarioHedge, tailInsurance } from '../../../src/control/hedge/scenario-hedge.js';
import { InputError } from '../../../src/errors.js';
import { seededRandom } from '../../../src/math/random.js';
import { black76 } from '../../../src/pricing/black76.js';

/** Delta, gamma and vega of a 60-volatility option on a forward of 60,000. */
function option(type: 'call' | 'put', strike: number, days: number): [number, number, number] {
  const greeks = black76.greeks({ type, forward: 60_000, strike, timeToExpiry: days / 365, volatility: 0.6 });
  return [greeks.delta, greeks.gamma, greeks.vega];
}

const transpose = (rows: number[][]) => rows[0]!.map((_, j) => rows.map((row) => row[j]!));

/** Zero, or of a size from a thousandth of `size` to `size`. */
const finite = (size: number) =>
  fc.double({ min: -size, max: size, noNaN: true }).map((value) => (Math.abs(value) < size / 1000 ? 0 : value));

/** Two Greeks, three to five instruments with limits of both signs, always feasible: the target is what some trade within limits gives. */
const feasible = fc
  .integer({ min: 3, max: 5 })
  .chain((n) =>
    fc.record({
      greeks: fc.array(fc.array(finite(10), { minLength: n, maxLength: n }), { minLength: 2, maxLength: 2 }),
      current: fc.array(finite(100), { minLength: 2, maxLength: 2 }),
      trade: fc.array(finite(5), { minLength: n, maxLength: n }),
      tolerance: fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 2, maxLength: 2 }),
      cost: fc.array(fc.double({ min: 0.01, max: 3, noNaN: true }), { minLength: n, maxLength: n }),
    }),
  )
  .map(({ trade, ...rest }) => ({
    ...rest,
    trade,
    target: rest.greeks.map((row, i) => row.reduce((sum, a, j) => sum + a * trade[j]!, rest.current[i]!)),
    lower: rest.cost.map(() => -6),
    upper: rest.cost.map(() => 6),
  }));

describe('neutralise', () => {
  it('hedges the worked book with a call, a put and a perpetual', () => {
    const book = [option('call', 60_000, 30), option('put', 50_000, 60)];
    const current = [0, 1, 2].map((g) => -100 * book[0]![g]! - 50 * book[1]![g]!);
    const greeks = transpose([option('call', 62_000, 30), option('put', 58_000, 90), [1, 0, 0]]);
    const hedge = neutralise({ greeks, current, target: [0, 0, 0] });
    if (!hedge.ok) throw new Error(hedge.message);
    expect(hedge.trades[0]).toBeCloseTo(112.340032, 6);
    expect(hedge.trades[1]).toBeCloseTo(21.687018, 6);
    expect(hedge.trades[2]).toBeCloseTo(0.940656, 6);
    hedge.residual.forEach((value, i) => {
      expect(Math.abs(value)).toBeLessThan(1e-12 * Math.abs(current[i]!));
    });
  });

  it('takes the smallest trades of many and the least squares of few', () => {
    const many = neutralise({ greeks: [[1, 1]], current: [-2], target: [0] });
    expect(many.ok && many.trades.map((trade) => Math.round(trade * 1e12) / 1e12)).toEqual([1, 1]);
    const input = { greeks: [[1], [2]], current: [3, 4], target: [0, 0] };
    const even = neutralise(input);
    // (3 + h)^2 + (4 + 2h)^2 is least at h = -11/5; with weights 1 and 3 at h = -(3 + 72)/37.
    expect(even.ok && even.trades[0]).toBeCloseTo(-11 / 5, 12);
    const weighted = neutralise({ ...input, weights: [1, 3] });
    expect(weighted.ok && weighted.trades[0]).toBeCloseTo(-75 / 37, 12);
  });

  it('says when the instruments cannot tell the Greeks apart', () => {
    const same = neutralise({
      greeks: [
        [1, 2],
        [2, 4],
      ],
      current: [1, 1],
      target: [0, 0],
    });
    expect(same).toMatchObject({ ok: false, reason: 'singular' });
    expect(() => neutralise({ greeks: [[1]], current: [NaN], target: [0] })).toThrow(InputError);
    expect(() => neutralise({ greeks: [[1, 2], [1]], current: [1, 1], target: [0, 0] })).toThrow(InputError);
  });
});

describe('hedgeLp', () => {
  it('buys the cheaper instrument and prices the Greek', async () => {
    const hedge = await hedgeLp({
      greeks: [[0.5, 1]],
      current: [-10],
      target: [0],
      tolerance: [1],
      cost: [1, 3],
      lower: [0, 0],
      upper: [100, 100],
    });
    expect(hedge).toEqual({ ok: true, trades: [18, 0], residual: [-1], cost: 18, duals: [2] });
  });

  it('stays within tolerance and limits, below the cost of any hedge that does, with duals that are slopes', async () => {
    const random = seededRandom(3);
    await fc.assert(
      fc.asyncProperty(feasible, async ({ trade, ...problem }) => {
        const hedge = await hedgeLp(problem);
        if (!hedge.ok) throw new Error(hedge.reason);
        hedge.residual.forEach((value, i) => {
          expect(Math.abs(value)).toBeLessThanOrEqual(
            problem.tolerance[i]! + 1e-6 * (1 + Math.abs(problem.target[i]!)),
          );
        });
        for (const value of hedge.trades) expect(Math.abs(value)).toBeLessThanOrEqual(6 + 1e-9);
        const cost = (h: readonly number[]) => h.reduce((sum, x, j) => sum + Math.abs(x) * problem.cost[j]!, 0);
        const allowed = (h: readonly number[]) =>
          h.every((x) => Math.abs(x) <= 6) &&
          problem.greeks.every((row, i) => {
            const change = row.reduce((sum, a, j) => sum + a * h[j]!, problem.current[i]! - problem.target[i]!);
            return Math.abs(change) <= problem.tolerance[i]!;
          });
        // The trade the target was made from, and others around it.
        expect(hedge.cost).toBeLessThanOrEqual(cost(trade) + 1e-6);
        for (let s = 0; s < 50; s++) {
          const other = trade.map((x) => x + 0.2 * random.normal());
          if (allowed(other)) expect(hedge.cost).toBeLessThanOrEqual(cost(other) + 1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has the cost of a unit of each Greek for its dual', async () => {
    const problem: HedgeProblem = {
      greeks: [
        [0.5, 1, -0.3],
        [20, 0, 35],
      ],
      current: [12, -900],
      target: [0, 0],
      tolerance: [0.2, 15],
      cost: [4, 0.4, 6],
      lower: [-100, -100, -100],
      upper: [100, 100, 100],
    };
    const at = async (target: number[]) => {
      const hedge = await hedgeLp({ ...problem, target });
      if (!hedge.ok) throw new Error(hedge.reason);
      return hedge;
    };
    const { duals, cost } = await at([0, 0]);
    expect((await at([0.01, 0])).cost - cost).toBeCloseTo(0.01 * duals[0]!, 9);
    expect((await at([0, 1])).cost - cost).toBeCloseTo(duals[1]!, 9);
  });

  it('trades nothing where nothing is wrong', async () => {
    const hedge = await hedgeLp({
      greeks: [[1, 2]],
      current: [0],
      target: [0],
      tolerance: [0],
      cost: [1, 1],
      lower: [-5, -5],
      upper: [5, 5],
    });
    expect(hedge).toMatchObject({ ok: true, trades: [0, 0], cost: 0 });
  });

  it('names the Greeks that cannot be met and by how much', async () => {
    const hedge = await hedgeLp({
      greeks: [
        [1, 0],
        [0, 1],
      ],
      current: [10, 10],
      target: [0, 0],
      tolerance: [0, 0],
      cost: [1, 1],
      lower: [-20, -4],
      upper: [20, 4],
    });
    expect(hedge).toMatchObject({ ok: false, reason: 'infeasible' });
    if (hedge.ok) return;
    expect(hedge.relaxations).toHaveLength(1);
    expect(hedge.relaxations[0]!.row).toBe(1);
    expect(hedge.relaxations[0]!.by).toBeCloseTo(6, 9);
  });

  it('refuses what is no problem', async () => {
    const good = { greeks: [[1]], current: [1], target: [0], tolerance: [0], cost: [1], lower: [-1], upper: [1] };
    for (const wrong of [
      { current: [NaN] },
      { cost: [-1] },
      { tolerance: [-1] },
      { greeks: [[1, 2]] },
      { lower: [Infinity] },
      { upper: [NaN] },
      { target: [] },
    ]) {
      await expect(hedgeLp({ ...good, ...wrong })).rejects.toThrow(InputError);
    }
  });
});

describe('hedgeInteger', () => {
  it('is the best of all whole hedges, never cheaper than one in fractions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
        fc.integer({ min: -40, max: 40 }),
        fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
        (row, cost, current, maximumLegs) => {
          const problem = {
            greeks: [row],
            current: [current],
            target: [0],
            tolerance: [0.5],
            cost,
            lower: [-6, -6, -6],
            upper: [6, 6, 6],
            lots: [1, 2, 0.5],
            maximumLegs,
          };
          let best = Infinity;
          for (let a = -6; a <= 6; a++) {
            for (let b = -6; b <= 6; b += 2) {
              for (let c = -6; c <= 6; c += 0.5) {
                const left = current + row[0]! * a + row[1]! * b + row[2]! * c;
                const legs = [a, b, c].filter((trade) => trade !== 0).length;
                if (Math.abs(left) > 0.5 || legs > (maximumLegs ?? 3)) continue;
                best = Math.min(best, Math.abs(a) * cost[0]! + Math.abs(b) * cost[1]! + Math.abs(c) * cost[2]!);
              }
            }
          }
          const hedge = hedgeInteger(problem);
          if (!hedge.ok) {
            expect(hedge.reason).toBe('infeasible');
            expect(best).toBe(Infinity);
            return;
          }
          expect(hedge.optimal).toBe(true);
          expect(hedge.cost).toBeCloseTo(best, 9);
          expect(hedge.cost).toBeGreaterThanOrEqual(hedge.bound - 1e-9);
          hedge.trades.forEach((trade, j) => {
            expect(Math.abs((trade / problem.lots[j]!) % 1)).toBe(0);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses lots and legs that cannot be', () => {
    const good = {
      greeks: [[1]],
      current: [1],
      target: [0],
      tolerance: [0],
      cost: [1],
      lower: [-9],
      upper: [9],
      lots: [1],
    };
    expect(() => hedgeInteger({ ...good, lots: [0] })).toThrow(InputError);
    expect(() => hedgeInteger({ ...good, maximumLegs: 0.5 })).toThrow(InputError);
    expect(() => hedgeInteger({ ...good, maximumLegs: 1, upper: [Infinity] })).toThrow(InputError);
  });
});

describe('minVarianceHedge', () => {
  it('is the regression coefficient, with R^2 for its effectiveness', () => {
    const hedge = minVarianceHedge({
      exposures: [[1], [0]],
      current: [0, 1],
      covariance: [
        [0.04, 0.03],
        [0.03, 0.09],
      ],
    });
    if (!hedge.ok) throw new Error(hedge.reason);
    expect(hedge.trades[0]).toBeCloseTo(-0.03 / 0.04, 14);
    expect(hedge.effectiveness).toBeCloseTo(0.03 ** 2 / (0.04 * 0.09), 14);
  });

  it('lowers variance as no other trade does', () => {
    const random = seededRandom(8);
    for (let run = 0; run < 50; run++) {
      const root = Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => random.normal()));
      const covariance = root.map((a) => root.map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)));
      const symmetric = covariance.map((row, i) => row.map((value, j) => (i <= j ? value : covariance[j]![i]!)));
      const exposures = Array.from({ length: 3 }, () => [random.normal(), random.normal()]);
      const current = [random.normal(), random.normal(), random.normal()];
      const varianceOf = (h: readonly number[]) => {
        const g = current.map((x, i) => x + exposures[i]![0]! * h[0]! + exposures[i]![1]! * h[1]!);
        return g.reduce((sum, a, i) => sum + g.reduce((inner, b, j) => inner + a * b * symmetric[i]![j]!, 0), 0);
      };
      const hedge = minVarianceHedge({ exposures, current, covariance: symmetric });
      if (!hedge.ok) throw new Error(hedge.reason);
      expect(hedge.residualVariance).toBeLessThanOrEqual(hedge.variance);
      expect(hedge.residualVariance).toBeCloseTo(varianceOf(hedge.trades), 9);
      for (let s = 0; s < 20; s++) {
        const other = hedge.trades.map((trade) => trade + 0.1 * random.normal());
        expect(varianceOf(other)).toBeGreaterThanOrEqual(hedge.residualVariance - 1e-12);
      }
    }
  });

  it('says when instruments move together', () => {
    const hedge = minVarianceHedge({ exposures: [[1, 2]], current: [1], covariance: [[1]] });
    expect(hedge).toMatchObject({ ok: false, reason: 'singular' });
    const skewed = [
      [1, 0.1],
      [0.2, 1],
    ];
    expect(() => minVarianceHedge({ exposures: [[1], [1]], current: [1, 1], covariance: skewed })).toThrow(InputError);
  });
});

/** Profits of a short straddle and of three hedges over 41 spot moves. */
function shortStraddle() {
  const spots = Array.from({ length: 41 }, (_, s) => 60_000 * (0.6 + 0.02 * s));
  const value = (type: 'call' | 'put', strike: number, spot: number) =>
    black76.price({ type, forward: spot, strike, timeToExpiry: 20 / 365, volatility: 0.6 });
  const legs = [
    ['put', 50_000],
    ['call', 70_000],
  ] as const;
  const change = (type: 'call' | 'put', strike: number, spot: number) =>
    value(type, strike, spot) - value(type, strike, 60_000);
  return {
    book: spots.map((spot) => -change('call', 60_000, spot) - change('put', 60_000, spot)),
    profits: spots.map((spot) => [...legs.map(([type, strike]) => change(type, strike, spot)), spot - 60_000]),
    cost: [40, 40, 20],
    lower: [-3, -3, -3],
    upper: [3, 3, 3],
  };
}

describe('scenario hedges', () => {
  it('lowers expected shortfall, and the more the less trades cost', () => {
    const problem = { ...shortStraddle(), confidence: 0.9 };
    const hedge = scenarioHedge(problem);
    if (!hedge.ok) throw new Error(hedge.reason);
    expect(hedge.after.expectedShortfall + hedge.cost).toBeLessThan(hedge.before.expectedShortfall);
    const free = scenarioHedge({ ...problem, cost: [0, 0, 0] });
    if (!free.ok) throw new Error(free.reason);
    expect(free.after.expectedShortfall).toBeLessThanOrEqual(hedge.after.expectedShortfall + 1e-9);
    const random = seededRandom(4);
    for (let s = 0; s < 100; s++) {
      const other = hedge.trades.map((trade) => Math.max(-3, Math.min(3, trade + 0.2 * random.normal())));
      const losses = problem.profits
        .map((row, i) => -row.reduce((sum, profit, j) => sum + profit * other[j]!, problem.book[i]!))
        .sort((a, b) => b - a);
      // The worst tenth of 41 is 4.1 scenarios.
      const tail = (losses.slice(0, 4).reduce((sum, loss) => sum + loss, 0) + 0.1 * losses[4]!) / 4.1;
      const cost = other.reduce((sum, trade, j) => sum + Math.abs(trade) * problem.cost[j]!, 0);
      expect(tail + cost).toBeGreaterThan(hedge.after.expectedShortfall + hedge.cost - 1e-6);
    }
  });

  it('insures a budget at least premium, and says which scenarios make that impossible', () => {
    const problem = shortStraddle();
    const hedge = tailInsurance({ ...problem, budget: 9000 });
    if (!hedge.ok) throw new Error(hedge.reason);
    expect(hedge.before.worstLoss).toBeGreaterThan(9000);
    expect(hedge.after.worstLoss).toBeLessThanOrEqual(9000 + 1e-6);
    const tighter = tailInsurance({ ...problem, budget: 8000 });
    if (!tighter.ok) throw new Error(tighter.reason);
    expect(tighter.cost).toBeGreaterThan(hedge.cost);
    const impossible = tailInsurance({ ...problem, budget: 9000, lower: [0, 0, 0], upper: [0, 0, 0] });
    if (impossible.ok) throw new Error('insured without trades');
    expect(impossible.reason).toBe('infeasible');
    const missed = problem.book.flatMap((profit, row) => (profit < -9000 ? [row] : []));
    expect(impossible.relaxations.map(({ row }) => row)).toEqual(missed);
  });

  it('lowers a scan requirement, never above where it starts', () => {
    const { book, profits, cost, lower, upper } = shortStraddle();
    const charges = [{ rate: 500, current: -0.2, perUnit: [-0.2, 0.3, 1] }];
    const problem = { book, profits, cost, lower, upper, charges };
    const found = minimiseMargin(problem);
    if (!found.ok) throw new Error(found.reason);
    expect(found.requirementBefore).toBeCloseTo(Math.max(...book.map((profit) => -profit)) + 100, 9);
    expect(found.requirement + found.cost).toBeLessThan(found.requirementBefore);
    const binding = found.cellPrices.flatMap((price, s) => (price > 1e-9 ? [s] : []));
    expect(binding.length).toBeGreaterThan(0);
    const nothing = minimiseMargin({ ...problem, cost: [1e6, 1e6, 1e6] });
    if (!nothing.ok) throw new Error(nothing.reason);
    expect(nothing.requirement).toBeCloseTo(nothing.requirementBefore, 9);
  });

  it('refuses what is no problem', () => {
    const problem = shortStraddle();
    expect(() => scenarioHedge({ ...problem, confidence: 1 })).toThrow(InputError);
    expect(() => scenarioHedge({ ...problem, confidence: 0.9, probabilities: problem.book.map(() => 1) })).toThrow(
      InputError,
    );
    expect(() => tailInsurance({ ...problem, budget: NaN })).toThrow(InputError);
    expect(() => tailInsurance({ ...problem, budget: 1, book: [] })).toThrow(InputError);
    expect(() => minimiseMargin({ ...problem, weights: [1] })).toThrow(InputError);
    expect(() => minimiseMargin({ ...problem, charges: [{ rate: -1, current: 0, perUnit: [0, 0, 0] }] })).toThrow(
      InputError,
    );
  });
});
