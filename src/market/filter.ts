/**
 * Which quotes may take part in a fit. Two rooms: what a quote says by itself (expired, empty, crossed, stale, duplicate), and what
 * it says once the forward is known (bounds, moneyness, spread, vega, delta). Every refusal names the reason, the number that
 * decided and its limit; every limit can be set by the caller.
 */
import { requireObject } from '../check.js';
import { InputError } from '../errors.js';
import type { OptionType } from '../pricing/option.js';
import type { Instant, RawQuote } from './quote.js';

/** The limits, by key. Numbers are 0 or more. */
export interface QuoteFilters {
  /** Widest spread of an out-of-the-money quote, as a multiple of its mid price. A spread within `maximumSpreadTicks` is never too wide. */
  maximumSpread: number;
  /** In ticks of the chain. */
  maximumSpreadTicks: number;
  /** Largest half-spread in volatility, as a decimal ... */
  maximumVolatilityHalfSpread: number;
  /** ... or as a multiple of the quote's volatility, whichever is larger. */
  maximumRelativeHalfSpread: number;
  /** Smallest vega, as a multiple of F sqrt(T): n(d1). */
  minimumVega: number;
  /** Smallest forward delta in size. */
  minimumDelta: number;
  /** Largest forward delta in size. */
  maximumDelta: number;
  /** Seconds before asOf beyond which a timestamped quote is stale ... */
  maximumAge: number;
  /** ... or this multiple of the chain's median age, whichever is larger. */
  maximumAgeMultiple: number;
  /** Calls and puts of one strike are blended where |k| is below this multiple of the at-the-money standard deviation. */
  blendWidth: number;
  /** Fewest strikes quoted on both sides that make a slice. */
  minimumQuotes: number;
  /** Whether a quote whose bid equals its ask is used. */
  keepLocked: boolean;
  /** Whether a quote with one side is kept as a bound. */
  keepOneSided: boolean;
}

/**
 * Measured on 28 chains (Deribit 2020 to 2026, a crash among them, and SPX 2022 to 2023): these limits keep 71% to all of each chain's
 * two-sided out-of-the-money quotes, 98% in the median, and every expiry that has five of them.
 *
 * - An ask of up to three times the bid (spread within the mid) is a usable wing quote whose weight is small; at half the mid a
 *   crash loses 28% of its quotes. Five ticks is the width of the cheapest quotes everywhere.
 * - A half-spread of 5 vol points is wide at 30% volatility and narrow at 250%, hence the relative limit beside it.
 * - Below a delta of 0.25% index quotes are one tick against two: cabinet prices. At 0.5% short index expiries lose 45% of their quotes.
 */
export const defaultQuoteFilters: Readonly<QuoteFilters> = {
  maximumSpread: 1,
  maximumSpreadTicks: 5,
  maximumVolatilityHalfSpread: 0.05,
  maximumRelativeHalfSpread: 0.2,
  minimumVega: 1e-4,
  minimumDelta: 0.0025,
  maximumDelta: 0.9975,
  maximumAge: 600,
  maximumAgeMultiple: 3,
  blendWidth: 0.25,
  minimumQuotes: 3,
  keepLocked: false,
  keepOneSided: true,
};

/** Why a quote has no part in any slice. `value` and `limit` of each are given with it. */
export type QuoteRejectionReason =
  /** Years to settlement, 0. */
  | 'expired'
  /** Neither side quoted: 0, 0. */
  | 'no-quote'
  /** Bid, ask. */
  | 'crossed'
  /** Bid, ask. */
  | 'locked'
  /** Age in seconds, the largest allowed. */
  | 'stale'
  /** Quotes of the same contract, 1. */
  | 'duplicate'
  /** Pairs of calls and puts, the fewest needed. */
  | 'no-forward'
  /** The published forward and the executable one next to it; or the share of contradicting pairs or expiries and the largest allowed. */
  | 'parity-arbitrage'
  /** How far the price is beyond its no-arbitrage bound, the spread (undiscounted, in the currency of the strike). */
  | 'outside-bounds'
  /** |k|, the largest at which an in-the-money quote is blended. */
  | 'in-the-money'
  /** Only one side quoted where the other type is quoted on both, or where bounds are not kept: sides, 2. */
  | 'one-sided'
  /** Spread and the widest allowed, in the premium currency. */
  | 'wide-spread'
  /** n(d1), the smallest allowed. */
  | 'low-vega'
  /** Half-spread in volatility, the largest allowed. */
  | 'imprecise-volatility'
  /** Size of the forward delta, the limit it is beyond. */
  | 'delta-out-of-range'
  /** Portfolios of the expiry that collect at executable prices and that no repair was found for, 0. Only where repair is wanted. */
  | 'arbitrage'
  /** Strikes quoted on both sides that the filters left in the expiry, the fewest needed. */
  | 'too-few-quotes'
  /** Quotes in the chain, 0: early exercise must be taken out before a European surface is fitted. */
  | 'american-not-de-americanised';

