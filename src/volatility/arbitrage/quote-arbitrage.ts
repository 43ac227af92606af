/**
 * Static arbitrage between quotes of calls and puts at executable prices: bought at the ask, sold at the bid.
 *
 * Prices are undiscounted fractions of the forward F of their expiry, strikes multiples of it, and the underlying is M = S/F, of mean
 * 1. A put is a call by parity,  c = p + 1 - kappa: with the put goes one forward, and kappa is borrowed. A quote is sold against
 *
 *   parity                    the same call at another price, one of the two as a put
 *   vertical spread           one of lower strike, c falls;  or one of higher strike and the difference of strikes, c falls at most that
 *   butterfly                 two with strikes around its own, c is convex; the forward is the call of strike 0
 *   calendar spread           the same strike at a later expiry, c grows with time
 *   calendar vertical spread, calendar butterfly    the same with one or both calls of a later expiry
 *
 * and a quote below intrinsic value is bought against the forward, one above it sold (bounds). There is a trade if and only if no
 * prices inside the spreads are free of arbitrage (executable-arbitrage.ts). Carr and Madan (2005); Davis and Hobson (2007); Cousot
 * (2007); Cohen, Reisinger and Wang (2020). Amounts of different expiries are per unit of DF F: carry is deterministic.
 */
