/** One row of a venue's option chain, as published: prices in the premium currency, volatilities as decimals. */
import type { OptionType } from '../pricing/option.js';

/** Milliseconds since 1970-01-01T00:00:00Z, never a Date, never local time. */
export type Instant = number;
/** 'USD', 'USDC', 'BTC' ... */
export type Currency = string;

export interface RawQuote {
  instrument: string;
  /** 'BTC', 'SPX', 'SPXW' ... */
  underlying: string;
  type: OptionType;
  strike: number;
  /** The settlement instant. */
  expiry: Instant;
  bid?: number | undefined;
  ask?: number | undefined;
  last?: number | undefined;
  mark?: number | undefined;
  bidSize?: number | undefined;
  askSize?: number | undefined;
  openInterest?: number | undefined;
  volume?: number | undefined;
  /** The venue's own forward for this expiry. */
  forward?: number | undefined;
  markVolatility?: number | undefined;
  bidVolatility?: number | undefined;
  askVolatility?: number | undefined;
  timestamp?: Instant | undefined;
}
