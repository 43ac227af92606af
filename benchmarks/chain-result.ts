/** One real chain calibrated, with the figures that say how well: what the tests assert and the table of results shows. */
import { readChain } from '../src/cli/read-chain.js';
import type { OptionChain } from '../src/market/chain.js';
import { quotedSides } from '../src/market/filter.js';
import type { Instant, RawQuote } from '../src/market/quote.js';
import { BLEND_SEPARATOR, sliceInputs } from '../src/market/slice-inputs.js';
import type { SliceFit } from '../src/volatility/calibration/fit.js';
import { calibrateSvi } from '../src/volatility/calibration/svi.js';
import { calibrateSurface } from '../src/volatility/calibration/surface-fit.js';
import type { SurfaceFit, SurfaceFitOptions } from '../src/volatility/calibration/surface-fit.js';
import { dataFile } from './data/real-chains.js';
import type { RealChain } from './data/real-chains.js';

export interface ExpiryResult {
  expiry: Instant;
  /** Listed out-of-the-money quotes with a bid and an ask, whatever their spread. */
  twoSided: number;
  /** Of these, how many are in the fit. */
  used: number;
  fit?: SliceFit | undefined;
  /** Why there is no fit. */
  reason?: string | undefined;
  /** Median over the fit's two-sided quotes, in basis points of volatility. */
  medianHalfSpreadBp: number;
}

export interface ChainResult {
  chain: OptionChain;
  fit: SurfaceFit;
  expiries: ExpiryResult[];
  /** Of filters, forwards and fits, without reading the file. */
  milliseconds: number;
}

/** By default the SVI fits as they are, before any condition against arbitrage. */
export function calibrateRealChain(
  { files, underlying, asOf }: Pick<RealChain, 'files' | 'underlying' | 'asOf'>,
  given: Pick<SurfaceFitOptions, 'engine' | 'arbitrage'> = {},
): ChainResult {
  const options: SurfaceFitOptions = { arbitrage: 'report', ...given };
  const { chain } = readChain({ files: files.map(dataFile), underlying, asOf });
  const started = performance.now();
  if (chain.style === 'american') {
    const fit = calibrateSurface(chain, options);
    return { chain, fit, expiries: [], milliseconds: performance.now() - started };
  }
  const inputs = sliceInputs(chain);
  const fit = calibrateSurface(chain, { ...options, slices: inputs });
  const milliseconds = performance.now() - started;

  const forwardOf = new Map(
    inputs.forwards.flatMap(({ expiry, forward }) => (forward.ok ? [[expiry, forward.forward] as const] : [])),
  );
  const expiries = [...new Set(chain.quotes.map(({ expiry }) => expiry))].sort((left, right) => left - right);
  return {
    chain,
    fit,
    milliseconds,
    expiries: expiries.map((expiry) => {
      const quotes = chain.quotes.filter((quote) => quote.expiry === expiry);
      const found = fit.ok ? fit.fits.find(({ input }) => input.expiry === expiry) : undefined;
      return expiryResult(expiry, quotes, forwardOf.get(expiry) ?? chain.spot, found, fit);
    }),
  };
}

function expiryResult(
  expiry: Instant,
  quotes: readonly RawQuote[],
  estimate: number | undefined,
  fit: SliceFit | undefined,
  surface: SurfaceFit,
): ExpiryResult {
  const targets = new Set(
    fit?.input.instrument.flatMap((name, i) =>
      Number.isNaN(fit.input.volatility[i]) ? [] : name.split(BLEND_SEPARATOR),
    ),
  );
  const twoSided = quotes.filter((quote) => {
    const { bid, ask } = quotedSides(quote);
    const forward = estimate ?? quote.forward;
    if (forward === undefined || bid === undefined || ask === undefined) return false;
    return (quote.type === 'call') === quote.strike > forward;
  });
  const halfSpreads = (fit?.input.volatility ?? []).flatMap((volatility, i) =>
    Number.isNaN(volatility) ? [] : [0.5e4 * (fit!.input.volatilityAsk[i]! - fit!.input.volatilityBid[i]!)],
  );
  const names = new Set(quotes.map(({ instrument }) => instrument));
  const failed = surface.ok ? surface.failed.find((failure) => failure.expiry === expiry)?.reason : surface.reason;
  return {
    expiry,
    twoSided: twoSided.length,
    used: twoSided.filter(({ instrument }) => targets.has(instrument)).length,
    fit,
    reason: fit === undefined ? (failed ?? commonest(surface, names)) : undefined,
    medianHalfSpreadBp: median(halfSpreads),
  };
}

/**
 * Why the RMSE of a slice is above its median half-spread:
 * 'wide-wings'  it is not once each error is measured in its own quote's half-spread: quotes wider than the median make it up;
 * 'smile'       the raw SVI smile fitted with equal weights, which minimises the RMSE itself, is above it too;
 * 'weights'     that one does, at the expense of the tightest quotes.
 */
export type RmseException = 'wide-wings' | 'smile' | 'weights';

/** Undefined where the slice is not fitted, or its RMSE is at most its median half-spread. */
export function rmseException({ fit, medianHalfSpreadBp }: ExpiryResult): RmseException | undefined {
  if (fit === undefined || fit.diagnostics.rmseBp <= medianHalfSpreadBp) return undefined;
  if (fit.diagnostics.rmseHalfSpreads <= 1) return 'wide-wings';
  const closest = calibrateSvi(fit.input, { weights: 'equal' });
  return closest.ok && closest.diagnostics.rmseBp <= medianHalfSpreadBp ? 'weights' : 'smile';
}

/** The expiries of a chain with an exception, by its reason, as days. */
export function rmseExceptions({ expiries }: ChainResult): { [Reason in RmseException]?: string[] } {
  const found: { [Reason in RmseException]?: string[] } = {};
  for (const result of expiries) {
    const reason = rmseException(result);
    if (reason !== undefined) (found[reason] ??= []).push(new Date(result.expiry).toISOString().slice(0, 10));
  }
  return found;
}

/** The reason that most of an expiry's quotes were rejected for. */
function commonest(surface: SurfaceFit, names: ReadonlySet<string>): string {
  const counts = new Map<string, number>();
  for (const { id, reason } of surface.rejected) {
    if (names.has(id)) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([, left], [, right]) => right - left)[0]?.[0] ?? 'no-quotes';
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : 0.5 * (sorted[middle - 1]! + sorted[middle]!);
}
