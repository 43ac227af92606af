import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comboFee, deliveryFee, liquidationFee, tradeFee } from '../../src/risk/fees.js';
import type { FeeSchedule } from '../../src/risk/fees.js';

const options: FeeSchedule = {
  tiers: [{ fromVolume: 0, maker: 0.0003, taker: 0.0003 }],
  premiumCap: 0.125,
  deliveryRate: 0.00015,
  deliveryCap: 0.125,
};
const futures: FeeSchedule = {
  tiers: [
    { fromVolume: 0, maker: 0, taker: 0.0005 },
    { fromVolume: 1e6, maker: -0.0001, taker: 0.0004 },
  ],
  minimum: 1,
  maximum: 500,
  liquidationRate: 0.0075,
  perTransaction: 0.2,
};

describe('trade fees', () => {
  it('an option pays .03% of the underlying, at most 12.5% of the premium', () => {
    expect(tradeFee(options, { role: 'taker', notional: 60000, premium: 4112 })).toBeCloseTo(18, 12);
    expect(tradeFee(options, { role: 'taker', notional: 60000, premium: 40 })).toBeCloseTo(5, 12);
    expect(tradeFee(options, { role: 'taker', notional: 60000, premium: 0 })).toBe(0);
  });

  it('floor, ceiling, tier, rebate and the fixed part', () => {
    const fee = (notional: number, volume = 0, role: 'maker' | 'taker' = 'taker'): number =>
      tradeFee(futures, { role, notional }, volume);
    expect(fee(100)).toBe(1.2);
    expect(fee(1e5)).toBeCloseTo(50.2, 12);
    expect(fee(1e8)).toBe(500.2);
    expect(fee(1e5, 2e6)).toBeCloseTo(40.2, 12);
    expect(fee(1e5, 2e6, 'maker')).toBeCloseTo(-9.8, 12);
    expect(fee(0)).toBe(0.2);
  });

  it('never rises with volume, never passes the share of the premium, and a round trip never earns', () => {
    const amount = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, (notional, premium, volume) => {
        for (const role of ['maker', 'taker'] as const) {
          expect(tradeFee(futures, { role, notional }, volume + 1e6)).toBeLessThanOrEqual(
            tradeFee(futures, { role, notional }, volume),
          );
          expect(tradeFee(options, { role, notional, premium })).toBeLessThanOrEqual(0.125 * premium + 1e-9);
        }
        expect(
          tradeFee(futures, { role: 'maker', notional }, volume) +
            tradeFee(futures, { role: 'taker', notional }, volume),
        ).toBeGreaterThanOrEqual(-1e-9);
      }),
    );
  });

  it('delivery and liquidation', () => {
    expect(deliveryFee(options, 60000, 2000)).toBeCloseTo(9, 12);
    expect(deliveryFee(options, 60000, 40)).toBeCloseTo(5, 12);
    expect(deliveryFee(futures, 60000)).toBe(0);
    expect(liquidationFee(futures, 1e4)).toBe(75);
  });
});

describe('combinations', () => {
  const leg = (side: 'buy' | 'sell', premium: number) => ({ side, role: 'taker' as const, notional: 60000, premium });

  it('the cheaper direction is reduced, one direction alone is not', () => {
    const schedule = { ...options, comboDiscount: 1 };
    expect(comboFee(schedule, [leg('buy', 4000), leg('sell', 100)])).toEqual({ fee: 18, legs: [18, 0] });
    expect(comboFee({ ...options, comboDiscount: 0.5 }, [leg('buy', 4000), leg('sell', 100)]).fee).toBeCloseTo(
      18 + 6.25,
      12,
    );
    expect(comboFee(schedule, [leg('buy', 4000), leg('buy', 100)]).fee).toBeCloseTo(30.5, 12);
    expect(comboFee(options, [leg('buy', 4000), leg('sell', 100)]).fee).toBeCloseTo(30.5, 12);
    expect(comboFee({ ...options, perTransaction: 2 }, []).fee).toBe(0);
  });
});

describe('errors', () => {
  const trade = { role: 'taker' as const, notional: 1 };
  const tier = { fromVolume: 0, maker: 0, taker: 0.001 };
  it.each([
    ['tiers.length', () => tradeFee({ tiers: [] }, trade)],
    ['tiers[0].fromVolume', () => tradeFee({ tiers: [{ ...tier, fromVolume: 5 }] }, trade)],
    ['tiers[1].fromVolume', () => tradeFee({ tiers: [tier, tier] }, trade)],
    ['tiers[1].taker', () => tradeFee({ tiers: [tier, { fromVolume: 1, maker: 0, taker: 0.002 }] }, trade)],
    ['tiers[1].maker', () => tradeFee({ tiers: [tier, { fromVolume: 1, maker: 0.0005, taker: 0.001 }] }, trade)],
    ['tiers[0].maker', () => tradeFee({ tiers: [{ ...tier, maker: -0.002 }] }, trade)],
    ['minimum', () => tradeFee({ tiers: [tier], minimum: 2, maximum: 1 }, trade)],
    ['notional', () => tradeFee({ tiers: [tier] }, { role: 'taker', notional: -1 })],
    ['premium', () => tradeFee(options, { ...trade, premium: -1 })],
    ['role', () => tradeFee({ tiers: [tier] }, { ...trade, role: 'both' as 'maker' })],
    ['volume', () => tradeFee({ tiers: [tier] }, trade, -1)],
    ['comboDiscount', () => comboFee({ tiers: [tier], comboDiscount: 2 }, [])],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });

  it('a rebate above the taker fee where it is asked for', () => {
    expect(
      tradeFee({ tiers: [{ ...tier, maker: -0.002 }], netRebate: true }, { role: 'maker', notional: 100 }),
    ).toBeCloseTo(-0.2, 14);
  });
});
