import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import type { GreekName, Greeks } from '../../src/pricing/greeks.js';
import type { SpotOption } from '../../src/pricing/option.js';
import { real, relativeError } from '../reference/real.js';
import { greekAccuracy } from './black-accuracy.js';

const base: SpotOption = {
  type: 'call',
  spot: 100,
  strike: 105,
  timeToExpiry: 0.5,
  volatility: 0.25,
  rate: 0.03,
  dividendYield: 0.01,
};
const NAMES = Object.keys(blackScholes.greeks(base)) as GreekName[];

function within(value: number, expected: string, tolerance: number): void {
  expect(Math.abs(relativeError(value, real(expected))), `${value} against ${expected}`).toBeLessThan(tolerance);
}

/** Reads every Greek; a NaN anywhere is an error. */
function noNaN(greeks: Greeks): void {
  for (const name of NAMES) expect(greeks[name], name).not.toBeNaN();
}

describe('anchors: S = 100, K = 105, T = 0.5, r = 3%, q = 1%, vol 25%', () => {
  const anchors: [GreekName, call: string, put: string][] = [
    ['price', '5.34980457888107518', '9.2853103179344233'],
    ['delta', '.44563729196754833', '-.54937518722513398'],
    ['gamma', '.02226305357012284', '.02226305357012284'],
    ['vega', '27.828816962653549', '27.828816962653549'],
    ['theta', '-7.6879846872320517', '-5.5798945566750867'],
    ['rho', '19.606962308936879', '-32.111414520223911'],
    ['dividendRho', '-22.281864598377416', '27.468759361256699'],
    ['vanna', '.48457908597243743', '.48457908597243743'],
    ['charm', '-.16121450571367955', '-.17116463050560638'],
    ['volga', '4.4901416318499271', '4.4901416318499271'],
    ['veta', '-29.0856460336813', '-29.0856460336813'],
    ['speed', '-5.7597802624506847e-5', '-5.7597802624506847e-5'],
    ['zomma', '-.085460100975011416', '-.085460100975011416'],
    ['color', '.021257590313300639', '.021257590313300639'],
    ['ultima', '-67.071629840066792', '-67.071629840066792'],
    ['dualDelta', '-.37346594874165484', '.61164599086140783'],
    ['dualGamma', '.020193245868592145', '.020193245868592145'],
  ];
  const call = blackScholes.greeks(base);
  const put = blackScholes.greeks({ ...base, type: 'put' });
  it.each(anchors)('%s', (name, expectedCall, expectedPut) => {
    within(call[name], expectedCall, 1e-13);
    within(put[name], expectedPut, 1e-13);
  });

  it('the anchors cover every Greek', () => {
    expect(anchors.map(([name]) => name).sort()).toEqual([...NAMES].sort());
  });

  it('price agrees with the price among the Greeks', () => {
    expect(blackScholes.price(base)).toBe(call.price);
  });
});

describe('figures from elsewhere', () => {
  it('Hull, Options, Futures and Other Derivatives, example 15.6: 4.76 and 0.81', () => {
    const hull = { spot: 42, strike: 40, rate: 0.1, volatility: 0.2, timeToExpiry: 0.5 };
    expect(blackScholes.price({ type: 'call', ...hull })).toBeCloseTo(4.76, 2);
    expect(blackScholes.price({ type: 'put', ...hull })).toBeCloseTo(0.81, 2);
  });

  it('Haug, The Complete Guide, section 1.1.1: 2.1334', () => {
    const haug = { spot: 60, strike: 65, timeToExpiry: 0.25, rate: 0.08, volatility: 0.3 };
    expect(blackScholes.price({ type: 'call', ...haug })).toBeCloseTo(2.1334, 4);
  });

  it('Haug, section 1.1.2 (Merton): 2.4648', () => {
    const haug = { spot: 100, strike: 95, timeToExpiry: 0.5, rate: 0.1, dividendYield: 0.05, volatility: 0.2 };
    expect(blackScholes.price({ type: 'put', ...haug })).toBeCloseTo(2.4648, 4);
  });
});

