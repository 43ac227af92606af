import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchmarkSlice } from '../../../benchmarks/calibration/slices.js';
import { randomStream } from '../../../benchmarks/calibration/random.js';
import { InputError } from '../../../src/errors.js';
import type { SliceInput } from '../../../src/market/slice.js';
import type { FitOptions, SliceFit } from '../../../src/volatility/calibration/fit.js';
import { fitQuotes } from '../../../src/volatility/calibration/quotes.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import { evaluateSvi, sviNormal } from '../../../src/volatility/calibration/svi-objective.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { requireSvi } from '../../../src/volatility/smile/svi.js';
import { coverage } from './coverage.js';
import { evenly, exactSlice, sliceOf, sviVolatility } from './sample-slices.js';

const reference: SviParameters = { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 };

function fitted(slice: SliceInput, options?: FitOptions): SliceFit<SviParameters> {
  const fit = calibrateSvi(slice, options);
  if (!fit.ok) throw new Error(`${fit.reason}: ${fit.message}`);
  return fit;
}

/** Root of the weighted mean square error of a fit, in basis points of volatility. */
function weightedBp({ residualBp, input }: SliceFit<SviParameters>): number {
  let sum = 0;
  let weights = 0;
  residualBp.forEach((r, i) => {
    const weight = 1 / input.standardDeviation[i]! ** 2;
    sum += weight * r * r;
    weights += weight;
  });
  return Math.sqrt(sum / weights);
}

function expectValid({ a, b, rho, m, sigma }: SviParameters): void {
  requireSvi({ a, b, rho, m, sigma });
  expect(b * (1 + rho)).toBeLessThan(2);
  expect(b * (1 - rho)).toBeLessThanOrEqual(2);
  expect(a + b * sigma * Math.sqrt(1 - rho * rho)).toBeGreaterThan(0);
}

