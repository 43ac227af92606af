import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { calibrateSabr } from '../../../src/volatility/calibration/sabr.js';
import type { SabrFitOptions } from '../../../src/volatility/calibration/sabr.js';
import type { SabrParameters } from '../../../src/volatility/smile/parameters.js';
import { evaluateSabr, newSabrPoint, sabr } from '../../../src/volatility/smile/sabr.js';
import type { SabrForm } from '../../../src/volatility/smile/sabr.js';
import { grid, sliceOf, uniform } from './slices.js';

function fitted(slice: Parameters<typeof calibrateSabr>[0], o?: SabrFitOptions) {
  const fit = calibrateSabr(slice, o);
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

/** Quotes of a SABR smile within three deviations of the money. */
function sabrSlice(p: SabrParameters, form: SabrForm, o: { count?: number; noise?: (i: number) => number } = {}) {
  const shift = p.shift ?? 0;
  const atm = sabr.volatility({ ...p, strike: p.forward }, { form });
  const width = Math.min(1.2, 2.5 * (form === 'normal' ? atm / (p.forward + shift) : atm) * Math.sqrt(p.timeToExpiry));
  return sliceOf({
    timeToExpiry: p.timeToExpiry,
    forward: p.forward,
    logMoneyness: grid(-width, width, o.count ?? 21),
    volatilityAt: (k) => sabr.volatility({ ...p, strike: (p.forward + shift) * Math.exp(k) - shift }, { form }),
    halfSpread: 0.01 * atm,
    ...(o.noise === undefined ? {} : { noise: o.noise }),
  });
}

const truths = fc.record({
  timeToExpiry: fc.double({ min: 0.02, max: 5, noNaN: true }),
  level: fc.double({ min: 0.08, max: 0.9, noNaN: true }),
  rho: fc.double({ min: -0.85, max: 0.6, noNaN: true }),
  total: fc.double({ min: 0.1, max: 1, noNaN: true }),
});

describe.each([
  ['obloj', 1],
  ['obloj', 0.5],
  ['hagan', 0.7],
  ['normal', 0.5],
  ['normal', 0],
] as const)('%s, beta %d', (form, beta) => {
  test('noiseless quotes give the volatilities back to 1e-9', () => {
    fc.assert(
      fc.property(truths, ({ timeToExpiry, level, rho, total }) => {
        const forward = 100;
        const nu = total / Math.sqrt(timeToExpiry);
        const p = { forward, timeToExpiry, alpha: level * forward ** (1 - beta), beta, rho, nu };
        const fit = fitted(sabrSlice(p, form), { beta, form });
        fit.input.volatility.forEach((v, i) => {
          expect(Math.abs(fit.residualBp[i]! * 1e-4)).toBeLessThan(1e-9 * v);
        });
      }),
      { numRuns: 150 },
    );
  });
});

test('both engines end at the same smile', () => {
  const random = uniform(5);
  for (let trial = 0; trial < 20; trial++) {
    const p = {
      forward: 100,
      timeToExpiry: 0.1 + random(),
      alpha: 0.2 + 0.3 * random(),
      beta: 1,
      rho: -0.6 + random(),
      nu: 0.4 + random(),
    };
    const slice = sabrSlice(p, 'obloj', { noise: () => 0.002 * (random() - 0.5) });
    const ours = fitted(slice);
    const ml = fitted(slice, { engine: 'ml' });
    ours.residualBp.forEach((error, i) => {
      expect(Math.abs(error - ml.residualBp[i]!)).toBeLessThan(1e-4);
    });
    expect(ours.diagnostics.chiSquarePerDof).toBeLessThanOrEqual(ml.diagnostics.chiSquarePerDof * (1 + 1e-9));
  }
});

test('with exactAtm the volatility at the forward is the quoted one', () => {
  const random = uniform(9);
  const p = { forward: 0.03, timeToExpiry: 2, alpha: 0.04, beta: 0.5, rho: -0.3, nu: 0.4 };
  for (const form of ['obloj', 'hagan', 'normal'] as const) {
    const slice = sabrSlice(p, form, { noise: () => 0.001 * (form === 'normal' ? 0.01 : 1) * (random() - 0.5) });
    const fit = fitted(slice, { beta: 0.5, form, exactAtm: true });
    const quoted = slice.volatility[10]!;
    expect(Math.abs(sabr.volatility({ ...fit.parameters, strike: 0.03 }, { form }) / quoted - 1)).toBeLessThan(1e-13);
    expect(fit.diagnostics.shareInsideSpread).toBeGreaterThan(0.9);
    const free = fitted(slice, { beta: 0.5, form });
    expect(free.diagnostics.chiSquarePerDof).toBeLessThan(fit.diagnostics.chiSquarePerDof * (18 / 17.9));
  }
});

test('a shifted forward below zero is fitted in shifted moneyness', () => {
  const p = { forward: -0.004, timeToExpiry: 3, alpha: 0.05, beta: 0.5, rho: 0.1, nu: 0.4, shift: 0.03 };
  const fit = fitted(sabrSlice(p, 'normal'), { form: 'normal', beta: 0.5, shift: 0.03 });
  expect(fit.parameters.alpha).toBeCloseTo(0.05, 8);
  expect(fit.parameters.rho).toBeCloseTo(0.1, 7);
  expect(fit.parameters.nu).toBeCloseTo(0.4, 7);
  expect(fit.parameters.shift).toBe(0.03);
});

test('a warm start ends where the cold one does', () => {
  const random = uniform(3);
  const p = { forward: 100, timeToExpiry: 0.3, alpha: 0.4, beta: 1, rho: -0.2, nu: 1.1 };
  const slice = sabrSlice(p, 'obloj', { noise: () => 0.004 * (random() - 0.5) });
  const cold = fitted(slice);
  const warm = fitted(slice, { start: { ...p, rho: 0.3, nu: 2 } });
  expect(warm.parameters.alpha).toBeCloseTo(cold.parameters.alpha, 7);
  expect(warm.parameters.rho).toBeCloseTo(cold.parameters.rho, 6);
  expect(warm.parameters.nu).toBeCloseTo(cold.parameters.nu, 6);
});

test('a robust loss leaves an outlier aside', () => {
  const p = { forward: 100, timeToExpiry: 0.3, alpha: 0.4, beta: 1, rho: -0.2, nu: 1.1 };
  const slice = sabrSlice(p, 'obloj', { noise: (i) => (i === 4 ? 0.2 : 0) });
  const plain = fitted(slice);
  const robust = fitted(slice, { loss: 'cauchy' });
  expect(Math.abs(robust.parameters.rho + 0.2)).toBeLessThan(0.05 * Math.abs(plain.parameters.rho + 0.2));
});

test('the 95% intervals hold the truth about 95 times in 100', () => {
  const random = uniform(11);
  const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const p = { forward: 100, timeToExpiry: 0.5, alpha: 0.3, beta: 1, rho: -0.3, nu: 0.9 };
  let held = 0;
  const draws = 400;
  for (let draw = 0; draw < draws; draw++) {
    const slice = sabrSlice(p, 'obloj', { noise: () => 0.0174 * 0.1 * gaussian() });
    const fit = fitted({ ...slice, standardDeviation: slice.volatility.map(() => 0.00174) });
    for (const name of ['alpha', 'rho', 'nu'] as const) {
      const [low, high] = fit.interval95[name]!;
      if (low <= p[name] && p[name] <= high) held++;
    }
  }
  expect(held / (3 * draws)).toBeGreaterThan(0.93);
  expect(held / (3 * draws)).toBeLessThan(0.98);
});

test('a flat smile has no vol of vol', () => {
  const slice = sliceOf({ timeToExpiry: 1, logMoneyness: grid(-0.5, 0.5, 11), volatilityAt: () => 0.25 });
  const fit = fitted(slice);
  expect(fit.parameters.alpha).toBeCloseTo(0.25, 6);
  expect(fit.diagnostics.rmseBp).toBeLessThan(1e-2);
});

describe('the minimum, not a rest on the way', () => {
  /** Least cost of a grid of smiles, each with the best alpha of a fine list. */
  function gridCost(slice: ReturnType<typeof sliceOf>): number {
    const { forward, timeToExpiry, logMoneyness, volatility, standardDeviation } = slice;
    const root = Math.sqrt(timeToExpiry);
    const middle = volatility[volatility.length >> 1]!;
    let least = Infinity;
    for (let r = -10; r <= 10; r++) {
      for (let v = 0; v <= 12; v++) {
        for (let a = -10; a <= 10; a++) {
          const p = { forward, timeToExpiry, beta: 1, rho: 0.9995 * (r / 10), nu: (0.01 * 1.56 ** v) / root };
          const point = newSabrPoint();
          let sum = 0;
          logMoneyness.forEach((k, i) => {
            evaluateSabr({ ...p, alpha: middle * 1.08 ** a }, forward * Math.exp(k), 'obloj', point);
            sum += point.volatility > 0 ? ((point.volatility - volatility[i]!) / standardDeviation[i]!) ** 2 : Infinity;
          });
          least = Math.min(least, sum);
        }
      }
    }
    return least;
  }

  test.each([
    ['a hill, where no vol of vol looks best at first', 0.2, (k: number) => 0.4 - 0.5 * k * k + 0.05 * k],
    ['a hill that falls to the right', 0.2, (k: number) => 0.4 - 0.5 * k * k - 0.1 * k],
    ['more variance than the expansion has at its correlation', 2, (k: number) => 1.4 - 0.45 * k + 0.02 * k * k],
    ['the same for a year', 1, (k: number) => 1.1 - 0.75 * k + 0.05 * k * k],
  ])('%s', (_, timeToExpiry, volatilityAt) => {
    const slice = sliceOf({ timeToExpiry, logMoneyness: grid(-0.8, 0.6, 15), volatilityAt });
    const { diagnostics } = fitted(slice);
    expect(diagnostics.termination).not.toBe('iterations');
    expect(diagnostics.chiSquarePerDof * 12).toBeLessThanOrEqual(1.001 * gridCost(slice));
  });

  test('both names of a smile are one: nu comes out positive', () => {
    const p = { forward: 100, timeToExpiry: 0.5, alpha: 0.3, beta: 1, rho: 0.5, nu: 0.6 };
    const fit = fitted(sabrSlice(p, 'obloj'), { start: { ...p, rho: -0.9, nu: 0.01 } });
    expect(fit.parameters.nu).toBeCloseTo(0.6, 8);
    expect(fit.parameters.rho).toBeCloseTo(0.5, 8);
  });

  test('strikes so far from the money that the first smiles have no volatility there', () => {
    const slice = sliceOf({
      timeToExpiry: 1.85,
      logMoneyness: [-4.5, -3.4, -2.8, -2.5, -1.8],
      volatilityAt: (k) => 100 * (1.1 - 0.16 * k),
      halfSpread: 1,
    });
    expect(calibrateSabr(slice, { form: 'normal', beta: 0.5 }).ok).toBe(true);
  });
});

describe('what cannot be fitted', () => {
  const slice = sliceOf({
    timeToExpiry: 1,
    logMoneyness: grid(-0.5, 0.5, 11),
    volatilityAt: (k) => 0.25 + 0.1 * k * k,
  });

  test('two quotes are too few', () => {
    const two = { ...slice, volatility: slice.volatility.map((v, i) => (i < 2 ? v : NaN)) };
    expect(calibrateSabr(two)).toMatchObject({ ok: false, reason: 'too-few-quotes', value: 2, limit: 3 });
  });

  test.each([
    ['form', { form: 'paulot' as 'hagan' }],
    ['beta', { beta: 1.5 }],
    ['forward', { shift: -200 }],
    ['exactAtm', { engine: 'ml' as const, exactAtm: true }],
    ['space', { form: 'normal' as const, space: 'price' as const }],
    ['alpha', { start: { forward: 100, timeToExpiry: 1, alpha: -1, beta: 1, rho: 0, nu: 1 } }],
  ])('a bad %s is a mistake', (field, o) => {
    expect(() => calibrateSabr(slice, o)).toThrow(InputError);
    expect(() => calibrateSabr(slice, o)).toThrow(field);
  });
});
