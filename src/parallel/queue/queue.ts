/**
 * The executor over many machines: BullMQ on Redis hands the jobs out, `queueWorker` in other processes runs them. A job may run more
 * than once and leaves one answer. A job that is lost (a Redis restarted from an older state) is added again; one that failed for
 * good stays in the queue as a dead letter, and the producer rejects with its reason.
 */
import { resolve } from 'node:path';
import { InputError } from '../../errors.js';
import type { TaskRequest } from '../answer.js';
import type { Executor } from '../executor.js';
import { inOrder } from '../ordered.js';
import type { TaskOutput } from '../tasks.js';
import { jobId } from './job.js';
import type { JobData } from './job.js';
import { connectionWatch, connectRedis, queueName, shownUrl } from './redis.js';
import { makeStore } from './store.js';

export interface QueueOptions {
  /** redis://host:6379, rediss://user:password@host:6379/0 ... */
  url: string;
  /** Of requests and answers; made where missing. Every worker has to see it under the same path. */
  folder: string;
  /** Pieces in the queue at a time; some more than all workers have threads. 64 where missing. */
  width?: number | undefined;
  /** Runs of a piece, with growing pauses between them, before it is a dead letter. 3 where missing. */
  attempts?: number | undefined;
  /** What a person at the producer should know: Redis is away, no worker is there, a job was lost. */
  onMessage?: ((message: string) => void) | undefined;
}

/** Milliseconds before the first of the repeated runs; doubled before each further one. */
const FIRST_PAUSE = 1000;
/** A job of which no event tells is looked up this often. */
const LOOK_UP = 1000;
const WORKERS_LOOK_UP = 2000;
/** Seconds and number of dead letters that are kept. */
const DEAD_LETTERS = { age: 30 * 24 * 3600, count: 10_000 };

/** Why a map of pieces is not to go on. */
interface Stop {
  reason?: { error: unknown };
}

/**
 * Rejects with InputError where bullmq or ioredis is not installed, no Redis server answers at the URL, or an option is none; with the
 * system's error where the folder cannot be made.
 */
export async function queue({
  url,
  folder,
  width = 64,
  attempts = 3,
  onMessage = () => undefined,
}: QueueOptions): Promise<Executor> {
  for (const [name, value] of Object.entries({ width, attempts })) {
    if (!(Number.isInteger(value) && value >= 1)) throw new InputError(name, value, 'a whole number of at least 1');
  }
  const { bullmq, connection } = await connectRedis(url);
  const shared = resolve(folder);
  const store = await makeStore(shared);
  const watch = connectionWatch(url, onMessage);
  const jobs = new bullmq.Queue<JobData>(queueName(), { connection });
  const events = new bullmq.QueueEvents(queueName(), { connection });
  const news = newsBoard();
  jobs.on('error', watch.failed);
  events.on('error', watch.failed);
  events.on('completed', ({ jobId: id }) => {
    news.tell(id);
  });
  events.on('failed', ({ jobId: id }) => {
    news.tell(id);
  });
  const workers = setInterval(() => void lookForWorkers(), WORKERS_LOOK_UP);
  let sawNoWorker = false;
  const underWay = new Set<Promise<unknown>>();

  async function lookForWorkers(): Promise<void> {
    if (!news.isAwaited()) return;
    const count = await jobs.getWorkersCount().catch(() => 1);
    if (count === 0 && !sawNoWorker) onMessage(`no worker is at ${shownUrl(url)}; start some with zomma worker`);
    sawNoWorker = count === 0;
  }

  /** The output of a piece, however long its job takes. */
  async function answerOf(id: string, request: TaskRequest, stop: Stop): Promise<unknown> {
    for (let isFirst = true; ; isFirst = false) {
      const told = news.of(id, LOOK_UP);
      try {
        const state = await jobs.getJobState(id);
        watch.answered();
        // After the state: a job leaves the queue only when its answer is written.
        const answer = await store.readAnswer(id);
        if (answer !== undefined) return answer.output;
        if (state === 'failed') {
          if (!isFirst) throw await failureOf(id, request);
          // A dead letter of an earlier run.
          await jobs.remove(id);
        }
        if (state === 'failed' || state === 'unknown') {
          if (stop.reason !== undefined) throw stop.reason.error;
          if (!isFirst) onMessage(`job ${id} was lost and is added again`);
          await store.writeRequest(id, request);
          await add(id, request);
        } else if (stop.reason !== undefined) {
          // Work that a worker has begun is finished.
          if ((await jobs.remove(id)) === 1) throw stop.reason.error;
        } else {
          await store.writeRequest(id, request);
        }
        await told.heard;
      } finally {
        told.forget();
      }
    }
  }

  async function add(id: string, { name }: TaskRequest): Promise<void> {
    await jobs.add(
      name,
      { folder: shared, mark: store.mark },
      {
        jobId: id,
        attempts,
        backoff: { type: 'exponential', delay: FIRST_PAUSE },
        removeOnComplete: true,
        removeOnFail: DEAD_LETTERS,
        stackTraceLimit: 1,
      },
    );
  }

  async function failureOf(id: string, { name }: TaskRequest): Promise<Error> {
    const job = await jobs.getJob(id);
    const failure = job?.data.failure;
    if (failure !== undefined) return new InputError(failure.field, failure.value, failure.requirement);
    return new Error(`${name} ${id} is a dead letter: ${job?.failedReason ?? 'its record is gone'}`);
  }

  async function mapAll(requests: TaskRequest[], options: Parameters<Executor['map']>[2]): Promise<unknown[]> {
    const ids = requests.map(jobId);
    const stop: Stop = {};
    const end = (error: unknown): void => {
      stop.reason ??= { error };
      ids.forEach(news.tell);
    };
    const signal = options?.signal;
    const abort = (): void => {
      end(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    try {
      const outputs = await inOrder(
        requests.map((request, i) => ({ request, id: ids[i]! })),
        width,
        async ({ id, request }) => {
          try {
            return await answerOf(id, request, stop);
          } catch (error) {
            end(error);
            throw error;
          }
        },
        options,
      );
      await inOrder(ids, width, (id) => store.clear(id));
      return outputs;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  return {
    kind: 'queue',
    width,
    async map(name, inputs, options) {
      if (name === 'computeRows' || name === 'computeAmericanRows') {
        throw new InputError('executor', 'queue', "'inline' or 'threads' for columns, which are priced where they lie");
      }
      const run = mapAll(
        inputs.map((input) => ({ name, input })),
        options,
      );
      underWay.add(run);
      try {
        return (await run) as TaskOutput<typeof name>[];
      } finally {
        underWay.delete(run);
      }
    },
    async close() {
      await Promise.allSettled(underWay);
      clearInterval(workers);
      await events.close();
      await jobs.close();
    },
  };
}

/** Who waits for news of which job. */
function newsBoard() {
  const waiting = new Map<string, Set<() => void>>();
  return {
    tell: (id: string): void => {
      for (const hear of waiting.get(id) ?? []) hear();
    },
    isAwaited: () => waiting.size > 0,
    /** `heard` resolves at the next news of the job, or after so many milliseconds without. */
    of(id: string, longest: number) {
      let hear: () => void = () => undefined;
      const heard = new Promise<void>((settle) => {
        hear = settle;
      });
      const timer = setTimeout(hear, longest);
      const others = waiting.get(id) ?? new Set();
      waiting.set(id, others.add(hear));
      return {
        heard,
        forget(): void {
          clearTimeout(timer);
          others.delete(hear);
          if (others.size === 0) waiting.delete(id);
        },
      };
    },
  };
}