describe('accuracy of every Greek against 80 digits', () => {
  for (const row of greekAccuracy(20, 11)) {
    it(`${row.name}, ${row.region}`, () => {
      expect(row.worst, `at ${row.at.join(', ')}`).toBeLessThanOrEqual(row.bound);
    });
  }
});

describe('limits', () => {
  const forward = 100 * Math.exp(0.01);
  const discount = Math.exp(-0.015);
  const yieldFactor = Math.exp(-0.005);

  it.each([
    ['call in the money', 'call', 90, discount * (forward - 90), yieldFactor, -discount],
    ['call out of the money', 'call', 110, 0, 0, 0],
    ['put in the money', 'put', 110, discount * (110 - forward), -yieldFactor, discount],
    ['put out of the money', 'put', 90, 0, 0, 0],
  ] as const)('zero volatility: %s', (_, type, strike, price, delta, dualDelta) => {
    const option = { ...base, type, strike, volatility: 0 };
    const greeks = blackScholes.greeks(option);
    expect(blackScholes.price(option)).toBeCloseTo(price, 12);
    expect(greeks.price).toBe(blackScholes.price(option));
    expect(greeks.delta).toBeCloseTo(delta, 14);
    expect(greeks.dualDelta).toBeCloseTo(dualDelta, 14);
    expect(greeks.theta).toBeCloseTo(0.01 * 100 * greeks.delta + 0.03 * strike * greeks.dualDelta, 12);
    for (const name of [
      'gamma',
      'vega',
      'vanna',
      'volga',
      'veta',
      'speed',
      'zomma',
      'color',
      'ultima',
      'dualGamma',
    ] as const) {
      expect(greeks[name], name).toBe(0);
    }
  });

  it('expiry: the intrinsic value, at any volatility', () => {
    for (const volatility of [0, 0.2, Infinity]) {
      const option = { ...base, timeToExpiry: 0, volatility };
      expect(blackScholes.price({ ...option, spot: 120 })).toBe(15);
      expect(blackScholes.price({ ...option, spot: 90 })).toBe(0);
      expect(blackScholes.price({ ...option, type: 'put', spot: 90 })).toBe(15);
      expect(blackScholes.greeks({ ...option, spot: 120 })).toMatchObject({
        delta: 1,
        rho: 0,
        dividendRho: 0,
        dualDelta: -1,
      });
    }
  });

  it('on the strike at expiry or without volatility: delta one half, gamma, vega and theta 0', () => {
    for (const change of [{ timeToExpiry: 0 }, { volatility: 0 }]) {
      for (const type of ['call', 'put'] as const) {
        const greeks = blackScholes.greeks({ ...base, type, strike: 100, rate: 0, dividendYield: 0, ...change });
        const half = type === 'call' ? 0.5 : -0.5;
        expect(greeks).toMatchObject({
          price: 0,
          delta: half,
          dualDelta: -half,
          gamma: 0,
          vega: 0,
          theta: 0,
          charm: 0,
        });
      }
    }
  });

  it('infinite volatility: S e^(-qT) and K e^(-rT)', () => {
    for (const volatility of [1e9, Infinity]) {
      const call = blackScholes.greeks({ ...base, volatility });
      const put = blackScholes.greeks({ ...base, type: 'put', volatility });
      expect(call.price).toBeCloseTo(100 * yieldFactor, 12);
      expect(call.delta).toBeCloseTo(yieldFactor, 14);
      expect(put.price).toBeCloseTo(105 * discount, 12);
      expect(put.delta).toBe(0);
      expect(put.dualDelta).toBeCloseTo(discount, 14);
      expect([call.gamma, call.vega, put.gamma, put.vega]).toEqual([0, 0, 0, 0]);
      expect(blackScholes.price({ ...base, volatility })).toBe(call.price);
    }
  });

  it('strike 0: the call is the asset, the put nothing', () => {
    for (const volatility of [0, 0.25, Infinity]) {
      const call = blackScholes.greeks({ ...base, strike: 0, volatility });
      expect(call.price).toBeCloseTo(100 * yieldFactor, 12);
      expect(call.delta).toBeCloseTo(yieldFactor, 14);
      expect(call.dualDelta).toBeCloseTo(-discount, 14);
      const put = blackScholes.greeks({ ...base, type: 'put', strike: 0, volatility });
      expect(put).toMatchObject({ price: 0, delta: 0, dualDelta: 0, gamma: 0, rho: 0 });
    }
  });

  it('the limits are reached continuously', () => {
    for (const type of ['call', 'put'] as const) {
      for (const strike of [80, 100, 125]) {
        const option = { ...base, type, strike };
        const near = blackScholes.greeks({ ...option, volatility: 1e-6 });
        const limit = blackScholes.greeks({ ...option, volatility: 0 });
        for (const name of NAMES) expect(near[name], `${type} ${strike} ${name}`).toBeCloseTo(limit[name], 10);
      }
    }
  });

  it('missing rates are 0', () => {
    const { type, spot, strike, timeToExpiry, volatility } = base;
    const bare = { type, spot, strike, timeToExpiry, volatility };
    expect(blackScholes.greeks(bare)).toEqual(blackScholes.greeks({ ...bare, rate: 0, dividendYield: undefined }));
  });
});

