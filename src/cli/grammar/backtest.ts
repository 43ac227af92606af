/** What may be written after `zomma backtest`. */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../../check.js';
import { strategyCatalogue } from '../../control/backtest/catalogue.js';
import { InputError } from '../../errors.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { readNumber } from './options.js';

export interface BacktestArguments {
  command: 'backtest';
  strategies: string[];
  series: string;
  settings: Record<string, number[]>;
  equity: number;
  fee: number;
  slippage: number;
  lag: number;
  fill: 'close' | 'open';
  initial?: number | undefined;
  maintenance: number;
  liquidationFee?: number | undefined;
  lend?: number | undefined;
  borrow?: number | undefined;
  /** Implied, in place of the series' own. */
  volatility?: number | undefined;
  trials: number;
  seed: number;
  draws: number;
  block?: number | undefined;
  walkForward?: { train: number; test: number } | undefined;
  window: 'rolling' | 'anchored';
  purge?: number | undefined;
  embargo?: number | undefined;
  sensitivity: boolean;
  paths?: number | undefined;
  json?: string | undefined;
}

const names = strategyCatalogue.map(({ name }) => name);

export const backtestGrammar: CommandGrammar<BacktestArguments> = {
  name: 'backtest',
  takes: [
    ...(['series', 'set', 'equity', 'fee', 'slippage', 'lag', 'fill', 'initial', 'maintenance'] as const),
    ...(['liquidation-fee', 'lend', 'borrow', 'volatility', 'trials', 'seed', 'draws', 'block'] as const),
    ...(['walk-forward', 'window', 'purge', 'embargo', 'sensitivity', 'paths', 'json'] as const),
  ],
  read(files, values) {
    if (files.length === 0) throw new CommandError(`backtest needs a strategy: ${names.join(', ')}, or all`);
    const strategies = files.flatMap((name) =>
      name === 'all' ? names : [requireOneOf('STRATEGY', name, [...names, 'all'])],
    );
    if (values.series === undefined) throw new CommandError('backtest needs --series; see zomma backtest --help');
    const fill = requireOneOf('--fill', values.fill ?? 'close', ['close', 'open']);
    const lag = readNumber('--lag', values.lag, fill === 'open' ? count(0) : count(1)) ?? (fill === 'open' ? 0 : 1);
    return {
      command: 'backtest',
      strategies,
      series: values.series,
      settings: readSettings(values.set),
      equity: readNumber('--equity', values.equity, requirePositive) ?? 1000,
      fee: readNumber('--fee', values.fee, requireNonNegative) ?? 0.0005,
      slippage: readNumber('--slippage', values.slippage, requireNonNegative) ?? 0.0005,
      lag,
      fill,
      initial: readNumber('--initial', values.initial, requirePositive),
      maintenance: readNumber('--maintenance', values.maintenance, requireNonNegative) ?? 0.01,
      liquidationFee: readNumber('--liquidation-fee', values['liquidation-fee'], requireNonNegative),
      lend: readNumber('--lend', values.lend, requireFinite),
      borrow: readNumber('--borrow', values.borrow, requireFinite),
      volatility: readNumber('--volatility', values.volatility, requirePositive),
      trials: readNumber('--trials', values.trials, count(0)) ?? 0,
      seed: readNumber('--seed', values.seed, count(0)) ?? 1,
      draws: readNumber('--draws', values.draws, count(20)) ?? 1000,
      block: readNumber('--block', values.block, requirePositive),
      walkForward: readWindows(values['walk-forward']),
      window: requireOneOf('--window', values.window ?? 'rolling', ['rolling', 'anchored']),
      purge: readNumber('--purge', values.purge, count(0)),
      embargo: readNumber('--embargo', values.embargo, count(0)),
      sensitivity: values.sensitivity === true,
      paths: readNumber('--paths', values.paths, count(20)),
      json: values.json,
    };
  },
  summary: 'zomma backtest STRATEGY... --series FILE     what strategies would have done, and how much is luck',
  usage: `zomma backtest STRATEGY... --series FILE [options]: what strategies would have done, and how much is luck

  STRATEGY           one or more, or all:
${strategyCatalogue.map(({ name, meaning }) => `                       ${name.padEnd(16)} ${meaning}`).join('\n')}
  --series FILE      CSV or JSON with the columns time and price (or open, high, low, close), and where there
                     are some funding (a bar, of the notional) and volatility (implied, 0.6 for 60%)

settings
  --set NAME=VALUE   of every strategy that takes it; repeated for more. NAME=V1,V2,... tries each,
                     with each value of the others, and counts them all as trials
${settingsUsage()}

account and costs
  --equity E         at the start (default 1000)
  --fee R            of what is traded (default 0.0005)
  --slippage R       of what is traded: half the spread, impact (default 0.0005)
  --lag N            bars from a decision to its fill (default 1; 0 at the next open)
  --fill NAME        close (default) or open
  --initial M        initial margin over notional: larger orders are cut (default none)
  --maintenance M    maintenance margin over notional: below it all is closed (default 0.01)
  --liquidation-fee R  of what is closed then, beside the costs (default 0)
  --lend R           annual rate cash earns (default 0)
  --borrow R         annual rate debts cost (default 0)
  --volatility V     implied volatility of options, in place of the series' own

how much is luck
  --trials N         tried before and not listed here, for the deflated Sharpe ratio (default 0)
  --draws N          of the bootstrap (default 1000)
  --block N          its mean block, in bars (default the cube root of their number; where options are
                     held and moves drawn anew, twice their life)
  --seed N           of all that is drawn (default 1)
  --walk-forward TRAIN,TEST
                     settings chosen on TRAIN bars, run on the TEST bars after them, again and again
  --window NAME      rolling (default) or anchored training windows
  --purge N          bars between training and test (default: the longest holding time and the lag)
  --embargo N        bars behind a test that later training leaves out (default 0)
  --sensitivity      costs doubled, fills a bar later, moves 20% smaller and larger, in another order,
                     and settings beside those given
  --paths N          with moves in another order (default 200)

  --json OUT         write all of it, with equity and units by bar, to a JSON file

exit codes
  0  the figures were printed
  2  the command line or the series could not be read
  3  an internal error
`,
};

