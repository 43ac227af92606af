/**
 * A process that runs the jobs of the queue. The work is done in threads, so that this thread is free to renew the locks of the jobs:
 * a job whose lock runs out is taken for lost and given to another worker.
 */
import { availableParallelism } from 'node:os';
import { InputError } from '../../errors.js';
import { threads } from '../threads.js';
import type { JobData } from './job.js';
import { connectionWatch, connectRedis, queueName } from './redis.js';
import { findStore } from './store.js';

export interface QueueWorkerOptions {
  url: string;
  /** Jobs at a time, each in a thread of its own; as many as the machine runs at a time where missing. */
  concurrency?: number | undefined;
  /** After so long without a sign of life the jobs of a worker go to others. 30 where missing. */
  lockSeconds?: number | undefined;
  /** After each run of a job. */
  onJob?: ((run: JobRun) => void) | undefined;
  onMessage?: ((message: string) => void) | undefined;
}

export interface JobRun {
  id: string;
  task: string;
  outcome: 'done' | 'to-be-repeated' | 'dead-letter';
  /** Of a run that failed. */
  reason?: string | undefined;
}

export interface QueueWorker {
  readonly concurrency: number;
  /** Takes no further job; resolves once those under way are finished, or given back to the queue where `release` is true. */
  stop(options?: { release?: boolean | undefined }): Promise<void>;
}

/** Workers that died with a job in hand before it is a dead letter: it may be what kills them. */
const MOST_STALLS = 5;

/** Rejects with InputError where bullmq, ioredis or piscina is missing, no Redis server answers, or an option is none. */
export async function queueWorker({
  url,
  concurrency = availableParallelism(),
  lockSeconds = 30,
  onJob = () => undefined,
  onMessage = () => undefined,
}: QueueWorkerOptions): Promise<QueueWorker> {
  if (!(lockSeconds >= 1 && lockSeconds <= 3600)) throw new InputError('lockSeconds', lockSeconds, 'from 1 to 3600');
  const pool = await threads({ threads: concurrency });
  const { bullmq, connection } = await connectRedis(url).catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const watch = connectionWatch(url, onMessage);
  let release: () => void = () => undefined;
  const released = new Promise<undefined>((settle) => {
    release = () => {
      settle(undefined);
    };
  });

  type Job = InstanceType<typeof bullmq.Job<JobData>>;

  async function runJob(job: Job, token: string | undefined): Promise<void> {
    watch.answered();
    const id = job.id!;
    const store = await findStore(job.data.folder, job.data.mark);
    // Finished before by a worker that did not live to say so, or fetched and cleared away.
    if (await store.hasAnswer(id)) return;
    const request = await store.readRequest(id);
    if (request === undefined) return;
    const outputs = await Promise.race([pool.map(request.name, [request.input]), released]);
    if (outputs === undefined) {
      await job.moveToWait(token);
      throw new bullmq.WaitingError();
    }
    await store.writeAnswer(id, outputs[0]);
  }

  const worker = new bullmq.Worker<JobData>(
    queueName(),
    async (job, token) => {
      try {
        await runJob(job, token);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        // Another run would find the same mistake.
        const { field, value, requirement } = error;
        await job.updateData({ ...job.data, failure: { field, value: plainValue(value), requirement } });
        throw new bullmq.UnrecoverableError(error.message);
      }
    },
    {
      connection,
      concurrency,
      lockDuration: 1000 * lockSeconds,
      stalledInterval: 1000 * lockSeconds,
      maxStalledCount: MOST_STALLS,
    },
  );
  worker.on('error', watch.failed);
  worker.on('completed', (job) => {
    onJob({ id: job.id!, task: job.name, outcome: 'done' });
  });
  worker.on('failed', (job, { message }) => {
    if (job === undefined) return;
    const outcome = job.finishedOn === undefined ? 'to-be-repeated' : 'dead-letter';
    onJob({ id: job.id!, task: job.name, outcome, reason: message });
  });
  await worker.waitUntilReady();

  let isReleased = false;
  let ended: Promise<void> | undefined;
  async function end(): Promise<void> {
    await worker.close();
    await (isReleased ? pool.abandon() : pool.close());
  }

  return {
    concurrency,
    async stop(options) {
      if (options?.release === true) {
        isReleased = true;
        release();
      }
      await (ended ??= end());
    },
  };
}

/** Of what comes from a thread, numbers and texts and the like, what JSON has too. */
function plainValue(value: unknown): string | number | boolean | null | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return value;
  return Number.isFinite(value) ? (value as number) : `${value as number}`;
}
