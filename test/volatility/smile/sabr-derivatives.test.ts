import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { SabrParameters } from '../../../src/volatility/smile/parameters.js';
import { sabrDerivatives } from '../../../src/volatility/smile/sabr-derivatives.js';
import { sabr } from '../../../src/volatility/smile/sabr.js';
import { requireSmile, smileDerivatives } from '../../../src/volatility/smile/smile.js';
import { real } from '../../reference/real.js';
import type { Real } from '../../reference/real.js';

/** w of Obloj's form as it stands in the paper, for beta below 1 and nu above 0; chi by the side that needs no digits. */
function exactVariance(p: SabrParameters, k: Real): Real {
  const [f, t, alpha, beta, rho, nu] = [p.forward + (p.shift ?? 0), p.timeToExpiry, p.alpha, p.beta, p.rho, p.nu].map(
    real,
  ) as [Real, Real, Real, Real, Real, Real];
  const strike = f.times(k.exp());
  const om = real(1).minus(beta);
  const g = f.times(strike).pow(om.div(2));
  const z = nu.div(alpha).times(f.pow(om).minus(strike.pow(om)).div(om));
  const root = real(1).minus(rho.times(z).times(2)).plus(z.pow(2)).sqrt();
  const chi = root.plus(z).minus(rho).div(real(1).minus(rho)).ln();
  const e = om
    .pow(2)
    .times(alpha.pow(2))
    .div(g.pow(2).times(24))
    .plus(rho.times(beta).times(nu).times(alpha).div(g.times(4)))
    .plus(real(2).minus(rho.pow(2).times(3)).times(nu.pow(2)).div(24));
  return nu.times(k.neg()).div(chi).times(t.times(e).plus(1)).pow(2).times(t);
}

/** w to w''' by central differences of step 1e-14 in 80 digits: good to 1e-25. */
function exactDerivatives(p: SabrParameters, k: number): Record<'w' | 'dw' | 'd2w' | 'd3w', number> {
  const h = real('1e-14');
  // Off the forward by less than a double can tell, where the formula is 0/0.
  const centre = k === 0 ? real('1e-20') : real(k);
  const [a, b, c, d, e] = [-2, -1, 0, 1, 2].map((n) => exactVariance(p, centre.plus(h.times(n)))) as [
    Real,
    Real,
    Real,
    Real,
    Real,
  ];
  return {
    w: c.toNumber(),
    dw: d.minus(b).div(h.times(2)).toNumber(),
    d2w: d.minus(c.times(2)).plus(b).div(h.times(h)).toNumber(),
    d3w: e.minus(d.times(2)).plus(b.times(2)).minus(a).div(h.pow(3).times(2)).toNumber(),
  };
}

const cases: [string, SabrParameters][] = [
  ['rates', { forward: 0.03, timeToExpiry: 2, alpha: 0.035, beta: 0.5, rho: -0.25, nu: 0.4 }],
  ['shifted', { forward: -0.002, timeToExpiry: 1, alpha: 0.02, beta: 0.4, rho: -0.3, nu: 0.5, shift: 0.03 }],
  ['coin', { forward: 60_000, timeToExpiry: 0.2, alpha: 1.9, beta: 0.9, rho: 0.1, nu: 2.2 }],
  ['steep', { forward: 100, timeToExpiry: 0.5, alpha: 0.28, beta: 0.96, rho: -0.85, nu: 1.4 }],
];

describe.each(cases)('%s', (_, p) => {
  test.each([-1.2, -0.5, -0.1, -1e-3, -1e-7, 0, 1e-9, 0.01, 0.12, 0.6, 1.1])('derivatives at k = %d', (k) => {
    const exact = exactDerivatives(p, k);
    const ours = sabrDerivatives(p, k);
    // The scale of each derivative: that of w over powers of its width.
    expect(Math.abs(ours.w / exact.w - 1)).toBeLessThan(1e-14);
    expect(Math.abs(ours.dw - exact.dw)).toBeLessThan(2e-14 * (Math.abs(exact.dw) + exact.w));
    expect(Math.abs(ours.d2w - exact.d2w)).toBeLessThan(1e-12 * (Math.abs(exact.d2w) + exact.w));
    expect(Math.abs(ours.d3w - exact.d3w)).toBeLessThan(1e-10 * (Math.abs(exact.d3w) + exact.w));
  });
});

test('w is the square of the volatility times T, for every beta and nu', () => {
  fc.assert(
    fc.property(
      fc.record({
        forward: fc.double({ min: 0.01, max: 1000, noNaN: true }),
        timeToExpiry: fc.double({ min: 0.01, max: 2, noNaN: true }),
        level: fc.double({ min: 0.05, max: 1, noNaN: true }),
        beta: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
        rho: fc.double({ min: -0.9, max: 0.9, noNaN: true }),
        nu: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1.5, noNaN: true })),
      }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      ({ level, ...rest }, k) => {
        const p = { ...rest, alpha: level * rest.forward ** (1 - rest.beta) };
        const volatility = sabr.volatility({ ...p, strike: p.forward * Math.exp(k) });
        expect(Math.abs(smileDerivatives(p, k).w / (volatility * volatility * p.timeToExpiry) - 1)).toBeLessThan(2e-13);
      },
    ),
  );
});

test('where the expansion gives no volatility there is no smile', () => {
  const p = { forward: 100, timeToExpiry: 30, alpha: 0.2, beta: 1, rho: -0.99, nu: 2 };
  expect(() => sabrDerivatives(p, 0)).toThrow(InputError);
  expect(() => {
    requireSmile(p);
  }).toThrow(InputError);
  expect(() => {
    requireSmile({ ...p, alpha: -1 });
  }).toThrow('alpha');
});
