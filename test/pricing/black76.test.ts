import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { black76 } from '../../src/pricing/black76.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import type { GreekName } from '../../src/pricing/greeks.js';
import type { ForwardOption } from '../../src/pricing/option.js';
import * as jet from '../../src/math/jet.js';
import { real, relativeError } from '../reference/real.js';

const base: ForwardOption = { type: 'call', forward: 100, strike: 120, timeToExpiry: 0.5, volatility: 0.3 };
const NAMES = Object.keys(black76.greeks(base)) as GreekName[];

function within(value: number, expected: string, tolerance: number): void {
  expect(Math.abs(relativeError(value, real(expected))), `${value} against ${expected}`).toBeLessThan(tolerance);
}

describe('anchors', () => {
  it('F = 100, K = 120, T = 0.5, vol 30%', () => {
    const { price, vega } = black76.greeks(base);
    within(price, '2.5037752087322377', 1e-13);
    within(black76.price({ ...base, type: 'put' }), '22.503775208732238', 1e-13);
    within(vega, '21.239182968523417', 1e-13);
    const result = black76.impliedVolatility(base, price);
    expect(result.ok).toBe(true);
    if (!result.ok) return;
    within(result.volatility, '0.3', 1e-14);
    within(result.dVolatilityDPrice, '.047082790401212955', 1e-13);
    within(result.d2VolatilityDPrice2, '-.0053752867681293362', 1e-13);
  });

  it('F = 100, K = 200, T = 0.05, vol 10%: 2.9e-212', () => {
    const price = black76.price({ ...base, strike: 200, timeToExpiry: 0.05, volatility: 0.1 });
    within(price, '2.8757975999516662e-212', 1e-12);
  });

  it('Haug, The Complete Guide, section 1.1.3: 1.7011', () => {
    const haug = { forward: 19, strike: 19, timeToExpiry: 0.75, volatility: 0.28, discountFactor: Math.exp(-0.075) };
    expect(black76.price({ type: 'put', ...haug })).toBeCloseTo(1.7011, 4);
  });
});

describe('with F and r = -ln(DF)/T held fixed', () => {
  const option = { ...base, discountFactor: 0.97 };
  const r = -Math.log(0.97) / 0.5;

  it('theta = r V - DF F n(d1) sigma/(2 sqrt T), rho = -T V, dividendRho = 0', () => {
    for (const type of ['call', 'put'] as const) {
      const g = black76.greeks({ ...option, type });
      expect(g.theta).toBeCloseTo(r * g.price - (g.vega * 0.3) / (2 * 0.5), 12);
      expect(g.rho).toBe(-0.5 * g.price);
      expect(g.dividendRho).toBe(0);
    }
  });

  it('is the spot model at q = r but for the two rhos', () => {
    for (const type of ['call', 'put'] as const) {
      const forward = black76.greeks({ ...option, type });
      const { type: t, strike, timeToExpiry, volatility } = { ...option, type };
      const spot = blackScholes.greeks({
        type: t,
        spot: 100,
        strike,
        timeToExpiry,
        volatility,
        rate: r,
        dividendYield: r,
      });
      for (const name of NAMES) {
        if (name === 'rho' || name === 'dividendRho') continue;
        expect(forward[name] / spot[name], name).toBeCloseTo(1, 11);
      }
    }
  });

  it('agrees with third-order automatic differentiation of the textbook formula', () => {
    const [F, K, SIGMA, TIME] = [0, 1, 2, 3];
    for (const type of ['call', 'put'] as const) {
      for (const strike of [70, 95, 100, 130]) {
        const omega = type === 'call' ? 1 : -1;
        const f = jet.variable(4, F, 100);
        const k = jet.variable(4, K, strike);
        const sigma = jet.variable(4, SIGMA, 0.3);
        const T = jet.shift(jet.scale(jet.variable(4, TIME, 0), -1), 0.5);
        const s = jet.multiply(sigma, jet.sqrt(T));
        const d1 = jet.add(jet.divide(jet.log(jet.divide(f, k)), s), jet.scale(s, 0.5));
        const d2 = jet.subtract(d1, s);
        const legs = jet.subtract(
          jet.multiply(f, jet.normalCdf(jet.scale(d1, omega))),
          jet.multiply(k, jet.normalCdf(jet.scale(d2, omega))),
        );
        const value = jet.scale(jet.multiply(jet.exp(jet.scale(T, -r)), legs), omega);
        const by = (...variables: (number | undefined)[]): number => jet.derivative(value, ...(variables as number[]));
        const expected: Partial<Record<GreekName, number>> = {
          price: by(),
          delta: by(F),
          gamma: by(F, F),
          vega: by(SIGMA),
          theta: by(TIME),
          vanna: by(F, SIGMA),
          volga: by(SIGMA, SIGMA),
          charm: by(F, TIME),
          veta: by(SIGMA, TIME),
          speed: by(F, F, F),
          zomma: by(F, F, SIGMA),
          color: by(F, F, TIME),
          ultima: by(SIGMA, SIGMA, SIGMA),
          dualDelta: by(K),
          dualGamma: by(K, K),
        };
        const greeks = black76.greeks({ ...option, type, strike });
        for (const [name, number] of Object.entries(expected) as [GreekName, number][]) {
          expect(Math.abs(greeks[name] - number), `${type} ${strike} ${name}`).toBeLessThanOrEqual(
            2e-12 * Math.max(Math.abs(number), 1e-3),
          );
        }
      }
    }
  });
});

