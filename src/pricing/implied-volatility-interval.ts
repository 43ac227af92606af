/**
 * What a two-sided quote says about the Black volatility: the interval [sigma(bid), sigma(ask)], with an open end where a side says
 * nothing. A bid at or below the intrinsic value leaves 0 as the lower end, an ask at or above the maximum Infinity as the upper.
 *
 * Where a side is too near one of its bounds for doubles to tell its volatility, the end is moved outwards, to the last volatility
 * that can be told or to 0 or Infinity: the interval never leaves out a volatility that the quote allows.
 */
import { requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { logRatio } from '../math/logarithm.js';
import { impliedStandardDeviation } from './implied-standard-deviation.js';
import type { OptionType } from './option.js';
import { BOUND_TOLERANCE, excessOverIntrinsic, LEAST_SHORTFALL, LEAST_VALUE } from './price-bounds.js';

/** Volatilities per square root of a year, 0 <= lower <= upper <= Infinity. */
export interface ImpliedVolatilityInterval {
  lower: number;
  upper: number;
}

/**
 * The volatilities between an undiscounted bid and ask. `bid` may be -Infinity or 0 and `ask` Infinity where the side is missing.
 * An ask below the intrinsic value gives [0, 0], a bid at the maximum or above [Infinity, Infinity]: no volatility prices there. At
 * T = 0 prices say nothing: [0, Infinity].
 *
 * Throws an InputError where `forward` or `strike` is not a finite number above 0, `timeToExpiry` not a finite number of 0 or more,
 * `type` neither call nor put, `bid` not a number, or `ask` not a number of at least the bid.
 */
export function impliedVolatilityInterval(
  forward: number,
  strike: number,
  timeToExpiry: number,
  type: OptionType,
  bid: number,
  ask: number,
): ImpliedVolatilityInterval {
  requirePositive('forward', forward);
  requirePositive('strike', strike);
  requireNonNegative('timeToExpiry', timeToExpiry);
  const isCall = requireOneOf('type', type, ['call', 'put']) === 'call';
  if (typeof bid !== 'number' || Number.isNaN(bid)) throw new InputError('bid', bid, 'a number');
  if (typeof ask !== 'number' || !(ask >= bid)) throw new InputError('ask', ask, 'a number, at least the bid');
  if (timeToExpiry === 0) return { lower: 0, upper: Infinity };

  const maximum = isCall ? forward : strike;
  const smaller = forward < strike ? forward : strike;
  const tolerance = BOUND_TOLERANCE * (maximum - smaller);
  const x = Math.abs(logRatio(forward, strike));
  const rootOfTime = Math.sqrt(timeToExpiry);

  let lower = 0;
  if (bid >= maximum) lower = Infinity;
  else if (bid > 0) {
    const excess = excessOverIntrinsic(bid, forward, strike, isCall);
    const p = Math.min(excess / smaller, 1 - LEAST_SHORTFALL);
    if (excess > tolerance && p >= LEAST_VALUE) lower = impliedStandardDeviation(x, p) / rootOfTime;
  }

  let upper = Infinity;
  if (maximum - ask > BOUND_TOLERANCE * maximum) {
    const excess = excessOverIntrinsic(ask, forward, strike, isCall);
    // An ask that cannot be told from the intrinsic value may lie this much above it.
    const p = Math.max(excess, tolerance) / smaller;
    if (excess < -tolerance || excess + tolerance === 0) upper = 0;
    else if (1 - p >= LEAST_SHORTFALL) upper = impliedStandardDeviation(x, Math.max(p, LEAST_VALUE)) / rootOfTime;
  }
  // A bid and an ask a rounding apart may come out in the wrong order.
  return { lower, upper: upper < lower ? lower : upper };
}
