/**
 * Cboe's delayed quote table ("quotedata.csv"): a line with the underlying and its last price, a line with the date, then one
 * line per expiry and strike with the call's columns left of the strike and the put's right of it.
 *
 * Root, expiry, type and strike come from each option's OSI symbol, so AM-settled SPX and PM-settled SPXW stay apart even on
 * the same date; choose one by `underlying`. Row 2n of the rejections is the call of line n below the header, 2n + 1 its put.
 *
 * asOf, where it is not given, is the header's date and time. A stamp outside the regular session of the root's options (a
 * file saved at night or on a weekend) means the end of the last session: 16:15 New York time for index options and large
 * funds, 16:00 for shares, three hours earlier on an early close.
 */
import { InputError } from '../../errors.js';
import type { OptionChain, ParseOptions } from '../chain.js';
import { newYorkInstant } from '../calendar.js';
import { MILLISECONDS_PER_DAY, MILLISECONDS_PER_MINUTE, findCivilDay, parseEnglishMonth } from '../date.js';
import { lastUsQuoteTime } from '../expiry.js';
import type { Instant } from '../quote.js';
import { parseNumber } from './cell.js';
import { chainFromRows, chainsFromRows, underlyingsOf } from './rows.js';
import type { FeedMapping } from './column-mapping.js';
import { readTable } from './table.js';
import type { Row, Table } from './table.js';

const HEADER_START = 'Expiration Date,Calls,';

/** The columns of a side, in the order of the file; the put's carry '#2' where the call's have the same name. */
const SIDES = [
  { symbol: 'Calls', mark: '' },
  { symbol: 'Puts', mark: '#2' },
] as const;
const COLUMNS = ['Last Sale', 'Bid', 'Ask', 'Volume', 'IV', 'Open Interest'] as const;

const mapping: FeedMapping = {
  venue: 'cboe',
  missing: ['0'],
  columns: {
    instrument: 'Symbol',
    strike: 'Strike',
    bid: 'Bid',
    ask: 'Ask',
    last: 'Last Sale',
    openInterest: 'Open Interest',
    volume: 'Volume',
    markVolatility: 'IV',
  },
};

/** True for a quote table, by its third line. */
export function isQuoteTable(text: string): boolean {
  return headerOffset(text) >= 0;
}

/** The roots in a quote table. Throws {@link InputError} for text that is none. */
export function quoteTableRoots(csv: string): string[] {
  return underlyingsOf(optionRows(csv), mapping);
}

/**
 * A quote table as the chain of one root; the style is European for cash index roots and American for others. Throws
 * {@link InputError} for text that is no quote table, several roots and none chosen, or a date that cannot be read while
 * asOf is not given.
 */
function parseQuoteTable(csv: string, o?: ParseOptions): OptionChain {
  return chainFromRows(optionRows(csv), mappingOf(csv), o);
}

/** The chains of all roots of a quote table, in alphabetical order, or of the one asked for if it is there; else as {@link parseQuoteTable}. */
export function quoteTableChains(csv: string, o?: ParseOptions): OptionChain[] {
  return chainsFromRows(optionRows(csv), mappingOf(csv), o);
}

export const cboe = { parseQuoteTable };

function mappingOf(csv: string): FeedMapping {
  const preamble = csv.slice(0, headerOffset(csv));
  const spot = parseNumber(/\bLast:\s*([\d.,]*\d)/.exec(preamble)?.[1] ?? '');
  return { ...mapping, spot, quoteTime: (root) => quoteTime(preamble, root) };
}

function headerOffset(text: string): number {
  const offset = text.indexOf(HEADER_START);
  return offset >= 0 && (offset === 0 || text[offset - 1] === '\n') ? offset : -1;
}

/** One row per option out of one line per strike. */
function optionRows(csv: string): Table {
  const offset = headerOffset(csv);
  if (offset < 0) throw new InputError('csv', csv, `a quote table, with a header line that starts '${HEADER_START}'`);
  const lines = readTable(csv.slice(offset));
  const rows: Row[] = [];
  const index: number[] = [];
  lines.rows.forEach((line, i) => {
    SIDES.forEach(({ symbol, mark }, side) => {
      const cells: Record<string, string> = { Symbol: line[symbol] ?? '', Strike: line['Strike'] ?? '' };
      for (const column of COLUMNS) cells[column] = line[`${column}${mark}`] ?? '';
      rows.push(cells);
      index.push(2 * lines.index[i]! + side);
    });
  });
  const rejected = lines.rejected.map((rejection) => ({ ...rejection, index: 2 * rejection.index }));
  return { header: ['Symbol', 'Strike', ...COLUMNS], rows, index, rejected };
}

function quoteTime(preamble: string, root: string): Instant {
  const line = preamble.split(/\r?\n/).find((text) => /^"?Date:/.test(text)) ?? '';
  const stamp = parseStamp(line);
  if (stamp === undefined) throw new InputError('asOf', line, 'given: the file has no date line that can be read');
  return lastUsQuoteTime(root, stamp);
}

/** Genitive month names of the Russian locale, by their first three letters; May is 'мая'. */
const RUSSIAN_MONTHS = ['янв', 'фев', 'мар', 'апр', 'мая', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек'];
const ENGLISH_DATE = /([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})/;
const RUSSIAN_DATE = /(\d{1,2})\s+([а-яё]{3,8})\s+(\d{4})/i;
const TIME = /(\d{1,2}):(\d{2})(?::\d{2})?\s*([AP]M)?\s*(?:(EST|EDT|ET)|(?:GMT|UTC)([+-]\d{1,2})?(?::(\d{2}))?)/i;

/**
 * The instant of a date line: 'February 5 2022, 8:09 PM EST', 'July 12, 2022, 11:55 AM EDT', '... at 4:31 PM EDT',
 * '9 декабря 2023 г. в 13:49 GMT-5'. Undefined where day, time or zone is missing.
 */
function parseStamp(line: string): Instant | undefined {
  const day = parseStampDay(line);
  const time = TIME.exec(line);
  if (day === undefined || time === null) return undefined;
  const [, hourText, minuteText, half, newYork, offsetHours, offsetMinutes] = time;
  const hour = half === undefined ? Number(hourText) : (Number(hourText) % 12) + (/p/i.test(half) ? 12 : 0);
  const minutes = hour * 60 + Number(minuteText);
  if (minutes >= 24 * 60) return undefined;
  if (newYork !== undefined) return newYorkInstant(day, minutes);
  const hours = Number(offsetHours ?? 0);
  const offset = hours * 60 + Math.sign(hours) * Number(offsetMinutes ?? 0);
  return day * MILLISECONDS_PER_DAY + (minutes - offset) * MILLISECONDS_PER_MINUTE;
}

function parseStampDay(line: string): number | undefined {
  const english = ENGLISH_DATE.exec(line);
  if (english !== null) {
    const month = parseEnglishMonth(english[1]!);
    return month === undefined ? undefined : findCivilDay(Number(english[3]), month, Number(english[2]));
  }
  const russian = RUSSIAN_DATE.exec(line);
  if (russian === null) return undefined;
  const month = RUSSIAN_MONTHS.indexOf(russian[2]!.slice(0, 3).toLowerCase());
  return month < 0 ? undefined : findCivilDay(Number(russian[3]), month + 1, Number(russian[1]));
}
