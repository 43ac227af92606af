/**
 * Implied volatility for one row, without branches: src/pricing/implied-standard-deviation.ts on the rational of tail-slope.ts.
 * First what the row asks, x = |ln(F/K)|, p = out-of-the-money value / min(F, K), and which of three solutions applies:
 *
 *   LOWER    p below its value at the inflection s = sqrt(2x): lower guess, step on 1/(ln p - constant), or on ln p next to the money
 *   MIDDLE   p < 1/2 above it: upper guess, step on ln p
 *   UPPER    p >= 1/2: upper guess, step on ln(1 - p)
 *
 * then s by one guess and one Householder step of fifth order. With B = M(z) - M(h + t) = sqrt(pi/2) s D, D from the tails,
 *
 *   ln p - ln p(s) = ln [2 p / (s D)] + z^2/2
 *
 * where both terms may reach 700 and cancel: what their rounding does to s is damped by B/s, which is 1/h^2 there.
 */
import {
  GUESS_LIMIT,
  inflectionValue,
  lowerPolynomial,
  QUARTER_PI,
  TWICE_INVERSE_ROOT_OF_LIMIT,
  upperPolynomial,
} from '../../implied-volatility-guess.js';
import { exponential, exponentialLessOne, logarithmOfRatio } from './elementary.js';
import { areModerate } from './lanes.js';
import { DENOMINATOR, DIFFERENCE, FAR, NEAR, TAIL_RESULTS, tails } from '../../../math/tail-slope.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const SQRT_TWO = 1.4142135623730951;
/** sqrt(pi/2): M = this / m. */
const MILLS = 1.2533141373155001;
/** Relative to the intrinsic value, and to the maximum: closer than this a price cannot be told from its bound. */
const BOUND_TOLERANCE = 4 * 2.220446049250313e-16;
const LEAST_VALUE = 1e-300;
/** 2^-40. */
const LEAST_SHORTFALL = 9.094947017729282e-13;
/** Next to the money ln p is the better objective than its reciprocal. */
const LEAST_RECIPROCAL = 0.1;

const tail = new Float64Array(TAIL_RESULTS);

/** Places of what {@link blackScholesQuestion} and its kin leave. */
export const LOG_MONEYNESS = 0;
export const FRACTION = 1;
/** One of the kinds below. */
export const KIND = 2;
export const QUESTION_RESULTS = 3;

/** Not for the formulas here: no solution, or a limit, or beyond the guesses. */
export const ASIDE = 0;
export const LOWER = 1;
export const MIDDLE = 2;
export const UPPER = 3;

/** For rows without a volatility that the formulas here may answer. */
export function isOrdinaryContract(underlying: number, strike: number, timeToExpiry: number, rate: number): boolean {
  return areModerate(underlying, strike, timeToExpiry) && Math.abs(rate * timeToExpiry) <= 50;
}

/** What a price of a spot option asks. */
export function blackScholesQuestion(
  results: Float64Array,
  omega: number,
  underlying: number,
  strike: number,
  timeToExpiry: number,
  price: number,
  rate: number,
  dividendYield: number,
): void {
  const carry = (rate - dividendYield) * timeToExpiry;
  const growth = underlying * exponentialLessOne(carry);
  const x = logarithmOfRatio(underlying, strike) + carry;
  const accumulated = price * exponential(rate * timeToExpiry);
  const isOrdinary = isOrdinaryContract(underlying, strike, timeToExpiry, rate) && Math.abs(carry) <= 50;
  const kind = question(results, omega, underlying, strike, growth, x, accumulated);
  results[KIND] = isOrdinary ? kind : ASIDE;
}

/** What a price of an option on a forward asks. */
export function black76Question(
  results: Float64Array,
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  price: number,
  rate: number,
): void {
  const x = logarithmOfRatio(forward, strike);
  const accumulated = price * exponential(rate * timeToExpiry);
  const isOrdinary = isOrdinaryContract(forward, strike, timeToExpiry, rate);
  const kind = question(results, omega, forward, strike, 0, x, accumulated);
  results[KIND] = isOrdinary ? kind : ASIDE;
}

/** From the undiscounted price; the forward is `underlying` + `growth`. */
export function question(
  results: Float64Array,
  omega: number,
  underlying: number,
  strike: number,
  growth: number,
  x: number,
  price: number,
): number {
  const forward = underlying + growth;
  const part = underlying - strike;
  const back = part - underlying;
  const error = underlying - (part - back) + (-strike - back);
  const exercise = omega * (part + growth);
  const isInTheMoney = exercise > 0;
  const intrinsic = isInTheMoney ? exercise : 0;
  const excess = isInTheMoney ? price - exercise - omega * error : price;
  const maximum = omega > 0 ? forward : strike;
  const size = Math.abs(x);
  const p = excess / (x > 0 ? strike : forward);
  results[LOG_MONEYNESS] = size;
  results[FRACTION] = p;
  const inflection = inflectionValue(Math.sqrt(size));
  const isSolvable =
    excess > BOUND_TOLERANCE * intrinsic &&
    maximum - price > BOUND_TOLERANCE * maximum &&
    p >= LEAST_VALUE &&
    1 - p >= LEAST_SHORTFALL &&
    size <= GUESS_LIMIT;
  const below = size >= 1e-12 ? LOWER : ASIDE;
  const above = p >= 1e-8 ? MIDDLE : ASIDE;
  const kind = p < inflection ? below : p < 0.5 ? above : UPPER;
  return isSolvable ? kind : ASIDE;
}

