/**
 * American quotes made European: the premium of early exercise taken out at the volatility each price implies.
 *
 *   V_E = V_A - premium,   V_A(sigma) = the quote,   premium = V_A(sigma) - Black(F, K, sigma) DF
 *
 * The carry of each expiry is that at which calls and puts near the money have one volatility (american-carry.ts); rate and cash
 * dividends are the caller's. One volatility a strike is taken for the whole life of the option, as is usual; what that leaves
 * open, and what the errors of carry and rate do to the premium, grows with the premium, and out-of-the-money quotes have the
 * smallest.
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
import { InputError } from '../errors.js';
import type { Failure, Rejection } from '../errors.js';
import { exp } from '../math/exponential.js';
import { medianOf } from '../math/summary.js';
import { american } from '../pricing/american.js';
import type { Accuracy } from '../pricing/american.js';
import { black76 } from '../pricing/black76.js';
import { createForwardCurve, forwardPrice, zeroRate } from '../pricing/curves.js';
import type { CashDividend, Rate } from '../pricing/curves.js';
import { americanCarry, americanOption, parityForward } from './american-carry.js';
import type { AmericanPair, CarryTerms } from './american-carry.js';
import type { OptionChain } from './chain.js';
import { yearFraction } from './clock.js';
import { quotedSide } from './filter.js';
import type { Instant, RawQuote } from './quote.js';

export interface DeAmericaniseOptions {
  /** Continuously compounded, or a curve. Where missing, 2.5% give or take 2.5%: near-the-money pairs hardly tell it. */
  rate?: Rate | undefined;
  /** Standard deviation of the rate, a year; 0 where a rate is given. */
  rateError?: number | undefined;
  /** Cash dividends to come, in the escrowed model; what else the share pays is in the carry. Some 100 times slower. */
  dividends?: readonly CashDividend[] | undefined;
  /**
   * Cash that leaves the share before it trades again. What is held on is an option on the spot without it; calls whose bid is not
   * above what exercise today earns are rejected.
   */
  dividendNextDay?: number | undefined;
  /** Today's, the dividend in it. The chain's where missing. 'implied': the first expiry's forward, discounted, for a spot that is not of the options' instant. */
  spot?: number | 'implied' | undefined;
  /** For expiries whose pairs do not tell the carry; without it their quotes are rejected. */
  dividendYield?: number | undefined;
  /** Of the American engine; 'fast' where missing, within 4e-6 of the strike. */
  accuracy?: Accuracy | undefined;
}

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

/** What early exercise is worth in a quote. */
export interface EuropeanEquivalent {
  /** Of the quote in the chain given. */
  index: number;
  id: string;
  /** Volatilities of bid and ask, the American quote's and the European equivalent's alike; 0 where the bid tells none. */
  volatilityBid: number;
  volatilityAsk: number;
  /** At the middle of bid and ask, in the premium currency, 0 or more. */
  premium: number;
  /** By how much the errors of carry and rate may change the premium: two standard deviations of each, added. */
  modelRisk: number;
  /** The premium is below a tenth of the half-spread: the quote could have been read as European. */
  europeanOk: boolean;
}

export interface DeAmericanisedExpiry {
  expiry: Instant;
  timeToExpiry: number;
  forward: number;
  /** r - q a year: ln(F/S)/T where there are no cash dividends. */
  carry: number;
  /** Of the carry: two standard deviations either way, from bid and ask and from what the pairs scatter beyond them. */
  interval: [number, number];
  source: 'pairs' | 'given';
  rate: number;
  discountFactor: number;
  /** At two standard deviations of the rate; the upper end at most 1 where the rate is not given. */
  discountInterval: [number, number];
  pairsUsed: number;
  /** Near-the-money pairs, and how many have call and put volatilities within each other's bid-ask. */
  near: number;
  equal: number;
  /** Of the pairs' forwards by strike: 0 where rate and dividends are the market's. */
  slope: number;
  /** Median over the expiry's quotes, and of it relative to the half-spread. */
  medianPremium: number;
  largestModelRisk: number;
}

