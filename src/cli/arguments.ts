/** The command line's grammar: what may be written after `zomma`, and the checked record it becomes. One file a command, in grammar/. */
import { CommandError } from './command-error.js';
import { backtestGrammar, type BacktestArguments } from './grammar/backtest.js';
import { calibrateGrammar, type CalibrateArguments } from './grammar/calibrate.js';
import type { CommandGrammar } from './grammar/command.js';
import { exposureGrammar, type ExposureArguments } from './grammar/exposure.js';
import { hedgeGrammar, type HedgeArguments } from './grammar/hedge.js';
import { historyGrammar, type HistoryArguments } from './grammar/history.js';
import { leverageGrammar, type LeverageArguments } from './grammar/leverage.js';
import { marginGrammar, type MarginArguments } from './grammar/margin.js';
import { parseOptions } from './grammar/options.js';
import { reportGrammar, type ReportArguments } from './grammar/report.js';
import { stressGrammar, type StressArguments } from './grammar/stress.js';
import { watchGrammar, type WatchArguments } from './grammar/watch.js';
import { workerGrammar, type WorkerArguments } from './grammar/worker.js';

type Command =
  | BacktestArguments
  | CalibrateArguments
  | ExposureArguments
  | HedgeArguments
  | HistoryArguments
  | LeverageArguments
  | ReportArguments
  | StressArguments
  | MarginArguments
  | WatchArguments
  | WorkerArguments;
export type Arguments = Command | { command: 'help'; topic?: string | undefined } | { command: 'version' };

const grammars: readonly CommandGrammar<Command>[] = [
  backtestGrammar,
  calibrateGrammar,
  exposureGrammar,
  hedgeGrammar,
  historyGrammar,
  leverageGrammar,
  marginGrammar,
  reportGrammar,
  stressGrammar,
  watchGrammar,
  workerGrammar,
];

/** Throws CommandError or InputError on anything the grammar does not know. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseOptions(argv);
  const [command, ...files] = positionals;
  const grammar = grammars.find(({ name }) => name === command);
  if (values.help === true)
    return grammar === undefined ? { command: 'help' } : { command: 'help', topic: grammar.name };
  if (argv.length === 1 && command === 'help') return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  if (argv.length === 0) return { command: 'help' };
  if (command === undefined) throw new CommandError('no command given; see zomma --help');
  if (grammar === undefined) throw new CommandError(`unknown command '${command}'; see zomma --help`);
  const foreign = Object.keys(values).find((name) => !(grammar.takes as readonly string[]).includes(name));
  if (foreign !== undefined) throw new CommandError(`Unknown option '--${foreign}' for ${command}`);
  return grammar.read(files, values);
}

/** The help of a command; of all of them where none is named. */
export function usageOf(topic?: string): string {
  return grammars.find(({ name }) => name === topic)?.usage ?? usage;
}

const usage = `zomma: from option quotes to what an account is exposed to

usage
${grammars.map(({ summary }) => `  ${summary}`).join('\n')}

  zomma COMMAND --help                         the options of a command
  -h, --help                                   this text
  -v, --version                                the version
`;
