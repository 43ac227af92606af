import fc from 'fast-check';
import { all, create } from 'mathjs';
import type { BigNumber } from 'mathjs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import {
  largestWing,
  ssviFamilies,
  ssviPhi,
  ssviSlices,
  toSsviCurve,
  toSsviWings,
  wingShare,
} from '../../../src/volatility/smile/ssvi-family.js';
import type { SsviCurve, SsviFamily } from '../../../src/volatility/smile/ssvi-family.js';

const math = create(all!, { number: 'BigNumber', precision: 50 });
const big = (x: number): BigNumber => math.bignumber(x);

function exactPhi(curve: SsviCurve, theta: number): number {
  const t = big(theta);
  if ('eta' in curve) {
    const gamma = big(curve.gamma);
    return big(curve.eta)
      .div(t.pow(gamma))
      .div(t.plus(1).pow(big(1).minus(gamma)))
      .toNumber();
  }
  const x = t.times(big(curve.lambda));
  return big(1).minus(big(1).minus(x.neg().exp()).div(x)).div(x).toNumber();
}

const correlation = fc.double({ min: -0.999, max: 0.999, noNaN: true });
const unit = fc.double({ min: 1e-9, max: 1, noNaN: true });

/** A curve in the domain of its family: `size` is the share of the largest wings. */
const curves = fc
  .tuple(fc.constantFrom(...ssviFamilies), correlation, fc.oneof(unit, fc.constant(1)), fc.oneof(unit, fc.constant(1)))
  .map(([family, rho, size, gamma]): SsviCurve => {
    const scale = (size * largestWing(family)) / (1 + Math.abs(rho));
    return family === 'power-law' ? { rho, eta: scale, gamma: gamma / 2 } : { rho, lambda: 1 / scale };
  });

test('phi agrees with 50 digits', () => {
  fc.assert(
    fc.property(curves, fc.double({ min: -14, max: 3, noNaN: true }), (curve, exponent) => {
      const theta = 10 ** exponent;
      expect(Math.abs(ssviPhi(curve, theta) / exactPhi(curve, theta) - 1)).toBeLessThan(2e-14);
    }),
    { numRuns: 300 },
  );
});

test.each(ssviFamilies)('%s: the derivatives of the wings are those of central differences', (family) => {
  const out = { value: 0, byTheta: 0, byWing: 0, byGamma: 0 };
  const at = (theta: number, sum: number, gamma: number) => {
    wingShare(family, theta, sum, gamma, out);
    return { ...out };
  };
  fc.assert(
    fc.property(
      fc.double({ min: -5, max: 2, noNaN: true }),
      fc.double({ min: 0.05, max: 4, noNaN: true }),
      fc.double({ min: 0.05, max: 0.45, noNaN: true }),
      (exponent, sum, gamma) => {
        const theta = 10 ** exponent;
        const { value, byTheta, byWing, byGamma } = at(theta, sum, gamma);
        const h = 1e-4;
        const slope = (up: number, down: number, step: number): number => (up - down) / (2 * step);
        const tolerance = 1e-6 * value;
        const inTheta = slope(at(theta * (1 + h), sum, gamma).value, at(theta * (1 - h), sum, gamma).value, h);
        expect(Math.abs(inTheta - byTheta * theta)).toBeLessThan(tolerance);
        const inWing = slope(at(theta, sum * (1 + h), gamma).value, at(theta, sum * (1 - h), gamma).value, h);
        expect(Math.abs(inWing - byWing * sum)).toBeLessThan(tolerance);
        const inGamma = slope(at(theta, sum, gamma + h).value, at(theta, sum, gamma - h).value, h);
        expect(Math.abs(inGamma - byGamma)).toBeLessThan(1e-5 * value);
      },
    ),
  );
});

test('wings and phi are two ways to the same slice', () => {
  fc.assert(
    fc.property(curves, fc.double({ min: -6, max: 1, noNaN: true }), (curve, exponent) => {
      const theta = 10 ** exponent;
      const family: SsviFamily = 'eta' in curve ? 'power-law' : 'heston-like';
      const { right, left, gamma } = toSsviWings(curve);
      const out = { value: 0, byTheta: 0, byWing: 0, byGamma: 0 };
      wingShare(family, theta, right + left, gamma, out);
      const psi = theta * ssviPhi(curve, theta);
      expect(Math.abs((out.value * (right + left)) / psi - 1)).toBeLessThan(1e-13);
      const back = toSsviCurve(family, { right, left, gamma });
      expect(back.rho).toBeCloseTo(curve.rho, 13);
    }),
  );
});

test('slices of rising theta are proved free of arbitrage, neighbouring doubles included', () => {
  const steps = fc.array(
    fc.oneof(fc.constant(0), fc.constant(2 ** -52), fc.constant(2 ** -40), fc.double({ min: 0, max: 2, noNaN: true })),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(curves, fc.double({ min: -8, max: 3, noNaN: true }), steps, (curve, exponent, growth) => {
      const theta = [10 ** exponent];
      for (const step of growth) theta.push(theta.at(-1)! * (1 + step));
      const slices = ssviSlices(curve, theta);
      for (const slice of slices) expect(certifyButterfly(slice).verdict).toBe('proved');
      slices.slice(1).forEach((later, i) => {
        expect(certifyCalendar(slices[i]!, later).verdict).toBe('proved');
      });
    }),
    { numRuns: 400 },
  );
});

describe('mistakes are refused by name', () => {
  const power = { rho: -0.5, eta: 1, gamma: 0.4 };
  test.each([
    ['rho', { ...power, rho: 1 }],
    ['rho', { ...power, rho: NaN }],
    ['eta', { ...power, eta: 1.34 }],
    ['eta', { ...power, eta: 0 }],
    ['gamma', { ...power, gamma: 0.51 }],
    ['gamma', { ...power, gamma: 0 }],
    ['lambda', { rho: -0.5, lambda: 0.37 }],
    ['lambda', { rho: -0.5, lambda: Infinity }],
    ['curve', null as unknown as SsviCurve],
  ])('%s', (field, curve) => {
    expect(() => ssviSlices(curve, [0.1])).toThrow(InputError);
    expect(() => ssviSlices(curve, [0.1])).toThrow(field);
  });

  test.each([[[0]], [[-1]], [[0.2, 0.1]], [[NaN]]])('theta %j', (theta) => {
    expect(() => ssviSlices(power, theta)).toThrow(InputError);
  });
});
