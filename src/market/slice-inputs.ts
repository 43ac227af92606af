/**
 * From a chain of quotes to slices ready for calibration: forward and discount factor of each expiry, filters, implied volatilities
 * of bid, ask and mid, one point per strike with its standard deviation.
 *
 *   undiscounted price   linear  P / DF        inverse  c F / DF_c
 *
 * The out-of-the-money quote of each strike is kept; where |k| < 0.25 sigma sqrt(T) call and put are blended by inverse variance, which
 * also cancels most of the forward's error, since it moves their volatilities apart. A side that is missing, or a bid below
 * intrinsic value, leaves a bound: volatilityBid 0 or volatilityAsk Infinity, and NaN as target. The target of a two-sided quote is
 * the volatility of its mid price (the middle of a volatility quote).
 *
 * On request, an expiry whose quotes can be traded against each other for a certain profit is repaired (quote-repair.ts).
 */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
  requireText,
} from '../check.js';
import type { Rejection } from '../errors.js';
import { medianOf } from '../math/summary.js';
import type { OptionChain } from './chain.js';
import { calendarClock, requireClock, varianceTime, yearFraction } from './clock.js';
import type { VarianceClock } from './clock.js';
import { expiryForwards } from './expiry-forward.js';
import type { ForwardEstimate } from './expiry-forward.js';
import { judgeQuotes, judgeVolatility, quoteFilters } from './filter.js';
import type { QuoteFilters, QuoteRejectionReason, Verdict, VolatilityQuote } from './filter.js';
import type { ImpliedForward } from './forward.js';
import type { Instant, RawQuote } from './quote.js';
import { repairQuotes } from './quote-repair.js';
import type { RepairedQuote } from './quote-repair.js';
import type { SliceInput } from './slice.js';
import { volatilityQuote } from './volatility-quote.js';
import { inverseVarianceBlend, volatilityDeviation } from './weight.js';

export interface SliceInputOptions {
  /** Changes to `defaultQuoteFilters`, by key. */
  filters?: Record<string, number | boolean> | undefined;
  /** Measures `varianceTime`; calendar time where missing. */
  clock?: VarianceClock | undefined;
  /**
   * Whether quotes of one expiry that can be bought and sold against each other for a certain profit are moved, as little as
   * possible, until they cannot. False where missing.
   */
  repair?: boolean | undefined;
  /** The expiries wanted; all where missing. Their forwards are steadied by those of the whole chain either way. */
  expiries?: readonly Instant[] | undefined;
}

export interface SliceInputs {
  /** By expiry; the points of each by strike. */
  slices: SliceInput[];
  /** Every quote that is in no slice, by its index in the chain. */
  rejected: Rejection<QuoteRejectionReason>[];
  /** Every quote that was moved, by its index in the chain; empty without `repair`. */
  repaired: RepairedQuote[];
  /** Of every expiry with a quote that passed by itself. */
  forwards: { expiry: Instant; forward: ImpliedForward }[];
}

/** Joins the names of a call and a put that make one point: 'BTC-27JUN25-100000-C + BTC-27JUN25-100000-P'. */
export const BLEND_SEPARATOR = ' + ';

/**
 * Slices of a European chain. Every quote of an expiry that is wanted is either in a slice (named in its `instrument`, alone or as one
 * half of a blend) or in `rejected`. An American chain has no slices: each of its quotes is rejected as 'american-not-de-americanised'.
 * Throws InputError on a quote that is not a quote (a strike not above 0, a price that is negative or NaN) and on an unknown filter.
 */
