/**
 * What perpetuals pay and receive in a day at the snapshot's funding rates: longs pay rate x notional, shorts receive it.
 *
 *   linear   -rate units P              in the settlement currency
 *   inverse  -rate N/P                  in coin, N the dollars of the position
 */
import { compensatedSum } from '../math/sum.js';
import type { Position } from './account.js';
import { valueBook, type Book } from './book.js';
import { openMarket, type MarketView } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import type { MarketSnapshot } from './snapshot.js';

/** Funding a day of each position, in the book's numeraire; negative is paid. */
export function fundingByPosition(book: Book, view: MarketView): Float64Array {
  return Float64Array.from(book.positions, ({ instrument }, i) => {
    const row = book.index[i]!;
    if (instrument.kind !== 'perpetual' || book.valued[row] === 0) return 0;
    const rate = view.underlying(instrument.underlying)!.market.fundingRatePerDay ?? 0;
    const mark = book.mark[row]!;
    const notional = book.units[i]! * (instrument.style === 'inverse' ? 1 / mark : mark);
    return rate === 0 ? 0 : -rate * notional * book.conversion[row]!.rate;
  });
}

/** Funding a day of a book in its numeraire; negative is paid. Throws as netGreeks does. */
export function fundingPerDay(
  positions: readonly Position[],
  snapshot: MarketSnapshot,
  options: ValuationOptions = {},
): { perDay: number; excluded: Excluded[] } {
  const book = valueBook(positions, snapshot, options);
  return { perDay: compensatedSum(fundingByPosition(book, openMarket(snapshot))), excluded: book.excluded };
}
