import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import {
  FRIDAY,
  MONDAY,
  civilDay,
  dateOf,
  findCivilDay,
  formatDay,
  nthWeekday,
  parseDay,
  parseEnglishMonth,
  parseInstant,
  weekdayOf,
} from '../../src/market/date.js';

describe('civil days', () => {
  it('count from 1970-01-01, a Thursday', () => {
    expect(civilDay(1970, 1, 1)).toBe(0);
    expect(weekdayOf(0)).toBe(4);
    expect(weekdayOf(-1)).toBe(3);
    expect(civilDay(2000, 3, 1) - civilDay(2000, 2, 28)).toBe(2);
    expect(civilDay(2100, 3, 1) - civilDay(2100, 2, 28)).toBe(1);
  });

  it('go to a date and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
        const { year, month, day: dayOfMonth } = dateOf(day);
        expect(civilDay(year, month, dayOfMonth)).toBe(day);
        expect(weekdayOf(day)).toBe(new Date(day * 86_400_000).getUTCDay());
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), (day) => {
        expect(parseDay(formatDay(day))).toBe(day);
        expect(parseDay(formatDay(day).replaceAll('-', ''))).toBe(day);
      }),
    );
  });

  it('refuse days the calendar lacks', () => {
    expect(findCivilDay(2025, 2, 29)).toBeUndefined();
    expect(findCivilDay(2025, 13, 1)).toBeUndefined();
    expect(() => civilDay(2025, 4, 31)).toThrow(InputError);
    expect(parseDay('2025-02-30')).toBeUndefined();
    expect(parseDay('30/01/2025')).toBeUndefined();
  });

  it('know the n-th weekday of a month', () => {
    expect(formatDay(nthWeekday(2025, 6, FRIDAY, 3))).toBe('2025-06-20');
    expect(formatDay(nthWeekday(2024, 2, FRIDAY, 1))).toBe('2024-02-02');
    expect(formatDay(nthWeekday(2024, 12, MONDAY, -1))).toBe('2024-12-30');
    expect(() => nthWeekday(2025, 6, FRIDAY, 5)).toThrow(InputError);
    expect(() => nthWeekday(2025, 6, FRIDAY, 0)).toThrow(InputError);
  });

  it('read English months', () => {
    expect(['JAN', 'february', 'Sept', 'dec'].map(parseEnglishMonth)).toEqual([1, 2, 9, 12]);
    expect(parseEnglishMonth('mai')).toBeUndefined();
  });
});

describe('parseInstant', () => {
  it.each([
    ['2026-03-18T08:00:00Z', Date.UTC(2026, 2, 18, 8)],
    ['2026-03-18T08:00:00.944181+00:00', Date.UTC(2026, 2, 18, 8, 0, 0, 944)],
    ['2026-03-18 08:00:00.5 UTC', Date.UTC(2026, 2, 18, 8, 0, 0, 500)],
    ['2026-03-18T08:00-05:00', Date.UTC(2026, 2, 18, 13)],
    ['2026-03-18T08:00:00+0530', Date.UTC(2026, 2, 18, 2, 30)],
    ['1590103193', 1_590_103_193_000],
    ['1590103193.75', 1_590_103_193_750],
    ['1590103193775', 1_590_103_193_775],
    ['1590103193775999', 1_590_103_193_775],
  ])('%s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    '2026-03-18',
    '2026-03-18T08:00:00',
    '2026-03-18T24:00:00Z',
    '2026-02-29T08:00:00Z',
    '12',
    '1e12',
    'noon',
    '',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('agrees with the ECMAScript parser', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1971-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
        (date) => {
          expect(parseInstant(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });
});
