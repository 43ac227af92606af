import { expect, test } from 'vitest';
import { changeQueue } from '../../src/feed/change-queue.js';
import type { QuoteChange } from '../../src/market/live-chain.js';

async function readAll(queue: AsyncIterable<QuoteChange[]>): Promise<QuoteChange[][]> {
  const all: QuoteChange[][] = [];
  for await (const batch of queue) all.push(batch);
  return all;
}

test('what waits beyond the limit is one change an instrument, field by field the newest', async () => {
  const queue = changeQueue(3, () => undefined);
  queue.push([
    { instrument: 'A', bid: 1, ask: 2 },
    { instrument: 'B', bid: 3 },
  ]);
  queue.push([{ instrument: 'A', bid: 4, timestamp: 5 }]);
  expect(queue.merged()).toBe(0);
  queue.push([{ instrument: 'B', bid: null }]);
  expect(queue.merged()).toBe(2);
  queue.end();
  expect(await readAll(queue)).toEqual([
    [
      { instrument: 'A', bid: 4, ask: 2, timestamp: 5 },
      { instrument: 'B', bid: null },
    ],
  ]);
});

test('an error comes after what waits, once', async () => {
  const queue = changeQueue(10, () => undefined);
  queue.push([{ instrument: 'A' }]);
  queue.end(new Error('lost'));
  queue.push([{ instrument: 'B' }]);
  const reader = queue[Symbol.asyncIterator]();
  expect((await reader.next()).value).toEqual([{ instrument: 'A' }]);
  await expect(reader.next()).rejects.toThrow('lost');
  expect((await reader.next()).done).toBe(true);
});

test('a reader that waits is answered, and one that leaves is told on', async () => {
  let left = 0;
  const queue = changeQueue(10, () => left++);
  const reader = queue[Symbol.asyncIterator]();
  const waiting = reader.next();
  queue.push([{ instrument: 'A' }]);
  expect((await waiting).value).toEqual([{ instrument: 'A' }]);
  const last = reader.next();
  await reader.return?.();
  expect((await last).done).toBe(true);
  expect(left).toBe(1);
});
