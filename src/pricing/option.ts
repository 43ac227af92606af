/** The records that say what is priced. Rates and volatilities are decimals, time is in years, rates are continuously compounded. */

export type OptionType = 'call' | 'put';

export interface SpotOption {
  type: OptionType;
  spot: number;
  strike: number;
  /** Years. */
  timeToExpiry: number;
  /** Per square root of a year. */
  volatility: number;
  /** Continuously compounded, per year; 0 where missing. */
  rate?: number | undefined;
  /** Continuously compounded, per year; 0 where missing. */
  dividendYield?: number | undefined;
}

export interface ForwardOption {
  type: OptionType;
  forward: number;
  strike: number;
  /** Years. */
  timeToExpiry: number;
  /** Per square root of a year; in price units for Bachelier. */
  volatility: number;
  /** 1 where missing. */
  discountFactor?: number | undefined;
}

export interface DisplacedOption extends ForwardOption {
  /** Added to forward and strike; both sums must be positive. */
  shift: number;
}

export interface InverseOption extends ForwardOption {
  /** USD per coin, for the USD ledger only; the forward where missing. */
  index?: number | undefined;
  /** Inside the averaging window: its length and the part elapsed in years, and the running average in USD. */
  settlement?: { window: number; elapsed: number; average: number } | undefined;
}
