import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { calendarClock } from '../../../src/market/clock.js';
import { integrate } from '../../../src/math/quadrature.js';
import { black76 } from '../../../src/pricing/black76.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { ssvi } from '../../../src/volatility/smile/ssvi.js';
import { svi } from '../../../src/volatility/smile/svi.js';
import { flatSurface } from '../../../src/volatility/surface/flat-surface.js';
import { surfaceFromJSON } from '../../../src/volatility/surface/surface-json.js';
import { openSurface } from '../../../src/volatility/surface/surface.js';
import type { SurfaceData } from '../../../src/volatility/surface/surface-data.js';

const asOf = Date.UTC(2026, 0, 2, 8);
const year = 365 * 86_400_000;
/** The reference slice of the anchors, at half a year. */
const reference: SviParameters = { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 };
const later: SviParameters = { a: 0.025, b: 0.14, rho: -0.5, m: 0.03, sigma: 0.2 };

function surfaceData(change: Partial<SurfaceData> = {}): SurfaceData {
  const slice = (timeToExpiry: number, parameters: SviParameters, forward: number, discountFactor: number) => ({
    expiry: asOf + timeToExpiry * year,
    timeToExpiry,
    varianceTime: timeToExpiry,
    forward,
    discountFactor,
    parameters,
  });
  return {
    schema: 1,
    underlying: 'BTC',
    asOf,
    spot: 100,
    clock: calendarClock,
    interpolation: 'total-variance',
    slices: [slice(0.5, reference, 101, 0.98), slice(1, later, 103, 0.95)],
    calendar: [],
    ...change,
  };
}
const surface = openSurface(surfaceData());

const strikeAt = (k: number, timeToExpiry: number): number => surface.forward(timeToExpiry) * Math.exp(k);
const times = fc.double({ min: 0.01, max: 3, noNaN: true });
const moneyness = fc.double({ min: -1.5, max: 1.5, noNaN: true });

describe('at a slice', () => {
  test('the reference slice gives the worked numbers', () => {
    expect(surface.totalVariance(0, 0.5)).toBeCloseTo(0.03033647024893403, 15);
    expect(surface.volatility(101, 0.5)).toBeCloseTo(0.2463187782079719, 14);
    expect(1 - surface.cdf(strikeAt(0.1, 0.5), 0.5)).toBeCloseTo(0.2541085689998637, 13);
    expect(surface.varianceSwapStrike(0.5)).toBeCloseTo(0.3244194520807194, 13);
  });

  test('variance swap equals replication by out-of-the-money options', () => {
    const price = (k: number): number =>
      black76.price({
        type: k < 0 ? 'put' : 'call',
        forward: 1,
        strike: Math.exp(k),
        timeToExpiry: 0.5,
        volatility: Math.sqrt(svi.totalVariance(reference, k) / 0.5),
      });
    const replicated = integrate((k) => 2 * price(k) * Math.exp(-k), -25, 12, 1e-13, [0, 0.03]).value;
    expect(surface.varianceSwapStrike(0.5) ** 2 * 0.5).toBeCloseTo(replicated, 11);
  });
});

describe('the distribution', () => {
  test.each([0.1, 0.5, 0.7, 1, 2])('integrates to 1 and to the forward at T = %d', (timeToExpiry) => {
    const forward = surface.forward(timeToExpiry);
    const density = (k: number): number =>
      surface.density(strikeAt(k, timeToExpiry), timeToExpiry) * strikeAt(k, timeToExpiry);
    expect(integrate(density, -30, 30, 1e-13, [-1, 0, 0.03, 1]).value).toBeCloseTo(1, 10);
    const mean = integrate((k) => density(k) * Math.exp(k), -30, 60, 1e-13, [-1, 0, 0.03, 1]).value;
    expect(mean * forward).toBeCloseTo(forward, 8);
  });

  test('the cdf is the integral of the density', () => {
    fc.assert(
      fc.property(times, fc.double({ min: -0.8, max: 0.8, noNaN: true }), (timeToExpiry, k) => {
        const strike = strikeAt(k, timeToExpiry);
        const step = 1e-5 * strike;
        const slope =
          (surface.cdf(strike + step, timeToExpiry) - surface.cdf(strike - step, timeToExpiry)) / (2 * step);
        const density = surface.density(strike, timeToExpiry);
        expect(Math.abs(slope - density)).toBeLessThan(1e-6 * Math.max(density, 1e-3));
      }),
    );
  });

  test('quantile undoes the cdf', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (timeToExpiry, p) => {
        expect(surface.cdf(surface.quantile(p, timeToExpiry), timeToExpiry)).toBeCloseTo(p, 12);
      }),
    );
  });
});

