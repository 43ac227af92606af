/** From the text of files to one chain of European quotes. */
import { deAmericanise, InputError, joinChains, recogniseFeed } from 'zomma';
import type { Feed, OptionChain } from 'zomma';
import { chainHeading } from 'zomma/report/calibration-report.js';
import { parseInstant } from 'zomma/market/date.js';
import type { ChainView, ReadRequest } from '../protocol.js';

export interface ReadChain {
  chain: OptionChain;
  /** Of the options as they are listed, which the chain's quotes may have been made European from. */
  exercise: 'european' | 'american';
  view: ChainView;
}

/** Throws InputError, with a sentence for the reader, for what is no chain of one underlying. */
export function readChain({ files, asOf, underlying }: ReadRequest): ReadChain {
  const instant = asOf === undefined ? undefined : parseInstant(asOf);
  if (asOf !== undefined && instant === undefined) {
    throw new InputError('as of', asOf, 'a date and time with its offset, like 2026-01-13T12:00:00Z');
  }
  const feeds = files.map(({ name, text }) => {
    const feed = recogniseFeed(text);
    if (feed === undefined) throw new InputError(name, text.slice(0, 40), 'a file of option quotes of a known layout');
    return { feed, names: feed.underlyings() };
  });
  const underlyings = [...new Set(feeds.flatMap(({ names }) => names))].sort();
  const wanted = underlyings.length > 1 ? (underlying ?? underlyings[0]) : undefined;
  const listed = joinChains(
    feeds
      .filter(({ names }) => wanted === undefined || names.includes(wanted))
      .map(({ feed }) => parsed(feed, wanted, instant)),
  );
  const title = files.map(({ name }) => name).join(', ');
  const [, ...facts] = chainHeading({ title, chain: listed }).split('\n');
  return {
    chain: listed.style === 'american' ? europeanOf(listed) : listed,
    exercise: listed.style,
    view: {
      title,
      description: files.map(({ text }) => descriptionIn(text)).find((words) => words !== undefined),
      facts: facts.join(' '),
      underlying: listed.underlying,
      underlyings: underlyings.length > 1 ? underlyings : [listed.underlying],
      instruments: listed.quotes.map(({ instrument }) => instrument),
      settlement: listed.settlement,
      premiumCurrency: listed.premiumCurrency,
    },
  };
}

/** At the feed's own time, and at the one given where it has none. */
function parsed(feed: Feed, underlying: string | undefined, asOf: number | undefined): OptionChain {
  try {
    return feed.parse({ underlying });
  } catch (error) {
    if (error instanceof InputError && error.field === 'asOf' && asOf !== undefined)
      return feed.parse({ underlying, asOf });
    throw error;
  }
}

/** Rates are the library's default where the file tells none. */
function europeanOf(chain: OptionChain): OptionChain {
  const european = deAmericanise(chain, { spot: chain.spot ?? 'implied' });
  if (!european.ok)
    throw new InputError('the chain', chain.underlying, `one that shows its carry: ${european.message}`);
  return { ...european.chain, rejected: [...chain.rejected, ...european.rejected] };
}

function descriptionIn(text: string): string | undefined {
  if (!/^\uFEFF?\s*\{/.test(text)) return undefined;
  const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  const isRecord = typeof content === 'object' && content !== null;
  return isRecord && 'description' in content && typeof content.description === 'string'
    ? content.description
    : undefined;
}
