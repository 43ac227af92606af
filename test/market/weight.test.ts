import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { inverseVarianceBlend, volatilityDeviation } from '../../src/market/weight.js';
import { seeded } from './support.js';

describe('standard deviation of a quoted volatility', () => {
  it('is the root of the three squares', () => {
    // Half-spread 1.2 vol points over sqrt(3); half a tick of 0.1 over a vega of 50 is 0.1 vol point; one basis point.
    const expected = Math.sqrt(0.012 ** 2 / 3 + 0.001 ** 2 + 1e-8);
    expect(volatilityDeviation(0.388, 0.412, 50, 0.1)).toBeCloseTo(expected, 15);
  });

  it('is never below a basis point, and has no rounding where volatility itself is quoted', () => {
    expect(volatilityDeviation(0.2, 0.2, 0, 0)).toBe(1e-4);
    expect(volatilityDeviation(0.2, 0.2, 1e9, 0.05)).toBeCloseTo(1e-4, 12);
    expect(volatilityDeviation(0.2, 0.2, 0, 0.05)).toBe(Infinity);
  });

  it('is the scatter of an error uniform across the spread', () => {
    const random = seeded(5);
    let squares = 0;
    for (let i = 0; i < 20_000; i++) squares += (0.01 * (2 * random() - 1)) ** 2;
    expect(Math.sqrt(squares / 20_000)).toBeCloseTo(volatilityDeviation(0.3, 0.32, 1, 0), 4);
  });

  it('weights fall as the spread widens', () => {
    const widths = [0, 0.001, 0.01, 0.1].map((width) => volatilityDeviation(0.3, 0.3 + width, 10, 0.01));
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
  });

  it.each([
    ['volatilityBid', () => volatilityDeviation(-0.1, 0.2, 1, 0)],
    ['volatilityAsk - volatilityBid', () => volatilityDeviation(0.3, 0.2, 1, 0)],
    ['vega', () => volatilityDeviation(0.1, 0.2, NaN, 0)],
    ['tick', () => volatilityDeviation(0.1, 0.2, 1, -1)],
    ['first', () => inverseVarianceBlend(0, 1)],
    ['second', () => inverseVarianceBlend(1, Infinity)],
  ])('throws on a wrong %s', (field, call) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(expect.objectContaining({ field }));
  });
});

describe('blend by inverse variance', () => {
  it('gives each its precision', () => {
    const { weight, standardDeviation } = inverseVarianceBlend(0.01, 0.02);
    expect(weight).toBeCloseTo(0.8, 15);
    expect(standardDeviation).toBeCloseTo(1 / Math.sqrt(1e4 + 2.5e3), 15);
    expect(inverseVarianceBlend(0.3, 0.3).weight).toBeCloseTo(0.5, 15);
  });
});
