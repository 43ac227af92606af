import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { formatDay, parseDay } from '../../src/market/date.js';
import {
  deribitSettlement,
  expiryCycle,
  lastUsQuoteTime,
  usLastTrading,
  usMonthlyExpiry,
  usOptionRoot,
  usSettlement,
} from '../../src/market/expiry.js';

const day = (text: string): number => parseDay(text)!;
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, 16);

describe('settlement and last trading', () => {
  it('Deribit: 08:00 UTC', () => {
    expect(iso(deribitSettlement(day('2025-06-27')))).toBe('2025-06-27T08:00');
  });

  it.each([
    ['SPX', '2025-06-20', '2025-06-20T13:30', '2025-06-18T20:15'], // AM; Juneteenth before it
    ['SPX', '2025-12-19', '2025-12-19T14:30', '2025-12-18T21:15'],
    ['SPX', '2022-04-14', '2022-04-14T13:30', '2022-04-13T20:15'], // Good Friday is the third Friday
    ['SPX', '2015-01-17', '2015-01-16T14:30', '2015-01-15T21:15'], // the Saturday of old symbols
    ['SPXW', '2025-06-20', '2025-06-20T20:00', '2025-06-20T20:00'],
    ['SPXW', '2025-11-28', '2025-11-28T18:00', '2025-11-28T18:00'], // 13:00 close
    ['SPXW', '2025-12-24', '2025-12-24T18:00', '2025-12-24T18:00'],
    ['RUT', '2025-11-28', '2025-11-28T14:30', '2025-11-26T21:15'],
    ['AAPL', '2025-06-20', '2025-06-20T20:00', '2025-06-20T20:00'],
  ])('%s of %s settles %s, trades until %s', (root, expiry, settles, lastTrades) => {
    expect(iso(usSettlement(root, day(expiry)))).toBe(settles);
    expect(iso(usLastTrading(root, day(expiry)))).toBe(lastTrades);
  });

  it('knows the roots that are European', () => {
    expect(['SPX', 'SPXW', 'XSP', 'NDX', 'RUT', 'VIX', 'XEO'].map((root) => usOptionRoot(root).style)).toEqual(
      Array<string>(7).fill('european'),
    );
    expect(['OEX', 'SPY', 'NVDA', 'toString'].map((root) => usOptionRoot(root).style)).toEqual(
      Array<string>(4).fill('american'),
    );
  });
});

describe('when quotes were made', () => {
  it.each([
    ['SPX', '2022-07-12T15:55', '2022-07-12T15:55'], // in session
    ['SPX', '2023-09-14T20:31', '2023-09-14T20:15'], // after hours
    ['NVDA', '2025-01-07T02:30', '2025-01-06T21:00'], // at night, a share
    ['SPX', '2022-02-06T01:09', '2022-02-04T21:15'], // Saturday evening
    ['SPX', '2025-04-19T12:00', '2025-04-17T20:15'], // after Good Friday
    ['SPX', '2025-11-28T22:00', '2025-11-28T18:15'], // early close
    ['SPX', '2025-06-16T13:29', '2025-06-13T20:15'], // before Monday's open
    ['SPX', '2025-06-16T13:30', '2025-06-16T13:30'],
  ])('%s seen at %s: %s', (root, seen, made) => {
    expect(iso(lastUsQuoteTime(root, Date.parse(`${seen}Z`)))).toBe(made);
  });
});

describe('cycles', () => {
  it('the monthly US expiry is the third Friday, or the trading day before it', () => {
    const moved = [];
    for (let year = 2014; year <= 2030; year++) {
      for (let month = 1; month <= 12; month++) {
        const expiry = usMonthlyExpiry(year, month);
        if (new Date(expiry * 86_400_000).getUTCDay() !== 5) moved.push(formatDay(expiry));
      }
    }
    const goodFriday = ['2014-04-17', '2019-04-18', '2022-04-14', '2025-04-17', '2030-04-18'];
    const juneteenth = ['2026-06-18', '2027-06-17'];
    expect(moved).toEqual([...goodFriday, ...juneteenth].sort());
  });

  it.each([
    ['us', '2025-06-20T13:30', 'monthly'],
    ['us', '2025-06-30T20:00', 'quarterly'],
    ['us', '2024-03-28T20:00', 'quarterly'], // Good Friday ends the quarter
    ['us', '2025-12-31T21:00', 'quarterly'],
    ['us', '2025-06-27T20:00', 'weekly'],
    ['us', '2025-07-03T17:00', 'weekly'], // for Friday 4 July
    ['us', '2025-06-25T20:00', 'daily'],
    ['us', '2025-06-19T20:00', 'daily'], // a holiday
    ['us', '2026-06-18T13:30', 'monthly'], // Juneteenth is the third Friday
    ['deribit', '2025-06-27T08:00', 'quarterly'],
    ['deribit', '2025-07-25T08:00', 'monthly'],
    ['deribit', '2025-07-18T08:00', 'weekly'],
    ['deribit', '2025-07-17T08:00', 'daily'],
  ] as const)('%s %s is %s', (venue, expiry, cycle) => {
    expect(expiryCycle(venue, Date.parse(`${expiry}Z`))).toBe(cycle);
  });

  it('refuses what is no instant', () => {
    expect(() => expiryCycle('us', NaN)).toThrow(InputError);
  });
});
