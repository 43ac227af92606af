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
export { breakEvenMove, explainPnl, gammaThetaBalance } from './explain-pnl.js';
export type { ExplainOptions, PnlExplanation, PnlPart } from './explain-pnl.js';
export { payoffProfile } from './payoff-profile.js';
export type { PayoffProfile, ProfileOptions } from './payoff-profile.js';