describe('calibrateSvi', () => {
  it('recovers the 21-point reference slice in at most six iterations from a start nearby, to 1e-10 bp', () => {
    const slice = exactSlice(reference, evenly(-0.5, 0.5, 21));
    for (const start of [
      { a: 0.012, b: 0.1, rho: -0.4, m: 0, sigma: 0.2 },
      { a: 0.02, b: 0.2, rho: -0.2, m: 0.1, sigma: 0.1 },
      { a: 0.005, b: 0.1, rho: 0, m: 0, sigma: 0.1 },
    ]) {
      const fit = fitted(slice, { start });
      expect(fit.diagnostics.maxErrorBp).toBeLessThan(1e-10);
      expect(fit.diagnostics.iterations).toBeLessThanOrEqual(6);
      expect(fit.diagnostics.starts).toBe(1);
      for (const name of ['a', 'b', 'rho', 'm', 'sigma'] as const) {
        expect(Math.abs(fit.parameters[name] - reference[name])).toBeLessThan(1e-12);
      }
    }
    expect(fitted(slice).diagnostics.maxErrorBp).toBeLessThan(1e-10);
  });

  it('recovers any smile from quotes without noise, to 1e-9 relative at the quotes', () => {
    fc.assert(
      fc.property(
        fc.record({
          least: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
          right: fc.double({ min: 0.05, max: 1.2, noNaN: true }),
          left: fc.double({ min: 0.05, max: 1.2, noNaN: true }),
          m: fc.double({ min: -0.8, max: 0.8, noNaN: true }),
          sigma: fc.double({ min: 0.1, max: 2, noNaN: true }),
          deviation: fc.double({ min: 0.02, max: 0.8, noNaN: true }),
        }),
        ({ least, right, left, m, sigma, deviation }) => {
          // In units of the at-the-money deviation, so that slices of one day and of three years are drawn alike.
          const b = ((right + left) / 2) * deviation;
          const rho = (right - left) / (right + left);
          const s = sigma * deviation;
          const p = {
            a: least * deviation ** 2 - b * s * Math.sqrt(1 - rho * rho),
            b,
            rho,
            m: m * deviation,
            sigma: s,
          };
          const slice = exactSlice(p, evenly(-2.5 * deviation, 2 * deviation, 25), 0.4);
          const fit = fitted(slice);
          fit.residualBp.forEach((r, i) => {
            expect(Math.abs(r) * 1e-4).toBeLessThan(1e-9 * slice.volatility[i]!);
          });
        },
      ),
      { numRuns: 400 },
    );
  });

  it('never leaves the valid smiles and always says what it did, on any slice', () => {
    for (let index = 0; index < 400; index++) {
      const { slice } = benchmarkSlice(index, 7);
      const fit = fitted(slice);
      expectValid(fit.parameters);
      const { diagnostics } = fit;
      for (const value of [diagnostics.rmseBp, diagnostics.maxErrorBp, diagnostics.chiSquarePerDof]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(Infinity);
      }
      // At a bound some parameters may not be determined at all, and the condition says so.
      expect(diagnostics.condition).toBeGreaterThanOrEqual(1);
      if (diagnostics.atBound.length === 0) expect(diagnostics.condition).toBeLessThan(Infinity);
      expect(diagnostics.quotesUsed).toBe(30);
      const norm = Object.values(diagnostics.weakDirection).reduce((sum, value) => sum + value * value, 0);
      expect(norm).toBeCloseTo(1, 10);
      fit.covariance.forEach((row, i) => {
        expect(row[i]).toBeGreaterThanOrEqual(0);
        row.forEach((value, j) => {
          expect(value).toBe(fit.covariance[j]![i]);
        });
      });
      for (const name of fit.parameterNames) {
        const [low, high] = fit.interval95[name]!;
        const value = fit.parameters[name as keyof SviParameters];
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
  });

  it('stays valid on quotes that are noise, and on smiles with no curvature or none but curvature', () => {
    const random = randomStream(5);
    for (let n = 0; n < 300; n++) {
      const count = 5 + Math.floor(random.uniform(0, 20));
      const width = random.logUniform(0.01, 2);
      const k = evenly(-width, width, count);
      expectValid(
        fitted(
          sliceOf(
            k,
            k.map(() => random.uniform(0.05, 1)),
            { timeToExpiry: random.logUniform(1 / 365, 3) },
          ),
        ).parameters,
      );
    }
    const k = evenly(-0.3, 0.3, 15);
    const shapes = [
      () => 0.2,
      (x: number) => 0.2 - 0.3 * x,
      (x: number) => 0.2 + 0.5 * x * x,
      (x: number) => 0.3 - x * x,
    ];
    for (const shape of shapes) {
      const fit = fitted(sliceOf(k, k.map(shape)));
      expectValid(fit.parameters);
      // A parabola in volatility is no hyperbola in variance.
      if (shape === shapes[0] || shape === shapes[1]) expect(fit.diagnostics.rmseBp).toBeLessThan(2);
    }
  });

  it('gives the same minimum from both engines, to 1e-6 bp', () => {
    let compared = 0;
    for (let index = 0; index < 24; index++) {
      const { slice, truth } = benchmarkSlice(index, 3);
      if (truth === 'event') continue;
      const ours = fitted(slice);
      if (ours.diagnostics.atBound.length > 0) continue;
      const theirs = fitted(slice, { engine: 'ml', start: ours.parameters });
      compared++;
      expect(Math.abs(weightedBp(ours) - weightedBp(theirs))).toBeLessThan(1e-6);
    }
    expect(compared).toBeGreaterThan(8);
  });

  it('fits with ml-levenberg-marquardt from its own starts', () => {
    const slice = exactSlice(reference, evenly(-0.5, 0.5, 21));
    const fit = fitted(slice, { engine: 'ml' });
    expect(fit.diagnostics.rmseBp).toBeLessThan(1e-4);
    expectValid(fit.parameters);
  });

  it('does not depend on the order of the quotes or the size of the forward', () => {
    for (let index = 0; index < 30; index++) {
      const { slice } = benchmarkSlice(index, 11);
      const order = slice.logMoneyness.map((_, i) => i).sort((a, b) => ((a * 7) % 30) - ((b * 7) % 30));
      const shuffled: SliceInput = {
        ...slice,
        forward: slice.forward * 1000,
        logMoneyness: order.map((i) => slice.logMoneyness[i]!),
        volatility: order.map((i) => slice.volatility[i]!),
        volatilityBid: order.map((i) => slice.volatilityBid[i]!),
        volatilityAsk: order.map((i) => slice.volatilityAsk[i]!),
        standardDeviation: order.map((i) => slice.standardDeviation[i]!),
      };
      const one = fitted(slice);
      const two = fitted(shuffled);
      expect(two.parameters).toEqual(one.parameters);
      expect(two.covariance).toEqual(one.covariance);
      expect(two.residualBp).toEqual(order.map((i) => one.residualBp[i]));
      expect(two.input).toBe(shuffled);
      expect(fitted(slice)).toEqual(one);
    }
  });

  it('finds the same optimum from its own result as from nothing', () => {
    for (let index = 0; index < 60; index++) {
      const { slice } = benchmarkSlice(index, 13);
      const cold = fitted(slice);
      const warm = fitted(slice, { start: cold.parameters });
      expect(Math.abs(weightedBp(warm) - weightedBp(cold))).toBeLessThan(1e-5 * (1 + weightedBp(cold)));
      if (warm.diagnostics.starts === 1) expect(warm.diagnostics.iterations).toBeLessThanOrEqual(10);
    }
  });

  it('does not stay in a bad minimum it is started from', () => {
    const slice = exactSlice(reference, evenly(-0.5, 0.5, 21));
    const fit = fitted(slice, { start: { a: 0.03, b: 1e-4, rho: 0.9, m: 0.5, sigma: 0.01 } });
    expect(fit.diagnostics.rmseBp).toBeLessThan(1e-6);
  });

  describe('options', () => {
    const random = randomStream(3);
    const k = evenly(-0.5, 0.4, 25);
    const truth = k.map((value) => sviVolatility(reference, value, 0.5));
    const noisy = truth.map((value) => value + 1e-3 * (random.uniform(-1, 1) + random.uniform(-1, 1)));

    it.each(['huber', 'cauchy'] as const)('%s is not moved by an outlier', (loss) => {
      const volatility = [...noisy];
      volatility[18] = volatility[18]! + 0.2;
      const slice = sliceOf(k, volatility);
      const robust = fitted(slice, { loss });
      const plain = fitted(slice);
      const error = (fit: SliceFit<SviParameters>): number =>
        Math.max(...k.map((value, i) => Math.abs(sviVolatility(fit.parameters, value, 0.5) - truth[i]!)));
      expect(error(robust)).toBeLessThan(2e-3);
      expect(error(plain)).toBeGreaterThan(1e-2);
    });

    it('spread-deadzone keeps the model inside the spreads where it can', () => {
      const fit = fitted(sliceOf(k, noisy, { halfSpread: k.map(() => 0.0021) }), { loss: 'spread-deadzone' });
      expect(fit.diagnostics.shareInsideSpread).toBe(1);
    });

    it.each(['variance', 'price'] as const)('the %s space is the volatility space to first order', (space) => {
      const one = fitted(sliceOf(k, noisy));
      const two = fitted(sliceOf(k, noisy), { space });
      k.forEach((value) => {
        const difference = sviVolatility(one.parameters, value, 0.5) - sviVolatility(two.parameters, value, 0.5);
        expect(Math.abs(difference)).toBeLessThan(5e-5);
      });
      expect(fitted(exactSlice(reference, k), { space }).diagnostics.rmseBp).toBeLessThan(1e-5);
    });

    it('weights: equal ignores the stated errors, vega follows the money, spread the errors', () => {
      const standardDeviation = k.map((_, i) => (i < 5 ? 1e-4 : 1e-3));
      const slice = sliceOf(k, noisy, { standardDeviation });
      const left = (fit: SliceFit<SviParameters>): number => fit.residualBp.slice(0, 5).reduce((s, r) => s + r * r, 0);
      const equal = fitted(slice, { weights: 'equal' });
      expect(left(fitted(slice))).toBeLessThan(left(equal));
      const uniform = fitted(sliceOf(k, noisy), { weights: 'equal' });
      expect(uniform.diagnostics.rmseBp).toBeCloseTo(equal.diagnostics.rmseBp, 6);
      const { deviation } = fitQuotes(slice, { weights: 'vega' });
      const { deviation: same } = fitQuotes(slice, { weights: 'equal' });
      expect(new Set(same)).toEqual(new Set([1e-3]));
      // 1 / vega grows on both sides of the money, and its median is that of the stated errors.
      for (let i = 1; i < k.length; i++) {
        if (k[i]! < -0.05) expect(deviation[i]!).toBeLessThan(deviation[i - 1]!);
        if (k[i]! > 0.1) expect(deviation[i]!).toBeGreaterThan(deviation[i - 1]!);
      }
      expect(Float64Array.from(deviation).sort()[12]).toBeCloseTo(1e-3, 12);
    });

    it('a one-sided quote only bounds: nothing while it is met, a pull when it is not', () => {
      const slice = exactSlice(reference, k);
      const withBound = (bid: number, ask: number): SliceInput => ({
        ...slice,
        instrument: [...slice.instrument, 'bound'],
        logMoneyness: [...k, 0.6],
        volatility: [...slice.volatility, NaN],
        volatilityBid: [...slice.volatilityBid, bid],
        volatilityAsk: [...slice.volatilityAsk, ask],
        standardDeviation: [...slice.standardDeviation, NaN],
      });
      const there = sviVolatility(reference, 0.6, 0.5);
      for (const [bid, ask] of [
        [there - 0.01, Infinity],
        [0, there + 0.01],
      ] as const) {
        const fit = fitted(withBound(bid, ask));
        expect(fit.diagnostics.rmseBp).toBeLessThan(1e-6);
        expect(fit.diagnostics.quotesUsed).toBe(k.length);
        expect(fit.residualBp.at(-1)).toBeNaN();
      }
      const pulled = fitted(withBound(there + 0.03, Infinity));
      expect(sviVolatility(pulled.parameters, 0.6, 0.5)).toBeGreaterThan(there + 0.01);
      const pushed = fitted(withBound(0, there - 0.03));
      expect(sviVolatility(pushed.parameters, 0.6, 0.5)).toBeLessThan(there - 0.01);
    });
  });

  describe('refuses', () => {
    const slice = exactSlice(reference, evenly(-0.3, 0.3, 4));
    it('fewer than five strikes', () => {
      expect(calibrateSvi(slice)).toMatchObject({
        ok: false,
        reason: 'too-few-quotes',
        value: 4,
        limit: 5,
        rejected: [],
      });
      const twice = exactSlice(reference, [...evenly(-0.3, 0.3, 4), ...evenly(-0.3, 0.3, 4)]);
      expect(calibrateSvi(twice)).toMatchObject({ ok: false, reason: 'too-few-quotes', value: 4 });
      expect(fitted(exactSlice(reference, evenly(-0.3, 0.3, 5))).diagnostics.rmseBp).toBeLessThan(1e-3);
    });
    const five = exactSlice(reference, evenly(-0.3, 0.3, 5));
    it.each([
      ['timeToExpiry', { ...five, timeToExpiry: 0 }, {}],
      ['volatility', { ...five, volatility: [0.2] }, {}],
      ['volatility[1]', { ...five, volatility: [0.2, -0.2, 0.2, 0.2, 0.2] }, {}],
      ['logMoneyness[0]', { ...five, logMoneyness: [NaN, 0, 1, 2, 3] }, {}],
      ['standardDeviation[2]', { ...five, standardDeviation: [1, 1, 0, 1, 1] }, {}],
      ['start', five, { start: { theta: 0.04, rho: 0, phi: 1 } }],
      ['sigma', five, { start: { ...reference, sigma: -1 } }],
      ['engine', five, { engine: 'other' as 'ml' }],
      ['loss', five, { loss: 'other' as 'l2' }],
      ['weights', five, { weights: 'other' as 'equal' }],
      ['space', five, { space: 'other' as 'price' }],
      ['arbitrage', five, { arbitrage: 'none' as 'report' }],
    ])('%s', (field, input, options) => {
      let thrown: unknown;
      try {
        calibrateSvi(input, options);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(InputError);
      expect((thrown as InputError).field).toBe(field);
    });
  });

  it('states 95% intervals that hold the truth 93 to 97 times in a hundred', () => {
    const { covered, draws } = coverage(400, 1);
    for (const share of covered) {
      // Three standard errors of a share of 400 draws are 3.3%.
      expect(share / draws).toBeGreaterThan(0.917);
      expect(share / draws).toBeLessThan(0.983);
    }
  });
});

describe('the objective', () => {
  it.each([
    { space: 'volatility', loss: 'l2' },
    { space: 'variance', loss: 'l2' },
    { space: 'price', loss: 'l2' },
    { space: 'volatility', loss: 'cauchy' },
    { space: 'price', loss: 'huber' },
  ] as const)('has the gradient that differences of the cost give: $space, $loss', (options) => {
    const { slice } = benchmarkSlice(4, 2);
    const bounds = { ...slice, volatility: slice.volatility.map((v, i) => (i % 7 === 3 ? NaN : v)) };
    for (const input of [slice, bounds]) {
      const quotes = fitQuotes(input, options);
      const normal = sviNormal(30);
      const scratch = sviNormal(30);
      const x = Float64Array.of(
        0.6 * slice.volatility[10]! ** 2 * slice.timeToExpiry,
        0.02,
        0.03,
        0.01,
        Math.log(0.05),
      );
      evaluateSvi(quotes, x, normal);
      for (let j = 0; j < 5; j++) {
        const h = 1e-6 * (j < 3 ? Math.abs(x[j]!) : 0.1);
        const up = Float64Array.from(x);
        const down = Float64Array.from(x);
        up[j]! += h;
        down[j]! -= h;
        const slope = (evaluateSvi(quotes, up, scratch) - evaluateSvi(quotes, down, scratch)) / (2 * h);
        expect(Math.abs(normal.gradient[j]! / slope - 1)).toBeLessThan(1e-5);
      }
    }
  });
});
