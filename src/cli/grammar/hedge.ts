/** What may be written after `zomma hedge`. */
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';

export interface HedgeArguments {
  command: 'hedge';
  file: string;
  json?: string | undefined;
}

export const hedgeGrammar: CommandGrammar<HedgeArguments> = {
  name: 'hedge',
  takes: ['json'],
  read(files, values) {
    const [file, ...more] = files;
    if (file === undefined || more.length > 0) throw new CommandError('hedge needs one file; see zomma hedge --help');
    return { command: 'hedge', file, json: values.json };
  },
  summary: 'zomma hedge FILE                             the cheapest trades for Greeks within tolerance',
  usage: `zomma hedge FILE [--json OUT]: the cheapest trades that bring Greeks within tolerance

  FILE               JSON with
                       "greeks": [{ "name", "current", "target" (0), "tolerance" (0) }, ...]
                       "instruments": [{ "name", "greeks": [one a Greek, per unit], "cost" (per unit),
                         "lower", "upper" (units; none where missing), "lot" (any size) }, ...]
                     in whole lots where every instrument has one
  --json OUT         write the answer to a JSON file

exit codes
  0  the trades were printed
  1  there are none within the limits: what would have to give, and by how much, is printed
  2  the command line or the file could not be read
  3  an internal error
`,
};
