/**
 * Deribit's own feeds: the book summary (public/get_book_summary_by_currency) and order books (public/get_order_book), as JSON
 * from the API, or as rows of CSV whose columns keep the API's names.
 *
 * Prices are in the premium currency as published; `underlying_price` is the venue's forward of the expiry, volatilities
 * come in percent and leave as decimals. A price of 0 is no price. The venue publishes a volatility of 0, 0.8, 500 or 720.6
 * where a price has none (below intrinsic value, above its cap, no price at all): these are read as missing.
 */
import { requireArray, requireFinite, requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import type { OptionChain, ParseOptions } from '../chain.js';
import type { Instant } from '../quote.js';
import { isMissing, parseNumber } from './cell.js';
import { chainFromRows } from './rows.js';
import type { FeedMapping } from './column-mapping.js';
import { readTable } from './table.js';
import type { Row, RowRejection, Table } from './table.js';

/** The volatility in a percent column as a decimal; undefined where the cell is empty or holds one of the venue's placeholders. */
export function deribitVolatility(text: string): number | undefined {
  if (isMissing(text, ['-', '0', '0.8', '500'])) return undefined;
  const percent = parseNumber(text);
  return percent >= 720 ? undefined : percent / 100;
}

/** A price column's value; undefined where the cell is empty or 0. */
export function deribitPrice(text: string): number | undefined {
  return isMissing(text, ['-', '0']) ? undefined : parseNumber(text);
}

const bookSummary: FeedMapping = {
  venue: 'deribit',
  columns: {
    instrument: 'instrument_name',
    bid: price('bid_price'),
    ask: price('ask_price'),
    last: price('last'),
    mark: 'mark_price',
    openInterest: 'open_interest',
    volume: 'volume',
    forward: 'underlying_price',
    markVolatility: volatility('mark_iv'),
    timestamp: 'creation_timestamp',
  },
  spot: 'estimated_delivery_price',
};

const orderBook: FeedMapping = {
  venue: 'deribit',
  columns: {
    instrument: 'instrument_name',
    type: 'option_type',
    strike: 'strike',
    expiry: 'expiration_timestamp',
    bid: price('best_bid_price'),
    ask: price('best_ask_price'),
    bidSize: 'best_bid_amount',
    askSize: 'best_ask_amount',
    last: price('last_price'),
    mark: 'mark_price',
    openInterest: 'open_interest',
    volume: (row) => volumeIn(row['stats'] ?? ''),
    forward: 'underlying_price',
    markVolatility: volatility('mark_iv'),
    bidVolatility: volatility('bid_iv'),
    askVolatility: volatility('ask_iv'),
    timestamp: 'timestamp',
  },
  spot: 'index_price',
};

/** A column's price; undefined where the table lacks the column, or the cell is empty or 0. */
function price(column: string): (row: Row) => number | undefined {
  return (row) => deribitPrice(row[column] ?? '');
}

function volatility(column: string): (row: Row) => number | undefined {
  return (row) => deribitVolatility(row[column] ?? '');
}

const BOOK_SUMMARY_COLUMNS = ['instrument_name', 'bid_price', 'ask_price'];
const ORDER_BOOK_COLUMNS = ['instrument_name', 'best_bid_price', 'best_ask_price'];

/** The mapping without the columns this table lacks; the API has added and dropped fields over the years. */
function withColumnsOf({ header }: Table, mapping: FeedMapping): FeedMapping {
  const columns = Object.entries(mapping.columns).filter(
    ([, column]) => column !== undefined && (typeof column === 'function' || header.includes(column)),
  );
  const { spot, ...rest } = mapping;
  return {
    ...rest,
    columns: Object.fromEntries(columns),
    ...(typeof spot === 'string' && header.includes(spot) ? { spot } : {}),
  };
}

/** What tells the venue's own feeds from other tables. */
export const deribitApiMarks = [
  { name: 'deribit-order-book', marks: [...ORDER_BOOK_COLUMNS, 'mark_iv', 'underlying_price'] },
  { name: 'deribit-book-summary', marks: [...BOOK_SUMMARY_COLUMNS, 'underlying_price', 'creation_timestamp'] },
] as const;

/** Which of the venue's own feeds a table is, by its header, with the mapping that reads it. */
export function deribitTableMapping(
  table: Table,
): { kind: 'order-book' | 'book-summary'; mapping: FeedMapping } | undefined {
  if (hasColumns(table, deribitApiMarks[0].marks)) {
    return { kind: 'order-book', mapping: withColumnsOf(table, orderBook) };
  }
  if (hasColumns(table, deribitApiMarks[1].marks)) {
    return { kind: 'book-summary', mapping: withColumnsOf(table, bookSummary) };
  }
  return undefined;
}

function hasColumns({ header }: Table, names: readonly string[]): boolean {
  return names.every((name) => header.includes(name));
}

function requireColumns(field: string, table: Table, names: readonly string[]): void {
  if (hasColumns(table, names)) return;
  throw new InputError(field, table.header.join(', '), `rows with ${names.join(', ')}`);
}

/**
 * A book summary: the API's envelope { result: [...] } or the bare array, as text or parsed. Rows may lack mark_iv.
 * Throws {@link InputError} for text that is not JSON, another shape, no option, or several underlyings and none chosen.
 */
function parseBookSummary(json: unknown, o: ParseOptions & { asOf: Instant }): OptionChain {
  requireFinite('asOf', (o as ParseOptions | undefined)?.asOf);
  const table = jsonTable(json, 'json');
  requireColumns('json', table, BOOK_SUMMARY_COLUMNS);
  return chainFromRows(table, withColumnsOf(table, bookSummary), o);
}

/**
 * Order books: a CSV with one book a row (nested fields as JSON or as Python prints them), or a JSON array of get_order_book
 * results, each bare or in its envelope. asOf is the latest timestamp where it is not given; each quote keeps its own.
 * Throws {@link InputError} for text of another shape, no option, or several underlyings and none chosen.
 */
function parseOrderBooks(csvOrJson: string, o?: ParseOptions): OptionChain {
  const isJson = /^\uFEFF?\s*[[{]/.test(requireText('csvOrJson', csvOrJson));
  const table = isJson ? jsonTable(csvOrJson, 'csvOrJson') : readTable(csvOrJson);
  requireColumns('csvOrJson', table, ORDER_BOOK_COLUMNS);
  return chainFromRows(table, withColumnsOf(table, orderBook), o);
}

export const deribit = { parseBookSummary, parseOrderBooks };

const PYTHON_TOKEN = /'([^'\\]*)'|"[^"\\]*"|\b(?:None|nan|True|False)\b/g;
const PYTHON_WORDS: Readonly<Record<string, string>> = { None: 'null', nan: 'null', True: 'true', False: 'false' };

/** A nested cell: JSON, or a Python literal of dicts, lists, text, numbers, None, True and False. Undefined where it is neither. */
export function parseNested(text: string): unknown {
  const asJson = text.replace(PYTHON_TOKEN, (token, quoted?: string) =>
    quoted === undefined ? (PYTHON_WORDS[token] ?? token) : JSON.stringify(quoted),
  );
  try {
    return JSON.parse(asJson);
  } catch {
    return undefined;
  }
}

/** stats.volume; NaN, which rejects the row, where the cell holds something that is not a dict. */
function volumeIn(stats: string): number | undefined {
  if (isMissing(stats, [])) return undefined;
  const nested = parseNested(stats);
  if (typeof nested !== 'object' || nested === null) return NaN;
  const volume = (nested as Readonly<Record<string, unknown>>)['volume'];
  if (volume === undefined || volume === null) return undefined;
  return typeof volume === 'number' ? volume : NaN;
}

type JsonRecord = Readonly<Record<string, unknown>>;

/** The elements of a JSON array as rows of text. The header is every key that occurs; a key an element lacks is an empty cell. */
export function jsonTable(json: unknown, field: string): Table {
  const elements = elementsOf(typeof json === 'string' ? parseJson(json, field) : json, field);
  const header = [...new Set(elements.flatMap((element) => (isRecord(element) ? Object.keys(element) : [])))];
  const rows: Row[] = [];
  const index: number[] = [];
  const rejected: RowRejection[] = [];
  elements.forEach((element, place) => {
    if (isRecord(element)) {
      rows.push(Object.fromEntries(header.map((name) => [name, cellText(element[name])])));
      index.push(place);
    } else {
      rejected.push({ index: place, id: '', reason: 'not-a-row', field: '', value: NaN, limit: NaN });
    }
  });
  return { header, rows, index, rejected };
}

function parseJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new InputError(field, text, 'JSON');
  }
}

/** The elements, out of the envelope around all and the one around each. A single result counts as an array of one. */
function elementsOf(value: unknown, field: string): unknown[] {
  const content = unwrapped(value);
  const elements = requireArray(field, isRecord(content) && content !== value ? [content] : content);
  if (elements.length === 0) throw new InputError(field, value, 'an array with at least one row');
  return elements.map(unwrapped);
}

function unwrapped(value: unknown): unknown {
  return isRecord(value) && 'result' in value ? value['result'] : value;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}
