import { expect, expectTypeOf, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import type { Certificate } from '../../../src/volatility/arbitrage/certificate.js';
import type { QuickScan } from '../../../src/volatility/arbitrage/quick-scan.js';
import { quickScan } from '../../../src/volatility/arbitrage/quick-scan.js';
import { sviDerivatives } from '../../../src/volatility/smile/raw-svi.js';
import { svi } from './reference.js';

it('accepts slices that are refuted: a scan is no proof', () => {
  const p = svi(-0.11894, 0.3242, -0.92546, 0.15056, 0.99567);
  for (const [half, points] of [
    [1.5, 401],
    [2, 401],
    [3, 200],
  ] as const) {
    const scan = quickScan((k) => sviDerivatives(p, k), { from: -half, to: half, points });
    expect(scan.violations).toEqual([]);
    expect(scan).toMatchObject({ label: 'grid-scan', from: -half, to: half, points });
  }
  expect(certifyButterfly(p).verdict).toBe('refuted');
  expectTypeOf<QuickScan>().not.toExtend<Certificate>();
});

it('finds what lies on its grid', () => {
  const vogt = svi(-0.041, 0.1331, 0.306, 0.3586, 0.4153);
  const scan = quickScan((k) => sviDerivatives(vogt, k));
  expect(scan.lowest.k).toBeCloseTo(0.879, 2);
  expect(scan.lowest.g).toBeCloseTo(-0.03286, 4);
  expect(scan.violations[0]!.k).toBeGreaterThan(0.642);
  expect(scan.violations.at(-1)!.k).toBeLessThan(1.257);
  const zero = quickScan((k) => sviDerivatives(svi(-0.3, 0.5, 0, 0.1, 0.5), k));
  expect(zero.lowest.g).toBe(-Infinity);
  expect(quickScan(() => ({ w: NaN, dw: 0, d2w: 0, d3w: 0 })).violations).toHaveLength(401);
});

it('wants an ascending finite range and two points', () => {
  const smile = (k: number): ReturnType<typeof sviDerivatives> => sviDerivatives(svi(0.04, 0.1, 0, 0, 0.1), k);
  for (const o of [{ from: 1, to: 0 }, { to: Infinity }, { points: 1 }, { points: 2.5 }]) {
    expect(() => quickScan(smile, o)).toThrow(InputError);
  }
});
