import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { bachelier } from '../../src/pricing/bachelier.js';
import type { ForwardOption } from '../../src/pricing/option.js';
import { real, relativeError } from '../reference/real.js';
import { bachelierValue } from '../reference/values.js';
import { exactGreeks, worstError } from './forward-greeks.js';

const close = (found: number, expected: number): void => {
  expect(Math.abs(found / expected - 1)).toBeLessThan(1e-13);
};

describe('worked numbers', () => {
  it('prices and differentiates near the money', () => {
    const option: ForwardOption = { type: 'call', forward: 0.01, strike: 0.015, timeToExpiry: 2, volatility: 0.0085 };
    const { price, delta, gamma, vega } = bachelier.greeks(option);
    close(price, 0.0027045775982444636);
    close(bachelier.price({ ...option, type: 'put' }), 0.007704577598244463);
    close(delta, 0.33872506438435734);
    close(gamma, 30.43739045097751);
    close(vega, 0.5174356376666177);
  });

  it('takes a negative forward, and keeps its digits far out', () => {
    const option: ForwardOption = { type: 'call', forward: -0.002, strike: 0.003, timeToExpiry: 5, volatility: 0.006 };
    close(bachelier.price(option), 0.003219821892786639);
    close(
      bachelier.price({ type: 'call', forward: 0.01, strike: 0.2, timeToExpiry: 2, volatility: 0.0085 }),
      1.0686098886725757e-59,
    );
  });
});

describe('against 50 digits', () => {
  it('prices to 8 x 2^-53 (1 + d^2) down to 1e-300', () => {
    let worst = 0;
    for (const scale of [1e-4, 1, 7e4]) {
      for (let d = 0; d <= 37; d += 0.37) {
        for (const sign of [1, -1]) {
          const v = 0.3 * scale;
          const forward = -0.1 * scale;
          const strike = forward + sign * d * v;
          const type = sign > 0 ? 'call' : 'put';
          const exact = bachelierValue(type, forward, strike, v, 1);
          const found = bachelier.price({ type, forward, strike, timeToExpiry: 1, volatility: v });
          worst = Math.max(worst, relativeError(found, exact) / (2 ** -53 * (1 + d * d)));
        }
      }
    }
    expect(worst).toBeLessThan(8);
  });

  it('every Greek, at any sign of forward and strike, near and far', () => {
    const rate = 0.03;
    for (const [forward, v, T] of [
      [0.02, 0.01, 0.5],
      [-35, 6, 4],
      [0, 1, 2e-6],
    ] as const) {
      for (const d of [-30, -3, -1, 0.01, 1.7, 8, 20]) {
        for (const type of ['call', 'put'] as const) {
          // Deep in the money 50 digits of the intrinsic value hide the density; parity covers it.
          if (Math.abs(d) > 9 && (type === 'call') === d > 0) continue;
          const sigma = v / Math.sqrt(T);
          const strike = forward === 0 && d === 0 ? 0.1 : forward - d * v;
          // The stencil's step is relative, so a zero forward moves with the strike.
          const offset = forward === 0 ? 5 : 0;
          const point = [forward + offset, strike + offset, sigma, T] as const;
          const discountFactor = real(rate).mul(real(T)).neg().exp().toNumber();
          const exact = exactGreeks(
            (...x) => bachelierValue(type, ...x),
            point,
            real(discountFactor).ln().neg().div(T),
            '1e-9',
          );
          const found = bachelier.greeks({
            type,
            forward: point[0],
            strike: point[1],
            timeToExpiry: T,
            volatility: sigma,
            discountFactor,
          });
          const at = (point[0] - point[1]) / v;
          const density = Math.exp(-0.5 * at * at) / Math.sqrt(2 * Math.PI);
          const worst = worstError(
            found,
            exact,
            (_, [a, b, c, e]) =>
              (v * density * (1 + Math.abs(at)) ** (a + b + 2 * (c + e))) / v ** (a + b) / sigma ** c / T ** e,
          );
          expect(worst.error / (1 + at * at), `${worst.name} at d = ${at}`).toBeLessThan(1e-13);
          expect(found.rho).toBe(-T * found.price);
          expect(found.dividendRho).toBe(0);
        }
      }
    }
  });
});

