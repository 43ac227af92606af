import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { millsComplement } from '../../src/math/normal.js';
import { bachelierImpliedVolatility, impliedNormalDeviation } from '../../src/pricing/bachelier-implied-volatility.js';
import type { ImpliedVolatility } from '../../src/pricing/implied-volatility.js';
import { differentiate } from '../reference/greeks.js';
import { impliedBachelierVolatility } from '../reference/implied.js';
import { real, relativeError, type Real } from '../reference/real.js';
import { bachelierValue, intrinsicValue } from '../reference/values.js';

const UNIT_ROUNDOFF = 2 ** -53;
const types = ['call', 'put'] as const;

function solved(result: ImpliedVolatility): Extract<ImpliedVolatility, { ok: true }> {
  if (!result.ok) throw new Error(`no volatility: ${result.reason}`);
  return result;
}

describe('worked figures', () => {
  it.each([
    [0.01, 0.015, 0.0085, 2, 'call', 0.0027045775982444636],
    [0.01, 0.015, 0.0085, 2, 'put', 0.007704577598244464],
    [-0.002, 0.003, 0.006, 5, 'call', 0.003219821892786639],
    [0.01, 0.2, 0.0085, 2, 'call', 1.0686098886725757e-59],
  ] as const)('F = %d, K = %d', (forward, strike, volatility, time, type, price) => {
    const result = solved(bachelierImpliedVolatility(forward, strike, time, type, price));
    expect(Math.abs(result.volatility / volatility - 1)).toBeLessThan(4e-15);
  });
  it('at the money is closed: price sqrt(2 pi / T)', () => {
    const result = solved(bachelierImpliedVolatility(-3, -3, 4, 'put', 0.4));
    expect(Math.abs(result.volatility / (0.4 * Math.sqrt(Math.PI / 2)) - 1)).toBeLessThan(1e-15);
    expect(result.d2VolatilityDPrice2).toBe(0);
  });
});

