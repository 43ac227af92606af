/** American puts from a seeded generator, and what they are worth to the last digits asked for. */
import { seededRandom } from '../../src/math/random.js';
import { canonicalPut, europeanPut } from '../../src/pricing/american/canonical-put.js';
import { createCollocation } from '../../src/pricing/american/collocation.js';
import { logEdgeNow } from '../../src/pricing/american/put-edges.js';
import { solveBoundary } from '../../src/pricing/american/boundary.js';
import { exercisePremium } from '../../src/pricing/american/premium.js';

export interface Put {
  spot: number;
  strike: number;
  rate: number;
  dividendYield: number;
  volatility: number;
  timeToExpiry: number;
}

export interface Case extends Put {
  /** Of a collocation of 44 points, 120 and 600 nodes. */
  reference: number;
}

const rough = createCollocation(4, 6, 1, 1e-3);
const middle = createCollocation(16, 24, 1, 1e-6, rough);
const grid = createCollocation(44, 120, 600, 1e-12, middle);

/** NaN where it is exercised now. */
function referencePrice(option: Put): number {
  const { spot, strike, rate, dividendYield, volatility, timeToExpiry } = option;
  const put = canonicalPut(false, spot, strike, timeToExpiry, volatility, rate, dividendYield);
  if (!solveBoundary(grid, rate, dividendYield, volatility, timeToExpiry)) throw new Error('no reference');
  if (put.logMoneyness <= logEdgeNow(grid, rate, dividendYield, 'upper')) return NaN;
  const premium = exercisePremium(grid, put.logMoneyness, rate, dividendYield, volatility, timeToExpiry);
  return strike * (europeanPut(put) + premium);
}

/**
 * Strike 100; rates 0.5% to 12%, yields nothing, below, about and above the rate; volatilities 8% to 80%, a week to three years, spots
 * within two standard deviations and worth holding.
 */
export function americanCases(count: number): Case[] {
  const random = seededRandom(20240105);
  const between = (a: number, b: number): number => a + (b - a) * random.uniform();
  const cases: Case[] = [];
  while (cases.length < count) {
    const rate = between(0.005, 0.12);
    const share = [0, between(0, 1), between(0.9, 1.1), between(1, 3)][cases.length % 4]!;
    const volatility = 0.08 * 10 ** random.uniform();
    const timeToExpiry = 0.02 * 150 ** random.uniform();
    const spot = 100 * Math.exp(volatility * Math.sqrt(timeToExpiry) * between(-2, 2));
    const put = { spot, strike: 100, rate, dividendYield: share * rate, volatility, timeToExpiry };
    const reference = referencePrice(put);
    if (!Number.isNaN(reference)) cases.push({ ...put, reference });
  }
  return cases;
}
