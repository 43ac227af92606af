import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  outOfTheMoneyFraction,
  outOfTheMoneyShortfall,
  outOfTheMoneyValue,
  scaledBlack,
} from '../../src/pricing/black.js';
import { otmBlack } from '../reference/values.js';
import { real, relativeError } from '../reference/real.js';
import { denseAccuracy, kernelAccuracy, priceAccuracy } from './black-accuracy.js';

/** b(x, s), a call per sqrt(F K) with x = ln(F/K) <= 0. */
function normalisedBlack(x: number, s: number): number {
  return Math.exp(-Math.abs(x) / 2) * outOfTheMoneyFraction(Math.abs(x), s);
}

const h = fc.double({ min: 0, max: 37, noNaN: true });
const s = fc.double({ min: Math.log(1e-8), max: Math.log(50), noNaN: true }).map(Math.exp);

describe('normalised Black anchors', () => {
  it.each([
    [0, 0.2, '.079655674554057963'],
    [-0.1, 0.2, '.039458602641807'],
    [-1, 0.1, '7.4653976115685746e-26'],
    [-0.01, 0.001, '7.4745593377628338e-28'],
    [-5, 0.5, '3.6244167118344717e-25'],
    [-20, 4, '3.3095528600856932e-8'],
    [-0.2, 6, '.90213889551415807'],
    [-100, 10, '3.6255038819228238e-29'],
  ])('b(%d, %d) = %s', (x, standardDeviation, expected) => {
    expect(Math.abs(relativeError(normalisedBlack(x, standardDeviation), real(expected)))).toBeLessThan(1e-13);
  });

  it('b(-0.001, 1e-5) is 1.3e-2181, an exact zero among the doubles', () => {
    expect(normalisedBlack(-0.001, 1e-5)).toBe(0);
  });
});

describe('accuracy against 80 digits, and 25 where samples are dense', () => {
  for (const row of [...kernelAccuracy(120, 7), ...denseAccuracy(20_000, 7), ...priceAccuracy(150, 7)]) {
    it(`${row.name}, ${row.region}: within ${row.bound} x ${row.unit}`, () => {
      expect(row.worst, `at ${row.at.join(', ')}`).toBeLessThanOrEqual(row.bound);
    });
  }

  it('keeps its bound on both sides of every seam between the regimes', () => {
    for (const t of [0.2, 0.5, 0.69, 1]) {
      for (const ratio of [0, 0.1, t - 0.69 > 0 ? t - 0.69 : 0, t, 1, 2.999999, 3, 3.000001, 10, 30, 36]) {
        for (const step of [-1e-9, 0, 1e-9]) {
          const deviation = 2 * (t + step);
          const x = ratio * deviation;
          const error = Math.abs(relativeError(outOfTheMoneyFraction(x, deviation), otmBlack(x, deviation)));
          expect(error, `x ${x}, s ${deviation}`).toBeLessThanOrEqual(8 * 2 ** -53 * (1 + (x / deviation) ** 2));
        }
      }
    }
  });

  it('holds where a large level brings back what the Gaussian alone has lost', () => {
    const value = outOfTheMoneyValue(1e250, 1e250 * Math.exp(4.2), 0.1);
    const ratio = Math.log((1e250 * Math.exp(4.2)) / 1e250);
    const exact = otmBlack(ratio, 0.1).mul('1e250');
    expect(value).toBeGreaterThan(0);
    expect(Math.abs(relativeError(value, exact))).toBeLessThan(1e-12);
  });
});

describe('limits', () => {
  it.each([
    ['no deviation', outOfTheMoneyFraction(0.1, 0), 0],
    ['no deviation at the money', outOfTheMoneyFraction(0, 0), 0],
    ['infinite deviation', outOfTheMoneyFraction(0.1, Infinity), 1],
    ['infinite moneyness', outOfTheMoneyFraction(Infinity, 0.2), 0],
    ['both infinite', outOfTheMoneyFraction(Infinity, Infinity), 0],
    ['shortfall without deviation', outOfTheMoneyShortfall(0.1, 0), 1],
    ['shortfall of infinite deviation', outOfTheMoneyShortfall(0.1, Infinity), 0],
    ['shortfall of infinite moneyness', outOfTheMoneyShortfall(Infinity, 3), 1],
    ['strike 0', outOfTheMoneyValue(100, 0, 0.2), 0],
    ['huge deviation', outOfTheMoneyValue(100, 120, 1e300), 100],
    ['tiny deviation', outOfTheMoneyValue(100, 120, 1e-300), 0],
  ])('%s', (_, value, expected) => {
    expect(value).toBe(expected);
  });

  it('at the money with a tiny deviation the value is s/sqrt(2 pi)', () => {
    expect(outOfTheMoneyFraction(0, 1e-300) / 1e-300).toBeCloseTo(0.3989422804014327, 15);
  });
});

describe('properties', () => {
  it('value and shortfall add to one, each in its range', () => {
    fc.assert(
      fc.property(h, s, (ratio, deviation) => {
        const x = ratio * deviation;
        const value = outOfTheMoneyFraction(x, deviation);
        const rest = outOfTheMoneyShortfall(x, deviation);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(Math.abs(value + rest - 1)).toBeLessThanOrEqual(1e-14);
      }),
    );
  });

  it('grows with the deviation and falls with the distance, also between neighbours but for rounding', () => {
    fc.assert(
      fc.property(h, s, fc.double({ min: 1e-12, max: 0.5, noNaN: true }), (ratio, deviation, step) => {
        const x = ratio * deviation;
        const slack = 1 + 2e-15 * (1 + ratio * ratio);
        const value = outOfTheMoneyFraction(x, deviation);
        expect(outOfTheMoneyFraction(x, deviation * (1 + step)) * slack).toBeGreaterThanOrEqual(value);
        expect(outOfTheMoneyFraction(x * (1 + step), deviation)).toBeLessThanOrEqual(value * slack);
      }),
    );
  });

  it('forward and strike change places: C(F, K) = P(K, F)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        s,
        (f, k, deviation) => {
          const value = outOfTheMoneyValue(f, k, deviation);
          const ratio = Math.log(f / k) / deviation;
          expect(Math.abs(outOfTheMoneyValue(k, f, deviation) - value)).toBeLessThanOrEqual(
            1e-15 * (1 + ratio * ratio) * value,
          );
        },
      ),
    );
  });

  it('the scaled value is positive and never NaN', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.double({ min: 1e-10, max: 60, noNaN: true }),
        (ratio, t) => {
          expect(scaledBlack(ratio, t)).toBeGreaterThan(0);
        },
      ),
    );
  });
});
