import { describe, expect, it } from 'vitest';
import { american, type AmericanOption } from '../../src/pricing/american.js';
import { bjerksundStensland } from '../../src/pricing/american/bjerksund-stensland.js';
import { canonicalPut, europeanPut } from '../../src/pricing/american/canonical-put.js';
import { differencePrice } from '../../src/pricing/american/finite-difference.js';
import { leisenReimerTree } from '../../src/pricing/american/leisen-reimer.js';
import { differenceProblem, readTerms } from '../../src/pricing/american/terms.js';
import { seededRandom } from '../../src/math/random.js';
import { engineCases, enginePrices } from './american-engine-cases.js';

const put: AmericanOption = {
  type: 'put',
  spot: 100,
  strike: 100,
  timeToExpiry: 1,
  volatility: 0.25,
  rate: 0.05,
  dividendYield: 0.02,
};

describe('collocation, finite differences and trees', () => {
  // The long run takes 500 and more steps.
  it.each(engineCases(12, 20240701))('agree on %o', (option) => {
    const { collocation, differences, tree } = enginePrices(option, 15 * 33);
    if (collocation !== undefined) expect(Math.abs(collocation - differences) / 100).toBeLessThan(1e-6);
    expect(Math.abs(tree - differences) / 100).toBeLessThan(1e-5);
  });
});

describe('finite differences', () => {
  const solve = (change: Partial<AmericanOption>): ReturnType<typeof differencePrice> => {
    const option = { ...put, ...change };
    return differencePrice(differenceProblem(readTerms(option, option.volatility), 'american'));
  };

  it.each([
    ['put', {}],
    ['call', { type: 'call' as const, rate: 0.01, dividendYield: 0.06 }],
    ['two edges', { rate: -0.02, dividendYield: -0.05, timeToExpiry: 3 }],
    ['far out of the money', { spot: 140 }],
  ])('%s: delta, gamma and theta agree with those of the integral', (_name, change) => {
    const grid = solve(change);
    const greeks = american.greeks({ ...put, ...change }, 'accurate');
    expect(Math.abs(grid.delta - greeks.delta)).toBeLessThan(2e-6);
    expect(Math.abs(grid.gamma - greeks.gamma)).toBeLessThan(2e-6);
    expect(Math.abs(grid.theta - greeks.theta)).toBeLessThan(2e-4);
  });

  it('the edge lies within a cell of the boundary', () => {
    const { edges } = solve({});
    const boundary = american.exerciseBoundary(put);
    const [cell, edge] = [edges[edges.length - 1]!, boundary[boundary.length - 1]!];
    expect(cell.timeToExpiry).toBe(1);
    expect(cell.spot / edge.spot).toBeCloseTo(1, 2);
  });

  it('takes over where rates exceed the volatility a thousand times', () => {
    const calm: AmericanOption = { ...put, spot: 101, volatility: 1e-5, rate: 0.05, dividendYield: 0.2 };
    const certain = american.price({ ...calm, volatility: 0 });
    expect(Math.abs(american.price(calm) - certain)).toBeLessThan(2e-3);
    expect(Math.abs(american.greeks(calm).delta - american.greeks({ ...calm, volatility: 0 }).delta)).toBeLessThan(
      1e-2,
    );
  });
});

describe('Bjerksund and Stensland', () => {
  it('is a lower bound, no worse than the European value, and close', () => {
    const random = seededRandom(2002);
    const between = (a: number, b: number): number => a + (b - a) * random.uniform();
    for (let i = 0; i < 300; i++) {
      const volatility = between(0.08, 0.7);
      const timeToExpiry = between(0.05, 3);
      const rate = between(0.001, 0.1);
      const dividendYield = i % 4 === 0 ? 0 : between(-0.02, 0.12);
      const spot = 100 * Math.exp(volatility * Math.sqrt(timeToExpiry) * between(-1.5, 1.5));
      const canonical = canonicalPut(false, spot, 100, timeToExpiry, volatility, rate, dividendYield);
      const bound = 100 * bjerksundStensland(canonical);
      const price = american.price({ ...put, spot, timeToExpiry, volatility, rate, dividendYield }, 'accurate');
      expect(bound).toBeLessThanOrEqual(price + 1e-9);
      expect(bound).toBeGreaterThanOrEqual(100 * europeanPut(canonical) - 1e-12);
      // Where sigma^2 T is small it is close; docs/american.md has the figures.
      if (volatility ** 2 * timeToExpiry < 0.05) expect(price - bound).toBeLessThan(0.06);
    }
  });

  it('falls back on the greater of European and exercise value without an interest rate above 0', () => {
    const canonical = canonicalPut(false, 80, 100, 1, 0.2, -0.01, -0.05);
    expect(bjerksundStensland(canonical)).toBe(Math.max(europeanPut(canonical), 1 - canonical.moneyness));
  });
});

describe('trees', () => {
  it('have an odd number of steps', () => {
    const problem = differenceProblem(readTerms(put, 0.25), 'american');
    expect(() => leisenReimerTree(problem, 100)).toThrow('steps');
  });

  it('do not know the dividend model spot', () => {
    const option: AmericanOption = { ...put, dividendModel: 'spot', dividends: [{ timeToExDate: 0.5, amount: 2 }] };
    const problem = differenceProblem(readTerms(option, 0.25), 'american');
    expect(() => leisenReimerTree(problem, 101)).toThrow('dividendModel');
  });
});
