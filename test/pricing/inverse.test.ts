import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { black76 } from '../../src/pricing/black76.js';
import { inverse } from '../../src/pricing/inverse.js';
import type { InverseOption } from '../../src/pricing/option.js';
import { real, relativeError, type Real } from '../reference/real.js';
import { blackValue, inverseValue } from '../reference/values.js';
import { exactGreeks, worstError } from './forward-greeks.js';

const types = ['call', 'put'] as const;
const base: InverseOption = { type: 'call', forward: 60000, strike: 65000, timeToExpiry: 30 / 365, volatility: 0.6 };
const close = (found: number, expected: number): void => {
  expect(Math.abs(found / expected - 1)).toBeLessThan(1e-13);
};

describe('worked numbers', () => {
  it('call: coin price, net delta, coin Greeks, USD gamma', () => {
    const { coin, usd, netDelta } = inverse.greeks(base);
    close(coin.price, 0.03729780259007775);
    close(netDelta, 0.3149282099558082);
    close(usd.delta, 0.352226012545886);
    close(coin.delta, 5.24880349926347e-6);
    close(coin.gamma, 4.245528395377043e-10);
    close(coin.vega, 0.10643408098754065);
    close(coin.theta, -0.3884843956045233);
    close(usd.gamma, 3.5970777370789196e-5);
    close(usd.vega, 0.10643408098754065 * 60000);
  });

  it('put', () => {
    const { coin, netDelta } = inverse.greeks({ ...base, type: 'put' });
    close(coin.price, 0.12063113592341108);
    close(netDelta, -0.7684051233775251);
    close(coin.gamma, 1.026404691389556e-9);
  });

  it('at the money in coin and in USD', () => {
    const { coin, usd } = inverse.greeks({ ...base, strike: 60000 });
    expect(coin.price).toBeCloseTo(0.0685394072, 9);
    expect(usd.price).toBeCloseTo(4112.36443, 4);
    expect(usd.delta).toBeCloseTo(0.5342697, 6);
  });
});

/** (k/F)^a, K, sigma, T scales of a Greek: the size of its terms up to powers of d. */
function scaleOf(F: number, K: number, sigma: number, T: number) {
  const s = sigma * Math.sqrt(T);
  const d = Math.abs(Math.log(F / K)) / s + s;
  const density = Math.exp(-0.5 * (Math.log(F / K) / s) ** 2);
  return (_: string, [a, b, c, e]: readonly [number, number, number, number]): number =>
    (density * s * (1 + d) ** (a + b + 2 * (c + e)) * (1 + 1 / s) ** (a + b)) / F ** a / K ** b / sigma ** c / T ** e;
}

