import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import { black76 } from '../../src/pricing/black76.js';
import {
  createDiscountCurve,
  createForwardCurve,
  discountFactor,
  impliedDividendYield,
  openCurve,
  zeroRate,
} from '../../src/pricing/curves.js';
import { higherGreeks } from '../../src/pricing/higher-greeks.js';

const rate = createDiscountCurve({ times: [0.25, 1, 5], zeroRates: [0.05, 0.045, 0.03] });
const dividendYield = createDiscountCurve({ times: [0.5, 2], discountFactors: [0.995, 0.97] });
const option = { type: 'call', spot: 100, strike: 105, timeToExpiry: 1.5, volatility: 0.25 } as const;

describe('Black-Scholes on curves', () => {
  test('is Black on the forward and the discount factor of the curves', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 7, noNaN: true }),
        fc.constantFrom('call', 'put'),
        (timeToExpiry, type) => {
          const curve = openCurve(createForwardCurve({ spot: 100, rate, dividendYield }));
          const expected = black76.price({
            ...option,
            type,
            timeToExpiry,
            forward: curve.forward(timeToExpiry),
            discountFactor: curve.discountFactor(timeToExpiry),
          });
          const price = blackScholes.price({ ...option, type, timeToExpiry, rate, dividendYield });
          expect(Math.abs(price / expected - 1)).toBeLessThan(1e-12);
        },
      ),
    );
  });

  test('rho is the derivative by a parallel shift of the zero rates', () => {
    const shifted = (by: number) =>
      createDiscountCurve({ times: [0.25, 1, 5], zeroRates: [0.05 + by, 0.045 + by, 0.03 + by] });
    const at = (by: number): number => blackScholes.price({ ...option, rate: shifted(by), dividendYield });
    const { rho } = blackScholes.greeks({ ...option, rate, dividendYield });
    expect((at(1e-5) - at(-1e-5)) / 2e-5).toBeCloseTo(rho, 6);
  });

  test('higher Greeks take the same zero rates', () => {
    const flat = { rate: zeroRate(rate, 1.5), dividendYield: zeroRate(dividendYield, 1.5) };
    expect(higherGreeks('black-scholes', { ...option, rate, dividendYield })).toEqual(
      higherGreeks('black-scholes', { ...option, ...flat }),
    );
  });

  test('implied volatility gives the volatility back', () => {
    const price = blackScholes.price({ ...option, rate, dividendYield });
    const implied = blackScholes.impliedVolatility({ ...option, rate, dividendYield }, price);
    expect(implied.ok && Math.abs(implied.volatility - 0.25)).toBeLessThan(1e-15);
  });

  test('cash dividends come in as the yield that gives their forward', () => {
    const curve = createForwardCurve({
      spot: 100,
      rate,
      dividends: [
        { timeToExDate: 0.4, amount: 2 },
        { timeToExDate: 1.2, amount: 2.1 },
      ],
    });
    const price = blackScholes.price({ ...option, rate, dividendYield: impliedDividendYield(curve, 1.5) });
    const expected = black76.price({
      ...option,
      forward: openCurve(curve).forward(1.5),
      discountFactor: discountFactor(rate, 1.5),
    });
    expect(Math.abs(price / expected - 1)).toBeLessThan(1e-12);
  });

  test.each([{ rate: {} }, { rate: 'x' }, { dividendYield: null }, { rate: { times: [1], logDiscountFactors: [] } }])(
    '%j is no curve',
    (bad) => {
      expect(() => blackScholes.price({ ...option, ...(bad as object) })).toThrow(Object.keys(bad)[0]!);
    },
  );
});
