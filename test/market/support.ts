import type { OptionChain } from '../../src/market/chain.js';
import type { RawQuote } from '../../src/market/quote.js';
import { normalPdf } from '../../src/math/normal.js';
import { outOfTheMoneyValue } from '../../src/pricing/black.js';

/** Uniform numbers in [0, 1) from a seed (mulberry32), for reproducible noise. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const DAY = 86_400_000;
export const AS_OF = Date.UTC(2025, 5, 14, 22);

/** A skewed smile in total standard deviations, the same for all expiries. */
export const smile = (logMoneyness: number, timeToExpiry: number): number => {
  const x = logMoneyness / Math.sqrt(timeToExpiry);
  return 0.5 - 0.08 * x + 0.06 * x * x;
};

export interface SyntheticChain {
  settlement?: 'linear' | 'inverse';
  days?: readonly number[];
  strikes?: readonly number[];
  forward?: (timeToExpiry: number) => number;
  discount?: (timeToExpiry: number) => number;
  /** Half-spread as a multiple of vega, so as a volatility. */
  halfSpread?: number;
  /** Published with each quote. */
  published?: (timeToExpiry: number) => number | undefined;
}

/** A complete European chain at the smile above, quoted symmetrically around its value. */
export function syntheticChain(o: SyntheticChain = {}): OptionChain {
  const settlement = o.settlement ?? 'inverse';
  const strikes = o.strikes ?? Array.from({ length: 31 }, (_, i) => 70_000 + 2_000 * i);
  const quotes: RawQuote[] = [];
  for (const day of o.days ?? [7, 30, 90, 200]) {
    const expiry = AS_OF + day * DAY;
    const timeToExpiry = day / 365;
    const forward = o.forward ? o.forward(timeToExpiry) : 100_000 * Math.exp(0.05 * timeToExpiry);
    const discount = o.discount ? o.discount(timeToExpiry) : 1;
    const unit = settlement === 'linear' ? discount : discount / forward;
    for (const strike of strikes) {
      const k = Math.log(strike / forward);
      const s = smile(k, timeToExpiry) * Math.sqrt(timeToExpiry);
      const outOfTheMoney = outOfTheMoneyValue(forward, strike, s);
      const half = (o.halfSpread ?? 0.003) * forward * Math.sqrt(timeToExpiry) * normalPdf(0.5 * s - k / s);
      for (const type of ['call', 'put'] as const) {
        const value = outOfTheMoney + Math.max(0, type === 'call' ? forward - strike : strike - forward);
        const published = o.published?.(timeToExpiry);
        quotes.push({
          instrument: `X-${day}-${strike}-${type === 'call' ? 'C' : 'P'}`,
          underlying: 'X',
          type,
          strike,
          expiry,
          bid: unit * (value - half),
          ask: unit * (value + half),
          ...(published === undefined ? {} : { forward: published }),
        });
      }
    }
  }
  return {
    underlying: 'X',
    venue: 'synthetic',
    asOf: AS_OF,
    style: 'european',
    settlement,
    premiumCurrency: settlement === 'linear' ? 'USD' : 'X',
    multiplier: 1,
    quotes,
    rejected: [],
  };
}
