/**
 * The column layouts of tables that others make from a venue's quotes, each recognised by its header.
 *
 * A layout is a {@link FeedMapping} with a name and the header names that tell it from the rest; `csv.parseChain(text,
 * layout.mapping, o)` reads such a file.
 */
import { newYorkInstant } from '../calendar.js';
import { parseDay, parseInstant } from '../date.js';
import type { Instant, RawQuote } from '../quote.js';
import { isMissing, parseNumber } from './cell.js';
import { deribitPrice, deribitVolatility } from './deribit.js';
import type { FeedMapping } from './column-mapping.js';
import type { Row } from './table.js';

export interface FeedLayout {
  name: string;
  /** The columns that tell it from the rest. */
  marks: readonly string[];
  /** The column that is the same in all rows of one snapshot, where there is such a one. */
  timeColumn?: string | undefined;
  /** True for the header of a file in this layout (names as `readTable` gives them). */
  matches(header: readonly string[]): boolean;
  mapping: FeedMapping;
}

function layout(name: string, marks: readonly string[], mapping: FeedMapping, timeColumn?: string): FeedLayout {
  return { name, marks, timeColumn, matches: (header) => marks.every((mark) => header.includes(mark)), mapping };
}

/**
 * Quotes of any venue, mixed as they come, under the names of RawQuote: European options, linear, in USD. `time` says when a row's
 * snapshot was taken; prices or volatilities may be left out, and every other column.
 */
const quotes = layout(
  'quotes',
  ['underlying', 'expiry', 'strike', 'type'],
  {
    columns: {
      instrument: (row) => row['instrument'] || undefined,
      underlying: 'underlying',
      type: 'type',
      strike: 'strike',
      expiry: 'expiry',
      bid: optional('bid'),
      ask: optional('ask'),
      last: optional('last'),
      mark: optional('mark'),
      bidSize: optional('bidSize'),
      askSize: optional('askSize'),
      openInterest: optional('openInterest'),
      volume: optional('volume'),
      forward: optional('forward'),
      markVolatility: optional('markVolatility'),
      bidVolatility: optional('bidVolatility'),
      askVolatility: optional('askVolatility'),
      timestamp: (row) => parseInstant(row['time'] ?? ''),
    },
  },
  'time',
);

/** A number where the table has the column and the row something in it. */
function optional(column: string): (row: Row) => number | undefined {
  return (row) => (isMissing(row[column] ?? '', []) ? undefined : parseNumber(row[column]!));
}

/** Book summary joined with tickers, several coins in one file; volatility as a decimal, timestamp of the job. */
const deribitSnapshot = layout(
  'deribit-snapshot-csv',
  ['instrument_name', 'futures_price', 'implied_volatility', 'bid_price', 'ask_price'],
  {
    venue: 'deribit',
    missing: ['0'],
    columns: {
      instrument: 'instrument_name',
      type: 'option_type',
      strike: 'strike',
      expiry: 'expiry_datetime',
      bid: 'bid_price',
      ask: 'ask_price',
      mark: 'mark_price',
      openInterest: 'open_interest',
      volume: 'volume',
      forward: 'futures_price',
      markVolatility: 'implied_volatility',
      timestamp: 'timestamp',
    },
    spot: 'index_price',
  },
  'timestamp',
);

/** OptionsDX's end-of-day text of Deribit: bracketed names, a blank after each comma, volatility in percent. */
const deribitOptionsDx = layout(
  'deribit-optionsdx',
  ['[QUOTE_UNIXTIME]', '[INSTRUMENT_NAME]', '[BID_PRICE]', '[ASK_PRICE]', '[MARK_IV]'],
  {
    venue: 'deribit',
    missing: ['0'],
    percentVolatility: true,
    columns: {
      instrument: '[INSTRUMENT_NAME]',
      type: '[OPTION_RIGHT]',
      strike: '[STRIKE]',
      expiry: '[EXPIRY_UNIX]',
      bid: '[BID_PRICE]',
      ask: '[ASK_PRICE]',
      bidSize: '[BID_SIZE]',
      askSize: '[ASK_SIZE]',
      openInterest: '[OPEN_INTEREST]',
      volume: '[VOLUME]',
      forward: '[UNDERLYING_PRICE]',
      markVolatility: '[MARK_IV]',
      timestamp: '[QUOTE_UNIXTIME]',
    },
  },
  '[QUOTE_UNIXTIME]',
);

