/**
 * The volatility at which the Black model gives a price, with the price's own error bar on it.
 *
 *   x = |ln(F/K)|,  p = (price - intrinsic) / min(F, K),  s = sigma sqrt(T) from (x, p), sigma = s / sqrt(T)
 *   dsigma/dprice = 1 / (min(F, K) phi(h - t) sqrt T),  d2sigma/dprice2 = -a / (min(F, K)^2 phi(h - t)^2 s sqrt T)
 *   h = x/s,  t = s/2,  a = h^2 - t^2 = d1 d2
 *
 * The same with the discounted legs A and B in the place of F and K, which scales prices, derivatives and distances. Between its
 * bounds a price says only its excess over A - B, so that difference must have more digits than the legs: it is given as a pair.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { exactSum, type DoubleDouble } from '../math/double-double.js';
import { logRatio } from '../math/logarithm.js';
import { normalPdf } from '../math/normal.js';
import { ulp } from '../math/ulp.js';
import { impliedStandardDeviation } from './implied-standard-deviation.js';
import type { ImpliedVolatility } from './implied-volatility.js';
import type { OptionType } from './option.js';
import { BOUND_TOLERANCE, LEAST_SHORTFALL, LEAST_VALUE, lowerFailure, noVolatility } from './price-bounds.js';

/**
 * The volatility per square root of a year of an undiscounted price.
 *
 * Fails with `expired` at T = 0; `below-intrinsic` under the intrinsic value (so does a negative price: a quote moved across
 * put-call parity may well be one) and `at-intrinsic` within 4 x 2^-52 of it (a price of 0 is at an intrinsic value of 0);
 * `above-maximum` from F for a call, K for a put; `beyond-precision` where the out-of-the-money value is below 1e-300 min(F, K)
 * (bound 0) or within 2^-40 min(F, K) of the maximum (bound Infinity), or the volatility is no double. `distance` is the price
 * less the bound concerned, `bound` the volatility it points at.
 *
 * Otherwise |dsigma/sigma| is at most 8 x 2^-53 (1 + b/(s b')) for the price as given, plus a rounding of sqrt(T). `resolution` is
 * what half an ulp of the price itself is worth; for an option in the money it dominates. The derivatives are 0 or Infinity in
 * size where they leave the range of doubles.
 *
 * Throws an InputError where `forward` or `strike` is not a finite number above 0, `timeToExpiry` not a finite number of 0 or more,
 * `price` not a finite number, or `type` neither call nor put.
 */
export function blackImpliedVolatility(
  forward: number,
  strike: number,
  timeToExpiry: number,
  type: OptionType,
  undiscountedPrice: number,
): ImpliedVolatility {
  requirePositive('forward', forward);
  requirePositive('strike', strike);
  requireNonNegative('timeToExpiry', timeToExpiry);
  const isCall = requireOneOf('type', type, ['call', 'put']) === 'call';
  const price = requireFinite('price', undiscountedPrice);

  const x = Math.abs(logRatio(forward, strike));
  return solve(isCall, forward, strike, exactSum(forward, -strike), x, timeToExpiry, price);
}

/**
 * The same from discounted legs: `price` is discounted too, `difference` is A - B to more digits than a double's and `x` is
 * |ln(A/B)|. Nothing is checked: both legs are finite numbers above 0, and the price is finite.
 */
export function solve(
  isCall: boolean,
  a: number,
  b: number,
  difference: DoubleDouble,
  x: number,
  timeToExpiry: number,
  price: number,
): ImpliedVolatility {
  const maximum = isCall ? a : b;
  const smaller = a < b ? a : b;
  const omega = isCall ? 1 : -1;
  const intrinsic = omega * difference.high > 0 ? Math.abs(difference.high) : 0;
  const excess = intrinsic === 0 ? price : price - intrinsic - omega * difference.low;
  const failure = lowerFailure(excess, intrinsic, timeToExpiry);
  if (failure !== undefined) return failure;
  if (price >= maximum) return noVolatility('above-maximum', price - maximum, Infinity);
  const p = excess / smaller;
  if (p < LEAST_VALUE) return noVolatility('beyond-precision', excess, 0);
  if (1 - p < LEAST_SHORTFALL || maximum - price <= BOUND_TOLERANCE * maximum) {
    return noVolatility('beyond-precision', price - maximum, Infinity);
  }

  const s = impliedStandardDeviation(x, p);
  const rootOfTime = Math.sqrt(timeToExpiry);
  const volatility = s / rootOfTime;
  if (volatility === 0) return noVolatility('beyond-precision', excess, 0);

  const h = x / s;
  const t = 0.5 * s;
  const density = normalPdf(h - t);
  const first = 1 / density / smaller / rootOfTime;
  const bend = ((h - t) * (h + t)) / s;
  return {
    ok: true,
    volatility,
    dVolatilityDPrice: first,
    d2VolatilityDPrice2: -bend / density / density / smaller / smaller / rootOfTime,
    resolution: 0.5 * (ulp(price) * first),
  };
}
