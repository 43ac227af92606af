import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { american } from '../../src/pricing/american.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import type { SpotOption } from '../../src/pricing/option.js';

const base: SpotOption = {
  type: 'put',
  spot: 100,
  strike: 100,
  timeToExpiry: 1,
  volatility: 0.25,
  rate: 0.05,
  dividendYield: 0.05,
};

/** Price, tolerances of the three presets. */
const anchors: [string, Partial<SpotOption>, number, [fast: number, normal: number, accurate: number]][] = [
  [
    'AQFED README',
    { spot: 80, rate: 0.04, dividendYield: 0, volatility: 0.3, timeToExpiry: 0.75 },
    21.086126029,
    [1e-4, 1e-6, 1e-8],
  ],
  ['Andersen, Lake, Offengenden: r = q', {}, 9.5694453, [1e-4, 1e-6, 1e-8]],
  [
    'Andersen, Lake, Offengenden: premium at r = 7.5%',
    { rate: 0.075 },
    blackScholes.price({ ...base, rate: 0.075 }) + 0.36711114062,
    [1e-4, 1e-6, 1e-8],
  ],
  ['r > q', { dividendYield: 0.02, volatility: 0.2 }, 6.66068623, [1e-4, 1e-6, 1e-8]],
  ['ten years', { strike: 120, rate: 0.1, dividendYield: 0.03, timeToExpiry: 10 }, 23.00030538, [2e-3, 2e-4, 1e-7]],
];

describe('anchors', () => {
  it.each(anchors)('%s', (_name, change, expected, [fast, normal, accurate]) => {
    const option = { ...base, ...change };
    expect(Math.abs(american.price(option, 'fast') - expected)).toBeLessThan(fast);
    expect(Math.abs(american.price(option) - expected)).toBeLessThan(normal);
    expect(Math.abs(american.price(option, 'accurate') - expected)).toBeLessThan(accurate);
  });

  it('premium at r = q of the paper', () => {
    expect(american.price(base, 'accurate') - blackScholes.price(base)).toBeCloseTo(0.1069527027, 8);
  });

  it('negative rates, two edges', () => {
    const option = { ...base, spot: 80, rate: -0.005, dividendYield: -0.01, volatility: 0.3, timeToExpiry: 0.75 };
    expect(Math.abs(american.price(option) - 22.37298)).toBeLessThan(1e-4);
  });
});

const options = fc.record({
  type: fc.constantFrom('call' as const, 'put' as const),
  spot: fc.double({ min: 20, max: 300, noNaN: true }),
  strike: fc.constant(100),
  timeToExpiry: fc.double({ min: 1e-3, max: 5, noNaN: true }),
  volatility: fc.double({ min: 0.03, max: 1.5, noNaN: true }),
  rate: fc.double({ min: -0.08, max: 0.15, noNaN: true }),
  dividendYield: fc.double({ min: -0.08, max: 0.15, noNaN: true }),
});

describe('properties', () => {
  it('is worth at least the European and the exercise value, and a number', () => {
    fc.assert(
      fc.property(options, (option) => {
        const value = american.price(option, 'fast');
        const omega = option.type === 'call' ? 1 : -1;
        expect(value).toBeGreaterThanOrEqual(blackScholes.price(option) * (1 - 1e-14) - 1e-13);
        expect(value).toBeGreaterThanOrEqual(omega * (option.spot - option.strike) - 1e-13);
      }),
      { numRuns: 500 },
    );
  });

  it('a call is the put with spot and strike, rate and yield exchanged', () => {
    fc.assert(
      fc.property(options, ({ spot, strike, rate, dividendYield, ...rest }) => {
        const call = american.price({ ...rest, type: 'call', spot, strike, rate, dividendYield });
        const put = american.price({
          ...rest,
          type: 'put',
          spot: strike,
          strike: spot,
          rate: dividendYield,
          dividendYield: rate,
        });
        expect(call).toBe(put);
      }),
      { numRuns: 100 },
    );
  });

  it('without interest a put is European, without yield a call', () => {
    fc.assert(
      fc.property(options, (option) => {
        const yielding = { ...option, type: 'put' as const, rate: 0, dividendYield: Math.abs(option.dividendYield) };
        expect(american.price(yielding)).toBeCloseTo(blackScholes.price(yielding), 11);
        const plain = { ...option, type: 'call' as const, rate: Math.abs(option.rate), dividendYield: 0 };
        expect(american.price(plain)).toBeCloseTo(blackScholes.price(plain), 11);
      }),
      { numRuns: 100 },
    );
  });
});

describe('limits', () => {
  it('at expiry, without volatility, with infinite volatility and at strike 0', () => {
    const call = { ...base, type: 'call' as const };
    expect(american.price({ ...base, spot: 90, timeToExpiry: 0 })).toBe(10);
    expect(american.price({ ...base, spot: 90, volatility: 0 })).toBe(10);
    expect(american.price({ ...base, volatility: Infinity })).toBe(100);
    expect(american.price({ ...base, rate: -0.05, volatility: Infinity })).toBeCloseTo(100 * Math.exp(0.05), 12);
    expect(american.price({ ...call, strike: 0 })).toBe(100);
    expect(american.price({ ...call, strike: 0, dividendYield: -0.1 })).toBeCloseTo(100 * Math.exp(0.1), 12);
    expect(american.price({ ...base, strike: 0 })).toBe(0);
  });

  it('the limit of small volatility is the price without', () => {
    for (const type of ['call', 'put'] as const) {
      for (const [rate, dividendYield] of [
        [0.05, 0.01],
        [0.01, 0.05],
        [-0.02, -0.05],
        [-0.05, -0.02],
        [0.1, -0.02],
      ] as const) {
        for (const spot of [90, 101, 115]) {
          const option = { ...base, type, spot, rate, dividendYield };
          const certain = american.price({ ...option, volatility: 0 });
          expect(Math.abs(american.price({ ...option, volatility: 2e-3 }) - certain)).toBeLessThan(0.2);
        }
      }
    }
  });
});

describe('a bad argument', () => {
  it.each([
    ['type', { type: 'straddle' }],
    ['spot', { spot: 0 }],
    ['spot', { spot: NaN }],
    ['strike', { strike: -1 }],
    ['timeToExpiry', { timeToExpiry: -1 }],
    ['volatility', { volatility: -0.1 }],
    ['volatility', { volatility: NaN }],
    ['rate', { rate: Infinity }],
    ['rate', { rate: 400 }],
    ['dividendYield', { dividendYield: NaN }],
    ['dividendYield', { dividendYield: -400 }],
  ])('%s %o is named', (field, change) => {
    try {
      american.price({ ...base, ...change } as SpotOption);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).field).toBe(field);
    }
  });

  it('accuracy is one of three', () => {
    expect(() => american.price(base, 'exact' as 'fast')).toThrow('accuracy');
  });
});
