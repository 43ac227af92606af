import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OptionChain } from '../../../src/market/chain.js';
import { deribit, sliceInputs } from '../../../src/market/index.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';
import type { SurfaceFit, SurfaceFitOptions } from '../../../src/volatility/calibration/surface-fit.js';
import { updateSurface } from '../../../src/volatility/calibration/update-surface.js';
import type { SurfaceUpdateFit } from '../../../src/volatility/calibration/update-surface.js';
import { quoteWalk } from './update-walk.js';

const json = readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8');
const whole = deribit.parseBookSummary(json, { asOf: Date.UTC(2026, 0, 13, 12) });
const expiries = [...new Set(whole.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b);

function part(from: number, to: number): OptionChain {
  const wanted = new Set(expiries.slice(from, to));
  return { ...whole, quotes: whole.quotes.filter(({ expiry }) => wanted.has(expiry)) };
}

function fitted<F extends SurfaceFit | SurfaceUpdateFit>(fit: F): F & { ok: true } {
  if (!fit.ok) throw new Error(fit.message);
  return fit as F & { ok: true };
}

/** Misfit of each slice in basis points: no worse than 1% or a tenth of a basis point beyond the cold fit's. */
function expectAsGood(update: SurfaceFit & { ok: true }, cold: SurfaceFit & { ok: true }): void {
  expect(update.fits.map(({ input }) => input.expiry)).toEqual(cold.fits.map(({ input }) => input.expiry));
  expect(update.fits.map(({ model }) => model)).toEqual(cold.fits.map(({ model }) => model));
  expect(update.proved).toBe(cold.proved);
  update.fits.forEach(({ diagnostics }, i) => {
    const { rmseBp } = cold.fits[i]!.diagnostics;
    expect(diagnostics.rmseBp - rmseBp).toBeLessThan(Math.max(0.01 * rmseBp, 0.1));
  });
}

describe.each([
  { options: { arbitrage: 'report' }, chain: whole, steps: 8, seeds: [1, 2] },
  { options: {}, chain: part(0, 7), steps: 4, seeds: [1] },
  { options: { model: 'essvi' }, chain: whole, steps: 5, seeds: [1, 2] },
  { options: { model: 'ssvi', family: 'heston-like' }, chain: whole, steps: 5, seeds: [1, 2] },
  { options: { model: 'sabr', arbitrage: 'report', beta: 0.9 }, chain: part(3, 5), steps: 2, seeds: [1] },
] satisfies { options: SurfaceFitOptions; chain: OptionChain; steps: number; seeds: number[] }[])(
  'along a walk of quotes, $options',
  ({ options, chain, steps, seeds }) => {
    test('every update is as good as a cold calibration', () => {
      for (const seed of seeds) {
        let last: SurfaceFit & { ok: true } = fitted(calibrateSurface(chain, options));
        for (const { chain: next, touched } of quoteWalk(chain, steps, seed)) {
          const update = fitted(updateSurface(last, next, { touched }));
          expectAsGood(update, fitted(calibrateSurface(next, options)));
          expect(update.refitted).toEqual(expect.arrayContaining([...touched].sort((a, b) => a - b)));
          update.fits.forEach(({ parameters }, i) => {
            expect(verifyCertificate(update.butterfly[i]!, parameters)).toBe(true);
            const later = update.fits[i + 1];
            if (later) expect(verifyCertificate(update.calendar[i]!, [parameters, later.parameters])).toBe(true);
          });
          last = update;
        }
      }
    });
  },
);

describe('an update', () => {
  const chain = part(4, 8);
  const report = { arbitrage: 'report' } as const;
  const previous = fitted(calibrateSurface(chain, report));
  const [step] = [...quoteWalk(chain, 1, 3)];
  const { chain: next, touched } = step!;

  test('finds what has changed by itself', () => {
    const found = fitted(updateSurface(previous, next));
    expect(found.refitted).toEqual(touched);
    const told = fitted(updateSurface(previous, next, { touched }));
    expect(found.fits.map(({ parameters }) => parameters)).toEqual(told.fits.map(({ parameters }) => parameters));
    const names = ({ rejected }: typeof found) => rejected.map(({ id, index, reason }) => [id, index, reason]);
    expect(names(found)).toEqual(names(told));
    expect(fitted(updateSurface(previous, chain)).refitted).toEqual([]);
  });

  test('lists every quote left out, read again or not', () => {
    const { rejected } = fitted(updateSurface(previous, next, { touched }));
    const cold = sliceInputs(next).rejected;
    const byPlace = (a: { index: number }, b: { index: number }): number => a.index - b.index;
    expect([...rejected].sort(byPlace).map(({ id, index, reason }) => ({ id, index, reason }))).toEqual(
      cold.map(({ id, index, reason }) => ({ id, index, reason })),
    );
  });

  test('keeps the total variance of prices that stay while time passes', () => {
    const later = { ...chain, asOf: chain.asOf + 300_000 };
    const update = fitted(updateSurface(previous, later, { touched: [] }));
    expect(update.refitted).toEqual([]);
    const cold = fitted(calibrateSurface(later, report));
    update.fits.forEach(({ parameters, input, diagnostics, residualBp }, i) => {
      expect(parameters).toBe(previous.fits[i]!.parameters);
      const { input: read, diagnostics: known, residualBp: errors } = cold.fits[i]!;
      expect(input.timeToExpiry).toBe(read.timeToExpiry);
      expect(input.varianceTime).toBe(read.varianceTime);
      input.volatility.forEach((volatility, j) => {
        if (!Number.isNaN(volatility)) expect(volatility / read.volatility[j]! - 1).toBeCloseTo(0, 7);
      });
      expect(diagnostics.rmseBp / known.rmseBp).toBeCloseTo(1, 4);
      const quoted = errors.findIndex((error) => !Number.isNaN(error));
      expect(residualBp[quoted]! / errors[quoted]!).toBeCloseTo(1, 2);
    });
  });

  test('keeps the family of SSVI', () => {
    const ssvi = fitted(calibrateSurface(chain, { model: 'ssvi', family: 'heston-like' }));
    expect(ssvi.family).toBe('heston-like');
    expect(fitted(updateSurface(ssvi, next)).family).toBe('heston-like');
    expect(fitted(calibrateSurface(chain, { model: 'ssvi' })).family).toBe('power-law');
    expect(fitted(calibrateSurface(chain, report)).family).toBeUndefined();
  });

  test('drops expiries that are past or without quotes', () => {
    const [first, second, ...others] = previous.fits.map(({ input }) => input.expiry);
    const past = fitted(updateSurface(previous, { ...chain, asOf: first! + 1 }, { touched: [] }));
    expect(past.fits.map(({ input }) => input.expiry)).toEqual([second, ...others]);
    expect(past.rejected.filter(({ reason }) => reason === 'expired').length).toBe(
      chain.quotes.filter(({ expiry }) => expiry === first).length,
    );
    const gone = { ...chain, quotes: chain.quotes.filter(({ expiry }) => expiry !== second) };
    for (const options of [{ touched: [second!] }, {}]) {
      const fits = fitted(updateSurface(previous, gone, options)).fits;
      expect(fits.map(({ input }) => input.expiry)).toEqual([first, ...others]);
    }
  });

  test('an expiry gone frees the slices it held', () => {
    const certified = fitted(calibrateSurface(part(0, 5)));
    const held = certified.fits.findIndex(({ objective }) => objective?.moved !== undefined);
    expect(held).toBeGreaterThanOrEqual(0);
    const gone = certified.fits[held]!.input.expiry;
    const left = { ...part(0, 5), quotes: part(0, 5).quotes.filter(({ expiry }) => expiry !== gone) };
    expectAsGood(fitted(updateSurface(certified, left, { touched: [gone] })), fitted(calibrateSurface(left)));
  });

  test('with other options fits everything again', () => {
    const update = fitted(updateSurface(previous, chain, { loss: 'huber' }));
    expect(update.refitted).toHaveLength(previous.fits.length);
    expect(update.fits[0]!.objective?.loss).toBe('huber');
    expect(fitted(updateSurface(previous, chain, { loss: undefined, arbitrage: 'report' })).refitted).toEqual([]);
  });

  test('reads quotes in volatility again as time passes', () => {
    const inVolatility = {
      ...chain,
      quotes: chain.quotes.map(({ bid, ask, markVolatility, ...quote }) =>
        bid === undefined || ask === undefined
          ? quote
          : { ...quote, bidVolatility: markVolatility! - 0.01, askVolatility: markVolatility! + 0.01 },
      ),
    };
    const before = fitted(calibrateSurface(inVolatility, report));
    const later = { ...inVolatility, asOf: chain.asOf + 3_600_000 };
    const update = fitted(updateSurface(before, later, { touched: [] }));
    expectAsGood(update, fitted(calibrateSurface(later, report)));
    expect(update.refitted).toHaveLength(before.fits.length);
  });

  test('reads an expiry again whose quotes become stale beside fresher ones', () => {
    const aged = (at: number, fresh: ReadonlySet<number>): OptionChain => ({
      ...chain,
      asOf: at,
      quotes: chain.quotes.map((quote, i) => ({
        ...quote,
        timestamp: fresh.has(quote.expiry) ? at : chain.asOf - 1000 * (i % 3 === 0 ? 700 : 300),
      })),
    });
    const before = aged(chain.asOf, new Set());
    const [held, ...fresh] = previous.fits.map(({ input }) => input.expiry);
    const now = aged(chain.asOf + 1000, new Set(fresh));
    const update = fitted(updateSurface(fitted(calibrateSurface(before, report)), now, { touched: fresh }));
    const cold = fitted(calibrateSurface(now, report));
    expect(cold.rejected.some(({ reason }) => reason === 'stale')).toBe(true);
    expect(update.fits[0]!.input).toEqual(cold.fits[0]!.input);
    expect(update.refitted).toContain(held);
  });

  test('an expiry that could not be fitted stays failed until its quotes change', () => {
    const thin = previous.fits[1]!.input.expiry;
    const kept = new Set(chain.quotes.filter(({ expiry }) => expiry === thin).slice(0, 2));
    const sparse = { ...chain, quotes: chain.quotes.filter((quote) => quote.expiry !== thin || kept.has(quote)) };
    const slices = sliceInputs(sparse, { filters: { minimumQuotes: 1 } });
    const before = calibrateSurface(sparse, { ...report, slices });
    const update = updateSurface(fitted(before), sparse, { touched: [], filters: { minimumQuotes: 1 } });
    expect(fitted(update).failed).toEqual(fitted(before).failed);
    const again = fitted(updateSurface(fitted(update), chain, { touched: [thin] }));
    expectAsGood(again, previous);
    expect(again.failed).toEqual([]);
  });

  test('fails as a calibration does', () => {
    expect(updateSurface(previous, { ...chain, quotes: [] }, { touched: [] })).toMatchObject({ reason: 'empty-chain' });
    expect(updateSurface(previous, { ...chain, style: 'american' })).toMatchObject({
      reason: 'american-not-de-americanised',
    });
    expect(() => updateSurface(previous, chain, { touched: [NaN] })).toThrow('touched[0]');
  });
});

test('wanted expiries are the same slices as those of the whole chain', () => {
  const all = sliceInputs(whole);
  const some = sliceInputs(whole, { expiries: [expiries[2]!, expiries[9]!] });
  expect(some.slices).toEqual(all.slices.filter(({ expiry }) => expiry === expiries[2] || expiry === expiries[9]));
  expect(some.forwards).toEqual(all.forwards);
});
