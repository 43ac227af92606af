/**
 * The lognormal value and its Greeks for one row, without branches: src/pricing/black.ts and black-greeks.ts on the rational of
 * tail-slope.ts. Notation as there, and
 *
 *   ratio = X/s,  h = |ratio|,  t = s/2,  z = h - t,  level = min(A,B) e^(-z^2/2) / 2
 *   value = level s (1/m(z) - 1/m(h + t))/s,  or  min(A,B) - level [1/m(-z) + 1/m(h + t)]  for z < -0.69
 *   w = A n(d1) = level sqrt(8/pi) / 2
 *
 * A - B is never a difference of rounded legs: U - K, exact next to the money, plus U (e^((r-q)T) - 1), all times e^(-rT).
 * `omega` is 1 for a call and -1 for a put; the other arguments are those of {@link isOrdinary}.
 */
import { exponential, exponentialLessOne, logarithmOfRatio, scaledGaussian } from './elementary.js';
import { areModerate } from './lanes.js';
import {
  PRICE,
  DELTA,
  GAMMA,
  VEGA,
  THETA,
  RHO,
  DIVIDEND_RHO,
  VANNA,
  VOLGA,
  CHARM,
  VETA,
  SPEED,
  ZOMMA,
  COLOR,
  ULTIMA,
  DUAL_DELTA,
  DUAL_GAMMA,
  UNDERLYING_PART,
  STRIKE_PART,
  DENSITY_PART,
} from './places.js';
import { DENOMINATOR, DIFFERENCE, FAR, NEAR, TAIL_RESULTS, tails } from '../../../math/tail-slope.js';

/** sqrt(2/pi): what level is multiplied with to give w. */
const DENSITY = 0.7978845608028654;
/** Below this z the value is formed from its shortfall. At every z above, the value is less than 0.52 min(A,B). */
export const SATURATION = -0.69;

const tail = new Float64Array(TAIL_RESULTS);

/**
 * For rows whose price and Greeks the formulas of this folder may compute: everything moderate, no limit concerned. The powers of
 * h and s in them then stay far inside the range of doubles.
 */
export function isOrdinary(
  underlying: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
  dividendYield: number,
): boolean {
  return (
    isOrdinaryForward(underlying, strike, timeToExpiry, volatility, rate) &&
    Math.abs(dividendYield * timeToExpiry) <= 50
  );
}

/** The same where there is one rate. */
export function isOrdinaryForward(
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): boolean {
  const s = volatility * Math.sqrt(timeToExpiry);
  return areModerate(forward, strike, timeToExpiry) && s >= 1e-9 && s <= 100 && Math.abs(rate * timeToExpiry) <= 50;
}

/** The value of a spot option. */
export function blackScholesPrice(
  omega: number,
  underlying: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
  dividendYield: number,
): number {
  const carry = (rate - dividendYield) * timeToExpiry;
  const growth = underlying * exponentialLessOne(carry);
  const discountFactor = exponential(-rate * timeToExpiry);
  return lognormalPrice(
    omega,
    logarithmOfRatio(underlying, strike) + carry,
    volatility * Math.sqrt(timeToExpiry),
    discountFactor * (underlying + growth),
    discountFactor * strike,
    discountFactor * (underlying - strike + growth),
  );
}

/** The value of an option on a forward. */
export function black76Price(
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): number {
  const discountFactor = exponential(-rate * timeToExpiry);
  return lognormalPrice(
    omega,
    logarithmOfRatio(forward, strike),
    volatility * Math.sqrt(timeToExpiry),
    discountFactor * forward,
    discountFactor * strike,
    discountFactor * (forward - strike),
  );
}

/** The value from X, s, A, B and A - B. */
export function lognormalPrice(omega: number, x: number, s: number, a: number, b: number, difference: number): number {
  const h = Math.abs(x / s);
  const t = 0.5 * s;
  const smaller = a < b ? a : b;
  return intrinsic(omega, difference) + outOfTheMoney(smaller, scaledGaussian(0.5 * smaller, h - t), h, t, s);
}

function intrinsic(omega: number, difference: number): number {
  const exercise = omega * difference;
  return exercise > 0 ? exercise : 0;
}

/** Leaves 1/m of the two ends in `tail`. */
function outOfTheMoney(smaller: number, level: number, h: number, t: number, s: number): number {
  const z = h - t;
  const saturated = z < SATURATION;
  tails(saturated ? -z : z, h + t, saturated ? h + h : s, saturated ? t : h, tail);
  const inverse = 1 / tail[DENOMINATOR]!;
  const nearTail = tail[NEAR]! * inverse;
  const farTail = tail[FAR]! * inverse;
  const out = level * (s * (tail[DIFFERENCE]! * inverse));
  tail[NEAR] = nearTail;
  tail[FAR] = farTail;
  return saturated ? smaller - level * (nearTail + farTail) : out;
}