describe('against 50 digits', () => {
  const rate = 0.04;
  for (const [F, K, sigma, T] of [
    [60000, 65000, 0.6, 30 / 365],
    [60000, 20000, 0.8, 0.5],
    [3000, 9000, 1.5, 1],
    [100, 100, 10, 0.3],
    [1.2, 1.19, 0.4, 1 / 525600],
    [60000, 58000, 0.02, 0.1],
  ] as const) {
    it(`both ledgers, F = ${F}, K = ${K}, ${sigma * 100}%, T = ${T}`, () => {
      const discountFactor = real(rate).mul(T).neg().exp().toNumber();
      const exactRate = real(discountFactor).ln().neg().div(T);
      const h = Math.log(F / K) / (sigma * Math.sqrt(T));
      const step = '1e-10';
      for (const type of types) {
        // Deep in the money 50 digits of the intrinsic value hide the density; parity covers it.
        if (Math.abs(h) > 8 && (type === 'call') === h > 0) continue;
        const index = 0.97 * F;
        const found = inverse.greeks({
          type,
          forward: F,
          strike: K,
          timeToExpiry: T,
          volatility: sigma,
          discountFactor,
          index,
        });
        const coin = exactGreeks((...x) => inverseValue(type, ...x), [F, K, sigma, T], exactRate, step);
        const inCoin = worstError(found.coin, coin, scaleOf(F, K, sigma, T));
        expect(inCoin.error / (1 + h * h), `coin ${type} ${inCoin.name}`).toBeLessThan(1e-13);

        expect(found.netDelta).toBe(F * found.coin.delta);
        expect(found.coin.rho).toBe(-T * found.coin.price);
        if (T !== 0.5) continue;
        const carry = real(F).div(index);
        const usdValue = (I: Real, ...rest: [Real, Real, Real]) => inverseValue(type, I.mul(carry), ...rest).mul(I);
        const usd = exactGreeks(usdValue, [index, K, sigma, T], exactRate, step);
        const scale = scaleOf(index, K, sigma, T);
        const inUsd = worstError(found.usd, usd, (name, orders) => index * scale(name, orders));
        expect(inUsd.error / (1 + h * h), `usd ${type} ${inUsd.name}`).toBeLessThan(1e-13);
      }
    });
  }

  it('prices to 8 x 2^-53 (1 + h^2), out of the money, down to 1e-300', () => {
    let worst = 0;
    for (const s of [1e-6, 1e-3, 0.1, 1, 4]) {
      for (let h = 0; h < 36; h += 0.7) {
        if (h * s > 600) continue;
        for (const sign of [1, -1]) {
          const strike = 1000 * Math.exp(sign * h * s);
          const type = sign > 0 ? 'call' : 'put';
          const exact = inverseValue(type, 1000, strike, s, 1);
          const found = inverse.price({ type, forward: 1000, strike, timeToExpiry: 1, volatility: s });
          worst = Math.max(worst, relativeError(found, exact) / (2 ** -53 * (1 + h * h)));
        }
      }
    }
    expect(worst).toBeLessThan(9);
  });
});

const market = fc.record({
  forward: fc.double({ min: 100, max: 1e5, noNaN: true }),
  moneyness: fc.double({ min: -3, max: 3, noNaN: true }),
  timeToExpiry: fc.double({ min: 1e-5, max: 3, noNaN: true }),
  volatility: fc.double({ min: 0.05, max: 4, noNaN: true }),
  discountFactor: fc.double({ min: 0.7, max: 1.05, noNaN: true }),
  carry: fc.double({ min: 0.8, max: 1.2, noNaN: true }),
});
const optionFrom = ({ moneyness, carry, ...rest }: typeof market extends fc.Arbitrary<infer M> ? M : never) => ({
  ...rest,
  strike: rest.forward * Math.exp(moneyness * rest.volatility * Math.sqrt(rest.timeToExpiry)),
  index: rest.forward / carry,
});

