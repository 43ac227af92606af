import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { SabrParameters } from '../../../src/volatility/smile/parameters.js';
import { evaluateSabr, newSabrPoint, sabr } from '../../../src/volatility/smile/sabr.js';
import type { SabrForm } from '../../../src/volatility/smile/sabr.js';
import { real } from '../../reference/real.js';
import type { Real } from '../../reference/real.js';

type Exact = Record<'forward' | 'strike' | 'timeToExpiry' | 'alpha' | 'beta' | 'rho' | 'nu', Real>;

/** The textbook formulas, written as they stand in the papers. */
function textbook(form: SabrForm, p: Exact): Real {
  const { forward: f, strike: k, timeToExpiry: t, alpha, beta, rho, nu } = p;
  const om = real(1).minus(beta);
  const l = f.div(k).ln();
  const g = f.times(k).pow(om.div(2));
  const power = f.pow(om).minus(k.pow(om)).div(om);
  const z = form === 'hagan' ? nu.div(alpha).times(g).times(l) : nu.div(alpha).times(power);
  const root = real(1).minus(rho.times(z).times(2)).plus(z.pow(2)).sqrt();
  const chi = root.plus(z).minus(rho).div(real(1).minus(rho)).ln();
  const level = form === 'normal' ? beta.times(beta.minus(2)) : om.pow(2);
  const e = level
    .times(alpha.pow(2))
    .div(g.pow(2).times(24))
    .plus(rho.times(beta).times(nu).times(alpha).div(g.times(4)))
    .plus(real(2).minus(rho.pow(2).times(3)).times(nu.pow(2)).div(24));
  const theta = t.times(e).plus(1);
  if (form === 'obloj') return nu.times(l).div(chi).times(theta);
  if (form === 'normal') return nu.times(f.minus(k)).div(chi).times(theta);
  const u = om.times(l).pow(2);
  return alpha
    .div(g.times(real(1).plus(u.div(24)).plus(u.pow(2).div(1920))))
    .times(z.div(chi))
    .times(theta);
}

const setting = fc.record({
  forward: fc.double({ min: 0.005, max: 300, noNaN: true }),
  logMoneyness: fc.double({ min: -1.5, max: 1.5, noNaN: true }),
  timeToExpiry: fc.double({ min: 0.01, max: 10, noNaN: true }),
  level: fc.double({ min: 0.05, max: 1, noNaN: true }),
  beta: fc.double({ min: 0, max: 0.95, noNaN: true }),
  rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
  nu: fc.double({ min: 0.01, max: 2, noNaN: true }),
});
const forms: SabrForm[] = ['obloj', 'hagan', 'normal'];

describe('worked numbers', () => {
  const p = { forward: 0.03, timeToExpiry: 1, alpha: 0.035, beta: 0.5, rho: -0.25, nu: 0.4 };

  test.each([
    [0.005, 0.4967951966252259, 0.489994527936923],
    [0.01, 0.3752813141584953, 0.3736791198083478],
    [0.03, 0.2040898390797873, 0.2040898390797873],
    [0.06, 0.1981177507890064, 0.1978065408808476],
  ])('strike %d', (strike, obloj, hagan) => {
    expect(Math.abs(sabr.volatility({ ...p, strike }) / obloj - 1)).toBeLessThan(1e-14);
    expect(Math.abs(sabr.volatility({ ...p, strike }, { form: 'hagan' }) / hagan - 1)).toBeLessThan(1e-14);
  });

  test('normal at the money', () => {
    expect(sabr.volatility({ ...p, strike: 0.03 }, { form: 'normal' })).toBeCloseTo(0.006112381050397159, 17);
  });

  test.each([
    [70, 0.2600396041417383],
    [100, 0.20108],
    [140, 0.1937977822919005],
  ])('beta 1, strike %d', (strike, expected) => {
    const equity = { forward: 100, timeToExpiry: 0.5, alpha: 0.2, beta: 1, rho: -0.4, nu: 0.6, strike };
    expect(Math.abs(sabr.volatility(equity) / expected - 1)).toBeLessThan(1e-14);
  });
});

