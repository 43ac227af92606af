import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../benchmarks/calibration/random.js';
import { benchmarkSlices } from '../../../benchmarks/calibration/slices.js';
import type { OptionChain } from '../../../src/market/chain.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { exactSlice, evenly, sliceOf, sviVolatility } from './sample-slices.js';

const chain: OptionChain = {
  underlying: 'TEST',
  venue: 'test',
  asOf: 1_700_000_000_000,
  spot: 100,
  style: 'european',
  settlement: 'linear',
  premiumCurrency: 'USD',
  multiplier: 1,
  quotes: [],
  rejected: [],
};

function surfaceOf(slices: SliceInput[], options: Parameters<typeof calibrateSurface>[1] = {}) {
  const dated = slices.map((slice, i) => ({ ...slice, expiry: chain.asOf + (i + 1) * 86_400_000 }));
  const fit = calibrateSurface(chain, { ...options, slices: { slices: dated, rejected: [] } });
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

/** Every certificate a proof, shown again on the other path, for the very parameters of the surface. */
function expectProved(fit: ReturnType<typeof surfaceOf>): void {
  expect(fit.proved).toBe(true);
  const parameters = fit.surface.data.slices.map((slice) => slice.parameters);
  fit.butterfly.forEach((certificate, i) => {
    expect(certificate.verdict).toBe('proved');
    expect(verifyCertificate(certificate, parameters[i]!)).toBe(true);
    expect(fit.fits[i]!.parameters).toEqual(parameters[i]);
  });
  fit.calendar.forEach((certificate, i) => {
    expect(certificate.verdict).toBe('proved');
    expect(verifyCertificate(certificate, [parameters[i]!, parameters[i + 1]!])).toBe(true);
  });
  expect(fit.butterfly.length).toBe(parameters.length);
  expect(fit.calendar.length).toBe(parameters.length - 1);
  for (const cost of fit.certificationCostBp) expect(cost).toBeGreaterThanOrEqual(0);
}

/** Gatheral's example with negative density, from Axel Vogt; Gatheral and Jacquier (2014), section 2.2. */
const vogt: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };

describe("calibrateSvi with arbitrage 'certify'", () => {
  it('leaves a proved fit as it is', () => {
    const slice = exactSlice({ a: 0.02, b: 0.1, rho: -0.4, m: 0.02, sigma: 0.2 }, evenly(-0.6, 0.5, 21));
    const plain = calibrateSvi(slice);
    const certified = calibrateSvi(slice, { arbitrage: 'certify' });
    expect(plain.ok && certified.ok).toBe(true);
    if (!plain.ok || !certified.ok) return;
    expect(certified.parameters).toEqual(plain.parameters);
    expect(certified.butterfly).toMatchObject({ verdict: 'proved', domain: 'all-k' });
  });

  it('finds a proved slice near quotes of the Vogt smile', () => {
    const slice = exactSlice(vogt, evenly(-1.2, 1.2, 41), 1);
    const plain = calibrateSvi(slice);
    const certified = calibrateSvi(slice, { arbitrage: 'certify' });
    if (!plain.ok || !certified.ok) throw new Error('no fit');
    expect(certifyButterfly(plain.parameters).verdict).toBe('refuted');
    expect(certified.butterfly?.verdict).toBe('proved');
    expect(verifyCertificate(certified.butterfly!, certified.parameters)).toBe(true);
    expect(certified.diagnostics.atBound).toContain('arbitrage');
    // The nearest free smile that Gatheral and Jacquier give moves the quotes by more.
    expect(certified.diagnostics.rmseBp).toBeGreaterThan(1);
    expect(certified.diagnostics.rmseBp).toBeLessThan(60);
  });

  it('proves whatever the slice', () => {
    for (const { slice } of benchmarkSlices(120, 11)) {
      const certified = calibrateSvi(slice, { arbitrage: 'certify' });
      if (!certified.ok) throw new Error(certified.message);
      expect(certified.butterfly?.verdict).toBe('proved');
      expect(verifyCertificate(certified.butterfly!, certified.parameters)).toBe(true);
    }
  });
});

