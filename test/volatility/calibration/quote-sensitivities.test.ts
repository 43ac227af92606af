import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { blackImpliedVolatility } from '../../../src/pricing/black-implied-volatility.js';
import { black76 } from '../../../src/pricing/index.js';
import { calibrateEssvi } from '../../../src/volatility/calibration/essvi.js';
import type { FitFailure, FitOptions, SliceFit } from '../../../src/volatility/calibration/fit.js';
import { parameterSensitivities, quoteSensitivities } from '../../../src/volatility/calibration/quote-sensitivities.js';
import { calibrateSabr } from '../../../src/volatility/calibration/sabr.js';
import type { SabrFitOptions } from '../../../src/volatility/calibration/sabr.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SmileParameters, SviParameters } from '../../../src/volatility/smile/parameters.js';
import { sabr } from '../../../src/volatility/smile/sabr.js';
import { evenly, sliceOf, sviVolatility } from './sample-slices.js';
import { uniform } from './slices.js';

type Refit = (slice: SliceInput, start?: SmileParameters) => SliceFit | FitFailure;

function values({ parameters, parameterNames }: SliceFit): number[] {
  return parameterNames.map((name) => (parameters as unknown as Record<string, number>)[name]!);
}

/** A fit taken to the bottom: searched again from itself until nothing moves. */
function settled(refit: Refit, slice: SliceInput, start?: SmileParameters): SliceFit {
  let from = start;
  for (let turn = 0; ; turn++) {
    const fit = refit(slice, from);
    if (!fit.ok) throw new Error(fit.message);
    // Reweighting converges in proportion only.
    const isRobust = fit.objective?.loss !== undefined && fit.objective.loss !== 'l2';
    if (turn >= (isRobust ? 60 : 12)) return fit;
    from = fit.parameters;
  }
}

function changed(
  slice: SliceInput,
  field: 'volatility' | 'volatilityBid' | 'volatilityAsk',
  i: number,
  by: number,
): SliceInput {
  return { ...slice, [field]: slice[field].map((v, j) => (j === i ? v + by : v)) };
}

/** Central differences of fits of changed slices, a column of parameters for each. */
function differences(refit: Refit, at: SliceFit, moved: (sign: number) => SliceInput, step: number): number[] {
  const up = values(settled(refit, moved(1), at.parameters));
  const down = values(settled(refit, moved(-1), at.parameters));
  return up.map((value, i) => (value - down[i]!) / (2 * step));
}

function expectClose(columns: number[][], reference: number[][], tolerance = 1e-4): void {
  const rows = reference[0]!.length;
  for (let i = 0; i < rows; i++) {
    const size = Math.max(...reference.map((column) => Math.abs(column[i]!)));
    reference.forEach((column, j) => {
      expect(Math.abs(columns[j]![i]! - column[i]!)).toBeLessThanOrEqual(tolerance * size + 1e-9);
    });
  }
}

/** The forward at fixed strikes and prices: log-moneyness and out-of-the-money volatilities move. */
function withForward(slice: SliceInput, by: number, o: { keepVolatility?: boolean } = {}): SliceInput {
  const forward = slice.forward + by;
  const moved = (volatility: number, i: number): number => {
    if (o.keepVolatility === true || Number.isNaN(volatility)) return volatility;
    const k = slice.logMoneyness[i]!;
    const strike = slice.forward * Math.exp(k);
    const type = k < 0 ? 'put' : 'call';
    const { timeToExpiry } = slice;
    const price = black76.price({ type, forward: slice.forward, strike, timeToExpiry, volatility });
    const result = blackImpliedVolatility(forward, strike, timeToExpiry, type, price);
    if (!result.ok) throw new Error(result.reason);
    return result.volatility;
  };
  return {
    ...slice,
    forward,
    logMoneyness: slice.logMoneyness.map((k) => k - Math.log(forward / slice.forward)),
    volatility: slice.volatility.map(moved),
  };
}

/** Compares every column with fits of bumped quotes, and both forwards with fits on a moved one. */
function expectDerivatives(refit: Refit, slice: SliceInput, h = 1e-6): SliceFit {
  const fit = settled(refit, slice);
  const all = parameterSensitivities(fit);
  if (!all.ok) throw new Error(`${all.reason}: ${all.message}`);
  const count = slice.volatility.length;
  const columns = Array.from({ length: count }, (_, j) => all.perVolatility.map((row) => row[j]!));
  expectClose(
    columns,
    columns.map((_, j) => differences(refit, fit, (sign) => changed(slice, 'volatility', j, sign * h), h)),
  );
  const step = 1e-3;
  for (const keepVolatility of [true, false]) {
    const reference = differences(refit, fit, (sign) => withForward(slice, sign * step, { keepVolatility }), step);
    const ours = keepVolatility ? all.perForwardAtVolatility : all.perForward;
    ours.forEach((value, i) => {
      expect(Math.abs(value - reference[i]!)).toBeLessThan(1e-4 * Math.abs(reference[i]!) + 1e-8);
    });
  }
  return fit;
}

