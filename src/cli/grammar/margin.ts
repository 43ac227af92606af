/** What may be written after `zomma margin`. */
import { requireOneOf } from '../../check.js';
import { marginRuleNames, type MarginRuleName } from '../../report/margin-report.js';
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

export interface MarginArguments extends MarketArguments, BookArguments {
  command: 'margin';
  rules: MarginRuleName;
  json?: string | undefined;
}

export const marginGrammar: CommandGrammar<MarginArguments> = {
  name: 'margin',
  takes: [...marketOptions, ...bookOptions, 'rules', 'json'],
  read(files, values) {
    return {
      command: 'margin',
      ...readBookArguments('margin', files, values),
      ...readMarketArguments('margin', values),
      rules: requireOneOf('--rules', values.rules ?? 'deribit-portfolio-btc', marginRuleNames),
      json: values.json,
    };
  },
  summary: 'zomma margin POSITIONS... --market FILE      what a venue asks, and when it steps in',
  usage: `zomma margin POSITIONS... --market FILE [options]: what a venue asks, and when it steps in

${bookUsage}
${marketUsage}

options
  --rules NAME       ${marginRuleNames.slice(0, 2).join(', ')} (default),
                     ${marginRuleNames.slice(2).join(', ')}
  --json OUT         write margin, health and liquidation prices to a JSON file
${feedUsage}

exit codes
  0  the requirement was printed; positions the market lacks data for are listed
  1  the quotes give no surface, or no position could be read
  2  the command line or an input file could not be read
  3  an internal error
`,
};
