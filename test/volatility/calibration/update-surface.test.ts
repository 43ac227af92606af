import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OptionChain } from '../../../src/market/chain.js';
import { deribit } from '../../../src/market/index.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';
import type { SurfaceFit, SurfaceFitOptions } from '../../../src/volatility/calibration/surface-fit.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import { updateSurface } from '../../../src/volatility/calibration/update-surface.js';
import { warmFit } from '../../../src/volatility/calibration/warm-start.js';
import { evenly, exactSlice, sliceOf, sviVolatility } from './sample-slices.js';
import { uniform } from './slices.js';

const json = readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8');
const chain = deribit.parseBookSummary(json, { asOf: Date.UTC(2026, 0, 13, 12) });

/** The chain a moment later: every price a little off, together and each by itself. */
function later(seed: number): OptionChain {
  const random = uniform(seed);
  return {
    ...chain,
    asOf: chain.asOf + 5000,
    quotes: chain.quotes.map((quote) => {
      const factor = 1.003 + 0.002 * (random() - 0.5);
      const moved = (price: number | undefined): number | undefined =>
        price === undefined ? undefined : price * factor;
      return { ...quote, bid: moved(quote.bid), ask: moved(quote.ask) };
    }),
  };
}

function fitted(fit: SurfaceFit): SurfaceFit & { ok: true } {
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

const iterations = (fit: SurfaceFit & { ok: true }): number =>
  fit.fits.reduce((sum, { diagnostics }) => sum + diagnostics.iterations, 0);

function expectSameSurface(a: SurfaceFit & { ok: true }, b: SurfaceFit & { ok: true }, tolerance: number): void {
  expect(a.fits.map(({ input }) => input.expiry)).toEqual(b.fits.map(({ input }) => input.expiry));
  a.fits.forEach((fit, i) => {
    fit.residualBp.forEach((error, j) => {
      if (!Number.isNaN(error)) expect(Math.abs(error - b.fits[i]!.residualBp[j]!)).toBeLessThan(tolerance);
    });
  });
}

describe.each([
  { arbitrage: 'report' },
  { arbitrage: 'report', loss: 'huber', weights: 'vega' },
] satisfies SurfaceFitOptions[])('updateSurface after %o', (options) => {
  const previous = fitted(calibrateSurface(chain, options));

  test('finds the cold fits of the new quotes in fewer steps', () => {
    for (const seed of [1, 2, 3]) {
      const next = later(seed);
      const warm = fitted(updateSurface(previous, next));
      const cold = fitted(calibrateSurface(next, options));
      // A hundredth of a basis point of volatility; the spreads are above ten.
      expectSameSurface(warm, cold, 0.01);
      expect(iterations(warm)).toBeLessThan(0.8 * iterations(cold));
      expect(warm.fits[0]?.objective).toEqual(cold.fits[0]?.objective);
      expect(warm.arbitrage).toBe('report');
    }
  });
});

test('what was certified is certified again', () => {
  const previous = fitted(calibrateSurface(chain));
  expect(previous.arbitrage).toBe('certify');
  const warm = fitted(updateSurface(previous, later(4)));
  expect(warm.proved).toBe(true);
  expectSameSurface(warm, fitted(calibrateSurface(later(4))), 0.01);
});

test('SABR keeps its exponent', () => {
  const options = { model: 'sabr', arbitrage: 'report', beta: 0.8 } as const;
  const previous = fitted(calibrateSurface(chain, options));
  const warm = fitted(updateSurface(previous, later(5)));
  expect(warm.fits.every(({ parameters }) => 'beta' in parameters && parameters.beta === 0.8)).toBe(true);
  expectSameSurface(warm, fitted(calibrateSurface(later(5), options)), 0.01);
});

test('an expiry that was not there is fitted cold', () => {
  const previous = fitted(calibrateSurface(chain, { arbitrage: 'report' }));
  const shorter = { ...previous, fits: previous.fits.slice(2) };
  const warm = fitted(updateSurface(shorter, later(6)));
  expectSameSurface(warm, fitted(calibrateSurface(later(6), { arbitrage: 'report' })), 0.01);
});

test('a failure stays a failure', () => {
  const previous = fitted(calibrateSurface(chain, { arbitrage: 'report' }));
  expect(updateSurface(previous, { ...chain, quotes: [] })).toMatchObject({ ok: false, reason: 'empty-chain' });
});

test('after a jump of chi-square the cold search is asked, and the better fit counts', () => {
  const before: SliceInput = exactSlice({ a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 }, evenly(-0.5, 0.5, 21));
  const fit = calibrateSvi(before);
  if (!fit.ok) throw new Error(fit.message);
  const random = uniform(9);
  const other = { a: 0.02, b: 0.5, rho: 0.7, m: -0.3, sigma: 0.03 };
  const k = evenly(-0.5, 0.5, 21);
  const after = sliceOf(
    k,
    k.map((at) => sviVolatility(other, at, 0.5) + 0.002 * (random() - 0.5)),
  );
  const warm = warmFit(calibrateSvi, after, {}, fit);
  const cold = calibrateSvi(after);
  if (!warm.ok || !cold.ok) throw new Error('no fit');
  expect(warm.diagnostics.starts).toBeGreaterThan(cold.diagnostics.starts);
  expect(warm.diagnostics.rmseBp).toBeCloseTo(cold.diagnostics.rmseBp, 3);
});

test('an expiry with too few quotes for SVI borrows from its neighbours', () => {
  const full = fitted(calibrateSurface(chain, { arbitrage: 'report' }));
  const slices = full.fits.map(({ input }, i) => {
    if (i !== 4) return input;
    const middle = input.logMoneyness.findIndex((k) => k >= 0);
    const keep = <T>(values: T[]): T[] => [values[middle]!];
    return {
      ...input,
      instrument: keep(input.instrument),
      logMoneyness: keep(input.logMoneyness),
      volatility: keep(input.volatility),
      volatilityBid: keep(input.volatilityBid),
      volatilityAsk: keep(input.volatilityAsk),
      standardDeviation: keep(input.standardDeviation),
    };
  });
  const fit = fitted(calibrateSurface(chain, { arbitrage: 'report', slices: { slices, rejected: [] } }));
  expect(fit.fits).toHaveLength(full.fits.length);
  expect(fit.fits[4]).toMatchObject({ model: 'essvi', diagnostics: { quotesUsed: 1 } });
  expect(fit.fits[4]!.diagnostics.borrowed?.from).toEqual([slices[3]!.expiry, slices[5]!.expiry]);
  const { timeToExpiry, forward } = full.fits[4]!.input;
  const [ours, theirs] = [fit, full].map(({ surface }) => surface.volatility(forward * 0.95, timeToExpiry));
  expect(Math.abs(ours! - theirs!)).toBeLessThan(0.01);
});
