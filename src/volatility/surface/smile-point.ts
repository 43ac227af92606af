/**
 * Volatility along the smile of one maturity, with its slopes in k = ln(K/F), from total variance:
 *
 *   sigma = sqrt(w/T),   sigma' = w'/(2 sqrt(w T)),   sigma'' = w''/(2 sqrt(w T)) - w'^2/(4 w sqrt(w T))
 */
import { requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { logRatio } from '../../math/logarithm.js';
import type { TotalVariance } from '../smile/total-variance.js';
import { smileAtMaturity } from './interpolation.js';
import type { VolatilitySurface } from './surface.js';

export interface SmilePoint {
  /** Black, a decimal per square root of a year. */
  volatility: number;
  /** dvol/dk at fixed time. */
  slope: number;
  /** d2vol/dk2 */
  curvature: number;
}

/**
 * The volatility of a strike with the slope and curvature of the smile there: what smile-aware deltas and digitals take. Throws
 * InputError unless strike and time are above 0 and the total variance at the strike is.
 */
export function smilePoint(surface: VolatilitySurface, strike: number, timeToExpiry: number): SmilePoint {
  const k = logRatio(requirePositive('strike', strike), surface.forward(timeToExpiry));
  const point = smileAtMaturity(surface.data, timeToExpiry)(k);
  if (!(point.w > 0)) throw new InputError('strike', strike, 'a strike where the surface has variance');
  return volatilityPoint(point, timeToExpiry);
}

/** For w above 0. */
export function volatilityPoint({ w, dw, d2w }: Omit<TotalVariance, 'd3w'>, timeToExpiry: number): SmilePoint {
  const root = Math.sqrt(w * timeToExpiry);
  const slope = dw / (2 * root);
  return { volatility: Math.sqrt(w / timeToExpiry), slope, curvature: (d2w - (dw * dw) / (2 * w)) / (2 * root) };
}