export function sliceInputs(chain: OptionChain, options: SliceInputOptions = {}): SliceInputs {
  checkChain(chain);
  const repaired: RepairedQuote[] | undefined = options.repair ? [] : undefined;
  const filters = quoteFilters(options.filters);
  const clock = requireClock(options.clock ?? calendarClock);
  const { quotes, asOf } = chain;
  const verdicts: (Verdict | undefined)[] =
    chain.style === 'american'
      ? quotes.map(() => ({ reason: 'american-not-de-americanised', value: quotes.length, limit: 0 }))
      : judgeQuotes(quotes, asOf, filters);

  const wanted = options.expiries === undefined ? undefined : new Set(requireArray('expiries', options.expiries));
  const expiries = byExpiry(quotes, verdicts).map(({ expiry, indices }) => ({
    expiry,
    indices,
    timeToExpiry: yearFraction(asOf, expiry),
    quotes: indices.map((index) => quotes[index]!),
  }));
  const forwards = expiryForwards(expiries, chain.settlement, chain.spot, chain.discountFactors);
  const slices: SliceInput[] = [];
  expiries.forEach(({ expiry, indices, timeToExpiry }, i) => {
    if (wanted !== undefined && !wanted.has(expiry)) return;
    const { forward, verdict } = forwards[i]!;
    if (verdict) {
      for (const index of indices) verdicts[index] = verdict;
      return;
    }
    const points = slicePoints(chain, indices, timeToExpiry, forward, filters, verdicts, repaired);
    if (!points) return;
    slices.push({
      underlying: chain.underlying,
      expiry,
      timeToExpiry,
      varianceTime: varianceTime(clock, asOf, expiry),
      forward: forward.forward,
      discountFactor: forward.discountFactor,
      forwardVariance: forward.covariance[0]![0]!,
      instrument: points.map((point) => point.instrument),
      logMoneyness: points.map((point) => point.logMoneyness),
      volatilityBid: points.map((point) => point.volatilityBid),
      volatilityAsk: points.map((point) => point.volatilityAsk),
      volatility: points.map((point) => point.volatility),
      standardDeviation: points.map((point) => point.standardDeviation),
    });
  });

  const rejected = verdicts.flatMap((verdict, index) =>
    verdict && (wanted === undefined || wanted.has(quotes[index]!.expiry))
      ? [{ index, id: quotes[index]!.instrument, ...verdict }]
      : [],
  );
  return {
    slices,
    rejected,
    repaired: (repaired ?? []).sort((a, b) => a.index - b.index),
    forwards: expiries.map(({ expiry }, i) => ({ expiry, forward: forwards[i]!.forward })),
  };
}

/** One strike of a slice. */
type Point = Pick<VolatilityQuote, 'instrument' | 'logMoneyness' | 'volatilityBid' | 'volatilityAsk' | 'volatility'> & {
  standardDeviation: number;
};

function byExpiry(
  quotes: readonly RawQuote[],
  verdicts: readonly (Verdict | undefined)[],
): { expiry: Instant; indices: number[] }[] {
  const groups = new Map<Instant, number[]>();
  quotes.forEach(({ expiry }, index) => {
    if (verdicts[index]) return;
    const group = groups.get(expiry);
    if (group) group.push(index);
    else groups.set(expiry, [index]);
  });
  return [...groups].map(([expiry, indices]) => ({ expiry, indices })).sort((a, b) => a.expiry - b.expiry);
}

/**
 * The points of one expiry by strike, or undefined where too few are left. Writes a verdict for every quote not in a point, and
 * every quote that was moved where a list of them is wanted.
 */
function slicePoints(
  chain: OptionChain,
  indices: readonly number[],
  timeToExpiry: number,
  forward: ForwardEstimate,
  filters: QuoteFilters,
  verdicts: (Verdict | undefined)[],
  repaired: RepairedQuote[] | undefined,
): Point[] | undefined {
  const quotes = indices.map((index) => volatilityQuote(chain, index, timeToExpiry, forward));
  const blended = filters.blendWidth * atTheMoneyDeviation(quotes, timeToExpiry);
  for (const quote of quotes) verdicts[quote.index] = judgeVolatility(quote, blended, filters);
  let usable = quotes.filter((quote) => !verdicts[quote.index]);
  if (repaired) {
    const repair = repairQuotes(usable, forward.forward, timeToExpiry);
    if (!repair.ok) {
      for (const quote of usable) {
        verdicts[quote.index] = { reason: 'arbitrage', value: repair.portfolios, limit: 0 };
      }
      return undefined;
    }
    usable = repair.quotes;
    repaired.push(...repair.repaired);
  }
  const strikes = new Map<number, VolatilityQuote[]>();
  for (const quote of usable) {
    const sameStrike = strikes.get(quote.strike);
    if (sameStrike) sameStrike.push(quote);
    else strikes.set(quote.strike, [quote]);
  }
  const kept = [...strikes]
    .sort(([a], [b]) => a - b)
    .map(([, sameStrike]) => chooseAtStrike(sameStrike, blended, verdicts));
  const twoSided = kept.filter((atStrike) => isTwoSided(atStrike[0]!)).length;
  if (twoSided >= Math.max(1, filters.minimumQuotes)) return kept.map((atStrike) => point(atStrike));
  for (const quote of kept.flat()) {
    verdicts[quote.index] = { reason: 'too-few-quotes', value: twoSided, limit: filters.minimumQuotes };
  }
  return undefined;
}

const isTwoSided = (quote: VolatilityQuote): boolean => !Number.isNaN(quote.volatility);

