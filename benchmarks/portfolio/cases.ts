/** Books of many positions on 2,000 instruments, and what is timed of them. Every case is a plain function. */
import { calendarClock } from '../../src/market/clock.js';
import type { Account, Position } from '../../src/portfolio/account.js';
import { exposureMetrics } from '../../src/portfolio/exposure.js';
import type { Instrument } from '../../src/portfolio/instrument.js';
import { greekLadder } from '../../src/portfolio/ladder.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { microsecondsOf } from '../calibration/measure.js';
import { randomStream } from '../calibration/random.js';

export const INSTRUMENTS = 2000;
const EXPIRIES = 20;
const DAY = 86_400_000;
const AS_OF = Date.UTC(2026, 0, 13, 12);
const SPOT = 60_000;

/** One coin, twenty expiries from a day to two years, an SVI smile each. A new record each time, so that nothing is known of it. */
export function coinMarket(): MarketSnapshot {
  const slices = Array.from({ length: EXPIRIES }, (_, i) => {
    const expiry = AS_OF + (i + Math.round(1.4 ** i)) * DAY;
    const timeToExpiry = (expiry - AS_OF) / (365 * DAY);
    const deviation = 0.6 * Math.sqrt(timeToExpiry);
    const parameters = {
      a: 0.4 * deviation ** 2,
      b: 0.3 * deviation,
      rho: -0.3,
      m: 0.1 * deviation,
      sigma: 1.8 * deviation,
    };
    const forward = SPOT * Math.exp(0.05 * timeToExpiry);
    return {
      expiry,
      timeToExpiry,
      varianceTime: timeToExpiry,
      forward,
      discountFactor: Math.exp(-0.03 * timeToExpiry),
      parameters,
    };
  });
  const surface = {
    schema: 1 as const,
    underlying: 'BTC',
    asOf: AS_OF,
    clock: calendarClock,
    interpolation: 'total-variance' as const,
    slices,
    calendar: [],
  };
  return { asOf: AS_OF, underlyings: { BTC: { spot: SPOT, surface } }, fx: [] };
}

/** Calls and puts, inverse, fifty strikes an expiry; one in a hundred is a perpetual or a future. */
export function instruments(count = INSTRUMENTS): Instrument[] {
  const { slices } = coinMarket().underlyings['BTC']!.surface;
  return Array.from({ length: count }, (_, i): Instrument => {
    const shared = { id: `i${i}`, underlying: 'BTC', settlement: 'BTC', multiplier: 1, style: 'inverse' } as const;
    const { expiry } = slices[i % slices.length]!;
    if (i % 100 === 99) return { ...shared, kind: 'future', expiry };
    const step = Math.floor(i / slices.length);
    const strike = 30_000 + 1000 * (step % 60);
    return { ...shared, kind: 'option', type: step % 2 === 0 ? 'call' : 'put', strike, expiry };
  });
}

/** Positions spread over the instruments, long and short. */
export function positions(count: number, held = instruments()): Position[] {
  const random = randomStream(count);
  return Array.from({ length: count }, (_, i) => ({
    id: `p${i}`,
    instrument: held[i % held.length]!,
    quantity: random.uniform(-10, 10),
    entryPrice: SPOT * random.uniform(0.9, 1.1),
  }));
}

export interface BookTiming {
  positions: number;
  instruments: number;
  /** CPU microseconds of a call. */
  greeks: number;
  exposure: number;
  ladder: number;
}

/** Each figure of a book from nothing but records: positions checked, instruments priced, sums taken. */
export function measureBook(count: number, repeats: number): BookTiming {
  const book = positions(count);
  const account: Account = { id: 'a', reportingCurrency: 'USD', cash: { BTC: 1000 }, positions: book };
  const buckets = {
    expiryYears: [7, 30, 90, 180, 365].map((days) => days / 365),
    moneyness: { axis: 'delta' as const, nodes: [0.1, 0.25, 0.5, 0.75, 0.9] },
    rule: 'hard' as const,
    greeks: ['delta', 'gamma', 'vega', 'theta'] as const,
  };
  const options = { numeraire: 'USD' };
  return {
    positions: count,
    instruments: Math.min(count, INSTRUMENTS),
    greeks: microsecondsOf(() => netGreeks(book, coinMarket(), options), repeats),
    exposure: microsecondsOf(() => exposureMetrics(account, coinMarket(), options), repeats),
    ladder: microsecondsOf(
      () => greekLadder(book, coinMarket(), { ...buckets, greeks: [...buckets.greeks] }, options),
      repeats,
    ),
  };
}

/** The slope of cost over size between two books, in logarithms: 1 where cost is in proportion. */
export function growth(smaller: BookTiming, larger: BookTiming, figure: 'greeks' | 'exposure' | 'ladder'): number {
  return Math.log(larger[figure] / smaller[figure]) / Math.log(larger.positions / smaller.positions);
}
