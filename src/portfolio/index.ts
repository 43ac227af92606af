/** Positions, accounts and snapshots, and what an account is exposed to. */
export type { Account, CollateralTier, Position } from './account.js';
export type {
  FutureInstrument,
  Instrument,
  LeveragedTokenInstrument,
  OptionInstrument,
  SpotInstrument,
} from './instrument.js';
export type { FxRate, MarketSnapshot, UnderlyingMarket } from './snapshot.js';
export type { Excluded, MissingPolicy, MissingReason, ValuationOptions } from './missing.js';
export { createFx } from './fx.js';
export type { FxOptions, FxTable } from './fx.js';
export { greeksOf, valueInstrument } from './valuation.js';
export type { EntryOption, InstrumentValue } from './valuation.js';
export { netGreeks } from './net-greeks.js';
export type { CashGreeks, NetGreeks } from './net-greeks.js';
export { accountEquity, adjustedEquity, collateralValue } from './equity.js';
export type { AdjustedEquity, Equity, EquityRow } from './equity.js';
export { cashSweep, freeCollateral, liquidityBuffer, withdrawable } from './cash.js';
export type { CashState } from './cash.js';
export { coinDelta, settlingCoinDelta } from './coin-delta.js';
export type { CoinDelta } from './coin-delta.js';
export { exposureMetrics } from './exposure.js';
export type { Exposure, UnderlyingExposure } from './exposure.js';
export { directionalSummary } from './directional-summary.js';
export type { Direction, DirectionalSummary } from './directional-summary.js';
export { fundingPerDay } from './funding.js';
export { greekLadder } from './ladder.js';
export type { BucketSpec, Ladder } from './ladder.js';
export { percentVega, termWeightedVega } from './vega.js';
export type { TermWeight } from './vega.js';
export { watchSurface } from './watch-surface.js';
export type { SurfaceUpdate, WatchedBook, WatchOptions } from './watch-surface.js';
export { breakEvenMove, explainPnl, gammaThetaBalance } from './explain-pnl.js';
export type { ExplainOptions, PnlExplanation, PnlPart } from './explain-pnl.js';
export { payoffProfile } from './payoff-profile.js';
export type { PayoffProfile, ProfileOptions } from './payoff-profile.js';
export { snapshotOf } from './build-snapshot.js';
export type { MarketSource, SnapshotOptions } from './build-snapshot.js';
export { deribitInstrument, instrumentId, instrumentOf, underlyingOf, usOptionInstrument } from './instrument-name.js';
export type { NamedInstrument } from './instrument-name.js';
export { readAccount, readPositionsJson } from './read/account-json.js';
export type { AccountRead } from './read/account-json.js';
export { readPositionsCsv } from './read/csv-positions.js';
export { readDeribitPositions } from './read/deribit-positions.js';
export type { DeribitPositionsRead } from './read/deribit-positions.js';
export { readPositions } from './read/positions.js';
export type { PositionsFile } from './read/positions.js';
export type { PositionRejection, PositionRejectionReason, PositionsRead } from './read/rejection.js';
export {
  butterfly,
  calendarSpread,
  collar,
  condor,
  diagonalSpread,
  ironButterfly,
  ironCondor,
  riskReversal,
  straddle,
  strangle,
  strategyGreeks,
  strategyPayoff,
  strategyPositions,
  verticalSpread,
} from './strategy.js';
export type { OptionSeries, Strategy, StrategyLeg, StrategyPositionOptions } from './strategy.js';
export { quoteExposure } from './quote-exposure.js';
export type { QuoteBucket, QuoteExposure } from './quote-exposure.js';
export { betaWeight, betaWeightedPerPercent } from './beta-weight.js';
export type { BetaWeighted, SpotSensitivity } from './beta-weight.js';
export { dealerExposure } from './dealer-exposure.js';
export type { DealerExposure, DealerExposureOptions } from './dealer-exposure.js';
