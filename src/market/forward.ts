/**
 * The forward and the discount factor that an expiry's calls and puts agree on, from put-call parity.
 *
 *   linear    C - P = DF (F - K)            inverse (coin)    c - p = DF_c (1 - K / F)
 *
 * Both are straight lines in K with the forward as their root, so one robust regression serves both: each pair's mid difference
 * with standard deviation sqrt((h_C^2 + h_P^2) / 3) (h the half-spread; an error uniform across the spread), Huber's loss with
 * c = 1.345, and a ridge prior on the discount factor. Beside the estimate stands the hard no-arbitrage interval, the forwards
 * at which no pair can be bought and sold for a certain profit:
 *
 *   max_i K_i + (C_bid - P_ask)_i / DF  <=  F  <=  min_i K_i + (C_ask - P_bid)_i / DF
 *   max_i K_i / (1 - (c_bid - p_ask)_i / DF_c)  <=  F  <=  min_i K_i / (1 - (c_ask - p_bid)_i / DF_c)
 *
 * Stoll, "The Relationship between Put and Call Option Prices" (1969); Huber (1964).
 */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
} from '../check.js';
import type { Failure, Rejection } from '../errors.js';
import { logRatio } from '../math/logarithm.js';
import { deviationWithoutPrior, robustLine } from '../math/robust-line.js';
import type { LinePrior, RobustLine } from '../math/robust-line.js';
import { medianOf, square } from '../math/summary.js';
import type { Matrix } from '../math/matrix.js';

/** Call and put of one strike, in the premium currency; a price of 0 is a missing side. */
export interface ParityPair {
  strike: number;
  callBid: number;
  callAsk: number;
  putBid: number;
  putAsk: number;
}

/** Why a pair had no part in the estimate. */
export type PairRejectionReason =
  /** A side is missing: value its price, limit 0. */
  | 'one-sided'
  /** value the bid, limit the ask. */
  | 'crossed'
  /** value |ln(K / F)|, limit the largest one allowed. */
  | 'far-from-money'
  /** Off the line all others agree on: value |residual| and limit, both in the pair's own standard deviations. */
  | 'outlier';

export type ForwardFlag =
  /** The hard interval is empty: some pairs contradict each other at executable prices. */
  | 'parity-arbitrage'
  /** The regression lay outside the hard interval and was moved to its end. */
  | 'clipped'
  /** The pairs say less about the discount factor than the prior does. */
  | 'discount-from-prior';

export type ImpliedForward =
  | {
      ok: true;
      forward: number;
      discountFactor: number;
      /** Of (F, DF). */
      covariance: Matrix;
      /** Hard no-arbitrage bounds of the forward at this discount factor; lower above upper where it is empty. */
      interval: [number, number];
      source: 'parity' | 'listed';
      /** Of the pairs used, in their standard deviations, and of the prior where it took part. */
      chiSquare: number;
      degreesOfFreedom: number;
      pairsUsed: number;
      rejected: Rejection<PairRejectionReason>[];
      flags: ForwardFlag[];
    }
  | Failure<'too-few-pairs' | 'no-feasible-forward'>;

export interface ImpliedForwardOptions {
  /** Years, above 0. */
  timeToExpiry: number;
  settlement: 'linear' | 'inverse';
  /** Counts as near the money too, besides the forward itself. */
  spot?: number | undefined;
  /**
   * What is known of the discount factor (of the coin for inverse) beforehand; always used when given. Without it the pairs decide
   * alone, unless they say less than this: 1 with a rate of 0 +- 0.25% (inverse) or 0 +- 5% (linear) a year.
   */
  discountPrior?: { mean: number; standardDeviation: number } | undefined;
}

/** Fewest two-sided pairs that make an estimate. */
const MINIMUM_PAIRS = 2;
/** Pairs within this many ATM standard deviations of the forward take part, and always the nearest few. */
const MONEYNESS_LIMIT = 2.5;
const ALWAYS_NEAR = 8;
/** Robust standard deviations beyond which a pair is wrong rather than imprecise. */
const OUTLIER_CUT = 4;
/** Largest share of pairs that may be executable arbitrage at the best forward. */
const CONTRADICTION_LIMIT = 0.5;
const DEFAULT_RATE_ERROR = { inverse: 0.0025, linear: 0.05 };

