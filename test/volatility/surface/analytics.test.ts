import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { calendarClock } from '../../../src/market/clock.js';
import { black76 } from '../../../src/pricing/black76.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SmileParameters, SviParameters } from '../../../src/volatility/smile/parameters.js';
import { smileParameterNames } from '../../../src/volatility/smile/smile-jet.js';
import { sviTotalVariance } from '../../../src/volatility/smile/svi.js';
import { surfaceAnalytics } from '../../../src/volatility/surface/analytics.js';
import type { Estimate, SurfaceAnalytics } from '../../../src/volatility/surface/analytics.js';
import { strikeOfDelta } from '../../../src/volatility/surface/delta-strike.js';
import { smilePoint } from '../../../src/volatility/surface/smile-point.js';
import { openSurface } from '../../../src/volatility/surface/surface.js';
import type { VolatilitySurface } from '../../../src/volatility/surface/surface.js';
import { grid, sliceOf, uniform } from '../calibration/slices.js';

const asOf = Date.UTC(2026, 0, 2, 8);
const year = 365 * 86_400_000;
const reference: SviParameters = { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 };
const later: SviParameters = { a: 0.025, b: 0.14, rho: -0.5, m: 0.03, sigma: 0.2 };

interface Slice {
  timeToExpiry: number;
  parameters: SmileParameters;
  covariance?: number[][] | undefined;
}

function surfaceOf(...slices: Slice[]): VolatilitySurface {
  return openSurface({
    schema: 1,
    underlying: 'X',
    asOf,
    clock: calendarClock,
    interpolation: 'total-variance',
    slices: slices.map((slice) => ({
      ...slice,
      expiry: asOf + slice.timeToExpiry * year,
      varianceTime: slice.timeToExpiry,
      forward: 100,
      discountFactor: 0.97,
    })),
    calendar: [],
  });
}

const figures = [
  'atmVolatility',
  'skew',
  'curvature',
  'moneynessSkew',
  'riskReversal25',
  'butterfly25',
  'riskReversal10',
  'butterfly10',
  'varianceSwap',
  'aboveAtm',
] as const;

function figuresOf(a: SurfaceAnalytics): Record<(typeof figures)[number], Estimate> {
  if (!a.delta25.ok || !a.delta10.ok || !a.varianceSwap.ok) throw new Error('a figure is missing');
  return {
    atmVolatility: a.atmVolatility,
    skew: a.skew,
    curvature: a.curvature,
    moneynessSkew: a.moneynessSkew,
    riskReversal25: a.delta25.riskReversal,
    butterfly25: a.delta25.butterfly,
    riskReversal10: a.delta10.riskReversal,
    butterfly10: a.delta10.butterfly,
    varianceSwap: a.varianceSwap.volatility,
    aboveAtm: a.varianceSwap.aboveAtm,
  };
}

