import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLeverageController } from '../../src/control/leverage-controller.js';
import type { LeverageInputs, LeveragePolicy, LeverageState } from '../../src/control/leverage-controller.js';
import { InputError } from '../../src/errors.js';

const policy: LeveragePolicy = {
  ...{ targetVolatility: 0.4, maximum: 3, band: 0.1, ripcord: { marginRatio: 0.8, release: 0.5, target: 0.5 } },
};
const calm: LeverageInputs = { equity: 100, exposure: 0, forecastVolatility: 0.8, marginRatio: 0.1 };

function once(change: Partial<LeveragePolicy>, inputs: Partial<LeverageInputs>, state: Partial<LeverageState> = {}) {
  const { initial, step } = createLeverageController({ ...policy, ...change });
  return step({ ...initial, ...state }, { ...calm, ...inputs });
}

describe('leverage controller', () => {
  it('goes to the edge of its band around the volatility target', () => {
    const { target, action, reasons, state } = once({}, {});
    expect(target).toBe(0.5);
    expect(action).toEqual({ kind: 'increase', trade: 40, execute: 40 });
    expect(reasons).toEqual(['volatility-target']);
    expect(state).toMatchObject({ peak: 100, emergency: false, time: 1, pending: [] });
    expect(once({ destination: 'target' }, {}).action.trade).toBe(50);
    expect(once({ side: 'short' }, {}).action.trade).toBe(-40);
  });

  it('names what bound', () => {
    const drawdown = { alpha: 0.8, multiplier: 3 };
    const fallen = once({ drawdown }, { equity: 95, forecastVolatility: 0.2 }, { peak: 100 });
    expect(fallen.target).toBeCloseTo(0.473684, 6);
    expect(fallen.reasons[0]).toBe('drawdown');
    expect(once({}, { forecastVolatility: 0.01 }).reasons[0]).toBe('maximum');
    expect(once({ minimum: 0.2 }, { forecastVolatility: 9 }).reasons[0]).toBe('minimum');
    const capped = once(
      {},
      {
        caps: [
          { name: 'venue', limit: 5 },
          { name: 'survival', limit: 0.3 },
        ],
      },
    );
    expect(capped).toMatchObject({ target: 0.3, reasons: ['cap:survival'] });
    const regime = once({ regimes: { storm: 0.5, boom: 9 } }, { regime: 'storm' });
    expect(regime).toMatchObject({ target: 0.25, reasons: ['volatility-target', 'regime:storm'] });
    expect(once({ regimes: { boom: 9 } }, { regime: 'boom' }).target).toBe(3);
    expect(once({ smoothing: 0.25 }, {}, { target: 1 })).toMatchObject({
      target: 0.875,
      reasons: ['volatility-target', 'smoothed'],
    });
    expect(once({ maximumStep: 0.1 }, {})).toMatchObject({
      action: { trade: 10 },
      reasons: ['volatility-target', 'step-limit'],
    });
  });

  it('fills after its lag and does not trade twice for what is on its way', () => {
    const { initial, step } = createLeverageController({ ...policy, lag: 2, destination: 'target', band: 0.05 });
    let state = initial;
    let exposure = 0;
    const executed: number[] = [];
    const decided: number[] = [];
    for (let t = 0; t < 5; t++) {
      const result = step(state, { ...calm, exposure });
      state = result.state;
      exposure += result.action.execute;
      executed.push(result.action.execute);
      decided.push(result.action.trade);
    }
    expect(decided).toEqual([50, 0, 0, 0, 0]);
    expect(executed).toEqual([0, 0, 50, 0, 0]);
  });

  it('pulls the ripcord past band, speed and lag, and lets go only below the release', () => {
    const hurried = once(
      { maximumStep: 0.01, lag: 5, band: 2 },
      { exposure: 250, marginRatio: 0.85, forecastVolatility: 0.1 },
    );
    expect(hurried).toMatchObject({ target: 0.5, action: { kind: 'emergency', trade: -200, execute: -200 } });
    expect(hurried.reasons).toContain('ripcord');
    expect(once({}, { exposure: 60, marginRatio: 0.6 }, { emergency: true }).action.kind).toBe('emergency');
    expect(once({}, { exposure: 60, marginRatio: 0.4 }, { emergency: true }).action.kind).toBe('hold');
    const high = once({ ripcord: { ...policy.ripcord, leverage: 4 } }, { exposure: 400, marginRatio: 0.1 });
    expect(high.action.kind).toBe('emergency');
    expect(once({}, { equity: -5, exposure: 300 })).toMatchObject({
      target: 0,
      action: { trade: -300 },
      reasons: ['insolvent'],
    });
  });

  const inputs = fc.record({
    equity: fc.double({ min: -10, max: 1000, noNaN: true }),
    exposure: fc.double({ min: -3000, max: 3000, noNaN: true }),
    forecastVolatility: fc.double({ min: 0.01, max: 3, noNaN: true }),
    marginRatio: fc.double({ min: 0, max: 2, noNaN: true }),
    caps: fc.constantFrom<{ name: string; limit: number }[]>(
      [],
      [{ name: 'venue', limit: 1.2 }],
      [{ name: 'kelly', limit: -1 }],
    ),
    regime: fc.constantFrom(undefined, 'storm', 'boom'),
  });

  it('never raises leverage in an emergency, stays within its caps and does nothing inside its band', () => {
    const rules: LeveragePolicy = { ...policy, regimes: { storm: 0.3, boom: 2 }, smoothing: 0.5, maximumStep: 0.7 };
    fc.assert(
      fc.property(
        fc.array(inputs, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('long' as const, 'short' as const),
        (run, side) => {
          const controller = createLeverageController({ ...rules, side });
          let state = controller.initial;
          for (const i of run) {
            const before = state;
            const result = controller.step(state, i);
            expect(controller.step(state, i)).toEqual(result);
            state = result.state;
            expect(state).not.toBe(before);
            const cap = Math.max(Math.min(3, ...i.caps.map(({ limit }) => limit)), 0);
            expect(Math.abs(result.target)).toBeLessThanOrEqual(cap + 1e-12);
            if (i.equity <= 0) continue;
            const held = Math.abs(i.exposure) / i.equity;
            const after = Math.abs(i.exposure + result.action.execute) / i.equity;
            if (result.action.kind === 'emergency') {
              expect(after).toBeLessThanOrEqual(held * (1 + 1e-12));
            } else {
              expect(Math.abs(result.action.trade)).toBeLessThanOrEqual(0.7 * i.equity * (1 + 1e-12));
              const inside = Math.abs(i.exposure / i.equity - result.target) <= 0.1;
              if (inside) expect(result.action.trade).toBe(0);
            }
          }
        },
      ),
      { numRuns: 300, endOnFailure: true },
    );
  });

  it('refuses a policy or inputs out of range', () => {
    expect(() => once({ maximum: -1 }, {})).toThrow(InputError);
    expect(() => once({ minimum: 4 }, {})).toThrow(InputError);
    expect(() => once({ lag: 0.5 }, {})).toThrow(InputError);
    expect(() => once({ smoothing: 0 }, {})).toThrow(InputError);
    expect(() => once({ ripcord: { marginRatio: 0.8, release: 0.9, target: 0.5 } }, {})).toThrow(InputError);
    expect(() => once({ regimes: { storm: -1 } }, {})).toThrow(InputError);
    expect(() => once({}, { equity: NaN })).toThrow(InputError);
    expect(() => once({}, { forecastVolatility: -1 })).toThrow(InputError);
  });
});