const smile: SviParameters = { a: 0.02, b: 0.14, rho: -0.45, m: 0.04, sigma: 0.17 };

/** Noise of about a standard deviation, so that the residuals weigh in the Hessian. */
function noisy(p: SviParameters, o: { count?: number; noise?: number; seed?: number; time?: number } = {}): SliceInput {
  const random = uniform(o.seed ?? 5);
  const time = o.time ?? 0.5;
  const k = evenly(-0.55, 0.42, o.count ?? 14);
  const deviation = k.map(() => 0.0015 * (0.5 + random()));
  const volatility = k.map((at) => sviVolatility(p, at, time) + (o.noise ?? 0.003) * (random() - 0.5));
  return sliceOf(k, volatility, { timeToExpiry: time, standardDeviation: deviation, halfSpread: deviation });
}

const svi =
  (o: FitOptions = {}): Refit =>
  (slice, start) =>
    calibrateSvi(slice, { ...o, start });

describe('SVI against fits of bumped quotes', () => {
  test('interior', () => {
    const fit = expectDerivatives(svi(), noisy(smile));
    expect(fit.diagnostics.atBound).toEqual([]);
  });

  test.each([
    { space: 'variance' },
    { space: 'price' },
    { weights: 'equal' },
    { weights: 'vega' },
    { weights: 'vega', space: 'price', loss: 'huber' },
    { loss: 'huber' },
    { loss: 'cauchy' },
    { loss: 'spread-deadzone' },
    { loss: 'cauchy', weights: 'vega' },
    { loss: 'spread-deadzone', weights: 'vega', space: 'variance' },
    { densityCorrection: true },
  ] satisfies FitOptions[])('%o', (options) => {
    expectDerivatives(svi(options), noisy(smile, { noise: 0.008, count: 15 }));
  });

  test('on the floor of the variance', () => {
    const p = { a: -0.0449, b: 0.3, rho: 0, m: 0.02, sigma: 0.15 };
    const slice = noisy({ ...p, a: -p.b * p.sigma + 1e-6 }, { seed: 1 });
    const low = {
      ...slice,
      volatility: slice.volatility.map((v, i) => (Math.abs(slice.logMoneyness[i]! - 0.02) < 0.1 ? 0.85 * v : v)),
    };
    const fit = expectDerivatives(svi(), low);
    expect(fit.diagnostics.atBound).toContain('minimum variance');
  });

  test("at Lee's bound", () => {
    const k = evenly(-0.8, 1.4, 15);
    const time = 0.5;
    const random = uniform(3);
    const v = k.map(
      (at) => Math.sqrt((0.02 + 2.05 * Math.max(0, at) + 0.2 * Math.sqrt(at * at + 0.02)) / time) + 0.002 * random(),
    );
    const fit = expectDerivatives(svi(), sliceOf(k, v, { timeToExpiry: time }));
    expect(fit.diagnostics.atBound).toContain('b(1+rho)');
  });

  test('a bound that the smile is beyond counts, one that it is inside does not', () => {
    const slice = noisy(smile, { count: 14 });
    const model = sviVolatility(smile, slice.logMoneyness[3]!, 0.5);
    const bounded = {
      ...slice,
      volatility: slice.volatility.map((v, i) => (i === 3 || i === 9 ? NaN : v)),
      standardDeviation: slice.standardDeviation.map((v, i) => (i === 3 || i === 9 ? 0.0005 : v)),
      volatilityBid: slice.volatilityBid.map((v, i) => (i === 3 ? model + 0.01 : i === 9 ? 0.01 : v)),
      volatilityAsk: slice.volatilityAsk.map((v, i) => (i === 3 || i === 9 ? Infinity : v)),
    };
    for (const options of [{}, { space: 'variance' }, { space: 'price', weights: 'vega' }] satisfies FitOptions[]) {
      const refit = svi(options);
      const fit = settled(refit, bounded);
      const all = parameterSensitivities(fit);
      if (!all.ok) throw new Error(all.message);
      const h = 1e-6;
      const reference = differences(refit, fit, (sign) => changed(bounded, 'volatilityBid', 3, sign * h), h);
      expectClose(
        all.perVolatility.map((row) => [row[3]!]),
        reference.map((value) => [value]),
      );
      for (const row of all.perVolatility) expect(Math.abs(row[9]!)).toBe(0);
    }
  });

  test('Gauss-Newton alone would miss', () => {
    const slice = noisy(smile, { noise: 0.02 });
    const fit = expectDerivatives(svi(), slice);
    expect(fit.diagnostics.chiSquarePerDof).toBeGreaterThan(1);
  });
});