describe('impliedNormalDeviation', () => {
  it("stays within 8 x 2^-53 (1 + b/(v b')) of the 50-digit solution", () => {
    const depth = fc.oneof(
      fc.double({ min: 0, max: 37, noNaN: true }),
      fc.double({ min: -40, max: 1.5, noNaN: true }).map(Math.exp),
    );
    fc.assert(
      fc.property(depth, fc.double({ min: -9, max: 9, noNaN: true }), (d, logDistance) => {
        const distance = Math.exp(logDistance);
        const v = distance / d;
        fc.pre(v < 1e300);
        const value = bachelierValue('call', 0, distance, v, 1).toNumber();
        fc.pre(value / distance >= 1e-300);
        const exact = impliedBachelierVolatility(0, distance, 1, value, v);
        const error = Math.abs(relativeError(impliedNormalDeviation(distance, value), exact));
        expect(error).toBeLessThanOrEqual(8 * UNIT_ROUNDOFF * (1 + millsComplement(d)));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('bachelierImpliedVolatility', () => {
  const option = fc.record({
    forward: fc.double({ min: -100, max: 100, noNaN: true }),
    d: fc.double({ min: -10, max: 10, noNaN: true }),
    volatility: fc.double({ min: 0.01, max: 100, noNaN: true }),
    timeToExpiry: fc.double({ min: 1 / 525_600, max: 30, noNaN: true }),
    type: fc.constantFrom(...types),
  });
  it('inverts the value in and out of the money, for any sign of F and K', () => {
    fc.assert(
      fc.property(option, ({ forward, d, volatility, timeToExpiry, type }) => {
        const strike = forward + d * volatility * Math.sqrt(timeToExpiry);
        const price = bachelierValue(type, forward, strike, volatility, timeToExpiry).toNumber();
        const result = bachelierImpliedVolatility(forward, strike, timeToExpiry, type, price);
        fc.pre(result.ok);
        const excess = real(price).sub(intrinsicValue(type, forward, strike));
        const exact = impliedBachelierVolatility(forward, strike, timeToExpiry, excess, volatility);
        const condition = (excess.toNumber() * result.dVolatilityDPrice) / result.volatility;
        const allowed = 8 * 2 ** -52 * (1 + condition);
        expect(Math.abs(relativeError(result.volatility, exact))).toBeLessThanOrEqual(allowed);
        const roundTrip = Math.abs(result.volatility - volatility);
        expect(roundTrip).toBeLessThanOrEqual(allowed * volatility + 1.2 * result.resolution);
        const back = bachelierValue(type, forward, strike, result.volatility, timeToExpiry);
        const slack = (allowed * result.volatility) / result.dVolatilityDPrice + 2 ** -52 * price;
        expect(Math.abs(back.sub(real(price)).toNumber())).toBeLessThanOrEqual(slack);
      }),
      { numRuns: 600 },
    );
  });
  it('carries the derivatives of the volatility in the price', () => {
    for (const [forward, strike, volatility, time] of [
      [0.01, 0.015, 0.0085, 2],
      [-5, 5, 2, 3],
      [100, 100.5, 20, 0.1],
    ] as const) {
      const value = bachelierValue('call', forward, strike, volatility, time);
      const result = solved(bachelierImpliedVolatility(forward, strike, time, 'call', value.toNumber()));
      const inverse = (price: Real | undefined) =>
        impliedBachelierVolatility(forward, strike, time, price!, volatility);
      const first = differentiate((price) => inverse(price), [value], [1], '1e-8');
      const second = differentiate((price) => inverse(price), [value], [2], '1e-8');
      expect(Math.abs(relativeError(result.dVolatilityDPrice, first))).toBeLessThan(1e-13);
      expect(Math.abs(relativeError(result.d2VolatilityDPrice2, second))).toBeLessThan(1e-12);
    }
  });
  it.each<[string, [number, number, number, (typeof types)[number], number], string, number, number]>([
    ['under the intrinsic value', [3, -2, 1, 'call', 4.9], 'below-intrinsic', 0, 4.9 - 5],
    ['a negative price', [1, 1, 1, 'put', -1], 'below-intrinsic', 0, -1],
    ['the intrinsic value', [3, -2, 1, 'call', 5], 'at-intrinsic', 0, 0],
    ['a price of zero', [1, 2, 1, 'call', 0], 'at-intrinsic', 0, 0],
    ['expiry at the intrinsic value', [1, 2, 0, 'put', 1], 'expired', 0, 0],
    ['expiry with time value', [1, 2, 0, 'put', 1.5], 'expired', Infinity, 0.5],
    ['a value under 1e-300 |F - K|', [1, 2, 1, 'call', 1e-301], 'beyond-precision', 0, 1e-301],
    ['a volatility above the largest double', [1, 1, 1e-300, 'call', 1e300], 'beyond-precision', Infinity, 1e300],
    ['a volatility below the least double', [1, 1, 1e300, 'call', 1e-200], 'beyond-precision', 0, 1e-200],
  ])('fails with a reason: %s', (_, quote, reason, bound, distance) => {
    expect(bachelierImpliedVolatility(...quote)).toEqual({ ok: false, reason, bound, distance });
  });
  it("throws on a caller's mistake and names the field", () => {
    const good = [1, -2, 0.5, 'call', 3.5] as const;
    const fields = ['forward', 'strike', 'timeToExpiry', 'type', 'price'] as const;
    for (const [i, field] of fields.entries()) {
      for (const value of [NaN, Infinity, -Infinity, '1', undefined, null]) {
        const given = [...good] as unknown[];
        given[i] = value;
        const call = () =>
          bachelierImpliedVolatility(...(given as unknown as Parameters<typeof bachelierImpliedVolatility>));
        expect(call).toThrow(InputError);
        expect(call).toThrow(field);
      }
    }
    expect(() => bachelierImpliedVolatility(1, 1, -1, 'call', 1)).toThrow('timeToExpiry');
    expect(() => bachelierImpliedVolatility(1e308, -1e308, 1, 'call', 1)).toThrow('strike');
  });
  it('gives no NaN for any finite input', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -8e307, max: 8e307 });
    fc.assert(
      fc.property(
        finite,
        finite,
        fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
        fc.constantFrom(...types),
        fc.oneof(finite, fc.double({ min: 0, max: 2, noNaN: true })),
        (forward, strike, time, type, price) => {
          const intrinsic = Math.max(type === 'call' ? forward - strike : strike - forward, 0);
          for (const given of [price, intrinsic + price, intrinsic * (1 + price)]) {
            if (!Number.isFinite(given)) continue;
            const result = bachelierImpliedVolatility(forward, strike, time, type, given);
            for (const value of Object.values(result)) expect(value).not.toBeNaN();
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
