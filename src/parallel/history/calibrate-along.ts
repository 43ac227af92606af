/**
 * Chains calibrated in order of time, every search begun from the last fit of the same underlying and expiry. What is known of earlier
 * times is forgotten with the function: two partitions have nothing to say to each other.
 */
import type { OptionChain } from '../../market/chain.js';
import type { Instant } from '../../market/quote.js';
import type { SliceFit } from '../../volatility/calibration/fit.js';
import { calibrateSurface } from '../../volatility/calibration/surface-fit.js';
import type { SurfaceFit } from '../../volatility/calibration/surface-fit.js';
import type { HistoryConfiguration } from './job.js';

/** Calibrates the chains it is given, one after another. Throws InputError for options that `calibrateSurface` does not know. */
export function calibrateAlong({
  options,
  warmStarts,
}: Pick<HistoryConfiguration, 'options' | 'warmStarts'>): (chain: OptionChain) => SurfaceFit {
  if (!warmStarts) return (chain) => calibrateSurface(chain, options);
  const known = new Map<string, Map<Instant, SliceFit>>();
  return (chain) => {
    const key = `${chain.underlying} ${chain.venue} ${chain.settlement}`;
    let last = known.get(key);
    if (last === undefined) known.set(key, (last = new Map<Instant, SliceFit>()));
    const fit = calibrateSurface(chain, { ...options, previous: { fits: [...last.values()] } });
    for (const expiry of last.keys()) if (expiry <= chain.asOf) last.delete(expiry);
    if (fit.ok) for (const slice of fit.fits) last.set(slice.input.expiry, startOf(slice));
    return fit;
  };
}

/** What a later search starts from: the fit without its quotes, of which a history would hold too many. */
function startOf(fit: SliceFit): SliceFit {
  const none: number[] = [];
  const input = {
    ...fit.input,
    instrument: [],
    logMoneyness: none,
    volatilityBid: none,
    volatilityAsk: none,
    volatility: none,
    standardDeviation: none,
  };
  return { ...fit, input, residualBp: none, residualHalfSpreads: none, rejected: [] };
}
