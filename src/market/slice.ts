/** One expiry, ready to be calibrated: implied volatilities against log-moneyness, with the uncertainty of each. */
import type { Instant } from './quote.js';

export interface SliceInput {
  underlying: string;
  expiry: Instant;
  /** Years to settlement, ACT/365, for discounting. */
  timeToExpiry: number;
  /** Years of variance time. */
  varianceTime: number;
  forward: number;
  discountFactor: number;
  /** Variance of the forward estimate, in squared price units. */
  forwardVariance: number;
  instrument: string[];
  /** k = ln(K/F) */
  logMoneyness: number[];
  /** 0 when unbounded. */
  volatilityBid: number[];
  /** Infinity when unbounded. */
  volatilityAsk: number[];
  /** Fit target; NaN marks a quote that is only a bound. */
  volatility: number[];
  /** Of the fit target. */
  standardDeviation: number[];
}
