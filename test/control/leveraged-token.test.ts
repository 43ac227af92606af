import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenDrift, leverageErosion, tokenPath } from '../../src/control/erosion.js';
import {
  leveragedIndexStep,
  leveragedTokenStep,
  rebalanceDemand,
  triggerReturn,
} from '../../src/control/leveraged-token.js';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';

const leverage = fc.oneof(fc.double({ min: 1.1, max: 5, noNaN: true }), fc.double({ min: -4, max: -0.2, noNaN: true }));

describe('leveragedTokenStep', () => {
  it('gives the walkthroughs of the exchange', () => {
    const up = leveragedTokenStep({ nav: 150 * 210 - 20_000, units: 150, price: 210, targetLeverage: 3 });
    expect(up).toMatchObject({ nav: 11_500, cost: 0, reason: 'daily' });
    expect(up.leverage).toBeCloseTo(2.73913, 5);
    expect(up.desiredUnits).toBeCloseTo(164.285714, 6);
    expect(up.trade).toBeCloseTo(14.285714, 6);
    // A NAV of 200 at three times, the price up 5% to 1: the exposure of 600 is 630.
    const step = leveragedTokenStep({ nav: 230, units: 630, price: 1, targetLeverage: 3 });
    expect(step.leverage).toBeCloseTo(2.73913, 5);
    expect(step.trade).toBeCloseTo(60, 10);
    expect(rebalanceDemand({ targetLeverage: 3, navBefore: 200, return: 0.05 })).toBeCloseTo(60, 12);
  });

  it('recentres within limits', () => {
    const recentre = leveragedTokenStep({ nav: 100, units: 220, price: 1, targetLeverage: 2 }, { recentre: 0.05 });
    expect(recentre.desiredUnits).toBeCloseTo(219, 10);
    const clamped = leveragedTokenStep(
      { nav: 100, units: 300, price: 1, targetLeverage: 2 },
      { recentre: 0.05, maximum: 2.5 },
    );
    expect(clamped.desiredUnits).toBeCloseTo(250, 10);
  });

  it('waits for its triggers, caps its trades, and pulls the ripcord', () => {
    const at = (units: number) => ({ nav: 100, units, price: 1, targetLeverage: 3 });
    expect(leveragedTokenStep(at(390), { trigger: 4 / 3 })).toMatchObject({ trade: 0, reason: 'none' });
    expect(leveragedTokenStep(at(400), { trigger: 4 / 3 })).toMatchObject({ trade: -100, reason: 'trigger' });
    expect(leveragedTokenStep(at(240), { trigger: 4 / 3 }).trade).toBe(0);
    expect(leveragedTokenStep(at(240), { trigger: 4 / 3, lowerTrigger: 0.9 }).trade).toBe(60);
    expect(leveragedTokenStep(at(-10), { trigger: 4 / 3 }).trade).toBe(310);
    expect(leveragedTokenStep(at(400), { maximumTrade: 30 }).trade).toBe(-30);
    expect(leveragedTokenStep(at(500), { maximumTrade: 30, recentre: 0.05, ripcord: 4.5 })).toMatchObject({
      ...{ trade: -200, reason: 'ripcord' },
    });
    expect(leveragedTokenStep(at(300))).toMatchObject({ trade: 0, reason: 'none' });
    expect(leveragedTokenStep({ nav: -1, units: 5, price: 1, targetLeverage: 3 })).toMatchObject({
      ...{ leverage: Infinity, trade: -5, reason: 'ripcord' },
    });
  });

  it('keeps the NAV but for the cost, and has the leverage wanted after it', () => {
    fc.assert(
      fc.property(
        leverage,
        fc.double({ min: -0.15, max: 0.15, noNaN: true }),
        fc.double({ min: 0, max: 0.01, noNaN: true }),
        (targetLeverage, move, costRate) => {
          const [nav0, price0] = [100, 50];
          const units = (targetLeverage * nav0) / price0;
          const price = price0 * (1 + move);
          const nav = nav0 * (1 + targetLeverage * move);
          const step = leveragedTokenStep({ nav, units, price, targetLeverage }, { costRate });
          expect(step.nav).toBe(nav - step.cost);
          expect(step.cost).toBeCloseTo(costRate * Math.abs(step.trade) * price, 12);
          expect(((units + step.trade) * price) / step.nav).toBeCloseTo(targetLeverage, 9);
          if (costRate === 0) {
            expect(step.trade * price).toBeCloseTo(
              rebalanceDemand({ targetLeverage, navBefore: nav0, return: move }),
              8,
            );
          }
          // Always with the move.
          if (Math.abs(move) > 1e-6) expect(Math.sign(step.trade)).toBe(Math.sign(move));
        },
      ),
    );
  });

  it('finds the return that pulls a trigger', () => {
    for (const [from, to, expected] of [
      [3, 4, -0.111111],
      [-3, -4, 0.066667],
      [2, 2.3, -0.115385],
      [2, 1.7, 0.214286],
    ] as const) {
      expect(triggerReturn({ leverage: from, triggerLeverage: to })).toBeCloseTo(expected, 6);
    }
    fc.assert(
      fc.property(leverage, fc.double({ min: 1.01, max: 2, noNaN: true }), (from, ratio) => {
        const r = triggerReturn({ leverage: from, triggerLeverage: ratio * from });
        expect((from * (1 + r)) / (1 + from * r) / (ratio * from)).toBeCloseTo(1, 9);
      }),
    );
    expect(triggerReturn({ leverage: 2, triggerLeverage: 2 })).toBe(0);
    expect(() => triggerReturn({ leverage: 2, triggerLeverage: -1 })).toThrow(InputError);
    expect(() => triggerReturn({ leverage: 1, triggerLeverage: 2 })).toThrow(InputError);
  });

  it('steps its index, which never falls below 0', () => {
    expect(leveragedIndexStep({ index: 100, return: 0.05, leverage: 2, borrowRate: 0.0001 })).toBeCloseTo(109.99, 10);
    expect(leveragedIndexStep({ index: 100, return: -0.6, leverage: 2, borrowRate: 0 })).toBe(0);
  });

  it('refuses options out of range', () => {
    const state = { nav: 100, units: 3, price: 1, targetLeverage: 3 };
    expect(() => leveragedTokenStep({ ...state, price: 0 })).toThrow(InputError);
    expect(() => leveragedTokenStep(state, { trigger: 0.5 })).toThrow(InputError);
    expect(() => leveragedTokenStep(state, { lowerTrigger: 2 })).toThrow(InputError);
    expect(() => leveragedTokenStep(state, { recentre: 2 })).toThrow(InputError);
    expect(() => leveragedTokenStep(state, { costRate: 0.4 })).toThrow(InputError);
    expect(() => leveragedTokenStep(state, { minimum: 3, maximum: 2 })).toThrow(InputError);
  });
});

