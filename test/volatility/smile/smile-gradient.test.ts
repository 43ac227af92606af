import { describe, expect, test } from 'vitest';
import { derivative } from '../../../src/math/jet.js';
import type { SmileParameters } from '../../../src/volatility/smile/parameters.js';
import { totalVarianceGradient } from '../../../src/volatility/smile/smile-gradient.js';
import { smileParameterNames, totalVarianceJet } from '../../../src/volatility/smile/smile-jet.js';
import { smileDerivatives } from '../../../src/volatility/smile/smile.js';

const smiles: [string, SmileParameters][] = [
  ['SVI', { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 }],
  ['SSVI', { theta: 0.04, rho: -0.5, phi: 2.5 }],
  ['SABR', { forward: 100, timeToExpiry: 0.5, alpha: 0.4, beta: 0.9, rho: -0.4, nu: 0.7 }],
  ['shifted SABR', { forward: 2, timeToExpiry: 0.5, alpha: 0.4, beta: 0.6, rho: 0.2, nu: 0.7, shift: 1 }],
];

describe.each(smiles)('%s', (_, p) => {
  const names = smileParameterNames(p);
  const n = names.length;

  test.each([-1.3, -0.2, 0, 0.05, 0.9])('the jet has the derivatives of the closed forms at k = %d', (k) => {
    const jet = totalVarianceJet(p, k);
    const { w, dw, d2w, d3w } = smileDerivatives(p, k);
    const near = (value: number, exact: number): void => {
      expect(Math.abs(value - exact)).toBeLessThan(1e-12 * (Math.abs(exact) + w));
    };
    near(derivative(jet), w);
    near(derivative(jet, n), dw);
    near(derivative(jet, n, n), d2w);
    near(derivative(jet, n, n, n), d3w);
    const gradient = new Float64Array(n);
    totalVarianceGradient(p, k, gradient);
    gradient.forEach((value, i) => {
      near(value, derivative(jet, i));
    });
  });

  test('the jet has the mixed derivatives: differences of w, w and w in a parameter', () => {
    const k = 0.17;
    const jet = totalVarianceJet(p, k);
    names.forEach((name, i) => {
      const at = (p as unknown as Record<string, number>)[name]!;
      const h = 1e-4 * Math.max(0.1, Math.abs(at));
      const moved = (x: number): ReturnType<typeof smileDerivatives> => smileDerivatives({ ...p, [name]: at + x }, k);
      const [a, b, c, d] = [moved(-2 * h), moved(-h), moved(h), moved(2 * h)];
      for (const [key, by] of [
        ['w', [i]],
        ['dw', [i, n]],
        ['d2w', [i, n, n]],
      ] as const) {
        const difference = (a[key] - 8 * b[key] + 8 * c[key] - d[key]) / (12 * h);
        expect(Math.abs(derivative(jet, ...by) - difference)).toBeLessThan(1e-8 * (1 + Math.abs(difference)));
      }
    });
  });
});