/**
 * Forward and discount factor of one expiry from its call-put pairs, in any order; a fifth of them may be wrong.
 * `covariance` covers the stated bid-ask uncertainty and, where the pairs scatter more than that, their real scatter.
 * Failures: 'too-few-pairs' (value two-sided pairs, limit the fewest needed); 'no-feasible-forward' (no positive forward and
 * discount factor, value the one that is not, limit 0; or more than half of the pairs are executable arbitrage at the best forward: value the share, limit one half).
 * Throws InputError on a price that is negative or not finite, a strike or time not above 0, or an unknown settlement.
 */
export function impliedForward(pairs: readonly ParityPair[], options: ImpliedForwardOptions): ImpliedForward {
  checkArguments(pairs, options);
  const { settlement, spot } = options;
  const rejected: Rejection<PairRejectionReason>[] = [];
  const twoSided = usablePairs(pairs, rejected);
  if (twoSided.length < MINIMUM_PAIRS) return tooFew(twoSided.length);

  const rough = fitParity(twoSided, options);
  if (!isFeasible(rough)) return notPositive(rough);
  const near = nearTheMoney(twoSided, rough, settlement, spot, rejected);
  const fit = near.length === twoSided.length ? rough : fitParity(near, options);
  if (!isFeasible(fit)) return notPositive(fit);

  let contradicting = 0;
  const used: Pair[] = [];
  near.forEach((pair, i) => {
    const missedBy = Math.abs(fit.line.standardised[i]!) * fit.deviation[i]!;
    if (missedBy > pair.halfWidth + fit.rounding) contradicting++;
    if (fit.line.outlier[i] === 0) used.push(pair);
    else rejected.push(rejection(pair, 'outlier', Math.abs(fit.line.standardised[i]!), OUTLIER_CUT * fit.line.scale));
  });
  if (contradicting > CONTRADICTION_LIMIT * near.length) {
    const share = contradicting / near.length;
    return infeasible('most pairs contradict each other at executable prices', share, CONTRADICTION_LIMIT);
  }

  const flags: ForwardFlag[] = [];
  const interval = hardInterval(used, fit.discountFactor, settlement);
  const tolerance = (4 * fit.rounding) / fit.slope;
  let forward = fit.forward;
  if (interval[0] > interval[1] + tolerance) flags.push('parity-arbitrage');
  else {
    // An interval of one point may come out inverted by a rounding.
    if (interval[0] > interval[1]) interval.reverse();
    const clipped = Math.min(Math.max(forward, interval[0]), interval[1]);
    if (Math.abs(clipped - forward) > tolerance) {
      flags.push('clipped');
      forward = clipped;
    }
  }
  if (fit.discountFromPrior) flags.push('discount-from-prior');
  rejected.sort((a, b) => a.index - b.index);
  return {
    ok: true,
    forward,
    discountFactor: fit.discountFactor,
    covariance: fit.covariance,
    interval,
    source: 'parity',
    chiSquare: fit.line.chiSquare,
    degreesOfFreedom: fit.line.degreesOfFreedom,
    pairsUsed: used.length,
    rejected,
    flags,
  };
}

type Pair = {
  index: number;
  strike: number;
  /** Mid of call less mid of put. */
  difference: number;
  /** Half-widths of both quotes added: how far parity may miss the mid and still not be executable. */
  halfWidth: number;
  variance: number;
  /** Mid of call plus mid of put. */
  straddle: number;
};

type ParityFit = {
  line: RobustLine;
  deviation: Float64Array;
  forward: number;
  discountFactor: number;
  /** -d(C - P)/dK: DF, or DF_c / F. */
  slope: number;
  covariance: Matrix;
  /** Rounding error of a price difference. */
  rounding: number;
  discountFromPrior: boolean;
};

