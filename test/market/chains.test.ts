/** The main job on real chains, read in place from the data root: one test each. */
import { describe, expect, it } from 'vitest';
import { calibrateRealChain } from '../../benchmarks/chain-result.js';
import { dataRoot, hasData, realChains } from '../../benchmarks/data/real-chains.js';

const chains = realChains();

describe.skipIf(!hasData)(
  `real chains under ${dataRoot}${hasData ? '' : ': missing, skipped (set ZOMMA_DATA)'}`,
  () => {
    it.each(chains.filter(({ outcome }) => outcome === 'surface'))('$name', (real) => {
      const { fit, expiries } = calibrateRealChain(real);
      expect(fit.ok ? 'surface' : fit.reason).toBe('surface');

      const notFitted = expiries.filter((expiry) => expiry.twoSided >= 5 && expiry.fit === undefined);
      expect(notFitted.map(({ expiry, reason }) => `${day(expiry)} ${String(reason)}`)).toEqual([]);

      const used = expiries.reduce((sum, expiry) => sum + expiry.used, 0);
      const twoSided = expiries.reduce((sum, expiry) => sum + expiry.twoSided, 0);
      expect(used / twoSided, `${used} of ${twoSided} two-sided out-of-the-money quotes used`).toBeGreaterThanOrEqual(
        0.7,
      );

      const wide = expiries.filter(({ fit: slice, medianHalfSpreadBp }) => {
        return slice !== undefined && !(slice.diagnostics.rmseBp <= medianHalfSpreadBp);
      });
      expect(
        wide.map(({ expiry, fit: slice, medianHalfSpreadBp }) => {
          return `${day(expiry)} RMSE ${slice!.diagnostics.rmseBp.toFixed(1)} bp, median half-spread ${medianHalfSpreadBp.toFixed(1)} bp`;
        }),
      ).toEqual([]);
    });

    it.each(chains.filter(({ outcome }) => outcome === 'no-surface'))('$name ends in rejections', (real) => {
      const { chain, fit } = calibrateRealChain(real);
      expect(fit.ok).toBe(false);
      expect(fit.rejected.length).toBe(chain.quotes.length + chain.rejected.length);
    });

    it.each(chains.filter(({ outcome }) => outcome === 'american-not-de-americanised'))('$name is American', (real) => {
      const { chain, fit } = calibrateRealChain(real);
      expect(chain.style).toBe('american');
      expect(fit.ok ? 'surface' : fit.reason).toBe('american-not-de-americanised');
      expect(fit.ok ? 0 : fit.value).toBe(chain.quotes.length);
    });
  },
);

function day(expiry: number): string {
  return new Date(expiry).toISOString().slice(0, 10);
}
