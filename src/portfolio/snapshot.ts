/** The market at one instant, as plain data that is never changed: surfaces, spots, futures marks and exchange rates. */
import type { Currency, Instant } from '../market/quote.js';
import type { SliceFit } from '../volatility/calibration/fit.js';
import type { SurfaceData } from '../volatility/surface/surface-data.js';

/** The spot, and the marks listed, before the spot was moved in a scenario. */
export interface MarketBefore {
  spot: number;
  futures?: Record<string, number> | undefined;
}

export interface UnderlyingMarket {
  spot: number;
  /** Forwards, discount factors and volatilities per expiry. */
  surface: SurfaceData;
  /** Marks of futures and perpetuals by instrument id; a future not listed is marked at the forward, a perpetual at the spot. */
  futures?: Record<string, number> | undefined;
  /** Paid by longs to shorts on the notional, per day. */
  fundingRatePerDay?: number | undefined;
  /** For American options, continuously compounded; from the surface's forwards and discount factors where missing. */
  americanRate?: number | undefined;
  americanDividendYield?: number | undefined;
  /** What leveraged tokens were marked at: their value moves with the spot by their leverage, not in proportion. */
  before?: MarketBefore | undefined;
}

/** `rate` units of `quote` for one unit of `base`. */
export interface FxRate {
  base: Currency;
  quote: Currency;
  rate: number;
}

export interface MarketSnapshot {
  asOf: Instant;
  underlyings: Record<string, UnderlyingMarket>;
  fx: FxRate[];
  /** Listed rates that contradict each other are used as they are; an error where missing. */
  allowTriangularGap?: boolean | undefined;
  /** The fits behind an underlying's surface, for exposures down to the quotes. */
  fits?: Record<string, SliceFit[]> | undefined;
}
