/** What every American price obeys, whatever the option: time, smooth pasting, and the bounds of both exercise and waiting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { american, type AmericanOption } from '../../src/pricing/american.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const options = fc.record({
  type: fc.constantFrom('call' as const, 'put' as const),
  spot: number(60, 160),
  strike: fc.constant(100),
  timeToExpiry: number(0.02, 3),
  volatility: number(0.08, 0.8),
  rate: number(-0.05, 0.12),
  dividendYield: number(-0.05, 0.12),
});

describe('American options', () => {
  it('are worth no less the longer they run', () => {
    fc.assert(
      fc.property(options, number(1, 4), (option, factor) => {
        const longer = { ...option, timeToExpiry: option.timeToExpiry * factor };
        // Twice the error of the preset.
        expect(american.price(longer)).toBeGreaterThanOrEqual(american.price(option) - 2e-4);
      }),
      { numRuns: 300 },
    );
  });

  it('are worth no less the more volatile the share', () => {
    fc.assert(
      fc.property(options, number(1, 2), (option, factor) => {
        const wilder = { ...option, volatility: option.volatility * factor };
        expect(american.price(wilder)).toBeGreaterThanOrEqual(american.price(option) - 2e-4);
      }),
      { numRuns: 200 },
    );
  });

  it('paste smoothly: at the edge the value is that of exercise, and so is its slope', () => {
    fc.assert(
      fc.property(number(0.005, 0.12), number(-0.03, 0.12), number(0.1, 0.7), number(0.05, 3), (r, q, v, T) => {
        const put: AmericanOption = {
          type: 'put',
          spot: 100,
          strike: 100,
          timeToExpiry: T,
          volatility: v,
          rate: r,
          dividendYield: q,
        };
        const call: AmericanOption = { ...put, type: 'call', rate: q, dividendYield: r };
        const edge = american.exerciseBoundary(put).at(-1)!.spot;
        const held = american.greeks({ ...put, spot: edge * (1 + 1e-6) }, 'accurate');
        expect(Math.abs(held.price - (100 - edge * (1 + 1e-6)))).toBeLessThan(1e-5);
        expect(Math.abs(held.delta + 1)).toBeLessThan(1e-3);
        // Mirrored: the call's edge is the strike squared over the put's.
        const above = american.exerciseBoundary(call).at(-1)!.spot;
        expect((above * edge) / 1e4).toBeCloseTo(1, 8);
        const waiting = american.greeks({ ...call, spot: above * (1 - 1e-6) }, 'accurate');
        expect(Math.abs(waiting.price / (above * (1 - 1e-6) - 100) - 1)).toBeLessThan(1e-4);
        expect(Math.abs(waiting.delta - 1)).toBeLessThan(1e-3);
      }),
      { numRuns: 60 },
    );
  });

  it('are convex in the strike and worth no more than it moves', () => {
    fc.assert(
      fc.property(options, number(0.5, 10), (option, step) => {
        const at = (strike: number): number => american.price({ ...option, strike });
        // The strike is paid at expiry at the latest.
        const most = Math.max(1, Math.exp(-option.rate * option.timeToExpiry));
        const [low, middle, high] = [at(100 - step), at(100), at(100 + step)];
        expect(low + high - 2 * middle).toBeGreaterThan(-4e-4);
        expect(Math.abs(high - low)).toBeLessThanOrEqual(2 * step * most + 4e-4);
      }),
      { numRuns: 150 },
    );
  });
});