/** At-the-money volatility times sqrt(T), from the five two-sided out-of-the-money quotes nearest to the forward; 0 without any. */
function atTheMoneyDeviation(quotes: readonly VolatilityQuote[], timeToExpiry: number): number {
  const nearest = quotes
    .filter((quote) => !quote.inTheMoney && isTwoSided(quote))
    .sort((a, b) => Math.abs(a.logMoneyness) - Math.abs(b.logMoneyness) || a.strike - b.strike)
    .slice(0, 5);
  return nearest.length === 0 ? 0 : medianOf(nearest.map((quote) => quote.volatility)) * Math.sqrt(timeToExpiry);
}

/** The one or two quotes of a strike that make its point, the out-of-the-money one first. */
function chooseAtStrike(
  quotes: readonly VolatilityQuote[],
  blended: number,
  verdicts: (Verdict | undefined)[],
): VolatilityQuote[] {
  const [first, second] = [...quotes].sort((a, b) => Number(a.inTheMoney) - Number(b.inTheMoney) || a.index - b.index);
  if (!second) return [first!];
  const distance = Math.abs(first!.logMoneyness);
  if (distance >= blended) {
    verdicts[second.index] = { reason: 'in-the-money', value: distance, limit: blended };
    return [first!];
  }
  if (isTwoSided(first!) && isTwoSided(second)) return [first!, second];
  const [better, worse] = isTwoSided(second) ? [second, first!] : [first!, second];
  verdicts[worse.index] = { reason: 'one-sided', value: 1, limit: 2 };
  return [better];
}

function point(quotes: readonly VolatilityQuote[]): Point {
  const [first, second] = quotes.map((quote) => ({
    instrument: quote.instrument,
    logMoneyness: quote.logMoneyness,
    volatilityBid: quote.volatilityBid,
    volatilityAsk: quote.volatilityAsk,
    volatility: quote.volatility,
    standardDeviation: deviation(quote),
  }));
  if (!second) return first!;
  const { weight, standardDeviation } = inverseVarianceBlend(first!.standardDeviation, second.standardDeviation);
  const mean = (a: number, b: number): number => weight * a + (1 - weight) * b;
  return {
    instrument: first!.instrument + BLEND_SEPARATOR + second.instrument,
    logMoneyness: first!.logMoneyness,
    volatilityBid: mean(first!.volatilityBid, second.volatilityBid),
    volatilityAsk: mean(first!.volatilityAsk, second.volatilityAsk),
    volatility: mean(first!.volatility, second.volatility),
    standardDeviation,
  };
}

/** Of the fit target; Infinity for a bound. */
function deviation(quote: VolatilityQuote): number {
  if (!isTwoSided(quote)) return Infinity;
  return volatilityDeviation(quote.volatilityBid, quote.volatilityAsk, quote.vega, quote.price?.tick ?? 0);
}

function checkChain(chain: OptionChain): void {
  requireObject('chain', chain);
  requireFinite('chain.asOf', chain.asOf);
  requireOneOf('chain.style', chain.style, ['european', 'american']);
  requireOneOf('chain.settlement', chain.settlement, ['linear', 'inverse']);
  if (chain.spot !== undefined) requirePositive('chain.spot', chain.spot);
  if (chain.tick !== undefined) requireNonNegative('chain.tick', chain.tick);
  if (chain.discountFactors !== undefined) {
    requireArray('chain.discountFactors', chain.discountFactors);
    chain.discountFactors.forEach(({ mean, standardDeviation }, i) => {
      requirePositive(`chain.discountFactors[${i}].mean`, mean);
      requirePositive(`chain.discountFactors[${i}].standardDeviation`, standardDeviation);
    });
  }
  requireArray('chain.quotes', chain.quotes);
  chain.quotes.forEach((quote, i) => {
    const field = `chain.quotes[${i}]`;
    requireObject(field, quote);
    requireText(`${field}.instrument`, quote.instrument);
    requireOneOf(`${field}.type`, quote.type, ['call', 'put']);
    requirePositive(`${field}.strike`, quote.strike);
    requireFinite(`${field}.expiry`, quote.expiry);
    for (const side of ['bid', 'ask', 'bidVolatility', 'askVolatility'] as const) {
      if (quote[side] !== undefined) requireNonNegative(`${field}.${side}`, quote[side]);
    }
    if (quote.forward !== undefined) requirePositive(`${field}.forward`, quote.forward);
    if (quote.timestamp !== undefined) requireFinite(`${field}.timestamp`, quote.timestamp);
  });
}