describe.each(forms)('%s', (form) => {
  test('value and gradient against the textbook formula at 60 digits', () => {
    fc.assert(
      fc.property(setting, ({ forward, logMoneyness, timeToExpiry, level, beta, rho, nu }) => {
        fc.pre(Math.abs(logMoneyness) > 1e-9);
        const strike = forward * Math.exp(logMoneyness);
        const p: SabrParameters = { forward, timeToExpiry, alpha: level * forward ** (1 - beta), beta, rho, nu };
        const point = newSabrPoint();
        evaluateSabr(p, strike, form, point);
        const at: Exact = {
          forward: real(forward),
          strike: real(strike),
          timeToExpiry: real(timeToExpiry),
          alpha: real(p.alpha),
          beta: real(beta),
          rho: real(rho),
          nu: real(nu),
        };
        const value = textbook(form, at).toNumber();
        expect(Math.abs(point.volatility - value)).toBeLessThan(1e-13 * Math.abs(value));
        const slope = (name: keyof Exact): number => {
          const step = at[name].abs().plus(real('1e-3')).times(real('1e-18'));
          const [up, down] = [
            textbook(form, { ...at, [name]: at[name].plus(step) }),
            textbook(form, { ...at, [name]: at[name].minus(step) }),
          ];
          return up.minus(down).div(step.times(2)).toNumber();
        };
        const terms = Math.abs(value) * (1 + timeToExpiry * (nu + level) ** 2);
        const close = (ours: number, name: keyof Exact, unit: number): void => {
          expect(Math.abs(ours - slope(name)), name).toBeLessThan((2e-12 * terms) / unit / (1 - Math.abs(rho)));
        };
        close(point.dAlpha, 'alpha', p.alpha);
        close(point.dRho, 'rho', 1);
        close(point.dNu, 'nu', Math.min(nu, 1));
        close(point.dForward, 'forward', forward);
        close(point.dStrike, 'strike', strike);
        if (beta > 0) close(point.dBeta, 'beta', 1 / (1 + Math.abs(Math.log(forward * strike))));
      }),
      { numRuns: 80 },
    );
  });

  test('runs smoothly through the money', () => {
    const p: SabrParameters = { forward: 100, timeToExpiry: 1, alpha: 2, beta: 0.5, rho: -0.3, nu: 0.5 };
    const at = (strike: number): number => sabr.volatility({ ...p, strike }, { form });
    const point = newSabrPoint();
    evaluateSabr(p, 100, form, point);
    for (const step of [1e-3, 1e-5, 1e-7]) {
      expect((at(100 + step) - at(100 - step)) / (2 * step)).toBeCloseTo(point.dStrike, 6);
    }
    expect(at(100)).toBe(point.volatility);
  });
});

test('no vol of vol, beta 1: flat', () => {
  for (const strike of [50, 100, 200]) {
    const p = { forward: 100, strike, timeToExpiry: 1, alpha: 0.2, beta: 1, rho: -0.5, nu: 0 };
    expect(sabr.volatility(p)).toBe(0.2);
  }
});

test('a shift moves forward and strike together', () => {
  // Numbers whose sums are exact.
  const [forward, strike, shift] = [-1 / 512, 3 / 1024, 1 / 32];
  const p = { forward, strike, timeToExpiry: 5, alpha: 0.03, beta: 0.5, rho: 0.1, nu: 0.3, shift };
  expect(sabr.volatility(p)).toBe(sabr.volatility({ ...p, forward: 15 / 512, strike: 35 / 1024, shift: 0 }));
});

test('the normal form with beta 0 takes any sign and agrees across zero', () => {
  const p = { forward: 0.001, timeToExpiry: 2, alpha: 0.006, beta: 0, rho: -0.2, nu: 0.5 };
  const at = (strike: number): number => sabr.volatility({ ...p, strike }, { form: 'normal' });
  expect(at(-1e-12)).toBeCloseTo(at(1e-12), 12);
  const z = (0.5 * (0.001 + 0.02)) / 0.006;
  const root = Math.sqrt(1 + 0.4 * z + z * z);
  const expected = ((0.006 * z) / Math.log((root + z + 0.2) / 1.2)) * (1 + (2 * (2 - 3 * 0.04) * 0.25) / 24);
  expect(at(-0.02)).toBeCloseTo(expected, 15);
});

test.each([
  ['alpha', { alpha: 0 }],
  ['alpha', { alpha: NaN }],
  ['beta', { beta: 1.1 }],
  ['beta', { beta: -0.1 }],
  ['rho', { rho: 1 }],
  ['nu', { nu: -0.1 }],
  ['forward', { forward: 0 }],
  ['strike', { strike: -1 }],
  ['timeToExpiry', { timeToExpiry: -1 }],
  ['shift', { shift: NaN }],
  ['parameters', { timeToExpiry: 1000, rho: 0.999, nu: 3 }],
])('%s out of its domain is refused', (field, change) => {
  const p = { forward: 100, strike: 90, timeToExpiry: 1, alpha: 0.2, beta: 1, rho: 0.3, nu: 0.5, ...change };
  expect(() => sabr.volatility(p)).toThrow(InputError);
  expect(() => sabr.volatility(p)).toThrow(field);
});
test('an unknown form is refused', () => {
  const p = { forward: 100, strike: 90, timeToExpiry: 1, alpha: 0.2, beta: 1, rho: 0.3, nu: 0.5 };
  expect(() => sabr.volatility(p, { form: 'paulot' as 'hagan' })).toThrow('form');
});
