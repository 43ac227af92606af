/** What may be written after `zomma exposure`. */
import { requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { missingPolicies, type MissingPolicy } from '../../portfolio/missing.js';
import type { FxRate } from '../../portfolio/snapshot.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { feedOptions, feedUsage, readFeed, type FeedArguments } from './feed.js';
import { readAmounts, type OptionName, type OptionValues } from './options.js';

/** The market a book is valued in: files of quotes or surfaces, and what they do not say. */
export interface MarketArguments extends FeedArguments {
  market: string[];
  spots: Record<string, number>;
  /** Of futures and perpetuals, by instrument. */
  marks: Record<string, number>;
  /** Per day, by underlying. */
  funding: Record<string, number>;
  fx: FxRate[];
}

/** An account: files of positions, and what else it holds. */
export interface BookArguments {
  files: string[];
  account?: string | undefined;
  cash: Record<string, number>;
}

export interface ExposureArguments extends MarketArguments, BookArguments {
  command: 'exposure';
  /** The account's reporting currency where missing. */
  numeraire?: string | undefined;
  missing: MissingPolicy;
  json?: string | undefined;
}

export const priceOptions: readonly OptionName[] = ['spot', 'mark', 'funding', 'fx'];
export const marketOptions: readonly OptionName[] = [...feedOptions, 'market', ...priceOptions];
export const bookOptions: readonly OptionName[] = ['account', 'cash'];

export function readMarketArguments(command: string, values: OptionValues): MarketArguments {
  if (values.market === undefined) {
    throw new CommandError(`${command} needs --market: a file of quotes, or a surface; see zomma ${command} --help`);
  }
  return { ...readFeed(values), market: values.market, ...readPrices(values) };
}

/** What files of quotes do not say. */
export function readPrices(values: OptionValues): Pick<MarketArguments, 'spots' | 'marks' | 'funding' | 'fx'> {
  const positive = (field: string, amounts: Record<string, number>): Record<string, number> => {
    for (const [name, amount] of Object.entries(amounts)) requirePositive(`${field} ${name}`, amount);
    return amounts;
  };
  const rates = positive('--fx', readAmounts('--fx', values.fx, 'EUR/USD=1.08'));
  return {
    spots: positive('--spot', readAmounts('--spot', values.spot, 'SPX=6000')),
    marks: positive('--mark', readAmounts('--mark', values.mark, 'BTC-PERPETUAL=96500')),
    funding: readAmounts('--funding', values.funding, 'BTC=0.0003'),
    fx: Object.entries(rates).map(([pair, rate]) => {
      const [base, quote, ...more] = pair.split('/');
      if (!base || !quote || more.length > 0) throw new InputError('--fx', pair, 'two currencies, like EUR/USD=1.08');
      return { base, quote, rate };
    }),
  };
}

export function readBookArguments(command: string, files: string[], values: OptionValues): BookArguments {
  if (files.length === 0 && values.account === undefined) {
    throw new CommandError(`${command} needs a file of positions; see zomma ${command} --help`);
  }
  return { files, account: values.account, cash: readAmounts('--cash', values.cash, 'BTC=1.5') };
}

export const bookUsage = `  POSITIONS          Deribit positions (JSON), an account or positions of this library (JSON), or a
                     table (CSV: instrument, quantity, entry price ...); files join
  --account FILE     an account (JSON) that holds the positions: currency, cash, collateral, debts
  --cash CUR=AMOUNT  a balance, on top of the account's; may be repeated`;

export const priceUsage = `  --spot NAME=PRICE  the spot of an underlying whose quotes do not say it
  --mark ID=PRICE    the mark of a future or perpetual; else the surface's forward, or the spot
  --funding NAME=R   what longs of a perpetual pay shorts in a day, of the notional
  --fx EUR/USD=RATE  an exchange rate: dollars for a euro; a coin has its spot`;

export const marketUsage = `  --market FILE      quotes to calibrate, or a surface that zomma calibrate --json wrote; may be
                     repeated, for more underlyings or for more files of one
${priceUsage}`;

export const exposureGrammar: CommandGrammar<ExposureArguments> = {
  name: 'exposure',
  takes: [...marketOptions, ...bookOptions, 'numeraire', 'missing', 'json'],
  read(files, values) {
    return {
      command: 'exposure',
      ...readBookArguments('exposure', files, values),
      ...readMarketArguments('exposure', values),
      numeraire: values.numeraire,
      missing: requireOneOf('--missing', values.missing ?? 'exclude', missingPolicies),
      json: values.json,
    };
  },
  summary: 'zomma exposure POSITIONS... --market FILE    what an account is exposed to',
  usage: `zomma exposure POSITIONS... --market FILE [options]: what an account is exposed to

${bookUsage}
${marketUsage}

options
  --numeraire CUR    what figures are in (default: the account's reporting currency, or USD)
  --missing POLICY   for positions the market lacks data for: exclude (default; they are listed),
                     intrinsic (options at their payoff; listed), throw (an error)
  --json OUT         write the report to a JSON file
${feedUsage}

exit codes
  0  the report was printed; what is missing from it is listed under warnings
  1  the quotes give no surface, or no position could be read
  2  the command line or an input file could not be read
  3  an internal error
`,
};
