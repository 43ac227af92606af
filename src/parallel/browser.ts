/** Work over many chains and many options, in this thread or in Web Workers (browsers). */
export { americanColumns } from './american-columns.js';
export type {
  AmericanColumns,
  AmericanColumnsOptions,
  AmericanGreekName,
  AmericanOutput,
  AmericanRequest,
} from './american-columns.js';
export type { Executor, RunOptions } from './executor.js';
export { inline } from './inline.js';
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
export { threads } from './web-threads.js';
export type { WebThreadsOptions, WebWorker } from './web-threads.js';