describe('SABR against fits of bumped quotes', () => {
  const truth = { forward: 100, timeToExpiry: 0.75, alpha: 0.25, beta: 1, rho: -0.4, nu: 0.9 };
  const slice = (form: 'obloj' | 'normal' | 'hagan', beta: number): SliceInput => {
    const random = uniform(8);
    const k = evenly(-0.4, 0.35, 11);
    const p = { ...truth, beta, alpha: 0.25 * 100 ** (1 - beta) };
    const scale = form === 'normal' ? 100 : 1;
    const v = k.map(
      (at) => sabr.volatility({ ...p, strike: 100 * Math.exp(at) }, { form }) + scale * 0.004 * (random() - 0.5),
    );
    return sliceOf(k, v, {
      timeToExpiry: 0.75,
      standardDeviation: k.map(() => scale * 0.001),
      halfSpread: k.map(() => scale * 0.002),
    });
  };
  const refit =
    (o: SabrFitOptions): Refit =>
    (input, start) =>
      calibrateSabr(input, {
        ...o,
        start: start === undefined ? undefined : { ...(start as typeof truth), forward: input.forward },
      });

  test.each([
    ['obloj', 1, {}],
    ['obloj', 0.5, { loss: 'huber' }],
    ['hagan', 0.7, { space: 'price' }],
  ] as const)('%s, beta %d, %o', (form, beta, o) => {
    expectDerivatives(refit({ ...o, form, beta }), slice(form, beta));
  });

  test.each([
    [{ form: 'normal', beta: 0.5 }],
    [{ form: 'obloj', beta: 1, exactAtm: true }],
    [{ form: 'normal', beta: 0, exactAtm: true }],
  ] as const)('%o', (o) => {
    const input = slice(o.form, o.beta);
    const again = refit(o);
    const fit = settled(again, input);
    const all = parameterSensitivities(fit);
    if (!all.ok) throw new Error(all.message);
    const scale = o.form === 'normal' ? 100 : 1;
    const h = scale * 1e-5;
    const columns = input.volatility.map((_, j) => all.perVolatility.map((row) => row[j]!));
    expectClose(
      columns,
      columns.map((_, j) => differences(again, fit, (sign) => changed(input, 'volatility', j, sign * h), h)),
    );
    const reference = differences(
      again,
      fit,
      (sign) => withForward(input, sign * 1e-3, { keepVolatility: true }),
      1e-3,
    );
    all.perForwardAtVolatility.forEach((value, i) => {
      expect(Math.abs(value - reference[i]!)).toBeLessThan(1e-4 * Math.abs(reference[i]!) + 1e-8);
    });
  });

  test('held to a volatility at the forward that no quote brackets', () => {
    const input = slice('obloj', 1);
    const right = input.logMoneyness.map((k) => k + 0.6);
    const fit = settled(refit({ exactAtm: true }), { ...input, logMoneyness: right });
    expect(parameterSensitivities(fit)).toMatchObject({ ok: false, reason: 'level-not-quoted' });
  });
});

describe('an eSSVI slice against fits of bumped quotes', () => {
  const refit: Refit = (slice) => {
    const fit = calibrateEssvi([slice]);
    return fit.ok ? fit.slices[0]! : fit;
  };

  test('interior', () => {
    const fit = expectDerivatives(refit, noisy(smile), 1e-5);
    expect(fit.diagnostics.atBound).toEqual([]);
  });

  test('held by a neighbour that stays', () => {
    const first = noisy({ ...smile, a: 0.03 }, { time: 0.5 });
    const second = noisy({ ...smile, a: 0.022, b: 0.11 }, { time: 0.51, seed: 9 });
    const both = calibrateEssvi([first, second]);
    if (!both.ok) throw new Error(both.message);
    const [early, late] = both.slices;
    expect(late!.diagnostics.atBound).not.toEqual([]);
    // The later slice is at a minimum of its own; the earlier one has given way to it.
    expect(parameterSensitivities(late!).ok).toBe(true);
    expect(parameterSensitivities(early!)).toMatchObject({ ok: false, reason: 'not-a-minimum' });
  });
});

