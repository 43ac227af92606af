import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executionSchedule, realisedShortfall } from '../../src/control/execution-schedule.js';
import { aimWeights, almgrenChrissSchedule, gpTradingRate } from '../../src/control/trading-rate.js';
import { InputError } from '../../src/errors.js';

describe('trading rate', () => {
  it('gives the worked numbers', () => {
    expect(gpTradingRate({ riskAversion: 0.001, cost: 0.002, discount: 0.01 }).rate).toBeCloseTo(0.496648, 6);
    expect(gpTradingRate({ riskAversion: 5, cost: 2, discount: 0.1 }).rate).toBeCloseTo(0.744926, 6);
  });

  it('is the fixed point of the Riccati equation of one asset', () => {
    const positive = fc.double({ min: 1e-4, max: 100, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.double({ min: 0, max: 0.5, noNaN: true }), (g, lam, rho) => {
        const { rate } = gpTradingRate({ riskAversion: g, cost: lam, discount: rho });
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThan(1);
        // Value -A x^2/2 after trading to x from y: A = lam - lam^2/(lam + (1-rho)(g + A)).
        const a = rate * lam;
        expect(a / (lam - (lam * lam) / (lam + (1 - rho) * (g + a)))).toBeCloseTo(1, 9);
      }),
    );
  });

  it('counts a lasting signal in full and a fleeting one less', () => {
    const i = { riskAversion: 0.001, cost: 0.002, discount: 0.01 };
    const [lasting, slow, fast] = aimWeights({ ...i, decays: [0, 0.1, 1] });
    expect(lasting).toBe(1);
    expect(slow).toBeCloseTo(1 / (1 + (0.1 * 0.496648 * 0.002) / 0.001), 6);
    expect(fast).toBeLessThan(slow!);
    expect(() => aimWeights({ ...i, decays: [-1] })).toThrow(InputError);
    expect(() => gpTradingRate({ ...i, discount: 1 })).toThrow(InputError);
    expect(() => gpTradingRate({ ...i, cost: 0 })).toThrow(InputError);
  });
});

describe('schedules', () => {
  it('follows the hyperbolic sine from the whole to nothing', () => {
    const left = almgrenChrissSchedule({ quantity: -100, years: 2, slices: 4, urgency: 1.5 });
    left.forEach((value, k) => {
      expect(value).toBeCloseTo((-100 * Math.sinh(1.5 * (2 - 0.5 * k))) / Math.sinh(3), 9);
    });
    expect(almgrenChrissSchedule({ quantity: 1, years: 1, slices: 4, urgency: 1e4 })[1]).toBeLessThan(1e-300);
  });

  it('costs no more in risk and impact than any other path', () => {
    // sum of kappa^2 x^2 dt + (dx)^2/dt is least along the sinh in the limit; against paths bent away from it, with 200 slices.
    const [n, kappa] = [200, 3];
    const best = almgrenChrissSchedule({ quantity: 1, years: 1, slices: n, urgency: kappa });
    const cost = (x: ArrayLike<number>) => {
      let sum = 0;
      for (let k = 1; k <= n; k++) sum += (kappa * kappa * x[k]! * x[k]!) / n + n * (x[k]! - x[k - 1]!) ** 2;
      return sum;
    };
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.3, noNaN: true }), fc.integer({ min: 1, max: 5 }), (size, wave) => {
        const bent = best.map((x, k) => x + size * Math.sin((Math.PI * wave * k) / n));
        expect(cost(bent)).toBeGreaterThan(cost(best));
      }),
    );
  });

  it('adds up to the whole, in lots too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.boolean(),
        (quantity, slices, urgency, lots) => {
          const schedule = executionSchedule({
            quantity,
            years: 0.1,
            slices,
            urgency,
            lagYears: 0.01,
            lot: lots ? 1 : undefined,
          });
          expect(schedule).toHaveLength(slices);
          expect(schedule.reduce((sum, slice) => sum + slice.quantity, 0)).toBeCloseTo(quantity, 8);
          for (const slice of schedule) {
            expect(slice.quantity * Math.sign(quantity)).toBeGreaterThanOrEqual(-1e-9);
            if (lots) expect(Number.isInteger(slice.quantity)).toBe(true);
          }
          expect(schedule[0]!.at).toBe(0.01);
        },
      ),
    );
    expect(executionSchedule({ quantity: 10, years: 1, slices: 4 }).map(({ quantity }) => quantity)).toEqual([
      2.5, 2.5, 2.5, 2.5,
    ]);
    expect(() => executionSchedule({ quantity: 10, years: 1, slices: 0 })).toThrow(InputError);
    expect(() => executionSchedule({ quantity: 10, years: 1, slices: 2, lot: 0 })).toThrow(InputError);
  });

  it('accounts for what a trade cost against its decision price', () => {
    const fills = [
      { quantity: 6, price: 101, fee: 0.5 },
      { quantity: 2, price: 103 },
    ];
    expect(realisedShortfall({ fills, decisionPrice: 100, quantity: 10, finalPrice: 104 })).toEqual({
      ...{ cost: 20.5, price: 12, fees: 0.5, unfilled: 8, fraction: 0.0205 },
    });
    expect(realisedShortfall({ fills, decisionPrice: 100 }).cost).toBe(12.5);
    expect(realisedShortfall({ fills: [{ quantity: -4, price: 99 }], decisionPrice: 100 }).fraction).toBeCloseTo(
      0.01,
      12,
    );
    expect(realisedShortfall({ fills: [], decisionPrice: 100 }).fraction).toBe(0);
    expect(() => realisedShortfall({ fills, decisionPrice: 100, quantity: 10 })).toThrow(InputError);
    expect(() => realisedShortfall({ fills, decisionPrice: 0 })).toThrow(InputError);
  });
});
