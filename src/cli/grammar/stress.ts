/** What may be written after `zomma stress`. */
import { requireNonNegative } from '../../check.js';
import type { CommandGrammar } from './command.js';
import {
  bookOptions,
  bookUsage,
  marketOptions,
  marketUsage,
  readBookArguments,
  readMarketArguments,
  type BookArguments,
  type MarketArguments,
} from './exposure.js';
import { feedUsage } from './feed.js';
import { readNumber } from './options.js';

export interface StressArguments extends MarketArguments, BookArguments {
  command: 'stress';
  /** That pass before the move; 0 where missing. */
  days: number;
  json?: string | undefined;
}

export const stressGrammar: CommandGrammar<StressArguments> = {
  name: 'stress',
  takes: [...marketOptions, ...bookOptions, 'days', 'json'],
  read(files, values) {
    return {
      command: 'stress',
      ...readBookArguments('stress', files, values),
      ...readMarketArguments('stress', values),
      days: readNumber('--days', values.days, requireNonNegative) ?? 0,
      json: values.json,
    };
  },
  summary: 'zomma stress POSITIONS... --market FILE      what moves of the market would do',
  usage: `zomma stress POSITIONS... --market FILE [options]: what moves of the market would do to an account

${bookUsage}
${marketUsage}

options
  --days D           days that pass before the move (default 0)
  --json OUT         write the grid and the scenarios to a JSON file
${feedUsage}

exit codes
  0  the grid was printed; positions the market lacks data for are listed
  1  the quotes give no surface, or no position could be read
  2  the command line or an input file could not be read
  3  an internal error
`,
};
