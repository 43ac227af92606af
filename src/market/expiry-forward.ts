/**
 * The forwards of a whole chain: each expiry's own parity estimate, its discount factor steadied by the other expiries' rates, held
 * against the forward the venue publishes.
 *
 *   rate of an expiry   r = -ln(DF) / T, known to s(DF) / (DF T)
 *   rate lent to it     mean of the others' r by 1 / (s^2 + (0.5% ln(T_i / T))^2), known to sqrt(1 / sum + (0.25%)^2)
 *
 * The published forward is taken where its rows agree to less than the parity estimate's standard deviation and it lies inside the
 * hard no-arbitrage interval. Where it lies outside, published forward and executable prices exclude each other, and neither is
 * believed.
 */
import { exp } from '../math/exponential.js';
import { log, logRatio } from '../math/logarithm.js';
import { medianOf, square } from '../math/summary.js';
import type { OptionChain } from './chain.js';
import { quotedSide } from './filter.js';
import type { Verdict } from './filter.js';
import { impliedForward } from './forward.js';
import type { ImpliedForward, ParityPair } from './forward.js';
import type { Instant, RawQuote } from './quote.js';

/** One expiry's quotes, as many as may take part, and its time. */
export interface ExpiryQuotes {
  expiry: Instant;
  /** Years, above 0. */
  timeToExpiry: number;
  quotes: readonly RawQuote[];
}

/** A forward to build on, or why no quote of the expiry can be read or believed. */
export type ExpiryForward =
  { forward: ForwardEstimate; verdict: undefined } | { forward: ImpliedForward; verdict: Verdict };

export type ForwardEstimate = Extract<ImpliedForward, { ok: true }>;
type Settlement = OptionChain['settlement'];

/** A coin's discount factor is 1 by convention; a rate of 25 basis points a year is the doubt left about it. */
const COIN_RATE_ERROR = 0.0025;
/** Doubt about a rate lent by other expiries, beside their own errors: everywhere, and per e-fold of time between them. */
const LENT_RATE_ERROR = 0.0025;
const RATE_CHANGE_PER_EFOLD = 0.005;
/** A rate nobody has told. */
const UNKNOWN_RATE_ERROR = 0.05;
/** A published forward is trusted to a tenth of a basis point at best. */
const PUBLISHED_PRECISION = 1e-5;
/** Standard deviations of the published rows that a published forward may lie outside the hard interval. */
const PUBLISHED_TOLERANCE = 3;
/** Largest share of expiries whose published forward contradicts executable prices, before none is believed. */
const CONTRADICTION_LIMIT = 0.5;
const NORMAL_MAD = 1.4826;

/** The forward of each expiry, in the order given. `spot` and `known` discount factors are those of the chain. */
export function expiryForwards(
  expiries: readonly ExpiryQuotes[],
  settlement: Settlement,
  spot: number | undefined,
  known: OptionChain['discountFactors'] = [],
): ExpiryForward[] {
  const pairs = expiries.map(({ quotes }) => parityPairs(quotes));
  const estimate = (i: number, discountPrior?: { mean: number; standardDeviation: number }): ImpliedForward =>
    impliedForward(pairs[i]!, { timeToExpiry: expiries[i]!.timeToExpiry, settlement, spot, discountPrior });

  let implied: ImpliedForward[];
  let lent: { mean: number; standardDeviation: number }[];
  if (settlement === 'inverse') {
    lent = expiries.map(({ timeToExpiry }) => ({ mean: 1, standardDeviation: COIN_RATE_ERROR * timeToExpiry }));
    implied = expiries.map((_, i) => estimate(i, lent[i]));
  } else {
    const told = expiries.map(({ expiry }) => known.find((one) => one.expiry === expiry));
    const alone = expiries.map((_, i) => estimate(i, told[i]));
    lent = expiries.map((_, i) => told[i] ?? lentDiscount(i, expiries, alone));
    implied = alone.map((forward, i) =>
      forward.ok && Math.sqrt(forward.covariance[1]![1]!) > lent[i]!.standardDeviation ? estimate(i, lent[i]) : forward,
    );
  }

  const published = expiries.map(({ quotes }) => publishedForward(quotes));
  const judged = implied.map((forward, i) => combine(forward, published[i], lent[i]!));
  const comparable = judged.filter(({ compared }) => compared).length;
  const contradicting = judged.filter(({ compared, result }) => compared && result.verdict).length;
  const share = contradicting / comparable;
  return judged.map(({ result }) =>
    share > CONTRADICTION_LIMIT && !result.verdict
      ? { ...result, verdict: { reason: 'parity-arbitrage', value: share, limit: CONTRADICTION_LIMIT } }
      : result,
  );
}

/** Call and put of each strike side by side; strikes with one of them only are left to the caller. */
function parityPairs(quotes: readonly RawQuote[]): ParityPair[] {
  const strikes = new Map<number, { call?: RawQuote; put?: RawQuote }>();
  for (const quote of quotes) {
    const pair = strikes.get(quote.strike) ?? {};
    pair[quote.type] = quote;
    strikes.set(quote.strike, pair);
  }
  const pairs: ParityPair[] = [];
  for (const [strike, { call, put }] of strikes) {
    if (!call || !put) continue;
    pairs.push({
      strike,
      callBid: quotedSide(call.bid) ?? 0,
      callAsk: quotedSide(call.ask) ?? 0,
      putBid: quotedSide(put.bid) ?? 0,
      putAsk: quotedSide(put.ask) ?? 0,
    });
  }
  return pairs;
}