describe('between and beyond the slices', () => {
  test('total variance never decreases in time', () => {
    fc.assert(
      fc.property(times, times, moneyness, (one, other, k) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        expect(surface.totalVariance(k, late)).toBeGreaterThanOrEqual(surface.totalVariance(k, early) * (1 - 1e-15));
      }),
    );
  });

  test('is linear between, scaled before, shifted after', () => {
    const [first, last] = [svi.totalVariance(reference, 0.2), svi.totalVariance(later, 0.2)];
    expect(surface.totalVariance(0.2, 0.75)).toBeCloseTo(0.5 * (first + last), 16);
    expect(surface.totalVariance(0.2, 0.125)).toBeCloseTo(0.25 * first, 16);
    const forwardVariance = (svi.totalVariance(later, 0) - svi.totalVariance(reference, 0)) / 0.5;
    expect(surface.totalVariance(0.2, 2)).toBeCloseTo(last + forwardVariance, 15);
  });

  test('forward and discount factor are log-linear and hit spot, slices and the last carry', () => {
    expect(surface.forward(0.5)).toBe(101);
    expect(surface.forward(1)).toBe(103);
    expect(surface.forward(0.25)).toBeCloseTo(Math.sqrt(100 * 101), 12);
    expect(surface.forward(1.5)).toBeCloseTo(103 * (103 / 101), 12);
    expect(surface.discountFactor(0.5)).toBeCloseTo(0.98, 15);
    expect(surface.discountFactor(0.25)).toBeCloseTo(Math.sqrt(0.98), 15);
    expect(openSurface(surfaceData({ spot: undefined })).forward(0.1)).toBeCloseTo(101, 12);
  });

  test('local volatility is Dupire: finite differences of call prices', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.55, max: 0.95, noNaN: true }),
        fc.double({ min: -0.3, max: 0.3, noNaN: true }),
        (timeToExpiry, k) => {
          const call = (t: number, x: number): number =>
            black76.price({
              type: 'call',
              forward: 1,
              strike: Math.exp(x),
              timeToExpiry: t,
              volatility: surface.volatility(strikeAt(x, t), t),
            });
          const [dt, dx] = [1e-4, 2e-3];
          const slope = (call(timeToExpiry + dt, k) - call(timeToExpiry - dt, k)) / (2 * dt);
          const [left, centre, right] = [-dx, 0, dx].map((d) => call(timeToExpiry, k + d)) as [number, number, number];
          // K^2 d2C/dK2 = d2C/dk2 - dC/dk
          const convexity = (right - 2 * centre + left) / (dx * dx) - (right - left) / (2 * dx);
          const local = surface.localVolatility(strikeAt(k, timeToExpiry), timeToExpiry);
          expect(Math.abs(local / Math.sqrt((2 * slope) / convexity) - 1)).toBeLessThan(2e-4);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('an event adds its variance from its instant on and nothing before', () => {
    const event = { at: asOf + 0.25 * year, variance: 0.004 };
    const withEvent = openSurface(surfaceData({ clock: { ...calendarClock, events: [event] } }));
    const base = svi.totalVariance(reference, 0.1);
    expect(withEvent.totalVariance(0.1, 0.5)).toBeCloseTo(base, 15);
    expect(withEvent.totalVariance(0.1, 0.2)).toBeCloseTo((base - 0.004) * 0.4, 15);
    expect(withEvent.totalVariance(0.1, 0.3)).toBeCloseTo((base - 0.004) * 0.6 + 0.004, 15);
    expect(() =>
      openSurface(surfaceData({ clock: { ...calendarClock, events: [{ ...event, variance: 1 }] } })),
    ).toThrow(InputError);
  });
});

