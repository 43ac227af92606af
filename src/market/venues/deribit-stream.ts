/**
 * Deribit's notifications as changes of quotes.
 *
 *   ticker.{instrument}.{interval}   best prices, sizes, mark, forward and index; every notification is whole, ordered by its timestamp
 *   book.{instrument}.{interval}     first a snapshot, then changes: each names the change_id before it in prev_change_id
 *
 * A price of 0 or null is no price; volatilities come in percent. Deribit API reference, "Notifications".
 */
import type { QuoteChange } from '../live-chain.js';
import { deribitVolatility } from './deribit.js';
import { parseDeribitInstrument } from './deribit-instrument.js';

type JsonRecord = Readonly<Record<string, unknown>>;

/** States in which an instrument is no longer quoted. */
const ENDED: readonly unknown[] = ['closed', 'delivered', 'inactive', 'archivized'];

/** The change a ticker tells; undefined for data that is no ticker of an option. */
export function deribitTickerChange(data: unknown): QuoteChange | undefined {
  const known = optionIn(data);
  if (known === undefined) return undefined;
  const { ticker, change } = known;
  if (typeof ticker['timestamp'] !== 'number' || !('best_bid_price' in ticker && 'best_ask_price' in ticker)) {
    return undefined;
  }
  if (ENDED.includes(ticker['state'])) return { ...change, removed: true };
  const spot = ticker['index_price'];
  return {
    ...change,
    bid: priceIn(ticker, 'best_bid_price'),
    ask: priceIn(ticker, 'best_ask_price'),
    bidSize: numberIn(ticker, 'best_bid_amount'),
    askSize: numberIn(ticker, 'best_ask_amount'),
    last: priceIn(ticker, 'last_price'),
    mark: numberIn(ticker, 'mark_price'),
    openInterest: numberIn(ticker, 'open_interest'),
    forward: priceIn(ticker, 'underlying_price'),
    markVolatility: volatilityIn(ticker, 'mark_iv'),
    bidVolatility: volatilityIn(ticker, 'bid_iv'),
    askVolatility: volatilityIn(ticker, 'ask_iv'),
    ...(typeof spot === 'number' && spot > 0 ? { spot } : {}),
  };
}

/** Instrument, time and terms. */
function optionIn(data: unknown): { ticker: JsonRecord; change: QuoteChange } | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const ticker = data as JsonRecord;
  const { instrument_name: instrument, timestamp } = ticker;
  if (typeof instrument !== 'string' || instrument === '') return undefined;
  const option = parseDeribitInstrument(instrument);
  if (!option.ok) return undefined;
  const { type, strike, expiry } = option;
  const change: QuoteChange = { instrument, type, strike, expiry };
  if (typeof timestamp === 'number') change.timestamp = timestamp;
  return { ticker, change };
}

/** Undefined where the field is missing, null where there is no price. */
function priceIn(record: JsonRecord, field: string): number | null | undefined {
  const value = numberIn(record, field);
  return value === 0 ? null : value;
}

/** A field that is neither a number nor null is NaN, which the chain refuses. */
function numberIn(record: JsonRecord, field: string): number | null | undefined {
  const value = record[field];
  if (value === undefined || value === null) return value;
  return typeof value === 'number' ? value : NaN;
}

function volatilityIn(record: JsonRecord, field: string): number | null | undefined {
  const percent = numberIn(record, field);
  if (percent === undefined || percent === null) return percent;
  return deribitVolatility(String(percent)) ?? null;
}

export type DeribitBookStep =
  | { ok: true; change: QuoteChange; isSnapshot: boolean }
  /** 'gap': changes are missing and a new snapshot is needed; 'old': the book is past it; 'not-a-book': unreadable. */
  | { ok: false; reason: 'gap' | 'old' | 'not-a-book' };

export interface DeribitBook {
  /** Takes the data of a notification in. After a gap every change is one, until a snapshot. */
  apply(data: unknown): DeribitBookStep;
}

/** One instrument's order book, kept by price. */
export function deribitBook(): DeribitBook {
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  let held: number | undefined;
  return {
    apply(data) {
      const known = optionIn(data);
      if (known === undefined) return { ok: false, reason: 'not-a-book' };
      const { ticker: book, change } = known;
      const { type, change_id: id, prev_change_id: before } = book;
      const levels = [levelsIn(book['bids']), levelsIn(book['asks'])] as const;
      if (typeof id !== 'number' || levels[0] === undefined || levels[1] === undefined) {
        return { ok: false, reason: 'not-a-book' };
      }
      const isSnapshot = type === 'snapshot';
      if (isSnapshot) {
        bids.clear();
        asks.clear();
      } else {
        if (held !== undefined && id <= held) return { ok: false, reason: 'old' };
        if (held === undefined || before !== held) {
          held = undefined;
          return { ok: false, reason: 'gap' };
        }
      }
      held = id;
      for (const [side, rows] of [
        [bids, levels[0]],
        [asks, levels[1]],
      ] as const) {
        for (const [action, price, amount] of rows) {
          if (action === 'delete' || amount === 0) side.delete(price);
          else side.set(price, amount);
        }
      }
      const bid = bids.size === 0 ? null : Math.max(...bids.keys());
      const ask = asks.size === 0 ? null : Math.min(...asks.keys());
      const sizes = {
        bidSize: bid === null ? null : bids.get(bid),
        askSize: ask === null ? null : asks.get(ask),
      };
      return { ok: true, isSnapshot, change: { ...change, sequence: id, bid, ask, ...sizes } };
    },
  };
}

type Level = readonly [action: string, price: number, amount: number];

/** Rows of [action, price, amount]; undefined where one is something else. */
function levelsIn(value: unknown): Level[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const isLevel = (row: unknown): row is Level =>
    Array.isArray(row) &&
    typeof row[0] === 'string' &&
    typeof row[1] === 'number' &&
    row[1] > 0 &&
    typeof row[2] === 'number' &&
    row[2] >= 0;
  return value.every(isLevel) ? value : undefined;
}