describe('values', () => {
  const surface = surfaceOf({ timeToExpiry: 0.5, parameters: reference }, { timeToExpiry: 1, parameters: later });

  test.each([0.2, 0.5, 0.8, 1, 1.7])('are read off the surface at T = %d', (timeToExpiry) => {
    const a = surfaceAnalytics(surface, timeToExpiry);
    const v = (k: number): number => surface.volatility(100 * Math.exp(k), timeToExpiry);
    const h = 1e-3;
    expect(a.atmVolatility.value).toBeCloseTo(v(0), 14);
    expect(a.skew.value).toBeCloseTo((v(-2 * h) - 8 * v(-h) + 8 * v(h) - v(2 * h)) / (12 * h), 9);
    const second = (-v(-2 * h) + 16 * v(-h) - 30 * v(0) + 16 * v(h) - v(2 * h)) / (12 * h * h);
    expect(a.curvature.value).toBeCloseTo(second, 7);
    expect(a.moneynessSkew.value).toBeCloseTo(
      surface.volatility(90, timeToExpiry) - surface.volatility(110, timeToExpiry),
      14,
    );
    if (!a.varianceSwap.ok) throw new Error('no variance swap');
    const swap = surface.varianceSwapStrike(timeToExpiry);
    expect(a.varianceSwap.volatility.value).toBe(swap);
    expect(a.varianceSwap.aboveAtm.value).toBeCloseTo(swap - v(0), 15);
    for (const [wings, delta] of [
      [a.delta25, 0.25],
      [a.delta10, 0.1],
    ] as const) {
      if (!wings.ok) throw new Error(wings.message);
      const deltaAt = (type: 'call' | 'put', moneyness: number): number => {
        const volatility = v(Math.log(moneyness));
        return black76.greeks({ type, forward: 100, strike: 100 * moneyness, timeToExpiry, volatility }).delta;
      };
      expect(deltaAt('call', wings.callMoneyness)).toBeCloseTo(delta, 13);
      expect(deltaAt('put', wings.putMoneyness)).toBeCloseTo(-delta, 13);
      const [call, put] = [v(Math.log(wings.callMoneyness)), v(Math.log(wings.putMoneyness))];
      expect(wings.riskReversal.value).toBeCloseTo(call - put, 13);
      expect(wings.butterfly.value).toBeCloseTo(0.5 * (call + put) - v(0), 13);
    }
    const slope = (surface.volatility(100, 1) - surface.volatility(100, 0.5)) / 0.5;
    expect(a.termSlope!.value).toBeCloseTo(slope, 14);
    for (const figure of Object.values(figuresOf(a))) expect(figure.standardError).toBeUndefined();
  });

  test('the term slope is that of the slices around the time', () => {
    const parameters = [0.02, 0.05, 0.09].map((a) => ({ a, b: 0, rho: 0, m: 0, sigma: 1 }));
    const three = surfaceOf(...parameters.map((p, i) => ({ timeToExpiry: i + 1, parameters: p })));
    const slopes = [0.5, 1, 1.5, 2, 2.5, 3, 4].map((t) => surfaceAnalytics(three, t).termSlope!.value);
    const v = [1, 2, 3].map((t) => three.volatility(100, t)) as [number, number, number];
    const [first, second] = [v[1] - v[0], v[2] - v[1]];
    slopes.forEach((slope, i) => {
      expect(slope).toBeCloseTo(i < 3 ? first : second, 14);
    });
    expect(surfaceAnalytics(surfaceOf({ timeToExpiry: 1, parameters: later }), 1).termSlope).toBeUndefined();
  });

  test('smilePoint gives the slopes at any strike', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 60, max: 150, noNaN: true }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        (strike, timeToExpiry) => {
          const point = smilePoint(surface, strike, timeToExpiry);
          const h = 1e-3;
          const v = (n: number): number => surface.volatility(strike * Math.exp(n * h), timeToExpiry);
          expect(point.volatility).toBeCloseTo(v(0), 14);
          expect(point.slope).toBeCloseTo((v(-2) - 8 * v(-1) + 8 * v(1) - v(2)) / (12 * h), 8);
          expect(point.curvature).toBeCloseTo((v(-1) - 2 * v(0) + v(1)) / (h * h), 3);
        },
      ),
    );
    expect(() => smilePoint(surface, 0, 1)).toThrow(InputError);
    expect(() => smilePoint(surface, 100, NaN)).toThrow(InputError);
  });
});

