/** The main job on real chains, read in place from the data root: one test each. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calibrateRealChain, rmseExceptions } from '../../benchmarks/chain-result.js';
import { dataRoot, hasData, realChains } from '../../benchmarks/data/real-chains.js';
import type { RealChain } from '../../benchmarks/data/real-chains.js';

const chains = realChains();
const ending = (outcome: RealChain['outcome']) =>
  chains.filter((real) => real.outcome === outcome).map((real) => [real.name, real] as const);

/** By chain and reason, the expiries whose RMSE is above their median half-spread; written by scripts/chain-table.ts. */
const listed = JSON.parse(readFileSync(new URL('chain-exceptions.json', import.meta.url), 'utf8')) as Partial<
  Record<string, object>
>;

if (!hasData) it.skip(`real chains: no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);

describe.skipIf(!hasData)(`real chains under ${dataRoot}`, () => {
  it.each(ending('surface'))('%s', (name, real) => {
    const result = calibrateRealChain(real);
    expect(result.fit.ok ? 'surface' : result.fit.reason).toBe('surface');

    const notFitted = result.expiries.filter((expiry) => expiry.twoSided >= 5 && expiry.fit === undefined);
    expect(notFitted.map(({ expiry, reason }) => ({ day: new Date(expiry).toISOString(), reason }))).toEqual([]);

    const used = result.expiries.reduce((sum, expiry) => sum + expiry.used, 0);
    const twoSided = result.expiries.reduce((sum, expiry) => sum + expiry.twoSided, 0);
    expect(used / twoSided, `${used} of ${twoSided} two-sided quotes`).toBeGreaterThanOrEqual(0.7);

    // RMSE at most the median half-spread, but for the listed expiries, each with a reason that holds.
    expect(rmseExceptions(result)).toEqual(listed[name] ?? {});
  });

  it.each(ending('no-surface'))('%s ends in rejections', (_, real) => {
    const { chain, fit } = calibrateRealChain(real);
    expect(fit.ok).toBe(false);
    expect(fit.rejected.length).toBe(chain.quotes.length + chain.rejected.length);
  });

  it.each(ending('american-not-de-americanised'))('%s is American', (_, real) => {
    const { chain, fit } = calibrateRealChain(real);
    expect(chain.style).toBe('american');
    expect(fit.ok ? 'surface' : fit.reason).toBe('american-not-de-americanised');
    expect(fit.ok ? 0 : fit.value).toBe(chain.quotes.length);
  });
});