export type DeAmericanised =
  | {
      ok: true;
      /** European, at the prices without the premium, with the discount factors; without last and mark prices and the venue's volatilities and forwards. */
      chain: OptionChain;
      /** That the options are on, without a dividend of the next day. */
      spot: number;
      expiries: DeAmericanisedExpiry[];
      /** One for each quote of `chain`, in its order. */
      quotes: EuropeanEquivalent[];
      /** By index in the chain given. */
      rejected: Rejection<DeAmericaniseReason>[];
    }
  | (Failure<'no-spot' | 'no-carry'> & { rejected: Rejection<DeAmericaniseReason>[] });

const DEFAULT_RATE = 0.025;
const DEFAULT_RATE_ERROR = 0.025;
/** Doubt left about a rate that is given without any: a basis point. */
const LEAST_RATE_ERROR = 1e-4;
const MINIMUM_PAIRS = 2;
const NEGLIGIBLE = 0.1;
const ACCURACIES: readonly Accuracy[] = ['fast', 'default', 'accurate'];

type Verdict = { reason: DeAmericaniseReason; value: number; limit: number };
type Priced = { volatility: number; european: number };

/**
 * The European chain behind an American one, ready for `sliceInputs` and `calibrateSurface`. Every quote is in the result's chain or in
 * `rejected`; a bid that no volatility gives is left out of its quote, which becomes one-sided. Failures: 'no-spot' where the chain has
 * none and none is given (or implied); 'no-carry' where no expiry has pairs that tell it (value the expiries, limit 1).
 * Throws InputError on a chain that is not American and linear, and on options out of range.
 */
export function deAmericanise(chain: OptionChain, options: DeAmericaniseOptions = {}): DeAmericanised {
  const accuracy = checkArguments(chain, options);
  const { quotes } = chain;
  const rejected: Rejection<DeAmericaniseReason>[] = [];
  const reject = (index: number, verdict: Verdict): void => {
    rejected.push({ index, id: quotes[index]!.instrument, ...verdict });
  };
  const groups = byExpiry(chain, nextDayExercise(chain, options), reject);
  const rateError = options.rateError ?? (options.rate === undefined ? DEFAULT_RATE_ERROR : 0);
  const rateAt = (timeToExpiry: number): number => zeroRate(options.rate ?? DEFAULT_RATE, timeToExpiry);
  const today = options.spot === 'implied' ? impliedSpot(groups, rateAt, chain.spot) : (options.spot ?? chain.spot);
  if (today === undefined) {
    const message = 'the chain has no spot price, and early exercise is exercise into the spot';
    return { ok: false, reason: 'no-spot', message, value: 0, limit: 1, rejected };
  }

  const spot = today - (options.spot === 'implied' ? 0 : (options.dividendNextDay ?? 0));
  const expiries: DeAmericanisedExpiry[] = [];
  const european: { quote: RawQuote; equivalent: EuropeanEquivalent }[] = [];
  for (const { expiry, timeToExpiry, indices, pairs } of groups) {
    const rate = rateAt(timeToExpiry);
    const dividends = options.dividends?.filter(({ timeToExDate }) => timeToExDate <= timeToExpiry);
    const terms: CarryTerms = {
      spot,
      timeToExpiry,
      rate,
      rateError,
      dividends: dividends?.length === 0 ? undefined : dividends,
      accuracy,
    };
    const implied = americanCarry(pairs, terms);
    const told = typeof implied === 'number' ? undefined : implied;
    if (!told && options.dividendYield === undefined) {
      const verdict = { reason: 'no-carry' as const, value: implied as number, limit: MINIMUM_PAIRS };
      for (const index of indices) reject(index, verdict);
      continue;
    }
    const carry = told?.carry ?? rate - options.dividendYield!;
    const carryError = 2 * (told?.standardDeviation ?? 0);
    const remover = premiumRemover(terms, carry, carryError, rateError);
    const found: EuropeanEquivalent[] = [];
    for (const index of indices) {
      const made = remover.remove(quotes[index]!, index);
      if ('reason' in made) reject(index, made);
      else {
        found.push(made.equivalent);
        european.push(made);
      }
    }
    const factor = (r: number): number => exp(-r * timeToExpiry);
    const highest = options.rate === undefined ? Math.max(rate - 2 * rateError, 0) : rate - 2 * rateError;
    expiries.push({
      expiry,
      timeToExpiry,
      forward: remover.forward,
      carry,
      interval: [carry - carryError, carry + carryError],
      source: told ? 'pairs' : 'given',
      rate,
      discountFactor: factor(rate),
      discountInterval: [factor(rate + 2 * rateError), factor(highest)],
      pairsUsed: told?.pairsUsed ?? 0,
      near: told?.near ?? 0,
      equal: told?.equal ?? 0,
      slope: told?.slope ?? 0,
      medianPremium: found.length === 0 ? 0 : medianOf(found.map(({ premium }) => premium)),
      largestModelRisk: found.reduce((most, { modelRisk }) => Math.max(most, modelRisk), 0),
    });
  }
  rejected.sort((a, b) => a.index - b.index);
  if (expiries.length === 0) {
    const message = `none of the ${groups.length} expiries has calls and puts near the money that tell its carry`;
    return { ok: false, reason: 'no-carry', message, value: 0, limit: 1, rejected };
  }
  european.sort((a, b) => a.equivalent.index - b.equivalent.index);
  return {
    ok: true,
    chain: {
      ...chain,
      style: 'european',
      spot,
      discountFactors: expiries.map(({ expiry, timeToExpiry, discountFactor }) => ({
        expiry,
        mean: discountFactor,
        standardDeviation: discountFactor * timeToExpiry * Math.max(rateError, LEAST_RATE_ERROR),
      })),
      quotes: european.map(({ quote }) => quote),
    },
    spot,
    expiries,
    quotes: european.map(({ equivalent }) => equivalent),
    rejected,
  };
}

