/** Worker threads of Node, by the package piscina, an optional peer. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.js';
import { outputOf } from './answer.js';
import type { TaskAnswer } from './answer.js';
import type { Executor } from './executor.js';
import { optionalPackage } from './optional-package.js';
import { inOrder } from './ordered.js';

export interface ThreadsOptions {
  /** Threads; as many as the machine runs at a time where missing. */
  threads?: number | undefined;
}

export interface ThreadPool extends Executor {
  /** Ends the threads with what they are doing, which then rejects. */
  abandon(): Promise<void>;
}

/** From source the worker is TypeScript, which Node has to be taught. */
const fromSource = import.meta.url.endsWith('.ts');

/** Throws InputError where piscina is not installed or the number of threads is no whole number above 0. */
export async function threads({ threads: count = availableParallelism() }: ThreadsOptions = {}): Promise<ThreadPool> {
  if (!(Number.isInteger(count) && count >= 1)) throw new InputError('threads', count, 'a whole number of at least 1');
  const { Piscina: Pool } = await optionalPackage('piscina', 'threads() needs it', () => import('piscina'));
  const pool = new Pool({
    filename: fileURLToPath(new URL(fromSource ? './worker.ts' : './worker.js', import.meta.url)),
    minThreads: count,
    maxThreads: count,
    ...(fromSource ? { execArgv: ['--import', 'tsx'] } : {}),
  });
  return {
    kind: 'threads',
    width: count,
    map: (name, inputs, options) =>
      // Twice as many as there are threads, so that none waits for its next piece.
      inOrder(
        inputs,
        2 * count,
        async (input) => outputOf((await pool.run({ name, input })) as TaskAnswer<typeof name>),
        options,
      ),
    close: () => pool.close(),
    abandon: () => pool.destroy(),
  };
}
