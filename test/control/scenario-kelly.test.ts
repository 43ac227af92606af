import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constraintSlacks } from '../../src/control/constraint-set.js';
import type { ConstraintSet } from '../../src/control/constraint-set.js';
import { kellyBet } from '../../src/control/kelly.js';
import { scenarioKelly } from '../../src/control/scenario-kelly.js';
import type { ScenarioKellyInput } from '../../src/control/scenario-kelly.js';
import { InputError } from '../../src/errors.js';
import { gaussHermite } from '../../src/math/gauss-hermite.js';
import { seededRandom } from '../../src/math/random.js';

const bet: ScenarioKellyInput = { returns: [[1], [-1]], probabilities: [0.6, 0.4], rate: 0, riskAversion: 1 };

function solve(i: ScenarioKellyInput) {
  const solved = scenarioKelly(i);
  if (!solved.ok) throw new Error(solved.message);
  return solved;
}

function utility({ returns, probabilities, rate, riskAversion: g }: ScenarioKellyInput, weights: number[]) {
  return returns.reduce((sum, row, s) => {
    const wealth = 1 + rate + row.reduce((total, r, k) => total + r * weights[k]!, 0);
    if (wealth <= 0) return -Infinity;
    return sum + probabilities[s]! * (g === 1 ? Math.log(wealth) : wealth ** (1 - g) / (1 - g));
  }, 0);
}

function randomProblem(seed: number): ScenarioKellyInput {
  const random = seededRandom(seed);
  const n = 1 + random.index(4);
  const returns = Array.from({ length: 40 }, () =>
    Array.from({ length: n }, (_, k) => Math.max(0.02 + 0.2 * (k + 1) * random.normal(), -1)),
  );
  return {
    ...{
      returns,
      probabilities: returns.map(() => 1 / 40),
      rate: 0.01,
      riskAversion: [0.5, 1, 2, 6][random.index(4)]!,
    },
    lower: returns[0]!.map(() => -0.5),
    upper: returns[0]!.map(() => (random.uniform() < 0.5 ? 0.3 : Infinity)),
  };
}

