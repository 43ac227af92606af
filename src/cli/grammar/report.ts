/** What may be written after `zomma report`. */
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { bookOptions, priceOptions, priceUsage, readPrices, type MarketArguments } from './exposure.js';
import { feedOptions, feedUsage, readFeed, type FeedArguments } from './feed.js';
import { readAmounts } from './options.js';

export interface ReportArguments extends FeedArguments, Pick<MarketArguments, 'spots' | 'marks' | 'funding' | 'fx'> {
  command: 'report';
  files: string[];
  positions: string[];
  account?: string | undefined;
  cash: Record<string, number>;
  html: string;
}

export const reportGrammar: CommandGrammar<ReportArguments> = {
  name: 'report',
  takes: [...feedOptions, ...priceOptions, ...bookOptions, 'positions', 'html'],
  read(files, values) {
    if (files.length === 0) throw new CommandError('report needs at least one file of quotes; see zomma report --help');
    if (values.html === undefined) throw new CommandError('report needs --html: the file to write');
    return {
      command: 'report',
      files,
      ...readFeed(values),
      ...readPrices(values),
      positions: values.positions ?? [],
      account: values.account,
      cash: readAmounts('--cash', values.cash, 'BTC=1.5'),
      html: values.html,
    };
  },
  summary: 'zomma report FILE... --html OUT              a page of pictures and tables to look at',
  usage: `zomma report FILE... --html OUT [options]: the surface, and an account's exposure, as one HTML page

  FILE               quotes of one venue at one instant, as for zomma calibrate
  --html OUT         the page: one file, no scripts, no network (needs the package echarts)
  --positions FILE   positions to report on, as for zomma exposure; may be repeated
  --account FILE     an account (JSON) that holds them: currency, cash, collateral, debts
  --cash CUR=AMOUNT  a balance, on top of the account's; may be repeated
${priceUsage}

options
${feedUsage}

exit codes
  0  the page was written
  1  the quotes give no surface, or no position could be read
  2  the command line or an input file could not be read
  3  an internal error
`,
};
