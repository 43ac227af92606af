/**
 * Repair of an expiry whose quotes admit static arbitrage at executable prices, on the forward it is built on.
 *
 * Calls and puts become calls on a forward of 1,  c = C / F = P / F + 1 - kappa;  price-repair.ts finds the least moves, measured in
 * half-spreads, after which arbitrage-free prices exist between all bids and asks. A bid that is lowered or an ask that is raised
 * widens its quote, so the quote counts for less in a fit, and the fit target, the price next to the market's that can hold, is the
 * moved side itself. A side moved to where it says nothing about volatility leaves a bound.
 */
import { blackImpliedVolatility } from '../pricing/black-implied-volatility.js';
import { outOfTheMoneyValue } from '../pricing/black.js';
import { executableArbitrage } from './executable-arbitrage.js';
import type { CallQuotes } from './executable-arbitrage.js';
import type { VolatilityQuote } from './filter.js';
import { repairPrices } from './price-repair.js';
import { describe } from './volatility-quote.js';

/** A quote moved to rule out arbitrage. */
export interface RepairedQuote {
  /** In the chain. */
  index: number;
  id: string;
  /** A bid that was lowered or an ask that was raised. */
  side: 'bid' | 'ask';
  /** Volatility of that side as quoted ... */
  from: number;
  /** ... and as repaired, the fit target of a quote with two sides; a bid of 0 or an ask of Infinity is no bound any more. */
  to: number;
}

/** The same quotes, some of them moved; or how many portfolios collect where no repair was found. */
export function repairQuotes(
  quotes: readonly VolatilityQuote[],
  forward: number,
  timeToExpiry: number,
): { ok: true; quotes: VolatilityQuote[]; repaired: RepairedQuote[] } | { ok: false; portfolios: number } {
  const calls = callQuotes(quotes, forward, timeToExpiry);
  const repair = repairPrices(calls);
  if (!repair.ok) return { ok: false, portfolios: executableArbitrage(calls).length };
  const repaired: RepairedQuote[] = [];
  const moved = quotes.map((quote, i) => {
    const { index, instrument: id } = quote;
    let changed = quote;
    for (const side of ['bid', 'ask'] as const) {
      if ((side === 'bid' ? repair.lowered : repair.raised)[i]! === 0) continue;
      const call = forward * repair[side][i]!;
      const price = quote.type === 'call' ? call : call - (forward - quote.strike);
      changed = withSide(changed, side, price, forward, timeToExpiry);
      const volatility = side === 'bid' ? 'volatilityBid' : 'volatilityAsk';
      repaired.push({ index, id, side, from: quote[volatility], to: changed[volatility] });
    }
    return changed;
  });
  return { ok: true, quotes: moved, repaired };
}

/** As calls on a forward of 1; a side that is not quoted is none, and a volatility is priced. */
function callQuotes(quotes: readonly VolatilityQuote[], forward: number, timeToExpiry: number): CallQuotes {
  const sides = quotes.map(({ type, strike, price, volatilityBid, volatilityAsk }) => {
    const priced = (volatility: number): number =>
      outOfTheMoneyValue(forward, strike, volatility * Math.sqrt(timeToExpiry)) +
      Math.max(0, type === 'call' ? forward - strike : strike - forward);
    const bid = price ? price.bid : volatilityBid > 0 ? priced(volatilityBid) : 0;
    const ask = price ? price.ask : volatilityAsk < Infinity ? priced(volatilityAsk) : Infinity;
    const parity = type === 'call' ? 0 : (forward - strike) / forward;
    return { bid: bid > 0 ? bid / forward + parity : -Infinity, ask: ask / forward + parity };
  });
  return {
    expiry: quotes.map(() => timeToExpiry),
    strike: quotes.map(({ strike }) => strike / forward),
    bid: sides.map(({ bid }) => bid),
    ask: sides.map(({ ask }) => ask),
  };
}

/** The quote with one side at another price. */
function withSide(
  quote: VolatilityQuote,
  side: 'bid' | 'ask',
  price: number,
  forward: number,
  timeToExpiry: number,
): VolatilityQuote {
  const implied = blackImpliedVolatility(forward, quote.strike, timeToExpiry, quote.type, Math.max(0, price));
  const says = implied.ok && implied.volatility > 0;
  const changed = { ...quote };
  if (side === 'bid') changed.volatilityBid = says ? Math.min(implied.volatility, quote.volatilityBid) : 0;
  else changed.volatilityAsk = says ? Math.max(implied.volatility, quote.volatilityAsk) : Infinity;
  const twoSided = !Number.isNaN(quote.volatility) && says;
  changed.volatility = !twoSided ? NaN : side === 'bid' ? changed.volatilityBid : changed.volatilityAsk;
  if (quote.price) changed.price = { ...quote.price, [side]: says ? price : side === 'bid' ? 0 : Infinity };
  return describe(changed, forward, timeToExpiry);
}
