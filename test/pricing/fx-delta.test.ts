import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { createDiscountCurve } from '../../src/pricing/curves.js';
import { fxDelta, type DeltaConvention, type FxOption } from '../../src/pricing/fx-delta.js';
import { strikeFromDelta } from '../../src/pricing/strike-from-delta.js';
import { normalCdf } from '../reference/normal.js';
import { real, relativeError, type Real } from '../reference/real.js';

const market = { spot: 1.1, domesticRate: 0.05, foreignRate: 0.03, timeToExpiry: 0.5, volatility: 0.09 };
const conventions: DeltaConvention[] = ['spot', 'forward', 'spot-premium-adjusted', 'forward-premium-adjusted'];
const strikeOf = (type: 'call' | 'put', delta: number, convention: DeltaConvention): number => {
  const found = strikeFromDelta({ ...market, type }, delta, convention);
  if (!found.ok) throw new Error(found.message);
  return found.strike;
};

/** Delta by definition, to 50 digits. */
function exactDelta(option: FxOption, convention: DeltaConvention): Real {
  const [S, K, T, sigma, rd, rf] = [
    option.spot,
    option.strike,
    option.timeToExpiry,
    option.volatility,
    option.domesticRate,
    option.foreignRate,
  ].map(real) as [Real, Real, Real, Real, Real, Real];
  const s = sigma.mul(T.sqrt());
  const forward = S.mul(rd.sub(rf).mul(T).exp());
  const half = s.mul(convention.endsWith('adjusted') ? -0.5 : 0.5);
  const d = forward.div(K).ln().div(s).add(half);
  const omega = option.type === 'call' ? 1 : -1;
  const factor = convention.startsWith('spot') ? rf.mul(T).neg().exp() : real(1);
  const plain = normalCdf(d.mul(omega)).mul(factor).mul(omega);
  return convention.endsWith('adjusted') ? plain.mul(K).div(forward) : plain;
}

describe('published strikes', () => {
  // S = 1.10, r_d = 5%, r_f = 3%, half a year, 9% volatility.
  it.each<['call' | 'put', number, DeltaConvention, number]>([
    ['call', 0.25, 'spot', 1.1612601938702072],
    ['put', -0.25, 'spot', 1.0673346613478096],
    ['call', 0.25, 'forward', 1.1621357135273365],
    ['put', -0.25, 'forward', 1.0665305620796535],
    ['call', 0.25, 'spot-premium-adjusted', 1.1590090611113832],
    ['put', -0.25, 'spot-premium-adjusted', 1.0653001256198362],
  ])('%s %d %s', (type, delta, convention, strike) => {
    expect(Math.abs(strikeOf(type, delta, convention) / strike - 1)).toBeLessThan(4e-15);
  });

  it('names the largest premium-adjusted call delta', () => {
    const found = strikeFromDelta({ ...market, type: 'call' }, 0.9, 'forward-premium-adjusted');
    expect(found).toMatchObject({ ok: false, reason: 'delta-unreachable', value: 0.9 });
    if (found.ok) throw new Error('reached');
    expect(Math.abs(found.maximumDelta / 0.8589722800326013 - 1)).toBeLessThan(4e-15);
    const top = { ...market, type: 'call' as const, strike: 0.9806410003089333 };
    expect(fxDelta(top, 'forward-premium-adjusted')).toBeCloseTo(found.maximumDelta, 15);
    // At the maximum itself the strike is only known to the square root of the precision.
    expect(strikeOf('call', found.maximumDelta, 'forward-premium-adjusted')).toBeCloseTo(0.9806410003089333, 7);
    const spot = strikeFromDelta({ ...market, type: 'call' }, 0.9, 'spot-premium-adjusted');
    expect(!spot.ok && spot.maximumDelta).toBeCloseTo(found.maximumDelta * Math.exp(-0.015), 15);
  });
});

