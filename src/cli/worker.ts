/** `zomma worker`: runs the jobs of the queue until it is told to stop, or lists those that failed for good. */
import { InputError } from '../errors.js';
import { deadLetters } from '../parallel/queue/dead-letters.js';
import { queueWorker } from '../parallel/queue/queue-worker.js';
import type { JobRun, QueueWorker } from '../parallel/queue/queue-worker.js';
import { shownUrl } from '../parallel/queue/redis.js';
import { CommandError } from './command-error.js';
import type { WorkerArguments } from './grammar/worker.js';
import type { Streams } from './streams.js';

/** Rejects with CommandError where no Redis server answers, InputError where a package is missing. */
export async function worker(args: WorkerArguments, streams: Streams): Promise<void> {
  await naming('--redis', args.redis, () => (args.deadLetters ? list(args, streams) : work(args, streams)));
}

/** Runs a step on the queue; a server that does not answer is told with the option that named it. */
export async function naming<Result>(option: string, url: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof InputError && error.field === 'url')) throw error;
    throw new CommandError(`${option} ${shownUrl(url)} must be ${error.requirement}`);
  }
}

async function list({ redis }: WorkerArguments, { stdout }: Streams): Promise<void> {
  const letters = await deadLetters({ url: redis });
  for (const { at, task, id, attempts, reason } of letters) {
    const runs = `${attempts} ${attempts === 1 ? 'run' : 'runs'}`;
    stdout.write(`${new Date(at).toISOString()}  ${task}  ${id}  ${runs}  ${reason.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  }
  stdout.write(`${letters.length} dead ${letters.length === 1 ? 'letter' : 'letters'}\n`);
}

async function work({ redis, concurrency, lockSeconds }: WorkerArguments, { stdout, stderr }: Streams): Promise<void> {
  const say = (message: string): void => {
    stderr.write(`${message}\n`);
  };
  const counts: Record<JobRun['outcome'], number> = { done: 0, 'to-be-repeated': 0, 'dead-letter': 0 };
  const started = await queueWorker({
    url: redis,
    concurrency,
    lockSeconds,
    onMessage: say,
    onJob: ({ id, task, outcome, reason }) => {
      counts[outcome] += 1;
      if (outcome !== 'done') say(`${task} ${id} ${outcome}: ${reason ?? ''}`);
    },
  });
  say(`worker at ${shownUrl(redis)}, ${started.concurrency} at a time`);
  await toldToStop(started, say);
  const repeated = counts['to-be-repeated'];
  stdout.write(
    `${counts.done} jobs done, ${repeated} failed runs to be repeated, ${counts['dead-letter']} dead letters\n`,
  );
}

/** Resolves once the worker has ended: after its jobs, or, told twice, once it gave them back. */
async function toldToStop(started: QueueWorker, say: (message: string) => void): Promise<void> {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  let onSignal: () => void = () => undefined;
  const told = async (): Promise<void> => {
    await new Promise<void>((settle) => {
      onSignal = settle;
    });
  };
  const hear = (): void => {
    onSignal();
  };
  for (const signal of signals) process.on(signal, hear);
  try {
    await told();
    say('finishing the jobs in hand; a second signal gives them back');
    const finished = started.stop();
    const isToldAgain = told().then(() => true);
    if ((await Promise.race([finished, isToldAgain])) === true) {
      say('giving the jobs back');
      // A third signal has its usual effect.
      for (const signal of signals) process.off(signal, hear);
      await started.stop({ release: true });
    }
  } finally {
    for (const signal of signals) process.off(signal, hear);
  }
}
