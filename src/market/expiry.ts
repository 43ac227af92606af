/**
 * When an option stops trading and when it settles, by venue.
 *
 *   Deribit              08:00 UTC of the expiry day, both
 *   US, AM-settled       settles on the opening prices of the expiry day (09:30 New York); trades until the close before it
 *   US, PM-settled       settles at the cash close of the expiry day (16:00 New York, 13:00 on an early close)
 *
 * An index or fund option that does not expire that day trades on until 16:15 (13:15), other US options until 16:00.
 * The standard monthly US expiry is the third Friday; where the market is shut that day, the trading day before.
 *
 * Cboe product specifications of SPX, SPXW, XSP, RUT, VIX, DJX, XEO and OEX; Nasdaq's of NDX; Deribit's contract pages.
 */
import { InputError } from '../errors.js';
import { isUsEarlyClose, isUsTradingDay, newYorkDay, newYorkInstant, tradingDayOnOrBefore } from './calendar.js';
import { FRIDAY, MILLISECONDS_PER_DAY, MILLISECONDS_PER_HOUR, dateOf, nthWeekday, utcDay, weekdayOf } from './date.js';
import type { CivilDay } from './date.js';
import type { Instant } from './quote.js';

/** What the rule book says of one option root. */
export interface UsOptionRoot {
  style: 'european' | 'american';
  settlement: 'am' | 'pm';
  /** Trades until 16:15 New York time on days it does not expire. */
  lateClose: boolean;
  /** The smallest price step, where it is the same for the whole class (SPX: .05 below 3.00, .10 from there). */
  tick?: number | undefined;
}

const europeanIndex = (settlement: 'am' | 'pm', tick?: number): UsOptionRoot => ({
  style: 'european',
  settlement,
  lateClose: true,
  ...(tick === undefined ? {} : { tick }),
});
const fund: UsOptionRoot = { style: 'american', settlement: 'pm', lateClose: true, tick: 0.01 };

const US_OPTION_ROOTS: Readonly<Record<string, UsOptionRoot>> = {
  SPX: europeanIndex('am', 0.05),
  SPXW: europeanIndex('pm', 0.05),
  XSP: europeanIndex('pm'),
  NDX: europeanIndex('am'),
  NDXP: europeanIndex('pm'),
  RUT: europeanIndex('am'),
  RUTW: europeanIndex('pm'),
  DJX: europeanIndex('am'),
  VIX: europeanIndex('am'),
  VIXW: europeanIndex('am'),
  XEO: europeanIndex('pm'),
  OEX: { style: 'american', settlement: 'pm', lateClose: true },
  SPY: fund,
  QQQ: fund,
  IWM: fund,
};

/** A US root's rules. One that is not in the table is a share or a fund: American, settled at the close. */
export function usOptionRoot(root: string): UsOptionRoot {
  return Object.hasOwn(US_OPTION_ROOTS, root)
    ? US_OPTION_ROOTS[root]!
    : { style: 'american', settlement: 'pm', lateClose: false };
}

/** 08:00 UTC of the day: settlement and last trading of every Deribit option. */
export function deribitSettlement(day: CivilDay): Instant {
  return day * MILLISECONDS_PER_DAY + 8 * MILLISECONDS_PER_HOUR;
}

const OPEN = 9 * 60 + 30;
const CLOSE = 16 * 60;
const EARLY_CLOSE = 13 * 60;
const LATE = 15;

/** The cash session's end: 16:00 New York time, 13:00 on an early close. `day` must be a trading day. */
export function usCashClose(day: CivilDay): Instant {
  return newYorkInstant(day, isUsEarlyClose(day) ? EARLY_CLOSE : CLOSE);
}

/**
 * The settlement instant of a US option listed for `day`. A day on which the market is shut (a holiday; the Saturday that
 * symbols carried until 2015) stands for the trading day before it.
 */
export function usSettlement(root: string, day: CivilDay): Instant {
  const settles = tradingDayOnOrBefore(day);
  return usOptionRoot(root).settlement === 'am' ? newYorkInstant(settles, OPEN) : usCashClose(settles);
}

/** The last instant at which a US option listed for `day` trades. */
export function usLastTrading(root: string, day: CivilDay): Instant {
  const settles = tradingDayOnOrBefore(day);
  return usOptionRoot(root).settlement === 'am'
    ? usOptionClose(root, tradingDayOnOrBefore(settles - 1))
    : usCashClose(settles);
}

/** The end of the session of a root's options that do not expire that day. `day` must be a trading day. */
export function usOptionClose(root: string, day: CivilDay): Instant {
  const late = usOptionRoot(root).lateClose ? LATE : 0;
  return newYorkInstant(day, (isUsEarlyClose(day) ? EARLY_CLOSE : CLOSE) + late);
}

/**
 * When quotes seen at `instant` were made: the instant itself inside a regular session of the root's options, else the end
 * of the last session before it. Overnight sessions (20:15 to 09:25) are not counted: end-of-day files are read after hours.
 */
export function lastUsQuoteTime(root: string, instant: Instant): Instant {
  const today = newYorkDay(instant);
  if (isUsTradingDay(today) && instant >= newYorkInstant(today, OPEN))
    return Math.min(instant, usOptionClose(root, today));
  return usOptionClose(root, tradingDayOnOrBefore(today - 1));
}

/** The standard monthly US expiry: the third Friday, or the trading day before where the market is shut. */
export function usMonthlyExpiry(year: number, month: number): CivilDay {
  return tradingDayOnOrBefore(nthWeekday(year, month, FRIDAY, 3));
}

export type ExpiryCycle = 'daily' | 'weekly' | 'monthly' | 'quarterly';

/**
 * The cycle an expiry belongs to.
 *
 * US: monthly is the third Friday; quarterly the last trading day of March, June, September or December; weekly any
 * other Friday; daily the rest. A Friday on which the market is shut hands its part to the trading day before.
 * Deribit: quarterly is the last Friday of those months, monthly the last Friday of the others, weekly any other Friday.
 */
export function expiryCycle(venue: 'deribit' | 'us', expiry: Instant): ExpiryCycle {
  if (!Number.isFinite(expiry)) throw new InputError('expiry', expiry, 'an instant in milliseconds since 1970');
  return venue === 'deribit' ? deribitCycle(utcDay(expiry)) : usCycle(newYorkDay(expiry));
}

function deribitCycle(day: CivilDay): ExpiryCycle {
  const { year, month } = dateOf(day);
  if (weekdayOf(day) !== FRIDAY) return 'daily';
  if (day !== nthWeekday(year, month, FRIDAY, -1)) return 'weekly';
  return month % 3 === 0 ? 'quarterly' : 'monthly';
}

function usCycle(day: CivilDay): ExpiryCycle {
  const { year, month } = dateOf(day);
  if (day === usMonthlyExpiry(year, month)) return 'monthly';
  if (month % 3 === 0 && day === lastTradingDay(year, month)) return 'quarterly';
  const friday = day + ((FRIDAY - weekdayOf(day) + 7) % 7);
  return isUsTradingDay(day) && day === tradingDayOnOrBefore(friday) ? 'weekly' : 'daily';
}

function lastTradingDay(year: number, month: number): CivilDay {
  const next = month === 12 ? nthWeekday(year + 1, 1, FRIDAY, 1) : nthWeekday(year, month + 1, FRIDAY, 1);
  return tradingDayOnOrBefore(next - dateOf(next).day);
}
