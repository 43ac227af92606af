/**
 * The fair strike of a gamma swap, which weighs each moment's variance by S_t/F:
 *
 *   E[integral of (S_t/F) sigma_t^2 dt] = 2 E[(S_T/F) ln(S_T/F)] = the variance swap of the smile w(-k),
 *
 * because with S_T/F as the weight of the paths ln(F/S_T) has that smile. 3 (gamma - variance), in total variance, is the implied
 * third moment of the return that a skew swap pays. Lee, "Gamma swap", Encyclopedia of Quantitative Finance (2010); Neuberger,
 * "Realized skewness" (2012).
 */
import { requirePositive } from '../../check.js';
import { smileAtMaturity } from './interpolation.js';
import type { VolatilitySurface } from './surface.js';
import { smileCentres, swapStrike } from './variance-swap.js';

/** As a volatility. Throws InputError where a wing of the smile has arbitrage and implies no distribution, as SABR's do. */
export function gammaSwapStrike(surface: VolatilitySurface, timeToExpiry: number): number {
  const smileAt = smileAtMaturity(surface.data, requirePositive('timeToExpiry', timeToExpiry));
  const mirrored = (k: number): { w: number; dw: number } => {
    const { w, dw } = smileAt(-k);
    return { w, dw: -dw };
  };
  const centres = smileCentres(surface.data).map((k) => -k);
  return swapStrike(mirrored, centres, timeToExpiry);
}
