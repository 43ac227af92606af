/** What may be written after `zomma report`. */
import { requireNonNegative, requireOneOf } from '../../check.js';
import { marginRuleNames, type MarginRuleName } from '../../report/margin-report.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { bookOptions, priceOptions, priceUsage, readPrices, type MarketArguments } from './exposure.js';
import { feedOptions, feedUsage, readFeed, type FeedArguments } from './feed.js';
import { readAmounts, readNumber } from './options.js';

export interface ReportArguments extends FeedArguments, Pick<MarketArguments, 'spots' | 'marks' | 'funding' | 'fx'> {
  command: 'report';
  files: string[];
  positions: string[];
  account?: string | undefined;
  cash: Record<string, number>;
  /** Those of the coin that is held where missing. */
  rules?: MarginRuleName | undefined;
  /** That pass before the moves of the stress. */
  days: number;
  threeDimensional: boolean;
  /** One of the two is given. */
  html?: string | undefined;
  json?: string | undefined;
}

export const reportGrammar: CommandGrammar<ReportArguments> = {
  name: 'report',
  takes: [...feedOptions, ...priceOptions, ...bookOptions, 'positions', 'rules', 'days', 'html', '3d', 'json'],
  read(files, values) {
    if (files.length === 0) throw new CommandError('report needs at least one file of quotes; see zomma report --help');
    if (values.html === undefined && values.json === undefined) {
      throw new CommandError('report needs --html or --json: the file to write');
    }
    const threeDimensional = values['3d'] === true;
    if (threeDimensional && values.html === undefined) throw new CommandError('--3d needs --html: the page to draw in');
    return {
      command: 'report',
      files,
      ...readFeed(values),
      ...readPrices(values),
      positions: values.positions ?? [],
      account: values.account,
      cash: readAmounts('--cash', values.cash, 'BTC=1.5'),
      rules: values.rules === undefined ? undefined : requireOneOf('--rules', values.rules, marginRuleNames),
      days: readNumber('--days', values.days, requireNonNegative) ?? 0,
      threeDimensional,
      html: values.html,
      json: values.json,
    };
  },
  summary: 'zomma report FILE... --html OUT              a page of pictures and tables to look at',
  usage: `zomma report FILE... --html OUT [options]: the surface, and an account's exposure, as one HTML page

  FILE               quotes of one venue at one instant, as for zomma calibrate
  --html OUT         the page: one file, no scripts, no network (needs the package echarts)
  --3d               the surface in three dimensions on the page too, with the scripts that draw it
                     (needs the package plotly.js-gl3d-dist-min; the file grows by 1.8 MB)
  --json OUT         the page's figures; with or without a page
  --positions FILE   positions to report on, as for zomma exposure; may be repeated
  --account FILE     an account (JSON) that holds them: currency, cash, collateral, debts
  --cash CUR=AMOUNT  a balance, on top of the account's; may be repeated
  --rules NAME       whose margin, as for zomma margin: ${marginRuleNames.slice(0, 2).join(', ')},
                     ${marginRuleNames.slice(2).join(', ')} (default: the portfolio rules of the coin)
  --days D           days that pass before the moves of the stress, as for zomma stress (default 0)
${priceUsage}

options
${feedUsage}

exit codes
  0  the page was written; what could not be computed of an account says why on it
  1  the quotes give no surface, or no position could be read
  2  the command line or an input file could not be read, or a package is missing
  3  an internal error
`,
};
