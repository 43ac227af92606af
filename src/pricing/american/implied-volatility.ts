/**
 * The volatility at which an American option is worth a price: V(sigma) = price, V increasing from the value on a known path (which
 * is the intrinsic value where exercise pays at once, up to some volatility) to the value at infinite volatility.
 *
 * The European volatility of the price is an upper bound and mostly close: secant steps begin there, kept inside a bracket.
 *   dsigma/dprice = 1/vega,   d2sigma/dprice2 = -volga/vega^3
 * Vega is that of the engine; volga by Hermite interpolation of value and vega at a second volatility half a per cent away.
 */
import { requireFinite } from '../../check.js';
import { brent } from '../../math/brent.js';
import { ulp } from '../../math/ulp.js';
import { blackScholes } from '../black-scholes.js';
import type { ImpliedVolatility } from '../implied-volatility.js';
import { BOUND_TOLERANCE, LEAST_SHORTFALL, LEAST_VALUE, noVolatility } from '../price-bounds.js';
import { exerciseRegion } from './canonical-put.js';
import type { Accuracy } from './put-edges.js';
import { certainValue, putOf, type AmericanTerms } from './terms.js';
import { americanGreeks, americanValue, greatestValue } from './value.js';

const MAXIMUM_STEPS = 200;
/** Relative, in volatility, between the last two steps; what is left is of a higher order. */
const LAST_STEP = 1e-9;
const VOLGA_STEP = 5e-3;
/** A volatility higher by this share that raises the price by that share is told by a double. */
const CLEAR_STEP = 1e-3;
const CLEAR_RISE = 1e-8;
/** Standard deviations at which a share with cash dividends counts as boundless. */
const LARGEST_DEVIATION = 12;

/** The volatility with its derivatives and resolution, or why there is none. */
export function americanImpliedVolatility(terms: AmericanTerms, price: number, accuracy: Accuracy): ImpliedVolatility {
  requireFinite('price', price);
  const found = solveVolatility(terms, price, accuracy);
  return typeof found === 'number' ? report(terms, price, found, accuracy) : found;
}

/** The volatility alone, the same number, or why there is none; `price` finite. A third of the work less. */
export function americanVolatility(
  terms: AmericanTerms,
  price: number,
  accuracy: Accuracy,
): number | ImpliedVolatility {
  const found = solveVolatility(terms, price, accuracy);
  if (typeof found !== 'number') return found;
  const above = americanValue({ ...terms, volatility: (1 + CLEAR_STEP) * found }, accuracy);
  // Far above what an ulp of the price could be worth, vega need not be known.
  return above - price > CLEAR_RISE * price ? found : report(terms, price, found, accuracy);
}

/** A number where report() has still to say whether a double tells it. */
function solveVolatility(terms: AmericanTerms, price: number, accuracy: Accuracy): number | ImpliedVolatility {
  const { timeToExpiry, strike, dividends, isCall, rate, dividendYield, spot } = terms;
  const least = certainValue(terms).value;
  const excess = price - least;
  if (timeToExpiry === 0) return noVolatility('expired', excess, excess > BOUND_TOLERANCE * least ? Infinity : 0);
  const type = isCall ? 'call' : 'put';
  if (dividends === undefined && strike > 0) {
    const put = putOf(terms);
    if (exerciseRegion(put.rate, put.dividendYield, timeToExpiry) === 'never') {
      return blackScholes.impliedVolatility({ type, spot, strike, timeToExpiry, rate, dividendYield }, price);
    }
  }
  if (!(excess > BOUND_TOLERANCE * least)) {
    return noVolatility(excess < -BOUND_TOLERANCE * least ? 'below-intrinsic' : 'at-intrinsic', excess, 0);
  }
  const scale = Math.min(spot, strike);
  if (price < LEAST_VALUE * scale) return noVolatility('beyond-precision', excess, 0);
  const greatest = dividends === undefined ? greatestValue(terms) : Infinity;
  if (price >= greatest) return noVolatility('above-maximum', price - greatest, Infinity);
  if (greatest - price < LEAST_SHORTFALL * greatest) {
    return noVolatility('beyond-precision', price - greatest, Infinity);
  }
  return dividends === undefined ? bySecant(terms, price, accuracy) : byDifferences(terms, price, accuracy);
}

