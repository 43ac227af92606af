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
}
