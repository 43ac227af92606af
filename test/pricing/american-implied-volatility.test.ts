import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { american, type AmericanOption } from '../../src/pricing/american.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';

type Quoted = Omit<AmericanOption, 'volatility'>;

const put: Quoted = { type: 'put', spot: 95, strike: 100, timeToExpiry: 1, rate: 0.05, dividendYield: 0.02 };

describe('the volatility of a price', () => {
  it('is that which gives the price, wherever one does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('call' as const, 'put' as const),
        fc.double({ min: -2.5, max: 2.5, noNaN: true }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        fc.double({ min: 0.05, max: 1.2, noNaN: true }),
        fc.double({ min: -0.03, max: 0.1, noNaN: true }),
        fc.double({ min: -0.03, max: 0.1, noNaN: true }),
        (type, deviations, timeToExpiry, volatility, rate, dividendYield) => {
          const spot = 100 * Math.exp(deviations * volatility * Math.sqrt(timeToExpiry));
          const option = { type, spot, strike: 100, timeToExpiry, rate, dividendYield };
          const price = american.price({ ...option, volatility });
          const found = american.impliedVolatility(option, price);
          if (found.ok) {
            expect(Math.abs(american.price({ ...option, volatility: found.volatility }) - price)).toBeLessThan(1e-10);
          } else {
            // Next to its exercise value a price says no more.
            expect(['at-intrinsic', 'beyond-precision']).toContain(found.reason);
            expect(found.distance).toBeLessThan(1e-12);
          }
        },
      ),
      { numRuns: 250 },
    );
  });

  it('comes with its derivatives and resolution', () => {
    const price = american.price({ ...put, volatility: 0.2 }, 'accurate');
    const at = (p: number): number => {
      const found = american.impliedVolatility(put, p, 'accurate');
      return found.ok ? found.volatility : NaN;
    };
    const found = american.impliedVolatility(put, price, 'accurate');
    if (!found.ok) throw new Error(found.reason);
    expect(found.volatility).toBeCloseTo(0.2, 12);
    expect(found.dVolatilityDPrice * american.greeks({ ...put, volatility: 0.2 }, 'accurate').vega).toBeCloseTo(1, 12);
    expect(found.dVolatilityDPrice).toBeCloseTo((at(price + 0.01) - at(price - 0.01)) / 0.02, 7);
    expect(found.d2VolatilityDPrice2).toBeCloseTo((at(price + 0.1) + at(price - 0.1) - 2 * at(price)) / 0.01, 6);
    expect(found.resolution).toBeGreaterThan(0);
    expect(found.resolution).toBeLessThan(1e-15);
  });

  it('of an option never exercised early is the European one', () => {
    const call: Quoted = { ...put, type: 'call', dividendYield: 0 };
    expect(american.impliedVolatility(call, 9)).toEqual(blackScholes.impliedVolatility(call, 9));
  });

  it('is found above every European price', () => {
    // K e^(-rT) = 90.5: more is no European price.
    const deep: Quoted = { ...put, spot: 70, rate: 0.1, dividendYield: 0 };
    const price = american.price({ ...deep, volatility: 4 });
    expect(price).toBeGreaterThan(91);
    expect(blackScholes.impliedVolatility(deep, price).ok).toBe(false);
    const found = american.impliedVolatility(deep, price);
    expect(found.ok && found.volatility).toBeCloseTo(4, 8);
  });
});

describe('no volatility', () => {
  it.each([
    ['expired', { timeToExpiry: 0 }, 7, 2, Infinity],
    ['expired', { timeToExpiry: 0 }, 5, 0, 0],
    ['below-intrinsic', {}, 4.5, -0.5, 0],
    ['at-intrinsic', {}, 5, 0, 0],
    ['above-maximum', {}, 101, 1, Infinity],
    ['above-maximum', { type: 'call' as const, dividendYield: 0.05, rate: 0.01 }, 95, 0, Infinity],
    ['beyond-precision', {}, 100 - 1e-12, -1e-12, Infinity],
    ['beyond-precision', { spot: 100, strike: 50 }, 1e-305, 1e-305, 0],
  ])('%s: %o at %d', (reason, change, price, distance, bound) => {
    const found = american.impliedVolatility({ ...put, ...change }, price);
    expect(found).toMatchObject({ ok: false, reason, bound });
    if (!found.ok) expect(Math.abs(found.distance - distance)).toBeLessThan(1e-13);
  });

  it('the least price is that of the known path, not the intrinsic value', () => {
    // Worth more held: q above r.
    const option: Quoted = { ...put, dividendYield: 0.1 };
    const least = 100 * Math.exp(-0.05) - 95 * Math.exp(-0.1);
    expect(american.impliedVolatility(option, least - 0.01)).toMatchObject({ ok: false, reason: 'below-intrinsic' });
    expect(american.impliedVolatility(option, least + 0.01)).toMatchObject({ ok: true });
  });
});

describe('a bad argument', () => {
  it.each([
    ['price', () => american.impliedVolatility(put, NaN)],
    ['price', () => american.impliedVolatility(put, Infinity)],
    ['spot', () => american.impliedVolatility({ ...put, spot: -1 }, 5)],
    ['accuracy', () => american.impliedVolatility(put, 5, 'exact' as 'fast')],
    ['option', () => american.impliedVolatility(null as unknown as Quoted, 5)],
  ])('%s is named', (field, call) => {
    try {
      call();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).field).toBe(field);
    }
  });
});
