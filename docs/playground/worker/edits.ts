/** Quotes moved by hand: target, bid and ask of a point move together, its error stays. */
import type { SliceInput } from 'zomma';
import type { Edit } from '../protocol.js';

/** The slices with the edits, and how many of the edits have no quote any more. */
export function withEdits(
  slices: readonly SliceInput[],
  edits: readonly Edit[],
): { slices: SliceInput[]; lost: number } {
  const moved = slices.map((slice) => ({
    ...slice,
    volatility: [...slice.volatility],
    volatilityBid: [...slice.volatilityBid],
    volatilityAsk: [...slice.volatilityAsk],
  }));
  let lost = 0;
  for (const { expiry, instrument, volatility } of edits) {
    const slice = moved.find((one) => one.expiry === expiry);
    const i = slice?.instrument.indexOf(instrument) ?? -1;
    if (slice === undefined || i < 0 || Number.isNaN(slice.volatility[i])) {
      lost++;
      continue;
    }
    const ratio = volatility / slice.volatility[i]!;
    slice.volatility[i] = volatility;
    // In proportion: a bid stays above zero and below its ask.
    slice.volatilityBid[i]! *= ratio;
    slice.volatilityAsk[i]! *= ratio;
  }
  return { slices: moved, lost };
}
