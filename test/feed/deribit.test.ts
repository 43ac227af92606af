import { afterEach, describe, expect, test, vi } from 'vitest';
import { openDeribitFeed } from '../../src/feed/deribit.js';
import type { DeribitFeed, DeribitFeedOptions } from '../../src/feed/deribit.js';
import { liveChain } from '../../src/market/live-chain.js';
import type { LiveChain, QuoteChange } from '../../src/market/live-chain.js';
import { book, deribitVenue, ticker } from './deribit-server.js';
import type { Listed, Venue } from './deribit-server.js';

const at = Date.UTC(2026, 0, 13, 12);
const [call, put, far] = ['BTC-30JAN26-100000-C', 'BTC-30JAN26-90000-P', 'BTC-27MAR26-100000-C'] as const;
const listed: Listed[] = [
  { name: call, bid: 0.029, ask: 0.031, forward: 96_800, at },
  { name: put, bid: 0.02, ask: null, forward: 96_800, at },
  { name: far, bid: 0.06, ask: 0.062, forward: 97_900, at },
];

let venue: Venue;
const feeds: DeribitFeed[] = [];

afterEach(async () => {
  for (const feed of feeds.splice(0)) feed.close();
  await venue.close();
});

async function open(options: Partial<DeribitFeedOptions> = {}): Promise<{
  feed: DeribitFeed;
  live: LiveChain;
  /** Reads until as many changes have come. */
  read: (count: number) => Promise<QuoteChange[]>;
}> {
  const feed = await openDeribitFeed({
    underlying: 'BTC',
    url: venue.url,
    reconnect: { first: 1, longest: 4 },
    ...options,
  });
  feeds.push(feed);
  const live = liveChain(feed.chain);
  const reader = feed.changes[Symbol.asyncIterator]();
  const read = async (count: number): Promise<QuoteChange[]> => {
    const all: QuoteChange[] = [];
    while (all.length < count) {
      const next = await reader.next();
      if (next.done === true) break;
      all.push(...next.value);
      live.apply(next.value);
    }
    return all;
  };
  return { feed, live, read };
}

describe('the tickers', () => {
  test('begin with the summary and change its quotes', async () => {
    venue = await deribitVenue(listed);
    const { feed, live, read } = await open();
    expect(feed.chain).toMatchObject({ underlying: 'BTC', venue: 'deribit', settlement: 'inverse', asOf: at });
    expect(feed.chain.quotes.map(({ instrument }) => instrument)).toEqual([call, put, far]);
    expect(venue.requests[0]!.map(({ method, params }) => [method, params])).toEqual([
      ['public/set_heartbeat', { interval: 30 }],
      ['public/get_book_summary_by_currency', { currency: 'BTC', kind: 'option' }],
      [
        'public/subscribe',
        { channels: [...[call, put, far].map((name) => `ticker.${name}.100ms`), 'instrument.state.option.BTC'] },
      ],
    ]);
    venue.notify(`ticker.${call}.100ms`, ticker(call, at + 150));
    venue.notify(`ticker.${put}.100ms`, ticker(put, at + 160, { best_bid_price: 0, best_ask_price: null, bid_iv: 0 }));
    await read(2);
    const taken = live.take();
    expect(taken.chain.quotes[0]).toMatchObject({
      bid: 0.03,
      ask: 0.0315,
      bidSize: 11,
      askSize: 4.2,
      mark: 0.0305,
      forward: 96_900,
      bidVolatility: 44.8 / 100,
      askVolatility: 46.1 / 100,
      timestamp: at + 150,
    });
    expect(taken.chain.quotes[1]).toMatchObject({ bid: undefined, ask: undefined, bidVolatility: undefined });
    expect(taken.chain).toMatchObject({ spot: 96_500, asOf: at + 160 });
    expect(taken.rejected).toEqual([]);
  });

  test('of another time, malformed or not asked for change nothing and are counted', async () => {
    venue = await deribitVenue(listed);
    const { feed, live, read } = await open();
    venue.notify(`ticker.${call}.100ms`, ticker(call, at + 200, { best_bid_price: 0.0302 }));
    venue.notify(`ticker.${call}.100ms`, ticker(call, at + 100, { best_bid_price: 0.01 }));
    venue.send('{"jsonrpc":"2.0","method":"subscr');
    venue.send('[1, 2]');
    venue.send({ jsonrpc: '2.0', method: 'subscription', params: 7 });
    venue.send({ jsonrpc: '2.0', method: 'novelty' });
    venue.notify(`ticker.${call}.100ms`, { instrument_name: call });
    venue.notify(`ticker.${call}.100ms`, ticker(put, at + 300));
    venue.notify('ticker.BTC-PERPETUAL.100ms', ticker('BTC-PERPETUAL', at + 300));
    venue.notify(`ticker.${put}.100ms`, ticker(put, at + 300, { best_ask_price: 'dear' }));
    venue.notify(`ticker.${far}.100ms`, ticker(far, at + 400, { best_bid_price: 0.061 }));
    await read(3);
    const { chain, rejected } = live.take();
    expect(chain.quotes.map(({ bid }) => bid)).toEqual([0.0302, 0.02, 0.061]);
    expect(rejected).toMatchObject([{ id: put, reason: 'not-a-quote' }]);
    expect(feed.counts()).toMatchObject({ old: 1, malformed: 7, connections: 1 });
  });

  test('of instruments that end remove them, and new ones are subscribed', async () => {
    venue = await deribitVenue(listed);
    const { live, read } = await open();
    venue.notify(`ticker.${put}.100ms`, ticker(put, at + 100, { state: 'closed' }));
    venue.notify('instrument.state.option.BTC', {
      timestamp: at,
      state: 'started',
      instrument_name: 'ETH-30JAN26-3000-C',
    });
    venue.notify('instrument.state.option.BTC', { timestamp: at, state: 'terminated', instrument_name: far });
    const fresh = 'BTC-6FEB26-95000-C';
    venue.notify('instrument.state.option.BTC', { timestamp: at, state: 'started', instrument_name: fresh });
    await venue.asked('public/subscribe', 2);
    venue.notify(`ticker.${fresh}.100ms`, ticker(fresh, at + 500));
    await read(4);
    const { chain } = live.take();
    expect(chain.quotes.map(({ instrument }) => instrument)).toEqual([call, fresh]);
    expect(chain.quotes[1]).toMatchObject({ strike: 95_000, type: 'call', bid: 0.03, expiry: Date.UTC(2026, 1, 6, 8) });
    expect(venue.requests[0]!.at(-1)!.params).toEqual({ channels: [`ticker.${fresh}.100ms`] });
  });
});

