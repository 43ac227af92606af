/** Many chains calibrated by an executor. */
import type { OptionChain } from '../market/chain.js';
import type { SurfaceFit } from '../volatility/calibration/surface-fit.js';
import { openSurface } from '../volatility/surface/surface.js';
import type { Executor, RunOptions } from './executor.js';
import { inline } from './inline.js';
import type { ChainOptions, PlainSurfaceFit } from './tasks.js';

export interface MapChainsOptions extends RunOptions {
  executor?: Executor | undefined;
}

/** What `calibrateSurface` gives for each chain, in their order. Rejects with InputError on options it does not know. */
export async function mapChains(
  chains: readonly OptionChain[],
  options: ChainOptions = {},
  { executor = inline(), ...run }: MapChainsOptions = {},
): Promise<SurfaceFit[]> {
  const fits = await executor.map(
    'calibrateChain',
    chains.map((chain) => ({ chain, options })),
    run,
  );
  return fits.map(opened);
}

/** The view of the surface in the place of its record. */
export function opened(fit: PlainSurfaceFit): SurfaceFit {
  return fit.ok ? { ...fit, surface: openSurface(fit.surface) } : fit;
}
