import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { ssvi, ssviDerivatives, ssviTotalVariance } from '../../../src/volatility/smile/ssvi.js';
import { svi } from '../../../src/volatility/smile/svi.js';
import { real } from '../../reference/real.js';

function exactTotalVariance(theta: number, rho: number, phi: number, k: number): number {
  const x = real(phi).times(real(k));
  const z = x
    .plus(real(rho))
    .pow(2)
    .plus(real(1).minus(real(rho).pow(2)))
    .sqrt();
  return real(0.5)
    .times(real(theta))
    .times(real(1).plus(real(rho).times(x)).plus(z))
    .toNumber();
}

const slices = fc.record({
  theta: fc.double({ min: 1e-6, max: 4, noNaN: true }),
  rho: fc.double({ min: -0.999, max: 0.999, noNaN: true }),
  phi: fc.double({ min: 1e-3, max: 100, noNaN: true }),
});
const moneyness = fc.double({ min: -5, max: 5, noNaN: true });

describe('SSVI slice', () => {
  test('total variance keeps its digits on both wings, against 50 digits', () => {
    fc.assert(
      fc.property(slices, moneyness, (p, k) => {
        const expected = exactTotalVariance(p.theta, p.rho, p.phi, k);
        // The root of (x + rho)^2 + 1 - rho^2 and the product of rho and x each round once.
        expect(Math.abs(ssviTotalVariance(p, k) - expected)).toBeLessThanOrEqual(
          3e-15 * expected * (1 / (1 - Math.abs(p.rho))),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('theta is the variance at the money', () => {
    fc.assert(fc.property(slices, (p) => Math.abs(ssvi.totalVariance(p, 0) / p.theta - 1) < 4e-16));
  });

  test('is raw SVI in other words', () => {
    fc.assert(
      fc.property(slices, moneyness, (p, k) => {
        const w = ssvi.totalVariance(p, k);
        expect(Math.abs(svi.totalVariance(ssvi.toSvi(p), k) - w)).toBeLessThanOrEqual(
          1e-13 * Math.max(w, p.theta * (1 + Math.abs(p.phi * k))),
        );
        const ours = ssviDerivatives(p, k);
        const theirs = svi.derivatives(ssvi.toSvi(p), k);
        const scale = p.theta * p.phi;
        expect(Math.abs(ours.dw - theirs.dw)).toBeLessThan(1e-12 * scale);
        expect(Math.abs(ours.d2w - theirs.d2w)).toBeLessThan((1e-11 * scale * p.phi) / (1 - p.rho ** 2));
        expect(Math.abs(ours.d3w - theirs.d3w)).toBeLessThan((1e-10 * scale * p.phi ** 2) / (1 - p.rho ** 2) ** 2);
      }),
    );
  });

  test('wing slopes tend to theta phi (1 +- rho) / 2', () => {
    const p = { theta: 0.04, rho: -0.6, phi: 2 };
    expect(ssviDerivatives(p, 1e9).dw).toBeCloseTo(0.5 * 0.04 * 2 * (1 - 0.6), 12);
    expect(ssviDerivatives(p, -1e9).dw).toBeCloseTo(-0.5 * 0.04 * 2 * (1 + 0.6), 12);
  });

  test.each([
    ['theta', { theta: -1, rho: 0, phi: 1 }],
    ['theta', { theta: NaN, rho: 0, phi: 1 }],
    ['rho', { theta: 1, rho: 1, phi: 1 }],
    ['rho', { theta: 1, rho: -1.5, phi: 1 }],
    ['phi', { theta: 1, rho: 0, phi: 0 }],
    ['phi', { theta: 1, rho: 0, phi: Infinity }],
  ])('refuses %s out of its domain', (field, p) => {
    for (const call of [() => ssvi.totalVariance(p, 0), () => ssvi.toSvi(p)]) {
      expect(call).toThrow(InputError);
      expect(call).toThrow(field);
    }
  });
});