describe('the connection', () => {
  test('answers test requests, and quiet quotes stand', async () => {
    venue = await deribitVenue(listed);
    const { feed, read } = await open();
    venue.notify(`ticker.${call}.100ms`, ticker(call, at + 60_000));
    venue.send({ jsonrpc: '2.0', method: 'heartbeat', params: { type: 'test_request' } });
    await venue.asked('public/test');
    const [, ...quiet] = await read(3);
    expect(quiet).toEqual([
      { instrument: put, timestamp: at + 59_000 },
      { instrument: far, timestamp: at + 59_000 },
    ]);
    expect(feed.counts().heartbeats).toBe(1);
  });

  test('is opened again where it is lost: what was missed is read, what is gone is removed, all is subscribed', async () => {
    venue = await deribitVenue(listed);
    const { feed, live, read } = await open();
    venue.notify(`ticker.${call}.100ms`, ticker(call, at + 100));
    await read(1);
    const later = at + 5000;
    const fresh = 'BTC-27MAR26-110000-C';
    venue.listed = [
      { name: call, bid: 0.028, ask: 0.03, forward: 96_500, at: later },
      { name: far, bid: null, ask: 0.061, forward: 97_500, at: later },
      { name: fresh, bid: 0.04, ask: 0.041, forward: 97_500, at: later },
    ];
    venue.cut();
    await venue.asked('public/subscribe', 2);
    await read(4);
    venue.notify(`ticker.${call}.100ms`, ticker(call, later + 50, { best_bid_price: 0.0285 }));
    await read(1);
    const taken = live.take();
    expect(taken.chain.quotes.map(({ instrument, bid }) => [instrument, bid])).toEqual([
      [call, 0.0285],
      [far, undefined],
      [fresh, 0.04],
    ]);
    expect(taken.rejected).toEqual([]);
    expect(feed.counts()).toMatchObject({ connections: 2, failures: 0 });
    expect(venue.requests[1]!.at(-1)!.params['channels']).toContain(`ticker.${fresh}.100ms`);
  });

  test('is tried again with the tries counted, and given up after as many as allowed', async () => {
    venue = await deribitVenue(listed);
    const { feed, read } = await open({ reconnect: { first: 1, longest: 2, tries: 3 } });
    venue.intercept = (request, socket) => {
      if (request.method !== 'public/set_heartbeat') return false;
      socket.terminate();
      return true;
    };
    venue.cut();
    await expect(read(1)).rejects.toMatchObject({ name: 'FeedError' });
    expect(feed.counts()).toMatchObject({ connections: 1, failures: 3 });
    expect(venue.requests).toHaveLength(4);
  });

  test('refused subscriptions are counted', async () => {
    venue = await deribitVenue(listed);
    venue.refused.add(`ticker.${far}.100ms`);
    const { feed } = await open();
    expect(feed.counts().refused).toBe(1);
  });

  test('ends the changes where it is closed here', async () => {
    venue = await deribitVenue(listed);
    const { feed, read } = await open();
    const reading = read(1);
    feed.close();
    expect(await reading).toEqual([]);
    feed.close();
    venue.notify(`ticker.${call}.100ms`, ticker(call, at + 100));
  });

  test('subscribes no more than 500 channels at a time', async () => {
    const many = Array.from({ length: 700 }, (_, i) => ({ ...listed[0]!, name: `BTC-30JAN26-${50_000 + 100 * i}-C` }));
    venue = await deribitVenue(many);
    await open();
    const sizes = venue.requests[0]!.flatMap(({ method, params }) =>
      method === 'public/subscribe' ? [(params['channels'] as string[]).length] : [],
    );
    expect(sizes).toEqual([500, 201]);
  });
});

