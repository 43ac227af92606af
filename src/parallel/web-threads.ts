/**
 * Web Workers, one message a piece: each worker is given its next piece when it has answered the last. The library's code is loaded
 * once a worker.
 */
import { InputError } from '../errors.js';
import { outputOf } from './answer.js';
import type { TaskAnswer, TaskRequest } from './answer.js';
import type { Executor } from './executor.js';
import { inOrder } from './ordered.js';

/** What is used of a browser's Worker. */
export interface WebWorker {
  onmessage: ((event: { data: TaskAnswer }) => void) | null;
  onerror: ((event: { message: string }) => void) | null;
  postMessage(request: TaskRequest): void;
  terminate(): void;
}

// Written as bundlers expect it, which find the worker's code by these very words.
declare const Worker: new (url: URL, options: { type: 'module' }) => WebWorker;
declare const navigator: { hardwareConcurrency: number };

export interface WebThreadsOptions {
  /** Workers; as many as the machine runs at a time where missing. */
  threads?: number | undefined;
  /** Makes a worker, where the bundler needs it said in its own words; the module beside this one where missing. */
  createWorker?: (() => WebWorker) | undefined;
}

/** Throws InputError where the number of workers is no whole number above 0. */
export function threads(options: WebThreadsOptions = {}): Promise<Executor> {
  const count = options.threads ?? navigator.hardwareConcurrency;
  if (!(Number.isInteger(count) && count >= 1)) throw new InputError('threads', count, 'a whole number of at least 1');
  const create =
    options.createWorker ?? (() => new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' }));
  const workers = Array.from({ length: count }, create);
  const idle = [...workers];
  const waiting: ((worker: WebWorker) => void)[] = [];
  const acquire = (): Promise<WebWorker> => {
    const worker = idle.pop();
    return worker === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(worker);
  };
  const release = (worker: WebWorker): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  };

  return Promise.resolve({
    kind: 'threads',
    width: count,
    map: (name, inputs, run) =>
      inOrder(
        inputs,
        count,
        async (input) => {
          const worker = await acquire();
          try {
            return outputOf((await ask(worker, { name, input })) as TaskAnswer<typeof name>);
          } finally {
            release(worker);
          }
        },
        run,
      ),
    close() {
      for (const worker of workers) worker.terminate();
      return Promise.resolve();
    },
  });
}

function ask(worker: WebWorker, request: TaskRequest): Promise<TaskAnswer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      resolve(data);
    };
    worker.onerror = ({ message }) => {
      reject(new Error(message));
    };
    worker.postMessage(request);
  });
}
