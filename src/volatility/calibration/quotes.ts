/**
 * A slice as the residuals of a fit see it, whatever the model: targets, errors, bounds and the space they are measured in.
 *
 *   two-sided   r = (y(w) - y_i) / e_i
 *   bound only  r = how far y(w) is outside [y_bid, y_ask], over e_i; 0 inside
 *
 * y is volatility, total variance, or the undiscounted out-of-the-money price per unit of forward; e_i is the standard
 * deviation of the quote carried into that space to first order. Weights: 'spread' takes each quote's own standard deviation,
 * 'equal' the median of them for all, 'vega' one proportional to 1 / vega with the same median.
 */
import { requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import { exp } from '../../math/exponential.js';
import type { Loss } from '../../math/least-squares/problem.js';
import { normalPdf } from '../../math/normal.js';
import { outOfTheMoneyFraction } from '../../pricing/black.js';
import type { FitOptions } from './fit.js';

export type Space = 'volatility' | 'variance' | 'price';

export interface FitQuotes {
  /** Number of quotes, bounds included, in the order of the slice. */
  count: number;
  /** Number of quotes with a target. */
  targets: number;
  time: number;
  space: Space;
  loss: Loss;
  /** Whether every quote has a target, the space is volatility and the loss is l2. */
  plain: boolean;
  k: Float64Array;
  /** Target volatility; NaN for a quote that is only a bound. */
  volatility: Float64Array;
  /** Standard deviation of the volatility after weighting. */
  deviation: Float64Array;
  /** Target in the space of the fit, or NaN. */
  target: Float64Array;
  /** 1 / e_i in the space of the fit. */
  inverseError: Float64Array;
  /** Bid and ask in the space of the fit. */
  low: Float64Array;
  high: Float64Array;
  /** Half-spread over e_i: the dead zone of the loss of that name. */
  deadzone: Float64Array;
}

const LOSSES: readonly Loss[] = ['l2', 'huber', 'cauchy', 'spread-deadzone'];

/** Arrays to write the quotes into, at least as long as there are quotes; what they held before is lost. */
export interface QuotePool {
  k: Float64Array;
  volatility: Float64Array;
  deviation: Float64Array;
  inverseError: Float64Array;
}

export function quotePool(length: number): QuotePool {
  return {
    k: new Float64Array(length),
    volatility: new Float64Array(length),
    deviation: new Float64Array(length),
    inverseError: new Float64Array(length),
  };
}

/**
 * Checks a slice and the options that shape its residuals. Throws InputError on either. The arrays may be longer than `count`
 * where they come from a pool.
 */
export function fitQuotes(slice: SliceInput, options: FitOptions, pool?: QuotePool): FitQuotes {
  const count = slice.logMoneyness.length;
  const time = slice.timeToExpiry;
  if (!(time > 0) || time === Infinity) throw new InputError('timeToExpiry', time, 'a finite number above 0');
  const space = options.space === undefined ? 'volatility' : requireOneOf('space', options.space, SPACES);
  const loss = options.loss === undefined ? 'l2' : requireOneOf('loss', options.loss, LOSSES);
  const weights = options.weights === undefined ? 'spread' : requireOneOf('weights', options.weights, WEIGHTS);
  for (const field of ['volatility', 'standardDeviation', 'volatilityBid', 'volatilityAsk', 'instrument'] as const) {
    if (slice[field].length !== count) throw new InputError(field, slice[field], `as long as logMoneyness, ${count}`);
  }
  const { k, volatility, deviation, inverseError } = pool ?? quotePool(count);
  let targets = 0;
  for (let i = 0; i < count; i++) {
    const moneyness = slice.logMoneyness[i]!;
    const value = slice.volatility[i]!;
    const error = slice.standardDeviation[i]!;
    if (!Number.isFinite(moneyness)) throw new InputError(`logMoneyness[${i}]`, moneyness, 'a finite number');
    if (value === value) {
      targets++;
      if (!(value > 0) || value === Infinity) {
        throw new InputError(`volatility[${i}]`, value, 'above 0, or NaN for a quote that is only a bound');
      }
      if (!(error > 0) || error === Infinity) throw new InputError(`standardDeviation[${i}]`, error, 'above 0');
    } else requireBounds(slice, i);
    k[i] = moneyness;
    volatility[i] = value;
    deviation[i] = error;
  }
  if (weights !== 'spread' || targets < count) weigh(count, k, volatility, deviation, time, weights, slice);

  const plain = targets === count && space === 'volatility' && loss === 'l2';
  if (plain) {
    for (let i = 0; i < count; i++) inverseError[i] = 1 / deviation[i]!;
    return {
      count,
      targets,
      time,
      space,
      loss,
      plain,
      k,
      volatility,
      deviation,
      target: volatility,
      inverseError,
      low: EMPTY,
      high: EMPTY,
      deadzone: EMPTY,
    };
  }
  const target = new Float64Array(count);
  const low = new Float64Array(count);
  const high = new Float64Array(count);
  const deadzone = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const bid = slice.volatilityBid[i]!;
    const ask = slice.volatilityAsk[i]!;
    const value = volatility[i]!;
    target[i] = value === value ? inSpace(space, k[i]!, value, time) : NaN;
    low[i] = bid > 0 ? inSpace(space, k[i]!, bid, time) : -Infinity;
    high[i] = ask < Infinity ? inSpace(space, k[i]!, ask, time) : Infinity;
    const at = value === value ? value : bid > 0 ? bid : ask;
    inverseError[i] = 1 / (deviation[i]! * spaceSlope(space, k[i]!, at, time));
    const half = (ask - bid) / 2;
    deadzone[i] = half > 0 && half < Infinity ? half / deviation[i]! : 0;
  }
  return {
    count,
    targets,
    time,
    space,
    loss,
    plain,
    k,
    volatility,
    deviation,
    target,
    inverseError,
    low,
    high,
    deadzone,
  };
}

