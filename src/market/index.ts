/** From a venue's file to slices ready for calibration. */
export type { Currency, Instant, RawQuote } from './quote.js';
export type { OptionChain, ParseOptions } from './chain.js';
export { calendarClock, equityClock, eventVariance, varianceTime, yearFraction } from './clock.js';
export type { VarianceClock } from './clock.js';
export { deribitSettlement, expiryCycle, usLastTrading, usMonthlyExpiry, usSettlement } from './expiry.js';
export type { ExpiryCycle } from './expiry.js';
export { deAmericanise } from './de-americanise.js';
export type {
  DeAmericanised,
  DeAmericaniseOptions,
  DeAmericaniseReason,
  DeAmericanisedExpiry,
  EuropeanEquivalent,
} from './de-americanise.js';
export { executableArbitrage } from './executable-arbitrage.js';
export type { ArbitragePortfolio, CallQuotes } from './executable-arbitrage.js';
export { impliedForward } from './forward.js';
export type { ForwardFlag, ImpliedForward, ImpliedForwardOptions, PairRejectionReason, ParityPair } from './forward.js';
export { liveChain, readQuoteChanges } from './live-chain.js';
export type {
  ChangeCounts,
  ChangeRejection,
  ChangeRejectionReason,
  LiveChain,
  LiveChainOptions,
  QuoteChange,
  TakenChain,
} from './live-chain.js';
export { defaultQuoteFilters } from './filter.js';
export type { QuoteFilters, QuoteRejectionReason } from './filter.js';
export { repairPrices, repairUnits } from './price-repair.js';
export type { PriceRepair, PriceRepairOptions } from './price-repair.js';
export type { RepairedQuote } from './quote-repair.js';
export type { SliceInput } from './slice.js';
export { sliceInputs } from './slice-inputs.js';
export type { SliceInputOptions, SliceInputs } from './slice-inputs.js';
export { cboe } from './venues/cboe.js';
export { csv } from './venues/csv.js';
export type { ColumnMapping } from './venues/csv.js';
export { deribit } from './venues/deribit.js';
export { formatDeribitInstrument, parseDeribitInstrument } from './venues/deribit-instrument.js';
export type { DeribitInstrument, DeribitOption } from './venues/deribit-instrument.js';
export { deribitBook, deribitTickerChange } from './venues/deribit-stream.js';
export type { DeribitBook, DeribitBookStep } from './venues/deribit-stream.js';
export { recogniseFeed } from './venues/feed.js';
export type { Feed } from './venues/feed.js';
export { joinChains } from './venues/join.js';
export { feedLayouts } from './venues/layouts.js';
export type { FeedLayout } from './venues/layouts.js';
export { formatOsiSymbol, parseOsiSymbol } from './venues/osi-symbol.js';
export type { OsiOption, OsiSymbol } from './venues/osi-symbol.js';
export type { RowReason, RowRejection } from './venues/table.js';