/** Value and derivatives of a spot option. */
export function blackScholesGreeks(
  results: Float64Array,
  omega: number,
  underlying: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
  dividendYield: number,
): void {
  const carry = (rate - dividendYield) * timeToExpiry;
  const growth = underlying * exponentialLessOne(carry);
  const discountFactor = exponential(-rate * timeToExpiry);
  const a = discountFactor * (underlying + growth);
  const b = discountFactor * strike;
  const x = logarithmOfRatio(underlying, strike) + carry;
  const difference = discountFactor * (underlying - strike + growth);
  legs(results, omega, x, volatility * Math.sqrt(timeToExpiry), a, b, difference);
  results[THETA] = dividendYield * results[UNDERLYING_PART]! - rate * results[STRIKE_PART]!;
  results[RHO] = timeToExpiry * results[STRIKE_PART]!;
  results[DIVIDEND_RHO] = -timeToExpiry * results[UNDERLYING_PART]!;
  derivatives(results, underlying, strike, timeToExpiry, volatility, dividendYield, carry, x);
}

/** Value and derivatives of an option on a forward, at constant r: rho = -T V. */
export function black76Greeks(
  results: Float64Array,
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): void {
  const discountFactor = exponential(-rate * timeToExpiry);
  const a = discountFactor * forward;
  const b = discountFactor * strike;
  const x = logarithmOfRatio(forward, strike);
  const difference = discountFactor * (forward - strike);
  legs(results, omega, x, volatility * Math.sqrt(timeToExpiry), a, b, difference);
  // With one rate, q A N(d1) - r B N(d2) is that rate times the value, without the difference.
  results[THETA] = rate * results[PRICE]!;
  results[RHO] = -timeToExpiry * results[PRICE]!;
  results[DIVIDEND_RHO] = 0;
  derivatives(results, forward, strike, timeToExpiry, volatility, rate, 0, x);
}

/** Value, signed legs and w. */
export function legs(
  results: Float64Array,
  omega: number,
  x: number,
  s: number,
  a: number,
  b: number,
  difference: number,
): void {
  const h = Math.abs(x / s);
  const t = 0.5 * s;
  const above = x > 0;
  const smaller = a < b ? a : b;
  const larger = above ? a : b;
  const level = scaledGaussian(0.5 * smaller, h - t);
  results[PRICE] = intrinsic(omega, difference) + outOfTheMoney(smaller, level, h, t, s);
  // far = max(A,B) Phi(-h - t), near = min(A,B) Phi(-|z|) or, while not saturated, min(A,B) Phi(-z).
  const far = level * tail[FAR]!;
  const near = level * tail[NEAR]!;
  const rest = smaller - near;
  const saturated = h - t < SATURATION;
  const out = saturated ? rest : near;
  const inside = saturated ? near : rest;
  const isCall = omega > 0;
  // The smaller leg is the strike's where x > 0: then a call counts what is inside, and all but `far` of the larger one.
  const least = above === isCall ? inside : out;
  const most = above === isCall ? larger - far : far;
  results[UNDERLYING_PART] = omega * (above ? most : least);
  results[STRIKE_PART] = omega * (above ? least : most);
  results[DENSITY_PART] = level * DENSITY;
}

/** The derivatives from what {@link legs} left; theta must hold what is carried. */
export function derivatives(
  results: Float64Array,
  underlying: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  dividendYield: number,
  carry: number,
  x: number,
): void {
  const q = dividendYield;
  const w = results[DENSITY_PART]!;
  const root = Math.sqrt(timeToExpiry);
  const s = volatility * root;
  const ratio = x / s;
  const t = 0.5 * s;
  const inverse = 1 / (s * underlying * strike);
  const perDeviation = inverse * (underlying * strike);
  const perUnderlying = inverse * (s * strike);
  const perStrike = inverse * (s * underlying);
  const perRoot = volatility * perDeviation;
  const density = w * perUnderlying;
  const gamma = density * perUnderlying * perDeviation;
  const vega = w * root;
  const delta = results[UNDERLYING_PART]! * perUnderlying;
  results[DELTA] = delta;
  results[GAMMA] = gamma;
  results[VEGA] = vega;
  results[THETA] = results[THETA]! - 0.5 * w * volatility * perRoot;

  const perVolatility = root * perDeviation;
  const perTwiceTime = 0.5 * perRoot * perRoot;
  const d1 = ratio + t;
  const d2 = ratio - t;
  const product = d1 * d2;
  // dd1/dT = (r - q)/s - d2/(2T) = pull/(2T).
  const pull = (2 * carry - x) * perDeviation + t;
  const d1PerVolatility = d1 * perVolatility;
  const d2PerVolatility = d2 * perVolatility;
  results[VANNA] = -density * d2PerVolatility;
  results[VOLGA] = vega * d1 * d2PerVolatility;
  results[CHARM] = q * delta - density * pull * perTwiceTime;
  results[VETA] = w * (q * root + (d1 * pull - 1) * 0.5 * perRoot);
  results[SPEED] = -gamma * (d1 * perDeviation + 1) * perUnderlying;
  results[ZOMMA] = gamma * (product - 1) * perVolatility;
  results[COLOR] = gamma * (q + (d1 * pull + 1) * perTwiceTime);
  results[ULTIMA] = -vega * (d1PerVolatility * (d2 * (1 - product) + d1) + d2PerVolatility * d2) * perVolatility;
  results[DUAL_DELTA] = -results[STRIKE_PART]! * perStrike;
  results[DUAL_GAMMA] = w * perStrike * perStrike * perDeviation;
}