describe('limits', () => {
  it('at expiry the discount factor stays and nothing accrues', () => {
    const g = black76.greeks({ ...base, forward: 130, timeToExpiry: 0, discountFactor: 0.9 });
    expect(g).toMatchObject({ price: 9, delta: 0.9, dualDelta: -0.9, gamma: 0, vega: 0, theta: 0, dividendRho: 0 });
    expect(g.rho).toBeCloseTo(0, 15);
  });

  it('on the strike at expiry or without volatility: delta one half, gamma, vega and theta 0', () => {
    for (const change of [{ timeToExpiry: 0 }, { volatility: 0 }]) {
      for (const type of ['call', 'put'] as const) {
        const g = black76.greeks({ ...base, type, strike: 100, discountFactor: 0.9, ...change });
        const half = type === 'call' ? 0.45 : -0.45;
        expect(g).toMatchObject({ price: 0, delta: half, dualDelta: -half, gamma: 0, vega: 0, theta: 0 });
      }
    }
  });

  it('infinite volatility: DF F and DF K; strike 0: DF F and 0', () => {
    expect(black76.price({ ...base, volatility: Infinity, discountFactor: 0.5 })).toBe(50);
    expect(black76.price({ ...base, type: 'put', volatility: Infinity, discountFactor: 0.5 })).toBe(60);
    expect(black76.price({ ...base, strike: 0, discountFactor: 0.5 })).toBe(50);
    expect(black76.price({ ...base, type: 'put', strike: 0 })).toBe(0);
    expect(black76.greeks({ ...base, strike: 0 }).dualDelta).toBe(-1);
  });

  it('a discount factor above 1, a negative rate, is a number like any other', () => {
    within(black76.price({ ...base, discountFactor: 1.02 }), '2.55385071290688249', 1e-13);
    expect(black76.greeks({ ...base, discountFactor: 1.02 }).theta).toBeLessThan(black76.greeks(base).theta);
  });
});

