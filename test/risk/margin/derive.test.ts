import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { Instrument } from '../../../src/portfolio/instrument.js';
import { accountEquity } from '../../../src/portfolio/equity.js';
import { deriveParameters, derivePortfolioMargin, deriveVolatilityFactors } from '../../../src/risk/margin/derive.js';
import type { DerivePortfolioParameters } from '../../../src/risk/margin/derive.js';
import { skewMultiplier } from '../../../src/risk/margin/derive-skew.js';
import { account, flatMarket, option, perpetual } from './books.js';

const linear = (type: 'call' | 'put', strike: number, days = 30) => option(type, strike, { style: 'linear', days });

describe('derivePortfolioMargin', () => {
  it.each([
    [7, 1.696337, 0.535775],
    [90, 1.39011, 0.739927],
  ])('shocks the volatility at %s days', (days, up, down) => {
    const factors = deriveVolatilityFactors(days, deriveParameters);
    expect(factors.up).toBeCloseTo(up, 6);
    expect(factors.down).toBeCloseTo(down, 6);
  });

  /** Whole dollars, cut off towards zero, as the contract's own test cases state them: spot 2000, forward 2004.7545, volatility 50%. */
  it.each([
    ['call', 1400, -1, -1021, -925],
    ['put', 3000, -1.5, -2118, -1973],
    ['put', 2000, 1, -23, 1],
    ['call', 2000, 1, -26, 0],
    ['call', 2700, 1, 0, 0],
  ] as const)('has the published figures of a %s of %s, %s of it', (type, strike, quantity, initial, maintenance) => {
    const days = 17 + 8 / 24;
    const market = flatMarket(2004.7545, 0.5, [days]);
    market.underlyings['BTC']!.spot = 2000;
    const holder = account([[linear(type, strike, days), quantity]], { price: 0 });
    const parameters = { ...deriveParameters, discount: { base: 0.95, rateMultiplier: 4, rateAddition: 0.12 } };
    const { initialMargin, maintenanceMargin } = derivePortfolioMargin(holder, market, parameters);
    const { equity } = accountEquity(holder, market, 'USDC');
    expect(Math.trunc(equity - maintenanceMargin) + 0).toBe(maintenance);
    expect(Math.trunc(equity - initialMargin) + 0).toBe(initial);
  });

  it('charges a perpetual its move and contingency', () => {
    const result = derivePortfolioMargin(account([[perpetual('linear'), -2]]), flatMarket(1000), deriveParameters);
    expect(result.maintenanceMargin).toBeCloseTo(2 * (150 + 25), 9);
    expect(result.initialMargin).toBeCloseTo(1.3 * 2 * (150 + 25), 9);
    expect(result.worstScenario).toMatchObject({ pnl: expect.closeTo(-300, 9) as number });
  });

  it('adds for a broken peg and doubtful oracles to the initial margin alone', () => {
    const book = account([[linear('call', 60_000), -1]]);
    const plain = derivePortfolioMargin(book, flatMarket(60_000), deriveParameters);
    const doubtful = { ...deriveParameters, stablePrice: 0.9, confidence: 0.5 };
    const stressed = derivePortfolioMargin(book, flatMarket(60_000), doubtful);
    expect(stressed.maintenanceMargin).toBe(plain.maintenanceMargin);
    expect(stressed.initialMargin).toBeCloseTo((1.3 + 4 * 0.08) * plain.maintenanceMargin + 0.5 * 0.5 * 60_000, 6);
  });

  it('divides what is owed by its own discount', () => {
    const book = account([[linear('call', 60_000), -1]]);
    const negativeDiscount = { base: 0.95, rateMultiplier: 0, rateAddition: 0 };
    const plain = derivePortfolioMargin(book, flatMarket(60_000), deriveParameters);
    const divided = derivePortfolioMargin(book, flatMarket(60_000), { ...deriveParameters, negativeDiscount });
    expect(divided.maintenanceMargin).toBeGreaterThan(plain.maintenanceMargin);
  });

  describe('with skew scenarios', () => {
    const skew = {
      linear: { cap: 0.2, slope: 0.1 },
      absolute: { cap: 0.15, slope: 0 },
      width: { least: 0.05, scale: 2, level: 0.8, slope: -0.2 },
    };
    const half = Math.sqrt(0.5);
    const flat = half * 2 * (0.8 - 0.2 * half);

    it('raises one wing and lowers the other, or raises both, up to a cap', () => {
      const at = (kind: 'linear' | 'absolute', k: number) => skewMultiplier(kind, skew, 100 * Math.exp(k), 100, 0.5);
      const cap = 0.2 + 0.1 * half;
      expect(at('linear', 0.1)).toBeCloseTo(1 + (cap * 0.1) / flat, 12);
      expect(at('linear', -0.1)).toBeCloseTo(1 - (cap * 0.1) / flat, 12);
      expect(at('linear', -5)).toBeCloseTo(1 - cap, 12);
      expect(at('absolute', -0.1)).toBeCloseTo(1 + (0.15 * 0.1) / flat, 12);
      expect(at('absolute', 5)).toBeCloseTo(1.15, 12);
      expect(at('linear', 0)).toBe(1);
    });

    it('charges a risk reversal hedged against its spot, in either direction', () => {
      const reversal = (sign: number) =>
        account([
          [linear('call', 80_000), sign],
          [linear('put', 45_000), -sign],
        ]);
      const none = {
        ...deriveParameters,
        moves: [0],
        volUp: 0,
        volDown: 0,
        discount: { base: 1, rateMultiplier: 0, rateAddition: 0 },
      };
      const still = { ...none, basis: { up: 0, down: 0, addition: 0, multiplier: 0 }, optionContingency: 0 };
      const market = flatMarket(60_000);
      expect(derivePortfolioMargin(reversal(1), market, still).maintenanceMargin).toBe(0);
      const up = derivePortfolioMargin(reversal(1), market, { ...still, skew });
      const down = derivePortfolioMargin(reversal(-1), market, { ...still, skew });
      expect(up.worstScenario).toMatchObject({ label: 'skew linear' });
      expect(up.maintenanceMargin).toBeGreaterThan(100);
      expect(down.maintenanceMargin).toBeCloseTo(up.maintenanceMargin, 9);
    });

    it('never lowers a requirement, and refuses a width of nothing', () => {
      const book = account([[linear('call', 60_000), -1]]);
      const plain = derivePortfolioMargin(book, flatMarket(60_000), deriveParameters).maintenanceMargin;
      const more = derivePortfolioMargin(book, flatMarket(60_000), { ...deriveParameters, skew });
      expect(more.maintenanceMargin).toBeGreaterThanOrEqual(plain);
      const bad = { ...skew, width: { ...skew.width, least: 0 } };
      expect(() => derivePortfolioMargin(book, flatMarket(60_000), { ...deriveParameters, skew: bad })).toThrow(
        'skew.width.least',
      );
    });
  });

  it('requires nothing of nothing, never less than 0, and more at first than later', () => {
    expect(derivePortfolioMargin(account([]), flatMarket(60_000), deriveParameters).initialMargin).toBe(0);
    const market = flatMarket(60_000, 0.6, [30, 90]);
    const instruments = [linear('call', 60_000), linear('put', 50_000), linear('put', 60_000, 90), perpetual('linear')];
    const books = fc.array(fc.tuple(fc.constantFrom<Instrument>(...instruments), fc.integer({ min: -8, max: 8 })));
    fc.assert(
      fc.property(books, fc.integer({ min: 1, max: 7 }), (rows, scale) => {
        const one = derivePortfolioMargin(account(rows), market, deriveParameters);
        expect(one.maintenanceMargin).toBeGreaterThanOrEqual(0);
        expect(one.initialMargin).toBeGreaterThanOrEqual(one.maintenanceMargin);
        const scaled = rows.map(([instrument, quantity]): [Instrument, number] => [instrument, scale * quantity]);
        const many = derivePortfolioMargin(account(scaled), market, deriveParameters);
        expect(many.initialMargin).toBeCloseTo(scale * one.initialMargin, 5);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses parameters out of range', () => {
    const bad: Partial<DerivePortfolioParameters>[] = [
      { moves: [] },
      { moves: [-1] },
      { volUp: -1 },
      { floorDays: 0 },
      { initialFactor: 0.9 },
      { confidence: 2 },
      { discount: { base: 0, rateMultiplier: 0, rateAddition: 0 } },
    ];
    for (const part of bad) {
      const given = { ...deriveParameters, ...part };
      expect(() => derivePortfolioMargin(account([]), flatMarket(60_000), given)).toThrow(InputError);
    }
  });
});
