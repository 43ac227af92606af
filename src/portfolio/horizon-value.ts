/**
 * The value of a book on one underlying as a function of its spot at a later time: forwards and marks in proportion to the spot, each
 * strike at its volatility, rates as they are. Options and futures whose expiry has come are at their payoff.
 *
 *   profit(S) = sum of units x (value(S) - cost)
 *
 * Cost is the entry price where there is one, at the exchange rate of now, and else the value now. A future costs nothing: it has
 * gained since its entry, in its settlement currency, at the exchange rate of S.
 */
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { compensatedSum } from '../math/sum.js';
import type { Currency, Instant } from '../market/quote.js';
import { american } from '../pricing/american.js';
import { black76 } from '../pricing/black76.js';
import { quantoForward } from '../pricing/quanto.js';
import type { Position } from './account.js';
import { positionValue, valueBook, type Book } from './book.js';
import { americanTerms } from './american-greeks.js';
import type { OptionInstrument } from './instrument.js';
import { type MarketView, openMarket, type UnderlyingView } from './market-view.js';
import { optionTerms } from './option-greeks.js';
import type { MarketSnapshot } from './snapshot.js';
import { gainOf, missingError, quoteCurrency } from './valuation.js';

export interface HorizonBook {
  view: MarketView;
  /** Undefined for a book of cash. */
  market: UnderlyingView | undefined;
  horizon: Instant;
  /** Profit of the book in the numeraire at a spot above 0. */
  profit: (spot: number) => number;
  /** Sum of |units x value| and of |cost|: the scale of rounding at a spot. */
  gross: (spot: number) => number;
  /** Strikes, where the profit may have a kink. */
  strikes: number[];
  /** Whether every option has expired at the horizon: the profit is then made of straight pieces (over S, in coin). */
  settled: boolean;
}

/**
 * Opens a book at a horizon: `horizonDays` from asOf, or where missing its next expiry, or now if nothing expires. Throws InputError
 * as valueBook does, and for more than one underlying.
 */
export function openHorizon(
  positions: readonly Position[],
  snapshot: MarketSnapshot,
  numeraire: Currency,
  horizonDays: number | undefined,
): HorizonBook {
  const view = openMarket(snapshot);
  const book = valueBook(positions, snapshot, { numeraire });
  const names = [...new Set(book.instruments.map((instrument) => instrument.underlying))];
  const markets = names.filter((name) => view.underlying(name) !== undefined);
  if (markets.length > 1) throw new InputError('positions', names.join(', '), 'on one underlying');
  const market = markets[0] === undefined ? undefined : view.underlying(markets[0]);
  const expiries = book.instruments.flatMap((i) => ('expiry' in i && i.expiry !== undefined ? [i.expiry] : []));
  const later = expiries.filter((expiry) => expiry > view.asOf);
  const next = later.length === 0 ? view.asOf : Math.min(...later);
  const horizon = horizonDays === undefined ? next : view.asOf + horizonDays * 86_400_000;
  const rows = book.instruments.map((_, row) => valueAt(row, book, view, horizon));
  const costs = book.positions.map((position, i) => costOf(position, i, book, view));
  const values = (spot: number): number[] => {
    const perUnit = rows.map((row) => row(spot));
    return book.positions.map(({ instrument, entryPrice }, i) => {
      const row = book.index[i]!;
      const units = book.units[i]!;
      if (instrument.kind !== 'future' && instrument.kind !== 'perpetual') return units * perUnit[row]!;
      const mark = perUnit[row]!;
      return units * gainOf(instrument, mark, entryPrice!) * rateAt(row, book, view, spot);
    });
  };
  const options = book.instruments.filter((i): i is OptionInstrument => i.kind === 'option');
  return {
    view,
    market,
    horizon,
    profit: (spot) => compensatedSum([...values(spot), ...costs.map((cost) => -cost)]),
    gross: (spot) => compensatedSum([...values(spot), ...costs].map(Math.abs)),
    strikes: [...new Set(options.map(({ strike }) => strike).filter((strike) => strike > 0))].sort((a, b) => a - b),
    settled: options.every(({ expiry }) => expiry <= horizon),
  };
}

