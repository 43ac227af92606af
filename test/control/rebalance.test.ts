import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocationBand, hedgeBand, lelandVolatility, moveTrigger } from '../../src/control/hedge-band.js';
import { hedgingErrorSd } from '../../src/control/hedging-error.js';
import { rebalanceDue } from '../../src/control/rebalance-trigger.js';
import { shouldRebalance } from '../../src/control/rebalance.js';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';
import { normalCdf } from '../../src/math/normal.js';

const number = fc.double({ min: -1000, max: 1000, noNaN: true });
const size = fc.double({ min: 0.001, max: 100, noNaN: true });
const destination = fc.constantFrom('target' as const, 'boundary' as const, 'halfway' as const);

describe('shouldRebalance', () => {
  it('does nothing inside the band', () => {
    fc.assert(
      fc.property(number, size, fc.double({ min: -1, max: 1, noNaN: true }), destination, (target, band, u, where) => {
        const i = { current: target + u * band, target, band, destination: where };
        expect(shouldRebalance(i)).toEqual({ trade: 0, reason: 'inside-band' });
      }),
    );
  });

  it('ends where it was sent, within half a lot, and a second call does nothing', () => {
    fc.assert(
      fc.property(
        number,
        number,
        size,
        fc.option(size, { nil: undefined }),
        destination,
        (current, target, band, lot, where) => {
          const i = { current, target, band, destination: where, lot };
          const { trade, reason } = shouldRebalance(i);
          const error = Math.abs(current + trade - target);
          const rounding = 1e-9 * (1 + Math.abs(current) + Math.abs(target));
          const goal = { target: 0, boundary: band, halfway: 0.5 * band }[where];
          if (reason === 'rebalance') {
            expect(error).toBeLessThanOrEqual(goal + 0.5 * (lot ?? 0) + rounding);
            // Towards the target, never past it by more than rounding to lots.
            expect(Math.sign(trade)).toBe(Math.sign(target - current));
            if (lot !== undefined) expect(trade / lot).toBeCloseTo(Math.round(trade / lot), 9);
          }
          expect(shouldRebalance({ ...i, current: current + trade }).trade).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves small trades alone', () => {
    const i = { current: 10, target: 0, band: 9, destination: 'boundary' } as const;
    expect(shouldRebalance({ ...i, minimumTrade: 2 })).toEqual({ trade: 0, reason: 'below-minimum' });
    expect(shouldRebalance({ ...i, lot: 2 })).toEqual({ trade: 0, reason: 'below-minimum' });
    expect(shouldRebalance({ ...i, lot: 1.9 })).toEqual({ trade: -1.9, reason: 'rebalance' });
    expect(shouldRebalance({ ...i, destination: 'halfway' }).trade).toBe(-5.5);
  });

  it('refuses numbers out of range', () => {
    const i = { current: 10, target: 0, band: 9, destination: 'boundary' } as const;
    expect(() => shouldRebalance({ ...i, current: NaN })).toThrow(InputError);
    expect(() => shouldRebalance({ ...i, band: -1 })).toThrow(InputError);
    expect(() => shouldRebalance({ ...i, lot: 0 })).toThrow(InputError);
    expect(() => shouldRebalance({ ...i, destination: 'home' as 'target' })).toThrow(InputError);
  });
});

describe('rebalanceDue', () => {
  const state = { current: 1.3, target: 1, yearsSinceTrade: 0.02 };

  it('knows its five triggers', () => {
    expect(rebalanceDue({ kind: 'threshold', band: 0.2 }, state).due).toBe(true);
    expect(rebalanceDue({ kind: 'threshold', band: 0.4 }, state).due).toBe(false);
    expect(rebalanceDue({ kind: 'threshold', band: 0.2, measure: 'relative' }, { ...state, target: 2 })).toMatchObject({
      ...{ due: true, limit: 0.4 },
    });
    expect(rebalanceDue({ kind: 'calendar', everyYears: 0.02 }, state).due).toBe(true);
    expect(rebalanceDue({ kind: 'calendar', everyYears: 0.03 }, state).due).toBe(false);
    const both = { kind: 'calendar-and-threshold', band: 0.2 } as const;
    expect(rebalanceDue({ ...both, everyYears: 0.02 }, state).due).toBe(true);
    expect(rebalanceDue({ ...both, everyYears: 0.03 }, state).due).toBe(false);
    expect(rebalanceDue({ ...both, everyYears: 0.02, band: 1 }, state).due).toBe(false);
    const benefit = { kind: 'cost-benefit', riskAversion: 2, volatility: 0.5, horizonYears: 0.1 } as const;
    // 2/2 x 0.25 x 0.09 x 0.1 = 0.00225
    const priced = rebalanceDue({ ...benefit, cost: (q) => 0.005 * Math.abs(q) }, state);
    expect(priced).toMatchObject({ due: true, value: expect.closeTo(0.00225, 12) as number });
    expect(rebalanceDue({ ...benefit, cost: (q) => 0.01 * Math.abs(q) }, state).due).toBe(false);
    expect(rebalanceDue({ kind: 'emergency', limit: 0.8 }, { ...state, health: 0.9 }).due).toBe(true);
    expect(rebalanceDue({ kind: 'emergency', limit: 0.8 }, { ...state, health: 0.7 }).due).toBe(false);
  });

  it('refuses what it cannot decide', () => {
    expect(() => rebalanceDue({ kind: 'emergency', limit: 0.8 }, state)).toThrow(InputError);
    expect(() => rebalanceDue({ kind: 'moon' as 'calendar', everyYears: 1 }, state)).toThrow(InputError);
    expect(() => rebalanceDue({ kind: 'threshold', band: -1 }, state)).toThrow(InputError);
    expect(() => rebalanceDue({ kind: 'calendar', everyYears: 0 }, state)).toThrow(InputError);
  });
});

describe('bands', () => {
  const option = { spot: 60_000, gamma: 3.8511202e-5, oneWayCost: 0.0005, timeToExpiry: 30 / 365 };

  it('gives the worked numbers', () => {
    expect(hedgeBand({ ...option, riskAversion: 1e-4 }).halfWidth).toBeCloseTo(0.08739, 6);
    expect(hedgeBand({ ...option, riskAversion: 1e-3 }).halfWidth).toBeCloseTo(0.040563, 6);
    const leland = { volatility: 0.6, roundTripCost: 0.001, rehedgeYears: 1 / 365 };
    expect(lelandVolatility({ ...leland, gamma: 'long' }).volatility).toBeCloseTo(0.592329, 6);
    expect(lelandVolatility({ ...leland, gamma: 'short' }).volatility).toBeCloseTo(0.607574, 6);
    expect(lelandVolatility({ ...leland, roundTripCost: 0.2, gamma: 'long' })).toMatchObject({
      ...{ volatility: 0, collapsed: true },
    });
    expect(allocationBand({ drift: 0.08, rate: 0, volatility: 0.4, riskAversion: 1, oneWayCost: 0.005 })).toMatchObject(
      {
        ...{ target: expect.closeTo(0.5, 12) as number, halfWidth: expect.closeTo(0.0777, 4) as number },
      },
    );
  });

  it('widens with cost and gamma, narrows with aversion, and is floored where the formula gives none', () => {
    const base = hedgeBand({ ...option, riskAversion: 1e-4 }).halfWidth;
    expect(hedgeBand({ ...option, riskAversion: 1e-4, gamma: -option.gamma }).halfWidth).toBe(base);
    expect(hedgeBand({ ...option, riskAversion: 1e-4, oneWayCost: 0.004 }).halfWidth).toBeCloseTo(2 * base, 12);
    expect(hedgeBand({ ...option, riskAversion: 1e-4, rate: 0.05 }).halfWidth).toBeLessThan(base);
    expect(hedgeBand({ ...option, riskAversion: 1e-4, gamma: 0 }).halfWidth).toBe(0);
    const full = { drift: 0.16, rate: 0, volatility: 0.4, riskAversion: 1, oneWayCost: 0.005 };
    expect(allocationBand(full).halfWidth).toBeLessThan(1e-9);
    expect(allocationBand({ ...full, minimumHalfWidth: 0.02 }).halfWidth).toBe(0.02);
    expect(allocationBand({ ...full, drift: 0.32 }).halfWidth).toBeGreaterThan(0.1);
    expect(moveTrigger({ price: 103, lastHedgePrice: 100, move: 0.02 })).toBe(true);
    expect(moveTrigger({ price: 99, lastHedgePrice: 100, move: 0.02 })).toBe(false);
    expect(() => hedgeBand({ ...option, riskAversion: 0 })).toThrow(InputError);
    expect(() => lelandVolatility({ volatility: 0, roundTripCost: 0.1, rehedgeYears: 1, gamma: 'long' })).toThrow(
      InputError,
    );
    expect(() => allocationBand({ ...full, volatility: 0 })).toThrow(InputError);
  });
});

describe('hedgingErrorSd', () => {
  const option = { vega: 6837.05725, volatility: 0.6, rehedges: 30 };

  it('gives the worked number, and half of it for four times the rehedges', () => {
    expect(hedgingErrorSd(option)).toBeCloseTo(663.75, 2);
    expect(hedgingErrorSd(option) / 4112.36443).toBeCloseTo(0.161, 3);
    expect(hedgingErrorSd({ ...option, rehedges: 120 })).toBeCloseTo(0.5 * hedgingErrorSd(option), 12);
    expect(() => hedgingErrorSd({ ...option, rehedges: 0 })).toThrow(InputError);
  });

  it('is what hedging an option in a simulation leaves, within the error of the formula', () => {
    const random = seededRandom(17);
    const [n, runs, dt] = [30, 4000, 1 / 365];
    let sum = 0;
    let squares = 0;
    for (let run = 0; run < runs; run++) {
      let spot = 60_000;
      let profit = 4112.36443;
      for (let k = 0; k < n; k++) {
        const s = 0.6 * Math.sqrt((n - k) * dt);
        const delta = normalCdf(Math.log(spot / 60_000) / s + 0.5 * s);
        const next = spot * Math.exp(-0.18 * dt + 0.6 * Math.sqrt(dt) * random.normal());
        profit += delta * (next - spot);
        spot = next;
      }
      profit -= Math.max(spot - 60_000, 0);
      sum += profit;
      squares += profit * profit;
    }
    const mean = sum / runs;
    const sd = Math.sqrt(squares / runs - mean * mean);
    expect(Math.abs(mean)).toBeLessThan((4 * sd) / Math.sqrt(runs));
    expect(sd / hedgingErrorSd(option)).toBeGreaterThan(0.92);
    expect(sd / hedgingErrorSd(option)).toBeLessThan(1.03);
  });
});
