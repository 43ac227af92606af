/**
 * A slice as the residuals of a fit see it, whatever the model: targets, errors, bounds and the space they are measured in.
 *
 *   two-sided   r = (y(w) - y_i) / e_i
 *   bound only  r = how far y(w) is outside [y_bid, y_ask], over e_i; 0 inside
 *
 * y is volatility, total variance, or the undiscounted out-of-the-money price per unit of forward; e_i is the standard
 * deviation of the quote carried into that space to first order. Weights: 'spread' takes each quote's own standard deviation,
 * 'equal' the median of them for all, 'vega' one proportional to 1 / vega with the same median. With densityCorrection each
 * weight 1 / e_i^2 is then multiplied by the distance to the neighbouring strikes over its mean.
 */
import { requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import { exp } from '../../math/exponential.js';
import type { Loss } from '../../math/least-squares/problem.js';
import { normalPdf } from '../../math/normal.js';
import { medianInPlace } from '../../math/summary.js';
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
  if (options.densityCorrection) evenOut(count, k, deviation);

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
    inverseError[i] = 1 / (deviation[i]! * spaceSlope(space, k[i]!, placeOf(value, bid, ask), time));
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
/** Vega below which a vega weight does not fall. */
export const LEAST_VEGA = 1e-12;

/** The volatility at which a quote's error is measured: its target, else its bid, else its ask; 1 where it says nothing. */
export function placeOf(target: number, bid: number, ask: number): number {
  if (target === target) return target;
  return bid > 0 ? bid : ask < Infinity ? ask : 1;
}

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

/** The whitened residual of quote i where the model's total variance is w. */
export function quoteResidual(quotes: FitQuotes, i: number, w: number): number {
  const y = spaceValue(quotes, i, w);
  const target = quotes.target[i]!;
  const inverse = quotes.inverseError[i]!;
  if (target === target) return (y - target) * inverse;
  return (Math.max(0, y - quotes.high[i]!) - Math.max(0, quotes.low[i]! - y)) * inverse;
}

/** d residual / dw, where the residual is not held at 0 by a bound. */
export function quoteSlope(quotes: FitQuotes, i: number, w: number): number {
  const inverse = quotes.inverseError[i]!;
  if (quotes.space === 'variance') return inverse;
  if (quotes.space === 'volatility') return inverse / (2 * Math.sqrt(w * quotes.time));
  const s = Math.sqrt(w);
  return (inverse * normalPdf(s / 2 - quotes.k[i]! / s)) / (2 * s);
}

function spaceValue(quotes: FitQuotes, i: number, w: number): number {
  if (quotes.space === 'variance') return w;
  if (quotes.space === 'volatility') return Math.sqrt(w / quotes.time);
  return otmPrice(quotes.k[i]!, Math.sqrt(w));
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
  if (scratch.length < count) scratch = new Float64Array(2 * count);
  const typical = medianOfTargets(count, volatility, deviation);
  if (weights === 'vega') {
    for (let i = 0; i < count; i++) {
      const at = placeOf(volatility[i]!, slice.volatilityBid[i]!, slice.volatilityAsk[i]!);
      // Where vega vanishes so does the weight, but not to a zero that would divide.
      deviation[i] = 1 / Math.max(vega(k[i]!, at, time), LEAST_VEGA);
    }
    const factor = typical / medianOfTargets(count, volatility, deviation);
    for (let i = 0; i < count; i++) deviation[i]! *= factor;
    return;
  }
  for (let i = 0; i < count; i++) {
    const error = deviation[i]!;
    if (weights === 'equal' || !(error > 0 && error < Infinity)) deviation[i] = typical;
  }
}

let scratch = new Float64Array(64);

/** The median of what the quotes with a target have. */
function medianOfTargets(count: number, volatility: Float64Array, of: Float64Array): number {
  let targets = 0;
  for (let i = 0; i < count; i++) if (!Number.isNaN(volatility[i])) scratch[targets++] = of[i]!;
  return medianInPlace(scratch, targets);
}

/**
 * Weights as an integral over k has them: each strike counts for the stretch of k nearer to it than to any other, so that a
 * cluster of strikes counts for no more than its width. Quotes at one strike share its weight; the mean weight stays.
 */
function evenOut(count: number, k: Float64Array, deviation: Float64Array): void {
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => k[a]! - k[b]!);
  const strikes: number[][] = [];
  for (const i of order) {
    const last = strikes[strikes.length - 1];
    if (last !== undefined && k[last[0]!] === k[i]) last.push(i);
    else strikes.push([i]);
  }
  if (strikes.length < 2) return;
  const at = (s: number): number => k[strikes[s]![0]!]!;
  const length = ((at(strikes.length - 1) - at(0)) * strikes.length) / (strikes.length - 1);
  strikes.forEach((same, s) => {
    // The strikes at the ends reach as far outwards as inwards.
    const left = s === 0 ? at(1) - at(0) : at(s) - at(s - 1);
    const right = s === strikes.length - 1 ? left : at(s + 1) - at(s);
    const share = (0.5 * (left + right) * count) / (length * same.length);
    for (const i of same) deviation[i]! /= Math.sqrt(share);
  });
}
