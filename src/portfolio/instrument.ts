/** What can be held. One unit of an instrument; `multiplier` is applied once, where positions are valued. */
import type { Currency, Instant } from '../market/quote.js';
import type { OptionType } from '../pricing/option.js';

interface AnyInstrument {
  id: string;
  /** The key of `MarketSnapshot.underlyings`; for spot and cash the currency or asset itself. */
  underlying: string;
  /** The currency in which value and profit are paid. */
  settlement: Currency;
  /** Underlying units per contract; US dollars per contract for inverse futures and perpetuals. */
  multiplier: number;
}

export type OptionInstrument = AnyInstrument & {
  kind: 'option';
  /** linear: paid in the quote currency; inverse: paid in the coin; quanto: paid in `settlement` at `fixedFx`. */
  style: 'linear' | 'inverse' | 'quanto';
  /** 'european' where missing. */
  exercise?: 'european' | 'american' | undefined;
  type: OptionType;
  strike: number;
  expiry: Instant;
  /** Quanto: settlement currency per unit of quote currency, fixed. */
  fixedFx?: number | undefined;
  /** Quanto: volatility of settlement per quote currency, and its correlation with the underlying. */
  fxVolatility?: number | undefined;
  correlation?: number | undefined;
  /** Inverse: what the dollar value is divided by; 'forward' where missing. */
  divisor?: 'forward' | 'index' | undefined;
};

export type FutureInstrument = AnyInstrument & {
  kind: 'future' | 'perpetual';
  style: 'linear' | 'inverse';
  /** A future's; a perpetual has none. */
  expiry?: Instant | undefined;
};

export type SpotInstrument = AnyInstrument & { kind: 'spot' };

export type LeveragedTokenInstrument = AnyInstrument & {
  kind: 'leveraged-token';
  targetLeverage: number;
  /** Value of one token. */
  nav: number;
  /** Exposure over value now. */
  leverage: number;
};

export type Instrument = OptionInstrument | FutureInstrument | SpotInstrument | LeveragedTokenInstrument;
