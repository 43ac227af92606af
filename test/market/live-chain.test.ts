import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OptionChain } from '../../src/market/chain.js';
import { liveChain, readQuoteChanges } from '../../src/market/live-chain.js';
import type { QuoteChange } from '../../src/market/live-chain.js';

const asOf = Date.UTC(2026, 0, 13, 12);
const [near, far] = [Date.UTC(2026, 0, 30, 8), Date.UTC(2026, 2, 27, 8)];
const chain: OptionChain = {
  underlying: 'BTC',
  venue: 'deribit',
  asOf,
  style: 'european',
  settlement: 'inverse',
  premiumCurrency: 'BTC',
  spot: 96_000,
  multiplier: 1,
  quotes: [
    { instrument: 'A', underlying: 'BTC', type: 'call', strike: 100_000, expiry: near, bid: 0.01, ask: 0.012 },
    { instrument: 'B', underlying: 'BTC', type: 'put', strike: 90_000, expiry: near, bid: 0.02, ask: 0.022 },
    { instrument: 'C', underlying: 'BTC', type: 'call', strike: 100_000, expiry: far, bid: 0.05, timestamp: asOf - 5 },
  ],
  rejected: [],
};

const quoteOf = (taken: { chain: OptionChain }, name: string) =>
  taken.chain.quotes.find(({ instrument }) => instrument === name);

describe('changes', () => {
  test('set fields, take prices away with null and leave the rest', () => {
    const live = liveChain(chain);
    live.apply([
      { instrument: 'A', bid: 0.011, timestamp: asOf + 10 },
      { instrument: 'B', ask: null, spot: 96_500 },
    ]);
    const taken = live.take();
    expect(quoteOf(taken, 'A')).toEqual({ ...chain.quotes[0], bid: 0.011, timestamp: asOf + 10 });
    expect(quoteOf(taken, 'B')).toMatchObject({ bid: 0.02, ask: undefined });
    expect(taken).toMatchObject({ touched: [near], applied: 2, expired: 0, rejected: [] });
    expect(taken.chain).toMatchObject({ asOf: asOf + 10, spot: 96_500 });
    expect(chain.quotes[0]!.bid).toBe(0.01);
  });

  test('touch an expiry only by what a fit reads', () => {
    const live = liveChain(chain);
    live.apply([{ instrument: 'A', bidSize: 3, mark: 0.011, bid: 0.01, openInterest: 7 }]);
    expect(live.take()).toMatchObject({ touched: [], applied: 1 });
    live.apply([{ instrument: 'C', forward: 97_000 }]);
    expect(live.take().touched).toEqual([far]);
  });

  test('list new instruments that come with their terms, and drop old ones', () => {
    const live = liveChain(chain);
    live.apply([
      { instrument: 'D', type: 'put', strike: 80_000, expiry: far, bid: 0.03, ask: 0.031 },
      { instrument: 'B', removed: true },
      { instrument: 'B', bid: 1 },
      { instrument: 'E', removed: true },
    ]);
    const taken = live.take();
    expect(taken.chain.quotes.map(({ instrument }) => instrument)).toEqual(['A', 'C', 'D']);
    expect(quoteOf(taken, 'D')).toMatchObject({ underlying: 'BTC', type: 'put', strike: 80_000, ask: 0.031 });
    expect(taken.touched).toEqual([near, far]);
    expect(taken.rejected.map(({ index, id, reason }) => ({ index, id, reason }))).toEqual([
      { index: 2, id: 'B', reason: 'unknown-instrument' },
      { index: 3, id: 'E', reason: 'unknown-instrument' },
    ]);
  });

  test('older than what is held are refused, by sequence or by time', () => {
    const live = liveChain(chain);
    live.apply([
      { instrument: 'A', bid: 0.5, timestamp: asOf + 20 },
      { instrument: 'A', bid: 0.4, timestamp: asOf + 10 },
      { instrument: 'A', bid: 0.6, timestamp: asOf + 20 },
      { instrument: 'C', bid: 0.1, timestamp: asOf - 6 },
      { instrument: 'B', bid: 0.03, sequence: 7, timestamp: asOf - 1000 },
      { instrument: 'B', bid: 0.04, sequence: 7 },
      { instrument: 'B', bid: 0.05, sequence: 6, timestamp: asOf + 99 },
      { instrument: 'B', bid: 0.06, sequence: 9, timestamp: asOf - 2000 },
    ]);
    const taken = live.take();
    expect([quoteOf(taken, 'A')?.bid, quoteOf(taken, 'B')?.bid, quoteOf(taken, 'C')?.bid]).toEqual([0.6, 0.06, 0.05]);
    expect(taken.rejected.map(({ index, value, limit }) => [index, value, limit])).toEqual([
      [1, asOf + 10, asOf + 20],
      [3, asOf - 6, asOf - 5],
      [5, 7, 7],
      [6, 6, 7],
    ]);
    expect(live.counts).toMatchObject({ received: 8, applied: 4, outOfOrder: 4, coalesced: 2 });
    expect(taken.chain.asOf).toBe(asOf + 20);
  });

  test('that are no quotes are refused whole', () => {
    const live = liveChain(chain);
    const bad = [
      null,
      { bid: 1 },
      { instrument: 'A', bid: -1, ask: 1 },
      { instrument: 'A', ask: NaN },
      { instrument: 'A', ask: '0.1' },
      { instrument: 'A', forward: 0 },
      { instrument: 'A', spot: -3 },
      { instrument: 'A', timestamp: Infinity },
      { instrument: 'D', type: 'call', strike: 0, expiry: far },
    ] as unknown as QuoteChange[];
    live.apply(bad);
    const taken = live.take();
    expect(taken.rejected.map(({ reason }) => reason)).toEqual(bad.map(() => 'not-a-quote'));
    expect(taken.rejected.map(({ value }) => value)).toEqual([NaN, NaN, -1, NaN, NaN, 0, -3, Infinity, 0]);
    expect(taken.chain.quotes).toEqual(chain.quotes);
    expect(live.counts).toMatchObject({ received: 9, applied: 0, invalid: 9 });
  });
});

