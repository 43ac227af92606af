import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { calendarClock } from '../../../src/market/clock.js';
import type { SmileParameters } from '../../../src/volatility/smile/parameters.js';
import { smileParameterNames } from '../../../src/volatility/smile/smile-jet.js';
import { smileAtMaturity } from '../../../src/volatility/surface/interpolation.js';
import { parameterGradients } from '../../../src/volatility/surface/parameter-gradient.js';
import type { SurfaceData } from '../../../src/volatility/surface/surface-data.js';

const asOf = 1_700_000_000_000;
const times = [0.1, 0.4, 1.2];

function surface(interpolation: SurfaceData['interpolation'], smiles: SmileParameters[], events = 0): SurfaceData {
  return {
    schema: 1,
    underlying: 'TEST',
    asOf,
    spot: 100,
    clock: events === 0 ? calendarClock : { ...calendarClock, events: [{ at: asOf + 1e9, variance: events }] },
    interpolation,
    calendar: [],
    slices: smiles.map((parameters, i) => ({
      expiry: asOf + times[i]! * 365 * 86_400_000,
      timeToExpiry: times[i]!,
      varianceTime: times[i]!,
      forward: 100,
      discountFactor: 1,
      parameters,
    })),
  };
}

const svi = times.map((t) => ({ a: 0.02 * t, b: 0.1 * Math.sqrt(t), rho: -0.4, m: 0.02, sigma: 0.2 * Math.sqrt(t) }));
const essvi = times.map((t) => ({ theta: 0.05 * t, rho: -0.4 + 0.1 * t, phi: 1.5 / Math.sqrt(t) }));
const sabr = times.map((t) => ({ forward: 100, timeToExpiry: t, alpha: 0.25, beta: 1, rho: -0.3, nu: 0.8 }));

describe('the smile of a maturity by the parameters of its slices', () => {
  it.each([
    ['total-variance', svi, 0],
    ['total-variance', svi, 0.0004],
    ['total-variance', essvi, 0],
    ['total-variance', sabr, 0],
    ['price', svi, 0],
    ['essvi', essvi, 0],
  ] as const)('%s, %#', (rule, smiles, events) => {
    const data = surface(rule, [...smiles], events);
    for (const time of [0.05, 0.1, 0.25, 0.4, 0.9, 1.2, 2]) {
      const { shares, at } = parameterGradients(data, time);
      expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 14);
      for (const k of [-0.3, 0, 0.2]) {
        const ours = at(k);
        data.slices.forEach(({ parameters }, slice) => {
          const own = ours.find((part) => part.slice === slice);
          smileParameterNames(parameters).forEach((name, a) => {
            const value = (parameters as unknown as Record<string, number>)[name]!;
            const h = 1e-6 * Math.abs(value);
            const [up, down] = [1, -1].map((sign) => {
              const moved = data.slices.map((s, i) =>
                i === slice ? { ...s, parameters: { ...s.parameters, [name]: value + sign * h } } : s,
              );
              return smileAtMaturity({ ...data, slices: moved }, time)(k).w;
            });
            const difference = (up! - down!) / (2 * h);
            const gradient = own?.gradient[a] ?? 0;
            expect(Math.abs(gradient - difference)).toBeLessThan(1e-7 * (Math.abs(difference) + 0.01));
          });
        });
      }
    }
  });

  it('is of surfaces as calibrated only', () => {
    const data = surface('total-variance', svi);
    const shift = { smileForwards: [100, 100, 100], volatility: [] };
    expect(() => parameterGradients({ ...data, shift }, 0.3)).toThrow(InputError);
    expect(() => parameterGradients({ ...surface('essvi', svi) }, 0.3).at(0)).toThrow(InputError);
  });
});
