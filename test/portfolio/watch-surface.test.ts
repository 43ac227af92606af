import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OptionChain } from '../../src/market/chain.js';
import { deribit, sliceInputs } from '../../src/market/index.js';
import type { QuoteChange } from '../../src/market/live-chain.js';
import type { RawQuote } from '../../src/market/quote.js';
import type { Position } from '../../src/portfolio/account.js';
import { snapshotOf } from '../../src/portfolio/build-snapshot.js';
import { instrumentOf } from '../../src/portfolio/instrument-name.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import { watchSurface } from '../../src/portfolio/watch-surface.js';
import type { SurfaceUpdate, WatchOptions } from '../../src/portfolio/watch-surface.js';
import { calibrateSurface } from '../../src/volatility/calibration/surface-fit.js';

const json = readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8');
const whole = deribit.parseBookSummary(json, { asOf: Date.UTC(2026, 0, 13, 12) });
const expiries = [...new Set(whole.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b).slice(4, 7);
const chain: OptionChain = { ...whole, quotes: whole.quotes.filter(({ expiry }) => expiries.includes(expiry)) };
const report: WatchOptions = { arbitrage: 'report' };

const quoted = chain.quotes.filter(({ bid, ask }) => bid !== undefined && ask !== undefined);
const oneOf = (expiry: number): RawQuote[] => quoted.filter((quote) => quote.expiry === expiry);

/** The quote `ticks` of 0.0005 higher, `at` milliseconds after the chain. */
function higher(quote: RawQuote, ticks: number, at: number): QuoteChange {
  const { instrument, bid, ask } = quote;
  return { instrument, bid: bid! + 0.0005 * ticks, ask: ask! + 0.0005 * ticks, timestamp: chain.asOf + at };
}

async function* feed(...batches: QuoteChange[][]): AsyncGenerator<QuoteChange[]> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

async function all(updates: AsyncIterable<SurfaceUpdate>): Promise<SurfaceUpdate[]> {
  const list: SurfaceUpdate[] = [];
  for await (const update of updates) list.push(update);
  return list;
}

function fitted(update: SurfaceUpdate | undefined): SurfaceUpdate & { ok: true } {
  if (update?.ok !== true) throw new Error(update === undefined ? 'no update' : update.message);
  return update;
}

const [a, b, c] = expiries.map((expiry) => oneOf(expiry)[10]!) as [RawQuote, RawQuote, RawQuote];

describe('the updates', () => {
  test('are the surface of the chain, then of every batch, each as a calibration of its quotes', async () => {
    const updates = await all(
      watchSurface(chain, feed([higher(a, 1, 10)], [higher(b, 1, 20), higher(c, 1, 20)]), { ...report, pace: 'every' }),
    );
    expect(updates.map((update) => fitted(update).refitted)).toEqual([expiries, [expiries[0]], expiries.slice(1)]);
    expect(updates.map(({ asOf }) => asOf - chain.asOf)).toEqual([0, 10, 20]);
    for (const update of updates) {
      const cold = calibrateSurface(update.chain, { arbitrage: 'report' });
      if (!cold.ok) throw new Error(cold.message);
      fitted(update).fit.fits.forEach(({ diagnostics }, i) => {
        expect(diagnostics.rmseBp - cold.fits[i]!.diagnostics.rmseBp).toBeLessThan(0.1);
      });
    }
    expect(updates.at(-1)!.counts).toMatchObject({ received: 3, applied: 3, coalesced: 0 });
  });

  test('go together where changes come faster than they are asked for, the newest counting', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    async function* fast(): AsyncGenerator<QuoteChange[]> {
      yield [higher(a, 1, 1)];
      await released;
      for (let i = 2; i <= 50; i++) yield await Promise.resolve([higher(a, i % 3, i), higher(b, i % 2, i)]);
    }
    const updates: SurfaceUpdate[] = [];
    for await (const update of watchSurface(chain, fast(), report)) {
      updates.push(update);
      if (updates.length === 2) {
        release();
        // The reader goes on while this consumer is busy.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    expect(updates.length).toBeLessThan(10);
    const last = updates.at(-1)!;
    expect(last.counts).toMatchObject({ received: 99, applied: 99 });
    expect(last.counts.coalesced).toBeGreaterThan(80);
    expect(updates.reduce((sum, { applied }) => sum + applied, 0)).toBe(99);
    const held = last.chain.quotes.find(({ instrument }) => instrument === a.instrument)!;
    expect(held.bid).toBe(higher(a, 50 % 3, 50).bid);
    expect(last.asOf).toBe(chain.asOf + 50);
  });

  test('report what is refused, at the end where nothing else is new', async () => {
    const updates = await all(
      watchSurface(chain, feed([higher(a, 1, 10)], [higher(a, 2, 5)], [{ instrument: 'BTC-NONE' }]), {
        ...report,
        pace: 'every',
      }),
    );
    expect(updates).toHaveLength(3);
    expect(fitted(updates[2]).refitted).toEqual([]);
    expect(updates[2]!.rejected.map(({ reason }) => reason)).toEqual(['out-of-order', 'unknown-instrument']);
    expect(updates[2]!.counts).toMatchObject({ received: 3, applied: 1, outOfOrder: 1, unknown: 1 });
  });

  test('let quotes expire, and read an expiry again as its time runs', async () => {
    const far = oneOf(expiries[2]!);
    const fresh = (at: number): QuoteChange[] => far.map((quote) => ({ ...higher(quote, 0, at) }));
    const updates = await all(
      watchSurface(chain, feed(fresh(300_000), fresh(700_000)), { ...report, pace: 'every', maximumAge: 600 }),
    );
    const last = fitted(updates.at(-1));
    expect(last.expired).toBeGreaterThan(0);
    expect(last.fit.fits.map(({ input }) => input.expiry)).toEqual([expiries[2]]);
    const hour = 3_600_000;
    const filters = { filters: { maximumAge: 1e9 } };
    const [, slow] = await all(
      watchSurface(chain, feed([{ instrument: a.instrument, timestamp: chain.asOf + 4 * hour }]), {
        ...report,
        pace: 'every',
        maximumAge: Infinity,
        ...filters,
        refreshAfter: 0.01,
      }),
    );
    // Four hours are more than a hundredth of the first expiry's time, and less of the third's.
    const cold = calibrateSurface(slow!.chain, { arbitrage: 'report', slices: sliceInputs(slow!.chain, filters) });
    if (!cold.ok) throw new Error(cold.message);
    const [now, then] = [fitted(slow).fit.fits, cold.fits];
    expect(now[0]!.input).toEqual(then[0]!.input);
    expect(now[2]!.input).not.toEqual(then[2]!.input);
    expect(now[2]!.input.timeToExpiry).toBe(then[2]!.input.timeToExpiry);
  });

  test('stop where a chain gives no surface, and begin again where it does', async () => {
    const gone = chain.quotes.map(({ instrument }): QuoteChange => ({ instrument, bid: null, ask: null }));
    const back = quoted.map((quote) => higher(quote, 0, 5));
    const updates = await all(watchSurface(chain, feed(gone, back), { ...report, pace: 'every' }));
    expect(updates.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(updates[1]).toMatchObject({ reason: 'empty-chain', last: { ok: true } });
    const empty = await all(
      watchSurface({ ...chain, quotes: [] }, feed([{ ...a, timestamp: undefined }], back), {
        ...report,
        pace: 'every',
      }),
    );
    expect(empty[0]).toMatchObject({ ok: false, reason: 'empty-chain', last: undefined });
  });
});

describe('a book', () => {
  const instrument = (name: string) => {
    const named = instrumentOf(name);
    if (!named.ok) throw new Error(named.message);
    return named.instrument;
  };
  const positions: Position[] = [
    { id: 'long', instrument: instrument(a.instrument), quantity: 3 },
    { id: 'short', instrument: instrument(c.instrument), quantity: -2 },
    { id: 'foreign', instrument: instrument('ETH-30JAN26-3000-C'), quantity: 1 },
  ];

  test('has the Greeks of every surface', async () => {
    const updates = await all(
      watchSurface(chain, feed([{ ...higher(a, 2, 10), spot: 97_000 }]), { ...report, book: { positions } }),
    );
    expect(updates).toHaveLength(2);
    for (const update of updates) {
      const { fit, greeks } = fitted(update);
      expect(greeks).toEqual(
        netGreeks(positions, snapshotOf([{ surface: fit.surface, fits: fit.fits }]), { missing: 'exclude' }),
      );
      expect(greeks!.excluded).toMatchObject([{ positionId: 'foreign' }]);
    }
    expect(fitted(updates[1]).greeks!.total.value).not.toBe(fitted(updates[0]).greeks!.total.value);
  });

  test('is valued in the market it is given', async () => {
    const [first] = await all(
      watchSurface(chain, feed(), {
        ...report,
        book: {
          positions,
          market: (source) => snapshotOf([{ ...source, spot: 50_000 }]),
          valuation: { numeraire: 'USD' },
        },
      }),
    );
    const { fit } = fitted(first);
    expect(fitted(first).greeks!.total).toEqual(
      netGreeks(positions, snapshotOf([{ surface: fit.surface, fits: fit.fits, spot: 50_000 }]), {
        missing: 'exclude',
        numeraire: 'USD',
      }).total,
    );
  });
});

describe('the end', () => {
  test('an error of the feed is thrown after what came before it', async () => {
    async function* broken(): AsyncGenerator<QuoteChange[]> {
      yield await Promise.resolve([higher(a, 1, 10)]);
      throw new Error('line lost');
    }
    for (const pace of ['newest', 'every'] as const) {
      const updates: SurfaceUpdate[] = [];
      await expect(
        (async () => {
          for await (const update of watchSurface(chain, broken(), { ...report, pace })) updates.push(update);
        })(),
      ).rejects.toThrow('line lost');
      expect(updates).toHaveLength(2);
    }
  });

  test('a signal ends a watch that waits, and tells the feed', async () => {
    for (const pace of ['newest', 'every'] as const) {
      let returned = 0;
      const silent: AsyncIterable<QuoteChange[]> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => undefined),
          return: () => {
            returned++;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
      const stop = new AbortController();
      const updates: SurfaceUpdate[] = [];
      for await (const update of watchSurface(chain, silent, { ...report, pace, signal: stop.signal })) {
        updates.push(update);
        setImmediate(() => {
          stop.abort();
        });
      }
      expect(updates).toHaveLength(1);
      expect(returned).toBeGreaterThan(0);
    }
  });

  test('a consumer that leaves tells the feed', async () => {
    let returned = false;
    const endless: AsyncIterable<QuoteChange[]> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: [higher(a, 1, 10)] }),
        return: () => {
          returned = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const updates: SurfaceUpdate[] = [];
    for await (const update of watchSurface(chain, endless, { ...report, pace: 'every' })) {
      if (updates.push(update) === 3) break;
    }
    expect(returned).toBe(true);
  });

  test('options that make no sense throw', async () => {
    const first = (options: object) => watchSurface(chain, feed(), options).next();
    await expect(first({ pace: 'slow' })).rejects.toThrow('pace');
    await expect(first({ refreshAfter: -1 })).rejects.toThrow('refreshAfter');
    await expect(first({ model: 'heston' })).rejects.toThrow('model');
  });
});
