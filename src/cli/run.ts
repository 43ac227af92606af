/** Runs a command line in the process it is called from: what `zomma` does, without its process. */
import { readFileSync } from 'node:fs';
import { InputError } from '../errors.js';
import { readArguments, usageOf } from './arguments.js';
import { backtest } from './backtest.js';
import { calibrate } from './calibrate.js';
import { CommandError } from './command-error.js';
import { exposure } from './exposure.js';
import { hedge } from './hedge.js';
import { history } from './history.js';
import { leverage } from './leverage.js';
import { margin } from './margin.js';
import { report } from './report.js';
import type { Streams } from './streams.js';
import { stress } from './stress.js';
import { watch } from './watch.js';
import { worker } from './worker.js';

export const exitCode = { done: 0, noAnswer: 1, badInput: 2, internalError: 3 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Never throws: every error ends in one line on stderr and an exit code. */
export async function run(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  try {
    const args = readArguments(argv);
    switch (args.command) {
      case 'help':
        streams.stdout.write(usageOf(args.topic));
        return exitCode.done;
      case 'version':
        streams.stdout.write(`${packageVersion()}\n`);
        return exitCode.done;
      case 'backtest':
        backtest(args, streams);
        return exitCode.done;
      case 'calibrate':
        return (await calibrate(args, streams)) ? exitCode.done : exitCode.noAnswer;
      case 'exposure':
        return exposure(args, streams) ? exitCode.done : exitCode.noAnswer;
      case 'hedge':
        return (await hedge(args, streams)) ? exitCode.done : exitCode.noAnswer;
      case 'history':
        return (await history(args, streams)) ? exitCode.done : exitCode.noAnswer;
      case 'leverage':
        leverage(args, streams);
        return exitCode.done;
      case 'margin':
        return margin(args, streams) ? exitCode.done : exitCode.noAnswer;
      case 'report':
        return (await report(args, streams)) ? exitCode.done : exitCode.noAnswer;
      case 'stress':
        return stress(args, streams) ? exitCode.done : exitCode.noAnswer;
      case 'watch':
        return (await watch(args, streams)) ? exitCode.done : exitCode.noAnswer;
      case 'worker':
        await worker(args, streams);
        return exitCode.done;
    }
  } catch (error) {
    const known = error instanceof InputError || error instanceof CommandError;
    const message = error instanceof Error ? error.message : String(error);
    streams.stderr.write(`zomma: ${known ? '' : 'internal error: '}${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
    return known ? exitCode.badInput : exitCode.internalError;
  }
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