describe('identities', () => {
  it('call less put is DF (1 - K/F) coin, within the bounds in coin', () => {
    fc.assert(
      fc.property(market, (m) => {
        const o = optionFrom(m);
        const call = inverse.price({ ...o, type: 'call' });
        const put = inverse.price({ ...o, type: 'put' });
        const ratio = o.strike / o.forward;
        expect(Math.abs(call - put - o.discountFactor * (1 - ratio))).toBeLessThan(2 ** -50 * (1 + ratio));
        const slack = 2 ** -51 * (1 + ratio);
        expect(call).toBeLessThanOrEqual(o.discountFactor + slack);
        expect(put).toBeLessThanOrEqual(o.discountFactor * ratio + slack);
        expect(call).toBeGreaterThanOrEqual(o.discountFactor * Math.max(1 - ratio, 0) - slack);
        expect(put).toBeGreaterThanOrEqual(o.discountFactor * Math.max(ratio - 1, 0) - slack);
      }),
    );
  });

  it('net delta = F dc/dF = usd.delta - coin.price; USD Greeks are those of Black 76 scaled by the index', () => {
    fc.assert(
      fc.property(market, fc.constantFrom(...types), (m, type) => {
        const o = { ...optionFrom(m), type };
        const { coin, usd, netDelta } = inverse.greeks(o);
        const slack = 1e-14 * (1 + o.strike / o.forward);
        expect(Math.abs(netDelta - (usd.delta - coin.price))).toBeLessThan(slack);
        expect(Math.abs(usd.price - o.index * coin.price)).toBeLessThanOrEqual(2 ** -51 * usd.price);
        // Second order in coin: F^2 c_FF = F gamma - 2 delta + 2 c, with the USD Greeks per forward.
        const size = Math.abs(o.index * usd.gamma) + 2 * Math.abs(usd.delta) + 2 * coin.price;
        const second = o.index * usd.gamma - 2 * usd.delta + 2 * coin.price;
        expect(Math.abs(o.forward ** 2 * coin.gamma - second)).toBeLessThan(1e-13 * size);
        const black = black76.greeks(o);
        const atForward = inverse.greeks({ ...o, index: undefined }).usd;
        for (const name of Object.keys(black) as (keyof typeof black)[]) {
          const error = Math.abs(atForward[name] - black[name]);
          // Time Greeks are sums of two terms in both.
          const terms =
            Math.abs(black[name]) +
            (name === 'charm' ? 1 / o.timeToExpiry : 0) +
            (name === 'color' ? black.gamma / o.timeToExpiry : 0);
          expect(error, name).toBeLessThanOrEqual(
            1e-13 *
              (terms +
                (name === 'theta' ? Math.abs(black.vega * o.volatility) / o.timeToExpiry : 0) +
                (name === 'veta' ? black.vega / o.timeToExpiry : 0)),
          );
        }
      }),
    );
  });

  it('rises with volatility and inverts from coin', () => {
    fc.assert(
      fc.property(market, fc.constantFrom(...types), (m, type) => {
        const o = { ...optionFrom(m), type };
        const price = inverse.price(o);
        const found = inverse.impliedVolatility(o, price);
        if (!found.ok) return;
        const { vega } = inverse.greeks(o).coin;
        expect(Math.abs(found.volatility - o.volatility)).toBeLessThan(8 * found.resolution + 1e-13 * o.volatility);
        expect(Math.abs(found.dVolatilityDPrice * vega - 1)).toBeLessThan(1e-10);
      }),
    );
  });

  it('never gives NaN', () => {
    const positive = fc.oneof(
      fc.constantFrom(1e-300, 1e-9, 1, 1e9),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true, minExcluded: true }),
    );
    const wide = fc.oneof(
      fc.constantFrom(0, 5e-324, 1e-300, 1e-20, 1, 1e20, Infinity),
      fc.double({ min: 0, max: 50, noNaN: true }),
    );
    const time = fc.oneof(
      fc.constantFrom(0, 5e-324, 1e-300, 1e-20, 1, 1e20),
      fc.double({ min: 0, max: 50, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        fc.oneof(fc.constant(0), positive),
        time,
        wide,
        fc.constantFrom(...types),
        fc.constantFrom(0.9, 1),
        (forward, strike, T, volatility, type, discountFactor) => {
          for (const k of [strike, forward]) {
            const { coin, usd, netDelta } = inverse.greeks({
              type,
              forward,
              strike: k,
              timeToExpiry: T,
              volatility,
              discountFactor,
            });
            for (const [name, value] of [
              ...Object.entries(coin),
              ...Object.entries(usd),
              ['netDelta', netDelta] as const,
            ]) {
              expect(Number.isNaN(value), name).toBe(false);
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('limits', () => {
  const o: InverseOption = { ...base, discountFactor: 0.9 };
  it('without time or volatility', () => {
    for (const still of [{ volatility: 0 }, { timeToExpiry: 0 }, { timeToExpiry: 0, volatility: Infinity }]) {
      const itm = inverse.greeks({ ...o, ...still, strike: 30000 });
      expect(itm.coin.price).toBeCloseTo(0.45, 15);
      expect(itm.usd.delta).toBeCloseTo(0.9, 15);
      expect(itm.netDelta).toBeCloseTo(0.45, 15);
      expect(itm.coin.gamma).toBeCloseTo((-2 * 0.45) / 60000 ** 2, 22);
      expect(itm.usd.gamma).toBe(0);
      expect(inverse.greeks({ ...o, ...still }).coin).toMatchObject({ price: 0, vega: 0, theta: 0 });
      const even = inverse.greeks({ ...o, ...still, strike: 60000 });
      expect(even.coin).toMatchObject({ price: 0, gamma: 0, vega: 0, theta: 0, charm: 0, speed: 0 });
      expect(even.usd).toMatchObject({ price: 0, delta: 0.45, gamma: 0, vega: 0, theta: 0 });
      expect(even.netDelta).toBeCloseTo(0.45, 15);
    }
  });

  it('at infinite volatility and at strike 0', () => {
    expect(inverse.price({ ...o, volatility: Infinity })).toBe(0.9);
    expect(inverse.price({ ...o, type: 'put', volatility: Infinity })).toBeCloseTo((0.9 * 65000) / 60000, 15);
    const zero = inverse.greeks({ ...o, strike: 0 });
    expect(zero.coin).toMatchObject({ price: 0.9, gamma: 0 });
    expect(Math.abs(zero.netDelta)).toBe(0);
    expect(inverse.price({ ...o, type: 'put', strike: 0 })).toBe(0);
  });
});

describe('settlement at an average', () => {
  const window = 30 / 525600;

  it('has the moments of the average of a lognormal path', () => {
    // E[X] = F and E[X^2] = 2 F^2 (e^v - 1 - v)/v^2 for the average X over a time with sigma^2 tau = v.
    for (const v of [1e-5, 1e-4, 1e-3]) {
      const exact = real(v);
      const secondMoment = exact.exp().sub(1).sub(exact).mul(2).div(exact.mul(exact));
      const logVariance = secondMoment.ln().toNumber();
      expect(Math.abs(logVariance / (v / 3) - 1)).toBeLessThan(v / 10);
      // Before the window: F_s at its start times the average from there, independent of each other.
      const start = 3 * v;
      const whole = start + logVariance;
      expect(Math.abs(whole / (start + v - (2 / 3) * v) - 1)).toBeLessThan(v / 10);
    }
  });

  it('before the window takes two thirds of it off the time of the variance', () => {
    const o = { ...base, timeToExpiry: 1 / 365, discountFactor: 0.999 };
    const averaged = { ...o, settlement: { window, elapsed: 0, average: 0 } };
    for (const type of types) {
      const value = (F: Real, K: Real, sigma: Real, T: Real) =>
        inverseValue(type, F, K, sigma, T.sub(real(window).mul(2).div(3)));
      const exact = exactGreeks(
        value,
        [o.forward, 59000, 0.6, o.timeToExpiry],
        real(0.999).ln().neg().div(o.timeToExpiry),
        '1e-10',
      );
      const found = inverse.greeks({ ...averaged, type, strike: 59000 });
      const worst = worstError(found.coin, exact, scaleOf(o.forward, 59000, 0.6, o.timeToExpiry));
      expect(worst.error, worst.name).toBeLessThan(1e-12);
    }
    const volatility = inverse.impliedVolatility(averaged, inverse.price(averaged));
    expect(volatility.ok && volatility.volatility).toBeCloseTo(0.6, 12);
  });

  for (const [elapsed, average, strike] of [
    [10 / 525600, 60100, 60050],
    [15 / 525600, 62000, 61020],
  ] as const) {
    it(`inside, ${Math.round(elapsed * 525600)} minutes in: Greeks are derivatives of the price`, () => {
      const left = window - elapsed;
      const F0 = 60000;
      const o: InverseOption = {
        type: 'call',
        forward: F0,
        strike,
        timeToExpiry: left,
        volatility: 0.8,
        discountFactor: 0.9999,
        index: 59500,
        settlement: { window, elapsed, average },
      };
      const rate = real(0.9999).ln().neg().div(left);
      for (const type of types) {
        // Fixings at F0 as time passes; the time argument is what is left.
        const value = (F: Real, K: Real, sigma: Real, T: Real): Real => {
          const passed = real(left).sub(T);
          const mean = real(elapsed).mul(average).add(passed.mul(F0)).add(T.mul(F)).div(window);
          const deviation = sigma.mul(T.div(window)).mul(T.div(3).sqrt()).mul(F).div(mean);
          return blackValue(type, mean, K, deviation, 1).div(mean);
        };
        const found = inverse.greeks({ ...o, type });
        const s = 0.8 * (left / window) * Math.sqrt(left / 3);
        const scale = (_: string, [a, b, c, e]: readonly [number, number, number, number]): number =>
          (s ** (1 - a - b) / F0 ** (a + b) / 0.8 ** c / left ** e) * 30;
        const coin = worstError(found.coin, exactGreeks(value, [F0, strike, 0.8, left], rate, '1e-11'), scale);
        expect(coin.error, `coin ${type} ${coin.name}`).toBeLessThan(1e-12);
        expect(found.netDelta).toBeCloseTo(found.usd.delta - found.coin.price, 13);
        expect(found.usd.price).toBeCloseTo(59500 * found.coin.price, 9);

        const price = inverse.price({ ...o, type });
        expect(price).toBe(found.coin.price);
        const volatility = inverse.impliedVolatility({ ...o, type }, price);
        expect(volatility.ok && Math.abs(volatility.volatility - 0.8)).toBeLessThan(1e-9);

        if (type === 'put' || elapsed !== 10 / 525600) continue;
        const carry = real(F0).div(59500);
        const usdValue = (I: Real, ...rest: [Real, Real, Real]): Real => value(I.mul(carry), ...rest).mul(I);
        const usd = worstError(
          found.usd,
          exactGreeks(usdValue, [59500, strike, 0.8, left], rate, '1e-11'),
          (n, orders) => F0 * scale(n, orders),
        );
        expect(usd.error, `usd ${type} ${usd.name}`).toBeLessThan(1e-12);
      }
    });
  }

  it('loses its delta fixing by fixing: half of it half way through', () => {
    // Deep in the money, delta 1.0 and mark 0.3: net delta 0.7 falls to 0.35.
    const o: InverseOption = { ...base, strike: 42000, volatility: 0.5, timeToExpiry: 15 / 525600 };
    const half = inverse.greeks({ ...o, settlement: { window, elapsed: window - 15 / 525600, average: 60000 } });
    expect(half.coin.price).toBeCloseTo(0.3, 12);
    expect(half.netDelta).toBeCloseTo(0.35, 12);
    // The rest goes at a steady rate, whatever the average so far.
    expect(half.coin.charm * 60000 * (15 / 525600)).toBeCloseTo(-0.35, 10);
    expect(half.coin.theta).toBeCloseTo(0, 8);
  });

  it('joins the two regimes where the window begins', () => {
    const o: InverseOption = { ...base, strike: 60050, timeToExpiry: window };
    const before = inverse.greeks({ ...o, settlement: { window, elapsed: 0, average: 0 } });
    const inside = inverse.greeks({
      ...o,
      timeToExpiry: window - 1e-12,
      settlement: { window, elapsed: 1e-12, average: 60000 },
    });
    expect(inside.coin.price / before.coin.price).toBeCloseTo(1, 7);
    expect(inside.coin.delta / before.coin.delta).toBeCloseTo(1, 7);
    expect(inside.coin.theta / before.coin.theta).toBeCloseTo(1, 6);
  });

  it('is the intrinsic value of the average when the last fixing is in', () => {
    const done = { ...base, timeToExpiry: 0, settlement: { window, elapsed: window, average: 70000 } };
    const { coin, usd, netDelta } = inverse.greeks(done);
    expect(coin.price).toBeCloseTo(5 / 70, 15);
    expect([coin.delta, netDelta].map(Math.abs)).toEqual([0, 0]);
    expect(usd.delta).toBeCloseTo(5 / 70, 15);
    const even = inverse.greeks({ ...done, strike: 70000 });
    expect(even.coin).toMatchObject({ price: 0, gamma: 0, vega: 0, theta: 0, charm: 0 });
    expect(inverse.price({ ...done, strike: 80000 })).toBe(0);
    expect(inverse.impliedVolatility(done, 0.1)).toMatchObject({ ok: false, reason: 'expired' });
  });

  it('has its limits inside the window too', () => {
    const inside = { ...base, timeToExpiry: window / 2, settlement: { window, elapsed: window / 2, average: 60000 } };
    expect(inverse.greeks({ ...inside, volatility: 0, strike: 30000 }).coin).toMatchObject({ price: 0.5, vega: 0 });
    expect(inverse.greeks({ ...inside, volatility: 0, strike: 60000 }).usd).toMatchObject({ delta: 0.25, gamma: 0 });
    expect(inverse.greeks({ ...inside, volatility: Infinity }).coin).toMatchObject({ price: 1, delta: 0 });
    expect(inverse.greeks({ ...inside, type: 'put', volatility: Infinity }).coin.price).toBeCloseTo(65 / 60, 15);
    const zero = inverse.greeks({ ...inside, strike: 0 });
    expect(zero.coin.price).toBe(1);
    for (const value of [...(Object.values(zero.coin) as number[]), ...(Object.values(zero.usd) as number[])])
      expect(value).not.toBeNaN();
  });
});

describe('bad input', () => {
  const settlement = { window: 0.001, elapsed: 0.0005, average: 60000 };
  const good: InverseOption = { ...base, timeToExpiry: 0.0005, discountFactor: 0.99, index: 59000, settlement };
  const wrongs = [NaN, Infinity, -Infinity, -1, '1', undefined];
  const allowed = new Set([
    'volatility:Infinity',
    'discountFactor:undefined',
    'index:undefined',
    'settlement:undefined',
  ]);
  it.each(Object.keys(good).flatMap((field) => wrongs.map((wrong) => [field, wrong] as const)))(
    '%s = %s',
    (field, wrong) => {
      const bad = { ...good, [field]: wrong };
      if (allowed.has(`${field}:${String(wrong)}`)) {
        expect(inverse.price(bad)).not.toBeNaN();
        return;
      }
      expect(() => inverse.price(bad)).toThrow(InputError);
      expect(() => inverse.greeks(bad)).toThrow(InputError);
      if (field !== 'volatility') expect(() => inverse.impliedVolatility(bad, 0.01)).toThrow(InputError);
    },
  );

  it.each(Object.keys(settlement).flatMap((field) => wrongs.map((wrong) => [field, wrong] as const)))(
    'settlement.%s = %s',
    (field, wrong) => {
      const bad = { ...good, settlement: { ...settlement, [field]: wrong } } as InverseOption;
      expect(() => inverse.price(bad)).toThrow(InputError);
      expect(() => inverse.greeks(bad)).toThrow(`settlement.${field}`);
    },
  );

  it('refuses a window that does not fit the time to expiry, a price or an option that is none', () => {
    expect(() => inverse.price({ ...good, timeToExpiry: 0.0006 })).toThrow('settlement.window');
    expect(() => inverse.price({ ...good, settlement: { window: 0.001, elapsed: 0, average: 0 } })).toThrow(InputError);
    for (const wrong of [NaN, Infinity, '1', undefined]) {
      expect(() => inverse.impliedVolatility(base, wrong as number)).toThrow(InputError);
      expect(() => inverse.price(wrong as unknown as InverseOption)).toThrow(InputError);
    }
  });

  it('gives reasons in coin', () => {
    expect(inverse.impliedVolatility({ ...base, type: 'put' }, 0.05)).toMatchObject({
      ok: false,
      reason: 'below-intrinsic',
    });
    const above = inverse.impliedVolatility(base, 1.25);
    expect(above).toMatchObject({ ok: false, reason: 'above-maximum', bound: Infinity });
    expect(!above.ok && above.distance).toBeCloseTo(0.25, 12);
  });
});