describe('the order books', () => {
  test('are kept in sequence, with a ticker an expiry for the forward', async () => {
    venue = await deribitVenue(listed);
    const { feed, live, read } = await open({ channel: 'book' });
    // Of each expiry only the instrument whose ticker is read has a forward.
    expect(feed.chain.quotes.map(({ forward }) => forward)).toEqual([96_800, undefined, 97_900]);
    expect(venue.requests[0]!.at(-1)!.params['channels']).toEqual([
      ...[call, put, far].map((name) => `book.${name}.100ms`),
      `ticker.${call}.100ms`,
      `ticker.${far}.100ms`,
      'instrument.state.option.BTC',
    ]);
    const channel = `book.${call}.100ms`;
    const bids = [
      ['new', 0.0295, 5],
      ['new', 0.03, 2],
    ];
    venue.notify(channel, book(call, at - 90_000, 11, undefined, { bids, asks: [['new', 0.031, 7]] }));
    venue.notify(channel, book(call, at + 10, 14, 11, { bids: [['delete', 0.03, 0]], asks: [['new', 0.0305, 1]] }));
    venue.notify(
      channel,
      book(call, at + 20, 15, 14, { bids: [['change', 0.0295, 6]], asks: [['delete', 0.0305, 0]] }),
    );
    venue.notify(`ticker.${call}.100ms`, ticker(call, at + 25, { best_bid_price: 0.001 }));
    await read(4);
    const { chain, rejected } = live.take();
    expect(chain.quotes[0]).toMatchObject({ bid: 0.0295, bidSize: 6, ask: 0.031, askSize: 7, forward: 96_900 });
    expect(rejected).toEqual([]);
    venue.notify(channel, book(call, at + 30, 16, 15, { bids: [['delete', 0.0295, 0]] }));
    await read(1);
    expect(live.take().chain.quotes[0]!.bid).toBeUndefined();
  });

  test('with a gap are subscribed again, and changes wait for the snapshot', async () => {
    venue = await deribitVenue(listed);
    const { feed, live, read } = await open({ channel: 'book' });
    const channel = `book.${call}.100ms`;
    venue.notify(channel, book(call, at, 11, undefined, { bids: [['new', 0.03, 2]], asks: [['new', 0.031, 7]] }));
    venue.notify(channel, book(call, at + 10, 11, 9, { bids: [['new', 0.5, 2]] }));
    venue.notify(channel, book(call, at + 20, 14, 13, { bids: [['new', 0.6, 2]] }));
    venue.notify(channel, book(call, at + 30, 15, 14, { bids: [['new', 0.7, 2]] }));
    await venue.asked('public/unsubscribe');
    await venue.asked('public/subscribe', 2);
    expect(venue.requests[0]!.slice(-2).map(({ method, params }) => [method, params])).toEqual([
      ['public/unsubscribe', { channels: [channel] }],
      ['public/subscribe', { channels: [channel] }],
    ]);
    venue.notify(channel, book(call, at + 40, 20, undefined, { bids: [['new', 0.029, 1]], asks: [['new', 0.03, 1]] }));
    venue.notify(channel, book(call, at + 50, 21, 20, { asks: [['new', 0.0295, 1]] }));
    await read(3);
    expect(live.take().chain.quotes[0]).toMatchObject({ bid: 0.029, ask: 0.0295 });
    expect(feed.counts()).toMatchObject({ gaps: 1, old: 1 });
  });

  test('that are no books are counted', async () => {
    venue = await deribitVenue(listed);
    const { feed, read } = await open({ channel: 'book' });
    const channel = `book.${call}.100ms`;
    for (const sides of [{ bids: 3 }, { bids: [['new', -1, 2]] }, { asks: [['new', 0.03]] }, { change_id: 'x' }]) {
      venue.notify(channel, book(call, at, 11, undefined, sides));
    }
    venue.notify(channel, book(call, at, 11, undefined, {}));
    await read(1);
    expect(feed.counts().malformed).toBe(4);
  });
});

