/**
 * What a trade moves the price and what that costs, above the mid: one interface over several laws. Q of V traded a day, daily
 * deviation s, all as fractions of the price; an execution pays on average a part 1/(1 + exponent) of the move at its end.
 *
 *   square-root   Y s (Q/V)^(1/2)                                    the average is 2/3 of it
 *   power         eta s (Q/V)^beta
 *   linear        lambda Q / price                                   Kyle (1985); lambda in price per unit
 *   almgren       permanent I = .314 s (Q/V)(Theta/V)^(1/4),         paid I/2 + .142 s (Q/(V T))^(3/5)
 *   book          the levels of an order book, walked
 *
 * Theta is what is outstanding, T the days the execution takes: Almgren, Thum, Hauptmann and Li, "Direct estimation of equity market
 * impact" (2005). The square root: Grinold and Kahn (1994), Toth et al. (2011).
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log } from '../math/logarithm.js';
import { fillFromLevels, levelsOf } from './order-book.js';
import type { OrderBook, TradeSide } from './order-book.js';

export type ImpactModel =
  | { kind: 'square-root'; /** Y, near 1. */ coefficient: number }
  | { kind: 'power'; coefficient: number; /** Above 0, 1 at most. */ exponent: number }
  | { kind: 'linear'; /** lambda, price per unit of quantity. */ pricePerUnit: number }
  | {
      kind: 'almgren';
      /** T, days of trading. */
      days: number;
      /** Theta, in units of quantity. */
      outstanding: number;
      /** .314, .142 and .6 where missing. */
      permanent?: number | undefined;
      temporary?: number | undefined;
      exponent?: number | undefined;
    }
  | { kind: 'book'; book: OrderBook };

export interface ImpactState {
  /** The mid. */
  price: number;
  /** Deviation of the return of a day, decimal. Not read by 'linear' and 'book'. */
  dailyVolatility?: number | undefined;
  /** In units of quantity. Not read by 'linear' and 'book'. */
  dailyVolume?: number | undefined;
  /** Paid on top by every model but 'book', in price; 0 where missing. */
  halfSpread?: number | undefined;
}

export interface TradeCost {
  ok: true;
  /** Paid or received on average. */
  price: number;
  /** Against trading it all at the mid, in currency: 0 or more. */
  cost: number;
  /** Move of the price at the end of the trade, a fraction of the mid: 0 or more, against the trader. */
  impact: number;
}

/**
 * `quantity` is a size, 0 or more. 'book-exhausted' where a book holds less. Throws InputError naming the field out of range, and for a
 * sale so large that the law takes its price below 0.
 */
export function tradeCost(
  model: ImpactModel,
  side: TradeSide,
  quantity: number,
  state: ImpactState,
): TradeCost | Failure<'book-exhausted'> {
  requireOneOf('side', side, ['buy', 'sell']);
  requireNonNegative('quantity', quantity);
  const mid = requirePositive('state.price', state.price);
  if (model.kind === 'book') return walk(model.book, side, quantity, mid);
  const halfSpread = requireNonNegative('state.halfSpread', state.halfSpread ?? 0) / mid;
  const { average, end } = moves(model, quantity, state);
  const paid = quantity === 0 ? 0 : halfSpread + average;
  if (side === 'sell' && paid >= 1) {
    throw new InputError('quantity', quantity, 'small enough that a sale has a price above 0 under this law');
  }
  const price = side === 'buy' ? mid * (1 + paid) : mid * (1 - paid);
  return { ok: true, price, cost: paid * mid * quantity, impact: end };
}

/** What is paid on average and the move at the end, as fractions of the mid. */
function moves(
  model: Exclude<ImpactModel, { kind: 'book' }>,
  quantity: number,
  state: ImpactState,
): { average: number; end: number } {
  if (model.kind === 'linear') {
    const end = (requireNonNegative('pricePerUnit', model.pricePerUnit) * quantity) / state.price;
    return { average: 0.5 * end, end };
  }
  const volatility = requireNonNegative('state.dailyVolatility', state.dailyVolatility);
  const share = quantity / requirePositive('state.dailyVolume', state.dailyVolume);
  if (model.kind === 'almgren') {
    const days = requirePositive('days', model.days);
    const turnover = requirePositive('outstanding', model.outstanding) / state.dailyVolume!;
    const permanent = requireNonNegative('permanent', model.permanent ?? 0.314);
    const temporary = requireNonNegative('temporary', model.temporary ?? 0.142);
    const exponent = requireExponent(model.exponent ?? 0.6);
    const end = permanent * volatility * share * Math.sqrt(Math.sqrt(turnover));
    return { average: 0.5 * end + temporary * volatility * power(share / days, exponent), end };
  }
  const coefficient = requireNonNegative('coefficient', model.coefficient);
  const exponent = model.kind === 'square-root' ? 0.5 : requireExponent(model.exponent);
  const end = coefficient * volatility * power(share, exponent);
  return { average: end / (1 + exponent), end };
}

function requireExponent(exponent: number): number {
  if (!(requireWithin('exponent', exponent, 0, 1) > 0)) throw new InputError('exponent', exponent, 'above 0');
  return exponent;
}

function power(base: number, exponent: number): number {
  if (base === 0) return 0;
  return exponent === 0.5 ? Math.sqrt(base) : exponent === 1 ? base : exp(exponent * log(base));
}

function walk(book: OrderBook, side: TradeSide, quantity: number, mid: number): TradeCost | Failure<'book-exhausted'> {
  const filled = fillFromLevels(levelsOf(book, side), quantity);
  if (!filled.ok) return filled;
  const sign = side === 'buy' ? 1 : -1;
  const cost = sign * (filled.paid - mid * quantity);
  requireFinite('cost', cost);
  if (cost < 0) throw new InputError('state.price', mid, `the mid, between best bid and best ask`);
  const impact = quantity === 0 ? 0 : sign * (filled.last / mid - 1);
  return { ok: true, price: quantity === 0 ? mid : filled.paid / quantity, cost, impact };
}
