/**
 * Time to expiry in years, and variance time: how much of a year's variance each kind of hour carries.
 *
 *   T(from, to)    =  (to - from) / 365 days                                   ACT/365, to the millisecond
 *   tau(from, to)  =  sum over the hours between of weight(hour) / (365 * 24)
 *
 * An hour's weight goes by the New York calendar: 'holiday' for the 24 hours of a holiday, 'weekend' for those of a Saturday
 * or Sunday, and on other days 'session' from 09:30 to 16:00 and 'overnight' for the rest. With all weights 1, tau = T.
 * Events add variance to w = sigma^2 tau, not time to tau.
 */
import { requireArray, requireFinite, requireNonNegative, requireObject, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { newYorkDay, newYorkInstant, usMarketHolidays } from './calendar.js';
import { MILLISECONDS_PER_DAY, SATURDAY, SUNDAY, civilDay, utcDay, weekdayOf } from './date.js';
import type { CivilDay } from './date.js';
import type { Instant } from './quote.js';

/** Variance time: how much of a year's variance each kind of hour carries, and the events on top of it. */
export interface VarianceClock {
  weights: { session: number; overnight: number; weekend: number; holiday: number };
  /** Each names a New York calendar day by its UTC date: midnight UTC and midnight New York of a day both name it. */
  holidays: Instant[];
  /** Total variance added at an instant. */
  events: { at: Instant; variance: number }[];
}

/** A year of ACT/365. */
export const millisecondsPerYear = 365 * MILLISECONDS_PER_DAY;
const SESSION_START = 9 * 60 + 30;
const SESSION_END = 16 * 60;

/** Every hour alike: tau is calendar time. */
export const calendarClock: VarianceClock = {
  weights: { session: 1, overnight: 1, weekend: 1, holiday: 1 },
  holidays: [],
  events: [],
};

/** Years between two instants, ACT/365; negative where `to` comes first. Throws {@link InputError} for a value that is not finite. */
export function yearFraction(from: Instant, to: Instant): number {
  return (requireFinite('to', to) - requireFinite('from', from)) / millisecondsPerYear;
}

/**
 * Years of variance time from `from` to `to`, without the events. Additive: tau(a, b) + tau(b, c) = tau(a, c).
 * Throws {@link InputError} for a negative weight, `to` before `from`, or a date before 2007 under unequal weights.
 */
export function varianceTime(clock: VarianceClock, from: Instant, to: Instant): number {
  checkInterval(from, to);
  requireClock(clock);
  const { session, overnight, weekend, holiday } = clock.weights;
  if (isUniform(clock)) return session * yearFraction(from, to);
  const holidays = new Set(clock.holidays.map(utcDay));
  let weighted = 0;
  for (let day = newYorkDay(from), last = newYorkDay(to); day <= last; day++) {
    const start = Math.max(from, newYorkInstant(day, 0));
    const end = Math.min(to, newYorkInstant(day + 1, 0));
    const kind = kindOfDay(day, holidays);
    if (kind !== 'trading') {
      weighted += (kind === 'weekend' ? weekend : holiday) * (end - start);
      continue;
    }
    const sessionStart = clamp(newYorkInstant(day, SESSION_START), start, end);
    const sessionEnd = clamp(newYorkInstant(day, SESSION_END), start, end);
    weighted += overnight * (end - start) + (session - overnight) * (sessionEnd - sessionStart);
  }
  return weighted / millisecondsPerYear;
}

/** Years of variance time in the `years` after `from`: as {@link varianceTime}, without rounding the end to an instant. */
export function varianceTimeAfter(clock: VarianceClock, from: Instant, years: number): number {
  requireNonNegative('years', years);
  if (isUniform(requireClock(clock))) return clock.weights.session * years;
  return varianceTime(clock, from, from + years * millisecondsPerYear);
}

/**
 * d tau / dT at an instant: the weight of the hour that begins or runs there. Throws {@link InputError} as
 * {@link varianceTime} does.
 */
export function varianceRate(clock: VarianceClock, at: Instant): number {
  requireClock(clock);
  requireFinite('at', at);
  const { session, overnight, weekend, holiday } = clock.weights;
  if (isUniform(clock)) return session;
  const day = newYorkDay(at);
  const kind = kindOfDay(day, new Set(clock.holidays.map(utcDay)));
  if (kind !== 'trading') return kind === 'weekend' ? weekend : holiday;
  return at >= newYorkInstant(day, SESSION_START) && at < newYorkInstant(day, SESSION_END) ? session : overnight;
}

/** Total variance of the clock's events after `from`, up to and including `to`. Throws {@link InputError} for a negative one. */
export function eventVariance(clock: VarianceClock, from: Instant, to: Instant): number {
  checkInterval(from, to);
  requireClock(clock);
  let sum = 0;
  for (const event of clock.events) if (event.at > from && event.at <= to) sum += event.variance;
  return sum;
}

/** The clock itself, or an {@link InputError} naming the first field that is not as it must be. */
export function requireClock(clock: VarianceClock): VarianceClock {
  requireObject('clock', clock);
  requireObject('clock.weights', clock.weights);
  for (const kind of ['session', 'overnight', 'weekend', 'holiday'] as const) {
    requireNonNegative(`clock.weights.${kind}`, clock.weights[kind]);
  }
  requireArray('clock.holidays', clock.holidays);
  clock.holidays.forEach((at, i) => requireFinite(`clock.holidays[${i}]`, at));
  requireArray('clock.events', clock.events);
  clock.events.forEach((event, i) => {
    requireObject(`clock.events[${i}]`, event);
    requireFinite(`clock.events[${i}].at`, event.at);
    requireNonNegative(`clock.events[${i}].variance`, event.variance);
  });
  return clock;
}

/**
 * The clock of US equity options over whole years: a session hour counts 1, an overnight hour 0.25, a weekend or holiday hour
 * 0.05, all scaled by one factor so that the years from `firstYear` to `lastYear` last as long as on the calendar.
 */
export function equityClock(firstYear: number, lastYear: number): VarianceClock {
  if (!Number.isInteger(firstYear)) throw new InputError('firstYear', firstYear, 'a whole year');
  if (!Number.isInteger(lastYear) || lastYear < firstYear) {
    throw new InputError('lastYear', lastYear, 'a whole year, not before firstYear');
  }
  const holidays: Instant[] = [];
  for (let year = firstYear; year <= lastYear; year++) {
    for (const day of usMarketHolidays(year)) holidays.push(day * MILLISECONDS_PER_DAY);
  }
  const raw: VarianceClock = {
    weights: { session: 1, overnight: 0.25, weekend: 0.05, holiday: 0.05 },
    holidays,
    events: [],
  };
  const from = newYorkInstant(civilDay(firstYear, 1, 1), 0);
  const to = newYorkInstant(civilDay(lastYear + 1, 1, 1), 0);
  const scale = yearFraction(from, to) / requirePositive('clock', varianceTime(raw, from, to));
  const { session, overnight, weekend, holiday } = raw.weights;
  return {
    ...raw,
    weights: {
      session: session * scale,
      overnight: overnight * scale,
      weekend: weekend * scale,
      holiday: holiday * scale,
    },
  };
}

function isUniform({ weights }: VarianceClock): boolean {
  const { session, overnight, weekend, holiday } = weights;
  return session === overnight && session === weekend && session === holiday;
}

function kindOfDay(day: CivilDay, holidays: ReadonlySet<CivilDay>): 'trading' | 'weekend' | 'holiday' {
  if (holidays.has(day)) return 'holiday';
  const weekday = weekdayOf(day);
  return weekday === SATURDAY || weekday === SUNDAY ? 'weekend' : 'trading';
}

function checkInterval(from: Instant, to: Instant): void {
  if (!(yearFraction(from, to) >= 0)) throw new InputError('to', to, `not before ${from}`);
}

function clamp(value: number, lower: number, upper: number): number {
  return Math.min(Math.max(value, lower), upper);
}
