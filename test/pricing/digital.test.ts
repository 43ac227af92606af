import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { black76 } from '../../src/pricing/black76.js';
import { digital, type DigitalOption } from '../../src/pricing/digital.js';
import { differentiate } from '../reference/greeks.js';
import { normalCdf, normalDensity } from '../reference/normal.js';
import { real, relativeError, type Real } from '../reference/real.js';
import { blackValue } from '../reference/values.js';
import { exactGreeks, worstError } from './forward-greeks.js';

const base: DigitalOption = {
  type: 'call',
  payoff: 'cash',
  forward: 100,
  strike: 110,
  timeToExpiry: 0.5,
  volatility: 0.3,
};

describe('smile-aware digitals', () => {
  it('are the strike derivative of the vanilla option on the smile', () => {
    // sigma(k) = 0.25 - 0.1 k + 0.1 k^2
    const smile = (F: number, K: Real): Real => {
      const k = K.div(F).ln();
      return real(0.25).sub(k.mul('0.1')).add(k.mul(k).mul('0.1'));
    };
    for (const strike of [60, 90, 100, 125, 160]) {
      const k = Math.log(strike / 100);
      const volatility = smile(100, real(strike)).toNumber();
      const option = { ...base, strike, volatility, volatilitySlope: -0.1 + 0.2 * k, discountFactor: 0.97 };
      const slope = differentiate((K) => blackValue('call', 100, K, smile(100, K), 0.5), [strike], [1]).neg();
      const call = digital.price(option);
      expect(relativeError(call, slope.mul(0.97))).toBeLessThan(1e-14);
      expect(digital.price({ ...option, type: 'put' })).toBeCloseTo(0.97 - call, 14);
      // A vanilla call is an asset digital less K cash digitals.
      const asset = digital.price({ ...option, payoff: 'asset' });
      expect(asset - strike * call).toBeCloseTo(black76.price(option), 12);
      expect(asset + digital.price({ ...option, payoff: 'asset', type: 'put' })).toBeCloseTo(97, 12);
    }
  });

  it('have the probability of a fitted smile: P(k_T > 0.1) = 0.2541085689998637', () => {
    // Raw SVI a = .010, b = .12, rho = -.55, m = .03, sigma = .15, half a year.
    const k = 0.1;
    const root = Math.sqrt((k - 0.03) ** 2 + 0.15 ** 2);
    const w = 0.01 + 0.12 * (-0.55 * (k - 0.03) + root);
    const dw = 0.12 * (-0.55 + (k - 0.03) / root);
    const volatility = Math.sqrt(w / 0.5);
    const option = { ...base, strike: 100 * Math.exp(k), volatility, volatilitySlope: dw / (2 * Math.sqrt(w * 0.5)) };
    expect(digital.price(option)).toBeCloseTo(0.2541085689998637, 13);
  });

  it('agree with 50 digits in every Greek at constant volatility and slope', () => {
    const rate = 0.04;
    const discountFactor = real(rate).mul(0.5).neg().exp().toNumber();
    const exactRate = real(discountFactor).ln().neg().div(0.5);
    for (const payoff of ['cash', 'asset'] as const) {
      const type = payoff === 'cash' ? 'call' : 'put';
      const omega = type === 'call' ? 1 : -1;
      const slope = 0.05;
      const value = (F: Real, K: Real, sigma: Real, T: Real): Real => {
        const s = sigma.mul(T.sqrt());
        const d = F.div(K)
          .ln()
          .div(s)
          .add(s.mul(payoff === 'cash' ? -0.5 : 0.5));
        const share = normalCdf(d.mul(omega)).sub(
          normalDensity(d)
            .mul(T.sqrt())
            .mul(slope * omega),
        );
        return payoff === 'cash' ? share : share.mul(F);
      };
      const found = digital.greeks({ ...base, payoff, type, discountFactor, volatilitySlope: slope });
      const size = payoff === 'cash' ? 1 : 100;
      const worst = worstError(
        found,
        exactGreeks(value, [100, 110, 0.3, 0.5], exactRate),
        (_, [a, b, c, e]) => size / 20 ** (a + b) / 0.3 ** c / 0.5 ** e,
      );
      expect(worst.error, worst.name).toBeLessThan(1e-13);
      expect(found.price).toBeCloseTo(
        digital.price({ ...base, payoff, type, discountFactor, volatilitySlope: slope }),
        13,
      );
      expect(found.rho).toBe(-0.5 * found.price);
    }
  });

  it('stay between nothing and their payoff', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -8, max: 8, noNaN: true }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.constantFrom('call' as const, 'put' as const),
        fc.constantFrom('cash' as const, 'asset' as const),
        (deviations, volatility, volatilitySlope, type, payoff) => {
          const strike = 100 * Math.exp(deviations * volatility * Math.sqrt(0.5));
          const option = { ...base, type, payoff, volatility, strike, volatilitySlope };
          let value: number;
          try {
            value = digital.price(option);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            expect((error as InputError).field).toBe('volatilitySlope');
            return;
          }
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(payoff === 'cash' ? 1 : 100);
        },
      ),
    );
  });

  it('have limits', () => {
    for (const still of [{ volatility: 0 }, { timeToExpiry: 0 }]) {
      for (const [strike, share] of [
        [110, 0],
        [100, 0.5],
        [90, 1],
      ] as const) {
        expect(digital.price({ ...base, ...still, strike, volatilitySlope: 3 })).toBe(share);
        expect(digital.price({ ...base, ...still, strike, payoff: 'asset' })).toBe(100 * share);
        expect(digital.price({ ...base, ...still, strike, type: 'put' })).toBe(1 - share);
        expect(digital.greeks({ ...base, ...still, strike })).toMatchObject({ price: share, delta: 0, vega: 0 });
      }
    }
    const wild = { ...base, volatility: Infinity };
    expect([digital.price(wild), digital.price({ ...wild, type: 'put' })]).toEqual([0, 1]);
    expect([
      digital.price({ ...wild, payoff: 'asset' }),
      digital.price({ ...wild, payoff: 'asset', type: 'put' }),
    ]).toEqual([100, 0]);
    for (const volatility of [0, 0.3, Infinity]) {
      expect(digital.price({ ...base, strike: 0, volatility })).toBe(1);
      expect(digital.price({ ...base, strike: 0, volatility, payoff: 'asset' })).toBe(100);
      expect(digital.greeks({ ...base, strike: 0, volatility, payoff: 'asset' })).toMatchObject({
        price: 100,
        delta: 1,
        gamma: 0,
      });
    }
  });

  const good: DigitalOption = { ...base, discountFactor: 0.9, volatilitySlope: 0.01 };
  const allowed = new Set([
    'volatility:Infinity',
    'discountFactor:undefined',
    'volatilitySlope:undefined',
    'volatilitySlope:-1',
  ]);
  const cases = Object.keys(good).flatMap((field) =>
    [NaN, Infinity, -Infinity, -1, '1', undefined].map((wrong) => [field, wrong] as const),
  );
  it.each(cases)('%s = %s', (field, wrong) => {
    const bad = { ...good, [field]: wrong };
    if (allowed.has(`${field}:${String(wrong)}`)) {
      expect(digital.price(bad)).not.toBeNaN();
      return;
    }
    expect(() => digital.price(bad)).toThrow(InputError);
    expect(() => digital.greeks(bad)).toThrow(field);
  });
  it('refuse no option at all', () => {
    expect(() => digital.price(undefined as unknown as DigitalOption)).toThrow(InputError);
  });
});
