import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concentration } from '../../src/risk/concentration.js';

describe('concentration', () => {
  it('weights .5, .3, .2: index .38, 2.6316 effective names', () => {
    const c = concentration([0.5, 0.3, 0.2]);
    expect(c.herfindahl).toBeCloseTo(0.38, 14);
    expect(c.effectiveNumber).toBeCloseTo(2.6316, 4);
    expect(c.topShare(0)).toBe(0);
    expect(c.topShare(2)).toBeCloseTo(0.8, 14);
    expect(c.topShare(9)).toBe(1);
  });

  const book = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
  const held = book.filter((values) => values.some((v) => Math.abs(v) > 1e-3));

  it('lies between 1/n and 1, ignores scale and sign, and does not fall when two names become one', () => {
    fc.assert(
      fc.property(held, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (values, scale) => {
        const result = concentration(values);
        const { herfindahl, effectiveNumber } = result;
        expect(herfindahl).toBeGreaterThanOrEqual(1 / values.length - 1e-12);
        expect(herfindahl).toBeLessThanOrEqual(1 + 1e-12);
        expect(effectiveNumber).toBeCloseTo(1 / herfindahl, 10);
        expect(concentration(values.map((v) => -scale * v)).herfindahl).toBeCloseTo(herfindahl, 12);
        expect(result.topShare(1)).toBeGreaterThanOrEqual(1 / values.length - 1e-12);
        expect(result.topShare(2)).toBeGreaterThanOrEqual(result.topShare(1));
        if (values.length < 2) return;
        const [a, b, ...rest] = values.map(Math.abs);
        expect(concentration([a! + b!, ...rest]).herfindahl).toBeGreaterThanOrEqual(herfindahl - 1e-12);
      }),
    );
  });

  it('nothing held is no concentration; sizes near the greatest double do not overflow', () => {
    expect(concentration([])).toMatchObject({ herfindahl: 0, effectiveNumber: 0 });
    expect(concentration([0, 0]).topShare(1)).toBe(0);
    expect(concentration([1e308, 1e308]).herfindahl).toBe(0.5);
  });

  it('names what is wrong', () => {
    expect(() => concentration([1, NaN])).toThrow('values[1]');
    expect(() => concentration([1]).topShare(-1)).toThrow('n must be');
    expect(() => concentration([1]).topShare(0.5)).toThrow('n must be');
  });
});
