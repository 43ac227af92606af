import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/math/random.js';
import type { Account } from '../../src/portfolio/account.js';
import type { FactorReturns } from '../../src/risk/factor-returns.js';
import { historicalVaR } from '../../src/risk/value-at-risk/historical.js';
import { monteCarloVaR } from '../../src/risk/value-at-risk/monte-carlo.js';
import { exposureIncrements, parametricVaR } from '../../src/risk/value-at-risk/parametric.js';
import { randomBook, smileMarket } from '../portfolio/support.js';

const snapshot = smileMarket();

function days(count: number): FactorReturns {
  const random = seededRandom(9);
  const rows = Array.from({ length: count }, () => [0.03 * random.normal(), 0.04 * random.normal()]);
  return { factors: ['spot:BTC', 'spot:ETH'], rows };
}

const account: Account = {
  id: 'a',
  reportingCurrency: 'USD',
  cash: { USD: 1e5, ETH: 4 },
  positions: randomBook(3, 8, snapshot),
};
const without = (i: number): Account => ({ ...account, positions: account.positions.filter((_, j) => j !== i) });

describe('increments of sampled risk', () => {
  it.each(['equal', { decay: 0.97 }] as const)(
    'are the risk with a position less that without it, weights %o',
    (weights) => {
      const returns = days(120);
      const options = { confidence: 0.95, weights };
      const risk = historicalVaR(account, snapshot, returns, { ...options, increments: true });
      expect(risk.increments).toHaveLength(account.positions.length);
      risk.increments!.forEach((increment, i) => {
        const rest = historicalVaR(without(i), snapshot, returns, options);
        expect(increment.positionId).toBe(account.positions[i]!.id);
        expect(increment.valueAtRisk).toBeCloseTo(risk.valueAtRisk - rest.valueAtRisk, 5);
        expect(increment.expectedShortfall).toBeCloseTo(risk.expectedShortfall - rest.expectedShortfall, 5);
        // The shortfall is convex in the quantities: leaving out saves no more than the position's own contribution.
        expect(increment.expectedShortfall).toBeLessThanOrEqual(risk.contributions.positions[i]! + 1e-6);
      });
    },
  );

  it('have marginal shortfalls that are the slope in the quantity', () => {
    const returns = days(120);
    const risk = historicalVaR(account, snapshot, returns, { confidence: 0.93, increments: true });
    account.positions.forEach((position, i) => {
      const step = 1e-7 * position.quantity;
      const moved = (h: number): number => {
        const positions = account.positions.map((p, j) => (j === i ? { ...p, quantity: p.quantity + h } : p));
        return historicalVaR({ ...account, positions }, snapshot, returns, { confidence: 0.93 }).expectedShortfall;
      };
      const slope = (moved(step) - moved(-step)) / (2 * step);
      const marginal = risk.increments![i]!.marginalShortfall!;
      expect(Math.abs(slope - marginal)).toBeLessThan(1e-4 * Math.abs(marginal) + 1e-4);
    });
  });

  it('come with a simulation as well, and only where asked for', () => {
    const model = {
      factors: ['spot:BTC', 'spot:ETH'],
      covariance: [
        [0.0009, 0.0008],
        [0.0008, 0.0016],
      ],
    };
    const options = { confidence: 0.95, horizonDays: 1, samples: 500, seed: 4 };
    expect(monteCarloVaR(account, snapshot, model, options).increments).toBeUndefined();
    const risk = monteCarloVaR(account, snapshot, model, { ...options, increments: true });
    const rest = monteCarloVaR(without(2), snapshot, model, options);
    expect(risk.increments![2]!.valueAtRisk).toBeCloseTo(risk.valueAtRisk - rest.valueAtRisk, 5);
  });
});

describe('exposureIncrements', () => {
  const covariance = [
    [0.0016, 0.0016],
    [0.0016, 0.0025],
  ];

  it('has the book of two factors: holding none of the hedge raises the risk', () => {
    const { marginal, incremental } = exposureIncrements([1e6, -5e5], covariance, 0.99);
    expect(marginal[0]! * 1e6).toBeCloseTo(74_443.13, 2);
    expect(marginal[1]! * -5e5).toBeCloseTo(-16_284.44, 2);
    // 58,158.697 less z .04 1e6, and less z .05 5e5
    expect(incremental[0]).toBeCloseTo(58_158.697 - 2.3263478740408408 * 25_000, 2);
    expect(incremental[1]).toBeCloseTo(58_158.697 - 2.3263478740408408 * 40_000, 2);
  });

  it('is the difference of the closed form, and its slope', () => {
    const exposure = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(exposure, exposure, (a, b) => {
        fc.pre(a !== 0 || b !== 0);
        const risk = (x: number[]) =>
          parametricVaR({ exposures: x, covariance }, { confidence: 0.95, horizonDays: 1 }).valueAtRisk;
        const { marginal, incremental } = exposureIncrements([a, b], covariance, 0.95);
        expect(incremental[0]).toBeCloseTo(risk([a, b]) - risk([0, b]), 9);
        expect(marginal[0]).toBeCloseTo((risk([a + 1e-4, b]) - risk([a - 1e-4, b])) / 2e-4, 6);
      }),
    );
    expect(exposureIncrements([0, 0], covariance, 0.95)).toEqual({ marginal: [0, 0], incremental: [0, 0] });
  });
});
