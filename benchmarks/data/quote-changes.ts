/**
 * Synthetic changes of a chain's quotes, seeded: one quote a tick up or down, and moves of the market, in which the forwards and a level of
 * volatility carry every quote along; each from the chain as it is given. The chain needs its forwards and mark volatilities. They are not market data.
 */
import type { OptionChain } from '../../src/market/chain.js';
import type { QuoteChange } from '../../src/market/live-chain.js';
import type { Instant, RawQuote } from '../../src/market/quote.js';
import { seededRandom } from '../../src/math/random.js';
import { black76 } from '../../src/pricing/black76.js';

const TICK = 0.0001;
const YEAR = 365 * 86_400_000;

export interface QuoteChanges {
  /** One two-sided quote, moved by a tick. */
  tick(at: Instant): QuoteChange[];
  /** Every quote, after a small move of forwards and volatilities; of some expiries alone where they are given. */
  move(at: Instant, expiries?: ReadonlySet<Instant>): QuoteChange[];
}

export function quoteChanges(chain: OptionChain, seed: number): QuoteChanges {
  const random = seededRandom(seed);
  const draw = (): number => random.uniform();
  const quotes: RawQuote[] = chain.quotes.map((quote) => ({ ...quote }));
  const twoSided = quotes.filter(({ bid, ask }) => bid !== undefined && ask !== undefined && bid > 0.001);
  return {
    tick(at) {
      const quote = twoSided[Math.floor(draw() * twoSided.length)]!;
      const step = draw() < 0.5 ? TICK : -TICK;
      const changed = { bid: rounded(quote.bid! + step), ask: rounded(quote.ask! + step) };
      return [{ instrument: quote.instrument, timestamp: at, ...changed }];
    },
    move(at, expiries) {
      const [drift, level] = [0.001 * (draw() - 0.5), 0.005 * (draw() - 0.5)];
      return quotes.flatMap((quote) => {
        const { instrument, expiry, forward, markVolatility, bid, ask } = quote;
        if (forward === undefined || markVolatility === undefined) return [];
        if (expiries !== undefined && !expiries.has(expiry)) return [];
        const moved = { forward: forward * (1 + drift), markVolatility: markVolatility * (1 + level) };
        const change = value(quote, moved, at) - value(quote, { forward, markVolatility }, at);
        const side = (price: number | undefined): number | null | undefined =>
          price === undefined ? undefined : rounded(Math.max(TICK, price + change));
        return [
          { instrument, timestamp: at, forward: Number(moved.forward.toFixed(2)), bid: side(bid), ask: side(ask) },
        ];
      });
    },
  };
}

function value(
  { type, strike, expiry }: RawQuote,
  { forward, markVolatility }: { forward: number; markVolatility: number },
  at: Instant,
): number {
  const timeToExpiry = (expiry - at) / YEAR;
  return black76.price({ type, strike, forward, timeToExpiry, volatility: markVolatility }) / forward;
}

function rounded(price: number): number {
  return Number((Math.round(price / TICK) * TICK).toFixed(4));
}
