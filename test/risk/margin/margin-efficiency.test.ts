import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../../src/portfolio/account.js';
import type { Instrument } from '../../../src/portfolio/instrument.js';
import type { MarketSnapshot } from '../../../src/portfolio/snapshot.js';
import { deribitStandardMargin } from '../../../src/risk/margin/deribit-standard.js';
import { marginEfficiency } from '../../../src/risk/margin/margin-efficiency.js';
import { scanMargin } from '../../../src/risk/margin/scan.js';
import { account, flatMarket, option, perpetual } from './books.js';

const market = flatMarket(60_000, 0.6, [30, 90]);
const linear = (type: 'call' | 'put', strike: number) => option(type, strike, { style: 'linear' });
const margin = (a: Account, s: MarketSnapshot) => scanMargin(a, s, 'paradex');
const isolated = (a: Account, s: MarketSnapshot) => deribitStandardMargin(a, s, { a: 0.02, b: 0.01, inc: 0.00005 });

describe('marginEfficiency', () => {
  it('saves nothing on one position', () => {
    const one = marginEfficiency(account([[perpetual('linear'), 1]]), market, { margin });
    expect(one.crossMarginBenefit).toBe(0);
    expect(one.standalone).toEqual([one.together]);
  });

  it('saves what a hedge offsets, and compares with isolated margin', () => {
    const book = account([
      [linear('call', 60_000), -1],
      [perpetual('linear'), 0.5],
    ]);
    const { together, standalone, ...rest } = marginEfficiency(book, market, { margin, isolated, expectedReturn: 500 });
    expect(together).toBeLessThan(standalone[0]! + standalone[1]!);
    expect(rest.isolated?.benefit).toBeCloseTo(1 - together / rest.isolated!.margin, 12);
    expect(rest.efficiencyRatio).toBeCloseTo(500 / together, 12);
    expect(rest.currency).toBe('USDC');
  });

  it('is nothing for nothing', () => {
    const none = marginEfficiency(account([]), market, { margin, expectedReturn: 0 });
    expect(none).toMatchObject({ together: 0, crossMarginBenefit: 0, efficiencyRatio: 0 });
    expect(marginEfficiency(account([]), market, { margin, expectedReturn: 1 }).efficiencyRatio).toBe(Infinity);
  });

  it('lies between 0 and 1 under subadditive rules', () => {
    const instruments = [linear('call', 60_000), linear('put', 50_000), linear('call', 72_000), perpetual('linear')];
    const books = fc.array(fc.tuple(fc.constantFrom<Instrument>(...instruments), fc.integer({ min: -9, max: 9 })));
    fc.assert(
      fc.property(books, (rows) => {
        const { crossMarginBenefit } = marginEfficiency(account(rows), market, { margin });
        expect(crossMarginBenefit).toBeGreaterThanOrEqual(-1e-12);
        expect(crossMarginBenefit).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