describe('mistakes of the caller', () => {
  const bad: [field: keyof SpotOption, values: unknown[]][] = [
    ['type', ['Call', 'c', undefined, null, 1, NaN]],
    ['spot', [NaN, Infinity, -Infinity, -1, 0, '1', undefined, null]],
    ['strike', [NaN, Infinity, -Infinity, -1, '1', undefined, null]],
    ['timeToExpiry', [NaN, Infinity, -Infinity, -1, '1', undefined, null]],
    ['volatility', [NaN, -Infinity, -1, '1', undefined, null]],
    ['rate', [NaN, Infinity, -Infinity, '1', null, -1e4]],
    ['dividendYield', [NaN, Infinity, -Infinity, '1', null, -1e4]],
  ];
  for (const [field, values] of bad) {
    for (const value of values) {
      it(`${field} ${typeof value === 'string' ? `'${value}'` : String(value)}`, () => {
        const option = { ...base, [field]: value };
        for (const run of [
          () => blackScholes.price(option),
          () => blackScholes.greeks(option),
          ...(field === 'volatility' ? [] : [() => blackScholes.impliedVolatility(option, 5)]),
        ]) {
          expect(run).toThrow(InputError);
          expect(run).toThrow(expect.objectContaining({ field }) as Error);
        }
      });
    }
  }

  it.each([[undefined], [null], [3], ['option'], [[]]])('an option that is %o', (option) => {
    expect(() => blackScholes.price(option as unknown as SpotOption)).toThrow(InputError);
    expect(() => blackScholes.greeks(option as unknown as SpotOption)).toThrow(InputError);
    expect(() => blackScholes.impliedVolatility(option as unknown as SpotOption, 1)).toThrow(InputError);
  });

  it.each([[NaN], [Infinity], ['1'], [undefined]])('an implied volatility of price %o', (price) => {
    expect(() => blackScholes.impliedVolatility(base, price as number)).toThrow(
      expect.objectContaining({ name: 'InputError', field: 'price' }) as Error,
    );
  });
});

