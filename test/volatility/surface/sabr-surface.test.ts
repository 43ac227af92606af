import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { calendarClock } from '../../../src/market/clock.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import { sabr } from '../../../src/volatility/smile/sabr.js';
import { openSurface } from '../../../src/volatility/surface/surface.js';
import type { SurfaceData, SurfaceSlice } from '../../../src/volatility/surface/surface-data.js';
import { surfaceFromJSON } from '../../../src/volatility/surface/surface-json.js';

const asOf = Date.UTC(2026, 0, 2, 8);
const year = 365 * 86_400_000;

function slice(timeToExpiry: number, forward: number, alpha: number): SurfaceSlice {
  const parameters = { forward, timeToExpiry, alpha, beta: 0.9, rho: -0.4, nu: 0.7 };
  return {
    expiry: asOf + timeToExpiry * year,
    timeToExpiry,
    varianceTime: timeToExpiry,
    forward,
    discountFactor: 1,
    parameters,
    butterfly: certifyButterfly(parameters, { interval: [-0.5, 0.5] }),
  };
}

function surfaceData(change: Partial<SurfaceData> = {}): SurfaceData {
  const slices = [slice(0.5, 101, 0.4), slice(1, 103, 0.42)];
  return {
    schema: 1,
    underlying: 'X',
    asOf,
    clock: calendarClock,
    interpolation: 'total-variance',
    slices,
    calendar: [certifyCalendar(slices[0]!.parameters, slices[1]!.parameters)],
    ...change,
  };
}
const surface = openSurface(surfaceData());

describe('a surface of SABR slices', () => {
  test('has the volatility of the expansion at its slices', () => {
    for (const { parameters, timeToExpiry } of surface.data.slices) {
      for (const strike of [60, 95, 103, 140]) {
        const volatility = sabr.volatility({ ...(parameters as Parameters<typeof sabr.volatility>[0]), strike });
        expect(Math.abs(surface.volatility(strike, timeToExpiry) / volatility - 1)).toBeLessThan(1e-13);
      }
    }
  });

  test('is linear in total variance between, with a density and a local volatility', () => {
    const mean = 0.5 * (surface.totalVariance(0.2, 0.5) + surface.totalVariance(0.2, 1));
    expect(surface.totalVariance(0.2, 0.75)).toBeCloseTo(mean, 15);
    expect(surface.density(90, 0.75)).toBeGreaterThan(0);
    expect(surface.localVolatility(90, 0.75)).toBeGreaterThan(0.1);
    expect(surface.cdf(surface.quantile(0.2, 0.75), 0.75)).toBeCloseTo(0.2, 12);
    const mixed = openSurface(surfaceData({ interpolation: 'price' }));
    expect(mixed.volatility(90, 0.75)).toBeCloseTo(surface.volatility(90, 0.75), 2);
  });

  test('has no variance swap: its wings have arbitrage', () => {
    expect(() => surface.varianceSwapStrike(0.5)).toThrow(InputError);
  });

  test('has no quantile where the cumulative distribution has turned back before the probability', () => {
    expect(() => surface.quantile(1e-12, 0.5)).toThrow(InputError);
  });

  test.each([
    ['forward', { forward: 102 }],
    ['timeToExpiry', { timeToExpiry: 0.6 }],
    ['shift', { shift: 1 }],
  ])('refuses a slice whose %s is not that of the surface', (field, change) => {
    const [first, second] = surfaceData().slices;
    const parameters = { ...first!.parameters, ...change } as SurfaceSlice['parameters'];
    expect(() => openSurface(surfaceData({ slices: [{ ...first!, parameters }, second!], calendar: [] }))).toThrow(
      `slices[0].parameters.${field}`,
    );
  });
});

describe('certificates that claim nothing', () => {
  test('are carried through JSON: SABR pairs are undecided', () => {
    expect(surface.data.calendar[0]!.verdict).toBe('undecided');
    const back = surfaceFromJSON(JSON.stringify(surface));
    expect(back.ok && back.surface.data).toEqual(surface.data);
  });

  test('have to be for the parameters beside them, bit for bit, and of their kind', () => {
    const data = surfaceData();
    const undecided = data.calendar[0]!;
    const [first, second] = data.slices;
    const load = (change: Partial<SurfaceData>): unknown => surfaceFromJSON(JSON.stringify({ ...data, ...change }));
    const refused = { ok: false, reason: 'certificate-mismatch' };
    const moved = { ...first!.parameters, nu: 0.7000000000000001 };
    expect(load({ calendar: [{ ...undecided, parameters: [moved, second!.parameters] }] })).toMatchObject(refused);
    expect(load({ calendar: [{ ...undecided, kind: 'butterfly' }] })).toMatchObject(refused);
    expect(load({ calendar: [{ ...undecided, verdict: 'proved' }] })).toMatchObject(refused);
    const own = { ...first!.butterfly!, verdict: 'undecided' as const, margin: undefined };
    expect(load({ slices: [{ ...first!, butterfly: own }, second!] })).toMatchObject({ ok: true });
    expect(load({ slices: [{ ...first!, butterfly: { ...own, parameters: [moved] } }, second!] })).toMatchObject(
      refused,
    );
  });
});

test('an infinite variance of a parameter is carried through JSON', () => {
  const data = surfaceData();
  const covariance = [
    [Infinity, 0, 0],
    [0, 1e-4, 0],
    [0, 0, 1e-4],
  ];
  const slices = [{ ...data.slices[0]!, covariance }, data.slices[1]!];
  const back = surfaceFromJSON(JSON.stringify({ ...data, slices }));
  expect(back.ok && back.surface.data.slices[0]!.covariance).toEqual(covariance);
});