describe('standard errors', () => {
  const sabr = { forward: 100, timeToExpiry: 0.5, alpha: 0.4, beta: 0.9, rho: -0.4, nu: 0.7 };
  const smiles: [string, SmileParameters][] = [
    ['SVI', reference],
    ['SSVI', { theta: 0.04, rho: -0.5, phi: 2.5 }],
    ['SABR', sabr],
  ];

  test.each(smiles)('%s: the delta method against figures of moved parameters', (_, parameters) => {
    const names = smileParameterNames(parameters);
    const analytics = (moved: SmileParameters): SurfaceAnalytics =>
      surfaceAnalytics(surfaceOf({ timeToExpiry: 0.5, parameters: moved }), 0.5);
    // A covariance that is not diagonal: D (0.4 + 0.6 I) D.
    const deviation = names.map((_, i) => 1e-3 * (1 + 0.3 * i));
    const covariance = names.map((_, i) =>
      names.map((_, j) => deviation[i]! * deviation[j]! * (i === j ? 1 : 0.4 * (-1) ** (i + j))),
    );
    const reported = surfaceAnalytics(surfaceOf({ timeToExpiry: 0.5, parameters, covariance }), 0.5);
    const values = (a: SurfaceAnalytics): Record<string, number> =>
      Object.fromEntries(
        [
          ['atmVolatility', a.atmVolatility],
          ['skew', a.skew],
          ['curvature', a.curvature],
          ['moneynessSkew', a.moneynessSkew],
          ['riskReversal25', a.delta25.ok ? a.delta25.riskReversal : undefined],
          ['butterfly25', a.delta25.ok ? a.delta25.butterfly : undefined],
          ['riskReversal10', a.delta10.ok ? a.delta10.riskReversal : undefined],
          ['butterfly10', a.delta10.ok ? a.delta10.butterfly : undefined],
          ['varianceSwap', a.varianceSwap.ok ? a.varianceSwap.volatility : undefined],
          ['aboveAtm', a.varianceSwap.ok ? a.varianceSwap.aboveAtm : undefined],
        ].flatMap(([name, figure]) => (figure === undefined ? [] : [[name, (figure as Estimate).value]])) as [
          string,
          number,
        ][],
      );
    const gradients = names.map((name) => {
      const at = (parameters as unknown as Record<string, number>)[name]!;
      const h = 1e-4 * Math.max(Math.abs(at), 0.1);
      const [a, b, c, d] = [-2, -1, 1, 2].map((n) => values(analytics({ ...parameters, [name]: at + n * h }))) as [
        Record<string, number>,
        Record<string, number>,
        Record<string, number>,
        Record<string, number>,
      ];
      return Object.fromEntries(
        Object.keys(a).map((key) => [key, (a[key]! - 8 * b[key]! + 8 * c[key]! - d[key]!) / (12 * h)]),
      );
    });
    const all = {
      ...reported,
      ...(reported.delta25.ok && {
        riskReversal25: reported.delta25.riskReversal,
        butterfly25: reported.delta25.butterfly,
      }),
      ...(reported.delta10.ok && {
        riskReversal10: reported.delta10.riskReversal,
        butterfly10: reported.delta10.butterfly,
      }),
      ...(reported.varianceSwap.ok && {
        varianceSwap: reported.varianceSwap.volatility,
        aboveAtm: reported.varianceSwap.aboveAtm,
      }),
    } as unknown as Record<string, Estimate>;
    const keys = Object.keys(gradients[0]!);
    expect(keys.length).toBe('alpha' in parameters ? 8 : 10);
    for (const key of keys) {
      let variance = 0;
      for (let i = 0; i < names.length; i++) {
        for (let j = 0; j < names.length; j++) {
          variance += gradients[i]![key]! * gradients[j]![key]! * covariance[i]![j]!;
        }
      }
      expect(Math.abs(all[key]!.standardError! / Math.sqrt(variance) - 1), key).toBeLessThan(1e-6);
    }
  });

  test('are the spread of the figures over fits of noisy quotes', () => {
    const next = uniform(11);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const deviation = 0.0015;
    const k = grid(-0.45, 0.35, 25);
    const runs = Array.from({ length: 300 }, () => {
      const slice = sliceOf({
        timeToExpiry: 0.5,
        logMoneyness: k,
        volatilityAt: (x) => Math.sqrt(sviTotalVariance(reference, x) / 0.5),
        halfSpread: deviation / 0.58,
        noise: () => deviation * normal(),
      });
      const fit = calibrateSvi(slice, { arbitrage: 'report' });
      if (!fit.ok) throw new Error(fit.message);
      const { parameters, covariance } = fit;
      return figuresOf(surfaceAnalytics(surfaceOf({ timeToExpiry: 0.5, parameters, covariance }), 0.5));
    });
    for (const name of figures) {
      const values = runs.map((run) => run[name].value);
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
      const reported = Math.sqrt(runs.reduce((sum, run) => sum + run[name].standardError! ** 2, 0) / runs.length);
      // The spread of 300 runs is known to 4%; s^2 = max(1, chi-square per degree) adds up to 6%.
      expect(reported / spread, name).toBeGreaterThan(0.88);
      expect(reported / spread, name).toBeLessThan(1.2);
    }
  });

  const one = [
    [1e-6, 0, 0, 0, 0],
    [0, 1e-6, 0, 0, 0],
    [0, 0, 1e-4, 0, 0],
    [0, 0, 0, 1e-5, 0],
    [0, 0, 0, 0, 1e-5],
  ];

  test('of the term slope join the errors of its two slices', () => {
    const surface = surfaceOf(
      { timeToExpiry: 0.5, parameters: reference, covariance: one },
      { timeToExpiry: 1, parameters: later, covariance: one },
    );
    const error = (t: number): number => surfaceAnalytics(surface, t).atmVolatility.standardError!;
    const expected = Math.hypot(error(0.5), error(1)) / 0.5;
    expect(surfaceAnalytics(surface, 0.7).termSlope!.standardError).toBeCloseTo(expected, 15);
    expect(surfaceAnalytics(surface, 0.7).atmVolatility.standardError).toBeUndefined();
  });

  test('are infinite where the quotes did not tell', () => {
    const blind = one.map((row, i) => (i === 0 ? [Infinity, 0, 0, 0, 0] : row));
    const a = surfaceAnalytics(surfaceOf({ timeToExpiry: 0.5, parameters: reference, covariance: blind }), 0.5);
    expect(a.atmVolatility.standardError).toBe(Infinity);
  });

  test.each([
    ['too few rows', one.slice(1)],
    ['short rows', one.map((row) => row.slice(1))],
    ['NaN', one.map((row) => row.map(() => NaN))],
    ['no rows', 3 as unknown as number[][]],
  ])('a covariance of %s is a mistake', (_, covariance) => {
    const surface = surfaceOf({ timeToExpiry: 0.5, parameters: reference, covariance });
    expect(() => surfaceAnalytics(surface, 0.5)).toThrow('slices[0].covariance');
  });
});

