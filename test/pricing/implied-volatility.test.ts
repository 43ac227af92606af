import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { logRatio } from '../../src/math/logarithm.js';
import { blackImpliedVolatility } from '../../src/pricing/black-implied-volatility.js';
import { impliedStandardDeviation } from '../../src/pricing/implied-standard-deviation.js';
import type { ImpliedVolatility } from '../../src/pricing/implied-volatility.js';
import { differentiate } from '../reference/greeks.js';
import { impliedBlackVolatility, impliedTotalVolatility } from '../reference/implied.js';
import { real, relativeError, type Real } from '../reference/real.js';
import { blackValue, intrinsicValue, otmBlackValue } from '../reference/values.js';
import { errorInUnits, sampleAt, UNIT_ROUNDOFF, type Sample } from './implied-volatility-sample.js';

const types = ['call', 'put'] as const;

/** h uniform on [0, 37], s log-uniform on [1e-8, 50], inside the domain where p determines s. */
const sample: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.double({ min: 0, max: 37, noNaN: true }),
    fc.double({ min: Math.log(1e-8), max: Math.log(50), noNaN: true }),
  )
  .map(([h, logS]) => sampleAt(h, Math.exp(logS)))
  .filter((candidate) => candidate !== undefined);

/** Options whose volatility the price determines, as quoted: strikes across orders of magnitude, a minute to thirty years. */
const option = fc.record({
  forward: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  h: fc.double({ min: -12, max: 12, noNaN: true }),
  volatility: fc.double({ min: 0.01, max: 10, noNaN: true }),
  timeToExpiry: fc.double({ min: 1 / 525_600, max: 3, noNaN: true }),
  type: fc.constantFrom(...types),
});

function solved(result: ImpliedVolatility): Extract<ImpliedVolatility, { ok: true }> {
  if (!result.ok) throw new Error(`no volatility: ${result.reason}`);
  return result;
}

function failed(result: ImpliedVolatility): Extract<ImpliedVolatility, { ok: false }> {
  if (result.ok) throw new Error(`a volatility: ${result.volatility}`);
  return result;
}

describe('worked figures', () => {
  it('come back from their prices', () => {
    const call = solved(blackImpliedVolatility(100, 120, 0.5, 'call', 2.503775208732238));
    expect(Math.abs(call.volatility / 0.3 - 1)).toBeLessThan(1e-15);
    expect(Math.abs(call.dVolatilityDPrice / 0.04708279040121296 - 1)).toBeLessThan(1e-14);
    expect(Math.abs(call.d2VolatilityDPrice2 / -0.005375286768129336 - 1)).toBeLessThan(1e-14);
    const put = solved(blackImpliedVolatility(100, 120, 0.5, 'put', 22.50377520873224));
    expect(Math.abs(put.volatility / 0.3 - 1)).toBeLessThan(1e-15);
    const far = solved(blackImpliedVolatility(100, 200, 0.05, 'call', 2.8757975999516664e-212));
    expect(Math.abs(far.volatility / 0.1 - 1)).toBeLessThan(1e-15);
  });
  it('come back from normalised values b(x, s)', () => {
    for (const [x, s, b] of [
      [0, 0.2, 0.07965567455405796],
      [0.1, 0.2, 0.039458602641807],
      [1, 0.1, 7.465397611568575e-26],
      [0.01, 0.001, 7.474559337762834e-28],
      [5, 0.5, 3.624416711834472e-25],
      [20, 4, 3.309552860085693e-8],
      [0.2, 6, 0.902138895514158],
      [100, 10, 3.625503881922824e-29],
    ] as const) {
      // b is per square root of F K, p per min(F, K); the exponential costs a few ulp, and 14 digits are printed of one.
      const p = b * Math.exp(x / 2);
      expect(Math.abs(impliedStandardDeviation(x, p) / s - 1)).toBeLessThan(3e-14);
    }
  });
});

