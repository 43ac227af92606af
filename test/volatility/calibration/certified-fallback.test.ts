/** What the certified loop does where its search does not end inside the conditions: the search is replaced by one that misleads. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OptionChain } from '../../../src/market/chain.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { certifySlices } from '../../../src/volatility/calibration/certified-slices.js';
import type { FittedSlice } from '../../../src/volatility/calibration/certified-slices.js';
import { certifiedSurface } from '../../../src/volatility/calibration/certified-surface.js';
import * as interior from '../../../src/volatility/calibration/interior-search.js';
import { fitQuotes } from '../../../src/volatility/calibration/quotes.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import { sviBox } from '../../../src/volatility/calibration/svi-box.js';
import { fromVertex, toVertex } from '../../../src/volatility/calibration/svi-vertex.js';
import type { SsviSlice, SviParameters } from '../../../src/volatility/smile/parameters.js';
import { isSsvi, isSvi } from '../../../src/volatility/smile/smile.js';
import { evenly, exactSlice } from './sample-slices.js';

vi.mock('../../../src/volatility/calibration/interior-search.js', async (original) => {
  const real = await original<typeof interior>();
  return { ...real, interiorSearch: vi.fn(real.interiorSearch), isInside: vi.fn(real.isInside) };
});
const search = vi.mocked(interior.interiorSearch);
const isInside = vi.mocked(interior.isInside);
const real = await vi.importActual<typeof interior>('../../../src/volatility/calibration/interior-search.js');

beforeEach(() => {
  search.mockImplementation(real.interiorSearch);
  isInside.mockImplementation(real.isInside);
});

const vogt: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };

function fitted(parameters: SviParameters, slice: SliceInput): FittedSlice {
  const quotes = fitQuotes(slice, {});
  return { parameters, quotes, box: sviBox(quotes), weight: 1 };
}

/** Two Vogt smiles with total variances that cross besides, and an eSSVI surface beneath them that is free. */
const times = [1, 1.1];
const parameters = [vogt, { ...vogt, a: 0.9 * vogt.a, b: 1.1 * vogt.b, rho: 0.1 }];
const slices = parameters.map((p, i) => fitted(p, exactSlice(p, evenly(-1, 1, 31), times[i])));
const anchors: SsviSlice[] = [
  { theta: 0.02, rho: 0.1, phi: 3 },
  { theta: 0.025, rho: 0.1, phi: 2.8 },
];

/** A search that ends at the fits themselves, arbitrage and all, and says that it is content. */
function misleading(all: readonly interior.InteriorSlice[], y: Float64Array): interior.InteriorSearch {
  all.forEach((slice, i) => {
    toVertex((slice as FittedSlice).parameters, y, 5 * i);
  });
  return { y, cost: 0, tau: 0, iterations: 1, converged: true, inside: true };
}

function expectProved(certified: ReturnType<typeof certifySlices>): asserts certified {
  if (certified === undefined) throw new Error('nothing certified');
  certified.butterfly.forEach((certificate, i) => {
    expect(certificate.verdict).toBe('proved');
    expect(verifyCertificate(certificate, certified.parameters[i]!)).toBe(true);
  });
  certified.calendar.forEach((certificate, i) => {
    expect(certificate.verdict).toBe('proved');
    expect(verifyCertificate(certificate, certified.parameters.slice(i, i + 2))).toBe(true);
  });
}

describe('certifySlices where the search ends in arbitrage', () => {
  it('takes the largest certified step towards it on the segment from the anchor', () => {
    const start = new Float64Array(10);
    let joint = 0;
    search.mockImplementation((all, y) => {
      if (all.length === 2 && joint++ === 0) start.set(y);
      return misleading(all, y);
    });
    const certified = certifySlices(slices, anchors);
    expectProved(certified);
    expect(certified.parameters.every(isSvi)).toBe(true);

    // On the segment: all variables have gone the same share of their way, and that share is the largest.
    const end = new Float64Array(10);
    const found = new Float64Array(10);
    parameters.forEach((p, i) => {
      toVertex(p, end, 5 * i);
      toVertex(certified.parameters[i] as SviParameters, found, 5 * i);
    });
    const shares = Array.from(found, (value, j) => (value - start[j]!) / (end[j]! - start[j]!));
    for (const share of shares) expect(share).toBeCloseTo(shares[0]!, 6);
    expect(shares[0]!).toBeGreaterThan(0);
    expect(shares[0]!).toBeLessThan(1);
    const farther = start.map((value, j) => value + (shares[0]! + 2e-3) * (end[j]! - value));
    const beyond = [fromVertex(farther, 0), fromVertex(farther, 5)] as const;
    const verdicts = [...beyond.map((p) => certifyButterfly(p)), certifyCalendar(...beyond)].map((c) => c.verdict);
    expect(verdicts).toContain('refuted');
  });

  it('searches on from that step on a finer net', () => {
    let joint = 0;
    search.mockImplementation((all, y, net) => {
      if (all.length < 2) return real.interiorSearch(all, y, net);
      joint++;
      return net === 1 ? misleading(all, y) : real.interiorSearch(all, y, net);
    });
    const certified = certifySlices(slices, anchors);
    expectProved(certified);
    expect(joint).toBeGreaterThanOrEqual(2);
    search.mockImplementation(real.interiorSearch);
    const straight = certifySlices(slices, anchors)!;
    const costs = [certified, straight].map((result) => {
      const y = new Float64Array(10);
      result.parameters.forEach((p, i) => {
        toVertex(p as SviParameters, y, 5 * i);
      });
      return slices.reduce((sum, slice, i) => sum + interior.costAt(slice, y, i), 0);
    });
    expect(costs[0]! / costs[1]!).toBeCloseTo(1, 2);
  });
});