describe('fxDelta', () => {
  const option = fc.record({
    type: fc.constantFrom('call' as const, 'put' as const),
    spot: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    deviations: fc.double({ min: -6, max: 6, noNaN: true }),
    timeToExpiry: fc.double({ min: 1e-4, max: 20, noNaN: true }),
    volatility: fc.double({ min: 0.01, max: 1.5, noNaN: true }),
    domesticRate: fc.double({ min: -0.02, max: 0.2, noNaN: true }),
    foreignRate: fc.double({ min: -0.02, max: 0.2, noNaN: true }),
  });

  it('agrees with its definition to 50 digits', () => {
    fc.assert(
      fc.property(option, fc.constantFrom(...conventions), ({ deviations, ...rest }, convention) => {
        const drift = (rest.domesticRate - rest.foreignRate) * rest.timeToExpiry;
        const strike = rest.spot * Math.exp(drift + deviations * rest.volatility * Math.sqrt(rest.timeToExpiry));
        const full = { ...rest, strike };
        // Rounding of x = ln(F/K) moves d by eps (|x| + carry)/s, and the delta by up to 1 + |d| times that.
        const s = rest.volatility * Math.sqrt(rest.timeToExpiry);
        const rates = (Math.abs(rest.domesticRate) + Math.abs(rest.foreignRate)) * rest.timeToExpiry;
        const x = Math.abs(Math.log(rest.spot / strike) + drift) + rates;
        const d = x / s + s;
        const bound = 2 ** -52 * (4 + rates + x + 2 * (1 + d) * d);
        const exact = exactDelta(full, convention);
        expect(relativeError(fxDelta(full, convention), exact)).toBeLessThan(bound);
      }),
      { numRuns: 300 },
    );
  });

  it('satisfies delta parity: a call less a put is q, or q K/F premium-adjusted', () => {
    fc.assert(
      fc.property(option, fc.constantFrom(...conventions), ({ deviations, ...rest }, convention) => {
        const strike = rest.spot * Math.exp(deviations * rest.volatility * Math.sqrt(rest.timeToExpiry));
        const call = fxDelta({ ...rest, strike, type: 'call' }, convention);
        const put = fxDelta({ ...rest, strike, type: 'put' }, convention);
        const carry = (rest.domesticRate - rest.foreignRate) * rest.timeToExpiry;
        const q = convention.startsWith('spot') ? Math.exp(-rest.foreignRate * rest.timeToExpiry) : 1;
        const expected = convention.endsWith('adjusted') ? (q * strike) / (rest.spot * Math.exp(carry)) : q;
        expect(Math.abs((call - put) / expected - 1)).toBeLessThan(
          1e-14 * (1 + Math.abs(carry) + Math.abs(deviations)),
        );
      }),
    );
  });

  it('has defined limits', () => {
    const at = (change: Partial<FxOption>, convention: DeltaConvention): number =>
      fxDelta(
        {
          type: 'call',
          spot: 1,
          strike: 1,
          timeToExpiry: 1,
          volatility: 0.1,
          domesticRate: 0,
          foreignRate: 0,
          ...change,
        },
        convention,
      );
    for (const convention of conventions) {
      for (const still of [{ volatility: 0 }, { timeToExpiry: 0 }, { timeToExpiry: 0, volatility: Infinity }]) {
        expect(at(still, convention)).toBe(0.5);
        expect(at({ ...still, type: 'put' }, convention)).toBe(-0.5);
        expect(Math.abs(at({ ...still, strike: 2 }, convention))).toBe(0);
      }
    }
    expect(at({ volatility: 0, strike: 0.5 }, 'forward')).toBe(1);
    expect(at({ volatility: 0, strike: 0.5 }, 'forward-premium-adjusted')).toBe(0.5);
    expect(at({ volatility: 0, strike: 2, type: 'put' }, 'forward-premium-adjusted')).toBe(-2);
    expect(at({ volatility: Infinity }, 'forward')).toBe(1);
    expect(at({ volatility: Infinity }, 'forward-premium-adjusted')).toBe(0);
    expect(at({ volatility: Infinity, type: 'put', strike: 3 }, 'forward-premium-adjusted')).toBeCloseTo(-3, 14);
    for (const volatility of [0, 0.1, Infinity]) {
      expect(at({ strike: 0, volatility }, 'forward')).toBe(1);
      expect(at({ strike: 0, volatility }, 'forward-premium-adjusted')).toBe(0);
      expect(Math.abs(at({ strike: 0, volatility, type: 'put' }, 'forward'))).toBe(0);
      expect(Math.abs(at({ strike: 0, volatility, type: 'put' }, 'forward-premium-adjusted'))).toBe(0);
    }
  });

  it('takes curves for rates', () => {
    const domesticRate = createDiscountCurve({ times: [1], zeroRates: [0.05] });
    const foreignRate = createDiscountCurve({ times: [1], zeroRates: [0.03] });
    const option = { ...market, type: 'call' as const, strike: 1.15 };
    expect(fxDelta({ ...option, domesticRate, foreignRate }, 'spot')).toBeCloseTo(fxDelta(option, 'spot'), 15);
  });
});

