/** A chain whose quotes wander: the forward and the level of each expiry move a little, a few expiries at a time, as time passes. */
import type { OptionChain } from '../../../src/market/chain.js';
import type { Instant, RawQuote } from '../../../src/market/quote.js';
import { black76 } from '../../../src/pricing/black76.js';
import { uniform } from './slices.js';

export interface WalkStep {
  chain: OptionChain;
  touched: Instant[];
}

/** Steps of a walk from `chain`, an inverse one with marks and mark volatilities; each touches one to three expiries. */
export function* quoteWalk(chain: OptionChain, steps: number, seed: number): Generator<WalkStep> {
  const random = uniform(seed);
  const expiries = [...new Set(chain.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b);
  let now = chain;
  for (let step = 0; step < steps; step++) {
    const asOf = now.asOf + Math.round(20_000 * random());
    const count = 1 + Math.floor(3 * random());
    const touched = Array.from({ length: count }, () => expiries[Math.floor(random() * expiries.length)]!);
    const shifts = new Map(touched.map((expiry) => [expiry, [0.004 * (random() - 0.5), 0.02 * (random() - 0.5)]]));
    const quotes = now.quotes.map((quote) => {
      const shift = shifts.get(quote.expiry);
      return shift === undefined ? quote : moved(quote, asOf, shift[0]!, shift[1]!, random);
    });
    now = { ...now, asOf, quotes };
    yield { chain: now, touched: [...new Set(touched)] };
  }
}

function moved(quote: RawQuote, asOf: Instant, drift: number, level: number, random: () => number): RawQuote {
  const { type, strike, expiry, forward, markVolatility, bid, ask } = quote;
  if (forward === undefined || markVolatility === undefined) return quote;
  const timeToExpiry = (expiry - asOf) / (365 * 86_400_000);
  const next = { forward: forward * (1 + drift), markVolatility: markVolatility * (1 + level) };
  const price = (at: number, volatility: number): number =>
    black76.price({ type, strike, timeToExpiry, forward: at, volatility }) / at;
  const change = price(next.forward, next.markVolatility) - price(forward, markVolatility);
  const jitter = 0.1 * (random() - 0.5) * ((ask ?? 0) - (bid ?? 0));
  const at = (side: number | undefined): number | undefined =>
    side === undefined ? undefined : Math.max(1e-5, side + change + (ask === undefined ? 0 : jitter));
  return { ...quote, ...next, bid: at(bid), ask: at(ask), timestamp: asOf };
}