/** Value, and the first step's slope: vega of the European option. */
function bySecant(terms: AmericanTerms, price: number, accuracy: Accuracy): number | ImpliedVolatility {
  const { isCall, spot, strike, timeToExpiry, rate, dividendYield } = terms;
  const type = isCall ? 'call' : 'put';
  const european = blackScholes.impliedVolatility({ type, spot, strike, timeToExpiry, rate, dividendYield }, price);
  const root = Math.sqrt(timeToExpiry);
  let lower = 0;
  let upper = Infinity;
  let x = european.ok ? european.volatility : 0.3 / root;
  let before = NaN;
  let errorBefore = NaN;
  let width = Infinity;
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    const error = americanValue({ ...terms, volatility: x }, accuracy) - price;
    if (error === 0) return x;
    if (error < 0) lower = x;
    else upper = x;
    const secant = (error - errorBefore) / (x - before);
    const slope = step === 0 ? europeanVega(terms, x) : secant;
    let next = x - error / slope;
    if (Math.abs(next - x) <= LAST_STEP * x) return next;
    const stuck = step % 4 === 3 && upper - lower > 0.5 * width;
    if (step % 4 === 3) width = upper - lower;
    if (stuck || !(next > lower && next < upper) || (upper === Infinity && next > 4 * x))
      next = inside(lower, upper, x);
    if (upper < Infinity && upper - lower <= 4e-16 * upper) return next;
    if (upper === Infinity && x * root > 60) return noVolatility('beyond-precision', error, Infinity);
    if (lower === 0 && x < 1e-300) return noVolatility('beyond-precision', error, 0);
    before = x;
    errorBefore = error;
    x = next;
  }
  return x;
}

function inside(lower: number, upper: number, x: number): number {
  if (upper === Infinity) return 2 * x;
  return lower === 0 ? 0.5 * x : 0.5 * (lower + upper);
}

function europeanVega(terms: AmericanTerms, volatility: number): number {
  const { isCall, spot, strike, timeToExpiry, rate, dividendYield } = terms;
  const type = isCall ? 'call' : 'put';
  return blackScholes.greeks({ type, spot, strike, timeToExpiry, volatility, rate, dividendYield }).vega;
}

function byDifferences(terms: AmericanTerms, price: number, accuracy: Accuracy): number | ImpliedVolatility {
  const root = Math.sqrt(terms.timeToExpiry);
  const error = (volatility: number): number => americanValue({ ...terms, volatility }, accuracy) - price;
  let lower = 0;
  let atLower = certainValue(terms).value - price;
  let upper = 0.3 / root;
  let atUpper = error(upper);
  while (atUpper < 0) {
    if (upper * root > LARGEST_DEVIATION) return noVolatility('above-maximum', -atUpper, Infinity);
    lower = upper;
    atLower = atUpper;
    upper *= 2;
    atUpper = error(upper);
  }
  return brent(error, lower, upper, { atLower, atUpper, tolerance: 1e-9 * upper });
}

/** The record at a volatility found: derivatives, and what half an ulp of the price is worth. */
function report(terms: AmericanTerms, price: number, volatility: number, accuracy: Accuracy): ImpliedVolatility {
  const here = americanGreeks({ ...terms, volatility }, accuracy);
  const resolution = (0.5 * ulp(price)) / here.vega;
  if (!(resolution < volatility)) return noVolatility('beyond-precision', price - certainValue(terms).value, 0);
  const step = VOLGA_STEP * volatility;
  const there = americanGreeks({ ...terms, volatility: volatility + step }, accuracy);
  // f'' from two values and two slopes: exact for cubics but for the step squared.
  const byValues = (2 * (there.price - here.price - step * here.vega)) / (step * step);
  const bySlopes = (there.vega - here.vega) / step;
  const volga = 3 * byValues - 2 * bySlopes;
  return {
    ok: true,
    volatility,
    dVolatilityDPrice: 1 / here.vega,
    d2VolatilityDPrice2: -volga / (here.vega * here.vega * here.vega),
    resolution,
  };
}