/** What the other expiries' rates say about this one's discount factor. */
function lentDiscount(
  index: number,
  expiries: readonly ExpiryQuotes[],
  alone: readonly ImpliedForward[],
): { mean: number; standardDeviation: number } {
  const time = expiries[index]!.timeToExpiry;
  let weights = 0;
  let rates = 0;
  alone.forEach((forward, i) => {
    if (i === index || !forward.ok || forward.flags.includes('discount-from-prior')) return;
    const { timeToExpiry } = expiries[i]!;
    const error = Math.sqrt(forward.covariance[1]![1]!) / (forward.discountFactor * timeToExpiry);
    const weight = 1 / (square(error) + square(RATE_CHANGE_PER_EFOLD * logRatio(timeToExpiry, time)));
    weights += weight;
    rates += (weight * -log(forward.discountFactor)) / timeToExpiry;
  });
  if (weights === 0) return { mean: 1, standardDeviation: UNKNOWN_RATE_ERROR * time };
  const mean = exp((-rates / weights) * time);
  return { mean, standardDeviation: mean * time * Math.sqrt(1 / weights + square(LENT_RATE_ERROR)) };
}

/** Median of the rows' published forwards and the standard deviation of its rows. */
function publishedForward(quotes: readonly RawQuote[]): { forward: number; deviation: number } | undefined {
  const rows = quotes.flatMap(({ forward }) => (forward === undefined ? [] : [forward]));
  if (rows.length === 0) return undefined;
  const forward = medianOf(rows);
  const scatter = NORMAL_MAD * medianOf(rows.map((row) => Math.abs(row - forward)));
  return { forward, deviation: Math.sqrt(square(scatter) + square(PUBLISHED_PRECISION * forward)) };
}

/** Chooses between the parity estimate and the published forward, or finds that they exclude each other. */
function combine(
  implied: ImpliedForward,
  published: { forward: number; deviation: number } | undefined,
  discount: { mean: number; standardDeviation: number },
): { result: ExpiryForward; compared: boolean } {
  if (!implied.ok) {
    if (implied.reason === 'too-few-pairs' && published) {
      return { result: { forward: publishedAlone(published, discount), verdict: undefined }, compared: false };
    }
    const reason = implied.reason === 'too-few-pairs' ? 'no-forward' : 'parity-arbitrage';
    const verdict: Verdict = { reason, value: implied.value ?? NaN, limit: implied.limit ?? NaN };
    return {
      result: { forward: implied, verdict },
      compared: reason === 'parity-arbitrage' && published !== undefined,
    };
  }
  if (!published) return { result: { forward: implied, verdict: undefined }, compared: false };

  const lower = Math.min(...implied.interval);
  const upper = Math.max(...implied.interval);
  const nearest = Math.min(Math.max(published.forward, lower), upper);
  const distance = Math.abs(published.forward - nearest);
  if (distance > PUBLISHED_TOLERANCE * published.deviation) {
    const message = `the published forward ${published.forward} lies outside the executable interval [${lower}, ${upper}]`;
    const deciding = { value: published.forward, limit: nearest };
    return {
      result: {
        forward: { ok: false, reason: 'no-feasible-forward', message, ...deciding },
        verdict: { reason: 'parity-arbitrage', ...deciding },
      },
      compared: true,
    };
  }
  const variance = implied.covariance[0]![0]!;
  const better = distance === 0 && square(published.deviation) < variance;
  return {
    result: { forward: better ? publishedOver(implied, published, variance) : implied, verdict: undefined },
    compared: true,
  };
}

/** The published forward beside a parity estimate. What the two differ by beyond the estimate's error counts as error. */
function publishedOver(
  implied: ForwardEstimate,
  { forward, deviation }: { forward: number; deviation: number },
  parityVariance: number,
): ForwardEstimate {
  const excess = Math.max(0, square(forward - implied.forward) - parityVariance);
  const variance = Math.min(parityVariance, square(deviation) + excess);
  return {
    ...implied,
    forward,
    source: 'listed',
    covariance: [
      [variance, 0],
      [0, implied.covariance[1]![1]!],
    ],
    flags: implied.flags.filter((flag) => flag !== 'clipped'),
  };
}

function publishedAlone(
  { forward, deviation }: { forward: number; deviation: number },
  discount: { mean: number; standardDeviation: number },
): ForwardEstimate {
  return {
    ok: true,
    forward,
    discountFactor: discount.mean,
    covariance: [
      [square(deviation), 0],
      [0, square(discount.standardDeviation)],
    ],
    interval: [0, Infinity],
    source: 'listed',
    chiSquare: 0,
    degreesOfFreedom: 0,
    pairsUsed: 0,
    rejected: [],
    flags: ['discount-from-prior'],
  };
}
