import { describe, expect, it } from 'vitest';
import { calendarClock } from '../../../src/market/clock.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import type { SmileParameters } from '../../../src/volatility/smile/parameters.js';
import { durrleman } from '../../../src/volatility/surface/distribution.js';
import { smileAtMaturity } from '../../../src/volatility/surface/interpolation.js';
import { certifyInterpolation } from '../../../src/volatility/surface/interpolation-certificates.js';
import { openSurface } from '../../../src/volatility/surface/surface.js';
import { surfaceFromJSON } from '../../../src/volatility/surface/surface-json.js';
import type { SurfaceData } from '../../../src/volatility/surface/surface-data.js';

const asOf = 1_700_000_000_000;
const year = 365 * 86_400_000;

function surfaceData(parameters: readonly SmileParameters[], change: Partial<SurfaceData> = {}): SurfaceData {
  return {
    schema: 1,
    underlying: 'TEST',
    asOf,
    clock: calendarClock,
    interpolation: 'total-variance',
    slices: parameters.map((p, i) => ({
      expiry: asOf + 0.5 * (i + 1) * year,
      timeToExpiry: 0.5 * (i + 1),
      varianceTime: 0.5 * (i + 1),
      forward: 100,
      discountFactor: 1,
      parameters: p,
    })),
    calendar: [],
    ...change,
  };
}

const svi = [
  { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 },
  { a: 0.02, b: 0.14, rho: -0.5, m: 0.05, sigma: 0.2 },
  { a: 0.03, b: 0.15, rho: -0.48, m: 0.05, sigma: 0.25 },
];
const essvi = [
  { theta: 0.04, rho: -0.6, phi: 3 },
  { theta: 0.06, rho: -0.5, phi: 2.5 },
];

describe('certifyInterpolation', () => {
  it.each([
    ['total-variance', 'interval', svi],
    ['price', 'convex-combination', svi],
    ['essvi', 'closed-form', essvi],
  ] as const)('%s: one proof a pair, by %s, and the surface has no negative density there', (rule, method, slices) => {
    const data = surfaceData(slices, { interpolation: rule });
    const certificates = certifyInterpolation(data);
    expect(certificates.length).toBe(slices.length - 1);
    certificates.forEach((c, i) => {
      expect(c).toMatchObject({ kind: 'butterfly', verdict: 'proved', method, domain: 'all-k' });
      expect(verifyCertificate(c, slices.slice(i, i + 2))).toBe(true);
    });
    for (let time = 0.52; time < 0.5 * slices.length; time += 0.03) {
      const smile = smileAtMaturity(data, time);
      for (let k = -1.5; k <= 1.5; k += 0.05) expect(durrleman(smile(k), k)).toBeGreaterThan(0);
    }
    expect(openSurface(data).density(100, 0.7)).toBeGreaterThan(0);
  });

  it('claims nothing between slices with an event between them', () => {
    const at = (time: number): SurfaceData =>
      surfaceData(svi, { clock: { ...calendarClock, events: [{ at: asOf + time * year, variance: 0.001 }] } });
    expect(certifyInterpolation(at(0.25)).map(({ verdict }) => verdict)).toEqual(['proved', 'proved']);
    expect(certifyInterpolation(at(0.75)).map(({ verdict }) => verdict)).toEqual(['undecided', 'proved']);
    expect(certifyInterpolation(at(2)).map(({ verdict }) => verdict)).toEqual(['proved', 'proved']);
  });

  it('has nothing to say of one slice', () => {
    expect(certifyInterpolation(surfaceData(svi.slice(0, 1)))).toEqual([]);
  });

  it('is no calendar certificate', () => {
    const data = surfaceData(svi.slice(0, 2));
    const loaded = surfaceFromJSON(JSON.stringify({ ...data, calendar: certifyInterpolation(data) }));
    expect(loaded).toMatchObject({ ok: false, reason: 'certificate-mismatch' });
  });
});
