/**
 * The volatility at which the Black model gives a price, with the price's own error bar on it.
 *
 *   x = |ln(F/K)|,  p = (price - intrinsic) / min(F, K),  s = sigma sqrt(T) from (x, p), sigma = s / sqrt(T)
 *   dsigma/dprice = 1 / (min(F, K) phi(h - t) sqrt T),  d2sigma/dprice2 = -a / (min(F, K)^2 phi(h - t)^2 s sqrt T)
 *   h = x/s,  t = s/2,  a = h^2 - t^2 = d1 d2
 *
 * The same with the discounted legs A and B in the place of F and K, which scales prices, derivatives and distances. In the money a
 * price says only its excess over |A - B|, so that difference must have more digits than the legs: it is given as a pair. Out of the
 * money its sign is enough.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { dividePair, exactSum, scalePair } from '../math/double-double.js';
import { logRatio } from '../math/logarithm.js';
import { normalPdf } from '../math/normal.js';
import { ulp } from '../math/ulp.js';
import { impliedStandardDeviation } from './implied-standard-deviation.js';
import { discountImpliedVolatility } from './discounting.js';
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
  const difference = exactSum(forward, -strike);
  return solve(isCall, forward, strike, difference.high, difference.low, x, timeToExpiry, price);
}

/** Within these sizes products of legs are exact as pairs. */
const SMALLEST_LEG = 1e-200;
const LARGEST_LEG = 1e200;

/** Whether a leg, or what it is made of, can enter the arithmetic of pairs. */
export function isModerateLeg(size: number): boolean {
  return size > SMALLEST_LEG && size < LARGEST_LEG;
}

/**
 * The same from V = factor Black(F, K), or in units of the underlying V = factor Black(F, K)/F; derivatives, distances and
 * resolution are those of V. The price is not taken back to Black's, which would round it. Throws as
 * {@link blackImpliedVolatility} does; `factor` is a finite number above 0.
 */
export function scaledImpliedVolatility(
  forward: number,
  strike: number,
  timeToExpiry: number,
  type: OptionType,
  factor: number,
  unit: 'cash' | 'underlying',
  price: number,
): ImpliedVolatility {
  const inCash = unit === 'cash';
  if (factor === 1 && inCash) return blackImpliedVolatility(forward, strike, timeToExpiry, type, price);
  requirePositive('forward', forward);
  requirePositive('strike', strike);
  requireNonNegative('timeToExpiry', timeToExpiry);
  const isCall = requireOneOf('type', type, ['call', 'put']) === 'call';
  requireFinite('price', price);
  const a = inCash ? factor * forward : factor;
  const b = inCash ? factor * strike : factor * (strike / forward);
  if (!(isModerateLeg(forward) && isModerateLeg(strike) && isModerateLeg(a) && isModerateLeg(b))) {
    const scale = inCash ? factor : factor / forward;
    const unscaled = inCash ? price / factor : (price / factor) * forward;
    return discountImpliedVolatility(
      blackImpliedVolatility(forward, strike, timeToExpiry, type, unscaled),
      scale,
      price,
    );
  }
  const x = Math.abs(logRatio(forward, strike));
  if (isCall ? forward <= strike : forward >= strike) {
    return solve(isCall, a, b, forward - strike, 0, x, timeToExpiry, price);
  }
  const exact = exactSum(forward, -strike);
  const difference = scalePair(inCash ? exact : dividePair(exact, forward), factor);
  return solve(isCall, a, b, difference.high, difference.low, x, timeToExpiry, price);
}

/**
 * The same from discounted legs: `price` is discounted too, `difference` + `rest` is A - B to more digits than a double's, of which
 * only the sign is read out of the money, and `x` is |ln(A/B)|. Nothing is checked: both legs are finite numbers above 0, and the
 * price is finite.
 */
export function solve(
  isCall: boolean,
  a: number,
  b: number,
  difference: number,
  rest: number,
  x: number,
  timeToExpiry: number,
  price: number,
): ImpliedVolatility {
  const maximum = isCall ? a : b;
  const smaller = a < b ? a : b;
  const omega = isCall ? 1 : -1;
  const intrinsic = omega * difference > 0 ? Math.abs(difference) : 0;
  const excess = intrinsic === 0 ? price : price - intrinsic - omega * rest;
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
