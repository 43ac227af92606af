/** From the files of --market to a snapshot: quotes are calibrated, surfaces are opened. */
import { InputError } from '../errors.js';
import type { OptionChain } from '../market/chain.js';
import { joinChains } from '../market/venues/join.js';
import { snapshotOf, type MarketSource } from '../portfolio/build-snapshot.js';
import { instrumentOf, underlyingOf } from '../portfolio/instrument-name.js';
import type { Instrument } from '../portfolio/instrument.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { AmericanFigures } from '../report/american-report.js';
import { surfaceFromJSON } from '../volatility/surface/surface-json.js';
import { CommandError } from './command-error.js';
import { explain, readText } from './files.js';
import { fitChain } from './fit-chain.js';
import type { MarketArguments } from './grammar/exposure.js';
import { chainsOf } from './read-chain.js';
import type { Streams } from './streams.js';

export interface ReadMarket {
  snapshot: MarketSnapshot;
  /** Underlyings whose surface is not proved free of arbitrage. */
  unproved: string[];
  /** What was taken out of American quotes, by underlying; undefined where there were none. */
  american: AmericanFigures[] | undefined;
}

/**
 * The market of the instruments held. Undefined, with the reason on stderr, where quotes give no surface. Throws CommandError for files
 * that cannot be read or do not belong together, and where a spot, a rate or a mark is missing or of nothing.
 */
export function readMarket(
  args: MarketArguments,
  held: readonly Instrument[],
  streams: Streams,
): ReadMarket | undefined {
  const wanted = new Set([...held.map(({ underlying }) => underlying), ...Object.keys(args.spots)]);
  const sources: MarketSource[] = [];
  const chains = new Map<string, OptionChain[]>();
  const unproved: string[] = [];
  const american: AmericanFigures[] = [];
  for (const file of args.market) {
    const text = readText(file);
    const surface = surfaceIn(file, text);
    if (surface !== undefined) {
      sources.push(surface);
      if (!surface.proved) unproved.push(underlyingOf(surface.surface.data.underlying));
      continue;
    }
    for (const chain of chainsOf(file, text, args, (name) => wanted.has(underlyingOf(name)))) {
      const name = underlyingOf(chain.underlying);
      chains.set(name, [...(chains.get(name) ?? []), chain]);
    }
  }
  for (const [name, parts] of chains) {
    const different = [...new Set(parts.map(({ underlying }) => underlying))];
    if (different.length > 1) {
      throw new CommandError(
        `--market: ${different.join(' and ')} are both chains of ${name}: choose one with --underlying`,
      );
    }
    const chain = explain(`--market: the files of ${name} do not make one chain`, () => joinChains(parts));
    const { fit, american: taken } = fitChain(chain, args, streams);
    if (taken !== undefined) american.push(taken);
    if (!fit.ok) {
      streams.stderr.write(`zomma: no surface of ${name}: ${fit.reason}: ${fit.message}\n`);
      return undefined;
    }
    sources.push({ surface: fit.surface, fits: fit.fits });
    if (!fit.proved) unproved.push(name);
  }
  return {
    snapshot: snapshotFor(sources, args, held),
    unproved,
    american: american.length === 0 ? undefined : american,
  };
}

/** The surface of a file that `zomma calibrate --json` or `toJSON` wrote; undefined for other files. */
function surfaceIn(
  file: string,
  text: string,
): (MarketSource & { surface: { data: { underlying: string } } } & { proved: boolean }) | undefined {
  if (!/^\uFEFF?\s*\{/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const data: unknown = 'surface' in value ? value.surface : value;
  if (typeof data !== 'object' || data === null || !('slices' in data)) return undefined;
  const read = surfaceFromJSON(data);
  if (!read.ok) throw new CommandError(`${file}: not a surface: ${read.reason}: ${read.message}`);
  const { slices, calendar } = read.surface.data;
  const certificates = [...slices.map(({ butterfly }) => butterfly), ...calendar];
  const proved = calendar.length === slices.length - 1 && certificates.every((one) => one?.verdict === 'proved');
  return { surface: read.surface, proved };
}

/** A snapshot of what is known of each market, with what the command line adds. Throws CommandError where a spot, a rate or a mark is missing or of nothing. */
export function snapshotFor(
  sources: readonly MarketSource[],
  args: Pick<MarketArguments, 'spots' | 'marks' | 'funding' | 'fx'>,
  held: readonly Instrument[],
): MarketSnapshot {
  const nameOf = ({ surface, underlying }: MarketSource): string =>
    underlying ?? underlyingOf('data' in surface ? surface.data.underlying : surface.underlying);
  const names = sources.map(nameOf);
  for (const [option, record] of [
    ['--spot', args.spots],
    ['--funding', args.funding],
  ] as const) {
    const foreign = Object.keys(record).find((name) => !names.includes(name));
    if (foreign !== undefined) throw new InputError(option, foreign, `one of the market's, ${names.join(', ')}`);
  }
  const marks = marksByUnderlying(args.marks, held);
  const options = { sources: '--spot', fx: '--fx', asOf: '--as-of' };
  return explain(
    '--market',
    () =>
      snapshotOf(
        sources.map((source, i) => {
          const name = names[i]!;
          return {
            ...source,
            underlying: name,
            ...(name in args.spots ? { spot: args.spots[name] } : {}),
            ...(marks.has(name) ? { futures: marks.get(name) } : {}),
            ...(name in args.funding ? { fundingRatePerDay: args.funding[name] } : {}),
          };
        }),
        { fx: args.fx },
      ),
    options,
  );
}

/** Marks belong to the underlying of the instrument they name: one that is held, or one with a venue's name. */
function marksByUnderlying(
  marks: Readonly<Record<string, number>>,
  held: readonly Instrument[],
): Map<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>();
  for (const [id, mark] of Object.entries(marks)) {
    const named = instrumentOf(id);
    const instrument = held.find((other) => other.id === id) ?? (named.ok ? named.instrument : undefined);
    if (instrument === undefined) throw new InputError('--mark', id, 'an instrument that is held');
    found.set(instrument.underlying, { ...found.get(instrument.underlying), [id]: mark });
  }
  return found;
}
