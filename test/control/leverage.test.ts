import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawdownLeverage, drawdownScale } from '../../src/control/drawdown.js';
import {
  liquidationLeverageCap,
  maxLeverage,
  tightestCap,
  valueAtRiskLeverageCap,
  venueLeverageCap,
} from '../../src/control/max-leverage.js';
import { bookVolatility, smoothedLeverage, volTargetLeverage } from '../../src/control/vol-target.js';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';
import { marginCallProbability } from '../../src/risk/margin-call.js';

describe('volTargetLeverage', () => {
  const limits = { minimum: 0.1, maximum: 3 };

  it('gives the worked number and names the limit', () => {
    expect(volTargetLeverage({ targetVolatility: 0.4, forecastVolatility: 0.8, ...limits })).toEqual({
      ...{ target: 0.5, binding: 'none' },
    });
    expect(volTargetLeverage({ targetVolatility: 0.4, forecastVolatility: 0.1, ...limits }).binding).toBe('maximum');
    expect(volTargetLeverage({ targetVolatility: 0.4, forecastVolatility: 9, ...limits }).binding).toBe('minimum');
    expect(volTargetLeverage({ targetVolatility: 0.4, forecastVolatility: 0, ...limits }).target).toBe(3);
    expect(volTargetLeverage({ targetVolatility: 0, forecastVolatility: 0, ...limits }).target).toBe(0.1);
    expect(volTargetLeverage({ targetVolatility: 0.4, forecastVolatility: Infinity, ...limits }).target).toBe(0.1);
  });

  it('falls as the forecast rises and stays within its limits', () => {
    const volatility = fc.double({ min: 0.001, max: 5, noNaN: true });
    fc.assert(
      fc.property(volatility, volatility, volatility, (targetVolatility, a, b) => {
        const at = (forecastVolatility: number) =>
          volTargetLeverage({ targetVolatility, forecastVolatility, ...limits }).target;
        expect(at(Math.max(a, b))).toBeLessThanOrEqual(at(Math.min(a, b)));
        expect(at(a)).toBeGreaterThanOrEqual(limits.minimum);
        expect(at(a)).toBeLessThanOrEqual(limits.maximum);
      }),
    );
  });

  it('brings the volatility of a series to its target where the forecast is exact', () => {
    const random = seededRandom(8);
    let sum = 0;
    const n = 20_000;
    for (let t = 0; t < n; t++) {
      const forecastVolatility = t % 50 < 25 ? 0.3 : 1.1;
      const { target } = volTargetLeverage({ targetVolatility: 0.4, forecastVolatility, minimum: 0, maximum: 5 });
      const scaled = target * forecastVolatility * Math.sqrt(1 / 365) * random.normal();
      sum += scaled * scaled;
    }
    expect(Math.abs(Math.sqrt((sum / n) * 365) / 0.4 - 1)).toBeLessThan(0.02);
  });

  it('scales a book of options by delta and gamma together', () => {
    const daily = 0.04;
    const book = (delta: number, gamma: number, size = 1) => ({
      delta: [size * delta],
      gamma: [[size * gamma]],
      theta: -3,
      covariance: [[daily * daily]],
    });
    const year = Math.sqrt(365);
    const i = { equity: 1000, horizonDays: 1 };
    expect(bookVolatility(book(500, 0), i)).toBeCloseTo(0.5 * daily * year, 12);
    // Of gamma alone: 1/2 G x^2 has the deviation G s^2/sqrt(2).
    expect(bookVolatility(book(0, 20_000), i)).toBeCloseTo((20 * daily * daily * year) / Math.sqrt(2), 12);
    const random = seededRandom(3);
    const profits = Array.from({ length: 40_000 }, () => {
      const x = daily * random.normal();
      return 500 * x + 0.5 * 20_000 * x * x;
    });
    const mean = profits.reduce((a, b) => a + b) / profits.length;
    const deviation = Math.sqrt(profits.reduce((a, b) => a + (b - mean) ** 2, 0) / profits.length);
    const forecastVolatility = bookVolatility(book(500, 20_000), i);
    expect(Math.abs((deviation * year) / 1000 / forecastVolatility - 1)).toBeLessThan(0.02);
    // The book at the leverage found has the volatility wanted.
    const { target } = volTargetLeverage({ targetVolatility: 0.2, forecastVolatility, minimum: 0, maximum: 10 });
    expect(bookVolatility(book(500, 20_000, target), i)).toBeCloseTo(0.2, 12);
    expect(() => bookVolatility(book(1, 1), { equity: 0, horizonDays: 1 })).toThrow(InputError);
    expect(() => bookVolatility(book(1, 1), { equity: 1, horizonDays: -1 })).toThrow(InputError);
  });

  it('smooths, rounds and keeps still inside its band', () => {
    expect(smoothedLeverage({ previous: 1, desired: 2, smoothing: 0.25 })).toEqual({ target: 1.25, changed: true });
    expect(smoothedLeverage({ previous: 1, desired: 1.1, band: 0.2 })).toEqual({ target: 1, changed: false });
    expect(smoothedLeverage({ previous: 1, desired: 2.13, increment: 0.25 })).toEqual({ target: 2.25, changed: true });
    expect(smoothedLeverage({ previous: 1, desired: 1.1, increment: 0.25 })).toEqual({ target: 1, changed: false });
  });

  it('refuses numbers out of range', () => {
    const i = { targetVolatility: 0.4, forecastVolatility: 0.8, ...limits };
    expect(() => volTargetLeverage({ ...i, minimum: 4 })).toThrow(InputError);
    expect(() => volTargetLeverage({ ...i, forecastVolatility: NaN })).toThrow(InputError);
    expect(() => volTargetLeverage({ ...i, targetVolatility: -1 })).toThrow(InputError);
    expect(() => smoothedLeverage({ previous: 1, desired: 2, smoothing: 2 })).toThrow(InputError);
  });
});

