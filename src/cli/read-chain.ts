/** From the files named on the command line to one chain of quotes. */
import type { OptionChain, ParseOptions } from '../market/chain.js';
import { csv } from '../market/venues/csv.js';
import { recogniseFeed } from '../market/venues/feed.js';
import { joinChains } from '../market/venues/join.js';
import { feedLayouts } from '../market/venues/layouts.js';
import { CommandError } from './command-error.js';
import { explain, readText } from './files.js';
import type { FeedArguments } from './grammar/feed.js';

export type FeedOptions = Pick<FeedArguments, 'venue' | 'layout' | 'asOf' | 'underlying'>;

export interface ReadChain {
  chain: OptionChain;
  /** What a JSON file says of itself, in the `description` beside its `result`. */
  description?: string | undefined;
}

/** Throws CommandError, naming the file, for what cannot be read and for files that do not belong together. */
export function readChain({ files, venue, layout, asOf, underlying }: FeedOptions & { files: string[] }): ReadChain {
  const texts = files.map((file) => ({ file, text: readText(file) }));
  const chains = texts.map(({ file, text }) =>
    explain(file, () => readerOf(file, text, venue, layout).parse({ asOf, underlying })),
  );
  const descriptions = texts.map(({ text }) => descriptionIn(text)).filter((description) => description !== undefined);
  return {
    chain: explain('the files do not make one chain', () => joinChains(chains)),
    description: descriptions.length === 0 ? undefined : [...new Set(descriptions)].join(' '),
  };
}

/** The chains of a file whose underlyings are wanted; the only one there is, whatever it is called. */
export function chainsOf(
  file: string,
  text: string,
  { venue, layout, asOf, underlying }: FeedOptions,
  isWanted: (underlying: string) => boolean,
): OptionChain[] {
  return explain(file, () => {
    const { underlyings, parse } = readerOf(file, text, venue, layout);
    if (underlying !== undefined) return [parse({ asOf, underlying })];
    const names = underlyings();
    if (names.length <= 1) return [parse({ asOf })];
    return names.filter(isWanted).map((name) => parse({ asOf, underlying: name }));
  });
}

interface Reader {
  underlyings: () => string[];
  parse: (options: ParseOptions) => OptionChain;
}

function readerOf(file: string, text: string, venue: string | undefined, layoutName: string | undefined): Reader {
  if (layoutName !== undefined) {
    const layout = feedLayouts.find(({ name }) => name === layoutName);
    if (layout === undefined) {
      throw new CommandError(`--layout: unknown '${layoutName}', known are ${layoutNames()}`);
    }
    return { underlyings: () => [], parse: (options) => csv.parseChain(text, layout.mapping, options) };
  }
  requireJsonIfBraced(text);
  const feed = recogniseFeed(text);
  if (feed === undefined) {
    throw new CommandError(
      `${file}: not a feed that is known here (Deribit's book summary, order books and exports, Cboe's quote table, ${layoutNames()})`,
    );
  }
  const isLayout = feedLayouts.some(({ name }) => name === feed.name);
  if (venue !== undefined && venue !== feed.venue && !(venue === 'csv' && isLayout)) {
    throw new CommandError(`${file}: --venue ${venue} does not fit, the file is ${feed.name} of ${feed.venue}`);
  }
  return { underlyings: () => feed.underlyings(), parse: (options) => feed.parse(options) };
}

function layoutNames(): string {
  return feedLayouts.map(({ name }) => name).join(', ');
}

/** Text that begins like JSON has to be JSON: its fault is worth more than 'unknown feed'. */
function requireJsonIfBraced(text: string): void {
  if (!/^\uFEFF?\s*(\{|\[\s*\{)/.test(text)) return;
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CommandError(`not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function descriptionIn(text: string): string | undefined {
  if (!/^\uFEFF?\s*\{/.test(text)) return undefined;
  const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  const isRecord = typeof content === 'object' && content !== null;
  return isRecord && 'description' in content && typeof content.description === 'string'
    ? content.description.replaceAll(/\p{Cc}+/gu, ' ')
    : undefined;
}
