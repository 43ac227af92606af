import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import {
  easterSunday,
  isUsEarlyClose,
  isUsTradingDay,
  newYorkDay,
  newYorkInstant,
  newYorkOffsetMinutes,
  tradingDayOnOrBefore,
  usEarlyCloses,
  usMarketHolidays,
} from '../../src/market/calendar.js';
import { civilDay, formatDay, parseDay } from '../../src/market/date.js';

const day = (text: string): number => parseDay(text)!;

/** The exchanges' published calendars: full closures, then closes at 13:00. */
const PUBLISHED: Record<number, [closed: string, early: string]> = {
  2014: ['01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  2015: ['01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
  2016: ['01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26', '11-25'],
  2017: ['01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25', '07-03 11-24'],
  2018: ['01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25', '07-03 11-23 12-24'],
  2019: ['01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  2020: ['01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
  2021: ['01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26'],
  2022: ['01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26', '11-25'],
  2023: ['01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
  2024: ['01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  2025: ['01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  2026: ['01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
  2027: ['01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
  2028: ['01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
};

describe('US market calendar', () => {
  it.each(Object.entries(PUBLISHED))('%s: closures and early closes as published', (year, [closed, early]) => {
    const full = (dates: string): string[] => dates.split(' ').map((date) => `${year}-${date}`);
    expect(usMarketHolidays(Number(year)).map(formatDay)).toEqual(full(closed));
    expect(usEarlyCloses(Number(year)).map(formatDay)).toEqual(full(early));
  });

  it('knows Easter, with its extremes 22 March and 25 April', () => {
    const known = '1818-03-22 1943-04-25 1981-04-19 2000-04-23 2008-03-23 2011-04-24 2019-04-21 2024-03-31 2038-04-25';
    expect(known.split(' ').map((date) => formatDay(easterSunday(Number(date.slice(0, 4)))))).toEqual(known.split(' '));
  });

  it('tells trading days and goes back to the last one', () => {
    expect(isUsTradingDay(day('2025-04-18'))).toBe(false);
    expect(isUsTradingDay(day('2025-04-19'))).toBe(false);
    expect(isUsTradingDay(day('2025-04-21'))).toBe(true);
    expect(isUsEarlyClose(day('2025-11-28'))).toBe(true);
    expect(formatDay(tradingDayOnOrBefore(day('2025-04-20')))).toBe('2025-04-17');
    expect(formatDay(tradingDayOnOrBefore(day('2012-10-30')))).toBe('2012-10-26');
  });

  it('starts in 2007', () => {
    expect(() => usMarketHolidays(2006)).toThrow(InputError);
    expect(() => usMarketHolidays(2020.5)).toThrow(InputError);
    expect(() => usEarlyCloses(NaN)).toThrow(InputError);
    expect(() => newYorkOffsetMinutes(Date.UTC(2006, 5, 1))).toThrow(InputError);
  });
});

describe('New York time', () => {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const wallClock = (instant: number): number => {
    const part = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute']);
  };

  it('agrees with the time-zone database on every day from 2014 to 2030, and by the minute at each change', () => {
    for (let at = Date.UTC(2014, 0, 1, 3, 59); at < Date.UTC(2031, 0, 1); at += 86_400_000) {
      const change = Math.abs(newYorkOffsetMinutes(at) - newYorkOffsetMinutes(at + 86_400_000)) > 0;
      for (let minute = 0; minute < (change ? 1440 : 1); minute += 1) {
        const instant = at + minute * 60_000;
        const local = instant + newYorkOffsetMinutes(instant) * 60_000;
        if (local !== wallClock(instant)) throw new Error(new Date(instant).toISOString());
        if (newYorkDay(instant) !== Math.floor(local / 86_400_000)) throw new Error('day');
      }
    }
  });

  it('turns a wall clock into an instant', () => {
    expect(newYorkInstant(day('2025-01-15'), 570)).toBe(Date.UTC(2025, 0, 15, 14, 30));
    expect(newYorkInstant(day('2025-07-15'), 570)).toBe(Date.UTC(2025, 6, 15, 13, 30));
    for (let at = civilDay(2014, 1, 1); at < civilDay(2031, 1, 1); at++) {
      const open = newYorkInstant(at, 570);
      if (wallClock(open) !== at * 86_400_000 + 570 * 60_000) throw new Error(formatDay(at));
    }
  });

  it('reads a skipped hour as standard time and a repeated one as daylight time', () => {
    expect(newYorkInstant(day('2025-03-09'), 150)).toBe(Date.UTC(2025, 2, 9, 7, 30));
    expect(newYorkInstant(day('2025-11-02'), 90)).toBe(Date.UTC(2025, 10, 2, 5, 30));
  });
});