describe.each(['essvi', 'price'] as const)('interpolation by %s', (interpolation) => {
  const slices = [
    { theta: 0.02, rho: -0.6, phi: 3 },
    { theta: 0.05, rho: -0.4, phi: 2 },
  ].map((parameters, i) => ({ ...surfaceData().slices[i]!, parameters }));
  const between = openSurface(surfaceData({ interpolation, slices }));
  const inside = fc.double({ min: 0.501, max: 0.999, noNaN: true });
  const near = fc.double({ min: -0.8, max: 0.8, noNaN: true });
  // Mixed prices bend sharply in time next to a slice and in the wings, where differences of step 1e-4 say little.
  const wellInside = fc.double({ min: 0.6, max: 0.95, noNaN: true });
  const nearest = fc.double({ min: -0.3, max: 0.3, noNaN: true });

  test('meets its slices', () => {
    fc.assert(
      fc.property(moneyness, (k) => {
        [0.5, 1].forEach((timeToExpiry, i) => {
          const w = ssvi.totalVariance(slices[i]!.parameters, k);
          expect(Math.abs(between.totalVariance(k, timeToExpiry) / w - 1)).toBeLessThan(1e-13);
          if (Math.abs(k) > 0.3) return;
          expect(Math.abs(between.totalVariance(k, timeToExpiry + (i === 0 ? 1e-9 : -1e-9)) / w - 1)).toBeLessThan(
            1e-6,
          );
        });
      }),
    );
  });

  test('total variance rises with time, in and beyond the slices', () => {
    fc.assert(
      fc.property(times, times, moneyness, (one, other, k) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        expect(between.totalVariance(k, late)).toBeGreaterThanOrEqual(between.totalVariance(k, early) * (1 - 1e-13));
      }),
    );
  });

  test('density is positive and the derivative of the cdf', () => {
    fc.assert(
      fc.property(inside, near, (timeToExpiry, k) => {
        const strike = between.forward(timeToExpiry) * Math.exp(k);
        const step = 1e-5 * strike;
        const slope =
          (between.cdf(strike + step, timeToExpiry) - between.cdf(strike - step, timeToExpiry)) / (2 * step);
        const density = between.density(strike, timeToExpiry);
        expect(density).toBeGreaterThan(0);
        expect(Math.abs(slope - density)).toBeLessThan(1e-6 * Math.max(density, 1e-3));
      }),
    );
  });

  test('local volatility is Dupire: the slope of total variance in time over g', () => {
    fc.assert(
      fc.property(wellInside, nearest, (timeToExpiry, k) => {
        const forward = between.forward(timeToExpiry);
        const h = 1e-4;
        const w = (dt: number, dk: number): number => between.totalVariance(k + dk, timeToExpiry + dt);
        const inTime = (w(h, 0) - w(-h, 0)) / (2 * h);
        const dw = (w(0, h) - w(0, -h)) / (2 * h);
        const d2w = (w(0, h) - 2 * w(0, 0) + w(0, -h)) / (h * h);
        const centre = w(0, 0);
        const g = (1 - (k * dw) / (2 * centre)) ** 2 - 0.25 * dw * dw * (1 / centre + 0.25) + 0.5 * d2w;
        const local = between.localVolatility(forward * Math.exp(k), timeToExpiry);
        expect(Math.abs(local / Math.sqrt(inTime / g) - 1)).toBeLessThan(1e-4);
      }),
    );
  });

  test('takes no events', () => {
    const clock = { ...calendarClock, events: [{ at: asOf + 1, variance: 0.001 }] };
    expect(() => openSurface(surfaceData({ interpolation, slices, clock }))).toThrow('clock.events');
  });
});

test('eSSVI interpolation is for SSVI slices only', () => {
  expect(() => openSurface(surfaceData({ interpolation: 'essvi' }))).toThrow(InputError);
});

test('price interpolation of raw SVI mixes undiscounted prices', () => {
  const mixed = openSurface(surfaceData({ interpolation: 'price' }));
  const call = (k: number, w: number): number =>
    black76.price({ type: 'call', forward: 1, strike: Math.exp(k), timeToExpiry: 1, volatility: Math.sqrt(w) });
  const [theta1, theta2] = [svi.totalVariance(reference, 0), svi.totalVariance(later, 0)];
  const theta = 0.5 * (theta1 + theta2);
  const alpha = (Math.sqrt(theta2) - Math.sqrt(theta)) / (Math.sqrt(theta2) - Math.sqrt(theta1));
  for (const k of [-0.6, -0.1, 0, 0.05, 0.4]) {
    const expected =
      alpha * call(k, svi.totalVariance(reference, k)) + (1 - alpha) * call(k, svi.totalVariance(later, k));
    expect(call(k, mixed.totalVariance(k, 0.75))).toBeCloseTo(expected, 14);
  }
});

