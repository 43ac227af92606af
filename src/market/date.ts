/**
 * Civil dates as whole days since 1970-01-01 (UTC instants divided by 86,400,000), and the few ways a feed writes them.
 *
 * A {@link CivilDay} has no time zone: it names a square on the calendar. It becomes an instant only where a venue's
 * hour is added to it (calendar.ts, expiry.ts).
 */
import { InputError } from '../errors.js';
import type { Instant } from './quote.js';

/** Whole days since 1970-01-01, proleptic Gregorian. */
export type CivilDay = number;

export const MILLISECONDS_PER_MINUTE = 60_000;
export const MILLISECONDS_PER_HOUR = 3_600_000;
export const MILLISECONDS_PER_DAY = 86_400_000;

/** 0 is Sunday, as in the ECMAScript Date. */
export const SUNDAY = 0;
export const MONDAY = 1;
export const WEDNESDAY = 3;
export const THURSDAY = 4;
export const FRIDAY = 5;
export const SATURDAY = 6;
/** 0 is Sunday, 6 is Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** 26 April 1970. Milliseconds before it are those of a count of seconds taken for milliseconds. */
export const EARLIEST_INSTANT = 1e10;

/** The day `year`-`month`-`day`, month counted from 1. Throws {@link InputError} where the calendar has no such day. */
export function civilDay(year: number, month: number, day: number): CivilDay {
  const result = findCivilDay(year, month, day);
  if (result === undefined) throw new InputError('date', `${year}-${month}-${day}`, 'a day of the calendar');
  return result;
}

/** As {@link civilDay}, but undefined where the calendar has no such day. */
export function findCivilDay(year: number, month: number, day: number): CivilDay | undefined {
  const milliseconds = Date.UTC(year, month - 1, day);
  const date = new Date(milliseconds);
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? milliseconds / MILLISECONDS_PER_DAY : undefined;
}

/** Year, month from 1 and day of the month of a civil day. */
export function dateOf(day: CivilDay): { year: number; month: number; day: number } {
  const date = new Date(day * MILLISECONDS_PER_DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** 0 is Sunday. 1970-01-01 was a Thursday. */
export function weekdayOf(day: CivilDay): Weekday {
  return ((((day + 4) % 7) + 7) % 7) as Weekday;
}

/** The n-th (1 to 5) such weekday of the month, or with n = -1 the last. Throws {@link InputError} where the month has none. */
export function nthWeekday(year: number, month: number, weekday: Weekday, n: number): CivilDay {
  if (n === -1) {
    const last = civilDay(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - 1;
    return last - ((weekdayOf(last) - weekday + 7) % 7);
  }
  const first = civilDay(year, month, 1);
  const day = first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1);
  if (!Number.isInteger(n) || n < 1 || dateOf(day).month !== month) {
    throw new InputError('n', n, `1 to 5, or -1 for the last, and such a weekday of ${year}-${month}`);
  }
  return day;
}

/** 'YYYY-MM-DD'. */
export function formatDay(day: CivilDay): string {
  return new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}

/** The UTC day that holds an instant. */
export function utcDay(instant: Instant): CivilDay {
  return Math.floor(instant / MILLISECONDS_PER_DAY);
}

/** 'YYYY-MM-DD' or 'YYYYMMDD' as a civil day; undefined where the text is neither. */
export function parseDay(text: string): CivilDay | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  return match === null ? undefined : findCivilDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

const ISO_INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(?:(Z|UTC)|([+-])(\d{2}):?(\d{2}))$/;

/**
 * An instant from text: ISO 8601 with its offset ('2026-03-18T08:00:00Z', '...+00:00'; fractions are cut to the
 * millisecond), or a count of seconds (10 digits), milliseconds (13) or microseconds (16) since 1970, told apart by size.
 * Undefined for anything else: a time of day without an offset names no instant.
 */
export function parseInstant(text: string): Instant | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return instantOfCount(Number(text));
  const match = ISO_INSTANT.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  const day = findCivilDay(Number(match[1]), Number(match[2]), Number(match[3]));
  if (day === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetMinutes = match[9] === undefined ? 0 : Number(match[10]) * 60 + Number(match[11]);
  const sign = match[9] === '-' ? -1 : 1;
  return (
    day * MILLISECONDS_PER_DAY +
    hour * MILLISECONDS_PER_HOUR +
    minute * MILLISECONDS_PER_MINUTE +
    second * 1000 +
    Number((match[7] ?? '').slice(0, 3).padEnd(3, '0')) -
    sign * offsetMinutes * MILLISECONDS_PER_MINUTE
  );
}

/** Counts below 1e8 (an instant in March 1973 as seconds) are taken for something else than a time. */
function instantOfCount(count: number): Instant | undefined {
  if (count >= 1e8 && count < 1e11) return Math.trunc(count * 1000);
  if (count >= 1e11 && count < 1e14) return Math.trunc(count);
  if (count >= 1e14 && count < 1e17) return Math.trunc(count / 1000);
  return undefined;
}

const ENGLISH_MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** 1 to 12 from an English name or its three letters, in any case; undefined for other text. */
export function parseEnglishMonth(text: string): number | undefined {
  const index = ENGLISH_MONTHS.indexOf(text.slice(0, 3).toLowerCase());
  return index < 0 ? undefined : index + 1;
}

/** 'JAN' to 'DEC'. */
export function formatMonthCode(month: number): string {
  return ENGLISH_MONTHS[month - 1]!.toUpperCase();
}
