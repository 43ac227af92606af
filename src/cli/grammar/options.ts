/** Every option of every command, and the readers of their values. A name means the same, and takes a value or not, wherever it occurs. */
import { parseArgs } from 'node:util';
import { InputError } from '../../errors.js';
import { parseInstant } from '../../market/date.js';
import type { Instant } from '../../market/quote.js';
import { CommandError } from '../command-error.js';

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;

const options = {
  '3d': { type: 'boolean' },
  account: text,
  american: { type: 'boolean' },
  arbitrage: text,
  'as-of': text,
  block: text,
  borrow: text,
  cash: texts,
  changes: text,
  channel: text,
  cold: { type: 'boolean' },
  concurrency: text,
  count: text,
  days: text,
  deribit: text,
  draws: text,
  embargo: text,
  'dead-letters': { type: 'boolean' },
  engine: text,
  equity: text,
  fee: text,
  fill: text,
  funding: texts,
  fx: texts,
  html: text,
  initial: text,
  json: text,
  lag: text,
  layout: text,
  lend: text,
  'liquidation-fee': text,
  lock: text,
  maintenance: text,
  mark: texts,
  market: texts,
  'max-age': text,
  maximum: text,
  missing: text,
  model: text,
  numeraire: text,
  paths: text,
  out: text,
  partition: text,
  positions: texts,
  purge: text,
  progress: { type: 'boolean' },
  queue: text,
  redis: text,
  rules: text,
  probability: text,
  seed: text,
  sensitivity: { type: 'boolean' },
  series: text,
  set: texts,
  rate: text,
  shock: text,
  side: text,
  slippage: text,
  spot: texts,
  svg: text,
  target: text,
  trials: text,
  tenors: text,
  threads: text,
  'time-column': text,
  underlying: text,
  url: text,
  venue: text,
  volatility: text,
  'walk-forward': text,
  window: text,
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

export type OptionName = Exclude<keyof typeof options, 'help' | 'version'>;
export type OptionValues = ReturnType<typeof parseOptions>['values'];

/** The words of a command line, sorted. Throws CommandError for an option no command has. */
export function parseOptions(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    // parseArgs explains itself in one sentence; what follows it is advice on escaping.
    if (error instanceof TypeError) throw new CommandError(error.message.split('. ')[0]!);
    throw error;
  }
}

/** A date and time that names its offset, as milliseconds: local time is never assumed. */
export function readInstant(field: string, word: string): Instant {
  const instant = word.includes('T') ? parseInstant(word) : undefined;
  if (instant === undefined) {
    throw new InputError(field, word, 'a date and time with its offset, like 2026-01-13T12:00:00Z');
  }
  return instant;
}

/** Words like BTC=1.5: a record of numbers. Throws InputError for other words and for a name given twice. */
export function readAmounts(
  field: string,
  words: readonly string[] | undefined,
  example: string,
): Record<string, number> {
  const amounts: Record<string, number> = {};
  for (const word of words ?? []) {
    const [, name = '', number = ''] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    const amount = Number(number);
    if (name === '' || number.trim() === '' || !Number.isFinite(amount) || Object.hasOwn(amounts, name)) {
      throw new InputError(field, word, `a name and a number, each name once, like ${example}`);
    }
    amounts[name] = amount;
  }
  return amounts;
}

/** A number that passes the check; undefined where the option was not given. */
export function readNumber(
  field: string,
  word: string | undefined,
  check: (field: string, value: unknown) => number,
): number | undefined {
  if (word === undefined) return undefined;
  const number = word.trim() === '' ? NaN : Number(word);
  if (!Number.isFinite(number)) throw new InputError(field, word, 'a number');
  return check(field, number);
}
