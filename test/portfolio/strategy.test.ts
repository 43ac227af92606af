import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { formatDeribitInstrument } from '../../src/market/venues/deribit-instrument.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import {
  butterfly,
  calendarSpread,
  collar,
  condor,
  diagonalSpread,
  ironButterfly,
  ironCondor,
  riskReversal,
  straddle,
  strangle,
  strategyGreeks,
  strategyPayoff,
  strategyPositions,
  verticalSpread,
  type OptionSeries,
  type Strategy,
} from '../../src/portfolio/strategy.js';
import { asOf, coinMarket, day, flatMarket, future, smileExpiries, smileMarket, spot } from './support.js';

const expiry = asOf + 30 * day;
const series: OptionSeries = { underlying: 'SPX', settlement: 'USD', style: 'linear', multiplier: 1 };
const market = {
  asOf,
  underlyings: {
    SPX: flatMarket({ underlying: 'SPX', spot: 100, volatility: 0.2, expiries: [expiry, expiry + 30 * day] }),
  },
  fx: [],
};
const spots = [60, 80, 90, 95, 100, 105, 110, 120, 150];
const free = (strategy: Strategy) => ({ spots, numeraire: 'USD', entryPrices: strategy.legs.map(() => 0) });
const payoff = (strategy: Strategy) => strategyPayoff(strategy, market, free(strategy)).pnl;
const call = (k: number) => spots.map((s) => Math.max(s - k, 0));
const put = (k: number) => spots.map((s) => Math.max(k - s, 0));
const add = (...rows: [number, number[]][]) =>
  spots.map((_, i) => rows.reduce((sum, [n, row]) => sum + n * row[i]!, 0));

