/**
 * Deribit's public WebSocket as a feed of quote changes: the chain from public/get_book_summary_by_currency, then tickers or order books
 * of its options.
 *
 * A connection is set up as: set_heartbeat, the summary, subscriptions of up to 500 channels each. The server's test_request is answered at
 * once; a connection from which nothing comes for two heartbeats is given up. A lost connection is opened again, after a pause that doubles
 * from try to try, and a new summary brings what was missed: its quotes are changes, instruments it lacks are removed. A gap in an order
 * book's change_id is closed by a new subscription, which begins with a snapshot. While subscribed, a quiet quote still stands: every
 * heartbeat says so. Deribit API reference, "JSON-RPC", "Notifications", "public/set_heartbeat".
 */
import { requireOneOf, requirePositive, requireText } from '../check.js';
import { InputError } from '../errors.js';
import type { OptionChain } from '../market/chain.js';
import type { QuoteChange } from '../market/live-chain.js';
import type { Instant, RawQuote } from '../market/quote.js';
import { changingFields } from '../market/live-chain.js';
import { deribit } from '../market/venues/deribit.js';
import { deribitBook, deribitTickerChange } from '../market/venues/deribit-stream.js';
import type { DeribitBook } from '../market/venues/deribit-stream.js';
import { parseDeribitInstrument } from '../market/venues/deribit-instrument.js';
import { changeQueue } from './change-queue.js';
import { FeedError } from './feed-error.js';
import { isRecord, jsonRpc } from './json-rpc.js';
import type { JsonRpc, Notification } from './json-rpc.js';
import { connectByWs } from './socket.js';
import type { Connect, FeedSocket } from './socket.js';

export interface DeribitFeedOptions {
  /** What stands before the first dash of an option's name: 'BTC', 'ETH', 'SOL_USDC'. */
  underlying: string;
  /** Default wss://www.deribit.com/ws/api/v2. */
  url?: string | undefined;
  /** 'ticker' (default), or 'book': order books in sequence, with one ticker an expiry for its forward. */
  channel?: 'ticker' | 'book' | undefined;
  /** Default '100ms'; 'agg2' is every two seconds. 'raw' is for connections that have logged in, which these do not. */
  interval?: '100ms' | 'agg2' | undefined;
  /** Seconds between heartbeats, at least 10. Default 30. */
  heartbeat?: number | undefined;
  /** Milliseconds before the first and the longest pause between tries to connect, and how many tries in a row may fail. Default 500, 30,000, no end. */
  reconnect?: { first?: number | undefined; longest?: number | undefined; tries?: number | undefined } | undefined;
  /** Default 10. */
  answerSeconds?: number | undefined;
  /** Opens the socket; by the package `ws` where missing. */
  connect?: Connect | undefined;
}

/** What a feed has met. */
export interface FeedCounts {
  messages: number;
  /** Messages and notifications that could not be read. */
  malformed: number;
  /** Connections that came up, the first one included. */
  connections: number;
  /** Tries that failed. */
  failures: number;
  /** Order books that missed a change. */
  gaps: number;
  /** Notifications older than what was known. */
  old: number;
  /** Channels the server did not subscribe. */
  refused: number;
  heartbeats: number;
  /** Changes merged into a later one before they were read. */
  merged: number;
}

export interface DeribitFeed {
  chain: OptionChain;
  /** For one reader. Ends when the feed is closed, with FeedError where it cannot be kept. */
  changes: AsyncIterable<QuoteChange[]>;
  counts: () => FeedCounts;
  close: () => void;
}

const MAINNET = 'wss://www.deribit.com/ws/api/v2';
/** Channels in one request. */
const CHANNELS = 500;
/** Changes that may wait before they are merged. */
const WAITING = 4096;
/** How long before the latest notification another instrument's may have been made that is still on its way. */
const ON_ITS_WAY = 1000;

