import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import {
  createDiscountCurve,
  createForwardCurve,
  discountFactor,
  forwardPrice,
  forwardRate,
  forwardSpotSensitivity,
  impliedDividendYield,
  openCurve,
  zeroRate,
  type DiscountCurveInput,
  type Rate,
} from '../../src/pricing/curves.js';

const times = [0.25, 0.5, 1, 2, 5];
const zeroRates = [0.05, 0.048, 0.045, 0.04, 0.038];

describe('discount curves', () => {
  const curve = createDiscountCurve({ times, zeroRates });

  it('meets its nodes, from zero rates and from discount factors', () => {
    const again = createDiscountCurve({ times, discountFactors: times.map((t, i) => Math.exp(-zeroRates[i]! * t)) });
    times.forEach((t, i) => {
      expect(zeroRate(curve, t)).toBeCloseTo(zeroRates[i]!, 15);
      expect(zeroRate(again, t)).toBeCloseTo(zeroRates[i]!, 14);
      expect(discountFactor(curve, t)).toBeCloseTo(Math.exp(-zeroRates[i]! * t), 15);
    });
    expect(discountFactor(curve, 0)).toBe(1);
    expect(zeroRate(curve, 0)).toBe(0.05);
  });

  it('keeps the instantaneous forward rate constant between nodes and beyond the last', () => {
    const last = (0.038 * 5 - 0.04 * 2) / 3;
    for (const [from, to] of [
      [2, 3],
      [3.7, 4.1],
      [4.5, 6],
      [7, 40],
    ] as const) {
      expect(forwardRate(curve, from, to)).toBeCloseTo(last, 13);
    }
    expect(forwardRate(curve, 0, 0.1)).toBeCloseTo(0.05, 14);
  });

  it('interpolates zero rates linearly where asked, flat outside the nodes', () => {
    const linear = createDiscountCurve({ times, zeroRates, interpolation: 'linear-zero' });
    expect(zeroRate(linear, 1.5)).toBeCloseTo(0.0425, 15);
    expect(zeroRate(linear, 0.1)).toBe(0.05);
    expect(zeroRate(linear, 0)).toBe(0.05);
    expect(zeroRate(linear, 9)).toBeCloseTo(0.038, 15);
    expect(discountFactor(linear, 1.5)).toBeCloseTo(Math.exp(-0.0425 * 1.5), 15);
  });

  it('is flat with a single node, and equal to a number then', () => {
    const flat = createDiscountCurve({ times: [2], zeroRates: [-0.01] });
    for (const t of [0, 0.3, 2, 11]) {
      expect(discountFactor(flat, t)).toBeCloseTo(discountFactor(-0.01, t), 15);
      expect(zeroRate(flat, t)).toBeCloseTo(-0.01, 15);
    }
  });

  it('composes: DF(0, b) = DF(0, a) e^(-f(a, b) (b - a))', () => {
    const time = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(
        time,
        time,
        fc.constantFrom<Rate>(curve, 0.03, createDiscountCurve({ times, zeroRates, interpolation: 'linear-zero' })),
        (a, b, rate) => {
          fc.pre(b > a + 1e-6);
          const composed = discountFactor(rate, a) * Math.exp(-forwardRate(rate, a, b) * (b - a));
          expect(Math.abs(composed / discountFactor(rate, b) - 1)).toBeLessThan(1e-14);
        },
      ),
    );
  });

  it('is immutable plain data that can be cloned', () => {
    expect(Object.isFrozen(curve) && Object.isFrozen(curve.times) && Object.isFrozen(curve.logDiscountFactors)).toBe(
      true,
    );
    expect(discountFactor(structuredClone(curve), 3)).toBe(discountFactor(curve, 3));
  });

  it('refuses curves that are none', () => {
    const make = (input: unknown) => () => createDiscountCurve(input as DiscountCurveInput);
    for (const wrong of [NaN, Infinity, -1, 0, '1', undefined, null]) {
      expect(make({ times: [wrong], zeroRates: [0.01] })).toThrow(InputError);
      expect(make({ times: [1], discountFactors: [wrong] })).toThrow(InputError);
      if (wrong !== 0 && wrong !== -1) expect(make({ times: [1], zeroRates: [wrong] })).toThrow(InputError);
      if (wrong !== 0) expect(() => discountFactor(curve, wrong as number)).toThrow(InputError);
      if (wrong !== 0) expect(() => zeroRate(curve, wrong as number)).toThrow(InputError);
      if (wrong !== 0 && wrong !== -1) expect(() => discountFactor(wrong as number, 1)).toThrow(InputError);
      if (wrong !== 0) expect(() => forwardRate(0.1, wrong as number, 2)).toThrow(InputError);
      expect(() => forwardRate(0.1, 0, wrong as number)).toThrow(InputError);
      expect(make(wrong)).toThrow(InputError);
    }
    expect(make({ times: [], zeroRates: [] })).toThrow(InputError);
    expect(make({ times: [2, 1], zeroRates: [0, 0] })).toThrow(InputError);
    expect(make({ times: [1, 1], zeroRates: [0, 0] })).toThrow(InputError);
    expect(make({ times: [1, 2], zeroRates: [0] })).toThrow(InputError);
    expect(make({ times: [1] })).toThrow(InputError);
    expect(make({ times: [1], zeroRates: [0], discountFactors: [1] })).toThrow(InputError);
    expect(make({ times: [1], zeroRates: [0], interpolation: 'cubic' })).toThrow(InputError);
    expect(() => discountFactor({} as unknown as Rate, 1)).toThrow(InputError);
    expect(() => forwardRate(0.1, 2, 1)).toThrow(InputError);
  });
});

