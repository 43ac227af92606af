/** Changes waiting to be read: batches as they came, and beyond a limit one change an instrument, the newest of each field. */
import type { QuoteChange } from '../market/live-chain.js';

export interface ChangeQueue extends AsyncIterable<QuoteChange[]> {
  push(changes: QuoteChange[]): void;
  /** Ends the reading once what waits has been read, with an error where there is one. */
  end(error?: Error): void;
  /** Changes that were merged into a later one before they were read. */
  merged(): number;
}

/** `limit` is how many changes may wait; `onReturn` is told when the reader leaves. */
export function changeQueue(limit: number, onReturn: () => void): ChangeQueue {
  let waiting: QuoteChange[] = [];
  let merged = 0;
  let over: { error?: Error | undefined } | undefined;
  let answer: { resolve: (result: IteratorResult<QuoteChange[]>) => void; reject: (error: Error) => void } | undefined;

  const finish = (): IteratorResult<QuoteChange[]> => {
    const error = over?.error;
    over = {};
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  };
  const merge = (): void => {
    const newest = new Map<string, QuoteChange>();
    for (const change of waiting) newest.set(change.instrument, { ...newest.get(change.instrument), ...change });
    merged += waiting.length - newest.size;
    waiting = [...newest.values()];
  };
  return {
    push(changes) {
      if (over !== undefined) return;
      if (answer !== undefined && waiting.length === 0) {
        answer.resolve({ done: false, value: changes });
        answer = undefined;
        return;
      }
      waiting.push(...changes);
      if (waiting.length > limit) merge();
    },
    end(error) {
      if (over !== undefined) return;
      over = { error };
      if (answer === undefined) return;
      if (error === undefined) answer.resolve({ done: true, value: undefined });
      else answer.reject(error);
      over = {};
      answer = undefined;
    },
    merged: () => merged,
    [Symbol.asyncIterator]() {
      return {
        next: () =>
          new Promise((resolve, reject) => {
            if (waiting.length > 0) {
              const value = waiting;
              waiting = [];
              resolve({ done: false, value });
            } else if (over !== undefined) resolve(finish());
            else answer = { resolve, reject };
          }),
        return() {
          over = {};
          waiting = [];
          answer?.resolve({ done: true, value: undefined });
          answer = undefined;
          onReturn();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}