describe('impliedStandardDeviation', () => {
  it("stays within 8 x 2^-53 (1 + p/(s p')) over the whole domain", () => {
    fc.assert(
      fc.property(sample, (at) => {
        expect(errorInUnits(at, impliedStandardDeviation(at.x, at.p))).toBeLessThanOrEqual(8);
      }),
      { numRuns: 20_000 },
    );
  });
  it('does so next to the money, around the inflection and at large s, where the sampling is thin', () => {
    for (let i = 0; i <= 4000; i++) {
      const u = i / 4000;
      const s = 1e-8 * 1.55e9 ** u;
      for (const h of [0, 1e-9, 1e-4, 0.03, 0.499 * s, 0.5 * s, 0.501 * s, 0.8 * s, 1.3 * s]) {
        const at = sampleAt(h, s);
        if (at === undefined) continue;
        expect(errorInUnits(at, impliedStandardDeviation(at.x, at.p))).toBeLessThanOrEqual(8);
      }
    }
  });
  it('agrees with the 50-digit solver', () => {
    fc.assert(
      fc.property(sample, ({ x, s, p, condition }) => {
        const exact = impliedTotalVolatility(x, p, s);
        const error = Math.abs(relativeError(impliedStandardDeviation(x, p), exact));
        expect(error).toBeLessThanOrEqual(8 * UNIT_ROUNDOFF * (1 + condition));
      }),
      { numRuns: 500 },
    );
  });
  it('holds on both sides of every seam', () => {
    for (const x of [0, 1e-300, 1e-12, 0.2, 2.999, 3, 3 + 1e-15, 3.001, 6, 40, 300]) {
      const inflection = Math.sqrt(2 * x);
      for (const s of [inflection, inflection * (1 - 1e-12), inflection * (1 + 1e-12), 1.2, 1.349, inflection + 1]) {
        const at = s > 0 ? sampleAt(x / s, s) : undefined;
        if (at === undefined) continue;
        expect(errorInUnits(at, impliedStandardDeviation(at.x, at.p))).toBeLessThanOrEqual(8);
      }
    }
  });
  it('has limits, and NaN only for what is no option', () => {
    expect(impliedStandardDeviation(0.1, 0)).toBe(0);
    expect(impliedStandardDeviation(0.1, 1)).toBe(Infinity);
    for (const [x, p] of [
      [NaN, 0.5],
      [0.1, NaN],
      [-0.1, 0.5],
      [Infinity, 0.5],
      [0.1, -1e-9],
      [0.1, 1 + 1e-9],
    ] as const) {
      expect(impliedStandardDeviation(x, p)).toBeNaN();
    }
  });
  it('is a number for every x and p, far beyond the domain too', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1500, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (x, p) => {
        expect(impliedStandardDeviation(x, p)).not.toBeNaN();
      }),
      { numRuns: 20_000 },
    );
    for (const p of [5e-324, 1e-310, 1e-301, 1e-300, 1 - 2 ** -40, 1 - 2 ** -53]) {
      for (const x of [0, 5e-324, 1e-200, 1e-16, 1, 2.9, 3.1, 100, 1454]) {
        expect(impliedStandardDeviation(x, p)).toBeGreaterThanOrEqual(0);
      }
    }
  });
  it('never falls as the price rises by more than its error', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 1e-13, max: 0.5, noNaN: true }), ({ x, p, condition }, rise) => {
        const higher = Math.min(p * (1 + rise), 1 - 2 ** -40);
        const slack = 16 * UNIT_ROUNDOFF * (1 + condition);
        expect(impliedStandardDeviation(x, higher)).toBeGreaterThanOrEqual(
          impliedStandardDeviation(x, p) * (1 - slack),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('blackImpliedVolatility', () => {
  /** The option's exact price rounded to a double, and the out-of-the-money value that double stands for. */
  function quoted({
    forward,
    h,
    volatility,
    timeToExpiry,
    type,
  }: typeof option extends fc.Arbitrary<infer T> ? T : never) {
    const s = volatility * Math.sqrt(timeToExpiry);
    const strike = forward * Math.exp(h * s);
    if (!(strike > 1e-9 && strike < 1e12)) return undefined;
    const price = blackValue(type, forward, strike, volatility, timeToExpiry).toNumber();
    return { forward, strike, volatility, timeToExpiry, type, price };
  }

  it('finds the exact volatility of the price, in and out of the money, to what the price determines', () => {
    fc.assert(
      fc.property(option, (given) => {
        const quote = quoted(given);
        fc.pre(quote !== undefined);
        const { forward, strike, volatility, timeToExpiry, type, price } = quote;
        const result = blackImpliedVolatility(forward, strike, timeToExpiry, type, price);
        fc.pre(result.ok);
        const excess = real(price).sub(intrinsicValue(type, forward, strike));
        const exact = impliedBlackVolatility(forward, strike, timeToExpiry, excess, volatility);
        const condition = (excess.toNumber() * result.dVolatilityDPrice) / result.volatility;
        const error = Math.abs(relativeError(result.volatility, exact));
        expect(error).toBeLessThanOrEqual(8 * 2 ** -52 * (1 + condition));
        // iv o price = id: what the rounding of the price adds is the resolution.
        const roundTrip = Math.abs(result.volatility - volatility);
        expect(roundTrip).toBeLessThanOrEqual(8 * 2 ** -52 * (1 + condition) * volatility + 1.2 * result.resolution);
      }),
      { numRuns: 800 },
    );
  });
  it('prices back to where it came from (price o iv = id)', () => {
    fc.assert(
      fc.property(option, (given) => {
        const quote = quoted(given);
        fc.pre(quote !== undefined);
        const { forward, strike, timeToExpiry, type, price } = quote;
        const result = blackImpliedVolatility(forward, strike, timeToExpiry, type, price);
        fc.pre(result.ok);
        const back = blackValue(type, forward, strike, result.volatility, timeToExpiry);
        // One ulp of the volatility is vega times it in price.
        const allowed = (8 * 2 ** -52 * result.volatility) / result.dVolatilityDPrice + 8 * 2 ** -52 * price;
        expect(Math.abs(back.sub(real(price)).toNumber())).toBeLessThanOrEqual(allowed);
      }),
      { numRuns: 400 },
    );
  });
  it('carries the derivatives of the volatility in the price', () => {
    for (const [forward, strike, volatility, timeToExpiry] of [
      [100, 120, 0.3, 0.5],
      [100, 100, 0.2, 1],
      [100, 99.5, 0.8, 0.01],
      [60_000, 200_000, 0.7, 0.25],
      [1, 1.05, 4, 3],
    ] as const) {
      const value = otmBlackValue(forward, strike, volatility, timeToExpiry);
      const type = strike >= forward ? 'call' : 'put';
      const result = solved(blackImpliedVolatility(forward, strike, timeToExpiry, type, value.toNumber()));
      const inverse = (price: Real | undefined) =>
        impliedBlackVolatility(forward, strike, timeToExpiry, price!, volatility);
      const first = differentiate((price) => inverse(price), [value], [1], '1e-8');
      const second = differentiate((price) => inverse(price), [value], [2], '1e-8');
      expect(Math.abs(relativeError(result.dVolatilityDPrice, first))).toBeLessThan(1e-13);
      expect(Math.abs(relativeError(result.d2VolatilityDPrice2, second))).toBeLessThan(1e-12);
    }
  });
  it('states as resolution half an ulp of the price over vega', () => {
    const out = solved(blackImpliedVolatility(100, 120, 0.5, 'call', 2.503775208732238));
    expect(out.resolution).toBe(2 ** -52 * out.dVolatilityDPrice);
    const inTheMoney = solved(blackImpliedVolatility(100, 120, 0.5, 'put', 22.50377520873224));
    expect(inTheMoney.resolution).toBe(2 ** -49 * inTheMoney.dVolatilityDPrice);
  });
  it('gives dvol/dprice > 0, and a convexity of the sign of -d1 d2', () => {
    fc.assert(
      fc.property(option, (given) => {
        const quote = quoted(given);
        fc.pre(quote !== undefined);
        const { forward, strike, timeToExpiry, type, price } = quote;
        const result = blackImpliedVolatility(forward, strike, timeToExpiry, type, price);
        fc.pre(result.ok);
        expect(result.dVolatilityDPrice).toBeGreaterThan(0);
        const s = result.volatility * Math.sqrt(timeToExpiry);
        const h = Math.abs(logRatio(forward, strike)) / s;
        if (Math.abs(h / s - 0.5) > 1e-9) expect(Math.sign(result.d2VolatilityDPrice2)).toBe(Math.sign(0.5 * s - h));
      }),
      { numRuns: 400 },
    );
  });
});

describe('typed failures', () => {
  const below = Number((20 * (1 - 5 * 2 ** -52)).toPrecision(17));
  it.each<[string, [number, number, number, (typeof types)[number], number], string, number]>([
    ['a call under its intrinsic value', [120, 100, 1, 'call', 19.99], 'below-intrinsic', 0],
    ['a put under its intrinsic value', [100, 120, 1, 'put', 19.99], 'below-intrinsic', 0],
    ['a few ulp under', [120, 100, 1, 'call', below], 'below-intrinsic', 0],
    ['a negative price', [100, 120, 1, 'call', -1e-9], 'below-intrinsic', 0],
    ['the intrinsic value itself', [120, 100, 1, 'call', 20], 'at-intrinsic', 0],
    ['an ulp above the intrinsic value', [120, 100, 1, 'call', 20 + 2 ** -48], 'at-intrinsic', 0],
    ['a price of zero', [100, 120, 1, 'call', 0], 'at-intrinsic', 0],
    ['a price of minus zero', [100, 120, 1, 'call', -0], 'at-intrinsic', 0],
    ['a call at the forward', [100, 120, 1, 'call', 100], 'above-maximum', Infinity],
    ['a call above the forward', [100, 120, 1, 'call', 101], 'above-maximum', Infinity],
    ['a put at the strike', [100, 120, 1, 'put', 120], 'above-maximum', Infinity],
    ['the largest double', [100, 120, 1, 'put', Number.MAX_VALUE], 'above-maximum', Infinity],
    ['expiry, at the intrinsic value', [120, 100, 0, 'call', 20], 'expired', 0],
    ['expiry, below it', [120, 100, 0, 'call', 10], 'expired', 0],
    ['expiry, with time value', [120, 100, 0, 'call', 21], 'expired', Infinity],
    ['a value under 1e-300', [100, 120, 1, 'call', 9e-299], 'beyond-precision', 0],
    ['a shortfall under 2^-40', [100, 120, 1, 'call', 100 * (1 - 2 ** -41)], 'beyond-precision', Infinity],
    ['in the money, an ulp under the maximum', [1e6, 1e-3, 1, 'call', 1e6 - 2 ** -33], 'beyond-precision', Infinity],
    ['a volatility that is no double', [1, 1, Number.MAX_VALUE, 'call', 1e-299], 'beyond-precision', 0],
  ])('%s', (_, quote, reason, bound) => {
    const result = blackImpliedVolatility(...quote);
    const failure = failed(result);
    expect(failure.reason).toBe(reason);
    expect(failure.bound).toBe(bound);
    const [forward, strike, , type, price] = quote;
    const limit =
      bound === 0 || reason === 'expired'
        ? Math.max(type === 'call' ? forward - strike : strike - forward, 0)
        : type === 'call'
          ? forward
          : strike;
    expect(failure.distance).toBe(price - limit + 0);
  });
  it('begin where the price stops determining the volatility', () => {
    const at = (price: number) => blackImpliedVolatility(120, 100, 1, 'call', price);
    expect(at(20 * (1 + 6 * 2 ** -52)).ok).toBe(true);
    expect(blackImpliedVolatility(100, 120, 1, 'call', 1.01e-298).ok).toBe(true);
    expect(blackImpliedVolatility(100, 120, 1, 'call', 100 * (1 - 2 ** -39)).ok).toBe(true);
  });
  it('keep the difference F - K exact', () => {
    // 1 - 0.1 rounds; the exact difference lies 2.8e-17 above it, a visible part of the excess.
    const price = 0.9 + 2e-15;
    const result = solved(blackImpliedVolatility(1, 0.1, 1, 'call', price));
    const exact = impliedBlackVolatility(1, 0.1, 1, real(price).sub(real(1).sub(real(0.1))));
    expect(Math.abs(relativeError(result.volatility, exact))).toBeLessThan(1e-15);
  });
});

describe("a caller's mistake", () => {
  const good = [100, 120, 0.5, 'call', 2.5] as const;
  const fields = ['forward', 'strike', 'timeToExpiry', 'type', 'price'] as const;
  const wrong: unknown[] = [NaN, Infinity, -Infinity, '1', undefined, null, {}];
  for (const [i, field] of fields.entries()) {
    for (const value of field === 'price' ? wrong : [...wrong, -1]) {
      it(`${field} = ${String(value)}`, () => {
        const given = [...good] as unknown[];
        given[i] = value;
        const call = () => blackImpliedVolatility(...(given as unknown as Parameters<typeof blackImpliedVolatility>));
        expect(call).toThrow(InputError);
        expect(call).toThrow(field);
      });
    }
  }
  it('forward or strike 0', () => {
    expect(() => blackImpliedVolatility(0, 1, 1, 'call', 0.5)).toThrow('forward');
    expect(() => blackImpliedVolatility(1, 0, 1, 'call', 0.5)).toThrow('strike');
  });
});

describe('any finite input', () => {
  const positive = fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true });
  function noNaN(result: ImpliedVolatility): void {
    for (const value of Object.values(result)) expect(value).not.toBeNaN();
    if (result.ok) {
      expect(result.volatility).toBeGreaterThan(0);
      expect(result.volatility).toBeLessThan(Infinity);
      expect(result.dVolatilityDPrice).toBeGreaterThanOrEqual(0);
      expect(result.resolution).toBeGreaterThanOrEqual(0);
    }
  }
  it('gives no NaN', () => {
    fc.assert(
      fc.property(
        positive,
        positive,
        fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
        fc.constantFrom(...types),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (forward, strike, time, type, price) => {
          noNaN(blackImpliedVolatility(forward, strike, time, type, price));
        },
      ),
      { numRuns: 5000 },
    );
  });
  it('gives no NaN for prices between their bounds, however extreme the rest', () => {
    fc.assert(
      fc.property(
        positive,
        positive,
        fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }),
        fc.constantFrom(...types),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (forward, strike, time, type, share) => {
          const maximum = type === 'call' ? forward : strike;
          const intrinsic = Math.max(type === 'call' ? forward - strike : strike - forward, 0);
          noNaN(blackImpliedVolatility(forward, strike, time, type, intrinsic + share * (maximum - intrinsic)));
        },
      ),
      { numRuns: 5000 },
    );
  });
});
