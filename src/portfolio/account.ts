/** What an account holds: positions, and cash per currency with what is borrowed and accrued. */
import type { Currency } from '../market/quote.js';
import type { Instrument } from './instrument.js';

export interface Position {
  id: string;
  instrument: Instrument;
  /** Contracts; long is positive. */
  quantity: number;
  /** In the venue's quote units (coin for inverse options). Required for futures and perpetuals. */
  entryPrice?: number | undefined;
  accountId?: string | undefined;
  tags?: string[] | undefined;
}

/** The share of a balance, up to a size in its own currency, that counts as collateral. */
export interface CollateralTier {
  upTo: number;
  factor: number;
}

export interface Account {
  id: string;
  reportingCurrency: Currency;
  cash: Record<Currency, number>;
  borrowed?: Record<Currency, number> | undefined;
  accruedInterest?: Record<Currency, number> | undefined;
  accruedFunding?: Record<Currency, number> | undefined;
  positions: Position[];
  /** Marginal factors by tier of the balance, in rising `upTo`; a currency not listed counts in full. */
  collateral?: Record<Currency, CollateralTier[]> | undefined;
}
