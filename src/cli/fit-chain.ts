/** A chain's surface, with its progress on a terminal and the time of each expiry. */
import type { OptionChain } from '../market/chain.js';
import type { Instant } from '../market/quote.js';
import { sliceInputs } from '../market/slice-inputs.js';
import type { Engine } from '../math/least-squares/problem.js';
import { utc } from '../report/calibration-report.js';
import { calibrateSurface, type SurfaceFit } from '../volatility/calibration/surface-fit.js';
import type { FeedArguments } from './grammar/feed.js';
import type { Streams } from './streams.js';

/** Expiries from which a progress line is worth its while. */
const manyExpiries = 4;

export interface ChainFit {
  fit: SurfaceFit;
  milliseconds: Map<Instant, number>;
}

export function fitChain(
  chain: OptionChain,
  { model, arbitrage, engine }: Pick<FeedArguments, 'model' | 'arbitrage'> & { engine?: Engine | undefined },
  { stderr }: Streams,
): ChainFit {
  const slices = chain.style === 'american' ? undefined : sliceInputs(chain);
  const milliseconds = new Map<Instant, number>();
  const showProgress = stderr.isTTY === true && (slices?.slices.length ?? 0) >= manyExpiries;
  let started = performance.now();
  const fit = calibrateSurface(chain, {
    model,
    arbitrage,
    engine,
    slices,
    onSlice: ({ expiry, index, count }) => {
      const now = performance.now();
      milliseconds.set(expiry, now - started);
      if (showProgress) stderr.write(`\r\x1b[Kfitted ${index + 1} of ${count}: ${utc(expiry)}`);
      started = performance.now();
    },
  });
  if (showProgress) stderr.write('\r\x1b[K');
  return { fit, milliseconds };
}