describe('properties', () => {
  const option = fc.record({
    forward: fc.double({ min: -100, max: 100, noNaN: true }),
    strike: fc.double({ min: -100, max: 100, noNaN: true }),
    timeToExpiry: fc.double({ min: 1e-6, max: 30, noNaN: true }),
    volatility: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    discountFactor: fc.double({ min: 0.2, max: 1.2, noNaN: true }),
  });
  it('call less put is DF (F - K); a call on (F, K) is a put on (-F, -K)', () => {
    fc.assert(
      fc.property(option, (o) => {
        const call = bachelier.price({ ...o, type: 'call' });
        const put = bachelier.price({ ...o, type: 'put' });
        const largest = Math.max(Math.abs(o.forward), Math.abs(o.strike), call, put);
        expect(Math.abs(call - put - o.discountFactor * (o.forward - o.strike))).toBeLessThan(2 ** -50 * largest);
        expect(bachelier.price({ ...o, type: 'put', forward: -o.forward, strike: -o.strike })).toBe(call);
      }),
    );
  });

  it('solves the equation theta + sigma^2 gamma / 2 = r V', () => {
    fc.assert(
      fc.property(option, fc.constantFrom('call' as const, 'put' as const), (o, type) => {
        const { price, theta, gamma } = bachelier.greeks({ ...o, type });
        const r = -Math.log(o.discountFactor) / o.timeToExpiry;
        const diffusion = 0.5 * o.volatility ** 2 * gamma;
        const size = Math.abs(theta) + diffusion + Math.abs(r * price);
        expect(Math.abs(theta + diffusion - r * price)).toBeLessThanOrEqual(1e-13 * size);
      }),
    );
  });

  it('rises with volatility, and inverts', () => {
    fc.assert(
      fc.property(option, fc.constantFrom('call' as const, 'put' as const), (o, type) => {
        const value = bachelier.price({ ...o, type });
        expect(bachelier.price({ ...o, type, volatility: o.volatility * 1.01 })).toBeGreaterThanOrEqual(value);
        const found = bachelier.impliedVolatility({ ...o, type }, value);
        if (!found.ok) return;
        // Two roundings of the price on its way, each worth up to twice the resolution of half an ulp.
        const tolerance = 4 * found.resolution + 1e-14 * o.volatility;
        expect(Math.abs(found.volatility - o.volatility)).toBeLessThanOrEqual(tolerance);
      }),
    );
  });

  it('never gives NaN at volatilities up to the largest double, where theta alone has its sign left', () => {
    const times = [1e-300, 1e-5, 0.5, 1, 3, 1e300];
    for (const volatility of [1e150, 1e300, Number.MAX_VALUE, Infinity]) {
      for (const [forward, strike] of [
        [100, 105],
        [100, 100],
        [1e300, -1e300],
        [1e-300, 0],
      ] as const) {
        for (const timeToExpiry of times) {
          for (const discountFactor of [1, 0.9, 0.5, Math.exp(-0.5), 1.1]) {
            for (const type of ['call', 'put'] as const) {
              const option = { type, forward, strike, timeToExpiry, volatility, discountFactor };
              for (const [name, value] of Object.entries(bachelier.greeks(option))) {
                expect(Number.isNaN(value), `${name} of ${JSON.stringify(option)}`).toBe(false);
              }
            }
          }
        }
      }
    }
    // r V - V / 2T with V = DF v / sqrt(2 pi): sigma DF (r sqrt T - 1 / (2 sqrt T)) / sqrt(2 pi), where V is no double.
    const option = {
      type: 'call',
      forward: 100,
      strike: 105,
      timeToExpiry: 9,
      volatility: Number.MAX_VALUE,
      discountFactor: 0.9,
    } as const;
    const { price, theta } = bachelier.greeks(option);
    expect(price).toBe(Infinity);
    const rate = -Math.log(0.9) / 9;
    const perVolatility = (0.9 * (3 * rate - 1 / 6)) / Math.sqrt(2 * Math.PI);
    expect(theta / (perVolatility * Number.MAX_VALUE)).toBeCloseTo(1, 12);
  });

  it('never gives NaN', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 });
    const positive = fc.oneof(
      fc.constantFrom(0, 5e-324, 1e-300, 1e-100, 1e100),
      fc.double({ min: 0, max: 1e100, noNaN: true }),
    );
    fc.assert(
      fc.property(any, any, positive, positive, fc.boolean(), (forward, strike, timeToExpiry, volatility, isCall) => {
        for (const k of [strike, forward]) {
          const type = isCall ? 'call' : 'put';
          const discountFactor = isCall === forward > 0 ? 0.9 : 1;
          const found = bachelier.greeks({ type, forward, strike: k, timeToExpiry, volatility, discountFactor });
          for (const [name, value] of Object.entries(found)) expect(Number.isNaN(value), name).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('limits', () => {
  const base: ForwardOption = {
    type: 'call',
    forward: 3,
    strike: 2,
    timeToExpiry: 1,
    volatility: 0.5,
    discountFactor: 0.9,
  };
  it('is intrinsic value without time or volatility, with delta one half on the strike', () => {
    for (const still of [{ timeToExpiry: 0 }, { volatility: 0 }, { timeToExpiry: 0, volatility: Infinity }]) {
      expect(bachelier.greeks({ ...base, ...still })).toMatchObject({
        price: 0.9,
        delta: 0.9,
        gamma: 0,
        vega: 0,
        dualDelta: -0.9,
      });
      expect(bachelier.greeks({ ...base, ...still, strike: 4 })).toMatchObject({
        price: 0,
        delta: 0,
        gamma: 0,
        vega: 0,
        theta: 0,
      });
      const even = bachelier.greeks({ ...base, ...still, strike: 3 });
      expect(even).toMatchObject({ price: 0, delta: 0.45, gamma: 0, vega: 0, theta: 0, charm: 0, dualDelta: -0.45 });
      expect(bachelier.greeks({ ...base, ...still, type: 'put', strike: 3 }).delta).toBe(-0.45);
    }
  });

  it('is without bound at infinite volatility', () => {
    const { price, delta, gamma, theta, rho } = bachelier.greeks({ ...base, volatility: Infinity });
    expect([price, delta, gamma, theta, rho]).toEqual([Infinity, 0.45, 0, -Infinity, -Infinity]);
    expect(bachelier.price({ ...base, volatility: Infinity })).toBe(Infinity);
  });
});

describe('bad input', () => {
  const good: ForwardOption = {
    type: 'call',
    forward: 1,
    strike: 2,
    timeToExpiry: 1,
    volatility: 0.2,
    discountFactor: 0.9,
  };
  const allowed = new Set(['forward:-1', 'strike:-1', 'volatility:Infinity', 'discountFactor:undefined']);
  const cases = Object.keys(good).flatMap((field) =>
    [NaN, Infinity, -Infinity, -1, '1', undefined].map((wrong) => [field, wrong] as const),
  );
  it.each(cases)('%s = %s', (field, wrong) => {
    const option = { ...good, [field]: wrong };
    if (allowed.has(`${field}:${String(wrong)}`)) {
      expect(bachelier.price(option)).not.toBeNaN();
      return;
    }
    for (const run of [() => bachelier.price(option), () => bachelier.greeks(option)]) {
      expect(run).toThrow(InputError);
      expect(run).toThrow(field);
    }
    if (field !== 'volatility') expect(() => bachelier.impliedVolatility(option, 0.1)).toThrow(InputError);
  });

  it.each([NaN, Infinity, '1', undefined])('a price of %s, an option of %s', (wrong) => {
    expect(() => bachelier.impliedVolatility(good, wrong as number)).toThrow(InputError);
    expect(() => bachelier.price(wrong as unknown as ForwardOption)).toThrow(InputError);
  });

  it('gives reasons where no volatility fits', () => {
    expect(bachelier.impliedVolatility({ ...good, type: 'put' }, 0.5)).toMatchObject({
      ok: false,
      reason: 'below-intrinsic',
    });
    expect(bachelier.impliedVolatility({ ...good, timeToExpiry: 0 }, 0.5)).toMatchObject({
      ok: false,
      reason: 'expired',
    });
    expect(bachelier.impliedVolatility(good, 0)).toMatchObject({ ok: false, reason: 'at-intrinsic' });
    expect(() => bachelier.price({ ...good, forward: 1e308, strike: -1e308 })).toThrow(InputError);
  });
});