import { requireFinite, requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { executableArbitrage, ROUNDING } from '../../market/executable-arbitrage.js';
import type { ArbitragePortfolio, CallQuotes } from '../../market/executable-arbitrage.js';
import type { OptionType } from '../../pricing/option.js';

/** One entry a quote. */
export interface NormalisedQuotes {
  /** Any number that grows with time to expiry. */
  expiry: ArrayLike<number>;
  type: ArrayLike<OptionType>;
  /** Multiples of the forward, above 0. */
  strike: ArrayLike<number>;
  /** Undiscounted fractions of the forward; 0 where there is none. */
  bid: ArrayLike<number>;
  /** Infinity where there is none. */
  ask: ArrayLike<number>;
}

export type ArbitrageFamily =
  | 'bounds'
  | 'parity'
  | 'vertical-spread'
  | 'butterfly'
  | 'calendar-spread'
  | 'calendar-vertical-spread'
  | 'calendar-butterfly';

export interface TradeLeg {
  /** Its place among the quotes; -1 for a forward paid in advance, which delivers M. */
  quote: number;
  type: OptionType | 'forward';
  /** 0 for a forward. */
  strike: number;
  expiry: number;
  /** Positive is long. */
  quantity: number;
  /** The bid of a leg that is sold, the ask of one that is bought; 1 for a forward. */
  price: number;
}

export interface QuoteTrade {
  family: ArbitrageFamily;
  legs: TradeLeg[];
  /** Lent until the end (borrowed where negative). */
  cash: number;
  /** Collected at once. */
  credit: number;
  /** The least it can pay later: 0 but for rounding. */
  worstPayoff: number;
  /** Where the underlying stands above `above` when the sold quote expires, forwards are sold, as many as calls bought, to their expiries. */
  hedge?: { expiry: number; above: number; sell: { until: number; quantity: number }[] } | undefined;
}

/**
 * The most profitable trade of each family for each quote sold, by what it collects, most first; none exactly where prices free of
 * arbitrage exist inside all spreads. A butterfly is listed where it collects more than any spread from the same expiries. Throws
 * InputError on columns of different length, a strike not above 0, a bid that is not finite or a price below 0.
 */
export function quoteArbitrage(quotes: NormalisedQuotes): QuoteTrade[] {
  const calls = callQuotes(quotes);
  const sameExpiry = new Map<number, number[]>();
  Array.from(calls.expiry).forEach((expiry, i) => {
    const same = sameExpiry.get(expiry);
    if (same) same.push(i);
    else sameExpiry.set(expiry, [i]);
  });
  const combined = [...sameExpiry.values()].flatMap((indices) => within(calls, indices));
  const across = executableArbitrage(calls).filter(({ bought }) => bought.some(({ quote }) => quote >= 0));
  const portfolios = new Map<string, { family: ArbitrageFamily; portfolio: ArbitragePortfolio }>();
  for (const portfolio of [...combined, ...across, ...pairs(calls)]) {
    const family = familyOf(portfolio, calls);
    const key = `${family} ${portfolio.sold < 0 ? `bought ${portfolio.bought[0]!.quote}` : portfolio.sold}`;
    const known = portfolios.get(key);
    if (!known || known.portfolio.credit < portfolio.credit) portfolios.set(key, { family, portfolio });
  }
  return [...portfolios.values()]
    .map(({ family, portfolio }) => tradeOf(family, portfolio, quotes))
    .sort((a, b) => b.credit - a.credit);
}

/** Calls and puts as calls. Throws InputError as `quoteArbitrage` does. */
export function callQuotes({ expiry, type, strike, bid, ask }: NormalisedQuotes): CallQuotes {
  const n = strike.length;
  for (const [field, { length }] of Object.entries({ expiry, type, bid, ask })) {
    if (length !== n) throw new InputError(`${field}.length`, length, `the number of strikes, ${n}`);
  }
  const parity = Array.from({ length: n }, (_, i) => {
    requireFinite(`expiry[${i}]`, expiry[i]);
    const kappa = requirePositive(`strike[${i}]`, strike[i]);
    if (!(requireFinite(`bid[${i}]`, bid[i]) >= 0)) throw new InputError(`bid[${i}]`, bid[i], '0 or more');
    if (!(ask[i]! >= 0)) throw new InputError(`ask[${i}]`, ask[i], '0 or more, or Infinity');
    return requireOneOf(`type[${i}]`, type[i], ['call', 'put']) === 'call' ? 0 : 1 - kappa;
  });
  return {
    expiry,
    strike,
    bid: parity.map((shift, i) => (bid[i]! > 0 ? bid[i]! + shift : -Infinity)),
    ask: parity.map((shift, i) => ask[i]! + shift),
  };
}

/** Portfolios of one expiry, by the places of its quotes among all. */
function within({ expiry, strike, bid, ask }: CallQuotes, indices: readonly number[]): ArbitragePortfolio[] {
  const pick = (values: ArrayLike<number>): number[] => indices.map((i) => values[i]!);
  const found = executableArbitrage({ expiry: pick(expiry), strike: pick(strike), bid: pick(bid), ask: pick(ask) });
  return found.map((portfolio) => ({
    ...portfolio,
    sold: portfolio.sold < 0 ? -1 : indices[portfolio.sold]!,
    bought: portfolio.bought.map(({ quote, weight }) => ({ quote: indices[quote]!, weight })),
  }));
}

/** One quote sold against one bought of the same or a later expiry, the best of each family. */
function pairs({ expiry, strike, bid, ask }: CallQuotes): ArbitragePortfolio[] {
  const found: ArbitragePortfolio[] = [];
  for (let sold = 0; sold < strike.length; sold++) {
    const best = new Map<string, ArbitragePortfolio>();
    for (let quote = 0; quote < strike.length; quote++) {
      if (expiry[quote]! < expiry[sold]!) continue;
      const cash = Math.max(0, strike[quote]! - strike[sold]!);
      const credit = bid[sold]! - ask[quote]! - cash;
      if (!(credit > ROUNDING)) continue;
      const key = `${expiry[quote] === expiry[sold]} ${strike[quote] === strike[sold]}`;
      if (!(credit <= (best.get(key)?.credit ?? 0))) {
        best.set(key, { sold, bought: [{ quote, weight: 1 }], forward: 0, cash, credit });
      }
    }
    found.push(...best.values());
  }
  return found;
}

/** The family a portfolio of calls belongs to. */
export function familyOf(
  { sold, bought, forward }: ArbitragePortfolio,
  { expiry, strike }: CallQuotes,
): ArbitrageFamily {
  if (sold < 0 || bought.length === 0) return 'bounds';
  const later = bought.some(({ quote }) => expiry[quote]! > expiry[sold]!);
  if (bought.length + Math.abs(forward) > 1) return later ? 'calendar-butterfly' : 'butterfly';
  const same = strike[bought[0]!.quote] === strike[sold];
  if (later) return same ? 'calendar-spread' : 'calendar-vertical-spread';
  return same ? 'parity' : 'vertical-spread';
}

/** A portfolio of calls in terms of the quotes it is made of. */
export function tradeOf(family: ArbitrageFamily, portfolio: ArbitragePortfolio, quotes: NormalisedQuotes): QuoteTrade {
  const { sold, bought, credit } = portfolio;
  const first = quotes.expiry[sold < 0 ? bought[0]!.quote : sold]!;
  const forwards = new Map([[first, portfolio.forward]]);
  let cash = portfolio.cash;
  const option = (quote: number, quantity: number, prices: ArrayLike<number>): TradeLeg => {
    const [type, strike, expiry] = [quotes.type[quote]!, quotes.strike[quote]!, quotes.expiry[quote]!];
    if (type === 'put') {
      forwards.set(expiry, (forwards.get(expiry) ?? 0) + quantity);
      cash -= quantity * strike;
    }
    return { quote, type, strike, expiry, quantity, price: prices[quote]! };
  };
  const legs = bought.map(({ quote, weight }) => option(quote, weight, quotes.ask));
  if (sold >= 0) legs.push(option(sold, -1, quotes.bid));
  for (const [expiry, quantity] of forwards) {
    if (quantity !== 0) legs.push({ quote: -1, type: 'forward', strike: 0, expiry, quantity, price: 1 });
  }
  const sell = bought.flatMap(({ quote, weight }) => {
    const until = quotes.expiry[quote]!;
    return until > first ? [{ until, quantity: weight }] : [];
  });
  const trade: QuoteTrade = { family, legs, cash, credit, worstPayoff: 0 };
  if (sell.length > 0) trade.hedge = { expiry: first, above: quotes.strike[sold]!, sell };
  return { ...trade, worstPayoff: worstPayoff(trade) };
}

/** What the trade pays, its hedge included, where the underlying stands at `at(expiry)`, as a multiple of its forward. */
export function tradePayoff(
  { legs, cash, hedge }: Omit<QuoteTrade, 'family' | 'worstPayoff'>,
  at: (expiry: number) => number,
): number {
  const fixed = legs.reduce((sum, leg) => sum + leg.quantity * legPayoff(leg, at(leg.expiry)), cash);
  if (!hedge || !(at(hedge.expiry) > hedge.above)) return fixed;
  return hedge.sell.reduce((sum, { until, quantity }) => sum + quantity * (at(hedge.expiry) - at(until)), fixed);
}

function legPayoff({ type, strike }: TradeLeg, underlying: number): number {
  return type === 'put' ? Math.max(0, strike - underlying) : Math.max(0, underlying - strike);
}

/**
 * The payoff is a sum of functions of one expiry's underlying each, linear between strikes, with the hedge on as with it off. So the
 * least is the sum of the least at 0, at the strikes and twice beyond the last, where every slope is 0 or upwards.
 */
function worstPayoff({ legs, cash, hedge }: QuoteTrade): number {
  const expiries = [...new Set(legs.map(({ expiry }) => expiry))];
  const farthest = 2 * Math.max(1, ...legs.map(({ strike }) => strike));
  const least = (hedged: boolean): number =>
    expiries.reduce((sum, expiry) => {
      const own = legs.filter((leg) => leg.expiry === expiry);
      const sells =
        hedge?.sell.filter(({ until }) => until === expiry).reduce((s, { quantity }) => s + quantity, 0) ?? 0;
      const buys = hedge?.expiry === expiry ? hedge.sell.reduce((s, { quantity }) => s + quantity, 0) : 0;
      const points = [0, farthest, ...own.map(({ strike }) => strike)].filter(
        (m) => hedge?.expiry !== expiry || (hedged ? m >= hedge.above : m <= hedge.above),
      );
      const pays = points.map((m) => {
        return own.reduce((s, leg) => s + leg.quantity * legPayoff(leg, m), hedged ? (buys - sells) * m : 0);
      });
      return sum + Math.min(...pays);
    }, cash);
  return hedge ? Math.min(least(false), least(true)) : least(false);
}