describe('quoteSensitivities', () => {
  const fit = settled(svi(), noisy(smile));

  test('carries a gradient of the parameters to the quotes', () => {
    const all = parameterSensitivities(fit);
    if (!all.ok) throw new Error(all.message);
    const gradient = [3, -1, 0.5, 2, -4];
    const { perVolatility, instrument, perForward } = quoteSensitivities(fit, gradient);
    expect(instrument).toEqual(fit.input.instrument);
    perVolatility.forEach((value, j) => {
      expect(value).toBeCloseTo(
        gradient.reduce((sum, g, i) => sum + g * all.perVolatility[i]![j]!, 0),
        10,
      );
    });
    expect(perForward).toBeCloseTo(
      gradient.reduce((sum, g, i) => sum + g * all.perForward[i]!, 0),
      12,
    );
  });

  test('the buckets of a model volatility add up to its move when all quotes move together', () => {
    // dsigma(k)/dparameter, by differences of the smile itself.
    const p = fit.parameters as SviParameters;
    for (const k of [-0.3, 0.05, 0.25]) {
      const gradient = (['a', 'b', 'rho', 'm', 'sigma'] as const).map((name) => {
        const h = 1e-6;
        return (
          (sviVolatility({ ...p, [name]: p[name] + h }, k, 0.5) -
            sviVolatility({ ...p, [name]: p[name] - h }, k, 0.5)) /
          (2 * h)
        );
      });
      const sum = quoteSensitivities(fit, gradient).perVolatility.reduce((total, value) => total + value, 0);
      const parallel = (by: number): number => {
        const moved = settled(svi(), { ...fit.input, volatility: fit.input.volatility.map((v) => v + by) }, p);
        return sviVolatility(moved.parameters as SviParameters, k, 0.5);
      };
      expect(sum).toBeCloseTo((parallel(1e-6) - parallel(-1e-6)) / 2e-6, 4);
      // SVI cannot shift a smile exactly.
      expect(Math.abs(sum - 1)).toBeLessThan(0.05);
    }
  });

  test('a fit without a record of its objective is least squares of volatilities', () => {
    expect(quoteSensitivities({ ...fit, objective: undefined }, [1, 0, 0, 0, 0])).toEqual(
      quoteSensitivities(fit, [1, 0, 0, 0, 0]),
    );
  });

  test('order of the quotes', () => {
    const turned = { ...fit.input };
    for (const field of [
      'instrument',
      'logMoneyness',
      'volatility',
      'volatilityBid',
      'volatilityAsk',
      'standardDeviation',
    ] as const) {
      Object.assign(turned, { [field]: [...fit.input[field]].reverse() });
    }
    const other = settled(svi(), turned);
    const a = quoteSensitivities(fit, [1, 1, 1, 1, 1]).perVolatility;
    const b = quoteSensitivities(other, [1, 1, 1, 1, 1]).perVolatility.reverse();
    a.forEach((value, i) => {
      expect(b[i]).toBeCloseTo(value, 6);
    });
  });

  test('throws on a gradient of another length and on what is not a minimum', () => {
    expect(() => quoteSensitivities(fit, [1])).toThrow(InputError);
    expect(() => quoteSensitivities(fit, [1, 2, 3, 4, NaN])).toThrow(InputError);
    const moved = { ...fit, parameters: { ...(fit.parameters as SviParameters), a: 0.03 } };
    expect(parameterSensitivities(moved)).toMatchObject({ ok: false, reason: 'not-a-minimum' });
    expect(() => quoteSensitivities(moved, [1, 0, 0, 0, 0])).toThrow(InputError);
  });

  test('a smile without curvature leaves the correlation of SABR open', () => {
    const k = evenly(-0.3, 0.3, 9);
    const cap = k.map((at) => 0.3 - 0.2 * at * at);
    const flat = calibrateSabr(sliceOf(k, cap));
    if (!flat.ok) throw new Error(flat.message);
    const atBound = {
      ...flat,
      parameters: { ...flat.parameters, nu: 0 },
      diagnostics: { ...flat.diagnostics, atBound: ['nu'] },
    };
    expect(parameterSensitivities(atBound)).toMatchObject({ ok: false, reason: 'undetermined' });
  });
});
