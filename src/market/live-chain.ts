/**
 * A chain that follows a feed: changes of single quotes go in, the chain as it stands and the expiries that changed come out.
 *
 * Time is the feed's own: asOf is the latest timestamp applied. A change older than what its instrument holds is refused, by its
 * sequence where both have one and else by its timestamp; a quote not heard of for `maximumAge` loses its prices. Nothing is dropped
 * without being counted: received = applied + outOfOrder + unknown + invalid + early.
 */
import { requireNonNegative, requireObject } from '../check.js';
import { InputError } from '../errors.js';
import type { Rejection } from '../errors.js';
import type { OptionType } from '../pricing/option.js';
import type { OptionChain } from './chain.js';
import type { Instant, RawQuote } from './quote.js';

/** Fields of a quote that a change may set; null says that there is none now, a field that is missing stays. */
export const changingFields = [
  'bid',
  'ask',
  'bidSize',
  'askSize',
  'last',
  'mark',
  'openInterest',
  'volume',
  'forward',
  'markVolatility',
  'bidVolatility',
  'askVolatility',
] as const;
type ChangingField = (typeof changingFields)[number];

/** What is new about one instrument. Without any field it says that its quote still stands. */
export type QuoteChange = { [F in ChangingField]?: number | null | undefined } & {
  instrument: string;
  timestamp?: Instant | undefined;
  /** Grows from change to change of the instrument, across reconnections too; the first one begins it, whatever its timestamp. */
  sequence?: number | undefined;
  /** Terms of an instrument that the chain does not list. */
  type?: OptionType | undefined;
  strike?: number | undefined;
  expiry?: Instant | undefined;
  /** No longer listed. */
  removed?: boolean | undefined;
  /** Of the underlying. */
  spot?: number | undefined;
};

export type ChangeRejectionReason =
  /** Its sequence or timestamp, that of the change held. */
  | 'out-of-order'
  /** Not listed, and the change has no terms: NaN, NaN. */
  | 'unknown-instrument'
  /** The number that is none, 0. */
  | 'not-a-quote'
  /** Its timestamp, the latest believed. */
  | 'from-the-future';

/** `index` counts the changes received, from 0. */
export type ChangeRejection = Rejection<ChangeRejectionReason>;

/** All since the start. */
export interface ChangeCounts {
  received: number;
  applied: number;
  /** Of those applied: followed by another change of the instrument before the chain was taken. */
  coalesced: number;
  outOfOrder: number;
  unknown: number;
  invalid: number;
  /** Dated after the clock allows. */
  early: number;
  /** Quotes that lost their prices because nothing was heard of them. */
  expired: number;
}

export interface LiveChainOptions {
  /** Seconds after which a quote loses its prices; Infinity: never. Default 600, that of the quote filters. */
  maximumAge?: number | undefined;
  /** Seconds a change may be dated after the clock, where there is one. Default 60. */
  maximumLead?: number | undefined;
  /** Tells the time: then asOf is at least that, and changes from the future are refused. */
  now?: (() => Instant) | undefined;
}

export interface TakenChain {
  chain: OptionChain;
  /** Expiries of which a price, a volatility, a forward or the list of quotes has changed, in order. */
  touched: Instant[];
  /** Changes applied since the last time. */
  applied: number;
  /** Quotes that lost their prices now. */
  expired: number;
  rejected: ChangeRejection[];
}

export interface LiveChain {
  /** Takes the changes in. What cannot be used is counted and listed with the chain taken next. */
  apply(changes: readonly QuoteChange[]): void;
  /** The chain as it stands. */
  take(): TakenChain;
  readonly counts: Readonly<ChangeCounts>;
}

const PRICES = ['bid', 'ask', 'bidVolatility', 'askVolatility'] as const;

interface Held {
  quote: RawQuote;
  /** When the quote was heard of last. */
  heard: Instant;
  sequence: number;
  /** Changed since the chain was taken. */
  isNew: boolean;
}

/**
 * Follows `chain`. Quotes without a timestamp are as old as the chain; of an instrument quoted twice the second is rejected. Throws
 * InputError on options out of range.
 */
