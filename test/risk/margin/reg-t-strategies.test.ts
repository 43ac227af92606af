import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { regTMargin } from '../../../src/risk/margin/reg-t.js';
import { regTStrategyMargin } from '../../../src/risk/margin/reg-t-strategies.js';
import type { RegTBook, RegTLeg } from '../../../src/risk/margin/reg-t-strategies.js';

const leg = (type: 'call' | 'put', strike: number, quantity: number, premium = 2, expiry = 1): RegTLeg => {
  return { type, strike, expiry, quantity, premium };
};
const marginOf = (options: RegTLeg[], more: Partial<RegTBook> = {}): number => {
  const found = regTStrategyMargin({ spot: 100, options, ...more });
  if (!found.ok) throw new Error(found.message);
  return found.initialMargin;
};

describe('regTStrategyMargin', () => {
  it('carries one short option as regTMargin does', () => {
    expect(marginOf([leg('call', 105, -1)])).toBeCloseTo(17, 12);
    expect(marginOf([leg('put', 95, -1, 1.5)])).toBeCloseTo(16.5, 12);
  });

  it('asks the largest loss of a defined-risk spread', () => {
    expect(marginOf([leg('call', 105, -1), leg('call', 110, 1, 1)])).toBeCloseTo(5, 12);
    expect(marginOf([leg('call', 110, -1), leg('call', 105, 1, 4)])).toBe(0);
    expect(marginOf([leg('put', 95, -1), leg('put', 90, 1, 1)])).toBeCloseTo(5, 12);
    // A long option that expires first covers nothing.
    expect(marginOf([leg('call', 105, -1, 2, 2), leg('call', 110, 1, 1, 1)])).toBeCloseTo(17, 12);
    // A calendar spread: the long option lives longer.
    expect(marginOf([leg('call', 105, -1, 2, 1), leg('call', 105, 1, 3, 2)])).toBe(0);
  });

  it('asks one side of a condor, a box and a butterfly', () => {
    const condor = [leg('put', 90, 1, 1), leg('put', 95, -1), leg('call', 105, -1), leg('call', 110, 1, 1)];
    expect(marginOf(condor)).toBeCloseTo(5, 12);
    expect(marginOf([leg('call', 95, 1, 7), leg('call', 100, -2, 4), leg('call', 105, 1)])).toBe(0);
    expect(marginOf([leg('call', 95, -1, 7), leg('call', 100, 2, 4), leg('call', 105, -1)])).toBeCloseTo(5, 12);
  });

  it('asks the greater side of a straddle and the premium of the other', () => {
    const straddle = [leg('call', 100, -1, 4), leg('put', 100, -1, 3)];
    expect(marginOf(straddle)).toBeCloseTo(24 + 3, 12);
  });

  it('lets shares cover', () => {
    expect(marginOf([leg('call', 105, -2)], { shares: 1 })).toBeCloseTo(17, 12);
    expect(marginOf([leg('put', 95, -1)], { shares: -1 })).toBe(0);
    expect(marginOf([leg('put', 95, -1, 1.5)], { shares: 1 })).toBeCloseTo(16.5, 12);
  });

  it('pairs for the least sum where the nearest pair first would not', () => {
    // Nearest first, 100/101 at 1, leaves the 120 naked strike 98 to pair at 22; the other way round costs 3 + 0.
    const book = [leg('call', 100, -1, 4), leg('call', 98, -1, 6), leg('call', 101, 1, 3), leg('call', 120, 1, 0, 2)];
    const found = regTStrategyMargin({ spot: 100, options: book });
    expect(found.ok && found.paired).toBeCloseTo(Math.min(1 + 22, 20 + 3), 9);
    const uneven = [leg('call', 100, -1, 4), leg('call', 130, -1, 0), leg('call', 101, 1, 3)];
    // Covering the 130 costs nothing but leaves 24 naked; covering the 100 costs 1 and leaves the floor of 10.
    expect(marginOf(uneven)).toBeCloseTo(11, 12);
  });

  it('is whole for whole quantities, no dearer than naked, and never less than 0', () => {
    const legs = fc.array(
      fc.record<RegTLeg>({
        type: fc.constantFrom('call', 'put'),
        strike: fc.integer({ min: 16, max: 24 }).map((k) => 5 * k),
        expiry: fc.constantFrom(1, 2),
        quantity: fc.integer({ min: -3, max: 3 }),
        premium: fc.integer({ min: 0, max: 8 }),
      }),
      { maxLength: 7 },
    );
    fc.assert(
      fc.property(legs, fc.integer({ min: -2, max: 2 }), (options, shares) => {
        const found = regTStrategyMargin({ spot: 100, options, shares });
        expect(found.ok).toBe(true);
        if (!found.ok) return;
        const naked = options.reduce((sum, { quantity, ...own }) => {
          return sum + Math.max(-quantity, 0) * regTMargin({ ...own, spot: 100 }).initialMargin;
        }, 0);
        expect(found.initialMargin).toBeGreaterThanOrEqual(0);
        expect(found.paired).toBeLessThanOrEqual(naked + 1e-9);
        for (const { units } of found.pairings) expect(Math.abs(units - Math.round(units))).toBeLessThan(1e-9);
        options.forEach(({ quantity }, i) => {
          const used = found.pairings
            .filter(({ short, other }) => short === i || other === i)
            .reduce((sum, { units }) => sum + units, 0);
          if (quantity < 0) expect(used).toBeCloseTo(-quantity, 9);
          else expect(used).toBeLessThanOrEqual(quantity + 1e-9);
        });
      }),
      { numRuns: 150 },
    );
  });

  it('refuses what is no option', () => {
    expect(() => marginOf([leg('call', 0, -1)])).toThrow(InputError);
    expect(() => marginOf([leg('call', 100, NaN)])).toThrow(InputError);
    expect(() => marginOf([], { spot: 0 })).toThrow(InputError);
    expect(marginOf([])).toBe(0);
  });
});
