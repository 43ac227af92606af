/**
 * Bachelier's value, Greeks and implied volatility for one row, without branches: src/pricing/bachelier.ts and
 * bachelier-implied-volatility.ts on the rational of tail-slope.ts. With d = |F - K|/v and a gap of 0 the difference of tails is
 * the derivative, so that
 *
 *   value out of the money = v phi(d) (1 - d M(d)) = v e^(-d^2/2)/2 (-1/m)'(d)
 *
 * Forward and strike may have any sign.
 */
import { guessPolynomial } from '../../bachelier-implied-volatility.js';
import { ASIDE, FRACTION, KIND, LOG_MONEYNESS, LOWER } from './black-implied.js';
import { exponential, logarithmOfRatio, scaledGaussian } from './elementary.js';
import {
  CHARM,
  COLOR,
  DELTA,
  DIVIDEND_RHO,
  DUAL_DELTA,
  DUAL_GAMMA,
  GAMMA,
  PRICE,
  RHO,
  SPEED,
  THETA,
  ULTIMA,
  VANNA,
  VEGA,
  VETA,
  VOLGA,
  ZOMMA,
} from './places.js';
import { DENOMINATOR, DIFFERENCE, NEAR, TAIL_RESULTS, tails } from '../../../math/tail-slope.js';

/** sqrt(2/pi). */
const DENSITY = 0.7978845608028654;
/** sqrt(pi/2). */
const MILLS = 1.2533141373155001;
const SQRT_TWO_PI = 2.5066282746310007;
const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const BOUND_TOLERANCE = 4 * 2.220446049250313e-16;
const LEAST_VALUE = 1e-300;

const tail = new Float64Array(TAIL_RESULTS);

/** For rows these formulas may compute. */
export function isOrdinaryBachelier(
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): boolean {
  return (
    isOrdinaryBachelierContract(forward, strike, timeToExpiry, rate) &&
    volatility >= 1e-30 &&
    volatility <= 1e30 &&
    Math.abs(forward - strike) <= 1e6 * volatility * Math.sqrt(timeToExpiry)
  );
}

function isOrdinaryBachelierContract(forward: number, strike: number, timeToExpiry: number, rate: number): boolean {
  return (
    Math.abs(forward) <= 1e30 &&
    Math.abs(strike) <= 1e30 &&
    timeToExpiry >= 1e-9 &&
    timeToExpiry <= 1e3 &&
    Math.abs(rate * timeToExpiry) <= 50
  );
}

/** The value. */
export function bachelierPrice(
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): number {
  const discountFactor = exponential(-rate * timeToExpiry);
  const v = volatility * Math.sqrt(timeToExpiry);
  const d = Math.abs((forward - strike) / v);
  tails(d, d, 0, d, tail);
  const exercise = omega * (forward - strike);
  const intrinsic = exercise > 0 ? discountFactor * exercise : 0;
  return intrinsic + v * (scaledGaussian(0.5 * discountFactor, d) * (tail[DIFFERENCE]! / tail[DENOMINATOR]!));
}

/** Value and derivatives. */
export function bachelierGreeks(
  results: Float64Array,
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): void {
  const discountFactor = exponential(-rate * timeToExpiry);
  const root = Math.sqrt(timeToExpiry);
  const v = volatility * root;
  const d = (forward - strike) / v;
  const size = Math.abs(d);
  tails(size, size, 0, size, tail);
  const exercise = omega * (forward - strike);
  const isInTheMoney = exercise > 0;
  const level = scaledGaussian(0.5 * discountFactor, size);
  const price = (isInTheMoney ? discountFactor * exercise : 0) + v * (level * (tail[DIFFERENCE]! / tail[DENOMINATOR]!));
  const out = level * (tail[NEAR]! / tail[DENOMINATOR]!);
  const delta = omega * (isInTheMoney ? discountFactor - out : out);
  results[PRICE] = price;
  results[DELTA] = delta;
  const n = level * DENSITY;
  const inverse = 1 / v;
  const gamma = n * inverse;
  const vega = n * root;
  const perVolatility = root * inverse;
  const perRoot = volatility * inverse;
  const perTwiceTime = 0.5 * perRoot * perRoot;
  results[GAMMA] = gamma;
  results[VEGA] = vega;
  results[THETA] = rate * price - vega * volatility * perTwiceTime;
  results[RHO] = -timeToExpiry * price;
  results[DIVIDEND_RHO] = 0;
  const square = d * d;
  results[VANNA] = -n * d * perVolatility;
  results[VOLGA] = vega * square * perVolatility;
  results[CHARM] = rate * delta + n * d * perTwiceTime;
  results[VETA] = vega * (rate - (1 + square) * perTwiceTime);
  results[SPEED] = -n * d * inverse * inverse;
  results[ZOMMA] = gamma * (square - 1) * perVolatility;
  results[COLOR] = gamma * (rate + (1 - square) * perTwiceTime);
  results[ULTIMA] = vega * square * (square - 3) * perVolatility * perVolatility;
  results[DUAL_DELTA] = -delta;
  results[DUAL_GAMMA] = gamma;
}

/** What a price asks: here |F - K| and the value out of the money themselves. */
export function bachelierQuestion(
  results: Float64Array,
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  price: number,
  rate: number,
): void {
  const accumulated = price * exponential(rate * timeToExpiry);
  const part = forward - strike;
  const back = part - forward;
  const error = forward - (part - back) + (-strike - back);
  const exercise = omega * part;
  const isInTheMoney = exercise > 0;
  const value = isInTheMoney ? accumulated - exercise - omega * error : accumulated;
  const distance = Math.abs(part);
  results[LOG_MONEYNESS] = distance;
  results[FRACTION] = value;
  const isSolvable =
    isOrdinaryBachelierContract(forward, strike, timeToExpiry, rate) &&
    value > (isInTheMoney ? BOUND_TOLERANCE * distance : 0) &&
    value >= LEAST_VALUE * distance &&
    value >= 1e-100 &&
    value <= 1e100 &&
    (value <= 1e9 * distance || distance === 0);
  results[KIND] = isSolvable ? LOWER : ASIDE;
}

/** v = sigma sqrt(T) from |F - K| and the value out of the money. */
export function bachelierDeviation(distance: number, value: number): number {
  const ratio = value / distance;
  const w = 2 * logarithmOfRatio(1 + INVERSE_SQRT_TWO_PI / ratio, 1);
  const rootOfW = Math.sqrt(w);
  const d = (w / Math.sqrt(4 + w)) * guessPolynomial((rootOfW - 4) / (rootOfW + 4));
  tails(d, d, 0, d, tail);
  const difference = tail[DIFFERENCE]! / tail[DENOMINATOR]!;
  const residual = logarithmOfRatio(2 * ratio * d, difference) + 0.5 * d * d;
  const target = -0.5 * w;
  const here = target - residual;
  const complement = MILLS * difference;
  const slope = -1 / complement;
  const square = d * d;
  const a = -(square + 2);
  const l2 = a - slope;
  const l3 = square * (square + 3) + 6 - slope * (3 * a - 2 * slope);
  const q = slope / here;
  const f2 = l2 - 2 * q;
  const f3 = l3 - 6 * q * (l2 - q);
  const newton = (-residual * complement * here) / target;
  const step = (newton * (1 + 0.5 * f2 * newton)) / (1 + newton * (f2 + f3 * newton * 0.16666666666666666));
  return distance > 0 ? distance / (d + d * step) : SQRT_TWO_PI * value;
}