describe('erosion', () => {
  const flat = { realisedVariance: 30 * 0.0016, spotReturn: 0, rate: 0, fee: 0, borrowSpread: 0, years: 30 / 365 };

  it('gives the worked numbers', () => {
    expect(leverageErosion({ ...flat, leverage: 3 }).ratio).toBeCloseTo(0.865888, 6);
    expect(leverageErosion({ ...flat, leverage: -1 }).ratio).toBeCloseTo(0.953134, 6);
    const trip = tokenPath({ prices: [100, 110, 100], stepYears: 1 / 365, leverage: 3 });
    expect(trip.nav[2]).toBeCloseTo(0.945455, 6);
    expect(trip.erosion).toBeCloseTo(0.945455 - 1, 6);
  });

  it('is the product of its parts', () => {
    const i = {
      leverage: 3,
      realisedVariance: 0.2,
      spotReturn: 0.3,
      rate: 0.05,
      fee: 0.01,
      borrowSpread: 0.02,
      years: 0.5,
    };
    const { ratio, volatility, financing, fees } = leverageErosion(i);
    expect(ratio).toBeCloseTo(1.3 ** 3 * Math.exp(volatility + financing + fees), 12);
    expect(volatility).toBeCloseTo(-0.6, 12);
    expect(financing).toBeCloseTo(-0.05 - 0.02, 12);
    expect(fees).toBeCloseTo(-0.005, 12);
    expect(leverageErosion({ ...i, leverage: 1 })).toMatchObject({ volatility: 0, financing: 0 });
  });

  const prices = (steps: number, seed: number) => {
    const random = seededRandom(seed);
    const path = [100];
    for (let k = 0; k < steps; k++) path.push(path[k]! * Math.exp((0.5 / Math.sqrt(steps)) * random.normal()));
    return path;
  };

  it('comes from the exact product to the formula as steps shorten', () => {
    const gaps = [100, 1000, 10_000].map((steps) => {
      const path = prices(steps, 6);
      let realisedVariance = 0;
      for (let k = 1; k < path.length; k++) realisedVariance += Math.log(path[k]! / path[k - 1]!) ** 2;
      const exact = tokenPath({ prices: path, stepYears: 1 / steps, leverage: 3, rate: 0.04, fee: 0.01 }).nav[steps]!;
      const formula = leverageErosion({
        ...{ leverage: 3, realisedVariance, spotReturn: path[steps]! / 100 - 1 },
        ...{ rate: 0.04, fee: 0.01, borrowSpread: 0, years: 1 },
      });
      return Math.abs(exact / formula.ratio - 1);
    });
    expect(gaps[2]).toBeLessThan(0.01);
    expect(gaps[2]).toBeLessThan(gaps[0]!);
  });

  it('splits the logarithm of the NAV to the last digit, and a dearer run ends lower', () => {
    fc.assert(
      fc.property(
        leverage,
        fc.integer({ min: 0, max: 500 }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (l, seed, band) => {
          const path = prices(250, seed);
          const i = {
            prices: path,
            stepYears: 1 / 250,
            leverage: l,
            rate: 0.03,
            borrowSpread: 0.01,
            fee: 0.01,
            costRate: 0.001,
            band,
          };
          const run = tokenPath(i);
          if (run.wipedOutAt !== undefined) return;
          const parts = run.volatility + run.financing + run.fees + run.trading;
          expect(Math.log(run.nav[250]!)).toBeCloseTo(parts + l * Math.log(path[250]! / 100), 9);
          expect(tokenPath({ ...i, costRate: 0.002 }).nav[250]).toBeLessThanOrEqual(run.nav[250]!);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('ends where one step takes everything, at r <= -1/L and not before', () => {
    const at = (last: number) => tokenPath({ prices: [100, last], stepYears: 1 / 365, leverage: 4 });
    expect(at(75.0001).wipedOutAt).toBeUndefined();
    expect(at(75)).toMatchObject({ wipedOutAt: 1, volatility: -Infinity });
    expect(at(75).nav[1]).toBe(0);
  });

  it('breaks even at rate + L volatility^2/2', () => {
    // Growth with L: r + L (mu - r) - L^2 s^2/2 is r at mu = r + L s^2/2.
    expect(breakEvenDrift({ leverage: 3, volatility: 0.6, rate: 0.04 })).toBeCloseTo(0.58, 12);
  });

  it('refuses numbers out of range', () => {
    expect(() => leverageErosion({ ...flat, leverage: 3, spotReturn: -1 })).toThrow(InputError);
    expect(() => leverageErosion({ ...flat, leverage: 3, realisedVariance: -1 })).toThrow(InputError);
    expect(() => tokenPath({ prices: [1], stepYears: 1, leverage: 2 })).toThrow(InputError);
    expect(() => tokenPath({ prices: [1, -1], stepYears: 1, leverage: 2 })).toThrow(InputError);
    expect(() => tokenPath({ prices: [1, 1], stepYears: 1, leverage: 2, costRate: 1 })).toThrow(InputError);
  });
});
