/**
 * A batch on shared memory, computed by several threads where it lies. What crosses to a thread is the memory and where its columns
 * are; the thread opens the kernel on it, with scratch of its own, and computes some rows. A row depends on nothing but itself, so
 * that the bytes are those of one thread.
 */
import { SCRATCH_FLAGS, scratchAddress, SCRATCHES, viewColumns } from './columns.js';
import { attachKernel, type KernelMemory } from './kernel.js';
import { modelRows, type BatchModel } from './model.js';
import { evaluateStorage, solveStorage } from './storage.js';

/** Plain data but for the memory, which workers can be sent. */
export interface SharedTable {
  /** Of the kernel; only its buffer in a batch without one. */
  memory: KernelMemory;
  hasKernel: boolean;
  model: BatchModel;
  shift: number;
  capacity: number;
  length: number;
}

/** A bit for each Greek, in the order of GREEK_NAMES, or the implied volatility. */
export type SharedRequest = number | 'impliedVolatility';

/** A piece of the work. */
export interface SharedRowsRequest {
  table: SharedTable;
  request: SharedRequest;
  from: number;
  to: number;
}

/** Rows a piece begins and ends at: whole vectors, and no two threads write to one line of a cache. */
export const SHARED_STEP = 64;

/** Computes the rows from `first`, a multiple of SHARED_STEP, to before `end`, one too or the length. */
export function computeShared(table: SharedTable, request: SharedRequest, first: number, end: number): void {
  const { memory, hasKernel, model, shift, capacity, length } = table;
  const { buffer } = memory;
  const flags = new Int32Array(buffer, SCRATCH_FLAGS, SCRATCHES);
  const place = hasKernel ? takePlace(flags) : undefined;
  try {
    const kernel = place === undefined ? undefined : attachKernel(model, memory, scratchAddress(place));
    const storage = { columns: viewColumns(buffer, true, capacity, length, undefined), kernel };
    if (request === 'impliedVolatility') solveStorage(storage, modelRows[model], shift, first, end);
    else evaluateStorage(storage, modelRows[model], shift, request, first, end);
  } finally {
    if (place !== undefined) Atomics.store(flags, place, 0);
  }
}

/** A scratch that no other thread is using; none lasts longer than a piece. */
function takePlace(flags: Int32Array): number {
  for (let place = 0; ; place = (place + 1) % SCRATCHES) {
    if (Atomics.compareExchange(flags, place, 0, 1) === 0) return place;
  }
}
