/**
 * A price series from text, for a backtest: CSV with a header, or JSON, an array of records (or { "description", "bars": [...] }).
 * Case, blanks, hyphens and underscores of a column's name do not matter.
 *
 *   time        (date, timestamp, at) of the close: 2026-01-31, an instant with its offset, or a count of seconds or milliseconds since 1970
 *   price       (close), or open, high, low and close: of a price alone each bar opens where the last one closed
 *   funding     (funding rate) that longs pay shorts on the notional at the bar's open
 *   volatility  (implied volatility) of options, annual, a decimal: 0.6 for 60%
 *
 * Other columns are named in the result and not read. An empty cell of funding or volatility is a bar without; any other cell that
 * cannot be read is an error that names line and column.
 */
import { requireArray, requireObject, requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import { MILLISECONDS_PER_DAY, parseDay, parseInstant } from '../../market/date.js';
import type { Instant } from '../../market/quote.js';
import { isMissing, parseNumber } from '../../market/venues/cell.js';
import { readTable } from '../../market/venues/table.js';
import type { Bar } from './backtest-input.js';

const COLUMNS = {
  time: ['time', 'date', 'timestamp', 'at', 'datetime'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close', 'price'],
  funding: ['funding', 'fundingrate'],
  volatility: ['volatility', 'impliedvolatility'],
} as const;
type Column = keyof typeof COLUMNS;
const NAMES = Object.keys(COLUMNS) as Column[];

/** Above this a volatility was meant in percent. */
const LARGEST_VOLATILITY = 10;

export interface PriceSeries {
  bars: Bar[];
  /** As written, by what they were read for. */
  columns: Partial<Record<Column, string>>;
  /** As written, of columns that were not read. */
  ignored: string[];
  description?: string | undefined;
}

interface Rows {
  header: readonly string[];
  rows: readonly Readonly<Record<string, string>>[];
  /** 'line 3' or 'row 3'. */
  place: (row: number) => string;
  description?: string | undefined;
}

/**
 * Throws InputError for text that is neither, a series without time or price, with some of open, high and low, or with one column
 * twice, and for a cell that cannot be read: 'line 5, column close'.
 */
export function readPriceSeries(text: string): PriceSeries {
  const start = requireText('text', text).trimStart();
  const { header, rows, place, description } = /^[[{]/.test(start) ? jsonRows(start) : csvRows(text);
  const columns = columnsOf(header);
  if (rows.length < 2) throw new InputError('rows', rows.length, 'at least 2');
  const used = Object.values(columns);
  const bars: Bar[] = [];
  rows.forEach((row, i) => {
    const cell = (name: Column): string => row[columns[name]!] ?? '';
    const field = (name: Column): string => `${place(i)}, column ${columns[name]!}`;
    const price = (name: Column): number => positive(field(name), cell(name));
    const optional = (name: 'funding' | 'volatility'): number | undefined => {
      if (columns[name] === undefined || isMissing(cell(name), [])) return undefined;
      const value = number(field(name), cell(name));
      if (name === 'volatility' && !(value > 0 && value <= LARGEST_VOLATILITY)) {
        throw new InputError(field(name), value, `above 0 and at most ${LARGEST_VOLATILITY}: a decimal, 0.6 for 60%`);
      }
      return value;
    };
    const at = instant(field('time'), cell('time'));
    const before = bars[i - 1];
    if (before !== undefined && !(at > before.at)) {
      throw new InputError(field('time'), cell('time'), `later than that of the ${place(i).split(' ')[0]!} before`);
    }
    const close = price('close');
    const open = columns.open === undefined ? (before?.close ?? close) : price('open');
    const high = columns.high === undefined ? Math.max(open, close) : price('high');
    const low = columns.low === undefined ? Math.min(open, close) : price('low');
    if (high < Math.max(open, close)) throw new InputError(field('high'), high, 'at least the open and the close');
    if (low > Math.min(open, close)) throw new InputError(field('low'), low, 'at most the open and the close');
    const [funding, volatility] = [optional('funding'), optional('volatility')];
    bars.push({
      at,
      open,
      high,
      low,
      close,
      ...(funding !== undefined && { funding }),
      ...(volatility !== undefined && { volatility }),
    });
  });
  return { bars, columns, ignored: header.filter((name) => name !== '' && !used.includes(name)), description };
}

function csvRows(text: string): Rows {
  const { header, rows, index, rejected } = readTable(text);
  // Blank lines count as lines, but are no rows.
  const lines = text.split(/\r\n?|\n/).flatMap((line, i) => (line.trim() === '' ? [] : [i + 1]));
  const place = (row: number): string => `line ${lines[row + 1] ?? row + 2}`;
  const broken = rejected[0];
  if (broken !== undefined) {
    throw new InputError(`cells of ${place(broken.index)}`, broken.value, `${broken.limit}, as in the header`);
  }
  return { header, rows, place: (row) => place(index[row]!) };
}

function jsonRows(text: string): Rows {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError('text', text, `JSON (${error instanceof Error ? error.message : 'unreadable'})`);
  }
  const record = Array.isArray(json) ? {} : requireObject('the file', json);
  const list = requireArray('bars', Array.isArray(json) ? json : record['bars']);
  const rows = list.map((row, i) =>
    Object.fromEntries(
      Object.entries(requireObject(`row ${i + 1}`, row)).map(([name, value]) => {
        if (value !== null && typeof value !== 'number' && typeof value !== 'string') {
          throw new InputError(`row ${i + 1}, column ${name}`, value, 'a number or text');
        }
        return [name, value === null ? '' : String(value)];
      }),
    ),
  );
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const description = record['description'];
  return {
    header,
    rows,
    place: (row) => `row ${row + 1}`,
    ...(typeof description === 'string' && { description }),
  };
}

function columnsOf(header: readonly string[]): Partial<Record<Column, string>> {
  const found: Partial<Record<Column, string>> = {};
  for (const written of header) {
    const plain = written.toLowerCase().replaceAll(/[\s_-]/g, '');
    const name = NAMES.find((column) => (COLUMNS[column] as readonly string[]).includes(plain));
    if (name === undefined) continue;
    if (found[name] !== undefined) {
      throw new InputError('header', written, `one column for the ${name}, there is ${found[name]} already`);
    }
    found[name] = written;
  }
  for (const name of ['time', 'close'] as const) {
    if (found[name] === undefined) {
      throw new InputError(
        'header',
        header.join(', '),
        `a line with a column for the ${name}: ${COLUMNS[name].join(', ')}`,
      );
    }
  }
  const ranges = (['open', 'high', 'low'] as const).filter((name) => found[name] !== undefined);
  if (ranges.length === 1 || ranges.length === 2) {
    throw new InputError(
      'header',
      header.join(', '),
      `a line with open, high and low or none of them, not ${ranges.join(' and ')} alone`,
    );
  }
  return found;
}

function number(field: string, text: string): number {
  const value = parseNumber(text);
  if (!Number.isFinite(value)) throw new InputError(field, text, 'a number');
  return value;
}

function positive(field: string, text: string): number {
  const value = number(field, text);
  if (!(value > 0)) throw new InputError(field, text, 'above 0');
  return value;
}

function instant(field: string, text: string): Instant {
  const day = parseDay(text);
  const found = day === undefined ? parseInstant(text) : day * MILLISECONDS_PER_DAY;
  if (found !== undefined) return found;
  throw new InputError(
    field,
    text,
    'a day like 2026-01-31, an instant with its offset, or seconds or milliseconds since 1970',
  );
}