describe('forward curves', () => {
  const rate = createDiscountCurve({ times, zeroRates });
  const dividends = [
    { timeToExDate: 1.5, amount: 2 },
    { timeToExDate: 0.5, amount: 1 },
    { timeToExDate: 0, amount: 50 },
  ];
  const curve = createForwardCurve({ spot: 100, rate, dividendYield: 0.01, dividends });

  it('is the spot carried by its rates where there are no dividends', () => {
    const plain = createForwardCurve({ spot: 100, rate: 0.05, dividendYield: 0.02 });
    expect(forwardPrice(plain, 2)).toBeCloseTo(100 * Math.exp(0.06), 12);
    expect(forwardPrice(plain, 0)).toBe(100);
    expect(forwardPrice(createForwardCurve({ spot: 7 }), 3)).toBe(7);
    expect(impliedDividendYield(plain, 2)).toBeCloseTo(0.02, 14);
  });

  it('pays each dividend out of the stock on its ex-date, which the forward then carries', () => {
    // A share bought now and carried: dividends reinvested at the rate must make up the difference.
    const growth = (from: number, to: number): number =>
      (Math.exp(-0.01 * (to - from)) * discountFactor(rate, from)) / discountFactor(rate, to);
    const before = 100 * growth(0, 0.5);
    expect(forwardPrice(curve, 0.4999999999)).toBeCloseTo(before, 6);
    expect(forwardPrice(curve, 0.5)).toBeCloseTo(before - 1, 11);
    const atSecond = (before - 1) * growth(0.5, 1.5) - 2;
    expect(forwardPrice(curve, 1.5)).toBeCloseTo(atSecond, 11);
    expect(forwardPrice(curve, 4)).toBeCloseTo(atSecond * growth(1.5, 4), 11);
  });

  it('gives the equivalent yield and the sensitivity to spot', () => {
    const yieldTo4 = impliedDividendYield(curve, 4);
    expect(100 * Math.exp((zeroRate(rate, 4) - yieldTo4) * 4)).toBeCloseTo(forwardPrice(curve, 4), 11);
    const bumped = createForwardCurve({ spot: 101, rate, dividendYield: 0.01, dividends });
    expect(forwardPrice(bumped, 4) - forwardPrice(curve, 4)).toBeCloseTo(forwardSpotSensitivity(curve, 4), 11);
  });

  it('opens as an object with discountFactor(T) and forward(T)', () => {
    const view = openCurve(curve);
    expect(view.forward(1)).toBe(forwardPrice(curve, 1));
    expect(view.discountFactor(1)).toBe(discountFactor(rate, 1));
    expect(view.zeroRate(1)).toBe(zeroRate(rate, 1));
    expect(Object.isFrozen(view) && Object.isFrozen(curve) && Object.isFrozen(curve.dividends)).toBe(true);
    expect(forwardPrice(structuredClone(curve), 2)).toBe(forwardPrice(curve, 2));
  });

  it('refuses what is out of range, field by field', () => {
    for (const wrong of [NaN, Infinity, -Infinity, -1, '1', null] as unknown as number[]) {
      expect(() => createForwardCurve({ spot: wrong })).toThrow(InputError);
      if (wrong !== -1) expect(() => createForwardCurve({ spot: 1, rate: wrong })).toThrow(InputError);
      if (wrong !== -1) expect(() => createForwardCurve({ spot: 1, dividendYield: wrong })).toThrow(InputError);
      expect(() => createForwardCurve({ spot: 1, dividends: [{ timeToExDate: wrong, amount: 1 }] })).toThrow(
        InputError,
      );
      expect(() => createForwardCurve({ spot: 1, dividends: [{ timeToExDate: 1, amount: wrong }] })).toThrow(
        InputError,
      );
      expect(() => forwardPrice(curve, wrong)).toThrow(InputError);
      expect(() => forwardSpotSensitivity(curve, wrong)).toThrow(InputError);
      expect(() => impliedDividendYield(curve, wrong)).toThrow(InputError);
    }
    expect(() => createForwardCurve({} as unknown as { spot: number })).toThrow(InputError);
    expect(() => impliedDividendYield(curve, 0)).toThrow(InputError);
    expect(() => forwardPrice(createForwardCurve({ spot: 1, dividends: [{ timeToExDate: 1, amount: 2 }] }), 1)).toThrow(
      InputError,
    );
  });
});
