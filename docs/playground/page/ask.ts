/** The page's side of the worker: a question gives a promise of its answer. */
import type { Message, Reply, RequestName, Requests } from '../protocol.js';

export type Ask = <Name extends RequestName>(
  name: Name,
  ask: Requests[Name]['ask'],
) => Promise<Requests[Name]['answer']>;

/** What was asked cannot be done; the message is for the reader. */
export class Refused extends Error {}

/** `onFailure` is told of errors of the worker itself, after which it answers no more. */
export function openWorker(onFailure: (message: string) => void): Ask {
  const worker = new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, (reply: Reply) => void>();
  let asked = 0;
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  worker.onerror = ({ message }) => {
    onFailure(message);
  };
  return <Name extends RequestName>(name: Name, ask: Requests[Name]['ask']) =>
    new Promise<Requests[Name]['answer']>((resolve, reject) => {
      const message: Message<Name> = { id: ++asked, name, ask };
      waiting.set(message.id, (reply) => {
        if (reply.ok) resolve(reply.answer);
        else reject(new Refused(reply.error));
      });
      worker.postMessage(message);
    });
}

/** Runs one task at a time; of the inputs that come meanwhile only the newest is run. */
export function newestOnly<T>(task: (input: T) => Promise<void>): (input: T) => void {
  let running = false;
  let next: { input: T } | undefined;
  const run = async (input: T): Promise<void> => {
    running = true;
    try {
      for (let now: { input: T } | undefined = { input }; now !== undefined; now = next) {
        next = undefined;
        await task(now.input);
      }
    } finally {
      running = false;
    }
  };
  return (input) => {
    if (running) next = { input };
    else void run(input);
  };
}