describe('implied volatility', () => {
  it('gives back the volatility, its derivative 1/vega and its curvature -volga/vega^3', () => {
    for (const type of ['call', 'put'] as const) {
      const option = { ...base, type };
      const { price, vega, volga } = blackScholes.greeks(option);
      const result = blackScholes.impliedVolatility(option, price);
      expect(result.ok).toBe(true);
      if (!result.ok) return;
      expect(result.volatility).toBeCloseTo(0.25, 14);
      expect(result.dVolatilityDPrice * vega).toBeCloseTo(1, 12);
      expect((-result.d2VolatilityDPrice2 * vega ** 3) / volga).toBeCloseTo(1, 11);
      expect(result.resolution).toBeGreaterThan(0);
      expect(result.resolution).toBeLessThan(1e-15);
    }
  });

  it.each([
    ['below-intrinsic', { spot: 200 }, 50],
    ['above-maximum', {}, 101],
    ['expired', { timeToExpiry: 0 }, 5],
    ['at-intrinsic', {}, 0],
  ] as const)('%s', (reason, change, price) => {
    expect(blackScholes.impliedVolatility({ ...base, ...change }, price)).toMatchObject({ ok: false, reason });
  });

  it('the distance is in the discounted price', () => {
    const result = blackScholes.impliedVolatility({ ...base, spot: 200 }, 50);
    expect(result.ok ? NaN : result.distance).toBeCloseTo(50 - (200 * Math.exp(-0.005) - 105 * Math.exp(-0.015)), 10);
  });
});

const options = fc
  .record({
    type: fc.constantFrom('call' as const, 'put' as const),
    spot: fc.double({ min: 1, max: 1000, noNaN: true }),
    moneyness: fc.double({ min: -6, max: 6, noNaN: true }),
    timeToExpiry: fc.double({ min: 1e-3, max: 5, noNaN: true }),
    volatility: fc.double({ min: 0.01, max: 3, noNaN: true }),
    rate: fc.double({ min: -0.1, max: 0.2, noNaN: true }),
    dividendYield: fc.double({ min: -0.1, max: 0.2, noNaN: true }),
  })
  .map(({ moneyness, ...rest }): SpotOption & { rate: number; dividendYield: number } => ({
    ...rest,
    strike:
      rest.spot *
      Math.exp(
        (rest.rate - rest.dividendYield) * rest.timeToExpiry -
          moneyness * rest.volatility * Math.sqrt(rest.timeToExpiry),
      ),
  }));

