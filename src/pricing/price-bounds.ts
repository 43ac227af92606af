/**
 * Where a price stands between its bounds: what both implied-volatility solvers decide before they solve.
 *
 *   intrinsic = (omega (F - K))^+,  excess = price - intrinsic, without the rounding of F - K
 *
 * A price within 4 x 2^-52 of the intrinsic value says nothing about the volatility: half an ulp of it is an eighth of the excess.
 */
import type { ImpliedVolatility } from './implied-volatility.js';

/** Relative to the intrinsic value (or to the maximum): closer than this, a price cannot be told from its bound. */
export const BOUND_TOLERANCE = 4 * 2 ** -52;
/** Smaller out-of-the-money values, per unit of min(F, K) or of |F - K|, are left alone: doubles end soon below. */
export const LEAST_VALUE = 1e-300;
/** 1 - p below this leaves fewer than 13 bits of the distance to the maximum. */
export const LEAST_SHORTFALL = 2 ** -40;

type Reason = Extract<ImpliedVolatility, { ok: false }>['reason'];

/** The failure record; a distance of -0 becomes 0. */
export function noVolatility(reason: Reason, distance: number, bound: number): ImpliedVolatility {
  return { ok: false, reason, distance: distance + 0, bound };
}

/** price - (omega (F - K))^+, with the rounding error of F - K taken off: right to an ulp however close the price is to F - K. */
export function excessOverIntrinsic(price: number, forward: number, strike: number, isCall: boolean): number {
  const long = isCall ? forward : strike;
  const short = isCall ? strike : forward;
  if (!(long > short)) return price;
  const difference = long - short;
  const back = difference - long;
  const error = long - (difference - back) + (-short - back);
  return price - difference - error;
}

/** The reasons below and at the intrinsic value, and at expiry; undefined where the price lies above. */
export function lowerFailure(excess: number, intrinsic: number, timeToExpiry: number): ImpliedVolatility | undefined {
  if (timeToExpiry === 0) return noVolatility('expired', excess, excess > BOUND_TOLERANCE * intrinsic ? Infinity : 0);
  if (excess > BOUND_TOLERANCE * intrinsic) return undefined;
  return noVolatility(excess < -BOUND_TOLERANCE * intrinsic ? 'below-intrinsic' : 'at-intrinsic', excess, 0);
}
