import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { integrate } from '../../src/math/quadrature.js';
import { american, type AmericanOption, type DividendModel } from '../../src/pricing/american.js';
import { convertDividendVolatility, europeanWithDividends } from '../../src/pricing/american/dividend-conversion.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';

const call: AmericanOption = {
  type: 'call',
  spot: 100,
  strike: 95,
  timeToExpiry: 0.5,
  volatility: 0.3,
  rate: 0.04,
  dividends: [{ timeToExDate: 0.25, amount: 3 }],
};
const MODELS: readonly DividendModel[] = ['affine', 'escrowed', 'spot'];

/** E of a function of the share just before the ex-date, discounted; it is `start` e^((r - s^2/2)t + s w) + rest. */
function expectation(
  start: number,
  value: (level: number) => number,
  { rate = 0, volatility }: AmericanOption,
): number {
  const t = 0.25;
  const s = volatility * Math.sqrt(t);
  const density = (x: number): number =>
    (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * value(start * Math.exp(rate * t - 0.5 * s * s + s * x));
  return Math.exp(-rate * t) * integrate(density, -9, 9, 1e-12, [-2, -1, -0.5, 0, 0.5, 1, 2]).value;
}

describe('a call on a share that pays once is exercised just before the ex-date or at expiry', () => {
  it('spot: exercise is S - K, holding the European call on S - d', () => {
    const held = (spot: number): number =>
      spot > 3 ? blackScholes.price({ ...call, spot: spot - 3, timeToExpiry: 0.25 }) : 0;
    const exact = expectation(100, (level) => Math.max(level - 95, held(level)), call);
    expect(Math.abs(american.price({ ...call, dividendModel: 'spot' }) - exact)).toBeLessThan(5e-5);
  });

  it.each(['affine', 'escrowed'] as const)('%s: what is random is S without the dividend', (dividendModel) => {
    const escrow = 3 * Math.exp(-0.04 * 0.25);
    const held = (level: number): number => blackScholes.price({ ...call, spot: level, timeToExpiry: 0.25 });
    const exact = expectation(100 - escrow, (level) => Math.max(level + 3 - 95, held(level)), call);
    expect(Math.abs(american.price({ ...call, dividendModel }) - exact)).toBeLessThan(5e-5);
  });

  it('exercise happens there and nowhere else', () => {
    const times = american.exerciseBoundary(call).map(({ timeToExpiry }) => timeToExpiry);
    expect(times.every((time) => time >= 0.25)).toBe(true);
  });
});

describe('put and call', () => {
  it.each(MODELS)('%s: worth at least the European with the same dividends and the exercise value', (dividendModel) => {
    for (const type of ['call', 'put'] as const) {
      for (const spot of [70, 95, 130]) {
        const option: AmericanOption = { ...call, type, spot, dividendModel };
        const value = american.price(option, 'fast');
        expect(value).toBeGreaterThanOrEqual(europeanWithDividends(option) - 2e-3);
        expect(value).toBeGreaterThanOrEqual((type === 'call' ? 1 : -1) * (spot - 95));
      }
    }
  });

  it('a dividend raises the put and lowers the call', () => {
    for (const dividendModel of MODELS) {
      const more = { ...call, dividendModel, dividends: [{ timeToExDate: 0.25, amount: 5 }] };
      expect(american.price(more, 'fast')).toBeLessThan(american.price({ ...call, dividendModel }, 'fast'));
      expect(american.price({ ...more, type: 'put' }, 'fast')).toBeGreaterThan(
        american.price({ ...call, type: 'put', dividendModel }, 'fast'),
      );
    }
  });

  it('a vanishing dividend leaves the engine without dividends', () => {
    for (const dividendModel of MODELS) {
      const tiny = { ...call, type: 'put' as const, dividendModel, dividends: [{ timeToExDate: 0.2, amount: 1e-9 }] };
      expect(Math.abs(american.price(tiny) - american.price({ ...tiny, dividends: [] }, 'accurate'))).toBeLessThan(
        3e-5,
      );
    }
  });

  it('those at time 0, after expiry (but for affine) and of amount 0 do not count', () => {
    const plain = american.price({ ...call, dividends: undefined });
    const none = [
      { timeToExDate: 0, amount: 5 },
      { timeToExDate: 0.3, amount: 0 },
    ];
    const later = [{ timeToExDate: 0.6, amount: 5 }];
    expect(american.price({ ...call, dividends: none })).toBe(plain);
    expect(american.price({ ...call, dividends: later, dividendModel: 'escrowed' })).toBe(plain);
    expect(american.price({ ...call, dividends: later, dividendModel: 'spot' })).toBe(plain);
    expect(american.price({ ...call, dividends: later })).toBeLessThan(plain);
  });
});

describe('Greeks, implied volatility and limits', () => {
  it('Greeks are the derivatives of the price', () => {
    const option: AmericanOption = { ...call, type: 'put' };
    const greeks = american.greeks(option);
    const slope = (field: 'spot' | 'volatility' | 'rate' | 'dividendYield', step: number): number =>
      (american.price({ ...option, [field]: (option[field] ?? 0) + step }, 'accurate') -
        american.price({ ...option, [field]: (option[field] ?? 0) - step }, 'accurate')) /
      (2 * step);
    expect(Math.abs(greeks.delta - slope('spot', 0.5))).toBeLessThan(2e-4);
    expect(Math.abs(greeks.vega / slope('volatility', 5e-3) - 1)).toBeLessThan(1e-3);
    expect(Math.abs(greeks.rho / slope('rate', 2e-3) - 1)).toBeLessThan(1e-3);
    expect(Math.abs(greeks.dividendRho / slope('dividendYield', 2e-3) - 1)).toBeLessThan(1e-3);
    expect(greeks.theta).toBeLessThan(0);
  });

  it('the volatility of a price comes back', () => {
    const price = american.price(call, 'fast');
    const found = american.impliedVolatility(call, price, 'fast');
    expect(found.ok && Math.abs(found.volatility - 0.3)).toBeLessThan(1e-7);
    expect(american.impliedVolatility(call, 4, 'fast')).toMatchObject({ ok: false, reason: 'below-intrinsic' });
    expect(american.impliedVolatility(call, 99.9, 'fast')).toMatchObject({ ok: false, reason: 'above-maximum' });
  });

  it('without volatility the call is exercised just before the ex-date', () => {
    const certain: AmericanOption = { ...call, volatility: 0 };
    const before = 100 - 95 * Math.exp(-0.04 * 0.25);
    const after = 100 - 3 * Math.exp(-0.01) - 95 * Math.exp(-0.02);
    expect(american.price(certain)).toBeCloseTo(Math.max(before, after), 12);
    expect(american.greeks(certain)).toMatchObject({ delta: 1, gamma: 0, vega: 0 });
    expect(Math.abs(american.price({ ...certain, volatility: 1e-3 }) - american.price(certain))).toBeLessThan(1e-3);
  });
});

describe('conversion', () => {
  it('European prices agree after it, there and back', () => {
    for (const from of MODELS) {
      for (const to of MODELS) {
        const option: AmericanOption = { ...call, dividendModel: from };
        const found = convertDividendVolatility(option, to);
        if (!found.ok) throw new Error(found.reason);
        const there: AmericanOption = { ...option, dividendModel: to, volatility: found.volatility };
        expect(Math.abs(europeanWithDividends(there) - europeanWithDividends(option))).toBeLessThan(1e-6);
        const back = convertDividendVolatility(there, from);
        expect(back.ok && Math.abs(back.volatility - 0.3)).toBeLessThan(1e-7);
      }
    }
  });

  it('the share less its dividends is more volatile than the share', () => {
    const found = convertDividendVolatility({ ...call, dividendModel: 'spot' }, 'escrowed');
    expect(found.ok && found.volatility).toBeGreaterThan(0.3);
  });

  it('without dividends every model is the same', () => {
    const found = convertDividendVolatility({ ...call, dividends: [] }, 'spot');
    expect(found.ok && found.volatility).toBeCloseTo(0.3, 12);
    expect(europeanWithDividends({ ...call, dividends: [] })).toBeCloseTo(blackScholes.price(call), 11);
  });

  it('a strike below the cash still to come', () => {
    const rich: AmericanOption = { ...call, strike: 4, dividends: [{ timeToExDate: 1, amount: 6 }] };
    const escrow = 6 * Math.exp(-0.04);
    expect(europeanWithDividends(rich)).toBeCloseTo(100 - escrow + Math.exp(-0.02) * (6 * Math.exp(-0.02) - 4), 10);
    expect(europeanWithDividends({ ...rich, type: 'put' })).toBe(0);
    expect(convertDividendVolatility({ ...rich, dividendModel: 'spot' }, 'affine').ok).toBe(false);
  });
});

describe('a bad argument', () => {
  it.each([
    ['dividends', { dividends: 3 as never }],
    ['dividends[0]', { dividends: [null] as never }],
    ['dividends[0].timeToExDate', { dividends: [{ timeToExDate: -1, amount: 1 }] }],
    ['dividends[0].amount', { dividends: [{ timeToExDate: 0.1, amount: NaN }] }],
    ['dividends', { dividends: [{ timeToExDate: 0.1, amount: 101 }] }],
    ['dividendModel', { dividendModel: 'blended' as never }],
    ['volatility', { volatility: Infinity }],
  ])('%s is named: %o', (field, change) => {
    try {
      american.price({ ...call, ...change });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).field).toBe(field);
    }
  });

  it('of a conversion', () => {
    expect(() => convertDividendVolatility(call, 'blended' as never)).toThrow('to');
    expect(() => convertDividendVolatility({ ...call, volatility: 0 }, 'spot')).toThrow('volatility');
    expect(() => convertDividendVolatility({ ...call, timeToExpiry: 0 }, 'spot')).toThrow('timeToExpiry');
  });
});