describe('properties', () => {
  it('put-call parity to 2 ulp of the larger leg, the two of them rounded', () => {
    fc.assert(
      fc.property(options, (option) => {
        const legs = [
          option.spot * Math.exp(-option.dividendYield * option.timeToExpiry),
          option.strike * Math.exp(-option.rate * option.timeToExpiry),
        ] as const;
        const call = blackScholes.price({ ...option, type: 'call' });
        const put = blackScholes.price({ ...option, type: 'put' });
        expect(Math.abs(call - put - (legs[0] - legs[1]))).toBeLessThanOrEqual(4 * 2 ** -52 * Math.max(...legs));
      }),
    );
  });

  it('is homogeneous in spot and strike', () => {
    fc.assert(
      fc.property(options, fc.integer({ min: -40, max: 40 }), (option, power) => {
        const scale = 2 ** power;
        const price = blackScholes.price(option);
        expect(blackScholes.price({ ...option, spot: scale * option.spot, strike: scale * option.strike })).toBe(
          scale * price,
        );
      }),
    );
  });

  it('depends on volatility and time only through vol sqrt(T), rates aside', () => {
    fc.assert(
      fc.property(options, (option) => {
        const flat = { ...option, rate: 0, dividendYield: 0 };
        expect(
          blackScholes.price({ ...flat, volatility: flat.volatility / 2, timeToExpiry: 4 * flat.timeToExpiry }),
        ).toBe(blackScholes.price(flat));
      }),
    );
  });

  it('satisfies the differential equation and the relations between Greeks', () => {
    fc.assert(
      fc.property(options, (option) => {
        const { spot: S, strike: K, timeToExpiry: T, volatility: sigma, rate: r, dividendYield: q } = option;
        const g = blackScholes.greeks(option);
        const near = (a: number, b: number, size: number): void => {
          expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-13 * size + 1e-300);
        };
        const diffusion = 0.5 * sigma * sigma * S * S * g.gamma;
        const drift = (r - q) * S * g.delta;
        near(g.theta + diffusion + drift, r * g.price, Math.abs(g.theta) + diffusion + Math.abs(S * g.delta) + K);
        near(g.gamma * S * S, K * K * g.dualGamma, g.gamma * S * S);
        near(g.vega, g.gamma * S * S * sigma * T, g.vega);
        near(S * g.delta + K * g.dualDelta, g.price, Math.abs(S * g.delta) + Math.abs(K * g.dualDelta));
        near(g.rho, -K * T * g.dualDelta, Math.abs(g.rho));
        near(g.dividendRho, -S * T * g.delta, Math.abs(g.dividendRho));
      }),
    );
  });

  it('gamma, vega, dual gamma are positive, deltas in their ranges, prices between their bounds', () => {
    fc.assert(
      fc.property(options, (option) => {
        const { spot: S, strike: K, timeToExpiry: T, rate: r, dividendYield: q } = option;
        const g = blackScholes.greeks(option);
        noNaN(g);
        const omega = option.type === 'call' ? 1 : -1;
        const [a, b] = [S * Math.exp(-q * T), K * Math.exp(-r * T)];
        const slack = 1e-15 * (a + b);
        expect(g.gamma).toBeGreaterThan(0);
        expect(g.vega).toBeGreaterThan(0);
        expect(g.dualGamma).toBeGreaterThan(0);
        expect(omega * g.delta).toBeGreaterThanOrEqual(0);
        expect(omega * g.delta).toBeLessThanOrEqual(Math.exp(-q * T) * (1 + 1e-15));
        expect(omega * g.dualDelta).toBeLessThanOrEqual(0);
        expect(g.price).toBeGreaterThanOrEqual(Math.max(omega * (a - b), 0) - slack);
        expect(g.price).toBeLessThanOrEqual((option.type === 'call' ? a : b) + slack);
      }),
    );
  });

  it('is monotone in volatility and strike, and convex in strike', () => {
    fc.assert(
      fc.property(options, fc.double({ min: 1e-6, max: 0.3, noNaN: true }), (option, step) => {
        const price = (change: Partial<SpotOption>): number => blackScholes.price({ ...option, ...change });
        const slack = 1e-14 * (option.spot + option.strike);
        const omega = option.type === 'call' ? 1 : -1;
        const K = option.strike;
        expect(price({ volatility: option.volatility * (1 + step) })).toBeGreaterThanOrEqual(price({}) - slack);
        expect(omega * (price({ strike: K * (1 + step) }) - price({}))).toBeLessThanOrEqual(slack);
        expect(
          price({ strike: K * (1 + step) }) + price({ strike: K * (1 - step) }) - 2 * price({}),
        ).toBeGreaterThanOrEqual(-4 * slack);
        const flat = { rate: 0, dividendYield: 0 };
        expect(price({ ...flat, timeToExpiry: option.timeToExpiry * (1 + step) })).toBeGreaterThanOrEqual(
          price(flat) - slack,
        );
      }),
    );
  });

  it('never gives NaN, whatever the size of the numbers', () => {
    const size = fc.double({ min: -260, max: 260, noNaN: true }).map((x) => 10 ** x);
    const rate = fc.oneof(
      fc.constant(0),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.constantFrom(-1e-300, 1e-300, 1e3),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('call' as const, 'put' as const),
        size,
        fc.oneof(size, fc.constant(0)),
        fc.oneof(
          fc.double({ min: 0, max: 100, noNaN: true }),
          fc.double({ min: -300, max: 2, noNaN: true }).map((x) => 10 ** x),
        ),
        fc.oneof(size, fc.constantFrom(0, Infinity), fc.double({ min: 0, max: 5, noNaN: true })),
        rate,
        rate,
        fc.boolean(),
        (type, spot, strike, timeToExpiry, volatility, r, q, atTheMoney) => {
          const option = {
            type,
            spot,
            strike: atTheMoney ? spot : strike,
            timeToExpiry,
            volatility,
            rate: r,
            dividendYield: q,
          };
          noNaN(blackScholes.greeks(option));
          expect(blackScholes.price(option)).not.toBeNaN();
        },
      ),
      { numRuns: 3000 },
    );
  });
});