describe('data', () => {
  test('a flat surface is flat', () => {
    const flat = flatSurface({
      underlying: 'X',
      asOf,
      volatility: 0.3,
      forward: 50,
      expiries: [asOf + year, asOf + year / 4],
    });
    fc.assert(
      fc.property(times, moneyness, (timeToExpiry, k) => {
        expect(flat.volatility(50 * Math.exp(k), timeToExpiry)).toBeCloseTo(0.3, 14);
        expect(flat.localVolatility(50 * Math.exp(k), timeToExpiry)).toBeCloseTo(0.3, 14);
      }),
    );
    expect(flat.data.slices.map((slice) => slice.timeToExpiry)).toEqual([0.25, 1]);
    expect(() => flatSurface({ underlying: 'X', asOf, volatility: 0.3, forward: 50, expiries: [asOf] })).toThrow(
      'expiries',
    );
  });

  test('without volatility the price ends at the forward', () => {
    const still = flatSurface({ underlying: 'X', asOf, volatility: 0, forward: 50, expiries: [asOf + year] });
    expect([49, 50, 51].map((strike) => still.cdf(strike, 1))).toEqual([0, 1, 1]);
    expect([49, 50, 51].map((strike) => still.density(strike, 1))).toEqual([0, Infinity, 0]);
    expect(still.quantile(0.3, 1)).toBeCloseTo(50, 12);
    expect(still.varianceSwapStrike(1)).toBe(0);
    expect(still.volatility(60, 0.5)).toBe(0);
  });

  test('JSON gives back the same bits', () => {
    const text = JSON.stringify(surface.toJSON());
    const back = surfaceFromJSON(text);
    expect(back.ok && back.surface.data).toEqual(surface.data);
    expect(back.ok && JSON.stringify(back.surface.toJSON())).toBe(text);
    fc.assert(
      fc.property(times, moneyness, (timeToExpiry, k) => {
        expect(back.ok && back.surface.totalVariance(k, timeToExpiry)).toBe(surface.totalVariance(k, timeToExpiry));
      }),
    );
  });

  test.each([
    ['not JSON', '{'],
    ['nothing', null],
    ['another schema', { ...surfaceData(), schema: 2 }],
    ['no slices', { ...surfaceData(), slices: [] }],
    ['slices out of order', { ...surfaceData(), slices: surfaceData().slices.reverse() }],
    ['a slice that is null', { ...surfaceData(), slices: [null] }],
    ['no clock', { ...surfaceData(), clock: undefined }],
    ['no calendar', { ...surfaceData(), calendar: 3 }],
    ['a forward of 0', { ...surfaceData(), slices: [{ ...surfaceData().slices[0], forward: 0 }] }],
    [
      'a volatility of text',
      { ...surfaceData(), slices: [{ ...surfaceData().slices[0], parameters: { ...reference, b: '1' } }] },
    ],
    ['another rule', { ...surfaceData(), interpolation: 'spline' }],
  ])('JSON with %s is refused as schema', (_, json) => {
    expect(surfaceFromJSON(json)).toMatchObject({ ok: false, reason: 'schema' });
  });

  test.each([NaN, 0, -1, Infinity])('a time or strike of %d is a mistake', (bad) => {
    expect(() => surface.volatility(100, bad)).toThrow(InputError);
    expect(() => surface.forward(bad)).toThrow(InputError);
    expect(() => surface.volatility(bad, 1)).toThrow(InputError);
    expect(() => surface.quantile(bad, 1)).toThrow(InputError);
    expect(() => surface.density(bad, 1)).toThrow(InputError);
  });

  test('local volatility refuses a point with calendar arbitrage', () => {
    const crossed = surfaceData();
    const [first, second] = crossed.slices;
    const data = {
      ...crossed,
      slices: [
        { ...first!, parameters: later },
        { ...second!, parameters: reference },
      ],
    };
    expect(() => openSurface(data).localVolatility(100, 0.75)).toThrow('free of arbitrage');
  });
});
