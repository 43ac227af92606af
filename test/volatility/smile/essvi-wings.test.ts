import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toSsviSlice, toWingSlice, wingCoordinates, wingSlices } from '../../../src/volatility/smile/essvi-wings.js';
import { ssviDerivatives, ssviTotalVariance } from '../../../src/volatility/smile/ssvi.js';
import { durrleman } from '../../../src/volatility/surface/distribution.js';

const step = fc.double({ min: 0, max: 0.15, noNaN: true });
const coordinates = fc
  .array(fc.tuple(step, step, step), { minLength: 1, maxLength: 6 })
  .map((rows) => rows.flatMap(([e, r, l], i) => [e + 1e-4, i === 0 ? r + 1e-3 : r, i === 0 ? l + 1e-3 : l]));

describe('every point of the box', () => {
  test('is free of butterfly arbitrage on a dense grid', () => {
    fc.assert(
      fc.property(coordinates, (x) => {
        for (const slice of wingSlices(x).map(toSsviSlice)) {
          for (let k = -6; k <= 6; k += 0.05)
            expect(durrleman(ssviDerivatives(slice, k), k)).toBeGreaterThanOrEqual(-1e-12);
        }
      }),
    );
  });

  test('is free of calendar arbitrage on a dense grid', () => {
    fc.assert(
      fc.property(coordinates, (x) => {
        const slices = wingSlices(x).map(toSsviSlice);
        slices.slice(1).forEach((later, i) => {
          for (let k = -20; k <= 20; k += 0.1) {
            const earlier = ssviTotalVariance(slices[i]!, k);
            expect(ssviTotalVariance(later, k)).toBeGreaterThanOrEqual(earlier * (1 - 1e-13));
          }
        });
      }),
    );
  });

  test('comes back from its slices', () => {
    fc.assert(
      fc.property(coordinates, (x) => {
        const slices = wingSlices(x);
        wingCoordinates(slices.map((slice) => toWingSlice(toSsviSlice(slice)))).forEach((value, i) => {
          expect(Math.abs(value - x[i]!)).toBeLessThan(1e-13);
        });
      }),
    );
  });
});

test('the wing form is the same smile', () => {
  const slice = { theta: 0.04, rho: -0.6, phi: 2 };
  const { theta, right, left } = toWingSlice(slice);
  for (const k of [-3, -0.4, 0, 0.2, 5]) {
    const skew = right - left;
    const root = Math.sqrt(theta * theta + 2 * theta * skew * k + (right + left) ** 2 * k * k);
    expect(0.5 * (theta + skew * k + root)).toBeCloseTo(ssviTotalVariance(slice, k), 15);
  }
});

test('the Jacobian is that of the slices, away from the kinks of the maximum', () => {
  fc.assert(
    fc.property(coordinates, (x) => {
      const n = x.length;
      const jacobian = new Float64Array(n * n);
      wingSlices(x, jacobian);
      const flat = (at: number[]): number[] => wingSlices(at).flatMap(({ theta, right, left }) => [theta, right, left]);
      for (let j = 0; j < n; j++) {
        const h = 1e-7;
        const up = flat(x.map((value, i) => value + (i === j ? h : 0)));
        const down = flat(x.map((value, i) => value - (i === j ? h : 0)));
        const centre = flat(x);
        for (let i = 0; i < n; i++) {
          const [left, right] = [(centre[i]! - down[i]!) / h, (up[i]! - centre[i]!) / h];
          if (Math.abs(left - right) > 1e-4 * (1 + Math.abs(left))) continue;
          expect(Math.abs(jacobian[i * n + j]! - 0.5 * (left + right))).toBeLessThan(1e-5 * (1 + Math.abs(left)));
        }
      }
    }),
    { numRuns: 50 },
  );
});
