/** A batch of Black-76 rows for one call at a time: the last one again where it has as many rows, its columns as they were left. */
import { createBatch, type Batch } from '../pricing/batch/batch.js';

/** Rows of a batch whose columns fit the cache of one core. */
export const BLOCK_ROWS = 4096;

/** Options to a batch, one row for each market, so that all batches of a book are nearly full. */
export function blockSize(options: number, markets: number): number {
  const blocks = Math.min(options, Math.ceil((options * markets) / BLOCK_ROWS));
  return Math.ceil(options / blocks);
}

export function reusedBatch(rows: number): Batch {
  if (last?.length === rows) return last;
  return (last = createBatch(rows, { model: 'black76' }));
}

let last: Batch | undefined;
