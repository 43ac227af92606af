import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { calibrateEssvi } from '../../../src/volatility/calibration/essvi.js';
import type { FitFailure, FitOptions, SliceFit } from '../../../src/volatility/calibration/fit.js';
import { fitQuotes, quoteResidual } from '../../../src/volatility/calibration/quotes.js';
import { calibrateSabr } from '../../../src/volatility/calibration/sabr.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SmileParameters } from '../../../src/volatility/smile/parameters.js';
import { sabr } from '../../../src/volatility/smile/sabr.js';
import { ssvi } from '../../../src/volatility/smile/ssvi.js';
import { svi } from '../../../src/volatility/smile/svi.js';
import { evenly, sliceOf, sviVolatility } from './sample-slices.js';

const smile = { a: 0.02, b: 0.14, rho: -0.45, m: 0.04, sigma: 0.17 };
const k = evenly(-0.5, 0.4, 13);
const time = 0.5;
const volatility = k.map((at) => sviVolatility(smile, at, time));

function volatilityOf(p: SmileParameters, at: number): number {
  if ('alpha' in p) return sabr.volatility({ ...p, strike: p.forward * Math.exp(at) });
  return Math.sqrt(('theta' in p ? ssvi.totalVariance(p, at) : svi.totalVariance(p, at)) / time);
}

type Fit = (slice: SliceInput, o: FitOptions) => SliceFit | FitFailure;
const models: [string, Fit][] = [
  ['SVI', calibrateSvi],
  [
    'eSSVI',
    (slice, o) => {
      const fit = calibrateEssvi([slice], o);
      return fit.ok ? fit.slices[0]! : fit;
    },
  ],
  ['SABR', calibrateSabr],
];

/** The smile's quotes, and one more at `at` that only has the side given. */
function withBound(at: number, bid: number, ask: number, standardDeviation: number): SliceInput {
  const slice = sliceOf([...k, at], [...volatility, NaN], {
    timeToExpiry: time,
    standardDeviation: [...k.map(() => 0.002), standardDeviation],
  });
  return {
    ...slice,
    volatilityBid: [...volatility.map((v) => v - 0.003), bid],
    volatilityAsk: [...volatility.map((v) => v + 0.003), ask],
  };
}

describe.each(models)('a quote with one side in a fit of %s', (_, calibrate) => {
  const fit = (slice: SliceInput, o: FitOptions = {}): SliceFit => {
    const result = calibrate(slice, o);
    if (!result.ok) throw new Error(result.message);
    return result;
  };
  const spaces = ['volatility', 'variance', 'price'] as const;

  test.each(spaces)('inside its bound it changes nothing (%s)', (space) => {
    const at = 0.23;
    const here = sviVolatility(smile, at, time);
    const none = fit(withBound(at, 0, Infinity, 0.001), { space });
    for (const [bid, ask] of [
      [here - 0.05, Infinity],
      [0, here + 0.05],
    ] as const) {
      expect(fit(withBound(at, bid, ask, 0.001), { space }).parameters).toEqual(none.parameters);
    }
  });

  test.each(spaces)('beyond it the smile is drawn back, the more the smaller its error (%s)', (space) => {
    const at = 0.23;
    const here = sviVolatility(smile, at, time);
    const base = fit(withBound(at, 0, Infinity, 0.001), { space });
    const cost = (bid: number, ask: number, error: number): number => {
      const slice = withBound(at, bid, ask, error);
      const result = fit(slice, { space });
      const without = base.residualBp.reduce(
        (sum, r, i) => sum + (i < k.length ? (r - result.residualBp[i]!) ** 2 : 0),
        0,
      );
      return Math.sqrt(without);
    };
    for (const side of [1, -1]) {
      const bound = here + side * 0.02;
      const [bid, ask] = side > 0 ? [bound, Infinity] : [0, bound];
      const loose = cost(bid, ask, 0.02);
      const tight = cost(bid, ask, 0.0005);
      expect(loose).toBeGreaterThan(0.1);
      expect(tight).toBeGreaterThan(3 * loose);
    }
  });

  test('a tight one is nearly kept', () => {
    const at = 0.23;
    const bound = sviVolatility(smile, at, time) + 0.01;
    const model = volatilityOf(fit(withBound(at, bound, Infinity, 1e-5)).parameters, at);
    expect(model).toBeGreaterThan(bound - 1e-4);
  });

  test('it has no residual of its own in the report', () => {
    const result = fit(withBound(0.23, 0.1, Infinity, 0.001));
    expect(result.residualBp[k.length]).toBeNaN();
    expect(result.diagnostics.quotesUsed).toBe(k.length);
  });
});

