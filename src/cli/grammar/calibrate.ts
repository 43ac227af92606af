/** What may be written after `zomma calibrate`. */
import { requireOneOf } from '../../check.js';
import type { Engine } from '../../math/least-squares/problem.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { feedOptions, feedUsage, readFeed, type FeedArguments } from './feed.js';

export interface CalibrateArguments extends FeedArguments {
  command: 'calibrate';
  files: string[];
  engine: Engine;
  json?: string | undefined;
  svg?: string | undefined;
}

export const calibrateGrammar: CommandGrammar<CalibrateArguments> = {
  name: 'calibrate',
  takes: [...feedOptions, 'engine', 'json', 'svg'],
  read(files, values) {
    if (files.length === 0) throw new CommandError('calibrate needs at least one file of quotes; see zomma --help');
    return {
      command: 'calibrate',
      files,
      ...readFeed(values),
      engine: requireOneOf('--engine', values.engine ?? 'trust-region', ['trust-region', 'ml']),
      json: values.json,
      svg: values.svg,
    };
  },
  summary: 'zomma calibrate FILE...                      quotes to a volatility surface',
  usage: `zomma calibrate FILE... [options]: option quotes in, a calibrated volatility surface out

  FILE               quotes of one venue at one instant: Deribit book summary (JSON), Deribit CSV
                     exports, Cboe quotedata (CSV) and others; several files join into one chain

options
${feedUsage}
  --engine NAME      trust-region (default) or ml
  --json OUT         write the surface and the fits to a JSON file
  --svg OUT          write a picture of the smiles (needs the package echarts)

exit codes
  0  a surface was calibrated (expiries that could not be fitted are listed)
  1  the quotes do not give a surface; the reason and the rejected rows are printed
  2  the command line or an input file could not be read
  3  an internal error
`,
};
