import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { black76 } from '../../src/pricing/black76.js';
import { displaced } from '../../src/pricing/displaced.js';
import type { DisplacedOption } from '../../src/pricing/option.js';
import { real } from '../reference/real.js';
import { displacedValue } from '../reference/values.js';
import { exactGreeks, worstError } from './forward-greeks.js';

const option: DisplacedOption = {
  type: 'call',
  forward: -0.002,
  strike: 0.003,
  timeToExpiry: 5,
  volatility: 0.25,
  shift: 0.03,
};

describe('displaced lognormal model', () => {
  it('has the worked price', () => {
    expect(Math.abs(displaced.price(option) / 0.004494172656925002 - 1)).toBeLessThan(1e-13);
  });

  it('agrees with 50 digits in every Greek', () => {
    for (const strike of [-0.02, -0.002, 0.003, 0.05]) {
      for (const type of ['call', 'put'] as const) {
        const discountFactor = 0.9;
        const rate = real(discountFactor).ln().neg().div(5);
        const value = (F: Parameters<typeof displacedValue>[1], K: typeof F, sigma: typeof F, T: typeof F) =>
          displacedValue(type, F, K, option.shift, sigma, T);
        const exact = exactGreeks(value, [option.forward, strike, 0.25, 5], rate);
        const found = displaced.greeks({ ...option, type, strike, discountFactor });
        // Rounding of the sums with the shift counts like that of the inputs.
        const s = 0.25 * Math.sqrt(5);
        const worst = worstError(
          found,
          exact,
          (_, [a, b, c, e]) => 0.03 / 0.028 ** a / (strike + 0.03) ** b / s ** (a + b) / 0.25 ** c / 5 ** e,
        );
        expect(worst.error, worst.name).toBeLessThan(1e-13);
      }
    }
  });

  it('is Black 76 without shift, and parity holds with it', () => {
    const positive = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(
        positive,
        positive,
        positive,
        positive,
        fc.double({ min: 0, max: 5, noNaN: true }),
        (forward, strike, T, volatility, shift) => {
          const o = { forward, strike, timeToExpiry: T, volatility };
          expect(displaced.greeks({ ...o, type: 'put', shift: 0 })).toEqual(black76.greeks({ ...o, type: 'put' }));
          const moved = { ...o, forward: forward - shift, strike: strike - shift, shift };
          const difference = displaced.price({ ...moved, type: 'call' }) - displaced.price({ ...moved, type: 'put' });
          expect(Math.abs(difference - (moved.forward - moved.strike))).toBeLessThan(2 ** -50 * (10 + shift));
        },
      ),
    );
  });

  it('inverts its price', () => {
    for (const strike of [-0.02, -0.002, 0.003, 0.05]) {
      for (const type of ['call', 'put'] as const) {
        const full = { ...option, type, strike, discountFactor: 0.8 };
        const found = displaced.impliedVolatility(full, displaced.price(full));
        if (!found.ok) throw new Error(found.reason);
        expect(Math.abs(found.volatility / 0.25 - 1)).toBeLessThan(1e-13);
        expect(found.dVolatilityDPrice * displaced.greeks(full).vega).toBeCloseTo(1, 12);
      }
    }
  });

  const good: DisplacedOption = { ...option, discountFactor: 0.9 };
  const allowed = new Set(['volatility:Infinity', 'discountFactor:undefined']);
  const cases = Object.keys(good).flatMap((field) =>
    [NaN, Infinity, -Infinity, -1, '1', undefined].map((wrong) => [field, wrong] as const),
  );
  it.each(cases)('%s = %s', (field, wrong) => {
    const bad = { ...good, [field]: wrong };
    if (allowed.has(`${field}:${String(wrong)}`)) {
      expect(displaced.price(bad)).not.toBeNaN();
      return;
    }
    expect(() => displaced.price(bad)).toThrow(InputError);
    expect(() => displaced.greeks(bad)).toThrow(InputError);
    if (field !== 'volatility') expect(() => displaced.impliedVolatility(bad, 0.001)).toThrow(InputError);
  });

  it('refuses a strike at minus the shift, and no option', () => {
    expect(() => displaced.price({ ...option, strike: -0.03 })).toThrow('strike');
    expect(() => displaced.price({ ...option, forward: -0.03 })).toThrow('forward');
    expect(() => displaced.price({ ...option, shift: 1e308, forward: 1e308 })).toThrow(InputError);
    expect(() => displaced.price(undefined as unknown as DisplacedOption)).toThrow(InputError);
  });
});
