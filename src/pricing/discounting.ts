/** Between discounted and undiscounted figures: what every model with a discount factor needs. */
import { log } from '../math/logarithm.js';
import type { ImpliedVolatility } from './implied-volatility.js';

/** r = -ln(DF)/T, the rate a forward model holds fixed; 0 at T = 0, where nothing is left to accrue. */
export function rateFromDiscountFactor(discountFactor: number, timeToExpiry: number): number {
  return discountFactor === 1 || timeToExpiry === 0 ? 0 : -log(discountFactor) / timeToExpiry;
}

/** The implied volatility of a discounted price from that of the undiscounted one: derivatives by the price scale with 1/DF. */
export function discountImpliedVolatility(undiscounted: ImpliedVolatility, discountFactor: number): ImpliedVolatility {
  if (!undiscounted.ok) return { ...undiscounted, distance: undiscounted.distance * discountFactor };
  return {
    ...undiscounted,
    dVolatilityDPrice: undiscounted.dVolatilityDPrice / discountFactor,
    d2VolatilityDPrice2: undiscounted.d2VolatilityDPrice2 / discountFactor / discountFactor,
  };
}
