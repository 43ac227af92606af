import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fundingCarryPerDay,
  fundingPayment,
  inverseFundingPayment,
  perpetualFundingRate,
} from '../../src/risk/funding.js';

describe('funding rate', () => {
  const price = fc.double({ min: 1, max: 1e5, noNaN: true });
  const premium = fc.double({ min: -0.1, max: 0.1, noNaN: true });

  it('max(d, premium) + min(-d, premium), within the cap', () => {
    fc.assert(
      fc.property(
        price,
        premium,
        fc.double({ min: 0, max: 0.01, noNaN: true }),
        fc.double({ min: 0, max: 0.05, noNaN: true }),
        (index, p, d, cap) => {
          const mark = index * (1 + p);
          const exact = (mark - index) / index;
          const rule = Math.max(d, exact) + Math.min(-d, exact);
          expect(perpetualFundingRate({ mark, index, clamp: d })).toBeCloseTo(rule, 15);
          expect(perpetualFundingRate({ mark, index, clamp: d, cap })).toBeCloseTo(
            Math.max(-cap, Math.min(cap, rule)),
            15,
          );
          if (Math.abs(exact) <= d) expect(perpetualFundingRate({ mark, index, clamp: d })).toBe(0);
        },
      ),
    );
    expect(perpetualFundingRate({ mark: 101, index: 100, clamp: 0.0005 })).toBeCloseTo(0.0095, 14);
    expect(perpetualFundingRate({ mark: 99, index: 100, clamp: 0.0005, cap: 0.005 })).toBe(-0.005);
  });

  it('a long pays a positive rate, long and short of one size net to nothing', () => {
    expect(fundingPayment(10000, 0.001)).toBeCloseTo(-10, 12);
    expect(fundingPayment(10000, 0)).toBe(0);
    expect(inverseFundingPayment(10000, 0.001, 50000)).toBeCloseTo(-0.0002, 15);
    fc.assert(
      fc.property(price, premium, (notional, rate) => {
        expect(fundingPayment(notional, rate) + fundingPayment(-notional, rate)).toBe(0);
        const both = [notional, -notional].map((signedNotional) => ({ signedNotional, ratePerDay: rate }));
        expect(fundingCarryPerDay(both)).toBe(0);
      }),
    );
    expect(
      fundingCarryPerDay([
        { signedNotional: 1e6, ratePerDay: 3e-4 },
        { signedNotional: -5e5, ratePerDay: 1e-4 },
      ]),
    ).toBeCloseTo(-250, 10);
  });

  it.each([
    ['mark', () => perpetualFundingRate({ mark: 0, index: 1, clamp: 0 })],
    ['index', () => perpetualFundingRate({ mark: 1, index: -1, clamp: 0 })],
    ['clamp', () => perpetualFundingRate({ mark: 1, index: 1, clamp: -1 })],
    ['cap', () => perpetualFundingRate({ mark: 1, index: 1, clamp: 0, cap: NaN })],
    ['rate', () => fundingPayment(1, NaN)],
    ['mark', () => inverseFundingPayment(1, 1, 0)],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