describe('time', () => {
  test('a quote not heard of loses its prices, and only once', () => {
    const live = liveChain(chain, { maximumAge: 60 });
    live.apply([
      { instrument: 'A', timestamp: asOf + 50_000 },
      { instrument: 'B', timestamp: asOf + 60_001, bid: 0.02 },
    ]);
    const taken = live.take();
    expect(quoteOf(taken, 'A')?.bid).toBe(0.01);
    expect(quoteOf(taken, 'C')?.bid).toBeUndefined();
    expect(taken).toMatchObject({ expired: 1, touched: [far] });
    expect(live.take()).toMatchObject({ expired: 0, touched: [] });
    live.apply([{ instrument: 'C', bid: 0.051, timestamp: asOf + 60_002 }]);
    expect(quoteOf(live.take(), 'C')?.bid).toBe(0.051);
    expect(live.counts.expired).toBe(1);
  });

  test('a clock moves asOf and refuses the future', () => {
    let now = asOf + 1000;
    const live = liveChain(chain, { now: () => now, maximumLead: 2, maximumAge: Infinity });
    live.apply([
      { instrument: 'A', bid: 0.3, timestamp: asOf + 3001 },
      { instrument: 'A', bid: 0.2, timestamp: asOf + 3000 },
    ]);
    expect(live.take()).toMatchObject({
      chain: { asOf: asOf + 3000 },
      rejected: [{ reason: 'from-the-future', value: asOf + 3001, limit: asOf + 3000 }],
    });
    now = asOf + 1e9;
    expect(live.take()).toMatchObject({ chain: { asOf: now }, expired: 0 });
  });

  test('options out of range throw', () => {
    expect(() => liveChain(chain, { maximumAge: -1 })).toThrow('maximumAge');
    expect(() => liveChain(chain, { maximumLead: NaN })).toThrow('maximumLead');
  });
});

test('of an instrument quoted twice the second is listed as rejected', () => {
  const taken = liveChain({ ...chain, quotes: [...chain.quotes, chain.quotes[0]!] }).take();
  expect(taken.chain.quotes).toHaveLength(3);
  expect(taken.chain.rejected).toMatchObject([{ index: 3, id: 'A', reason: 'duplicate' }]);
});

test('every change received is applied or refused, and the newest wins in any order of batches', () => {
  const change = fc.record({
    instrument: fc.constantFrom('A', 'B', 'C', 'X'),
    timestamp: fc.integer({ min: asOf - 10, max: asOf + 50 }),
    bid: fc.constantFrom(0.1, 0.2, -1),
  });
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 8 }), (batches) => {
      const live = liveChain(chain);
      let listed = 0;
      for (const batch of batches) {
        live.apply(batch);
        if (batch.length % 2 === 0) {
          listed += live.take().rejected.length;
        }
      }
      const taken = live.take();
      listed += taken.rejected.length;
      const { received, applied, outOfOrder, unknown, invalid, early } = live.counts;
      expect(received).toBe(batches.flat().length);
      expect(received).toBe(applied + outOfOrder + unknown + invalid + early);
      expect(listed).toBe(received - applied);
      for (const name of ['A', 'B', 'C']) {
        const good = batches.flat().filter(({ instrument, bid }) => instrument === name && bid > 0);
        const held = chain.quotes.find(({ instrument }) => instrument === name)!.timestamp ?? -Infinity;
        const newest = Math.max(held, ...good.map(({ timestamp }) => timestamp));
        expect(quoteOf(taken, name)?.timestamp ?? -Infinity).toBe(newest);
        const last = good.findLast(({ timestamp }) => timestamp === newest);
        if (last !== undefined) expect(quoteOf(taken, name)?.bid).toBe(last.bid);
      }
    }),
    { numRuns: 200 },
  );
});

test('a line of JSON is a change or an array of them', () => {
  expect(readQuoteChanges('{"instrument":"A","bid":null}')).toEqual([{ instrument: 'A', bid: null }]);
  expect(readQuoteChanges('[{"instrument":"A"},{"instrument":"B"}]')).toHaveLength(2);
  expect(() => readQuoteChanges('{"instrument"')).toThrow('line');
  expect(() => readQuoteChanges('[1]')).toThrow('a change of a quote');
});
