import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { Account } from '../../src/portfolio/account.js';
import type { Instrument } from '../../src/portfolio/instrument.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { futureLiquidationPrice } from '../../src/risk/liquidation-prices.js';
import { marginCallProbability } from '../../src/risk/margin-call.js';
import { simulateMarginCall } from '../../src/risk/margin-call-simulation.js';
import type { MarginCallSimulation } from '../../src/risk/margin-call-simulation.js';
import { deribitStandardMargin } from '../../src/risk/margin/deribit-standard.js';
import { account, flatMarket, option, perpetual } from './margin/books.js';

const margin = (a: Account, s: MarketSnapshot) => deribitStandardMargin(a, s, { a: 0.02, b: 0.01, inc: 0 });
const usual: MarginCallSimulation = {
  underlying: 'BTC',
  margin,
  volatility: 0.8,
  horizonYears: 7 / 365,
  steps: 28,
  pairs: 10_000,
  seed: 1,
};
/** Long q coins at 100 with so much cash that the call comes at 80. */
const entry = 100;
const cash = 100 - 80 * 0.99;
const long = account([[perpetual('linear'), 1]], { cash: { USDC: cash }, price: entry });
const short = account([[perpetual('linear'), -1]], { cash: { USDC: 125 * 1.01 - 100 }, price: entry });
const market = flatMarket(100);

describe('simulateMarginCall', () => {
  it('agrees with the closed form for one future, long and short', () => {
    const barrier = futureLiquidationPrice({
      style: 'linear',
      quantity: 1,
      entryPrice: entry,
      cash,
      maintenanceRate: 0.01,
    })!;
    expect(barrier).toBeCloseTo(80, 9);
    const below = marginCallProbability({ spot: 100, barrier, volatility: 0.8, horizonYears: 7 / 365, side: 'lower' });
    expect(below.path).toBeCloseTo(0.0491301, 6);
    const { probability, standardError, interval, terminalProbability } = simulateMarginCall(long, market, usual);
    expect(Math.abs(probability - below.path)).toBeLessThan(3.5 * standardError);
    expect(interval[0]).toBeLessThan(probability);
    expect(interval[1]).toBeGreaterThan(probability);
    expect(Math.abs(terminalProbability - below.terminal)).toBeLessThan(3.5 * standardError);
    const above = marginCallProbability({
      spot: 100,
      barrier: 125,
      volatility: 0.8,
      horizonYears: 7 / 365,
      side: 'upper',
    });
    const up = simulateMarginCall(short, market, usual);
    expect(Math.abs(up.probability - above.path)).toBeLessThan(3.5 * up.standardError);
  });

  it('sees less where it looks at the steps alone, and no less than the end', () => {
    const watched = simulateMarginCall(long, market, usual);
    const daily = simulateMarginCall(long, market, { ...usual, continuous: false });
    expect(daily.probability).toBeLessThan(watched.probability);
    expect(daily.probability).toBeGreaterThanOrEqual(daily.terminalProbability);
  });

  it('rises with volatility, horizon and leverage, and is the same for the same seed', () => {
    const of = (more: Partial<MarginCallSimulation>, book = long): number =>
      simulateMarginCall(book, market, { ...usual, pairs: 2000, ...more }).probability;
    expect(of({})).toBe(of({}));
    expect(of({ volatility: 1 })).toBeGreaterThan(of({}));
    expect(of({ horizonYears: 14 / 365 })).toBeGreaterThan(of({}));
    const geared = account([[perpetual('linear'), 2]], { cash: { USDC: cash }, price: entry });
    expect(of({}, geared)).toBeGreaterThan(of({}));
    expect(of({ requirement: 'initial' })).toBeGreaterThanOrEqual(of({}));
  });

  it('never calls an account without margin or without movement', () => {
    const spot: Instrument = { id: 'BTC', underlying: 'BTC', settlement: 'USD', multiplier: 1, kind: 'spot' };
    const none = simulateMarginCall(account([[spot, 1]]), market, { ...usual, pairs: 50 });
    expect(none).toMatchObject({ probability: 0, expectedCall: 0, terminalProbability: 0 });
    expect(none.interval[0]).toBe(0);
    expect(none.interval[1]).toBeGreaterThan(0);
    expect(simulateMarginCall(long, market, { ...usual, volatility: 0, pairs: 50 }).probability).toBe(0);
  });

  it('calls at once what is already short of its margin', () => {
    const poor = account([[perpetual('linear'), 1]], { cash: { USDC: 0.5 }, price: entry });
    const { probability, expectedCall, calledBy } = simulateMarginCall(poor, market, { ...usual, pairs: 50 });
    expect(probability).toBe(1);
    expect(expectedCall).toBeCloseTo(0.5, 9);
    expect(calledBy[0]!.probability).toBe(1);
  });

  it('follows a short straddle both ways, with the times of the calls', () => {
    const straddle = account(
      [
        [option('call', 100, { style: 'linear' }), -1],
        [option('put', 100, { style: 'linear' }), -1],
      ],
      { cash: { USDC: 45 } },
    );
    const found = simulateMarginCall(straddle, market, { ...usual, pairs: 3000 });
    expect(found.probability).toBeGreaterThan(0.01);
    expect(found.expectedCall).toBeGreaterThan(0);
    const times = found.calledBy.map(({ probability }) => probability);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeCloseTo(found.probability, 12);
    expect(found.calledBy.at(-1)!.years).toBeCloseTo(7 / 365, 12);
    const finer = simulateMarginCall(straddle, market, { ...usual, pairs: 3000, gridPoints: 801 });
    expect(Math.abs(finer.probability - found.probability)).toBeLessThan(0.003);
  });

  it('refuses options out of range', () => {
    const bad: Partial<MarginCallSimulation>[] = [
      { underlying: 'XYZ' },
      { steps: 0 },
      { pairs: 1 },
      { horizonYears: 0 },
      { volatility: -1 },
      { confidence: 1 },
      { gridPoints: 2 },
      { seed: 0.5 },
    ];
    for (const part of bad) expect(() => simulateMarginCall(long, market, { ...usual, ...part })).toThrow(InputError);
  });
});