describe('scenarioKelly', () => {
  it('is the Kelly bet on two scenarios', () => {
    const solved = solve(bet);
    expect(solved.weights[0]).toBeCloseTo(0.2, 10);
    expect(Math.log1p(solved.certaintyEquivalent)).toBeCloseTo(kellyBet({ probability: 0.6, odds: 1 }).growth, 12);
    expect(solved.gradientNorm).toBeLessThan(1e-9);
    expect(solved.binding).toEqual([]);
  });

  it('comes to the Merton weight over short lognormal steps', () => {
    const { nodes, weights } = gaussHermite(31);
    const dt = 1e-3;
    const returns = [...nodes].map((z) => [
      Math.exp((0.2 - 0.18) * dt + 0.6 * Math.sqrt(dt) * z) - Math.exp(0.04 * dt),
    ]);
    for (const riskAversion of [1, 3]) {
      const solved = solve({ returns, probabilities: [...weights], rate: Math.expm1(0.04 * dt), riskAversion });
      expect(solved.weights[0]! * riskAversion).toBeCloseTo(0.444444, 2);
    }
  });

  it('beats random points within its bounds, with a gradient that only the bounds hold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (seed) => {
        const i = randomProblem(seed);
        const solved = solve(i);
        const best = utility(i, solved.weights);
        expect(solved.gradientNorm).toBeLessThan(1e-7);
        const random = seededRandom(seed + 1);
        for (let trial = 0; trial < 50; trial++) {
          const size = 10 ** (-4 * random.uniform());
          const other = solved.weights.map((w, k) =>
            Math.min(Math.max(w + size * (2 * random.uniform() - 1), i.lower![k]!), i.upper![k]!),
          );
          expect(utility(i, other)).toBeLessThanOrEqual(best + 1e-12 * (1 + Math.abs(best)));
        }
        const g = i.riskAversion;
        const equivalent = (1 + solved.certaintyEquivalent) ** (1 - g) / (1 - g);
        expect(g === 1 ? Math.log1p(solved.certaintyEquivalent) : equivalent).toBeCloseTo(best, 9);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('holds an option and its bounds by name, and assets that repeat each other', () => {
    const spot = [0.7, 0.9, 1, 1.1, 1.4];
    const returns = spot.map((s) => [s - 1, Math.max(s - 1, 0) / 0.06 - 1]);
    const probabilities = [0.1, 0.25, 0.25, 0.3, 0.1];
    const solved = solve({ returns, probabilities, rate: 0, riskAversion: 2, lower: [0, 0], upper: [0.05, 1] });
    expect(solved.binding).toEqual(expect.arrayContaining(['upper[0]']));
    const twice = solve({
      ...bet,
      returns: [
        [1, 1],
        [-1, -1],
      ],
    });
    expect(twice.weights[0]! + twice.weights[1]!).toBeCloseTo(0.2, 9);
    expect(solve({ ...bet, probabilities: [0.5, 0.5] }).weights[0]).toBeCloseTo(0, 12);
    expect(solve({ ...bet, lower: [0.5], upper: [0.6] })).toMatchObject({ weights: [0.5], binding: ['lower[0]'] });
  });

  it('names arbitrage without a bound, and ruin without a way out', () => {
    const gain: ScenarioKellyInput = { returns: [[0.1], [0]], probabilities: [0.5, 0.5], rate: 0, riskAversion: 2 };
    expect(scenarioKelly(gain)).toMatchObject({ ok: false, reason: 'unbounded' });
    expect(scenarioKelly({ ...gain, upper: [3] })).toMatchObject({ ok: true, weights: [3], binding: ['upper[0]'] });
    expect(scenarioKelly({ ...bet, lower: [1], upper: [2] })).toMatchObject({ ok: false, reason: 'infeasible' });
    expect(scenarioKelly({ ...bet, rate: -1, lower: [-1], upper: [1] })).toMatchObject({
      ok: false,
      reason: 'infeasible',
    });
    // Weights that need the linear program to stay solvent.
    expect(
      scenarioKelly({
        ...bet,
        returns: [
          [1, 0],
          [-1, 2],
        ],
        lower: [1.5, -Infinity],
        upper: [2, 3],
      }).ok,
    ).toBe(true);
  });

  it('refuses what is no set of scenarios', () => {
    expect(() => solve({ ...bet, probabilities: [0.5, 0.4] })).toThrow(InputError);
    expect(() => solve({ ...bet, probabilities: [1] })).toThrow(InputError);
    expect(() => solve({ ...bet, returns: [[1], [NaN]] })).toThrow(InputError);
    expect(() => solve({ ...bet, returns: [] })).toThrow(InputError);
    expect(() => solve({ ...bet, riskAversion: 0 })).toThrow(InputError);
    expect(() => solve({ ...bet, lower: [1], upper: [0] })).toThrow(InputError);
    expect(() => solve({ ...bet, lower: [1, 2] })).toThrow(InputError);
  });
});

describe('scenarioKelly under a constraint set', () => {
  const limits = (n: number, from: number[], random: ReturnType<typeof seededRandom>): ConstraintSet => ({
    gross: { limit: 0.4 + random.uniform() },
    linear: [{ name: 'net', coefficients: from.map(() => 1), lower: -0.3, upper: 0.5 }],
    margin: { long: from.map(() => 0.2), short: from.map(() => 0.4), limit: 0.15 },
    turnover: { from, limit: 0.6 },
    cash: { prices: from.map(() => 1), costs: from.map(() => 0.01), from, limit: 0.4 },
    shortfall: {
      pnl: Array.from({ length: 20 }, () => Array.from({ length: n }, () => 0.3 * random.normal())),
      confidence: 0.9,
      limit: 0.2,
    },
  });

  it('beats random points within its limits, and keeps them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (seed) => {
        const random = seededRandom(seed + 7);
        const problem = randomProblem(seed);
        const n = problem.returns[0]!.length;
        const from = Array.from({ length: n }, () => 0.05 * random.normal());
        const constraints = limits(n, from, random);
        const solved = solve({ ...problem, constraints });
        expect(Math.min(...solved.slacks!.map(({ slack }) => slack))).toBeGreaterThan(-1e-8);
        expect(solved.gradientNorm).toBeLessThan(1e-5);
        const best = utility(problem, solved.weights);
        const set = { ...constraints, lower: problem.lower, upper: problem.upper };
        for (let trial = 0; trial < 200; trial++) {
          const size = 10 ** (-3 * random.uniform());
          const other = solved.weights.map((w) => w + size * (2 * random.uniform() - 1));
          if (constraintSlacks(set, other).some(({ slack }) => slack < 0)) continue;
          expect(utility(problem, other)).toBeLessThanOrEqual(best + 1e-9 * (1 + Math.abs(best)));
        }
        // Towards any other point of the convex set utility falls as well.
        const inside = from.map((w, k) => Math.min(Math.max(w, problem.lower![k]!), problem.upper![k]!));
        if (constraintSlacks(set, inside).every(({ slack }) => slack >= 0)) {
          expect(utility(problem, inside)).toBeLessThanOrEqual(best + 1e-9 * (1 + Math.abs(best)));
        }
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });

  it('is the search within bounds where the constraints are no tighter', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const problem = randomProblem(seed);
      const bounded = solve(problem);
      const constrained = solve({ ...problem, constraints: { gross: { limit: 100 } } });
      expect(constrained.certaintyEquivalent).toBeCloseTo(bounded.certaintyEquivalent, 10);
      constrained.weights.forEach((w, k) => {
        expect(w).toBeCloseTo(bounded.weights[k]!, 5);
      });
    }
    // The bet with capital for a tenth: margin of one half on 0.05.
    const tight = solve({ ...bet, constraints: { margin: { long: [0.5], short: [0.5], limit: 0.05 } } });
    expect(tight.weights[0]).toBeCloseTo(0.1, 9);
    expect(tight.binding).toEqual(['margin']);
    expect(solve({ ...bet, upper: [0.15], constraints: { upper: [0.3] } }).binding).toEqual(['upper[0]']);
  });

  it('names what contradicts what, ruin, and a direction no limit stops', () => {
    const net = { name: 'net', coefficients: [1], lower: 2 };
    const torn = scenarioKelly({ ...bet, constraints: { gross: { limit: 1 }, linear: [net] } });
    expect(torn).toMatchObject({ ok: false, reason: 'infeasible' });
    expect(!torn.ok && torn.relaxations!.reduce((sum, { by }) => sum + by, 0)).toBeCloseTo(1, 6);
    const ruined = scenarioKelly({ ...bet, constraints: { linear: [{ ...net, lower: 1.5 }] } });
    expect(ruined).toMatchObject({ ok: false, reason: 'infeasible', relaxations: [] });
    const gain: ScenarioKellyInput = { returns: [[0.1], [0]], probabilities: [0.5, 0.5], rate: 0, riskAversion: 2 };
    const floor = { linear: [{ ...net, lower: -1 }] };
    expect(scenarioKelly({ ...gain, constraints: floor })).toMatchObject({ ok: false, reason: 'unbounded' });
    const capped = scenarioKelly({ ...gain, constraints: { gross: { limit: 2 } } });
    expect(capped.ok && capped.weights[0]).toBeCloseTo(2, 9);
    expect(() => scenarioKelly({ ...bet, constraints: { upper: [1, 2] } })).toThrow(InputError);
  });
});
