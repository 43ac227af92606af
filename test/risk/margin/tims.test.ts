import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { Instrument } from '../../../src/portfolio/instrument.js';
import type { MarketSnapshot } from '../../../src/portfolio/snapshot.js';
import { black76 } from '../../../src/pricing/black76.js';
import { timsMargin } from '../../../src/risk/margin/tims.js';
import { account, expiryIn, flatMarket } from './books.js';

const market: MarketSnapshot = {
  ...flatMarket(100, 0.3, [30], 'ABC'),
  underlyings: { ...flatMarket(100, 0.3, [30], 'ABC').underlyings, ...flatMarket(200, 0.2, [30], 'XYZ').underlyings },
  fx: [],
};
const stock = (underlying: string): Instrument => {
  return { id: underlying, underlying, settlement: 'USD', multiplier: 1, kind: 'spot' };
};
const option = (type: 'call' | 'put', strike: number, exercise: 'european' | 'american' = 'european'): Instrument => {
  const id = `ABC-${strike}-${type}-${exercise}`;
  const common = { id, underlying: 'ABC', settlement: 'USD', multiplier: 100, expiry: expiryIn(30) };
  return { ...common, kind: 'option', style: 'linear', exercise, type, strike };
};

describe('timsMargin', () => {
  it('asks the ends of the range of a stock, by its class', () => {
    const book = account([[stock('ABC'), 10]]);
    expect(timsMargin(book, market, {}).initialMargin).toBeCloseTo(150, 9);
    expect(timsMargin(book, market, { classes: { ABC: 'broad-index' } }).initialMargin).toBeCloseTo(80, 9);
    expect(timsMargin(book, market, { classes: { ABC: 'small-cap-index' } }).initialMargin).toBeCloseTo(100, 9);
    const short = timsMargin(account([[stock('ABC'), -10]]), market, { classes: { ABC: 'broad-index' } });
    expect(short.initialMargin).toBeCloseTo(60, 9);
    expect(short.maintenanceMargin).toBe(short.initialMargin);
    expect(short.worstScenario?.label).toBe('ABC, point 10 of 10');
  });

  it('values options anew at each point', () => {
    const terms = { type: 'call' as const, strike: 100, timeToExpiry: 30 / 365, volatility: 0.3 };
    const priceAt = (forward: number): number => black76.price({ ...terms, forward, discountFactor: 1 });
    const { initialMargin } = timsMargin(account([[option('call', 100), -2]]), market, {});
    expect(initialMargin).toBeCloseTo(200 * (priceAt(115) - priceAt(100)), 8);
    const american = timsMargin(account([[option('put', 100, 'american'), -2]]), market, {});
    expect(american.initialMargin).toBeGreaterThan(200 * 10);
  });

  it('asks at least .375 a unit of an option, and of a long one no more than it is worth', () => {
    const far = timsMargin(account([[option('call', 200), -1]]), market, {});
    expect(far.initialMargin).toBeCloseTo(37.5, 9);
    expect(timsMargin(account([[option('call', 200), 1]]), market, {}).initialMargin).toBeLessThan(1e-3);
    // A box is worth the same at every point: the minimum of its two short options and of its two long ones.
    const box = account([
      [option('call', 95), 1],
      [option('call', 105), -1],
      [option('put', 105), 1],
      [option('put', 95), -1],
    ]);
    expect(timsMargin(box, market, {}).initialMargin).toBeCloseTo(4 * 37.5, 6);
  });

  it('offsets inside groups alone, and by their share', () => {
    const book = account([
      [stock('ABC'), 10],
      [stock('XYZ'), -5],
    ]);
    const apart = timsMargin(book, market, {}).initialMargin;
    expect(apart).toBeCloseTo(300, 9);
    const together = (offset: number): number =>
      timsMargin(book, market, { groups: [{ underlyings: ['ABC', 'XYZ'], offset }] }).initialMargin;
    expect(together(0)).toBeCloseTo(150, 9);
    expect(together(0.9)).toBeCloseTo(15, 9);
    expect(together(1)).toBeCloseTo(0, 9);
  });

  it('says what it could not margin, and refuses what cannot be', () => {
    const { initialMargin, excluded } = timsMargin(account([[stock('ABC'), 1]]), { ...market, underlyings: {} }, {});
    expect(initialMargin).toBe(0);
    expect(excluded).toHaveLength(1);
    const twice = [0, 1].map(() => ({ underlyings: ['ABC'], offset: 1 }));
    expect(() => timsMargin(account([]), market, { groups: twice })).toThrow(InputError);
    expect(() => timsMargin(account([]), market, { minimum: -1 })).toThrow(InputError);
    expect(() => timsMargin(account([]), market, { classes: { ABC: 'bond' as 'equity' } })).toThrow(InputError);
  });
});
