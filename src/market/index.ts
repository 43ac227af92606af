export type { Currency, Instant, RawQuote } from './quote.js';
export type { OptionChain, ParseOptions } from './chain.js';
export type { VarianceClock } from './clock.js';
export type { SliceInput } from './slice.js';