function settingsUsage(): string {
  const usual = strategyCatalogue.map(({ name, settings }) => {
    const list = Object.entries(settings).map(([key, setting]) => `${key} ${setting.usual}`);
    return `                       ${name.padEnd(16)} ${list.join(', ')}`;
  });
  return `                     where nothing is given:\n${usual.join('\n')}`;
}

function count(least: number): (field: string, value: unknown) => number {
  return (field, value) => {
    const given = requireFinite(field, value);
    if (!Number.isInteger(given) || given < least)
      throw new InputError(field, given, `a whole number of at least ${least}`);
    return given;
  };
}

/** Words like multiplier=2,3,4. */
function readSettings(words: readonly string[] | undefined): Record<string, number[]> {
  const settings: Record<string, number[]> = {};
  for (const word of words ?? []) {
    const [, name = '', list = ''] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    const values = list.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
    if (name === '' || !values.every(Number.isFinite) || Object.hasOwn(settings, name)) {
      throw new InputError('--set', word, 'a name and numbers, each name once, like multiplier=2,3,4');
    }
    settings[name] = [...new Set(values)];
  }
  return settings;
}

function readWindows(word: string | undefined): BacktestArguments['walkForward'] {
  if (word === undefined) return undefined;
  const [train, test, ...more] = word.split(',').map(Number);
  const isWhole = (value: number | undefined): value is number => Number.isInteger(value) && value! > 0;
  if (more.length > 0 || !isWhole(train) || !isWhole(test)) {
    throw new InputError('--walk-forward', word, 'two whole numbers of bars, like 365,90');
  }
  return { train, test };
}
