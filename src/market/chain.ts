/** One underlying's options at one instant, with the rows of the feed that could not be read. */
import type { Rejection } from '../errors.js';
import type { Currency, Instant, RawQuote } from './quote.js';

export interface OptionChain {
  underlying: string;
  venue: string;
  asOf: Instant;
  style: 'european' | 'american';
  /** Inverse: quoted and settled in the coin, price = coin discount factor x Black(F, K) / F. */
  settlement: 'linear' | 'inverse';
  premiumCurrency: Currency;
  spot?: number | undefined;
  tick?: number | undefined;
  multiplier: number;
  /** What is known of discount factors besides the quotes: parity is held against it. Errors above 0. */
  discountFactors?: { expiry: Instant; mean: number; standardDeviation: number }[] | undefined;
  quotes: RawQuote[];
  /** Rows that could not be read. */
  rejected: Rejection[];
}

export interface ParseOptions {
  asOf?: Instant | undefined;
  /** Chooses one underlying or root of a file that holds several. */
  underlying?: string | undefined;
  /** Units of the underlying per contract, where the venue's rule is not known or not wanted. */
  multiplier?: number | undefined;
}
