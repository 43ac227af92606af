/** Profiles against arithmetic: roots, bounds and probabilities in both numeraires. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf } from '../../src/math/normal.js';
import { payoffProfile } from '../../src/portfolio/payoff-profile.js';
import {
  asOf,
  coinMarket,
  day,
  future,
  option,
  position,
  randomBook,
  smileExpiries,
  smileMarket,
  spot,
} from './support.js';

const market = coinMarket();
const spots = [30_000, 50_000, 60_000, 70_000, 120_000];
const linear = (type: 'call' | 'put', strike: number, quantity: number, entry?: number) =>
  position(option({ style: 'linear', type, strike }), quantity, entry);

describe('payoff profiles at expiry', () => {
  it('of a long call: loses its premium, gains without bound, breaks even at strike plus premium', () => {
    const p = payoffProfile([linear('call', 60_000, 2, 4_000)], market, { spots, numeraire: 'USD' });
    expect(p.pnl).toEqual([-8_000, -8_000, -8_000, 12_000, 112_000]);
    expect(p.breakEvens).toHaveLength(1);
    expect(p.breakEvens[0]).toBeCloseTo(64_000, 8);
    expect(p).toMatchObject({ maximumLoss: 8_000, maximumGain: Infinity, unboundedGain: true, unboundedLoss: false });
    // Lognormal at 60%: P(S > 64,000) = N(d2).
    const s = 0.6 * Math.sqrt(30 / 365);
    expect(p.probabilityOfProfit).toBeCloseTo(normalCdf((Math.log(60_000 / 64_000) - (s * s) / 2) / s), 12);
    // Undiscounted and without drift the expected payoff is the price.
    expect(p.expectedPnl).toBeCloseTo(2 * (4112.36443 - 4_000), 4);
    expect(p.skewness).toBeGreaterThan(0);
  });

  it('of a spread: both sides bounded; at the mark it costs its value and is expected to earn nothing', () => {
    const p = payoffProfile([linear('call', 60_000, 1), linear('call', 70_000, -1)], market, {
      spots,
      numeraire: 'USD',
    });
    const cost = -p.pnl[0]!;
    expect(p.maximumGain).toBeCloseTo(10_000 - cost, 8);
    expect(p.maximumLoss).toBeCloseTo(cost, 8);
    expect([p.unboundedGain, p.unboundedLoss]).toEqual([false, false]);
    expect(p.breakEvens[0]).toBeCloseTo(60_000 + cost, 8);
    expect(p.expectedPnl).toBeCloseTo(0, 6);
    expect(p.omega).toBeCloseTo(1, 8);
  });

  it('of a straddle: two break-evens, the greatest loss at the strike; of a short one the signs turned', () => {
    const long = payoffProfile([linear('call', 60_000, 1, 4_000), linear('put', 60_000, 1, 4_000)], market, {
      spots,
      numeraire: 'USD',
    });
    expect(long.breakEvens.map(Math.round)).toEqual([52_000, 68_000]);
    expect(long).toMatchObject({ maximumLoss: 8_000, unboundedGain: true });
    const short = payoffProfile([linear('call', 60_000, -1, 4_000), linear('put', 60_000, -1, 4_000)], market, {
      spots,
      numeraire: 'USD',
    });
    expect(short).toMatchObject({ maximumGain: 8_000, maximumLoss: Infinity, unboundedLoss: true });
    expect(short.probabilityOfProfit + long.probabilityOfProfit).toBeCloseTo(1, 12);
    expect(short.skewness).toBeCloseTo(-long.skewness, 8);
  });

  it('of short inverse options: in coin a call loses at most a coin a contract, a put without bound', () => {
    const call = payoffProfile([position(option(), -3, 0.07)], market, { spots, numeraire: 'BTC' });
    expect(call).toMatchObject({ unboundedLoss: false, unboundedGain: false });
    expect(call.maximumLoss).toBeCloseTo(3 - 0.21, 9);
    expect(call.maximumGain).toBeCloseTo(0.21, 12);
    // 1 - K/S = 0.07.
    expect(call.breakEvens[0]).toBeCloseTo(60_000 / 0.93, 6);
    const put = payoffProfile([position(option({ type: 'put' }), -1, 0.07)], market, { spots, numeraire: 'BTC' });
    expect(put).toMatchObject({ unboundedLoss: true, maximumLoss: Infinity });
    expect(put.breakEvens[0]).toBeCloseTo(60_000 / 1.07, 6);
    const usd = payoffProfile([position(option(), -3, 0.07)], market, { spots, numeraire: 'USD' });
    expect(usd.unboundedLoss).toBe(true);
    expect(usd.breakEvens[0]).toBeCloseTo(60_000 + 4_200, 6);
  });

  it('of a synthetic dollar: nothing to gain or lose in dollars, in coin a short', () => {
    const book = [position(spot('BTC'), 1), position(future(), -60_000, 60_000)];
    const usd = payoffProfile(book, market, { spots, numeraire: 'USD', horizonDays: 30 });
    for (const pnl of usd.pnl) expect(Math.abs(pnl)).toBeLessThan(1e-9);
    expect(usd.breakEvens).toEqual([]);
    expect(usd.probabilityOfZero).toBeCloseTo(1, 12);
    expect(usd.maximumGain).toBeCloseTo(0, 9);
  });

  it('the horizon is the next expiry, or a number of days; now it is certain', () => {
    const near = option({ style: 'linear', expiry: asOf + 30 * day });
    const far = option({ style: 'linear', expiry: asOf + 60 * day });
    const calendar = [position(near, -1), position(far, 1)];
    const p = payoffProfile(calendar, market, { spots, numeraire: 'USD' });
    expect(p.breakEvens).toHaveLength(2);
    expect(p.maximumGain).toBeCloseTo(4112.36443 - p.maximumLoss, -2);
    expect(p.unboundedLoss).toBe(false);
    const now = payoffProfile(calendar, market, { spots: [60_000], numeraire: 'USD', horizonDays: 0 });
    expect(now.pnl[0]).toBeCloseTo(0, 9);
    expect(now.probabilityOfProfit + now.probabilityOfLoss + now.probabilityOfZero).toBe(1);
  });

  it('roots are roots, chances add up to 1, and the expectation is that of the legs, for any book on a smile', () => {
    const s = smileMarket();
    const expiry = smileExpiries[1]!;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom('USD', 'BTC'), (seed, numeraire) => {
        const book = randomBook(seed, 24, s, [expiry])
          .filter(({ instrument: i }) => i.underlying === 'BTC')
          .map((p) => ({ ...p, entryPrice: p.instrument.kind === 'perpetual' ? p.entryPrice : undefined }));
        if (book.length === 0) return;
        const p = payoffProfile(book, s, { spots, numeraire });
        expect(p.probabilityOfProfit + p.probabilityOfLoss + p.probabilityOfZero).toBeCloseTo(1, 12);
        const scale = Math.max(...p.pnl.map(Math.abs)) + 1e-9;
        const atRoots = p.breakEvens.length === 0 ? [] : payoffProfile(book, s, { spots: p.breakEvens, numeraire }).pnl;
        for (const pnl of atRoots) expect(Math.abs(pnl) / scale).toBeLessThan(1e-9);
        for (const pnl of p.pnl) {
          expect(pnl).toBeLessThanOrEqual(p.maximumGain + 1e-9 * scale);
          expect(pnl).toBeGreaterThanOrEqual(-p.maximumLoss - 1e-9 * scale);
        }
      }),
      { numRuns: 8 },
    );
  });

  it.each([
    ['spots[0]', { spots: [0] }],
    ['spots[1]', { spots: [1, NaN] }],
    ['horizonDays', { horizonDays: -1 }],
    ['numeraire', { numeraire: '' }],
  ])('refuses %s', (field, change) => {
    const options = { spots, numeraire: 'USD', ...change };
    expect(() => payoffProfile([linear('call', 60_000, 1)], market, options)).toThrow(
      expect.objectContaining({ field }) as Error,
    );
  });

  it('refuses two underlyings', () => {
    const book = [position(spot('BTC'), 1), position(spot('ETH'), 1)];
    expect(() => payoffProfile(book, smileMarket(), { spots, numeraire: 'USD' })).toThrow(
      expect.objectContaining({ field: 'positions' }) as Error,
    );
  });
});
