import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { newYorkInstant } from '../../src/market/calendar.js';
import {
  calendarClock,
  equityClock,
  eventVariance,
  requireClock,
  varianceRate,
  varianceTime,
  yearFraction,
} from '../../src/market/clock.js';
import type { VarianceClock } from '../../src/market/clock.js';
import { civilDay } from '../../src/market/date.js';

const HOUR = 3_600_000;
const YEAR_HOURS = 365 * 24;
const instants = fc.integer({ min: Date.UTC(2014, 0, 1), max: Date.UTC(2030, 0, 1) });
/** Four weights that tell every kind of hour apart; Thanksgiving 2025 is a holiday. */
const clock: VarianceClock = {
  weights: { session: 1000, overnight: 100, weekend: 10, holiday: 1 },
  holidays: [Date.UTC(2025, 10, 27)],
  events: [],
};
const hours = (from: number, to: number): number => varianceTime(clock, from, to) * YEAR_HOURS;
const at = (month: number, day: number, minutes: number): number => newYorkInstant(civilDay(2025, month, day), minutes);

describe('year fraction', () => {
  it('is ACT/365 to the millisecond', () => {
    expect(yearFraction(0, 365 * 24 * HOUR)).toBe(1);
    expect(yearFraction(Date.UTC(2024, 0, 1), Date.UTC(2025, 0, 1))).toBe(366 / 365);
    expect(yearFraction(1, 0)).toBeLessThan(0);
    expect(() => yearFraction(NaN, 0)).toThrow(InputError);
  });
});

describe('variance time', () => {
  it('is calendar time on the calendar clock, over any dates', () => {
    expect(varianceTime(calendarClock, Date.UTC(1999, 0, 1), Date.UTC(2001, 0, 1))).toBe(
      yearFraction(Date.UTC(1999, 0, 1), Date.UTC(2001, 0, 1)),
    );
  });

  it('weighs each kind of hour', () => {
    expect(hours(at(11, 25, 0), at(11, 26, 0))).toBeCloseTo(6500 + 1750, 6); // a Tuesday
    expect(hours(at(11, 29, 0), at(12, 1, 0))).toBeCloseTo(480, 6); // a weekend
    expect(hours(at(11, 27, 0), at(11, 28, 0))).toBeCloseTo(24, 6); // the holiday
    expect(hours(at(11, 25, 600), at(11, 25, 660))).toBeCloseTo(1000, 6);
    expect(hours(at(11, 25, 540), at(11, 25, 600))).toBeCloseTo(550, 6); // half before the open
    expect(hours(at(11, 26, 1380), at(11, 27, 60))).toBeCloseTo(101, 6);
  });

  it('gives the days of a clock change 23 and 25 hours', () => {
    expect(hours(at(3, 9, 0), at(3, 10, 0))).toBeCloseTo(230, 6);
    expect(hours(at(11, 2, 0), at(11, 3, 0))).toBeCloseTo(250, 6);
  });

  it('names a holiday by its UTC date, at midnight of either city', () => {
    const newYorkMidnight = { ...clock, holidays: [at(11, 27, 0)] };
    expect(varianceTime(newYorkMidnight, at(11, 27, 0), at(11, 28, 0)) * YEAR_HOURS).toBeCloseTo(24, 6);
  });

  it('is additive and grows, at the rate of the hour', () => {
    const equity = equityClock(2014, 2030);
    fc.assert(
      fc.property(fc.tuple(instants, instants, instants), (unordered) => {
        const [a, b, c] = [...unordered].sort((left, right) => left - right) as [number, number, number];
        const [ab, bc, ac] = [varianceTime(equity, a, b), varianceTime(equity, b, c), varianceTime(equity, a, c)];
        expect(Math.abs(ab + bc - ac)).toBeLessThanOrEqual(1e-12 * (1 + ac));
        expect(ab).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(instants, (from) => {
        const rate = varianceTime(equity, from, from + 1) / yearFraction(from, from + 1);
        expect(rate).toBeCloseTo(varianceRate(equity, from), 9);
      }),
    );
  });

  it('keeps whole years their length on the equity clock', () => {
    const equity = equityClock(2014, 2030);
    const [from, to] = [newYorkInstant(civilDay(2014, 1, 1), 0), newYorkInstant(civilDay(2031, 1, 1), 0)];
    expect(varianceTime(equity, from, to)).toBeCloseTo(yearFraction(from, to), 11);
    for (let year = 2014; year <= 2030; year++) {
      const [start, end] = [newYorkInstant(civilDay(year, 1, 1), 0), newYorkInstant(civilDay(year + 1, 1, 1), 0)];
      expect(varianceTime(equity, start, end)).toBeGreaterThan(0.98);
      expect(varianceTime(equity, start, end)).toBeLessThan(1.02);
    }
    const { session, overnight, weekend, holiday } = equity.weights;
    expect([overnight / session, weekend / session, holiday / session].map((x) => Number(x.toFixed(12)))).toEqual([
      0.25, 0.05, 0.05,
    ]);
    expect(() => equityClock(2014, 2013)).toThrow(InputError);
    expect(() => equityClock(2014.5, 2020)).toThrow(InputError);
    expect(() => equityClock(2000, 2020)).toThrow(InputError);
  });

  it('adds events to variance, each once, not to time', () => {
    const withEvents: VarianceClock = {
      ...clock,
      events: [
        { at: at(6, 18, 840), variance: 0.001 },
        { at: at(7, 30, 840), variance: 0.002 },
      ],
    };
    expect(varianceTime(withEvents, at(6, 1, 0), at(8, 1, 0))).toBe(varianceTime(clock, at(6, 1, 0), at(8, 1, 0)));
    expect(eventVariance(withEvents, at(6, 1, 0), at(8, 1, 0))).toBe(0.003);
    expect(eventVariance(withEvents, at(6, 1, 0), at(6, 18, 840))).toBe(0.001);
    expect(eventVariance(withEvents, at(6, 18, 840), at(7, 1, 0))).toBe(0);
  });

  it.each<[string, unknown]>([
    ['clock', null],
    ['clock.weights', { ...clock, weights: 1 }],
    ['clock.weights.weekend', { ...clock, weights: { ...clock.weights, weekend: -1 } }],
    ['clock.weights.session', { ...clock, weights: { ...clock.weights, session: NaN } }],
    ['clock.holidays', { ...clock, holidays: undefined }],
    ['clock.holidays[0]', { ...clock, holidays: [NaN] }],
    ['clock.events', { ...clock, events: 'none' }],
    ['clock.events[0]', { ...clock, events: [1] }],
    ['clock.events[0].at', { ...clock, events: [{ at: Infinity, variance: 0 }] }],
    ['clock.events[0].variance', { ...clock, events: [{ at: 0, variance: -1 }] }],
  ])('names the field that is wrong: %s', (field, wrong) => {
    expect(() => requireClock(wrong as VarianceClock)).toThrow(expect.objectContaining({ name: 'InputError', field }));
  });

  it('refuses an interval that runs backwards and a rate at no instant', () => {
    expect(() => varianceTime(clock, 1, 0)).toThrow(InputError);
    expect(() => eventVariance(clock, 1, 0)).toThrow(InputError);
    expect(() => varianceRate(clock, NaN)).toThrow(InputError);
    expect(varianceRate(calendarClock, 0)).toBe(1);
  });
});