export function liveChain(chain: OptionChain, options: LiveChainOptions = {}): LiveChain {
  requireObject('chain', chain);
  const { maximumAge = 600, maximumLead = 60, now } = options;
  if (maximumAge !== Infinity) requireNonNegative('maximumAge', maximumAge);
  requireNonNegative('maximumLead', maximumLead);
  const held = new Map<string, Held>();
  const duplicates: Rejection[] = [];
  for (const [index, quote] of chain.quotes.entries()) {
    if (held.has(quote.instrument)) {
      duplicates.push({ index, id: quote.instrument, reason: 'duplicate', value: 2, limit: 1 });
      continue;
    }
    held.set(quote.instrument, { quote, heard: quote.timestamp ?? chain.asOf, sequence: -Infinity, isNew: false });
  }
  const counts: ChangeCounts = {
    received: 0,
    applied: 0,
    coalesced: 0,
    outOfOrder: 0,
    unknown: 0,
    invalid: 0,
    early: 0,
    expired: 0,
  };
  let asOf = chain.asOf;
  let spot = chain.spot;
  let touched = new Set<Instant>();
  let changed: Held[] = [];
  let rejected: ChangeRejection[] = [];
  let applied = 0;

  const apply = (change: QuoteChange): ChangeRejectionReason | undefined => {
    const refuse = (reason: ChangeRejectionReason, value: number, limit: number): ChangeRejectionReason => {
      const id = typeof (change as Partial<QuoteChange> | null)?.instrument === 'string' ? change.instrument : '';
      rejected.push({ index: counts.received - 1, id, reason, value, limit });
      return reason;
    };
    const fault = faultOf(change);
    if (fault !== undefined) return refuse('not-a-quote', fault, 0);
    const { instrument, timestamp, sequence } = change;
    if (now !== undefined && timestamp !== undefined) {
      const latest = now() + 1000 * maximumLead;
      if (timestamp > latest) return refuse('from-the-future', timestamp, latest);
    }
    let entry = held.get(instrument);
    if (entry === undefined) {
      const quote = change.removed === true ? undefined : listed(chain.underlying, change);
      if (quote === undefined) return refuse('unknown-instrument', NaN, NaN);
      entry = { quote, heard: timestamp ?? asOf, sequence: -Infinity, isNew: false };
      held.set(instrument, entry);
      touched.add(quote.expiry);
    } else if (sequence !== undefined && entry.sequence > -Infinity) {
      if (sequence <= entry.sequence) return refuse('out-of-order', sequence, entry.sequence);
    } else if (sequence === undefined && timestamp !== undefined && timestamp < (entry.quote.timestamp ?? -Infinity)) {
      return refuse('out-of-order', timestamp, entry.quote.timestamp!);
    }
    if (entry.isNew) counts.coalesced++;
    else changed.push(entry);
    entry.isNew = true;
    if (sequence !== undefined) entry.sequence = sequence;
    if (timestamp !== undefined) asOf = Math.max(asOf, timestamp);
    entry.heard = Math.max(entry.heard, timestamp ?? asOf);
    if (change.spot !== undefined) spot = change.spot;
    if (change.removed === true) {
      held.delete(instrument);
      touched.add(entry.quote.expiry);
      return undefined;
    }
    const quote = changedQuote(entry.quote, change);
    if (PRICES.some((field) => quote[field] !== entry.quote[field]) || quote.forward !== entry.quote.forward) {
      touched.add(quote.expiry);
    }
    entry.quote = quote;
    return undefined;
  };

  const expire = (): number => {
    if (now !== undefined) asOf = Math.max(asOf, now());
    let expired = 0;
    for (const entry of held.values()) {
      const { quote, heard } = entry;
      if (asOf - heard <= 1000 * maximumAge || PRICES.every((field) => quote[field] === undefined)) continue;
      entry.quote = { ...quote, bid: undefined, ask: undefined, bidVolatility: undefined, askVolatility: undefined };
      touched.add(quote.expiry);
      expired++;
    }
    return expired;
  };

  return {
    counts,
    apply(changes) {
      for (const change of changes) {
        counts.received++;
        const refused = apply(change);
        if (refused === undefined) {
          counts.applied++;
          applied++;
        } else counts[COUNTED[refused]]++;
      }
    },
    take() {
      const expired = expire();
      counts.expired += expired;
      const quotes = Array.from(held.values(), ({ quote }) => quote);
      const taken: TakenChain = {
        chain: { ...chain, asOf, spot, quotes, rejected: [...chain.rejected, ...duplicates] },
        touched: [...touched].sort((a, b) => a - b),
        applied,
        expired,
        rejected,
      };
      for (const entry of changed) entry.isNew = false;
      changed = [];
      touched = new Set();
      rejected = [];
      applied = 0;
      return taken;
    },
  };
}

const COUNTED = {
  'out-of-order': 'outOfOrder',
  'unknown-instrument': 'unknown',
  'not-a-quote': 'invalid',
  'from-the-future': 'early',
} as const;

/** The first number of a change that cannot be one; undefined where all can. NaN stands for what is no number. */
function faultOf(change: unknown): number | undefined {
  const record = change as Readonly<Record<string, unknown>>;
  if (typeof change !== 'object' || change === null || typeof record['instrument'] !== 'string') return NaN;
  for (const field of changingFields) {
    const value = record[field];
    if (value === undefined || value === null) continue;
    if (!(isNumber(value) && (field === 'forward' ? value > 0 : value >= 0))) return numberOr(value);
  }
  for (const field of ['timestamp', 'sequence', 'expiry'] as const) {
    if (record[field] !== undefined && !isNumber(record[field])) return numberOr(record[field]);
  }
  for (const field of ['spot', 'strike'] as const) {
    const value = record[field];
    if (value !== undefined && !(isNumber(value) && value > 0)) return numberOr(value);
  }
  return undefined;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const numberOr = (value: unknown): number => (typeof value === 'number' ? value : NaN);

/** The quote of an instrument that comes with its terms. */
function listed(underlying: string, { instrument, type, strike, expiry }: QuoteChange): RawQuote | undefined {
  if ((type !== 'call' && type !== 'put') || strike === undefined || expiry === undefined) return undefined;
  return { instrument, underlying, type, strike, expiry };
}

function changedQuote(quote: RawQuote, change: QuoteChange): RawQuote {
  const next: RawQuote = { ...quote };
  for (const field of changingFields) {
    const value = change[field];
    if (value !== undefined) next[field] = value ?? undefined;
  }
  if (change.timestamp !== undefined) next.timestamp = Math.max(change.timestamp, quote.timestamp ?? -Infinity);
  return next;
}

/**
 * A change read from a line of JSON: numbers by the names of {@link QuoteChange}, null where there is none. Throws InputError for text that
 * is not a JSON object or array of them; what is wrong inside one is for the chain to refuse.
 */
export function readQuoteChanges(line: string): QuoteChange[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new InputError('line', line, 'JSON');
  }
  const changes: unknown[] = Array.isArray(value) ? value : [value];
  if (changes.some((change) => typeof change !== 'object' || change === null)) {
    throw new InputError('line', line, 'a change of a quote, or an array of them');
  }
  return changes as QuoteChange[];
}