describe('what cannot be opened', () => {
  test('is a FeedError', async () => {
    venue = await deribitVenue([{ ...listed[0]!, name: 'ETH-30JAN26-3000-C' }]);
    await expect(open()).rejects.toThrow('no chain of BTC');
    venue.intercept = ({ id }, socket) => {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: 10_028, message: 'too_many_requests' } }));
      return true;
    };
    await expect(open()).rejects.toThrow('public/set_heartbeat: too_many_requests (code 10028)');
    const { url } = venue;
    await venue.close();
    await expect(openDeribitFeed({ underlying: 'BTC', url })).rejects.toMatchObject({ name: 'FeedError' });
  });

  test('or an InputError for options that make no sense', async () => {
    venue = await deribitVenue(listed);
    await expect(open({ url: 'http://localhost' })).rejects.toThrow('url');
    await expect(open({ heartbeat: 5 })).rejects.toThrow('heartbeat');
    await expect(open({ channel: 'trades' as 'book' })).rejects.toThrow('channel');
    await expect(open({ underlying: '' })).rejects.toThrow('underlying');
  });
});

test('a linear underlying is asked for by its currency', async () => {
  venue = await deribitVenue([{ ...listed[0]!, name: 'SOL_USDC-30JAN26-180-C', forward: 181 }]);
  const { feed } = await open({ underlying: 'SOL_USDC' });
  expect(venue.requests[0]![1]!.params).toEqual({ currency: 'USDC', kind: 'option' });
  expect(feed.chain).toMatchObject({ underlying: 'SOL_USDC', settlement: 'linear' });
});

test('a connection that falls silent, or answers nothing, is given up', async () => {
  venue = await deribitVenue(listed);
  vi.useFakeTimers();
  try {
    let opened = 0;
    let closed = 0;
    const results: Record<string, unknown> = {
      'public/set_heartbeat': 'ok',
      'public/get_book_summary_by_currency': [
        { instrument_name: call, bid_price: 0.029, ask_price: 0.031, underlying_price: 96_800, creation_timestamp: at },
      ],
      'public/subscribe': [],
    };
    const feed = await openDeribitFeed({
      underlying: 'BTC',
      heartbeat: 10,
      reconnect: { first: 1, longest: 1 },
      connect: (_, handlers) => {
        opened++;
        queueMicrotask(() => {
          handlers.open();
        });
        return Promise.resolve({
          send(text) {
            const { id, method } = JSON.parse(text) as { id: number; method: string };
            if (opened !== 2) {
              queueMicrotask(() => {
                handlers.message(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }));
              });
            }
          },
          close() {
            closed++;
            handlers.close('closed');
          },
        });
      },
    });
    expect(feed.chain.asOf).toBe(at);
    await vi.advanceTimersByTimeAsync(19_999);
    expect([opened, closed]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(10);
    expect([opened, closed]).toEqual([2, 1]);
    // The second connection answers nothing: ten seconds, and a third.
    await vi.advanceTimersByTimeAsync(10_100);
    expect([opened, closed]).toEqual([3, 2]);
    expect(feed.counts()).toMatchObject({ connections: 2, failures: 1, refused: 4 });
    feed.close();
  } finally {
    vi.useRealTimers();
  }
});