/** The export button of Deribit's option page, one expiry a file; no time and no forward: asOf has to be given. */
const deribitWebExport = layout(
  'deribit-web-export',
  ['Instrument', 'IV Bid', 'Bid', 'Mark', 'Ask', 'IV Ask', 'Size', 'Size#2'],
  {
    venue: 'deribit',
    missing: ['-', '0'],
    columns: {
      instrument: 'Instrument',
      bid: 'Bid',
      ask: 'Ask',
      bidSize: 'Size',
      askSize: 'Size#2',
      last: 'Last',
      mark: 'Mark',
      openInterest: 'Open',
      volume: 'Volume',
      bidVolatility: (row) => deribitVolatility(row['IV Bid']!),
      askVolatility: (row) => deribitVolatility(row['IV Ask']!),
    },
  },
);

/** One inverse chain a file without instrument names: the underlying has to be given. The mark is rounded to 4 decimals. */
const deribitSurface = layout(
  'deribit-surface-csv',
  ['snapshot_ts', 'expiry', 'strike', 'option_type', 'bid', 'ask', 'forward_price', 'implied_vol'],
  {
    venue: 'deribit',
    settlement: 'inverse',
    columns: {
      type: 'option_type',
      strike: 'strike',
      expiry: 'expiry',
      bid: (row) => deribitPrice(row['bid']!),
      ask: (row) => deribitPrice(row['ask']!),
      mark: 'mark_price',
      openInterest: 'open_interest',
      volume: 'volume_24h',
      forward: 'forward_price',
      markVolatility: 'implied_vol',
      timestamp: 'snapshot_ts',
    },
    spot: 'index_price',
  },
  'snapshot_ts',
);

/**
 * Tickers with the coin price turned into USD at the index: linear quotes, whose discount factor comes out as index / forward.
 * No time and no forward: asOf has to be given.
 */
const deribitUsdTicker = layout(
  'deribit-usd-ticker-csv',
  ['symbol', 'bid_price_usd', 'ask_price_usd', 'bid_iv', 'ask_iv', 'expiration_date'],
  {
    venue: 'deribit',
    settlement: 'linear',
    premiumCurrency: 'USD',
    columns: {
      instrument: 'symbol',
      type: 'option_type',
      strike: 'strike_price',
      expiry: 'expiration_date',
      bid: (row) => deribitPrice(row['bid_price_usd']!),
      ask: (row) => deribitPrice(row['ask_price_usd']!),
      last: (row) => deribitPrice(row['last_price_usd']!),
      openInterest: 'open_interest',
      volume: 'total traded volume',
      bidVolatility: (row) => deribitVolatility(row['bid_iv']!),
      askVolatility: (row) => deribitVolatility(row['ask_iv']!),
    },
  },
);

const FOUR_PM = 16 * 60;

/**
 * SPX bid and ask volatilities by strike, with the forward and no prices. The day of the quotes is the expiry less Texp (whole
 * days / 365.25); quotes and expiries both stand at 16:00 New York time, so that T, here in days / 365, spans those whole days.
 * Strikes below the forward are read as puts, the others as calls.
 */
const spxVolatilityTable = layout('spx-volatility-table', ['Expiry', 'Texp', 'Strike', 'Bid', 'Ask', 'Fwd'], {
  venue: 'cboe',
  columns: {
    underlying: () => 'SPX',
    type: typeFromForward,
    strike: 'Strike',
    expiry: (row) => closeBefore(row['Expiry']!, 0),
    forward: 'Fwd',
    bidVolatility: 'Bid',
    askVolatility: 'Ask',
    timestamp: (row) => closeBefore(row['Expiry']!, Math.round(parseNumber(row['Texp']!) * 365.25)),
  },
});

function typeFromForward(row: Row): RawQuote['type'] | undefined {
  const strike = parseNumber(row['Strike']!);
  const forward = parseNumber(row['Fwd']!);
  if (!(forward > 0)) return undefined;
  return strike < forward ? 'put' : 'call';
}

/** 16:00 New York time, so many days before the day in the cell; NaN, which rejects the row, where the cell holds no day. */
function closeBefore(text: string, days: number): Instant {
  const day = parseDay(text);
  return day === undefined || Number.isNaN(days) ? NaN : newYorkInstant(day - days, FOUR_PM);
}

/** Every layout, the most particular first. */
export const feedLayouts: readonly FeedLayout[] = [
  deribitSnapshot,
  deribitOptionsDx,
  deribitWebExport,
  deribitSurface,
  deribitUsdTicker,
  spxVolatilityTable,
  quotes,
];
