/** A batch on shared memory computed by an executor where it lies: nothing is copied, whatever the number of threads. */
import { InputError } from '../errors.js';
import { tableOf, type Batch } from '../pricing/batch/batch.js';
import { SHARED_STEP, type SharedRequest, type SharedRowsRequest } from '../pricing/batch/shared.js';
import { wantedGreeks } from '../pricing/batch/table.js';
import { SHARED_CHUNK } from './chunk.js';
import type { RunOptions, Executor } from './executor.js';
import { inline } from './inline.js';
import type { ColumnRequest } from './price-columns.js';

export interface PriceBatchOptions extends RunOptions {
  executor?: Executor | undefined;
  /** Rows a piece; a multiple of 64 is made of it. */
  chunk?: number | undefined;
}

/**
 * What `batch.greeks(request)` or `batch.impliedVolatility()` does, the same bytes in the same columns, `status` too. The batch was made with
 * `shared: true` and is left alone until the promise settles; where it is stopped its outputs are in part of before.
 * Rejects with InputError for a batch that is not shared or was resized meanwhile, a name that is no Greek, and a queue.
 */
export async function priceBatch(
  batch: Batch,
  request: ColumnRequest,
  { executor = inline(), chunk = SHARED_CHUNK, ...run }: PriceBatchOptions = {},
): Promise<void> {
  if (!(Number.isInteger(chunk) && chunk >= 1)) throw new InputError('chunk', chunk, 'a whole number of at least 1');
  if (executor.kind === 'queue') {
    throw new InputError('executor', executor.kind, "'inline' or 'threads', which share the memory of this process");
  }
  const wanted: SharedRequest = request === 'impliedVolatility' ? request : wantedGreeks(request);
  if (wanted === 0) throw new InputError('request', request, 'at least one Greek');
  const opened = tableOf(batch);
  const table = opened.share();
  const step = Math.ceil(chunk / SHARED_STEP) * SHARED_STEP;
  const pieces = Array.from({ length: Math.ceil(table.length / step) }, (_, i): SharedRowsRequest => ({
    table,
    request: wanted,
    from: i * step,
    to: Math.min((i + 1) * step, table.length),
  }));
  await executor.map('computeShared', pieces, run);
  opened.adopt(table, wanted);
}
