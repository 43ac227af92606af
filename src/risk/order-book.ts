/** Order books as levels of price and size, and what walking them costs. */
import { requireArray, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';

export type TradeSide = 'buy' | 'sell';

export interface BookLevel {
  price: number;
  /** In contracts or units. */
  size: number;
}

export interface OrderBook {
  /** From the highest price down. */
  bids: readonly BookLevel[];
  /** From the lowest price up. */
  asks: readonly BookLevel[];
}

/** The levels a trade takes: asks for a buyer. Throws InputError where one is not above 0, out of order, or the book is crossed. */
export function levelsOf(book: OrderBook, side: TradeSide): readonly BookLevel[] {
  requireOneOf('side', side, ['buy', 'sell']);
  const bids = requireLevels('bids', book.bids, -1);
  const asks = requireLevels('asks', book.asks, 1);
  if (bids.length > 0 && asks.length > 0 && bids[0]!.price > asks[0]!.price) {
    throw new InputError('bids[0].price', bids[0]!.price, `${asks[0]!.price}, the best ask, or less`);
  }
  return side === 'buy' ? asks : bids;
}

/** Half way between best bid and best ask; undefined where a side is empty. Throws as {@link levelsOf}. */
export function midOf(book: OrderBook): number | undefined {
  const ask = levelsOf(book, 'buy')[0];
  const bid = levelsOf(book, 'sell')[0];
  return ask === undefined || bid === undefined ? undefined : 0.5 * (ask.price + bid.price);
}

function requireLevels(field: string, levels: readonly BookLevel[], direction: 1 | -1): readonly BookLevel[] {
  requireArray(field, levels);
  levels.forEach(({ price, size }, k) => {
    requirePositive(`${field}[${k}].price`, price);
    requirePositive(`${field}[${k}].size`, size);
    const before = levels[k - 1]?.price;
    if (before !== undefined && direction * (price - before) < 0) {
      throw new InputError(
        `${field}[${k}].price`,
        price,
        `${before}, the level before, or ${direction > 0 ? 'more' : 'less'}`,
      );
    }
  });
  return levels;
}

export type Fill =
  | { ok: true; /** Price times size, added up. */ paid: number; /** The last price taken. */ last: number }
  | Failure<'book-exhausted'>;

/** `quantity` taken from the levels in their order; 'book-exhausted' where they hold less. */
export function fillFromLevels(levels: readonly BookLevel[], quantity: number): Fill {
  let left = quantity;
  let paid = 0;
  let last = levels[0]?.price ?? 0;
  for (const { price, size } of levels) {
    if (left <= 0) break;
    const taken = Math.min(left, size);
    paid += taken * price;
    left -= taken;
    last = price;
  }
  if (left > 0) {
    const held = quantity - left;
    const message = `the levels hold ${held} of ${quantity}`;
    return { ok: false, reason: 'book-exhausted', message, value: quantity, limit: held };
  }
  return { ok: true, paid, last };
}