/** s from x and p below the inflection. */
export function lowerDeviation(x: number, p: number): number {
  const w = 2 * logarithmOfRatio(p + INVERSE_SQRT_TWO_PI * x, p);
  const rootOfW = Math.sqrt(w);
  const c = (rootOfW - 4) / (rootOfW + 4);
  const m = TWICE_INVERSE_ROOT_OF_LIMIT * Math.sqrt(x) - 1;
  // h = a/b and s = x b/a with one division.
  const a = w * lowerPolynomial(c, m);
  const b = Math.sqrt(4 + w);
  const perProduct = 1 / (a * b);
  const h = a * a * perProduct;
  const s = x * (b * b * perProduct);
  const t = 0.5 * s;
  const z = h - t;
  tails(z, h + t, s, h, tail);
  const difference = tail[DIFFERENCE]!;
  const denominator = tail[DENOMINATOR]!;
  const residual = logarithmOfRatio(2 * p * denominator, s * difference) + 0.5 * z * z;
  const target = -0.5 * w;
  const here = target - residual;
  const both = target * here;
  const top = MILLS * difference;
  const inverse = 1 / (top * denominator * both);
  const slope = denominator * denominator * both * inverse;
  const perSlope = top * top * both * inverse;
  const perBoth = top * denominator * inverse;
  const isReciprocal = w >= LEAST_RECIPROCAL;
  const q = isReciprocal ? slope * (target * perBoth) : 0;
  const newton = residual * perSlope * (isReciprocal ? here * here * perBoth : 1);
  return s + s * step(h, t, slope, newton, q);
}

/** s from x and p between the inflection and 1/2. */
export function middleDeviation(x: number, p: number): number {
  const s = upperGuess(x, p);
  const h = x / s;
  const t = 0.5 * s;
  const z = h - t;
  tails(z, h + t, s, h, tail);
  const difference = tail[DIFFERENCE]!;
  const denominator = tail[DENOMINATOR]!;
  const residual = logarithmOfRatio(2 * p * denominator, s * difference) + 0.5 * z * z;
  const top = MILLS * difference;
  const inverse = 1 / (top * denominator);
  const slope = denominator * denominator * inverse;
  return s + s * step(h, t, slope, residual * (top * top * inverse), 0);
}

/** s from x and p of 1/2 or more. */
export function upperDeviation(x: number, p: number): number {
  const s = upperGuess(x, p);
  const h = x / s;
  const t = 0.5 * s;
  const z = h - t;
  tails(-z, h + t, h + h, t, tail);
  const sum = tail[NEAR]! + tail[FAR]!;
  const denominator = tail[DENOMINATOR]!;
  const residual = logarithmOfRatio(2 * (1 - p) * denominator, sum) + 0.5 * z * z;
  const top = MILLS * sum;
  const bottom = s * denominator;
  const inverse = 1 / (top * bottom);
  return s + s * step(h, t, -(bottom * bottom * inverse), -(residual * (top * top * inverse)), 0);
}

function upperGuess(x: number, p: number): number {
  const root = Math.sqrt(x);
  const v = logarithmOfRatio(1 - inflectionValue(root), 1 - p);
  const u = v / Math.sqrt(1 + QUARTER_PI * v);
  return SQRT_TWO * root + u * upperPolynomial((u - 1) / (u + 1), TWICE_INVERSE_ROOT_OF_LIMIT * root - 1);
}

/** Householder's step of fifth order; the arguments are those of `householder` in src/pricing/implied-standard-deviation.ts. */
function step(h: number, t: number, slope: number, newton: number, q: number): number {
  const a = (h - t) * (h + t);
  const h2 = h * h;
  const a2 = a * a;
  const b = -3 * h2 - t * t;
  const p3 = a2 + b;
  const p4 = a * (a2 + 3 * b) + 12 * h2;
  const l2 = a - slope;
  const l3 = p3 - slope * (3 * a - 2 * slope);
  const l4 = p4 - slope * (4 * p3 + 3 * a2 - slope * (12 * a - 6 * slope));
  const f2 = l2 - 2 * q;
  const f3 = l3 - 6 * q * (l2 - q);
  const f4 = l4 - q * (8 * l3 + 6 * l2 * l2 - q * (36 * l2 - 24 * q));
  const c2 = 0.5 * f2 * newton;
  const c3 = f3 * newton * newton * 0.16666666666666666;
  const c4 = f4 * newton * newton * newton * 0.041666666666666664;
  const numerator = 1 + 2 * c2 + c3;
  return (newton * numerator) / (numerator + c2 * (1 + c2) + c3 + c4);
}
