/**
 * Quanto adjustment: the forward of a foreign asset whose payoff is converted at a fixed exchange rate.
 *
 *   F_Q = F e^(-rho sigma_S sigma_X T)
 *
 * X is the price of one unit of the quote currency in the settlement currency, rho its correlation with the asset. Price the
 * option with black76 on F_Q and the discount factor of the settlement currency. Source: Reiner, Quanto mechanics (1992).
 */
import { requireFinite, requireNonNegative, requireObject, requireWithin } from '../check.js';
import { exp } from '../math/exponential.js';

/**
 * The forward to price a quanto option on. Volatilities are per square root of a year, `timeToExpiry` in years, `fxVolatility`
 * and `correlation` those of settlement per quote currency. Throws an InputError for anything not finite, a negative
 * volatility or time, or a correlation outside [-1, 1].
 */
export function quantoForward(
  forward: number,
  market: { volatility: number; fxVolatility: number; correlation: number; timeToExpiry: number },
): number {
  requireFinite('forward', forward);
  requireObject('market', market);
  const volatility = requireNonNegative('volatility', market.volatility);
  const fxVolatility = requireNonNegative('fxVolatility', market.fxVolatility);
  const correlation = requireWithin('correlation', market.correlation, -1, 1);
  const timeToExpiry = requireNonNegative('timeToExpiry', market.timeToExpiry);
  return forward * exp(-correlation * volatility * fxVolatility * timeToExpiry);
}
