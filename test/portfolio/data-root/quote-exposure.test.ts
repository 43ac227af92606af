/** Vega by quote of a book on a real Deribit chain, against surfaces calibrated again to a bumped quote, free and certified. */
import { describe, expect, it } from 'vitest';
import { dataFile, dataRoot, hasData, realChains } from '../../../benchmarks/data/real-chains.js';
import { readChain } from '../../../src/cli/read-chain.js';
import { sliceInputs } from '../../../src/market/slice-inputs.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { seededRandom } from '../../../src/math/random.js';
import type { Position } from '../../../src/portfolio/account.js';
import { quoteExposure } from '../../../src/portfolio/quote-exposure.js';
import type { MarketSnapshot } from '../../../src/portfolio/snapshot.js';
import { valueInstrument } from '../../../src/portfolio/valuation.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';

const chosen = realChains().filter(({ name }) => name.includes('20260228T212049Z.csv ETH'));

if (!hasData) it.skip(`Deribit quotes: no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);

describe.skipIf(!hasData)(`vega by quote on a chain under ${dataRoot}`, () => {
  it('is there', () => {
    expect(chosen).toHaveLength(1);
  });

  it.each([
    ['report', 6],
    ['certify', 1],
  ] as const)("arbitrage '%s'", (arbitrage, bumps) => {
    const { files, underlying, asOf: at } = chosen[0]!;
    const { chain } = readChain({ files: files.map(dataFile), underlying, asOf: at });
    const { slices } = sliceInputs(chain);
    const spot = chain.spot ?? slices[0]!.forward;
    const snapshotOf = (inputs: SliceInput[]): MarketSnapshot => {
      const fit = calibrateSurface(chain, { arbitrage, slices: { slices: inputs, rejected: [] } });
      if (!fit.ok) throw new Error(fit.message);
      const { surface, fits } = fit;
      const underlyings = { [chain.underlying]: { spot, surface: surface.data } };
      return { asOf: chain.asOf, underlyings, fx: [], fits: { [chain.underlying]: fits } };
    };
    const random = seededRandom(5);
    const quotes = chain.quotes.filter(({ strike }) => Math.abs(Math.log(strike / spot)) < 0.4);
    const positions = Array.from({ length: 60 }, (_, i): Position => {
      const { instrument: id, type, strike, expiry } = quotes[random.index(quotes.length)]!;
      const coin = chain.underlying;
      const option = {
        id,
        kind: 'option',
        style: 'inverse',
        underlying: coin,
        settlement: coin,
        multiplier: 1,
      } as const;
      return { id: `p${i}`, instrument: { ...option, type, strike, expiry }, quantity: 1 + random.index(20) };
    });
    const valueOf = (s: MarketSnapshot): number =>
      positions.reduce((sum, one) => sum + one.quantity * valueInstrument(one.instrument, s, 'USD').value, 0);

    const snapshot = snapshotOf(slices);
    const account = { id: 'book', reportingCurrency: 'USD', cash: {}, positions };
    const exposure = quoteExposure(account, snapshot);
    expect(exposure.failed).toEqual([]);
    expect(exposure.unattributed).toBe(0);
    const moved = snapshot.fits![chain.underlying]!.map(({ diagnostics }) => diagnostics.atBound.includes('arbitrage'));
    expect(moved.filter(Boolean).length > 0).toBe(arbitrage === 'certify');
    const h = 1e-5;
    for (let bump = 0; bump < bumps; bump++) {
      const place = arbitrage === 'certify' ? moved.indexOf(true) : random.index(slices.length);
      const { expiry } = snapshot.fits![chain.underlying]![place]!.input;
      const slice = slices.findIndex((one) => one.expiry === expiry);
      const middle = Math.floor(slices[slice]!.volatility.length / 2);
      const j = slices[slice]!.volatility.findIndex((v, i) => i >= middle - bump && !Number.isNaN(v));
      const [up, down] = [1, -1].map((sign) =>
        valueOf(
          snapshotOf(
            slices.map((one, i) =>
              i === slice ? { ...one, volatility: one.volatility.map((v, q) => (q === j ? v + sign * h : v)) } : one,
            ),
          ),
        ),
      );
      const difference = (0.01 * (up! - down!)) / (2 * h);
      const bucket = exposure.quotes.find(({ instrument }) => instrument === slices[slice]!.instrument[j])!;
      expect(Math.abs(bucket.perVolPoint - difference)).toBeLessThan(1e-4 * Math.abs(difference));
    }
  });
});
