/** Work over many chains and many options, in this thread or in others (Node). */
export { americanColumns } from './american-columns.js';
export type {
  AmericanColumns,
  AmericanColumnsOptions,
  AmericanGreekName,
  AmericanOutput,
  AmericanRequest,
} from './american-columns.js';
export type { Executor, RunOptions } from './executor.js';
export { inline } from './node-inline.js';
export { mapChains } from './map-chains.js';
export type { MapChainsOptions } from './map-chains.js';
export { priceBatch } from './price-batch.js';
export type { PriceBatchOptions } from './price-batch.js';
export { priceColumns } from './price-columns.js';
export type { ColumnRequest, PriceColumnsOptions } from './price-columns.js';
export type { OptionColumns, OutputColumns } from './price-rows.js';
export { runGrid } from './run-grid.js';
export type { RunGridOptions } from './run-grid.js';
export type { ChainOptions } from './tasks.js';
export { threads } from './threads.js';
export type { ThreadsOptions } from './threads.js';
export { defaultTenorsInDays, history } from './history/history.js';
export type { HistoryOptions, HistoryProgress, HistorySummary } from './history/history.js';
export type { HistoryConfiguration, HistoryJob, PartitionFailure, PartitionRecord, SourceFile } from './history/job.js';
export type { PartitionRule } from './history/plan.js';
export { deadLetters } from './queue/dead-letters.js';
export type { DeadLetter } from './queue/dead-letters.js';
export { queue } from './queue/queue.js';
export type { QueueOptions } from './queue/queue.js';
export { queueWorker } from './queue/queue-worker.js';
export type { JobRun, QueueWorker, QueueWorkerOptions } from './queue/queue-worker.js';
