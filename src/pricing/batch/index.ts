/** Prices, Greeks and implied volatilities of many options at a time. */
export { createBatch } from './batch.js';
export type { Batch, BatchOptions } from './batch.js';
export { createChainBatch } from './chain-batch.js';
export type { ChainBatch } from './chain-batch.js';
export type { BatchModel } from './model.js';
export { batchStatus } from './status.js';
export type { BatchBackend, BatchOutputs } from './table.js';
