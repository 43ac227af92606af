/** What may be written after `zomma watch`. */
import { requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { priceOptions, priceUsage, readPrices, type MarketArguments } from './exposure.js';
import { chainUsage, feedOptions, readFeed, type FeedArguments } from './feed.js';
import { readNumber } from './options.js';

export interface WatchArguments extends FeedArguments, Pick<MarketArguments, 'spots' | 'marks' | 'funding' | 'fx'> {
  command: 'watch';
  /** Of the chain to begin with; empty for a venue's feed. */
  files: string[];
  /** A file of changes, '-' for standard input. */
  changes?: string | undefined;
  /** The underlying of Deribit's feed. */
  deribit?: string | undefined;
  url?: string | undefined;
  channel: 'ticker' | 'book';
  positions: string[];
  numeraire?: string | undefined;
  /** Seconds after which a quote not heard of has no price. */
  maximumAge?: number | undefined;
  /** Updates after which the watch ends. */
  count?: number | undefined;
  /** A file for a line of JSON an update, '-' for standard output. */
  json?: string | undefined;
}

export const watchGrammar: CommandGrammar<WatchArguments> = {
  name: 'watch',
  takes: [
    ...feedOptions.filter((name) => name !== 'american' && name !== 'rate'),
    ...priceOptions,
    'changes',
    'deribit',
    'url',
    'channel',
    'positions',
    'numeraire',
    'max-age',
    'count',
    'json',
  ],
  read(files, values) {
    const { changes, deribit, url } = values;
    if (deribit === undefined) {
      if (files.length === 0 || changes === undefined) {
        throw new CommandError('watch needs a chain and --changes, or --deribit; see zomma watch --help');
      }
      for (const name of ['url', 'channel'] as const) {
        if (values[name] !== undefined) throw new CommandError(`--${name} goes with --deribit`);
      }
    } else if (files.length > 0 || changes !== undefined) {
      throw new CommandError('watch takes either a chain and --changes or --deribit');
    }
    return {
      command: 'watch',
      ...readFeed(values),
      ...readPrices(values),
      files,
      changes,
      deribit,
      url,
      channel: requireOneOf('--channel', values.channel ?? 'ticker', ['ticker', 'book']),
      positions: values.positions ?? [],
      numeraire: values.numeraire,
      maximumAge: readNumber('--max-age', values['max-age'], requirePositive),
      count: readNumber('--count', values.count, (field, value) => {
        if (!Number.isInteger(requirePositive(field, value))) throw new InputError(field, value, 'a whole number');
        return value as number;
      }),
      json: values.json,
    };
  },
  summary: 'zomma watch CHAIN --changes FILE             a surface and a book followed as quotes change',
  usage: `zomma watch CHAIN --changes FILE [options]: a surface, and the Greeks of a book, as quotes change
zomma watch --deribit NAME [options]: the same on the options of NAME (BTC, ETH, SOL_USDC) as they trade

  --changes FILE     changes of the chain's quotes, a line of JSON each (an object or an array of
                     them): instrument, timestamp, bid, ask ...; every line is an update. With - they
                     are read from standard input, and an update takes all that has come
  --positions FILE   the book: positions as for zomma exposure; may be repeated
${priceUsage}
  --numeraire CUR    what the Greeks are in
  --url URL          Deribit's address (default wss://www.deribit.com/ws/api/v2)
  --channel NAME     ticker (default) or book: best prices every 100 ms, or order books in sequence
  --max-age SECONDS  a quote not heard of for so long has no price (default 600)
  --count N          end after N updates
  --json OUT         a line of JSON an update to a file, or with - to standard output

options
${chainUsage}

On a terminal a table is refreshed in place, and the rows fitted anew stand out unless NO_COLOR is
set; elsewhere every update is a line. Ctrl-C ends the watch with a summary. --deribit needs the
package ws.

exit codes
  0  the changes ended, or the watch was ended
  1  there was no surface to the end
  2  the command line, a file or the feed could not be read
  3  an internal error
`,
};