describe('a strategy', () => {
  it.each([
    [
      'call spread',
      verticalSpread(series, { expiry, type: 'call', longStrike: 95, shortStrike: 105 }),
      add([1, call(95)], [-1, call(105)]),
    ],
    [
      'put spread',
      verticalSpread(series, { expiry, type: 'put', longStrike: 105, shortStrike: 95 }),
      add([1, put(105)], [-1, put(95)]),
    ],
    ['straddle', straddle(series, { expiry, strike: 100 }), add([1, call(100)], [1, put(100)])],
    ['strangle', strangle(series, { expiry, putStrike: 90, callStrike: 110 }), add([1, call(110)], [1, put(90)])],
    [
      'call butterfly',
      butterfly(series, { expiry, type: 'call', strikes: [90, 100, 120] }),
      add([1, call(90)], [-2, call(100)], [1, call(120)]),
    ],
    [
      'iron butterfly',
      ironButterfly(series, { expiry, strikes: [90, 100, 110] }),
      add([-1, put(90)], [1, put(100)], [1, call(100)], [-1, call(110)]),
    ],
    [
      'put condor',
      condor(series, { expiry, type: 'put', strikes: [80, 90, 110, 120] }),
      add([1, put(80)], [-1, put(90)], [-1, put(110)], [1, put(120)]),
    ],
    [
      'iron condor',
      ironCondor(series, { expiry, strikes: [80, 90, 110, 120] }),
      add([-1, put(80)], [1, put(90)], [1, call(110)], [-1, call(120)]),
    ],
    [
      'risk reversal',
      riskReversal(series, { expiry, putStrike: 90, callStrike: 110 }),
      add([-1, put(90)], [1, call(110)]),
    ],
    [
      'collar',
      collar(series, { expiry, held: spot('SPX', 'USD'), putStrike: 90, callStrike: 110 }),
      add([1, spots], [1, put(90)], [-1, call(110)]),
    ],
  ])('%s pays what its legs pay', (name, strategy, expected) => {
    expect(strategy.name).toBe(name);
    payoff(strategy).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 10);
    });
  });

  it('iron, of even wings, is the width less the other', () => {
    const strikes = [90, 100, 110];
    const one = payoff(butterfly(series, { expiry, type: 'put', strikes }));
    payoff(ironButterfly(series, { expiry, strikes })).forEach((value, i) => {
      expect(value).toBeCloseTo(10 - one[i]!, 10);
    });
  });

  it('has its worked figures: a long straddle at 100 for 4.5743 breaks even at strike -/+ premium', () => {
    const strategy = straddle(series, { expiry, strike: 100 });
    const profile = strategyPayoff(strategy, market, { spots, numeraire: 'USD' });
    // 2 x 100 (2 N(s/2) - 1), s = 0.2 sqrt(30/365).
    const premium = strategyGreeks(strategy, market).total.value;
    expect(premium).toBeCloseTo(4.5743, 4);
    expect(profile.breakEvens.map((x) => Number(x.toFixed(6)))).toEqual(
      [100 - premium, 100 + premium].map((x) => Number(x.toFixed(6))),
    );
    expect(profile).toMatchObject({ unboundedGain: true, unboundedLoss: false });
    expect(profile.maximumLoss).toBeCloseTo(premium, 10);
  });

  it('calendar is long vega and short gamma at its strike; before the near expiry it loses at most what it cost', () => {
    const near = expiry;
    const far = expiry + 30 * day;
    const strategy = calendarSpread(series, { type: 'call', strike: 100, near, far });
    expect(strategy.name).toBe('call calendar');
    const { byUnderlying, total } = strategyGreeks(strategy, market);
    expect(byUnderlying['SPX']!.vega).toBeGreaterThan(0);
    expect(byUnderlying['SPX']!.gamma).toBeLessThan(0);
    expect(byUnderlying['SPX']!.theta).toBeGreaterThan(0);
    const profile = strategyPayoff(strategy, market, { spots, numeraire: 'USD' });
    expect(profile.maximumLoss).toBeCloseTo(total.value, 6);
    expect(profile.breakEvens).toHaveLength(2);
  });

  it('has the Greeks of its legs, times its quantity, in any market', () => {
    const smiles = smileMarket();
    const [near, far] = [smileExpiries[1]!, smileExpiries[3]!];
    const coins: OptionSeries = { underlying: 'BTC', settlement: 'BTC', style: 'inverse', multiplier: 1 };
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 40, max: 90 }), (quantity, thousands) => {
        const strategy = diagonalSpread(coins, {
          type: 'put',
          near,
          far,
          nearStrike: thousands * 1000,
          farStrike: thousands * 1000 + 2000,
        });
        const one = strategyGreeks(strategy, smiles, { numeraire: 'USD' }).byUnderlying['BTC']!;
        const held = netGreeks(strategyPositions(strategy, quantity), smiles, { numeraire: 'USD' }).byUnderlying[
          'BTC'
        ]!;
        for (const name of ['price', 'delta', 'gamma', 'vega', 'theta'] as const) {
          expect(held[name]).toBeCloseTo(quantity * one[name], 8);
        }
        const both = [
          ...strategyPositions(strategy, quantity),
          ...strategyPositions(strategy, -quantity, { id: 'sold' }),
        ];
        expect(netGreeks(both, smiles, { numeraire: 'USD' }).byUnderlying['BTC']).toEqual(
          Object.fromEntries(Object.keys(one).map((name) => [name, 0])),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('around a future takes its entry', () => {
    const inverse: OptionSeries = { underlying: 'BTC', settlement: 'BTC', style: 'inverse', multiplier: 1 };
    const strategy = collar(inverse, {
      expiry,
      held: future(),
      heldRatio: 60_000,
      putStrike: 50_000,
      callStrike: 70_000,
    });
    const entryPrices = [60_000, undefined, undefined];
    const { byUnderlying } = strategyGreeks(strategy, coinMarket(), { entryPrices, numeraire: 'USD' });
    expect(byUnderlying['BTC']!.delta).toBeGreaterThan(0);
    expect(() => strategyGreeks(strategy, coinMarket())).toThrow('positions[0].entryPrice');
    expect(strategyPositions(strategy, 2, { id: 'mine', entryPrices, accountId: 'a', tags: ['t'] })).toMatchObject([
      { id: 'mine/1', quantity: 120_000, entryPrice: 60_000, accountId: 'a', tags: ['t'] },
      { id: 'mine/2', quantity: 2 },
      { id: 'mine/3', quantity: -2 },
    ]);
  });

  it('has the ids of the venue where it is told how', () => {
    const at = Date.UTC(2026, 2, 27, 8);
    const named = straddle(
      { underlying: 'BTC', settlement: 'BTC', style: 'inverse', multiplier: 1, nameOf: formatDeribitInstrument },
      { expiry: at, strike: 90_000 },
    );
    expect(named.legs.map(({ instrument }) => instrument.id)).toEqual(['BTC-27MAR26-90000-C', 'BTC-27MAR26-90000-P']);
    expect(named.legs[0]!.instrument).not.toHaveProperty('nameOf');
    const own = straddle(series, { expiry: at, strike: 5000 });
    expect(own.legs[0]!.instrument.id).toBe('SPX-2026-03-27T08:00Z-5000-call-linear-USD');
  });

  it.each<[string, string, () => unknown]>([
    [
      'equal strikes',
      'shortStrike',
      () => verticalSpread(series, { expiry, type: 'call', longStrike: 9, shortStrike: 9 }),
    ],
    ['a strike of 0', 'strike', () => straddle(series, { expiry, strike: 0 })],
    [
      'an unknown type',
      'type',
      () => verticalSpread(series, { expiry, type: 'both' as 'call', longStrike: 9, shortStrike: 8 }),
    ],
    ['a put above the call', 'callStrike', () => strangle(series, { expiry, putStrike: 9, callStrike: 8 })],
    ['a call below the put', 'callStrike', () => riskReversal(series, { expiry, putStrike: 9, callStrike: 8 })],
    ['two strikes of three', 'strikes', () => butterfly(series, { expiry, type: 'call', strikes: [1, 2] })],
    ['strikes out of order', 'strikes[2]', () => ironButterfly(series, { expiry, strikes: [1, 3, 2] })],
    ['four strikes that repeat', 'strikes[2]', () => ironCondor(series, { expiry, strikes: [1, 2, 2, 3] })],
    ['expiries out of order', 'far', () => calendarSpread(series, { type: 'put', strike: 1, near: 2, far: 1 })],
    ['no expiry', 'expiry', () => straddle(series, { expiry: NaN, strike: 1 })],
    [
      'another underlying',
      'held.underlying',
      () => collar(series, { expiry, held: spot('BTC'), putStrike: 1, callStrike: 2 }),
    ],
    ['no series', 'series', () => straddle(undefined as unknown as OptionSeries, { expiry, strike: 1 })],
    ['a bad series', 'series.multiplier', () => straddle({ ...series, multiplier: -1 }, { expiry, strike: 1 })],
    ['a quantity that is none', 'quantity', () => strategyPositions(straddle(series, { expiry, strike: 1 }), NaN)],
    [
      'one price for two legs',
      'entryPrices',
      () => strategyPositions(straddle(series, { expiry, strike: 1 }), 1, { entryPrices: [1] }),
    ],
  ])('with %s is an error', (_, field, build) => {
    expect(build).toThrow(InputError);
    expect(build).toThrow(expect.objectContaining({ field }) as Error);
  });
});