describe('calibrateSurface, certified', () => {
  it('leaves slices that are proved together bit for bit', () => {
    const k = evenly(-0.5, 0.5, 21);
    const slices = [0.25, 0.5, 1].map((t) =>
      exactSlice({ a: 0.03 * t, b: 0.08 * Math.sqrt(t), rho: -0.4, m: 0, sigma: 0.3 }, k, t),
    );
    const report = surfaceOf(slices, { arbitrage: 'report' });
    const certified = surfaceOf(slices);
    expectProved(certified);
    expect(certified.fits.map(({ parameters }) => parameters)).toEqual(report.fits.map(({ parameters }) => parameters));
    expect(certified.certificationCostBp).toEqual([0, 0, 0]);
  });

  it('separates two slices that cross', () => {
    const k = evenly(-0.6, 0.6, 25);
    const earlier = { a: 0.02, b: 0.2, rho: -0.5, m: 0, sigma: 0.2 };
    const later = { a: 0.045, b: 0.1, rho: -0.2, m: 0, sigma: 0.25 };
    expect(certifyCalendar(earlier, later).verdict).toBe('refuted');
    const slices = [exactSlice(earlier, k, 0.5), exactSlice(later, k, 0.75)];
    expect(surfaceOf(slices, { arbitrage: 'report' }).proved).toBe(false);
    const fit = surfaceOf(slices);
    expectProved(fit);
    expect(Math.max(...fit.certificationCostBp)).toBeGreaterThan(1);
  });

  it('cures Vogt smiles one after another', () => {
    const slices = [1, 1.5, 2].map((t) => exactSlice({ ...vogt, a: t * vogt.a, b: t * vogt.b }, evenly(-1, 1, 31), t));
    expectProved(surfaceOf(slices));
  });

  it('proves surfaces of noisy slices whose variances stand in no order', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomStream(seed);
      const slices = Array.from({ length: 2 + (seed % 4) }, (_, i) => {
        const t = 0.05 * (i + 1) * random.uniform(0.9, 1.1);
        const p = {
          a: random.uniform(-0.005, 0.05) * t,
          b: random.uniform(0.05, 1.2) * Math.sqrt(t),
          rho: random.uniform(-0.95, 0.7),
          m: random.uniform(-0.1, 0.1),
          sigma: random.uniform(0.02, 0.3),
        };
        const k = evenly(-1.5 * Math.sqrt(t), 1.2 * Math.sqrt(t), 15);
        const floor = Math.max(0, -(p.a + p.b * p.sigma * Math.sqrt(1 - p.rho * p.rho))) + 1e-4;
        const q = { ...p, a: p.a + floor };
        return sliceOf(
          k,
          k.map((x) => sviVolatility(q, x, t) * (1 + random.uniform(-0.1, 0.1))),
          { timeToExpiry: t, standardDeviation: k.map(() => random.uniform(0.001, 0.02)) },
        );
      });
      slices.sort((x, y) => x.timeToExpiry - y.timeToExpiry);
      expectProved(surfaceOf(slices));
    }
  });

  it('gives an expiry with too few quotes for SVI its eSSVI slice, and one with two nothing', () => {
    const p = { a: 0.02, b: 0.1, rho: -0.4, m: 0.02, sigma: 0.2 };
    const thin = exactSlice(p, [-0.2, -0.05, 0.05, 0.2], 0.5);
    const full = exactSlice({ ...p, a: 0.05 }, evenly(-0.5, 0.5, 15), 1);
    const hopeless = exactSlice({ ...p, a: 0.09 }, [-0.1, 0.1], 1.5);
    const fit = surfaceOf([thin, full, hopeless]);
    expectProved(fit);
    expect(fit.fits.length).toBe(2);
    expect(fit.failed.map(({ reason }) => reason)).toEqual(['too-few-quotes']);
    expect(fit.fits[0]!.diagnostics.quotesUsed).toBe(4);
    expect(fit.fits[0]!.diagnostics.rmseBp).toBeLessThan(150);
  });

  it('fits eSSVI and SABR surfaces too, SABR only in reports', () => {
    const k = evenly(-0.3, 0.3, 15);
    const slices = [0.5, 1].map((t) => exactSlice({ a: 0.03 * t, b: 0.08 * t, rho: -0.4, m: 0, sigma: 0.3 }, k, t));
    const essvi = surfaceOf(slices, { model: 'essvi' });
    expectProved(essvi);
    expect(essvi.surface.data.interpolation).toBe('essvi');
    const sabr = surfaceOf(slices, { model: 'sabr', arbitrage: 'report' });
    expect(sabr.proved).toBe(false);
    expect(sabr.butterfly.map(({ verdict, domain }) => [verdict, domain])).toEqual([
      ['proved', [-0.3, 0.3]],
      ['proved', [-0.3, 0.3]],
    ]);
    expect(sabr.calendar.map(({ verdict, domain }) => [verdict, domain])).toEqual([['proved', [-0.3, 0.3]]]);
    expect(verifyCertificate(sabr.calendar[0]!, [sabr.fits[0]!.parameters, sabr.fits[1]!.parameters])).toBe(true);
    expect(() => surfaceOf(slices, { model: 'sabr' })).toThrow('arbitrage');
    expect(() => surfaceOf(slices, { model: 'heston' as 'svi' })).toThrow('model');
    expect(() => surfaceOf(slices, { arbitrage: 'none' as 'report' })).toThrow('arbitrage');
  });
});
