/**
 * The premium of early exercise taken out of one quote at the volatility of its own bid and ask, and what the errors of carry and rate
 * do to it.
 *
 *   V_E = V_A - premium,   V_A(sigma) = the quote,   premium = V_A(sigma) - Black(F, K, sigma) DF
 */
import { exp } from '../math/exponential.js';
import { american } from '../pricing/american.js';
import { black76 } from '../pricing/black76.js';
import { createForwardCurve, forwardPrice } from '../pricing/curves.js';
import { americanOption } from './american-carry.js';
import type { CarryTerms } from './american-carry.js';
import type { Verdict } from './de-americanise-expiries.js';
import { quotedSide } from './filter.js';
import type { RawQuote } from './quote.js';

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

const NEGLIGIBLE = 0.1;

interface Priced {
  volatility: number;
  european: number;
}

/** Takes the premium out of the quotes of one expiry. */
export function premiumRemover(
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