interface ExpiryGroup {
  expiry: Instant;
  timeToExpiry: number;
  indices: number[];
  pairs: AmericanPair[];
}

/** What exercise of a call of this strike today earns, where a dividend of the next day may make it worth while. */
function nextDayExercise(
  chain: OptionChain,
  { spot, dividendNextDay }: DeAmericaniseOptions,
): (quote: RawQuote) => number {
  const today = typeof spot === 'number' ? spot : chain.spot;
  if (!dividendNextDay || today === undefined) return () => 0;
  return ({ type, strike }) => (type === 'call' ? Math.max(today - strike, 0) : 0);
}

/** The quotes that have an ask, by expiry, with the strikes that are quoted on all four sides. */
function byExpiry(
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
function impliedSpot(
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

/** Takes the premium out of the quotes of one expiry. */
function premiumRemover(
  terms: CarryTerms,
  carry: number,
  carryError: number,
  rateError: number,
): {
  forward: number;
  remove: (quote: RawQuote, index: number) => { quote: RawQuote; equivalent: EuropeanEquivalent } | Verdict;
} {
  const { accuracy, timeToExpiry } = terms;
  const forwardAt = ({ spot, rate, dividends }: CarryTerms, c: number): number =>
    forwardPrice(createForwardCurve({ spot, rate, dividendYield: rate - c, dividends }), timeToExpiry);
  const european = ({ type, strike }: RawQuote, volatility: number, at: CarryTerms, f: number): number =>
    black76.price({ type, forward: f, strike, timeToExpiry, volatility, discountFactor: exp(-at.rate * timeToExpiry) });
  const forward = forwardAt(terms, carry);
  // Two other worlds: the carry at the end of its interval; the rate two errors up, the forward where it is.
  const others = [
    ...(carryError > 0 ? [{ at: terms, c: carry + carryError }] : []),
    ...(rateError > 0 ? [{ at: { ...terms, rate: terms.rate + 2 * rateError }, c: carry }] : []),
  ].map((other) => ({ ...other, f: forwardAt(other.at, other.c) }));

  const priced = (quote: RawQuote, price: number): Priced | Verdict => {
    const option = americanOption(quote.type, quote.strike, carry, terms);
    const found = american.impliedVolatility(option, price, accuracy);
    if (!found.ok) {
      const reason = found.reason === 'expired' ? 'beyond-precision' : found.reason;
      return { reason, value: price, limit: price - found.distance };
    }
    const { volatility } = found;
    return { volatility, european: Math.min(european(quote, volatility, terms, forward), price) };
  };

  /** The premium in another world, where the same price has another volatility (to first order in the price's change). */
  const premiumElsewhere = (
    quote: RawQuote,
    volatility: number,
    here: number,
    vega: number,
    { at, c, f }: (typeof others)[number],
  ): number => {
    const value = (sigma: number): number =>
      american.price({ ...americanOption(quote.type, quote.strike, c, at), volatility: sigma }, accuracy);
    const moved = Math.max(volatility - (value(volatility) - here) / vega, 0.1 * volatility);
    return Math.max(value(moved) - european(quote, moved, at, f), 0);
  };

  const remove = (quote: RawQuote, index: number): ReturnType<ReturnType<typeof premiumRemover>['remove']> => {
    const ask = priced(quote, quote.ask!);
    if ('reason' in ask) return ask;
    const bidPrice = quotedSide(quote.bid);
    const found = bidPrice === undefined ? undefined : priced(quote, bidPrice);
    const bid = found === undefined || 'reason' in found ? undefined : found;
    const volatility = bid ? 0.5 * (bid.volatility + ask.volatility) : ask.volatility;
    const option = { ...americanOption(quote.type, quote.strike, carry, terms), volatility };
    const here = american.price(option, accuracy);
    const premium = Math.max(here - european(quote, volatility, terms, forward), 0);
    const step = 1e-3 * volatility;
    const vega =
      others.length === 0 ? 0 : (american.price({ ...option, volatility: volatility + step }, accuracy) - here) / step;
    const modelRisk =
      vega > 0
        ? others.reduce(
            (sum, other) => sum + Math.abs(premiumElsewhere(quote, volatility, here, vega, other) - premium),
            0,
          )
        : premium;
    const { instrument, underlying, type, strike, expiry, bidSize, askSize, openInterest, volume, timestamp } = quote;
    return {
      quote: {
        ...{ instrument, underlying, type, strike, expiry, bidSize, askSize, openInterest, volume, timestamp },
        bid: bid?.european,
        ask: Math.max(ask.european, bid?.european ?? 0),
      },
      equivalent: {
        index,
        id: instrument,
        volatilityBid: bid?.volatility ?? 0,
        volatilityAsk: ask.volatility,
        premium,
        modelRisk: others.length === 0 ? 0 : modelRisk,
        europeanOk: bid !== undefined && premium < NEGLIGIBLE * 0.5 * (quote.ask! - bidPrice!),
      },
    };
  };
  return { forward, remove };
}

/** The accuracy, once everything has been looked at. */
function checkArguments(chain: OptionChain, options: DeAmericaniseOptions): Accuracy {
  requireObject('chain', chain);
  requireOneOf('chain.style', chain.style, ['american']);
  requireOneOf('chain.settlement', chain.settlement, ['linear']);
  requireFinite('chain.asOf', chain.asOf);
  if (chain.spot !== undefined) requirePositive('chain.spot', chain.spot);
  requireArray('chain.quotes', chain.quotes);
  chain.quotes.forEach((quote, i) => {
    const field = `chain.quotes[${i}]`;
    requireObject(field, quote);
    requireText(`${field}.instrument`, quote.instrument);
    requireOneOf(`${field}.type`, quote.type, ['call', 'put']);
    requirePositive(`${field}.strike`, quote.strike);
    requireFinite(`${field}.expiry`, quote.expiry);
    for (const side of ['bid', 'ask'] as const) {
      if (quote[side] !== undefined) requireNonNegative(`${field}.${side}`, quote[side]);
    }
  });
  requireObject('options', options);
  const { rate, rateError, dividends, dividendNextDay, spot, dividendYield } = options;
  if (rate !== undefined) zeroRate(rate, 1);
  if (rateError !== undefined) requireNonNegative('rateError', rateError);
  if (dividends !== undefined) requireArray('dividends', dividends);
  if (dividendNextDay !== undefined) {
    requireNonNegative('dividendNextDay', dividendNextDay);
    const today = typeof spot === 'number' ? spot : chain.spot;
    if (today !== undefined && !(dividendNextDay < today)) {
      throw new InputError('dividendNextDay', dividendNextDay, 'less than the spot');
    }
  }
  if (spot !== undefined && spot !== 'implied') {
    if (typeof spot === 'string') throw new InputError('spot', spot, "a price or 'implied'");
    requirePositive('spot', spot);
  }
  if (dividendYield !== undefined) requireFinite('dividendYield', dividendYield);
  return requireOneOf('accuracy', options.accuracy ?? 'fast', ACCURACIES);
}
