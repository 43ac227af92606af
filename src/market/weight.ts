/**
 * How far off a quoted volatility may be: the standard deviation of the target of a fit.
 *
 *   sd^2 = (kappa (sigma_ask - sigma_bid) / 2)^2 + (tick / (2 vega))^2 + sd_min^2
 *
 * kappa = 1/sqrt(3): an error uniform across the spread has standard deviation half-spread / sqrt(3). The second term is the
 * rounding of the price to a tick, the third what no market knows better (bid-ask bounce, clock and forward noise): one basis point.
 */
import { requireNonNegative, requirePositive } from '../check.js';
import { square } from '../math/summary.js';

/** Standard deviation of an error uniform across the spread, in half-spreads. */
export const UNIFORM_DEVIATION = 1 / Math.sqrt(3);

/** One basis point of volatility: no quote is more precise. */
export const MINIMUM_DEVIATION = 1e-4;

/**
 * Standard deviation of a two-sided quote's volatility. `volatilityBid` and `volatilityAsk` are decimals, bid at most ask; `vega` is
 * per 1.00 of volatility in the unit of `tick`, the smallest price step (0 where unknown, or where volatility itself is quoted).
 * Infinity where a price step moves the volatility without limit (vega 0). Throws InputError on a negative or non-finite argument.
 */
export function volatilityDeviation(volatilityBid: number, volatilityAsk: number, vega: number, tick: number): number {
  requireNonNegative('volatilityBid', volatilityBid);
  requireNonNegative('volatilityAsk - volatilityBid', volatilityAsk - volatilityBid);
  requireNonNegative('vega', vega);
  requireNonNegative('tick', tick);
  const spread = UNIFORM_DEVIATION * 0.5 * (volatilityAsk - volatilityBid);
  const rounding = tick === 0 ? 0 : (0.5 * tick) / vega;
  return Math.sqrt(square(spread) + square(rounding) + square(MINIMUM_DEVIATION));
}

/**
 * Mean of two values by inverse variance, and its weight on the first. Both standard deviations are positive and the errors
 * independent. Throws InputError otherwise.
 */
export function inverseVarianceBlend(first: number, second: number): { weight: number; standardDeviation: number } {
  const a = 1 / square(requirePositive('first', first));
  const b = 1 / square(requirePositive('second', second));
  return { weight: a / (a + b), standardDeviation: 1 / Math.sqrt(a + b) };
}