/** Opens the feed; resolves with the first summary. Throws InputError on options, FeedError where the venue cannot be reached or refuses. */
export async function openDeribitFeed(options: DeribitFeedOptions): Promise<DeribitFeed> {
  const { url = MAINNET, heartbeat = 30, interval = '100ms', answerSeconds = 10, connect = connectByWs } = options;
  const underlying = requireText('underlying', options.underlying);
  const kind = requireOneOf('channel', options.channel ?? 'ticker', ['ticker', 'book']);
  requireOneOf('interval', interval, ['100ms', 'agg2']);
  if (!/^wss?:\/\//.test(requireText('url', url))) throw new InputError('url', url, 'a ws:// or wss:// address');
  if (!(requirePositive('heartbeat', heartbeat) >= 10))
    throw new InputError('heartbeat', heartbeat, '10 seconds or more');
  requirePositive('answerSeconds', answerSeconds);
  const currency = underlying.includes('_') ? underlying.slice(underlying.indexOf('_') + 1) : underlying;
  const first = requirePositive('reconnect.first', options.reconnect?.first ?? 500);
  const longest = requirePositive('reconnect.longest', options.reconnect?.longest ?? 30_000);
  const tries = requirePositive('reconnect.tries', options.reconnect?.tries ?? Number.MAX_SAFE_INTEGER);

  const counts = { messages: 0, malformed: 0, connections: 0, failures: 0, gaps: 0, old: 0, refused: 0, heartbeats: 0 };
  const queue = changeQueue(WAITING, () => {
    close();
  });
  /** Of each instrument that is subscribed: when it was heard of last, and its last ticker. */
  const heard = new Map<string, Instant>();
  const tickers = new Map<string, Instant>();
  const books = new Map<string, DeribitBook>();
  const resyncing = new Set<string>();
  let chain: OptionChain | undefined;
  let listed = new Set<string>();
  let newest = -Infinity;
  let socket: FeedSocket | undefined;
  let rpc: JsonRpc | undefined;
  let silence: NodeJS.Timeout | undefined;
  let pause: NodeJS.Timeout | undefined;
  let failed = 0;
  let isClosed = false;

  const listen = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => socket?.close(), 2000 * heartbeat);
  };

  const hear = (instrument: string, timestamp: Instant): void => {
    heard.set(instrument, Math.max(timestamp, heard.get(instrument) ?? -Infinity));
    newest = Math.max(newest, timestamp);
  };

  const quoteOf = (notification: Notification): QuoteChange | undefined => {
    const { channel, data } = notification.params;
    const [source, instrument] = typeof channel === 'string' ? channel.split('.', 2) : [];
    if (source === 'instrument' && isRecord(data)) return listingChange(data);
    if (instrument === undefined || !isRecord(data) || data['instrument_name'] !== instrument) {
      counts.malformed++;
      return undefined;
    }
    if (source === 'book') return bookChange(instrument, data);
    const change = source === 'ticker' ? deribitTickerChange(data) : undefined;
    if (change?.timestamp === undefined) {
      counts.malformed++;
      return undefined;
    }
    if (change.timestamp < (tickers.get(instrument) ?? -Infinity)) {
      counts.old++;
      return undefined;
    }
    tickers.set(instrument, change.timestamp);
    hear(instrument, change.timestamp);
    if (kind === 'ticker' || change.removed === true) return change;
    // Beside the books a ticker tells what they do not.
    const { forward, spot, mark, markVolatility, openInterest } = change;
    return { instrument, forward, mark, markVolatility, openInterest, ...(spot === undefined ? {} : { spot }) };
  };

  /** Of an option that is listed from now on, or no longer. */
  const listingChange = ({
    instrument_name: name,
    state,
  }: Readonly<Record<string, unknown>>): QuoteChange | undefined => {
    if (typeof name !== 'string') {
      counts.malformed++;
      return undefined;
    }
    const option = parseDeribitInstrument(name);
    if (!option.ok || option.underlying !== underlying) return undefined;
    const { type, strike, expiry } = option;
    if (state === 'started' && !listed.has(name)) {
      listed.add(name);
      void subscribe(rpc, [channelOf(kind, name)]).catch(() => socket?.close());
      return { instrument: name, type, strike, expiry };
    }
    if (state !== 'closed' && state !== 'terminated') return undefined;
    if (!listed.delete(name)) return undefined;
    heard.delete(name);
    return { instrument: name, removed: true };
  };

  const channelOf = (source: 'ticker' | 'book', instrument: string): string => `${source}.${instrument}.${interval}`;

  const bookChange = (instrument: string, data: unknown): QuoteChange | undefined => {
    const book = books.get(instrument) ?? deribitBook();
    books.set(instrument, book);
    const step = book.apply(data);
    if (step.ok) {
      hear(instrument, step.change.timestamp ?? newest);
      return step.change;
    }
    if (step.reason === 'not-a-book') counts.malformed++;
    else if (step.reason === 'old') counts.old++;
    else if (!resyncing.has(instrument)) {
      counts.gaps++;
      resyncing.add(instrument);
      void resubscribe(instrument);
    }
    return undefined;
  };

  /** For an order book's snapshot. */
  const resubscribe = async (instrument: string): Promise<void> => {
    const own = rpc;
    const channels = [channelOf('book', instrument)];
    try {
      await own?.request('public/unsubscribe', { channels });
      await own?.request('public/subscribe', { channels });
    } catch {
      if (own === rpc) socket?.close();
    } finally {
      resyncing.delete(instrument);
    }
  };

  const notice = (notification: Notification): void => {
    if (notification.method === 'heartbeat') {
      counts.heartbeats++;
      if (notification.params['type'] === 'test_request') rpc?.tell('public/test', {});
      confirm();
    } else if (notification.method === 'subscription') {
      const change = quoteOf(notification);
      if (change !== undefined) queue.push([change]);
    } else counts.malformed++;
  };

  /** Quotes that are subscribed stand as long as the connection lives. */
  const confirm = (): void => {
    const timestamp = newest - ON_ITS_WAY;
    const quiet = [...heard].filter(([, at]) => at < timestamp).map(([instrument]) => ({ instrument, timestamp }));
    for (const { instrument } of quiet) heard.set(instrument, timestamp);
    if (quiet.length > 0) queue.push(quiet);
  };

  const summary = async (own: JsonRpc): Promise<OptionChain> => {
    const { result, at } = await own.request('public/get_book_summary_by_currency', { currency, kind: 'option' });
    try {
      return deribit.parseBookSummary(result, { asOf: at ?? latestIn(result), underlying });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new FeedError(`no chain of ${underlying} in the book summary: ${error.message}`);
    }
  };

  const subscribe = async (own: JsonRpc | undefined, channels: readonly string[]): Promise<void> => {
    for (let i = 0; i < channels.length; i += CHANNELS) {
      const asked = channels.slice(i, i + CHANNELS);
      const answer = await own?.request('public/subscribe', { channels: asked });
      const done = new Set(Array.isArray(answer?.result) ? answer.result : []);
      for (const channel of asked) {
        const [source, instrument = ''] = channel.split('.', 2);
        if (!done.has(channel)) counts.refused++;
        else if (source === kind && !heard.has(instrument)) heard.set(instrument, -Infinity);
      }
    }
  };

  /** What a chain read anew tells beside the one before it; its options' channels. */
  const takeIn = (now: OptionChain): string[] => {
    const forwards = kind === 'book' ? forwardInstruments(now.quotes) : undefined;
    const quotes = forwards === undefined ? now.quotes : withForwardsOf(now.quotes, forwards);
    const names = quotes.map(({ instrument }) => instrument);
    if (chain === undefined) chain = { ...now, quotes };
    else {
      const still = new Set(names);
      const gone = [...listed].filter((instrument) => !still.has(instrument));
      queue.push([
        ...quotes.map((quote) => asChange(quote, now.spot)),
        ...gone.map((instrument) => ({ instrument, removed: true })),
      ]);
    }
    listed = new Set(names);
    newest = Math.max(newest, now.asOf);
    return [
      ...names.map((name) => channelOf(kind, name)),
      ...[...(forwards ?? [])].map((name) => channelOf('ticker', name)),
      `instrument.state.option.${currency}`,
    ];
  };

  const setUp = async (): Promise<void> => {
    let own: FeedSocket | undefined;
    let isUp = false;
    let opened: () => void = () => undefined;
    let refused: (error: FeedError) => void = () => undefined;
    const opening = new Promise<void>((resolve, reject) => {
      opened = resolve;
      refused = reject;
    });
    opening.catch(() => undefined);
    const ownRpc = jsonRpc((text) => own?.send(text), notice, answerSeconds);
    const tooLong = setTimeout(() => {
      refused(new FeedError(`${url}: no connection in ${answerSeconds} seconds`));
    }, 1000 * answerSeconds);
    try {
      own = await connect(url, {
        open: opened,
        message: (text) => {
          if (isClosed || own === undefined || own !== socket) return;
          counts.messages++;
          listen();
          if (!ownRpc.receive(text)) counts.malformed++;
        },
        close: (reason) => {
          const error = new FeedError(`${url}: ${reason}`);
          refused(error);
          ownRpc.close(reason);
          if (isUp && own === socket) lost(error);
        },
      });
      if (isClosed) throw new FeedError(`${url}: closed here`);
      socket = own;
      rpc = ownRpc;
      await opening;
      listen();
      heard.clear();
      tickers.clear();
      books.clear();
      resyncing.clear();
      await ownRpc.request('public/set_heartbeat', { interval: heartbeat });
      await subscribe(ownRpc, takeIn(await summary(ownRpc)));
      counts.connections++;
      failed = 0;
      isUp = true;
    } catch (error) {
      own?.close();
      throw error;
    } finally {
      clearTimeout(tooLong);
    }
  };

  const lost = (error: Error): void => {
    clearTimeout(silence);
    if (isClosed) return;
    failed++;
    if (failed > tries) {
      close(error);
      return;
    }
    pause = setTimeout(
      () => {
        setUp().catch((again: unknown) => {
          counts.failures++;
          lost(again instanceof Error ? again : new FeedError(String(again)));
        });
      },
      Math.min(longest, first * 2 ** (failed - 1)),
    );
  };

  const close = (error?: Error): void => {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(silence);
    clearTimeout(pause);
    rpc?.close('closed here');
    socket?.close();
    queue.end(error);
  };

  try {
    await setUp();
  } catch (error) {
    close();
    throw error;
  }
  return {
    chain: chain!,
    changes: queue,
    counts: () => ({ ...counts, merged: queue.merged() }),
    close: () => {
      close();
    },
  };
}

