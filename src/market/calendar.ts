/**
 * The US equity market's calendar: New York time, holidays, early closes, trading days.
 *
 * Daylight time (Energy Policy Act of 2005, in force since 2007): New York is UTC-4 from the second Sunday of March,
 * 02:00 standard time (07:00Z), to the first Sunday of November, 02:00 daylight time (06:00Z), and UTC-5 otherwise.
 *
 * Holidays (NYSE Rule 7.2): New Year's Day, Martin Luther King Day, Washington's Birthday, Good Friday, Memorial Day,
 * Juneteenth (since 2022), Independence Day, Labor Day, Thanksgiving, Christmas. On a Saturday the Friday before is kept,
 * on a Sunday the Monday after; a New Year's Day on a Saturday is not kept. Closures nobody could compute are dated below.
 *
 * Early closes at 13:00: the day after Thanksgiving; 3 July and 24 December where they and the holiday that follows
 * are both weekdays.
 *
 * The rules hold from 2007 on. Earlier dates throw; dates to come follow the rules, without the closures not yet known.
 */
import { InputError } from '../errors.js';
import {
  FRIDAY,
  MILLISECONDS_PER_DAY,
  MILLISECONDS_PER_HOUR,
  MILLISECONDS_PER_MINUTE,
  MONDAY,
  SATURDAY,
  SUNDAY,
  THURSDAY,
  civilDay,
  dateOf,
  nthWeekday,
  utcDay,
  weekdayOf,
} from './date.js';
import type { CivilDay } from './date.js';
import type { Instant } from './quote.js';

const FIRST_YEAR = 2007;

/** Days on which the exchanges stayed shut outside the rule: mourning for Presidents Ford, Bush and Carter, Hurricane Sandy. */
const UNSCHEDULED_CLOSURES: readonly CivilDay[] = [
  civilDay(2007, 1, 2),
  civilDay(2012, 10, 29),
  civilDay(2012, 10, 30),
  civilDay(2018, 12, 5),
  civilDay(2025, 1, 9),
];

/** Gregorian Easter Sunday (the anonymous computus, Nature 1876; Meeus, Astronomical Algorithms, ch. 8). */
export function easterSunday(year: number): CivilDay {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const m = Math.floor((a + 11 * h) / 319);
  const r = (2 * (b % 4) + 2 * Math.floor(c / 4) - (c % 4) - h + m + 32) % 7;
  const month = Math.floor((h - m + r + 90) / 25);
  return civilDay(year, month, (h - m + r + month + 19) % 32);
}

/** The day a fixed-date holiday is kept: Friday for a Saturday, Monday for a Sunday. */
function observed(day: CivilDay): CivilDay {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return day - 1;
  return weekday === SUNDAY ? day + 1 : day;
}

const holidaysOfYear = new Map<number, readonly CivilDay[]>();

/** The full-day closures of one year, in order. Throws {@link InputError} before 2007. */
export function usMarketHolidays(year: number): readonly CivilDay[] {
  const known = holidaysOfYear.get(year);
  if (known !== undefined) return known;
  const days = computeHolidays(year);
  holidaysOfYear.set(year, days);
  return days;
}

function computeHolidays(year: number): readonly CivilDay[] {
  requireYear(year);
  const newYear = civilDay(year, 1, 1);
  const days = [
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2,
    nthWeekday(year, 5, MONDAY, -1),
    observed(civilDay(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 11, THURSDAY, 4),
    observed(civilDay(year, 12, 25)),
    ...UNSCHEDULED_CLOSURES.filter((day) => dateOf(day).year === year),
  ];
  if (weekdayOf(newYear) !== SATURDAY) days.push(observed(newYear));
  if (year >= 2022) days.push(observed(civilDay(year, 6, 19)));
  return days.sort((left, right) => left - right);
}

/** The days of one year on which the session ends at 13:00 New York time, in order. Throws {@link InputError} before 2007. */
export function usEarlyCloses(year: number): readonly CivilDay[] {
  requireYear(year);
  const afterThanksgiving = nthWeekday(year, 11, THURSDAY, 4) + 1;
  const eves = [civilDay(year, 7, 3), civilDay(year, 12, 24)].filter((eve) => isWeekday(eve) && isWeekday(eve + 1));
  return [...eves, afterThanksgiving].sort((left, right) => left - right);
}

/** True on days the US equity and option exchanges open. Throws {@link InputError} before 2007. */
export function isUsTradingDay(day: CivilDay): boolean {
  return isWeekday(day) && !usMarketHolidays(dateOf(day).year).includes(day);
}

/** True on days the session ends at 13:00 New York time. Throws {@link InputError} before 2007. */
export function isUsEarlyClose(day: CivilDay): boolean {
  return usEarlyCloses(dateOf(day).year).includes(day);
}

/** The day itself when the market opens on it, else the last day before it on which the market opens. */
export function tradingDayOnOrBefore(day: CivilDay): CivilDay {
  let candidate = day;
  while (!isUsTradingDay(candidate)) candidate -= 1;
  return candidate;
}

/** Minutes New York is ahead of UTC at an instant: -300 in winter, -240 in summer. Throws {@link InputError} before 2007. */
export function newYorkOffsetMinutes(instant: Instant): number {
  const { year } = dateOf(utcDay(instant));
  requireYear(year);
  const begins = nthWeekday(year, 3, SUNDAY, 2) * MILLISECONDS_PER_DAY + 7 * MILLISECONDS_PER_HOUR;
  const ends = nthWeekday(year, 11, SUNDAY, 1) * MILLISECONDS_PER_DAY + 6 * MILLISECONDS_PER_HOUR;
  return instant >= begins && instant < ends ? -240 : -300;
}

/**
 * The instant of a New York wall-clock time; `minutes` counts from midnight (570 is 09:30). In the hour that the spring
 * change skips the clock is read as standard time, in the hour that autumn repeats as daylight time.
 */
export function newYorkInstant(day: CivilDay, minutes: number): Instant {
  const wall = day * MILLISECONDS_PER_DAY + minutes * MILLISECONDS_PER_MINUTE;
  const daylight = wall + 240 * MILLISECONDS_PER_MINUTE;
  return newYorkOffsetMinutes(daylight) === -240 ? daylight : wall + 300 * MILLISECONDS_PER_MINUTE;
}

/** The New York calendar day of an instant. */
export function newYorkDay(instant: Instant): CivilDay {
  return utcDay(instant + newYorkOffsetMinutes(instant) * MILLISECONDS_PER_MINUTE);
}

function isWeekday(day: CivilDay): boolean {
  const weekday = weekdayOf(day);
  return weekday >= MONDAY && weekday <= FRIDAY;
}

function requireYear(year: number): void {
  if (!(year >= FIRST_YEAR))
    throw new InputError('year', year, `${FIRST_YEAR} or later: the US calendar rules start there`);
}