describe('certifySlices without a start', () => {
  it('ends at the eSSVI surface, proved', () => {
    isInside.mockImplementation(() => false);
    const certified = certifySlices(slices, anchors);
    expectProved(certified);
    expect(certified.parameters).toEqual(anchors);
  });

  it('ends at nothing where that surface has arbitrage', () => {
    isInside.mockImplementation(() => false);
    expect(certifySlices(slices, [...anchors].reverse())).toBeUndefined();
  });

  it('leaves proved slices alone, whatever the anchors', () => {
    const flat = { a: 0.04, b: 0.05, rho: 0, m: 0, sigma: 0.4 };
    const own = [flat, { ...flat, a: 0.05 }].map((p) => fitted(p, exactSlice(p, evenly(-1, 1, 11), 1)));
    const certified = certifySlices(own, [...anchors].reverse());
    expectProved(certified);
    expect(certified.parameters).toEqual(own.map((slice) => slice.parameters));
    expect(certified.iterations).toBe(0);
  });
});

describe('a certified slice that fits better than the fit it came from', () => {
  it('is fitted again from there, and costs nothing where that fit is proved', () => {
    const true1 = { a: 0.02, b: 0.1, rho: -0.4, m: 0.02, sigma: 0.2 };
    const inputs = [1, 1.5].map((t, i) => ({
      ...exactSlice({ ...true1, a: (i + 1) * true1.a, b: 1.1 ** i * true1.b }, evenly(-0.5, 0.5, 21), t),
      expiry: i,
    }));
    const good = inputs.map((input) => {
      const fit = calibrateSvi(input);
      if (!fit.ok) throw new Error(fit.message);
      return fit;
    });
    // The earlier fit is said to be the Vogt smile, far from its quotes.
    const plain = good.map((fit, i) => (i === 0 ? { ...fit, parameters: vogt } : fit));
    const surface = certifiedSurface(inputs, plain, {});
    if (surface === undefined || !('fits' in surface)) throw new Error('no surface');
    surface.fits.forEach((fit, i) => {
      const [found, expected] = [fit.parameters as SviParameters, good[i]!.parameters];
      for (const name of ['a', 'b', 'rho', 'm', 'sigma'] as const) expect(found[name]).toBeCloseTo(expected[name], 6);
    });
    expect(surface.costBp).toEqual([0, 0]);
    expect(surface.moveBp).toEqual([0, 0]);
    expect(surface.butterfly.every(({ verdict }) => verdict === 'proved')).toBe(true);
  });
});

describe('calibrateSurface on the last resort', () => {
  it('is an eSSVI surface, proved, with what it costs', () => {
    isInside.mockImplementation(() => false);
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
    const dated = parameters.map((p, i) => ({
      ...exactSlice(p, evenly(-1, 1, 31), times[i]),
      expiry: chain.asOf + (i + 1) * 86_400_000,
    }));
    const fit = calibrateSurface(chain, { slices: { slices: dated, rejected: [] } });
    if (!fit.ok) throw new Error(fit.message);
    expect(fit.proved).toBe(true);
    expect(fit.fits.map(({ model }) => model)).toEqual(['essvi', 'essvi']);
    expect(fit.surface.data.slices.every((slice) => isSsvi(slice.parameters))).toBe(true);
    for (const cost of fit.certificationCostBp) expect(cost).toBeGreaterThan(0);
  });
});