/** What decided against a quote. */
export interface Verdict {
  reason: QuoteRejectionReason;
  value: number;
  limit: number;
}

/**
 * The default filters with some of them changed. Throws InputError on a key that does not exist, a negative or NaN number, or a
 * value of the wrong type; Infinity switches an upper limit off.
 */
export function quoteFilters(changes: Readonly<Record<string, number | boolean>> = {}): QuoteFilters {
  requireObject('filters', changes);
  for (const [key, value] of Object.entries(changes)) {
    if (!Object.hasOwn(defaultQuoteFilters, key)) {
      throw new InputError(`filters.${key}`, value, `one of the keys ${Object.keys(defaultQuoteFilters).join(', ')}`);
    }
    const usual = defaultQuoteFilters[key as keyof QuoteFilters];
    if (typeof usual === 'boolean') {
      if (typeof value !== 'boolean') throw new InputError(`filters.${key}`, value, 'true or false');
    } else if (typeof value !== 'number' || !(value >= 0)) {
      throw new InputError(`filters.${key}`, value, 'a number, 0 or more');
    }
  }
  return { ...defaultQuoteFilters, ...changes };
}

/** A side that is quoted; undefined and 0 both mean that it is not. */
export function quotedSide(price: number | undefined): number | undefined {
  return price !== undefined && price > 0 ? price : undefined;
}

/** The two sides a quote is read from: its prices where it has any, else its volatilities. */
export function quotedSides(quote: RawQuote): {
  in: 'price' | 'volatility';
  bid: number | undefined;
  ask: number | undefined;
} {
  const bid = quotedSide(quote.bid);
  const ask = quotedSide(quote.ask);
  if (bid !== undefined || ask !== undefined || quote.bid !== undefined || quote.ask !== undefined) {
    return { in: 'price', bid, ask };
  }
  return { in: 'volatility', bid: quotedSide(quote.bidVolatility), ask: quotedSide(quote.askVolatility) };
}

/**
 * What each quote says by itself: a verdict where it is refused, undefined where it may go on. Of several quotes of one contract
 * the latest stays, of those the narrowest, of those the first.
 */
export function judgeQuotes(
  quotes: readonly RawQuote[],
  asOf: Instant,
  filters: QuoteFilters,
): (Verdict | undefined)[] {
  const ages = quotes.flatMap((quote) => (quote.timestamp === undefined ? [] : [(asOf - quote.timestamp) / 1000]));
  ages.sort((a, b) => a - b);
  const medianAge = ages[ages.length >> 1] ?? 0;
  const maximumAge = Math.max(filters.maximumAge, filters.maximumAgeMultiple * medianAge);
  const verdicts = quotes.map((quote) => judgeAlone(quote, asOf, maximumAge, filters));

  const contracts = new Map<string, number[]>();
  quotes.forEach((quote, index) => {
    if (verdicts[index]) return;
    const contract = `${quote.expiry}|${quote.strike}|${quote.type}`;
    const same = contracts.get(contract);
    if (same) same.push(index);
    else contracts.set(contract, [index]);
  });
  for (const same of contracts.values()) {
    if (same.length === 1) continue;
    const [best] = [...same].sort((a, b) => compareCopies(quotes[a]!, quotes[b]!) || a - b);
    for (const index of same) {
      if (index !== best) verdicts[index] = { reason: 'duplicate', value: same.length, limit: 1 };
    }
  }
  return verdicts;
}

function judgeAlone(quote: RawQuote, asOf: Instant, maximumAge: number, filters: QuoteFilters): Verdict | undefined {
  if (quote.expiry <= asOf) {
    return { reason: 'expired', value: (quote.expiry - asOf) / (365 * 86_400_000), limit: 0 };
  }
  const { bid, ask } = quotedSides(quote);
  if (bid === undefined && ask === undefined) return { reason: 'no-quote', value: 0, limit: 0 };
  if (bid !== undefined && ask !== undefined) {
    if (bid > ask) return { reason: 'crossed', value: bid, limit: ask };
    if (bid === ask && !filters.keepLocked) return { reason: 'locked', value: bid, limit: ask };
  }
  const age = quote.timestamp === undefined ? 0 : (asOf - quote.timestamp) / 1000;
  if (age > maximumAge) return { reason: 'stale', value: age, limit: maximumAge };
  return undefined;
}