describe('strikeFromDelta', () => {
  it('finds the strike whose delta it was given, in each convention', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...conventions),
        fc.constantFrom('call' as const, 'put' as const),
        fc.double({ min: 1e-6, max: 3, noNaN: true }),
        fc.double({ min: 1e-3, max: 4, noNaN: true }),
        fc.double({ min: 1e-3, max: 4, noNaN: true }),
        fc.double({ min: -0.05, max: 0.2, noNaN: true }),
        (convention, type, size, volatility, timeToExpiry, foreignRate) => {
          const rest = { type, spot: 100, timeToExpiry, volatility, domesticRate: 0.03, foreignRate };
          const delta = type === 'call' ? size : -size;
          const found = strikeFromDelta(rest, delta, convention);
          if (!found.ok) {
            expect(Math.abs(found.maximumDelta)).toBeLessThanOrEqual(size);
            return;
          }
          const s = volatility * Math.sqrt(timeToExpiry);
          const again = fxDelta({ ...rest, strike: found.strike }, convention);
          // The rounding of the strike alone moves the delta by (h/s) eps.
          expect(Math.abs(again / delta - 1)).toBeLessThan(1e-14 * (1 + s * s + 10 / s));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives the higher of the two strikes of a premium-adjusted call, for every reachable delta', () => {
    for (const volatility of [1e-4, 0.05, 0.3, 1, 3, 12]) {
      const rest = {
        type: 'call' as const,
        spot: 2,
        timeToExpiry: 1,
        volatility,
        domesticRate: 0.01,
        foreignRate: 0.02,
      };
      const beyond = strikeFromDelta(rest, 2, 'forward-premium-adjusted');
      if (beyond.ok) throw new Error('reached');
      let above = Infinity;
      for (const share of [1e-12, 1e-6, 0.01, 0.3, 0.7, 0.99, 0.999999]) {
        const delta = share * beyond.maximumDelta;
        const found = strikeFromDelta(rest, delta, 'forward-premium-adjusted');
        if (!found.ok) throw new Error(found.message);
        const at = (strike: number): number => fxDelta({ ...rest, strike }, 'forward-premium-adjusted');
        expect(Math.abs(at(found.strike) / delta - 1)).toBeLessThan(1e-12 * (1 + 1e-3 / volatility));
        expect(at(found.strike * (1 + 1e-6 * volatility))).toBeLessThan(delta);
        expect(found.strike).toBeLessThan(above);
        above = found.strike;
      }
      const past = strikeFromDelta(rest, beyond.maximumDelta * (1 + 1e-9), 'forward-premium-adjusted');
      expect(past).toMatchObject({ ok: false, reason: 'delta-unreachable', maximumDelta: beyond.maximumDelta });
    }
  });

  it('reaches any premium-adjusted put delta, and no plain delta of q or more', () => {
    for (const delta of [-1e-9, -0.5, -1, -7, -400]) {
      const strike = strikeOf('put', delta, 'forward-premium-adjusted');
      expect(
        Math.abs(fxDelta({ ...market, type: 'put', strike }, 'forward-premium-adjusted') / delta - 1),
      ).toBeLessThan(1e-13);
    }
    const q = Math.exp(-0.015);
    expect(strikeFromDelta({ ...market, type: 'call' }, q, 'spot')).toMatchObject({ ok: false, maximumDelta: q });
    expect(strikeFromDelta({ ...market, type: 'put' }, -1.2, 'spot')).toMatchObject({ ok: false, maximumDelta: -q });
    expect(strikeFromDelta({ ...market, type: 'put' }, -1, 'forward')).toMatchObject({ ok: false, maximumDelta: -1 });
  });

  it('is the forward without volatility or time', () => {
    for (const convention of conventions) {
      for (const type of ['call', 'put'] as const) {
        const found = strikeFromDelta({ ...market, volatility: 0, type }, type === 'call' ? 0.3 : -0.3, convention);
        expect(found.ok && found.strike).toBeCloseTo(1.1110551837925848, 15);
        const now = strikeFromDelta({ ...market, timeToExpiry: 0, type }, type === 'call' ? 0.3 : -0.3, convention);
        expect(now.ok && now.strike).toBe(1.1);
      }
    }
  });

  it('fails typed where the strike is no double', () => {
    const wide = { ...market, volatility: 60, type: 'call' as const };
    expect(strikeFromDelta(wide, 0.5, 'forward')).toMatchObject({ ok: false, reason: 'delta-unreachable' });
  });
});

describe('bad input', () => {
  const good: FxOption = { ...market, type: 'call', strike: 1.1 };
  const wrongs = [NaN, Infinity, -Infinity, -1, '1', undefined];
  const cases = Object.keys(good).flatMap((field) => wrongs.map((wrong) => [field, wrong] as const));
  it.each(cases)('%s = %s throws or is a documented limit', (field, wrong) => {
    const option = { ...good, [field]: wrong };
    const negativeRate = field.endsWith('Rate') && wrong === -1;
    const infiniteVolatility = field === 'volatility' && wrong === Infinity;
    for (const convention of conventions) {
      if (negativeRate || infiniteVolatility) expect(Number.isFinite(fxDelta(option, convention))).toBe(true);
      else expect(() => fxDelta(option, convention)).toThrow(InputError);
      if (field === 'strike') continue;
      if (negativeRate) expect(strikeFromDelta(option, 0.2, convention).ok).toBe(true);
      else expect(() => strikeFromDelta(option, 0.2, convention)).toThrow(InputError);
    }
  });

  it('refuses deltas that are no delta of the type, and unknown conventions', () => {
    for (const wrong of [NaN, Infinity, -Infinity, '1', undefined, 0, -0.2] as number[]) {
      expect(() => strikeFromDelta({ ...market, type: 'call' }, wrong, 'spot')).toThrow(InputError);
    }
    expect(() => strikeFromDelta({ ...market, type: 'put' }, 0.2, 'spot')).toThrow(InputError);
    expect(() => fxDelta(good, 'premium' as DeltaConvention)).toThrow(InputError);
    expect(() => strikeFromDelta(good, 0.2, 'premium' as DeltaConvention)).toThrow(InputError);
    expect(() => fxDelta(undefined as unknown as FxOption, 'spot')).toThrow(InputError);
  });
});
