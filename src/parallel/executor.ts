/** Where work is done: in this thread, in others, or elsewhere. Results come in the order of the inputs, whatever finished first. */
import type { TaskInput, TaskName, TaskOutput } from './tasks.js';

export interface RunOptions {
  /** Work not yet begun is left undone, and the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** After each piece. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Executor {
  readonly kind: 'inline' | 'threads' | 'queue';
  /** How many pieces are worked on at a time. */
  readonly width: number;
  /** Rejects with the first error a piece throws. */
  map<Name extends TaskName>(
    name: Name,
    inputs: readonly TaskInput<Name>[],
    options?: RunOptions,
  ): Promise<TaskOutput<Name>[]>;
  /** Ends the threads; work that is under way is finished first. */
  close(): Promise<void>;
}