/** Settlement currency to numeraire when the spot of the instrument's underlying is `spot`. */
function rateAt(row: number, book: Book, view: MarketView, spot: number): number {
  const { underlying } = book.instruments[row]!;
  const { rate, powers } = book.conversion[row]!;
  const own = powers.find((power) => power.underlying === underlying);
  if (own === undefined) return rate;
  const ratio = spot / view.underlying(underlying)!.spot;
  return own.power === 1 ? rate * ratio : rate / ratio;
}

/** One unit's value in the numeraire as a function of the spot; of a future its mark. */
function valueAt(row: number, book: Book, view: MarketView, horizon: Instant): (spot: number) => number {
  const instrument = book.instruments[row]!;
  const market = view.underlying(instrument.underlying);
  const inNumeraire =
    (value: (spot: number) => number) =>
    (spot: number): number =>
      value(spot) * rateAt(row, book, view, spot);
  switch (instrument.kind) {
    case 'spot':
      return inNumeraire(instrument.settlement === instrument.underlying ? () => 1 : (spot) => spot);
    case 'leveraged-token': {
      const nav = book.settlementValue[row]!;
      const { leverage } = instrument;
      return inNumeraire((spot) => Math.max(0, nav + leverage * nav * (spot / market!.spot - 1)));
    }
    case 'option': {
      const value = optionAt(instrument, market!, view, horizon);
      return inNumeraire(value);
    }
    default: {
      const mark = book.mark[row]!;
      const expired = instrument.expiry !== undefined && instrument.expiry <= horizon;
      return (spot) => (expired ? spot : (mark * spot) / market!.spot);
    }
  }
}

function optionAt(
  option: OptionInstrument,
  market: UnderlyingView,
  view: MarketView,
  horizon: Instant,
): (spot: number) => number {
  const { type, strike, style, divisor } = option;
  const found = optionTerms(option, market);
  if (!found.ok) throw missingError(found.reason, option, view, option.settlement);
  const { terms, expiry } = found;
  const left = option.expiry <= horizon ? 0 : terms.timeToExpiry - (horizon - view.asOf) / (365 * 86_400_000);
  const expired = left <= 0;
  const timeToExpiry = Math.max(left, 0);
  if (!expired && option.exercise === 'american') {
    const now = americanTerms(option, market, expiry, terms.volatility);
    return (spot) => american.price({ ...now, spot, timeToExpiry }, 'fast');
  }
  const ratio = expired ? 1 : terms.forward / market.spot;
  const discountFactor = expired ? 1 : exp(-expiry.rate * timeToExpiry);
  const { volatility } = terms;
  return (spot) => {
    const forward = ratio * spot;
    const at = { type, strike, timeToExpiry, volatility, discountFactor };
    if (style === 'quanto') {
      const { fxVolatility = 0, correlation = 0, fixedFx = 1 } = option;
      const adjusted = quantoForward(forward, { volatility, fxVolatility, correlation, timeToExpiry });
      return fixedFx * black76.price({ ...at, forward: adjusted });
    }
    const value = black76.price({ ...at, forward });
    return style === 'inverse' ? value / (divisor === 'index' ? spot : forward) : value;
  };
}

/** What a position cost in the numeraire. */
function costOf({ instrument, entryPrice }: Position, i: number, book: Book, view: MarketView): number {
  if (instrument.kind === 'future' || instrument.kind === 'perpetual') return 0;
  if (entryPrice === undefined) return positionValue(book, i);
  const currency = instrument.kind === 'option' ? instrument.settlement : quoteCurrency(instrument);
  const conversion = view.conversion(currency, book.numeraire);
  if (conversion === undefined) throw missingError('no-fx', instrument, view, book.numeraire);
  return book.units[i]! * entryPrice * conversion.rate;
}
