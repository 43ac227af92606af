/** A calibrated surface as plain data: one smile an expiry, the clock between them, and what was proved of them. */
import type { Instant } from '../../market/quote.js';
import type { VarianceClock } from '../../market/clock.js';
import type { Matrix } from '../../math/matrix.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SmileParameters } from '../smile/parameters.js';

export interface SurfaceSlice {
  expiry: Instant;
  /** Years, ACT/365, for discounting and for quoting volatility. */
  timeToExpiry: number;
  /** Years of variance time, in which total variance is interpolated. */
  varianceTime: number;
  forward: number;
  discountFactor: number;
  parameters: SmileParameters;
  /** Of the parameters. */
  covariance?: Matrix | undefined;
  butterfly?: Certificate | undefined;
}

/** Powers of 30 days over the days to expiry, for less than 30 days and for the rest. */
export interface TermRule {
  shortPower: number;
  longPower: number;
  /** Fewest days that count; 1 where missing. */
  floorDays?: number | undefined;
}

/** The size is that of the log-moneyness `width` and beyond, of one sign on either side or (`wings`) of the same. */
export interface SkewRule {
  width: number;
  wings?: boolean | undefined;
}

export interface VolatilityMove {
  kind: 'relative' | 'absolute' | 'set';
  /** A share, or a volatility as a decimal. */
  size: number;
  /** The instant from which days to expiry are counted. */
  at: Instant;
  /** 'parallel' where missing. */
  term?: 'parallel' | TermRule | undefined;
  skew?: SkewRule | undefined;
}

export interface SurfaceShift {
  /** The spot the smiles are tied to; the surface's own where missing. */
  smileSpot?: number | undefined;
  /** The forwards the smiles are tied to, slice by slice. */
  smileForwards: number[];
  /** In order. */
  volatility: VolatilityMove[];
}

export interface SurfaceData {
  schema: 1;
  /** What the surface is of: 'BTC', 'SPX' ... */
  underlying: string;
  asOf: Instant;
  spot?: number | undefined;
  clock: VarianceClock;
  interpolation: 'total-variance' | 'essvi' | 'price';
  /** In order of expiry. */
  slices: SurfaceSlice[];
  /** Of neighbouring slices. */
  calendar: Certificate[];
  /** What was done to the surface since it was calibrated; nothing where missing. Without certificates where there is one. */
  shift?: SurfaceShift | undefined;
}