function usablePairs(pairs: readonly ParityPair[], rejected: Rejection<PairRejectionReason>[]): Pair[] {
  const usable: Pair[] = [];
  pairs.forEach((pair, index) => {
    const { strike, callBid, callAsk, putBid, putAsk } = pair;
    const named = { index, strike };
    if (Math.min(callBid, callAsk, putBid, putAsk) <= 0) return rejected.push(rejection(named, 'one-sided', 0, 0));
    if (callBid > callAsk) return rejected.push(rejection(named, 'crossed', callBid, callAsk));
    if (putBid > putAsk) return rejected.push(rejection(named, 'crossed', putBid, putAsk));
    const call = 0.5 * (callAsk - callBid);
    const put = 0.5 * (putAsk - putBid);
    return usable.push({
      ...named,
      difference: 0.5 * (callBid + callAsk) - 0.5 * (putBid + putAsk),
      halfWidth: call + put,
      variance: (call * call + put * put) / 3,
      straddle: 0.5 * (callBid + callAsk) + 0.5 * (putBid + putAsk),
    });
  });
  // A fixed order, whatever the caller's, makes every sum the same to the last bit.
  return usable.sort(
    (a, b) =>
      a.strike - b.strike ||
      a.difference - b.difference ||
      a.variance - b.variance ||
      a.straddle - b.straddle ||
      a.index - b.index,
  );
}

/** The line through the pairs, whether or not it makes sense as a forward. */
function fitParity(pairs: readonly Pair[], options: ImpliedForwardOptions): ParityFit {
  const { settlement, timeToExpiry, discountPrior } = options;
  const n = pairs.length;
  const middle = pairs.reduce((sum, pair) => sum + pair.strike, 0) / n;
  const unit = Math.max(pairs[n - 1]!.strike - middle, middle - pairs[0]!.strike) || middle;
  const largest = pairs.reduce((top, pair) => Math.max(top, Math.abs(pair.difference), pair.straddle), 0);
  const rounding = 4 * Number.EPSILON * Math.max(largest, settlement === 'linear' ? middle : 1);

  const x = Float64Array.from(pairs, (pair) => (pair.strike - middle) / unit);
  const y = Float64Array.from(pairs, (pair) => pair.difference);
  // A locked pair is not infinitely precise: at least a hundredth of the usual error, and the rounding of the prices.
  const usual = medianOf(pairs.map((pair) => pair.variance));
  const deviation = Float64Array.from(pairs, (pair) =>
    Math.sqrt(Math.max(pair.variance, 1e-4 * usual, square(rounding))),
  );

  // y = intercept + slope x: DF is -slope / unit (linear), or the line's height at K = 0 (inverse).
  const atZero = -middle / unit;
  const combination =
    settlement === 'linear' ? { atIntercept: 0, atSlope: -1 / unit } : { atIntercept: 1, atSlope: atZero };
  const { mean, standardDeviation } = discountPrior ?? {
    mean: 1,
    standardDeviation: DEFAULT_RATE_ERROR[settlement] * timeToExpiry,
  };
  const prior: LinePrior = { ...combination, target: mean, standardDeviation };
  const discountFromPrior = deviationWithoutPrior(x, deviation, prior) > standardDeviation;
  const usePrior = discountPrior !== undefined || discountFromPrior;
  const line = robustLine(x, y, deviation, { prior: usePrior ? prior : undefined, outlierCut: OUTLIER_CUT });

  const discountFactor = combination.atIntercept * line.intercept + combination.atSlope * line.slope;
  const slope = -line.slope / unit;
  const forward = middle + line.intercept / slope;

  // (F, DF) by the chain rule from (intercept, slope).
  const [vi, cis, vs] = line.covariance;
  const fi = 1 / slope;
  const fs = line.intercept / (slope * slope * unit);
  const { atIntercept: di, atSlope: ds } = combination;
  const cross = fi * di * vi + (fi * ds + fs * di) * cis + fs * ds * vs;
  const covariance = [
    [fi * fi * vi + 2 * fi * fs * cis + fs * fs * vs, cross],
    [cross, di * di * vi + 2 * di * ds * cis + ds * ds * vs],
  ];
  return { line, deviation, forward, discountFactor, slope, covariance, rounding, discountFromPrior };
}

function isFeasible({ slope, discountFactor, forward }: ParityFit): boolean {
  return slope > 0 && discountFactor > 0 && forward > 0 && forward < Infinity;
}

function notPositive({ slope, discountFactor, forward }: ParityFit): ImpliedForward {
  const value = slope > 0 ? Math.min(discountFactor, forward) : slope;
  return infeasible('no positive forward and discount factor satisfies parity', value, 0);
}

