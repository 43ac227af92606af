/** The quotes of an American chain by expiry, those that cannot be read set aside, with the pairs that tell the carry and the spot. */
import { exp } from '../math/exponential.js';
import { medianOf } from '../math/summary.js';
import { parityForward } from './american-carry.js';
import type { AmericanPair } from './american-carry.js';
import type { OptionChain } from './chain.js';
import { yearFraction } from './clock.js';
import type { DeAmericaniseOptions } from './de-americanise-options.js';
import { quotedSide } from './filter.js';
import type { Instant, RawQuote } from './quote.js';

/** Why a quote has no European equivalent. `value` and `limit` of each are given with it. */
export type DeAmericaniseReason =
  /** Years to expiry, 0. */
  | 'expired'
  /** No ask: 0, 0. */
  | 'no-quote'
  /** Bid, ask. */
  | 'crossed'
  /** Near-the-money pairs of the expiry that tell a carry, the fewest needed. */
  | 'no-carry'
  /** The bid, and what exercise before the share goes ex dividend earns: the price says nothing about volatility. */
  | 'exercised-before-dividend'
  /** The ask, and the value it is not above: no volatility is that low. */
  | 'below-intrinsic'
  | 'at-intrinsic'
  /** The ask, and the value no volatility reaches. */
  | 'above-maximum'
  /** The ask, and the bound it is too near for a double to tell. */
  | 'beyond-precision';

/** Why, with the numbers that decided it. */
export interface Verdict {
  reason: DeAmericaniseReason;
  value: number;
  limit: number;
}

/** Pairs that have to tell a carry. */
export const MINIMUM_PAIRS = 2;

export interface ExpiryGroup {
  expiry: Instant;
  timeToExpiry: number;
  indices: number[];
  pairs: AmericanPair[];
}

/** What exercise of a call of this strike today earns, where a dividend of the next day may make it worth while. */
export function nextDayExercise(
  chain: OptionChain,
  { spot, dividendNextDay }: DeAmericaniseOptions,
): (quote: RawQuote) => number {
  const today = typeof spot === 'number' ? spot : chain.spot;
  if (!dividendNextDay || today === undefined) return () => 0;
  return ({ type, strike }) => (type === 'call' ? Math.max(today - strike, 0) : 0);
}

/** The quotes that have an ask, by expiry, with the strikes that are quoted on all four sides. */
export function byExpiry(
  { quotes, asOf }: OptionChain,
  exerciseToday: (quote: RawQuote) => number,
  reject: (index: number, verdict: Verdict) => void,
): ExpiryGroup[] {
  const groups = new Map<Instant, number[]>();
  quotes.forEach((quote, index) => {
    const { expiry, bid, ask } = quote;
    const earned = exerciseToday(quote);
    const timeToExpiry = yearFraction(asOf, expiry);
    const group = groups.get(expiry);
    if (timeToExpiry <= 0) reject(index, { reason: 'expired', value: timeToExpiry, limit: 0 });
    else if (quotedSide(ask) === undefined) reject(index, { reason: 'no-quote', value: 0, limit: 0 });
    else if (bid !== undefined && bid > ask!) reject(index, { reason: 'crossed', value: bid, limit: ask! });
    else if (earned > 0 && !((bid ?? 0) > earned)) {
      reject(index, { reason: 'exercised-before-dividend', value: bid ?? 0, limit: earned });
    } else if (group) group.push(index);
    else groups.set(expiry, [index]);
  });
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([expiry, indices]) => ({
      expiry,
      timeToExpiry: yearFraction(asOf, expiry),
      indices,
      pairs: americanPairs(indices.map((index) => quotes[index]!)),
    }));
}

/** Of several quotes of one contract the last one counts. */
function americanPairs(quotes: readonly RawQuote[]): AmericanPair[] {
  const strikes = new Map<number, { call?: RawQuote; put?: RawQuote }>();
  for (const quote of quotes) {
    if (quotedSide(quote.bid) === undefined) continue;
    const pair = strikes.get(quote.strike) ?? {};
    pair[quote.type] = quote;
    strikes.set(quote.strike, pair);
  }
  return [...strikes].flatMap(([strike, { call, put }]) =>
    call && put ? [{ strike, callBid: call.bid!, callAsk: call.ask!, putBid: put.bid!, putAsk: put.ask! }] : [],
  );
}

/** The discounted forward of the first expiry with two pairs: so soon, neither exercise nor carry weighs. */
export function impliedSpot(
  groups: readonly ExpiryGroup[],
  rateAt: (timeToExpiry: number) => number,
  published: number | undefined,
): number | undefined {
  const first = groups.find(({ pairs }) => pairs.length >= MINIMUM_PAIRS);
  if (!first) return published;
  const { pairs, timeToExpiry } = first;
  const rate = rateAt(timeToExpiry);
  // The strikes nearest to the published spot, then those nearest to what they say.
  const start = published ?? medianOf(pairs.map(({ strike }) => strike));
  const rough = parityForward(pairs, { spot: start, rate, timeToExpiry });
  const forward = parityForward(pairs, { spot: rough, rate, timeToExpiry });
  return forward * exp(-rate * timeToExpiry);
}
