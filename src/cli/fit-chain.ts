/** A chain's surface, American quotes made European first where that is asked for, with its progress on a terminal. */
import type { OptionChain } from '../market/chain.js';
import { deAmericanise } from '../market/de-americanise.js';
import type { Instant } from '../market/quote.js';
import { sliceInputs } from '../market/slice-inputs.js';
import type { Engine } from '../math/least-squares/problem.js';
import { americanFigures, americanText, type AmericanFigures, type MadeEuropean } from '../report/american-report.js';
import { utc } from '../report/calibration-report.js';
import { calibrateSurface, type SurfaceFit } from '../volatility/calibration/surface-fit.js';
import type { FeedArguments } from './grammar/feed.js';
import type { Streams } from './streams.js';

/** Expiries from which a progress line is worth its while. */
const manyExpiries = 4;

export interface ChainFit {
  fit: SurfaceFit;
  milliseconds: Map<Instant, number>;
  /** Where early exercise was taken out, with the premium and model risk of each quote. */
  european?: MadeEuropean | undefined;
  /** The same by expiry, for reports. */
  american?: AmericanFigures | undefined;
}

/** Prints what was taken out of American quotes; the rest is the caller's to print. */
export function fitChain(
  chain: OptionChain,
  args: Pick<FeedArguments, 'model' | 'arbitrage' | 'american'> & { engine?: Engine | undefined },
  streams: Streams,
): ChainFit {
  if (chain.style !== 'american') return fitEuropean(chain, args, streams);
  if (args.american === undefined) {
    const fit = calibrateSurface(chain);
    const told = fit.ok ? fit : { ...fit, message: `${fit.message}; --american takes it out` };
    return { fit: told, milliseconds: new Map() };
  }
  const european = deAmericanise(chain, args.american);
  if (!european.ok) {
    const { message, value, limit, rejected } = european;
    const fit = { ok: false, reason: 'american-not-de-americanised', message, value, limit, rejected } as const;
    return { fit, milliseconds: new Map() };
  }
  streams.stdout.write(`${americanText(european, chain)}\n\n`);
  return { ...fitEuropean(european.chain, args, streams), european, american: americanFigures(european, chain) };
}

function fitEuropean(
  chain: OptionChain,
  { model, arbitrage, engine }: Parameters<typeof fitChain>[1],
  { stderr }: Streams,
): ChainFit {
  const slices = sliceInputs(chain);
  const milliseconds = new Map<Instant, number>();
  const showProgress = stderr.isTTY === true && slices.slices.length >= manyExpiries;
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
