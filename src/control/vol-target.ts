/**
 * Leverage that holds the volatility of an account near a target: exposure is cut in proportion as the forecast rises.
 *
 *   L* = min(max(target volatility / forecast volatility, minimum), maximum)
 *   books of options:  the forecast is sqrt(k_2(h) 365/h) / equity, k_2 the variance of delta and gamma profit over h days;
 *                      it is linear in the size of the book, so the book times L* has the target
 *   smoothed:  L_t = (1 - a) L_(t-1) + a L*,  kept where it is while |L_t - L_(t-1)| stays inside a band
 *
 * A volatility index serves as the forecast. The forecast must use data up to the step before: this file sees one number and cannot
 * tell. Moreira and Muir, "Volatility-managed portfolios" (2017).
 */
import { requireFinite, requireNonNegative, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import { cumulants, independentTerms } from '../risk/value-at-risk/quadratic-book.js';
import type { QuadraticBook } from '../risk/value-at-risk/quadratic-book.js';
import { shouldRebalance } from './rebalance.js';

export interface VolTargetInput {
  /** Annual volatility the account should have. */
  targetVolatility: number;
  /** Annual volatility forecast of one unit of exposure. Infinity is allowed and gives the minimum. */
  forecastVolatility: number;
  minimum: number;
  maximum: number;
}

/** Throws InputError on a negative volatility, or where minimum is above maximum. Forecast 0 gives the maximum (0 where the target is 0). */
export function volTargetLeverage(i: VolTargetInput): { target: number; binding: 'none' | 'minimum' | 'maximum' } {
  const wanted = requireNonNegative('targetVolatility', i.targetVolatility);
  const forecast =
    i.forecastVolatility === Infinity ? Infinity : requireNonNegative('forecastVolatility', i.forecastVolatility);
  const minimum = requireFinite('minimum', i.minimum);
  const maximum = requireFinite('maximum', i.maximum);
  if (minimum > maximum) throw new InputError('minimum', minimum, `at most the maximum, ${maximum}`);
  const ratio = wanted === 0 ? 0 : wanted / forecast;
  if (ratio > maximum) return { target: maximum, binding: 'maximum' };
  return ratio < minimum ? { target: minimum, binding: 'minimum' } : { target: ratio, binding: 'none' };
}

/**
 * Annual volatility of the equity that carries a book of options, to second order in its factors over a horizon: what a leverage of 1
 * means for {@link volTargetLeverage}. Throws InputError on an equity or horizon not above 0, and as the book's value at risk does.
 */
export function bookVolatility(book: QuadraticBook, i: { equity: number; horizonDays: number }): number {
  const equity = requirePositive('equity', i.equity);
  const horizonDays = requirePositive('horizonDays', i.horizonDays);
  const [, variance] = cumulants(independentTerms(book, horizonDays));
  return Math.sqrt((variance * 365) / horizonDays) / equity;
}

export interface SmoothedLeverageInput {
  /** The leverage of the last step. */
  previous: number;
  /** The leverage wanted now. */
  desired: number;
  /** Weight a of the new value, above 0 up to 1; 1 (no smoothing) where missing. */
  smoothing?: number | undefined;
  /** No change while the smoothed leverage is within this of the last; 0 where missing. */
  band?: number | undefined;
  /** Leverage in multiples of this, to the nearest; not rounded where missing. */
  increment?: number | undefined;
}

/** Throws InputError on numbers out of range. `changed` is false where the band or the increment kept the last leverage. */
export function smoothedLeverage(i: SmoothedLeverageInput): { target: number; changed: boolean } {
  const previous = requireFinite('previous', i.previous);
  const desired = requireFinite('desired', i.desired);
  const smoothing = requireWithin('smoothing', i.smoothing ?? 1, 0, 1);
  const band = requireNonNegative('band', i.band ?? 0);
  const blended = (1 - smoothing) * previous + smoothing * desired;
  if (shouldRebalance({ current: previous, target: blended, band, destination: 'target' }).trade === 0) {
    return { target: previous, changed: false };
  }
  if (i.increment === undefined) return { target: blended, changed: true };
  const increment = requirePositive('increment', i.increment);
  const target = increment * Math.round(blended / increment);
  return { target, changed: target !== previous };
}
