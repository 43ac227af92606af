/** The account and the market it is valued in, for every command that takes both. */
import type { BookArguments, MarketArguments } from './grammar/exposure.js';
import { readBook, type ReadBook } from './read-book.js';
import { readMarket, type ReadMarket } from './read-market.js';
import type { Streams } from './streams.js';

export type ReadPortfolio = ReadBook & ReadMarket;

/**
 * Undefined, with the reason on stderr, where no position can be read or quotes give no surface. Throws CommandError as readBook and
 * readMarket do.
 */
export function readPortfolio(args: BookArguments & MarketArguments, streams: Streams): ReadPortfolio | undefined {
  const book = readBook(args, streams);
  if (book === undefined) return undefined;
  const held = book.account.positions.map(({ instrument }) => instrument);
  const market = readMarket(args, held, streams);
  return market === undefined ? undefined : { ...book, ...market };
}
