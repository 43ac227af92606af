/** Between discounted and undiscounted figures: what every model with a discount factor needs. */
import { log } from '../math/logarithm.js';
import { ulp } from '../math/ulp.js';
import type { ImpliedVolatility } from './implied-volatility.js';

/**
 * r = -ln(DF)/T, the rate a forward model holds fixed; 0 at T = 0, and where T is so small that r is no double: nothing is left to
 * accrue.
 */
export function rateFromDiscountFactor(discountFactor: number, timeToExpiry: number): number {
  if (discountFactor === 1) return 0;
  const rate = -log(discountFactor) / timeToExpiry;
  return Number.isFinite(rate) ? rate : 0;
}

/**
 * The implied volatility of a discounted price from that of the undiscounted one: derivatives by the price scale with 1/DF, and
 * the resolution is again that of half an ulp of the price as quoted.
 */
export function discountImpliedVolatility(
  undiscounted: ImpliedVolatility,
  discountFactor: number,
  price: number,
): ImpliedVolatility {
  if (discountFactor === 1) return undiscounted;
  if (!undiscounted.ok) return { ...undiscounted, distance: undiscounted.distance * discountFactor };
  const dVolatilityDPrice = undiscounted.dVolatilityDPrice / discountFactor;
  return {
    ok: true,
    volatility: undiscounted.volatility,
    dVolatilityDPrice,
    d2VolatilityDPrice2: undiscounted.d2VolatilityDPrice2 / discountFactor / discountFactor,
    resolution: 0.5 * ulp(price) * dVolatilityDPrice,
  };
}
