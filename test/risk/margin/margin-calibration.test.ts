import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { seededRandom } from '../../../src/math/random.js';
import { black76 } from '../../../src/pricing/black76.js';
import { calibrateMargin, marginCoverage } from '../../../src/risk/margin/margin-calibration.js';
import type { MarginHistory, TestBook } from '../../../src/risk/margin/margin-calibration.js';

const value = (type: 'call' | 'put', strike: number, forward: number, volatility: number, days = 30): number =>
  black76.price({ type, strike, forward, volatility, timeToExpiry: days / 365, discountFactor: 1 });

const options = (legs: readonly (readonly ['call' | 'put', number, number, number?])[]): TestBook['profit'] => {
  return (price, ratio, volatility) =>
    legs.reduce((sum, [type, strike, quantity, days]) => {
      const now = value(type, strike, 1, volatility, days);
      return sum + quantity * (value(type, strike, price, volatility * ratio, days) - now);
    }, 0);
};
const books: TestBook[] = [
  { name: 'flat', profit: () => 0 },
  { name: 'long', profit: (price) => price - 1 },
  { name: 'short', profit: (price) => 1 - price },
  {
    name: 'straddle',
    profit: options([
      ['call', 1, -1],
      ['put', 1, -1],
    ]),
  },
  {
    name: 'strangle',
    profit: options([
      ['call', 1.1, -1],
      ['put', 0.9, -1],
    ]),
  },
  {
    name: 'ratio',
    profit: options([
      ['call', 1, 1],
      ['call', 1.1, -2],
    ]),
  },
  {
    name: 'calendar',
    profit: options([
      ['call', 1, -1, 30],
      ['call', 1, 1, 90],
    ]),
  },
];

/** Volatility in two regimes, and an implied volatility that follows it. */
function history(seed: number, days = 240): MarginHistory {
  const random = seededRandom(seed);
  const prices = [100];
  const volatilities = [0.6];
  for (let t = 1; t < days; t++) {
    const level = t % 160 < 110 ? 0.025 : 0.06;
    const move = level * random.normal();
    prices.push(prices[t - 1]! * Math.exp(move));
    volatilities.push(
      volatilities[t - 1]! * Math.exp(0.04 * random.normal() + 0.05 * Math.log((level * 19) / volatilities[t - 1]!)),
    );
  }
  return { prices, volatilities };
}

const range = { riskDays: 2, confidence: 0.97 };

describe('calibrateMargin', () => {
  const sample = history(1);
  const fitted = calibrateMargin(sample, books, range);

  it('covers every book, and with any less would not', () => {
    expect(fitted.ok).toBe(true);
    if (!fitted.ok) return;
    for (const {
      coverage,
      days,
      breaches,
      breachInterval: [low, high],
    } of fitted.books) {
      expect(coverage).toBeGreaterThanOrEqual(0.97);
      expect(low).toBeLessThanOrEqual(breaches / days);
      expect(high).toBeGreaterThanOrEqual(breaches / days);
    }
    const less = marginCoverage(sample, books, range, 0.999 * fitted.multiple);
    expect(less.books.some(({ coverage }) => coverage < 0.97)).toBe(true);
  });

  it('asks nothing of an empty book', () => {
    expect(fitted.ok && fitted.books[0]).toMatchObject({ cost: 0, breaches: 0, peakToTrough: 1, largestRise: 0 });
  });

  it('asks more for more confidence and longer periods of risk', () => {
    const stricter = calibrateMargin(sample, books, { ...range, confidence: 0.99 });
    expect(stricter.ok && fitted.ok && stricter.multiple >= fitted.multiple).toBe(true);
    const longer = calibrateMargin(sample, books.slice(1, 2), { ...range, riskDays: 5 });
    const shorter = calibrateMargin(sample, books.slice(1, 2), range);
    expect(longer.ok && shorter.ok && longer.books[0]!.cost > shorter.books[0]!.cost).toBe(true);
  });

  it('moves less with a floor and a blend', () => {
    const calm = calibrateMargin(sample, books, { ...range, antiProcyclical: { floor: 1, stressWeight: 0.25 } });
    expect(calm.ok && fitted.ok).toBe(true);
    if (!calm.ok || !fitted.ok) return;
    calm.books.slice(1, 4).forEach((book, i) => {
      expect(book.peakToTrough).toBeLessThan(fitted.books[i + 1]!.peakToTrough);
      expect(book.largestRise).toBeLessThan(fitted.books[i + 1]!.largestRise);
    });
  });

  it('finds a normal quantile where returns are normal', () => {
    const random = seededRandom(7);
    const prices = [100];
    for (let t = 1; t < 3000; t++) prices.push(prices[t - 1]! * Math.exp(0.03 * random.normal()));
    const volatilities = prices.map((_, t) => 0.6 + 0.001 * (t % 2));
    const steady = { riskDays: 1, confidence: 0.99, lambda: 0.999 };
    const found = calibrateMargin({ prices, volatilities }, books.slice(1, 2), steady);
    // The 1% quantile of 3,000 normal returns: 2.326 with a standard error of about .07.
    expect(found.ok && Math.abs(found.multiple - 2.326)).toBeLessThan(0.25);
  });

  it('says which books no range covers, and refuses histories too short', () => {
    const always: TestBook = { name: 'leak', profit: (_, ratio) => (ratio === 1 ? 0 : -1 / Math.abs(Math.log(ratio))) };
    const never = calibrateMargin(sample, [always], { ...range, confidence: 0.5 });
    expect(never).toMatchObject({ ok: false, reason: 'not-coverable' });
    const short = { prices: [1, 2, 3], volatilities: [1, 1, 1] };
    expect(() => calibrateMargin(short, books, range)).toThrow(InputError);
    expect(() => calibrateMargin(sample, books, { ...range, confidence: 1 })).toThrow(InputError);
    expect(() => calibrateMargin(sample, [], range)).toThrow(InputError);
    expect(() => calibrateMargin({ ...sample, volatilities: [1] }, books, range)).toThrow(InputError);
    expect(() => marginCoverage(sample, books, range, -1)).toThrow(InputError);
  });
});