describe('where a figure does not exist', () => {
  test('a wing beyond Lee: the delta turns back, and there is no variance swap', () => {
    const steep = surfaceOf({ timeToExpiry: 1, parameters: { a: 0.01, b: 2, rho: 0.5, m: 0, sigma: 0.1 } });
    const a = surfaceAnalytics(steep, 1);
    expect(a.delta10).toMatchObject({ ok: false, reason: 'delta-not-monotone' });
    expect(a.varianceSwap).toMatchObject({ ok: false, reason: 'no-distribution' });
  });

  test('a delta below what the steepest wing gives is unreachable', () => {
    // w = 2 |k| beyond the money: d1 stays at 0 on the right.
    expect(strikeOfDelta((k) => ({ w: 0.04 + 2 * Math.abs(k), dw: 2 * Math.sign(k) }), 0.01)).toMatchObject({
      ok: false,
      reason: 'delta-unreachable',
    });
  });

  test('SABR has wings of its own: no variance swap', () => {
    const p = { forward: 100, timeToExpiry: 0.5, alpha: 0.4, beta: 0.9, rho: -0.4, nu: 0.7 };
    const a = surfaceAnalytics(surfaceOf({ timeToExpiry: 0.5, parameters: p }), 0.5);
    expect(a.delta10.ok).toBe(true);
    expect(a.varianceSwap.ok).toBe(false);
  });

  test('a volatility of 0 and times that are none are mistakes', () => {
    const flat = surfaceOf({ timeToExpiry: 1, parameters: { a: 0, b: 0, rho: 0, m: 0, sigma: 1 } });
    expect(() => surfaceAnalytics(flat, 1)).toThrow(InputError);
    expect(flat.varianceSwapStrike(1)).toBe(0);
    for (const bad of [0, -1, NaN, Infinity]) expect(() => surfaceAnalytics(flat, bad)).toThrow('timeToExpiry');
  });
});

test('the strike of a delta undoes the delta on every smile free of arbitrage', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.02, max: 0.98, noNaN: true }),
      fc.double({ min: 0.001, max: 3, noNaN: true }),
      fc.double({ min: -0.9, max: 0.9, noNaN: true }),
      fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      (delta, theta, rho, share) => {
        const phi = share * Math.min(4 / (theta * (1 + Math.abs(rho))), Math.sqrt(4 / (theta * (1 + Math.abs(rho)))));
        const surface = surfaceOf({ timeToExpiry: 1, parameters: { theta, rho, phi } });
        const found = strikeOfDelta(
          (k) => ({
            w: surface.totalVariance(k, 1),
            dw: 2 * smilePoint(surface, 100 * Math.exp(k), 1).slope * Math.sqrt(surface.totalVariance(k, 1)),
          }),
          delta,
        );
        if (!found.ok) throw new Error(found.message);
        const strike = 100 * Math.exp(found.k);
        const volatility = surface.volatility(strike, 1);
        const call = black76.greeks({ type: 'call', forward: 100, strike, timeToExpiry: 1, volatility });
        expect(call.delta).toBeCloseTo(delta, 12);
      },
    ),
  );
});