/** Negative where `a` is the better copy of the same contract. */
function compareCopies(a: RawQuote, b: RawQuote): number {
  const later = (b.timestamp ?? -Infinity) - (a.timestamp ?? -Infinity);
  if (later !== 0 && !Number.isNaN(later)) return later;
  const width = (quote: RawQuote): number => {
    const { bid, ask } = quotedSides(quote);
    return bid === undefined || ask === undefined ? Infinity : ask - bid;
  };
  const narrower = width(a) - width(b);
  return Number.isNaN(narrower) ? 0 : narrower;
}

/** A quote as a volatility on a known forward. Prices are undiscounted and in the currency of the strike. */
export interface VolatilityQuote {
  index: number;
  instrument: string;
  type: OptionType;
  strike: number;
  /** ln(K / F) */
  logMoneyness: number;
  inTheMoney: boolean;
  /** Where the quote is a volatility itself there is no price to judge. */
  price:
    | {
        /** 0 where not quoted. */
        bid: number;
        /** Infinity where not quoted. */
        ask: number;
        /** No-arbitrage bounds of the price. */
        lower: number;
        upper: number;
        /** Of the premium currency per unit of these prices. */
        unit: number;
        tick: number;
      }
    | undefined;
  /** 0 when unbounded. */
  volatilityBid: number;
  /** Infinity when unbounded. */
  volatilityAsk: number;
  /** NaN for a bound. */
  volatility: number;
  /** Of the undiscounted price, at the volatility or at the only bound. */
  vega: number;
  /** n(d1) there: vega / (F sqrt(T)). */
  normalisedVega: number;
  /** Size of the forward delta there. */
  delta: number;
}

/**
 * Whether a quote on a known forward is refused. `blended` is the |k| below which an in-the-money quote is of use: beyond it a price
 * says more about the forward than about volatility. A quoted volatility is the same for call and put.
 */
export function judgeVolatility(quote: VolatilityQuote, blended: number, filters: QuoteFilters): Verdict | undefined {
  const { price, volatilityBid, volatilityAsk, volatility, inTheMoney } = quote;
  const bounded = !Number.isNaN(volatility);
  if (price) {
    const spread = price.bid > 0 && price.ask < Infinity ? price.ask - price.bid : 0;
    const beyond = Math.max(price.lower - price.ask, price.bid - price.upper);
    if (beyond > spread) return { reason: 'outside-bounds', value: beyond, limit: spread };
    const distance = Math.abs(quote.logMoneyness);
    if (inTheMoney && !(distance < blended)) return { reason: 'in-the-money', value: distance, limit: blended };
    if (volatilityAsk === 0) return { reason: 'outside-bounds', value: price.lower - price.ask, limit: 0 };
    if (volatilityBid === 0 && price.ask >= price.upper && price.ask < Infinity) {
      return { reason: 'outside-bounds', value: price.ask - price.upper, limit: 0 };
    }
    if (bounded && !inTheMoney) {
      const widest = Math.max(
        filters.maximumSpread * 0.5 * (price.bid + price.ask),
        filters.maximumSpreadTicks * price.tick,
      );
      if (spread > widest) return { reason: 'wide-spread', value: spread * price.unit, limit: widest * price.unit };
    }
  }
  if (!bounded && !filters.keepOneSided) return { reason: 'one-sided', value: 1, limit: 2 };
  if (quote.normalisedVega < filters.minimumVega) {
    return { reason: 'low-vega', value: quote.normalisedVega, limit: filters.minimumVega };
  }
  if (bounded) {
    const half = 0.5 * (volatilityAsk - volatilityBid);
    const limit = Math.max(filters.maximumVolatilityHalfSpread, filters.maximumRelativeHalfSpread * volatility);
    if (half > limit) return { reason: 'imprecise-volatility', value: half, limit };
  }
  if (quote.delta < filters.minimumDelta) {
    return { reason: 'delta-out-of-range', value: quote.delta, limit: filters.minimumDelta };
  }
  if (quote.delta > filters.maximumDelta) {
    return { reason: 'delta-out-of-range', value: quote.delta, limit: filters.maximumDelta };
  }
  return undefined;
}