const SPACES: readonly Space[] = ['volatility', 'variance', 'price'];
const WEIGHTS = ['spread', 'equal', 'vega'] as const;
const EMPTY = new Float64Array(0);

/** y(volatility): the quote in the space of the fit. */
export function inSpace(space: Space, k: number, volatility: number, time: number): number {
  if (space === 'volatility') return volatility;
  if (space === 'variance') return volatility * volatility * time;
  return otmPrice(k, volatility * Math.sqrt(time));
}

/** dy/dvolatility. */
export function spaceSlope(space: Space, k: number, volatility: number, time: number): number {
  if (space === 'volatility') return 1;
  if (space === 'variance') return 2 * volatility * time;
  return vega(k, volatility, time);
}

/** Undiscounted out-of-the-money value per unit of forward. */
export function otmPrice(k: number, deviation: number): number {
  return (k < 0 ? exp(k) : 1) * outOfTheMoneyFraction(Math.abs(k), deviation);
}

/** dPrice/dvolatility per unit of forward: n(d1) sqrt T. */
export function vega(k: number, volatility: number, time: number): number {
  const s = volatility * Math.sqrt(time);
  return normalPdf(s / 2 - k / s) * Math.sqrt(time);
}

function requireBounds(slice: SliceInput, i: number): void {
  const bid = slice.volatilityBid[i]!;
  const ask = slice.volatilityAsk[i]!;
  if (!(bid >= 0) || bid === Infinity) throw new InputError(`volatilityBid[${i}]`, bid, '0 or more');
  if (!(ask > 0 && ask >= bid)) throw new InputError(`volatilityAsk[${i}]`, ask, 'above 0 and not below the bid');
}

/** Replaces the standard deviations by those of the weighting; a bound without one of its own gets the median. */
function weigh(
  count: number,
  k: Float64Array,
  volatility: Float64Array,
  deviation: Float64Array,
  time: number,
  weights: (typeof WEIGHTS)[number],
  slice: SliceInput,
): void {
  const places = Array.from({ length: count }, (_, i) => i);
  const withTarget = places.filter((i) => volatility[i] === volatility[i]);
  const typical = median(withTarget.map((i) => deviation[i]!));
  if (weights === 'vega') {
    const inverse = places.map((i) => {
      const bid = slice.volatilityBid[i]!;
      const at = volatility[i] === volatility[i] ? volatility[i]! : bid > 0 ? bid : slice.volatilityAsk[i]!;
      // Where vega vanishes so does the weight, but not to a zero that would divide.
      return 1 / Math.max(vega(k[i]!, at === Infinity ? 1 : at, time), 1e-12);
    });
    const factor = typical / median(withTarget.map((i) => inverse[i]!));
    inverse.forEach((value, i) => (deviation[i] = factor * value));
    return;
  }
  for (let i = 0; i < count; i++) {
    const own = deviation[i]!;
    if (weights === 'equal' || !(own > 0 && own < Infinity)) deviation[i] = typical;
  }
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
