/** The surface calibrated to the synthetic quotes against the surface they were made from. */
import { describe, expect, it } from 'vitest';
import { syntheticChain, syntheticChainText } from '../../benchmarks/data/synthetic-chain.js';
import { deribit } from '../../src/market/venues/deribit.js';
import { calibrateSurface } from '../../src/volatility/calibration/surface-fit.js';
import { smileDerivatives } from '../../src/volatility/smile/smile.js';
import { ssvi } from '../../src/volatility/smile/ssvi.js';

function fitAndTruth(seed: number) {
  const truth = syntheticChain({ seed });
  const fit = calibrateSurface(deribit.parseBookSummary(syntheticChainText(truth), { asOf: truth.asOf }));
  if (!fit.ok) throw new Error(fit.message);
  return { truth, fit };
}

describe.each([20_260_113, 1, 2, 3, 4, 5])('the synthetic chain with seed %i', (seed) => {
  const { truth, fit } = fitAndTruth(seed);

  it('is fitted at every expiry, on the forward it was made with', () => {
    expect(fit.fits.map(({ input }) => input.expiry)).toEqual(truth.slices.map(({ expiry }) => expiry));
    for (const [i, { input }] of fit.fits.entries()) {
      const { forward } = truth.slices[i]!;
      expect(Math.abs(input.forward - forward) / forward).toBeLessThan(5e-4);
    }
  });

  it('gives the true volatility back within the half-spread of the quotes, wherever it is quoted', () => {
    const outside = fit.fits.flatMap((slice, i) => {
      const { parameters, timeToExpiry } = truth.slices[i]!;
      const { logMoneyness, volatility, volatilityBid, volatilityAsk, instrument } = slice.input;
      return logMoneyness.flatMap((k, j) => {
        const fitted = Math.sqrt(smileDerivatives(slice.parameters, k).w / timeToExpiry);
        const exact = Math.sqrt(ssvi.totalVariance(parameters, k) / timeToExpiry);
        const halfSpread = 0.5 * (volatilityAsk[j]! - volatilityBid[j]!);
        return Number.isNaN(volatility[j]) || Math.abs(fitted - exact) <= halfSpread
          ? []
          : [{ instrument: instrument[j], fitted, exact, halfSpread }];
      });
    });
    expect(outside).toEqual([]);
  });

  it('leaves stale and crossed quotes out, for that reason', () => {
    const reasonOf = new Map(fit.rejected.map(({ id, reason }) => [id, reason]));
    expect(truth.stale.map((id) => reasonOf.get(id))).toEqual(truth.stale.map(() => 'stale'));
    expect(truth.crossed.map((id) => reasonOf.get(id))).toEqual(truth.crossed.map(() => 'crossed'));
  });
});
