/**
 * What is left to chance when an option is delta-hedged at N moments and not all the time.
 *
 *   sd = sqrt(pi/4) vega volatility / sqrt(N)
 *
 * For an option at the money hedged at its own volatility; halves when N quadruples. Kamal and Derman, "When you cannot hedge
 * continuously" (1999).
 */
import { requireFinite, requirePositive } from '../check.js';
import { InputError } from '../errors.js';

/** Standard deviation of the final profit, in the currency of vega; `vega` is per 1.00 of volatility. Throws InputError where out of range. */
export function hedgingErrorSd(i: { vega: number; volatility: number; rehedges: number }): number {
  const vega = Math.abs(requireFinite('vega', i.vega));
  const volatility = requirePositive('volatility', i.volatility);
  if (!Number.isInteger(i.rehedges) || i.rehedges < 1) {
    throw new InputError('rehedges', i.rehedges, 'a whole number, 1 or more');
  }
  return (0.5 * Math.sqrt(Math.PI) * vega * volatility) / Math.sqrt(i.rehedges);
}