describe('drawdown control', () => {
  it('gives the worked number', () => {
    expect(drawdownLeverage({ value: 95, peak: 100, alpha: 0.8, multiplier: 3 }).target).toBeCloseTo(0.473684, 6);
    expect(drawdownLeverage({ value: 80, peak: 100, alpha: 0.8, multiplier: 3 })).toEqual({
      target: 0,
      binding: 'floor',
    });
  });

  it('never takes the value below alpha times the peak while no step loses 1/k', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 8, noNaN: true }),
        fc.double({ min: 0.1, max: 0.95, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (multiplier, alpha, draws) => {
          let value = 100;
          let peak = 100;
          for (const u of draws) {
            const { target } = drawdownLeverage({ value, peak, alpha, multiplier });
            value *= 1 + target * ((2 * u - 1) / multiplier);
            expect(value).toBeGreaterThanOrEqual(alpha * peak * (1 - 1e-12));
            peak = Math.max(peak, value);
          }
        },
      ),
    );
  });

  it('steps down a ladder', () => {
    const rungs = [
      { drawdown: 0.1, scale: 0.5 },
      { drawdown: 0.2, scale: 0 },
    ];
    expect([0, 0.099, 0.1, 0.19, 0.2, 1].map((d) => drawdownScale(d, rungs))).toEqual([1, 1, 0.5, 0.5, 0, 0]);
    expect(() => drawdownScale(0.1, [...rungs].reverse())).toThrow(InputError);
    expect(() => drawdownLeverage({ value: 101, peak: 100, alpha: 0.8, multiplier: 3 })).toThrow(InputError);
    expect(() => drawdownLeverage({ value: 0, peak: 100, alpha: 0.8, multiplier: 3 })).toThrow(InputError);
  });
});

