import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { blackImpliedVolatility } from '../../src/pricing/black-implied-volatility.js';
import { impliedVolatilityInterval } from '../../src/pricing/implied-volatility-interval.js';
import type { OptionType } from '../../src/pricing/option.js';
import { blackValue } from '../reference/values.js';

function volatilityOf(forward: number, strike: number, time: number, type: OptionType, price: number): number {
  const result = blackImpliedVolatility(forward, strike, time, type, price);
  return result.ok ? result.volatility : NaN;
}

describe('impliedVolatilityInterval', () => {
  it('is [sigma(bid), sigma(ask)] where both sides tell', () => {
    for (const [type, bid, ask] of [
      ['call', 2.4, 2.6],
      ['put', 22.4, 22.6],
    ] as const) {
      expect(impliedVolatilityInterval(100, 120, 0.5, type, bid, ask)).toEqual({
        lower: volatilityOf(100, 120, 0.5, type, bid),
        upper: volatilityOf(100, 120, 0.5, type, ask),
      });
    }
  });
  it.each<[string, [OptionType, number, number], number | 'told', number | 'told']>([
    ['a bid under the intrinsic value', ['put', 19, 22], 0, 'told'],
    ['a bid at the intrinsic value', ['put', 20, 22], 0, 'told'],
    ['no bid', ['call', -Infinity, 2.6], 0, 'told'],
    ['a bid of zero', ['call', 0, 2.6], 0, 'told'],
    ['no ask', ['call', 2.4, Infinity], 'told', Infinity],
    ['an ask at the maximum', ['call', 2.4, 100], 'told', Infinity],
    ['an ask above the maximum', ['put', 22, 130], 'told', Infinity],
    ['an ask a hair under the maximum', ['call', 2.4, 100 * (1 - 2 ** -45)], 'told', Infinity],
    ['neither side', ['call', 0, Infinity], 0, Infinity],
    ['a bid under and an ask over everything', ['put', 3, 500], 0, Infinity],
    ['an ask under the intrinsic value', ['put', 15, 19], 0, 0],
    ['an ask of zero', ['call', 0, 0], 0, 0],
    ['a bid at the maximum', ['call', 100, 101], Infinity, Infinity],
  ])('%s', (_, [type, bid, ask], lower, upper) => {
    const interval = impliedVolatilityInterval(100, 120, 0.5, type, bid, ask);
    expect(interval.lower).toBe(lower === 'told' ? volatilityOf(100, 120, 0.5, type, bid) : lower);
    expect(interval.upper).toBe(upper === 'told' ? volatilityOf(100, 120, 0.5, type, ask) : upper);
  });
  it('moves an end outwards where doubles cannot tell', () => {
    const faint = impliedVolatilityInterval(100, 120, 0.5, 'call', 1e-305, 1e-302);
    expect(faint.lower).toBe(0);
    expect(faint.upper).toBeCloseTo(volatilityOf(100, 120, 0.5, 'call', 1.0001e-298), 5);
    const dear = impliedVolatilityInterval(100, 120, 0.5, 'call', 100 * (1 - 2 ** -45), 200);
    expect(dear.lower).toBeLessThan(100);
    expect(dear.lower).toBeGreaterThan(15);
    const touching = impliedVolatilityInterval(120, 100, 0.5, 'call', 20, 20);
    expect(touching.lower).toBe(0);
    expect(touching.upper).toBeGreaterThan(0);
  });
  it('says nothing at expiry', () => {
    expect(impliedVolatilityInterval(100, 120, 0, 'put', 20, 21)).toEqual({ lower: 0, upper: Infinity });
  });
  it('holds the true volatility between any bid below and ask above its price', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -8, max: 8, noNaN: true }),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.constantFrom<OptionType>('call', 'put'),
        fc.double({ min: 1e-13, max: 2, noNaN: true }),
        fc.double({ min: 1e-13, max: 2, noNaN: true }),
        (h, volatility, type, below, above) => {
          const strike = 100 * Math.exp(h * volatility * 0.5);
          const price = blackValue(type, 100, strike, volatility, 0.25).toNumber();
          const bid = price * (1 - below);
          const ask = price * (1 + above);
          const { lower, upper } = impliedVolatilityInterval(100, strike, 0.25, type, bid, ask);
          expect(lower).toBeLessThanOrEqual(volatility * (1 + 1e-14));
          expect(upper).toBeGreaterThanOrEqual(volatility * (1 - 1e-14));
        },
      ),
      { numRuns: 1000 },
    );
  });
  it('is ordered and a number for any quote', () => {
    const positive = fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true });
    const any = fc.double({ noNaN: true });
    fc.assert(
      fc.property(
        positive,
        positive,
        positive,
        fc.constantFrom<OptionType>('call', 'put'),
        any,
        any,
        (f, k, t, type, a, b) => {
          const { lower, upper } = impliedVolatilityInterval(f, k, t, type, Math.min(a, b), Math.max(a, b));
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(upper).toBeGreaterThanOrEqual(lower);
        },
      ),
      { numRuns: 5000 },
    );
  });
  it("throws on a caller's mistake and names the field", () => {
    const good = [100, 120, 0.5, 'call', 2, 3] as const;
    const fields = ['forward', 'strike', 'timeToExpiry', 'type', 'bid', 'ask'] as const;
    for (const [i, field] of fields.entries()) {
      for (const value of [NaN, '1', undefined, null]) {
        const given = [...good] as unknown[];
        given[i] = value;
        const call = () =>
          impliedVolatilityInterval(...(given as unknown as Parameters<typeof impliedVolatilityInterval>));
        expect(call).toThrow(InputError);
        expect(call).toThrow(field);
      }
    }
    expect(() => impliedVolatilityInterval(100, 120, 0.5, 'call', 3, 2)).toThrow('ask');
    expect(() => impliedVolatilityInterval(100, 120, -1, 'call', 2, 3)).toThrow('timeToExpiry');
    expect(() => impliedVolatilityInterval(100, Infinity, 1, 'call', 2, 3)).toThrow('strike');
  });
});
