/** A surface on a grid of expiries and strikes, the strikes in at-the-money standard deviations so that near and far expiries compare. */
import { exp } from '../../math/exponential.js';
import { smileDerivatives } from '../../volatility/smile/smile.js';
import type { VolatilitySurface } from '../../volatility/surface/surface.js';

export interface SurfaceGrid {
  /** ln(K/F) in units of the volatility at the forward times the root of time. */
  deviations: number[];
  /** One row an expiry of the surface. */
  rows: {
    expiry: number;
    days: number;
    strikes: number[];
    /** Decimal. */
    volatilities: number[];
  }[];
}

export function surfaceGrid(surface: VolatilitySurface, deviations: readonly number[]): SurfaceGrid {
  return {
    deviations: [...deviations],
    rows: surface.data.slices.map(({ expiry, timeToExpiry, forward, parameters }) => {
      const deviation = Math.sqrt(smileDerivatives(parameters, 0).w);
      const strikes = deviations.map((count) => forward * exp(count * deviation));
      return {
        expiry,
        days: 365 * timeToExpiry,
        strikes,
        volatilities: strikes.map((strike) => surface.volatility(strike, timeToExpiry)),
      };
    }),
  };
}