/** The time of a summary whose answer does not tell it: that of its latest row. */
function latestIn(result: unknown): Instant {
  const times = (Array.isArray(result) ? result : []).map((row: unknown) =>
    isRecord(row) && typeof row['creation_timestamp'] === 'number' ? row['creation_timestamp'] : -Infinity,
  );
  return times.reduce((a, b) => Math.max(a, b), -Infinity);
}

/** A quote as the change that makes it so. */
function asChange(quote: RawQuote, spot: number | undefined): QuoteChange {
  const { instrument, type, strike, expiry, timestamp } = quote;
  const fields = Object.fromEntries(changingFields.map((field) => [field, quote[field] ?? null]));
  return { instrument, type, strike, expiry, timestamp, ...fields, ...(spot === undefined ? {} : { spot }) };
}

/** One instrument an expiry: the one with the most central strike, whose ticker tells the forward. */
function forwardInstruments(quotes: readonly RawQuote[]): Set<string> {
  const nearest = new Map<Instant, { instrument: string; distance: number }>();
  for (const { instrument, expiry, strike, forward } of quotes) {
    if (forward === undefined) continue;
    const distance = Math.abs(strike / forward - 1);
    if (!(distance >= (nearest.get(expiry)?.distance ?? Infinity))) nearest.set(expiry, { instrument, distance });
  }
  return new Set([...nearest.values()].map(({ instrument }) => instrument));
}

/** Order books tell no forward: only those that are kept up to date stay. */
function withForwardsOf(quotes: readonly RawQuote[], instruments: ReadonlySet<string>): RawQuote[] {
  return quotes.map((quote) => (instruments.has(quote.instrument) ? quote : { ...quote, forward: undefined }));
}
