/** Static arbitrage between the quotes of one chain: what can be collected, in how many expiries, and what repair takes. */
import { executableArbitrage } from '../src/market/executable-arbitrage.js';
import type { OptionChain } from '../src/market/chain.js';
import { defaultQuoteFilters, quotedSides } from '../src/market/filter.js';
import { repairPrices, repairUnits } from '../src/market/price-repair.js';
import { sliceInputs } from '../src/market/slice-inputs.js';
import type { SliceInputs } from '../src/market/slice-inputs.js';
import { callQuotes, quoteArbitrage } from '../src/volatility/arbitrage/quote-arbitrage.js';
import type { NormalisedQuotes } from '../src/volatility/arbitrage/quote-arbitrage.js';
import { repairQuotes } from '../src/volatility/arbitrage/repair.js';

export interface ChainArbitrage {
  expiries: number;
  quotes: number;
  /** Expiries where some trade within the expiry collects at executable prices; and where one does without a forward. */
  executable: number;
  withoutForward: number;
  /** Whether a trade across expiries collects; of how many quotes sold. */
  calendarTrades: number;
  /** Moves of the repair within expiries: how many quotes, the largest and the sum in half-spreads. */
  moved: number;
  largestMove: number;
  cost: number;
  /** Most that one trade collects, in basis points of the forward. */
  largestCredit: number;
  /** Expiries whose out-of-the-money mid prices admit arbitrage; how many mids of how many move, and by how many half-spreads in the median. */
  midArbitrage: number;
  mids: number;
  midsMoved: number;
  midMove: number;
  /** Of `sliceInputs` with `repair`: quotes moved. */
  repairedInSlices: number;
  /** Detection in all expiries, and repair in all expiries, in milliseconds. */
  detection: number;
  repair: number;
}

/** The quotes of each expiry as fractions of the forward the chain implies, those in the money and those with one side among them. */
export function normalisedExpiries(chain: OptionChain, { rejected, forwards }: SliceInputs): NormalisedQuotes[] {
  const unusable = new Set(['expired', 'no-quote', 'crossed', 'stale', 'duplicate', 'no-forward', 'parity-arbitrage']);
  const skipped = new Set(rejected.flatMap(({ index, reason }) => (unusable.has(reason) ? [index] : [])));
  return forwards.flatMap(({ expiry, forward }) => {
    if (!forward.ok) return [];
    const { discountFactor } = forward;
    const scale = chain.settlement === 'linear' ? 1 / (discountFactor * forward.forward) : 1 / discountFactor;
    const rows = chain.quotes.flatMap((quote, index) => {
      const sides = quotedSides(quote);
      if (quote.expiry !== expiry || skipped.has(index) || sides.in === 'volatility') return [];
      return [{ ...quote, bid: (sides.bid ?? 0) * scale, ask: (sides.ask ?? Infinity) * scale }];
    });
    if (rows.length === 0) return [];
    return [
      {
        expiry: rows.map(() => expiry),
        type: rows.map(({ type }) => type),
        strike: rows.map(({ strike }) => strike / forward.forward),
        bid: rows.map(({ bid }) => bid),
        ask: rows.map(({ ask }) => ask),
      },
    ];
  });
}

export function chainArbitrage(chain: OptionChain): ChainArbitrage {
  const inputs = sliceInputs(chain, { repair: true });
  const expiries = normalisedExpiries(chain, inputs);
  const result: ChainArbitrage = {
    expiries: expiries.length,
    quotes: expiries.reduce((sum, { strike }) => sum + strike.length, 0),
    executable: 0,
    withoutForward: 0,
    calendarTrades: 0,
    moved: 0,
    largestMove: 0,
    cost: 0,
    largestCredit: 0,
    midArbitrage: 0,
    mids: 0,
    midsMoved: 0,
    midMove: 0,
    repairedInSlices: inputs.repaired.length,
    detection: 0,
    repair: 0,
  };
  const midMoves: number[] = [];
  for (const quotes of expiries) {
    let started = performance.now();
    const trades = quoteArbitrage(quotes);
    result.detection += performance.now() - started;
    started = performance.now();
    const repair = repairQuotes(quotes);
    result.repair += performance.now() - started;
    if (!repair.ok) throw new Error(repair.message);
    if (trades.length > 0) result.executable++;
    if (trades.some(({ legs }) => netForward(legs) === 0)) result.withoutForward++;
    result.largestCredit = Math.max(result.largestCredit, 1e4 * (trades[0]?.credit ?? 0));
    result.cost += repair.cost;
    for (const move of repair.perturbationInHalfSpreads) {
      if (move === 0) continue;
      result.moved++;
      result.largestMove = Math.max(result.largestMove, Math.abs(move));
    }
    const moves = movesOfMids(quotes);
    const moved = moves.filter((move) => move > 0);
    if (moved.length > 0) result.midArbitrage++;
    result.mids += moves.length;
    midMoves.push(...moved);
  }
  result.midsMoved = midMoves.length;
  midMoves.sort((a, b) => a - b);
  result.midMove = midMoves[midMoves.length >> 1] ?? 0;
  const calls = expiries.map((quotes) => callQuotes(quotes));
  const all = {
    expiry: calls.flatMap(({ expiry }) => Array.from(expiry)),
    strike: calls.flatMap(({ strike }) => Array.from(strike)),
    bid: calls.flatMap(({ bid }) => Array.from(bid)),
    ask: calls.flatMap(({ ask }) => Array.from(ask)),
  };
  result.calendarTrades = executableArbitrage(all).filter(({ sold, bought }) =>
    bought.some(({ quote }) => sold >= 0 && all.expiry[quote]! > all.expiry[sold]!),
  ).length;
  return result;
}

/** Forwards bought less those sold. */
function netForward(legs: ReturnType<typeof quoteArbitrage>[number]['legs']): number {
  const sum = legs.reduce((total, { type, quantity }) => total + (type === 'forward' ? quantity : 0), 0);
  return Math.abs(sum) < 1e-12 ? 0 : sum;
}

/** Half-spreads by which mid prices of out-of-the-money quotes move until they are free of arbitrage. */
function movesOfMids(quotes: NormalisedQuotes): number[] {
  const calls = callQuotes(quotes);
  const kept = Array.from(quotes.strike, (_, i) => i).filter(
    (i) =>
      quotes.bid[i]! > 0 &&
      quotes.ask[i]! < Infinity &&
      (quotes.type[i] === 'call') === quotes.strike[i]! >= 1 &&
      quotes.ask[i]! - quotes.bid[i]! <= defaultQuoteFilters.maximumSpread * 0.5 * (quotes.bid[i]! + quotes.ask[i]!),
  );
  const pick = (values: ArrayLike<number>): number[] => kept.map((i) => values[i]!);
  const sides = { bid: pick(calls.bid), ask: pick(calls.ask) };
  const unit = repairUnits(sides);
  const mid = sides.bid.map((bid, i) => 0.5 * (bid + sides.ask[i]!));
  const repair = repairPrices({ expiry: pick(calls.expiry), strike: pick(calls.strike), bid: mid, ask: mid }, { unit });
  if (!repair.ok) throw new Error(repair.message);
  return repair.lowered.map((move, i) => (move + repair.raised[i]!) / unit[i]!);
}