/** Leaves out the pairs far from the forward: their in-the-money leg is wide, stale and hardly traded. */
function nearTheMoney(
  pairs: readonly Pair[],
  fit: ParityFit,
  settlement: 'linear' | 'inverse',
  spot: number | undefined,
  rejected: Rejection<PairRejectionReason>[],
): Pair[] {
  const toForward = (pair: Pair): number => Math.abs(logRatio(pair.strike, fit.forward));
  const distance = (pair: Pair): number =>
    spot === undefined ? toForward(pair) : Math.min(toForward(pair), Math.abs(logRatio(pair.strike, spot)));
  const nearest = [...pairs].sort((a, b) => toForward(a) - toForward(b) || a.strike - b.strike);
  // At the forward a straddle is worth 2 n(0) sigma sqrt(T); off it, what it is worth beyond its intrinsic value.
  const perForward = settlement === 'linear' ? fit.discountFactor * fit.forward : fit.discountFactor;
  const spread = nearest.slice(0, 5).map((pair) => {
    const intrinsic = fit.slope * Math.abs(fit.forward - pair.strike);
    return (Math.sqrt(Math.PI / 2) * Math.sqrt(Math.max(0, square(pair.straddle) - square(intrinsic)))) / perForward;
  });
  const alwaysNear = nearest[Math.min(ALWAYS_NEAR, nearest.length) - 1]!;
  const limit = Math.max(MONEYNESS_LIMIT * medianOf(spread), toForward(alwaysNear));
  return pairs.filter((pair) => {
    if (distance(pair) <= limit) return true;
    rejected.push(rejection(pair, 'far-from-money', distance(pair), limit));
    return false;
  });
}

/** The forwards at which none of the pairs is executable arbitrage; lower above upper where there is none. */
function hardInterval(
  pairs: readonly Pair[],
  discountFactor: number,
  settlement: 'linear' | 'inverse',
): [number, number] {
  let lower = 0;
  let upper = Infinity;
  for (const { strike, difference, halfWidth } of pairs) {
    const least = (difference - halfWidth) / discountFactor;
    const most = (difference + halfWidth) / discountFactor;
    if (settlement === 'linear') {
      lower = Math.max(lower, strike + least);
      upper = Math.min(upper, strike + most);
    } else {
      lower = Math.max(lower, least < 1 ? strike / (1 - least) : Infinity);
      upper = Math.min(upper, most < 1 ? strike / (1 - most) : Infinity);
    }
  }
  return [lower, upper];
}

function rejection(
  pair: { index: number; strike: number },
  reason: PairRejectionReason,
  value: number,
  limit: number,
): Rejection<PairRejectionReason> {
  return { index: pair.index, id: String(pair.strike), reason, value, limit };
}

function tooFew(found: number): ImpliedForward {
  const message = `parity needs ${MINIMUM_PAIRS} pairs with both sides quoted, found ${found}`;
  return { ok: false, reason: 'too-few-pairs', message, value: found, limit: MINIMUM_PAIRS };
}

function infeasible(message: string, value: number, limit: number): ImpliedForward {
  return { ok: false, reason: 'no-feasible-forward', message, value, limit };
}

function checkArguments(pairs: readonly ParityPair[], options: ImpliedForwardOptions): void {
  requireArray('pairs', pairs);
  requireObject('options', options);
  requirePositive('timeToExpiry', options.timeToExpiry);
  requireOneOf('settlement', options.settlement, ['linear', 'inverse']);
  if (options.spot !== undefined) requirePositive('spot', options.spot);
  if (options.discountPrior !== undefined) {
    requirePositive('discountPrior.mean', options.discountPrior.mean);
    requirePositive('discountPrior.standardDeviation', options.discountPrior.standardDeviation);
  }
  pairs.forEach((pair, i) => {
    requirePositive(`pairs[${i}].strike`, requireFinite(`pairs[${i}].strike`, pair.strike));
    for (const field of ['callBid', 'callAsk', 'putBid', 'putAsk'] as const) {
      requireNonNegative(`pairs[${i}].${field}`, pair[field]);
    }
  });
}
