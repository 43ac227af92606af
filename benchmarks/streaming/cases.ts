/** Latency from a quote's change to the Greeks of a book: 12 expiries of 40 quotes and 50 options, changes through `watchSurface`. */
import type { OptionChain } from '../../src/market/chain.js';
import type { QuoteChange } from '../../src/market/live-chain.js';
import { deribit } from '../../src/market/venues/deribit.js';
import type { Position } from '../../src/portfolio/account.js';
import { instrumentOf } from '../../src/portfolio/instrument-name.js';
import { watchSurface } from '../../src/portfolio/watch-surface.js';
import type { SurfaceUpdate, WatchOptions } from '../../src/portfolio/watch-surface.js';
import { quoteChanges } from '../data/quote-changes.js';
import type { QuoteChanges } from '../data/quote-changes.js';
import { syntheticChain, syntheticChainText } from '../data/synthetic-chain.js';

export const EXPIRIES = 12;
export const QUOTES = 40;
export const OPTIONS = 50;

/** The chain with 20 strikes an expiry, call and put, spread over those quoted. */
export function streamedChain(): OptionChain {
  const made = syntheticChain();
  const chain = deribit.parseBookSummary(syntheticChainText(made), { asOf: made.asOf });
  const expiries = [...new Set(chain.quotes.map(({ expiry }) => expiry))].slice(0, EXPIRIES);
  const quotes = expiries.flatMap((expiry) => {
    const all = chain.quotes.filter((quote) => quote.expiry === expiry);
    const strikes = [...new Set(all.map(({ strike }) => strike))].sort((a, b) => a - b);
    const count = QUOTES / 2;
    const chosen = new Set(
      Array.from({ length: count }, (_, i) => strikes[Math.round((i * (strikes.length - 1)) / (count - 1))]!),
    );
    return all.filter(({ strike }) => chosen.has(strike));
  });
  return { ...chain, quotes };
}

/** Options of the chain, long and short in turn. */
export function book(chain: OptionChain): Position[] {
  const step = Math.floor(chain.quotes.length / OPTIONS);
  return Array.from({ length: OPTIONS }, (_, i) => {
    const { instrument: name } = chain.quotes[i * step]!;
    const named = instrumentOf(name);
    if (!named.ok) throw new Error(named.message);
    return { id: name, instrument: named.instrument, quantity: i % 2 === 0 ? 5 : -3 };
  });
}

export interface Latency {
  name: string;
  /** Milliseconds, in increasing order: on the clock, and of the processor. */
  times: number[];
  work: number[];
  refitted: number;
}

type Batch = (changes: QuoteChanges, at: number) => QuoteChange[];

export const batches: Record<string, Batch> = {
  'one quote': (changes, at) => changes.tick(at),
  'the whole chain': (changes, at) => changes.move(at),
};

/** `count` batches one after another, each timed from being handed over to the update with its Greeks. */
export async function measure(name: string, batch: Batch, options: WatchOptions, count: number): Promise<Latency> {
  const chain = streamedChain();
  const changes = quoteChanges(chain, 7);
  let hand: (batch: QuoteChange[]) => void = () => undefined;
  let next = new Promise<QuoteChange[]>((resolve) => (hand = resolve));
  async function* feed(): AsyncGenerator<QuoteChange[]> {
    for (;;) {
      yield await next;
      next = new Promise((resolve) => (hand = resolve));
    }
  }
  const updates = watchSurface(chain, feed(), { ...options, book: { positions: book(chain) } });
  await updates.next();
  const times: number[] = [];
  const work: number[] = [];
  let refitted = 0;
  const warm = Math.min(20, count);
  for (let i = 0; i < count + warm; i++) {
    const made = batch(changes, chain.asOf + 250 * (i + 1));
    // Room for the feed to be waiting again.
    await new Promise((resolve) => setImmediate(resolve));
    const before = process.cpuUsage();
    const started = performance.now();
    hand(made);
    const update: SurfaceUpdate | undefined = (await updates.next()).value ?? undefined;
    const time = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    if (update?.ok !== true || update.greeks === undefined) throw new Error(`${name}: no Greeks`);
    if (i < warm) continue;
    times.push(time);
    work.push((user + system) / 1000);
    refitted += update.refitted.length;
  }
  const inOrder = (values: number[]): number[] => values.sort((a, b) => a - b);
  return { name, times: inOrder(times), work: inOrder(work), refitted: refitted / count };
}

/** What a part of sorted values meet. */
export function quantile(values: readonly number[], share: number): number {
  return values[Math.max(0, Math.ceil(share * values.length) - 1)]!;
}
