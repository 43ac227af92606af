/**
 * Quotes repaired: by how much each must move, in price and in half-spreads, for prices free of static arbitrage to exist between
 * bids and asks; such prices, next to the middle of the quotes; and the trade that the repair takes away, from the duals of the
 * linear program (market/price-repair.ts), which collects as much as the moves cost.
 */
import type { Failure } from '../../errors.js';
import { repairPrices, repairUnits } from '../../market/price-repair.js';
import { callQuotes, familyOf, tradeOf } from './quote-arbitrage.js';
import type { NormalisedQuotes, QuoteTrade } from './quote-arbitrage.js';

export type QuoteRepair =
  | {
      ok: true;
      /** By quote: below 0 where its bid is lowered, above 0 where its ask is raised, 0 where it stays. Fractions of the forward. */
      perturbation: number[];
      /** The same in the quote's half-spreads (the median one where it has none). */
      perturbationInHalfSpreads: number[];
      /**
       * Free of arbitrage, within the repaired bid and ask, and as near to the middle of the quotes as such prices come (least sum of
       * distances in half-spreads). NaN for a quote with one side.
       */
      price: number[];
      /** Sum of all perturbations in half-spreads: 0 exactly where nothing can be collected. */
      cost: number;
      /** The trades that collect most where each quote is bought and sold at most once per half-spread: together they collect `cost`. */
      trades: { amount: number; trade: QuoteTrade }[];
    }
  | Failure<'no-convergence'>;

/** Throws InputError where `quoteArbitrage` does. */
export function repairQuotes(quotes: NormalisedQuotes): QuoteRepair {
  const calls = callQuotes(quotes);
  const unit = repairUnits(calls);
  const repair = repairPrices(calls, { unit });
  if (!repair.ok) return { ...repair, reason: 'no-convergence' };
  const { lowered, raised } = repair;

  const twoSided = unit.map((_, i) => quotes.bid[i]! > 0 && quotes.ask[i]! < Infinity);
  const middle = twoSided.map((both, i) =>
    both ? Math.min(Math.max(0.5 * (calls.bid[i]! + calls.ask[i]!), repair.bid[i]!), repair.ask[i]!) : NaN,
  );
  const settled = repairPrices(
    {
      ...calls,
      bid: middle.map((value, i) => (twoSided[i] ? value : repair.bid[i]!)),
      ask: middle.map((value, i) => (twoSided[i] ? value : repair.ask[i]!)),
    },
    {
      unit,
      mostLowered: middle.map((value, i) => (twoSided[i] ? value - repair.bid[i]! : 0)),
      mostRaised: middle.map((value, i) => (twoSided[i] ? repair.ask[i]! - value : 0)),
    },
  );
  if (!settled.ok) return { ...settled, reason: 'no-convergence' };
  const perturbation = lowered.map((move, i) => raised[i]! - move);
  return {
    ok: true,
    perturbation,
    perturbationInHalfSpreads: perturbation.map((move, i) => move / unit[i]!),
    price: middle.map((value, i) => {
      const call = value - settled.lowered[i]! + settled.raised[i]!;
      return quotes.type[i] === 'call' ? call : call - (1 - quotes.strike[i]!);
    }),
    cost: repair.cost,
    trades: repair.trade.map(({ portfolio, amount }) => ({
      amount,
      trade: tradeOf(familyOf(portfolio, calls), portfolio, quotes),
    })),
  };
}