describe('maximum leverage', () => {
  it('gives the worked number', () => {
    expect(maxLeverage({ shock: 0.3, maintenanceRate: 0.01 }).target).toBeCloseTo(3.2573, 4);
  });

  it('leaves equity just equal to maintenance margin after the shock', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        fc.constantFrom('long' as const, 'short' as const),
        (shock, maintenanceRate, side) => {
          const { target } = maxLeverage({ shock, maintenanceRate, side });
          const move = side === 'long' ? -shock : shock;
          expect(1 - target * shock).toBeCloseTo(maintenanceRate * target * (1 + move), 10);
        },
      ),
    );
    expect(maxLeverage({ shock: 0, maintenanceRate: 0 }).target).toBe(Infinity);
    expect(() => maxLeverage({ shock: 1.2, maintenanceRate: 0 })).toThrow(InputError);
    expect(() => maxLeverage({ shock: 0.2, maintenanceRate: 1 })).toThrow(InputError);
  });

  it('solves size-dependent margin rates', () => {
    // Rate 2% plus 0.5% per million: IM(L E) = E has a closed root.
    const initialMargin = (notional: number) => notional * (0.02 + 0.005 * (notional / 1e6));
    const found = venueLeverageCap({ equity: 1e5, initialMargin });
    expect(initialMargin(found * 1e5)).toBeCloseTo(1e5, 6);
    expect(initialMargin(found * 1e5)).toBeLessThanOrEqual(1e5);
    expect(venueLeverageCap({ equity: 1e5, initialMargin: (x) => x / 10 })).toBeCloseTo(10, 10);
    expect(venueLeverageCap({ equity: 1e5, initialMargin: () => 0 })).toBe(1000);
    expect(venueLeverageCap({ equity: 1e5, initialMargin: () => 2e5 })).toBe(0);
    const tiers = (x: number) => x * (x > 5e5 ? 0.2 : 0.1);
    expect(tiers(venueLeverageCap({ equity: 1e5, initialMargin: tiers }) * 1e5)).toBeLessThanOrEqual(1e5);
  });

  it('inverts the probability of liquidation', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.6, noNaN: true }),
        fc.double({ min: 0.1, max: 1.5, noNaN: true }),
        fc.double({ min: 0.003, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.05, noNaN: true }),
        fc.constantFrom('long' as const, 'short' as const),
        (probability, volatility, horizonYears, maintenanceRate, side) => {
          const i = { probability, volatility, horizonYears, maintenanceRate, side };
          const leverage = liquidationLeverageCap(i);
          const long = side === 'long';
          const barrier = long
            ? (leverage - 1) / (leverage * (1 - maintenanceRate))
            : (leverage + 1) / (leverage * (1 + maintenanceRate));
          const { path } = marginCallProbability({
            ...{ spot: 1, barrier, volatility, horizonYears, side: long ? 'lower' : 'upper' },
          });
          expect(path).toBeCloseTo(probability, 6);
          expect(liquidationLeverageCap({ ...i, volatility: 1.2 * volatility })).toBeLessThan(leverage);
          expect(liquidationLeverageCap({ ...i, probability: 0.5 * probability })).toBeLessThan(leverage);
        },
      ),
    );
    expect(() =>
      liquidationLeverageCap({ probability: 1, volatility: 1, horizonYears: 1, maintenanceRate: 0 }),
    ).toThrow(InputError);
  });

  it('is the smallest cap, by name', () => {
    const caps = [
      { name: 'venue', limit: 10 },
      { name: 'survival', limit: maxLeverage({ shock: 0.3, maintenanceRate: 0.01 }).target },
      { name: 'value-at-risk', limit: valueAtRiskLeverageCap({ limit: 0.2, valueAtRisk: 0.05 }) },
      { name: 'policy', limit: Infinity },
    ];
    expect(tightestCap(caps)).toMatchObject({ target: expect.closeTo(3.2573, 4) as number, binding: 'survival' });
    expect(tightestCap(caps).caps.map(({ name }) => name)).toEqual(['survival', 'value-at-risk', 'venue', 'policy']);
    expect(tightestCap([{ name: 'kelly', limit: -0.3 }]).target).toBe(0);
    expect(valueAtRiskLeverageCap({ limit: 0.1, valueAtRisk: -0.2 })).toBe(Infinity);
    expect(() => tightestCap([])).toThrow(InputError);
    expect(() => tightestCap([{ name: 'x', limit: NaN }])).toThrow(InputError);
  });
});
