import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';
import { marginCallProbability } from '../../src/risk/margin-call.js';

const worked = { spot: 100, barrier: 80, volatility: 0.8, horizonYears: 7 / 365, side: 'lower' } as const;

describe('margin-call probability', () => {
  it('gives the worked number', () => {
    const { path, terminal } = marginCallProbability(worked);
    expect(path).toBeCloseTo(0.0491301, 7);
    expect(terminal).toBeCloseTo(0.0250707, 7);
  });

  it('agrees with simulated paths, watched often', () => {
    const random = seededRandom(11);
    const [steps, paths] = [400, 2000];
    for (const { barrier, drift, side } of [
      { barrier: 80, drift: 0.3, side: 'lower' },
      { barrier: 130, drift: 0.3, side: 'upper' },
    ] as const) {
      const input = { spot: 100, barrier, drift, side, volatility: 0.8, horizonYears: 0.1 };
      const dt = input.horizonYears / steps;
      // Watched at steps only: the barrier moves outwards by 0.5826 standard deviations of a step (Broadie, Glasserman and Kou 1997).
      const shift = 0.5826 * 0.8 * Math.sqrt(dt) * (side === 'lower' ? 1 : -1);
      const watched = marginCallProbability({ ...input, barrier: barrier * Math.exp(-shift) }).path;
      let touched = 0;
      for (let p = 0; p < paths; p++) {
        let x = 0;
        for (let t = 0; t < steps; t++) {
          x += (drift - 0.32) * dt + 0.8 * Math.sqrt(dt) * random.normal();
          if (side === 'lower' ? x <= Math.log(barrier / 100) : x >= Math.log(barrier / 100)) {
            touched++;
            break;
          }
        }
      }
      const found = touched / paths;
      expect(Math.abs(found - watched)).toBeLessThan(4 * Math.sqrt((watched * (1 - watched)) / paths));
    }
  });

  const volatility = fc.double({ min: 0.01, max: 3, noNaN: true });
  const horizon = fc.double({ min: 1e-4, max: 3, noNaN: true });
  const drift = fc.double({ min: -2, max: 2, noNaN: true });
  const ratio = fc.double({ min: 0.05, max: 0.999, noNaN: true });

  it('is at least the terminal one, a probability, and the same for the two sides of a mirrored price', () => {
    fc.assert(
      fc.property(volatility, horizon, drift, ratio, (sigma, years, mu, level) => {
        const common = { spot: 1, volatility: sigma, horizonYears: years };
        const { path, terminal } = marginCallProbability({ ...common, barrier: level, drift: mu, side: 'lower' });
        expect(path).toBeGreaterThanOrEqual(terminal);
        expect(path).toBeLessThanOrEqual(1);
        expect(terminal).toBeGreaterThanOrEqual(0);
        const mirrored = marginCallProbability({
          ...common,
          barrier: 1 / level,
          drift: sigma * sigma - mu,
          side: 'upper',
        });
        expect(mirrored.path).toBeCloseTo(path, 9);
        expect(mirrored.terminal).toBeCloseTo(terminal, 9);
      }),
    );
  });

  it('rises with the horizon, with volatility (driftless) and with a nearer barrier', () => {
    fc.assert(
      fc.property(volatility, horizon, drift, ratio, (sigma, years, mu, level) => {
        const at = (change: object) =>
          marginCallProbability({
            spot: 1,
            barrier: level,
            volatility: sigma,
            horizonYears: years,
            drift: mu,
            side: 'lower',
            ...change,
          }).path;
        const slack = 1e-14;
        expect(at({ horizonYears: 1.2 * years })).toBeGreaterThanOrEqual(at({}) - slack);
        expect(at({ barrier: Math.min(1.01 * level, 1) })).toBeGreaterThanOrEqual(at({}) - slack);
        expect(at({ drift: 0, volatility: 1.1 * sigma })).toBeGreaterThanOrEqual(at({ drift: 0 }) - slack);
      }),
    );
  });

  it('takes its limits', () => {
    expect(marginCallProbability({ ...worked, barrier: 100 })).toMatchObject({ path: 1 });
    expect(marginCallProbability({ ...worked, horizonYears: 0 })).toEqual({ path: 0, terminal: 0 });
    expect(marginCallProbability({ ...worked, horizonYears: 0, barrier: 101 })).toEqual({ path: 1, terminal: 1 });
    expect(marginCallProbability({ ...worked, volatility: 0, horizonYears: 1, drift: -0.3 })).toEqual({
      path: 1,
      terminal: 1,
    });
    // The exponent alone would overflow here: a near-certain fall of a quiet price.
    const fall = marginCallProbability({ ...worked, volatility: 0.01, horizonYears: 1, drift: -0.2 });
    expect(fall.path).toBeGreaterThanOrEqual(fall.terminal);
    expect(fall.path).toBeLessThan(0.02);
  });

  it('refuses what is no market', () => {
    expect(() => marginCallProbability({ ...worked, spot: 0 })).toThrow(InputError);
    expect(() => marginCallProbability({ ...worked, barrier: -1 })).toThrow(InputError);
    expect(() => marginCallProbability({ ...worked, volatility: NaN })).toThrow(InputError);
    expect(() => marginCallProbability({ ...worked, horizonYears: -1 })).toThrow(InputError);
    expect(() => marginCallProbability({ ...worked, side: 'both' as 'lower' })).toThrow(InputError);
  });
});
