/** What may be written after `zomma worker`. */
import { InputError } from '../../errors.js';
import { requireRedisUrl } from '../../parallel/queue/redis.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { readNumber } from './options.js';

export interface WorkerArguments {
  command: 'worker';
  redis: string;
  /** As many as the machine runs at a time where missing. */
  concurrency?: number | undefined;
  lockSeconds: number;
  /** Lists them in the place of working. */
  deadLetters: boolean;
}

export const workerGrammar: CommandGrammar<WorkerArguments> = {
  name: 'worker',
  takes: ['redis', 'concurrency', 'lock', 'dead-letters'],
  read(files, values) {
    if (files.length > 0) throw new CommandError(`worker takes no file, got ${files[0]!}`);
    if (values.redis === undefined) throw new CommandError('worker needs --redis URL; see zomma worker --help');
    return {
      command: 'worker',
      redis: requireRedisUrl('--redis', values.redis),
      concurrency: readNumber('--concurrency', values.concurrency, (field, value) => between(field, value, 1, 1024)),
      lockSeconds: readNumber('--lock', values.lock, (field, value) => between(field, value, 1, 3600)) ?? 30,
      deadLetters: values['dead-letters'] === true,
    };
  },
  summary: 'zomma worker --redis URL                     works for zomma history --queue, on any machine',
  usage: `zomma worker --redis URL [options]: runs the jobs that zomma history --queue URL hands out

options
  --redis URL        redis://host:6379, rediss://user:password@host:6379/0 ...; the password may be
                     in the environment variable REDISCLI_AUTH instead
  --concurrency N    jobs at a time, a thread each (default: what the machine runs at a time)
  --lock SECONDS     without a sign of life for so long, a worker's jobs go to others (default 30)
  --dead-letters     list the jobs that failed for good, with the reasons, and end

It needs the packages bullmq, ioredis and piscina, and sees the folders of the producer under the
same paths. SIGTERM or Ctrl-C: finishes the jobs in hand; a second time: gives them back to the
queue at once; a third time: ends, and others take the jobs over when their locks run out.

exit codes
  0  told to stop, or the dead letters were listed
  2  the command line is wrong, a package is missing or no Redis server answers
  3  an internal error
`,
};

function between(field: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InputError(field, value, `a whole number from ${least} to ${most}`);
}