describe('properties', () => {
  const positive = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
  const volatility = fc.double({ min: 0.001, max: 12, noNaN: true });
  const time = fc.double({ min: 1 / 525600, max: 10, noNaN: true });

  it('put-call parity to 2 ulp of the larger of F and K', () => {
    fc.assert(
      fc.property(positive, positive, volatility, time, (forward, strike, vol, timeToExpiry) => {
        const option = { forward, strike, volatility: vol, timeToExpiry };
        const difference = black76.price({ ...option, type: 'call' }) - black76.price({ ...option, type: 'put' });
        expect(Math.abs(difference - (forward - strike))).toBeLessThanOrEqual(2 * 2 ** -52 * Math.max(forward, strike));
      }),
      { numRuns: 2000 },
    );
  });

  it('C(F, K) = P(K, F)', () => {
    fc.assert(
      fc.property(positive, positive, volatility, time, (forward, strike, vol, timeToExpiry) => {
        const option = { volatility: vol, timeToExpiry };
        const call = black76.price({ ...option, type: 'call', forward, strike });
        const put = black76.price({ ...option, type: 'put', forward: strike, strike: forward });
        const h = Math.log(forward / strike) / (vol * Math.sqrt(timeToExpiry));
        expect(Math.abs(call - put)).toBeLessThanOrEqual(1e-15 * (1 + h * h) * call);
      }),
    );
  });

  it('in and out of the money agree: b(x, s) = b(-x, s) + 2 sinh(x/2)', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 3, noNaN: true }), volatility, (x, s) => {
        const option = { strike: 1, volatility: s, timeToExpiry: 1, forward: Math.exp(x) };
        const inside = black76.price({ ...option, type: 'call' });
        const outside = black76.price({ ...option, type: 'put' });
        expect(Math.abs(inside - outside - Math.expm1(x)) / Math.exp(x)).toBeLessThanOrEqual(1e-15);
      }),
    );
  });

  it('price and implied volatility undo each other out of the money', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -30, max: 30, noNaN: true }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (h, vol) => {
          const strike = 100 * Math.exp(h * vol * 0.5);
          const option = {
            type: strike > 100 ? ('call' as const) : ('put' as const),
            forward: 100,
            strike,
            timeToExpiry: 0.25,
            discountFactor: 0.98,
          };
          const result = black76.impliedVolatility(option, black76.price({ ...option, volatility: vol }));
          expect(result.ok && Math.abs(result.volatility / vol - 1)).toBeLessThanOrEqual(1e-14);
        },
      ),
    );
  });
});

describe('mistakes of the caller', () => {
  const bad: [field: keyof ForwardOption, values: unknown[]][] = [
    ['type', ['CALL', undefined, 0]],
    ['forward', [NaN, Infinity, -Infinity, -1, 0, '1', undefined, null]],
    ['strike', [NaN, Infinity, -1, '1', undefined, null]],
    ['timeToExpiry', [NaN, Infinity, -1, '1', undefined, null]],
    ['volatility', [NaN, -Infinity, -1, '1', undefined, null]],
    ['discountFactor', [NaN, Infinity, -1, 0, '1', null, 1e307]],
  ];
  for (const [field, values] of bad) {
    for (const value of values) {
      it(`${field} ${typeof value === 'string' ? `'${value}'` : String(value)}`, () => {
        const option = { ...base, [field]: value };
        for (const run of [
          () => black76.price(option),
          () => black76.greeks(option),
          ...(field === 'volatility' ? [] : [() => black76.impliedVolatility(option, 5)]),
        ]) {
          expect(run).toThrow(InputError);
          expect(run).toThrow(expect.objectContaining({ field }) as Error);
        }
      });
    }
  }

  it.each([[undefined], [null], [3], [[]]])('an option that is %o', (option) => {
    expect(() => black76.price(option as unknown as ForwardOption)).toThrow(InputError);
    expect(() => black76.greeks(option as unknown as ForwardOption)).toThrow(InputError);
    expect(() => black76.impliedVolatility(option as unknown as ForwardOption, 1)).toThrow(InputError);
  });

  it.each([[NaN], [Infinity], ['1'], [undefined]])('an implied volatility of price %o', (price) => {
    expect(() => black76.impliedVolatility(base, price as number)).toThrow(
      expect.objectContaining({ name: 'InputError', field: 'price' }) as Error,
    );
  });
});
