/** Real chains, read in place from the data root: each gives a surface that is proved free of arbitrage, between its slices as well. */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../benchmarks/calibration/random.js';
import { calibrateRealChain } from '../../../benchmarks/chain-result.js';
import { dataRoot, hasData, realChains } from '../../../benchmarks/data/real-chains.js';
import { certifyBetween } from '../../../src/volatility/arbitrage/between.js';
import { certifyOnInterval } from '../../../src/volatility/arbitrage/interval-search.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { certifyInterpolation } from '../../../src/volatility/surface/interpolation-certificates.js';
import { surfaceFromJSON } from '../../../src/volatility/surface/surface-json.js';
import { interpolatedDensity } from './interpolated-density.js';

const chains = realChains()
  .filter(({ outcome }) => outcome === 'surface')
  .map((real) => [real.name, real] as const);
const BOXES = 200_000;
const TIMES = 1;

if (!hasData) it.skip(`real chains: no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);

describe.skipIf(!hasData)(`certified surfaces of the real chains under ${dataRoot}`, () => {
  it.each(chains)('%s', (_, real) => {
    const { fit } = calibrateRealChain(real, { arbitrage: 'certify' });
    if (!fit.ok) throw new Error(fit.message);
    expect(fit.proved).toBe(true);
    const slices = fit.surface.data.slices;
    fit.butterfly.forEach((certificate, i) => {
      expect(certificate).toMatchObject({ verdict: 'proved', domain: 'all-k' });
      expect(verifyCertificate(certificate, slices[i]!.parameters)).toBe(true);
    });
    fit.calendar.forEach((certificate, i) => {
      expect(certificate).toMatchObject({ verdict: 'proved', domain: 'all-k' });
      expect(verifyCertificate(certificate, [slices[i]!.parameters, slices[i + 1]!.parameters])).toBe(true);
    });
    // Only an expiry with fewer than three targets may be without a slice.
    for (const { reason } of fit.failed) expect(reason).toBe('too-few-quotes');
    expect(surfaceFromJSON(JSON.stringify(fit.surface.toJSON())).ok).toBe(true);

    // Between slices at every time, for every k; the proof shown again for some of them.
    certifyInterpolation(fit.surface.data).forEach((certificate, i) => {
      expect(certificate, `between slices ${i} and ${i + 1}`).toMatchObject({ verdict: 'proved', domain: 'all-k' });
      const pair = [slices[i]!.parameters, slices[i + 1]!.parameters];
      if (i % 5 === 0) expect(verifyCertificate(certificate, pair)).toBe(true);
      expect(certifyBetween(pair[0]!, pair[1]!, 'price').verdict).toBe('proved');
    });

    // And with another enclosure at one time, over twice the quoted strikes.
    const random = randomStream(7);
    for (let i = 0; i < TIMES && slices.length > 1; i++) {
      const place = Math.min(slices.length - 2, Math.floor(random.uniform(0, slices.length - 1)));
      const [earlier, later] = [
        slices[place]!.parameters as SviParameters,
        slices[place + 1]!.parameters as SviParameters,
      ];
      const k = fit.fits.slice(place, place + 2).flatMap(({ input }) => input.logMoneyness);
      const wide: [number, number] = [2 * Math.min(...k), 2 * Math.max(...k)];
      const search = certifyOnInterval(interpolatedDensity(earlier, later, random.uniform(0, 1)), wide, BOXES);
      expect(search.verdict, `between slices ${place} and ${place + 1}`).toBe('proved');
    }
  });
});
