/** One file of quotes to the rows of its chains: read, calibrated and summed up where the work is done, so that only rows come back. */
import { InputError } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import type { Instant } from '../../market/quote.js';
import { recogniseFeed } from '../../market/venues/feed.js';
import { calibrateSurface } from '../../volatility/calibration/surface-fit.js';
import type { SurfaceFitOptions } from '../../volatility/calibration/surface-fit.js';
import { analyticsRows, surfaceRows } from './tables.js';
import type { Row } from './tables.js';

/** What decides the rows of a file, beside the file. */
export interface HistoryConfiguration {
  options: Omit<SurfaceFitOptions, 'onSlice' | 'previous' | 'slices'>;
  /** Constant maturities, in days. */
  tenorsInDays: readonly number[];
  /** Only this underlying or root; all of the file where missing. */
  underlying?: string | undefined;
  /** The time of files that do not say theirs. */
  asOf?: Instant | undefined;
}

export interface FileRequest {
  /** Names the file in the rows: `name` for a file of one chain, `name#underlying` otherwise. */
  name: string;
  text: string;
  configuration: HistoryConfiguration;
}

export type FileTables =
  | { ok: true; chains: number; surfaces: Row[]; analytics: Row[]; failures: string[] }
  /** Not a feed that is known, or one whose rows cannot be read. */
  | { ok: false; reason: 'unknown-feed' | 'unreadable'; message: string };

/** Throws InputError for options that `calibrateSurface` does not know. */
export function fileTables({ name, text, configuration }: FileRequest): FileTables {
  const chains = readChains(text, configuration);
  if ('reason' in chains) return chains;
  const tables = { surfaces: [] as Row[], analytics: [] as Row[], failures: [] as string[] };
  for (const chain of chains) {
    const id = chains.length === 1 ? name : `${name}#${chain.underlying}`;
    const fit = calibrateSurface(chain, configuration.options);
    tables.surfaces.push(...surfaceRows(id, chain, fit));
    tables.analytics.push(...analyticsRows(id, chain, fit, configuration.tenorsInDays));
    tables.failures.push(...(fit.ok ? fit.failed.map(({ reason }) => reason) : [fit.reason]));
  }
  return { ok: true, chains: chains.length, ...tables };
}

function readChains(
  text: string,
  { underlying, asOf }: HistoryConfiguration,
): OptionChain[] | Extract<FileTables, { ok: false }> {
  try {
    const feed = recogniseFeed(text);
    if (feed === undefined) return { ok: false, reason: 'unknown-feed', message: 'not a feed that is known here' };
    if (underlying !== undefined) return [feed.parse({ asOf, underlying })];
    const names = feed.underlyings();
    if (names.length <= 1) return [feed.parse({ asOf })];
    return names.map((each) => feed.parse({ asOf, underlying: each }));
  } catch (error) {
    if (error instanceof InputError) return { ok: false, reason: 'unreadable', message: error.message };
    throw error;
  }
}
