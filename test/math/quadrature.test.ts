import { describe, expect, test } from 'vitest';
import { integrate } from '../../src/math/quadrature.js';

describe('adaptive Gauss-Kronrod quadrature', () => {
  test.each(Array.from({ length: 12 }, (_, i) => 2 * i))('integrates x^%i exactly up to rounding', (degree) => {
    const { value, error } = integrate((x) => x ** degree, -1, 1);
    expect(Math.abs(value - 2 / (degree + 1))).toBeLessThan(4e-16);
    expect(error).toBeLessThan(1e-13);
  });

  test('a Gaussian over forty deviations', () => {
    const { value } = integrate((x) => Math.exp(-0.5 * x * x), -40, 40);
    expect(Math.abs(value / Math.sqrt(2 * Math.PI) - 1)).toBeLessThan(1e-14);
  });

  test('a kink is found by halving, and at once where it is named', () => {
    let calls = 0;
    const kink = (x: number): number => {
      calls++;
      return Math.abs(x - 0.3);
    };
    expect(integrate(kink, 0, 1).value).toBeCloseTo(0.29, 14);
    const searched = calls;
    calls = 0;
    expect(integrate(kink, 0, 1, 1e-13, [0.3]).value).toBeCloseTo(0.29, 15);
    expect(calls).toBeLessThan(searched / 5);
  });

  test('an integrable singularity stops at the piece limit and says how far off it may be', () => {
    const { value, error } = integrate((x) => 1 / Math.sqrt(x), 0, 1);
    expect(Math.abs(value - 2)).toBeLessThan(Math.max(error, 1e-12) * 10);
  });
});