describe('bounds as residuals', () => {
  test('are 0 inside and the distance over the error outside, in every space, loss or weighting', () => {
    const option = <T extends string>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
    fc.assert(
      fc.property(
        option('volatility', 'variance', 'price'),
        option('spread', 'equal', 'vega'),
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        (space, weights, model) => {
          const quotes = fitQuotes(withBound(0.2, 0.2, 0.3, 0.002), { space, weights });
          const r = quoteResidual(quotes, k.length, model * model * time);
          expect(Math.sign(r)).toBe(model < 0.2 ? -1 : model > 0.3 ? 1 : 0);
          expect(Number.isFinite(r)).toBe(true);
        },
      ),
    );
  });

  test('a quote with neither side says nothing', () => {
    for (const space of ['volatility', 'variance', 'price'] as const) {
      const quotes = fitQuotes(withBound(0.2, 0, Infinity, 0.002), { space });
      expect(quoteResidual(quotes, k.length, 0.045)).toBe(0);
    }
  });

  test('a bid above the ask, or one below 0, is refused', () => {
    expect(() => fitQuotes(withBound(0.2, 0.4, 0.3, 0.002), {})).toThrow(InputError);
    expect(() => fitQuotes(withBound(0.2, -0.1, 0.3, 0.002), {})).toThrow(InputError);
  });
});

describe('density correction', () => {
  const weights = (at: number[]): number[] => {
    const slice = sliceOf(
      at,
      at.map(() => 0.3),
    );
    const { deviation, count } = fitQuotes(slice, { densityCorrection: true });
    return Array.from(deviation.subarray(0, count), (d) => (0.001 / d) ** 2);
  };

  test('leaves evenly spaced quotes as they are', () => {
    for (const weight of weights(evenly(-0.4, 0.6, 11))) expect(weight).toBeCloseTo(1, 12);
  });

  test('weights a strike by its distance to the neighbours, whatever the order, and keeps the sum', () => {
    const at = [-0.4, -0.2, 0, 0.01, 0.02, 0.03, 0.3];
    const sorted = weights(at);
    expect(sorted.reduce((sum, weight) => sum + weight, 0)).toBeGreaterThan(6);
    expect(sorted[3]! / sorted[1]!).toBeCloseTo(0.01 / 0.2, 12);
    const turned = weights([...at].reverse()).reverse();
    turned.forEach((weight, i) => {
      expect(weight).toBeCloseTo(sorted[i]!, 12);
    });
  });

  test('lets quotes at one strike share its weight', () => {
    const single = weights([-0.2, 0, 0.2]);
    const double = weights([-0.2, 0, 0, 0.2]);
    expect(double[1]).toBe(double[2]);
    expect(double[1]! / double[0]!).toBeCloseTo((0.5 * single[1]!) / single[0]!, 12);
  });

  test('how many quotes a cluster has hardly matters any more', () => {
    // The quotes at the money agree on a wrong level, eight wings on the right one.
    const wings = [-0.5, -0.4, -0.3, -0.2, 0.15, 0.25, 0.35, 0.45];
    const wingError = (count: number, o: FitOptions): number => {
      const at = [...wings, ...evenly(-0.02, 0.02, count)];
      const fit = calibrateSvi(
        sliceOf(
          at,
          at.map((x) => sviVolatility(smile, x, time) + (Math.abs(x) < 0.05 ? 0.03 : 0)),
          { timeToExpiry: time },
        ),
        o,
      );
      if (!fit.ok) throw new Error(fit.message);
      return Math.hypot(...fit.residualBp.slice(0, wings.length));
    };
    const change = (o: FitOptions): number => wingError(100, o) / wingError(10, o) - 1;
    expect(Math.abs(change({ densityCorrection: true }))).toBeLessThan(0.02);
    expect(Math.abs(change({}))).toBeGreaterThan(4 * Math.abs(change({ densityCorrection: true })));
  });
});
