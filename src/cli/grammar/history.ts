/** What may be written after `zomma history`. */
import { requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { defaultTenorsInDays } from '../../parallel/history/history.js';
import type { PartitionRule } from '../../parallel/history/plan.js';
import { requireRedisUrl } from '../../parallel/queue/redis.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { readFeed, type FeedArguments } from './feed.js';
import { readNumber } from './options.js';

export interface HistoryArguments extends Pick<FeedArguments, 'underlying' | 'asOf' | 'model' | 'arbitrage'> {
  command: 'history';
  /** Files and folders. */
  inputs: string[];
  out: string;
  partition: PartitionRule;
  timeColumn?: string | undefined;
  tenorsInDays: readonly number[];
  warmStarts: boolean;
  /** The command's own thread where missing. */
  threads?: number | undefined;
  /** URL of the Redis server of a queue. */
  queue?: string | undefined;
  /** Also where standard error is no terminal. */
  progress: boolean;
  json?: string | undefined;
}

export const historyGrammar: CommandGrammar<HistoryArguments> = {
  name: 'history',
  takes: [
    'out',
    'partition',
    'time-column',
    'tenors',
    'cold',
    'threads',
    'queue',
    'progress',
    'underlying',
    'as-of',
    'model',
    'arbitrage',
    'json',
  ],
  read(inputs, values) {
    if (inputs.length === 0) throw new CommandError('history needs files or folders; see zomma history --help');
    if (values.out === undefined) throw new CommandError('history needs --out: the folder of the tables');
    if (values.threads !== undefined && values.queue !== undefined) {
      throw new CommandError('--threads and --queue: the work is done in one place or the other');
    }
    const { underlying, asOf, model, arbitrage } = readFeed(values);
    return {
      command: 'history',
      inputs,
      out: values.out,
      partition: requireOneOf('--partition', values.partition ?? 'day', ['day', 'file']),
      timeColumn: values['time-column'],
      tenorsInDays: values.tenors === undefined ? defaultTenorsInDays : readTenors(values.tenors),
      warmStarts: values.cold !== true,
      threads: readNumber('--threads', values.threads, requireCount),
      queue: values.queue === undefined ? undefined : requireRedisUrl('--queue', values.queue),
      progress: values.progress === true,
      underlying,
      asOf,
      model,
      arbitrage,
      json: values.json,
    };
  },
  summary: 'zomma history FOLDER|FILE... --out FOLDER    years of quotes to tables of surfaces (Parquet)',
  usage: `zomma history FOLDER|FILE... --out FOLDER [options]: years of quotes to tables of surfaces

  FOLDER             files of quotes (csv, txt, json, parquet) in it and below: one file a time, or
                     a column that says the time; folders like date=2024-01-01 are partitions
  --out FOLDER       the tables, Parquet: surfaces (a row a slice) and analytics (a row a maturity);
                     what is there already of the same files and options is not done again

options
  --threads N        work in N threads (needs the package piscina)
  --queue URL        work in the processes of zomma worker --redis URL
  --partition RULE   day (default): the files of one day, by their names, are one partition; file:
                     each its own. Searches start from the last time of their partition
  --cold             every search starts anew
  --time-column NAME the column that says when a row's quotes were taken; by the layout else
  --tenors D,D...    constant maturities in days (default ${defaultTenorsInDays.join(',')})
  --underlying NAME  only this underlying or root; the one of files that name none
  --as-of INSTANT    of files that do not say theirs, in a column or in their names
  --model NAME       svi, essvi, sabr (default svi)
  --arbitrage NAME   certify (default): only surfaces proved free of arbitrage; report: best fits
  --progress         progress on standard error, also where it is no terminal
  --json OUT         write the summary to a JSON file

exit codes
  0  every partition is there; expiries without a surface are counted by reason
  1  some partitions could not be made; the files and what is wrong with them are printed
  2  the command line is wrong, a package is missing, or the folder cannot take the tables
  3  an internal error
`,
};

function requireCount(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1024) return value;
  throw new InputError(field, value, 'a whole number from 1 to 1024');
}

function readTenors(words: string): number[] {
  return words.split(',').map((word) => {
    const days = word.trim() === '' ? NaN : Number(word);
    if (!Number.isFinite(days)) throw new InputError('--tenors', words, 'numbers of days with commas between them');
    return requirePositive('--tenors', days);
  });
}
