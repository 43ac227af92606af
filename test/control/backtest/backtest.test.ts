import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runBacktest } from '../../../src/control/backtest/backtest.js';
import type { BacktestInput, BacktestStrategy, Bar } from '../../../src/control/backtest/backtest-input.js';
import { InputError } from '../../../src/errors.js';

const DAY = 86_400_000;

function barsOf(closes: readonly number[], spread = 0): Bar[] {
  return closes.map((close, i) => {
    const open = closes[i - 1] ?? close;
    return {
      at: i * DAY,
      open,
      close,
      high: Math.max(open, close) * (1 + spread),
      low: Math.min(open, close) * (1 - spread),
    };
  });
}

/** Random walks with a random strategy that looks at the last three closes. */
const runs = fc
  .record({
    returns: fc.array(fc.double({ min: -0.2, max: 0.25, noNaN: true }), { minLength: 6, maxLength: 60 }),
    gain: fc.double({ min: -3, max: 3, noNaN: true }),
    feeRate: fc.double({ min: 0, max: 0.01, noNaN: true }),
    slippage: fc.double({ min: 0, max: 0.01, noNaN: true }),
    funding: fc.double({ min: -0.001, max: 0.001, noNaN: true }),
    lag: fc.integer({ min: 1, max: 4 }),
    fillAt: fc.constantFrom('close' as const, 'nextOpen' as const),
    lendingRate: fc.double({ min: -0.05, max: 0.2, noNaN: true }),
    borrowingRate: fc.double({ min: 0, max: 0.3, noNaN: true }),
    initialRate: fc.option(fc.double({ min: 0.1, max: 1, noNaN: true }), { nil: undefined }),
    maintenanceRate: fc.option(fc.double({ min: 0.01, max: 0.1, noNaN: true }), { nil: undefined }),
    liquidationFee: fc.double({ min: 0, max: 0.02, noNaN: true }),
    impact: fc.double({ min: 0, max: 1e-4, noNaN: true }),
  })
  .map(({ returns, gain, funding, impact, ...rest }) => {
    const closes = returns.reduce<number[]>((path, r) => [...path, path.at(-1)! * (1 + r)], [100]);
    const bars = barsOf(closes, 0.01).map((bar) => ({ ...bar, funding }));
    const strategy: BacktestStrategy = (history, state) => {
      const before = history.bar(Math.max(0, history.t - 3)).close;
      return ((gain * state.equity) / history.bar(history.t).close) * Math.sign(history.bar(history.t).close - before);
    };
    // A cost that grows with the square of the trade, and with the range of the bar before it.
    const tradeCost: BacktestInput['tradeCost'] = ({ units, price }, history) => {
      const { high, low, close } = history.bar(history.t);
      return (impact * (units * price) ** 2 * (high - low)) / close;
    };
    return { bars, strategy, initialEquity: 1000, tradeCost, ...rest } satisfies BacktestInput;
  });

describe('runBacktest', () => {
  it('fills a decision one bar later and charges fee and slippage', () => {
    const result = runBacktest({
      bars: barsOf([100, 110, 121, 121]),
      strategy: ({ t }) => (t < 2 ? 2 : 0),
      initialEquity: 1000,
      feeRate: 0.001,
      slippage: 0.0005,
      lag: 1,
    });
    expect([...result.units]).toEqual([0, 2, 2, 0]);
    expect(result.fills.map(({ bar, price, units }) => [bar, price, units])).toEqual([
      [1, 110, 2],
      [3, 121, -2],
    ]);
    const entry = 2 * 110 * 0.0015;
    const exit = 2 * 121 * 0.0015;
    expect(result.costs).toBeCloseTo(entry + exit, 12);
    expect([...result.equity].map((value) => Number(value.toFixed(10)))).toEqual([
      1000,
      1000 - entry,
      1022 - entry,
      Number((1022 - entry - exit).toFixed(10)),
    ]);
  });

  it('fills at the next open or the same close where told to', () => {
    const bars: Bar[] = [
      { at: 0, open: 100, high: 101, low: 99, close: 100 },
      { at: DAY, open: 105, high: 111, low: 104, close: 110 },
      { at: 2 * DAY, open: 108, high: 112, low: 107, close: 112 },
    ];
    const base = { bars, strategy: () => 1, initialEquity: 1000, feeRate: 0, slippage: 0, lag: 0 };
    expect([...runBacktest({ ...base, fillAt: 'nextOpen' }).equity]).toEqual([1000, 1005, 1007]);
    expect([...runBacktest({ ...base, sameBar: true }).equity]).toEqual([1000, 1010, 1012]);
    expect(() => runBacktest(base)).toThrow(InputError);
  });

  it('pays funding on the notional at the open', () => {
    const bars = barsOf([100, 100, 100, 100]).map((bar) => ({ ...bar, funding: 0.01 }));
    const input = { bars, initialEquity: 1000, feeRate: 0, slippage: 0, lag: 1 };
    const long = runBacktest({ ...input, strategy: () => 3 });
    const short = runBacktest({ ...input, strategy: () => -3 });
    expect(long.fundingPaid).toBeCloseTo(6, 12);
    expect(long.equity.at(-1)! + short.equity.at(-1)!).toBeCloseTo(2000, 12);
  });

  it('closes a position where its margin runs out inside a bar, and stops', () => {
    const bars = barsOf([100, 100, 60, 200, 200]);
    const result = runBacktest({
      bars,
      strategy: () => 30,
      initialEquity: 1000,
      feeRate: 0,
      slippage: 0,
      lag: 1,
      maintenanceRate: 0.01,
    });
    // 1000 + 30 (p - 100) = 0.01 x 30 p
    const price = 2000 / (30 * 0.99);
    expect(result.liquidatedAt).toBe(2 * DAY);
    expect(result.fills.at(-1)!.reason).toBe('liquidation');
    expect(result.fills.at(-1)!.price).toBeCloseTo(price, 12);
    expect(result.equity.at(-1)).toBeCloseTo(0.3 * price, 9);
    expect([...result.units.slice(2)]).toEqual([0, 0, 0]);
  });

  it('closes a short at the bar high, and at the open where that is already beyond', () => {
    const base = { initialEquity: 1000, feeRate: 0, slippage: 0, lag: 1, maintenanceRate: 0.01 };
    const short = runBacktest({ ...base, bars: barsOf([100, 100, 170]), strategy: () => -30 });
    // 1000 - 30 (p - 100) = 0.01 x 30 p
    expect(short.fills.at(-1)!.price).toBeCloseTo(4000 / (30 * 1.01), 12);
    const gap = runBacktest({
      ...base,
      bars: [...barsOf([100, 100]), { at: 2 * DAY, open: 50, high: 60, low: 40, close: 55 }],
      strategy: () => 30,
    });
    expect(gap.fills.at(-1)!.price).toBe(50);
    expect(gap.equity.at(-1)).toBe(-500);
    expect(gap.metrics.maximumDrawdown).toBe(1.5);
    expect(gap.metrics.cagr).toBe(-1);
  });

  it('earns on cash, pays on debts', () => {
    const year = 365;
    const bars = barsOf([100, 100, 100]).map((bar, i) => ({ ...bar, at: i * year * DAY }));
    const input = { bars, initialEquity: 1000, feeRate: 0, slippage: 0, lag: 0, sameBar: true } as const;
    const rates = { lendingRate: 0.05, borrowingRate: 0.1 };
    const idle = runBacktest({ ...input, ...rates, strategy: () => 0 });
    expect(idle.equity.at(-1)).toBeCloseTo(1000 * Math.exp(0.1), 9);
    expect(idle.interest).toBeCloseTo(1000 * Math.expm1(0.1), 9);
    // 1500 borrowed for 25 units; the debt of the second year carries the interest of the first.
    const levered = runBacktest({ ...input, ...rates, strategy: () => 25 });
    expect(levered.equity.at(-1)).toBeCloseTo(2500 - 1500 * Math.exp(0.2), 9);
    // 3000 lent: the equity and what the short was sold for.
    const short = runBacktest({ ...input, ...rates, strategy: () => -20 });
    expect(short.equity.at(-1)).toBeCloseTo(3000 * Math.exp(0.1) - 2000, 9);
  });

  it('cuts orders to what initial margin covers, costs counted, and never what is held', () => {
    const base = { initialEquity: 1000, feeRate: 0.001, slippage: 0, lag: 1, initialRate: 0.5 };
    const long = runBacktest({ ...base, bars: barsOf([100, 100, 100]), strategy: () => 30 });
    // 0.5 |u| 100 = 1000 - |u| 100 x 0.001
    expect(long.units[1]).toBeCloseTo(1000 / 50.1, 12);
    expect(0.5 * long.units[1]! * 100).toBeCloseTo(long.equity[1]!, 9);
    expect(long.cutOrders).toBe(2);
    // A fall leaves less than the margin: the position stays, it may not grow, it may be reduced.
    const fallen = runBacktest({ ...base, bars: barsOf([100, 100, 80, 80]), strategy: ({ t }) => (t < 2 ? 18 : 5) });
    expect([...fallen.units]).toEqual([0, 18, 18, 5]);
    // From short to long the old side is closed first, at its cost.
    const turned = runBacktest({ ...base, bars: barsOf([100, 100, 100]), strategy: ({ t }) => (t < 1 ? -10 : 100) });
    expect(0.5 * turned.units[2]! * 100).toBeCloseTo(turned.equity[2]!, 9);
    expect(turned.cutOrders).toBe(1);
  });

  it('charges what trades cost beside fees, from what was known before, and a fee for liquidation', () => {
    const seen: number[] = [];
    const result = runBacktest({
      bars: barsOf([100, 100, 60, 60]),
      strategy: () => 30,
      initialEquity: 1000,
      feeRate: 0,
      slippage: 0,
      lag: 1,
      maintenanceRate: 0.01,
      liquidationFee: 0.02,
      tradeCost: ({ units }, history) => {
        seen.push(history.t);
        return Math.abs(units) / 10;
      },
    });
    expect(seen).toEqual([0, 1]);
    expect(result.fills[0]!.cost).toBe(3);
    // 997 + 30 (p - 100) = 0.3 p
    const price = 2003 / 29.7;
    expect(result.fills[1]!.cost).toBeCloseTo(3 + 0.02 * 30 * price, 9);
    expect(result.equity.at(-1)).toBeCloseTo(0.3 * price - 3 - 0.6 * price, 9);
    expect(() =>
      runBacktest({
        bars: barsOf([1, 2, 3]),
        strategy: () => 1,
        initialEquity: 1,
        feeRate: 0,
        slippage: 0,
        lag: 1,
        tradeCost: () => -1,
      }),
    ).toThrow(/tradeCost at bar 1/);
  });

  it('reports margin used at the worst of each bar', () => {
    const bars: Bar[] = [
      { at: 0, open: 100, high: 100, low: 100, close: 100 },
      { at: DAY, open: 100, high: 100, low: 100, close: 100 },
      { at: 2 * DAY, open: 100, high: 110, low: 90, close: 105 },
    ];
    const base = { bars, initialEquity: 1000, feeRate: 0, slippage: 0, lag: 1 };
    const usage = (units: number) => [
      ...runBacktest({ ...base, maintenanceRate: 0.1, strategy: () => units }).marginUsage!,
    ];
    expect(usage(20)).toEqual([0, 0, (0.1 * 20 * 90) / 800]);
    expect(usage(-20)).toEqual([0, 0, (0.1 * 20 * 110) / 800]);
    expect(runBacktest({ ...base, strategy: () => 1 }).marginUsage).toBeUndefined();
  });

  it('adds the profit of what is held beside the units', () => {
    const result = runBacktest({
      bars: barsOf([100, 110, 120]),
      strategy: () => -1,
      holdings: (history) => history.bar(history.t).close - history.bar(0).close,
      initialEquity: 1000,
      feeRate: 0,
      slippage: 0,
      lag: 1,
    });
    expect([...result.equity]).toEqual([1000, 1010, 1010]);
  });

  it('keeps the cash identity', () => {
    fc.assert(
      fc.property(runs, (input) => {
        const { equity, fills, fundingPaid, costs, interest } = runBacktest(input);
        // Profit trade by trade: each unit bought at its fill price and valued at the last close.
        const last = input.bars.at(-1)!.close;
        const profit = fills.reduce((sum, { price, units }) => sum + units * (last - price), 0);
        const scale = Math.max(1000, ...equity.map(Math.abs), Math.abs(profit));
        expect(Math.abs(equity.at(-1)! - (1000 + profit + interest - costs - fundingPaid))).toBeLessThan(1e-9 * scale);
      }),
    );
  });

  it('gives the prefix of a run for a prefix of the bars, whatever comes after', () => {
    fc.assert(
      fc.property(runs, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (input, share) => {
        const cut = Math.max(2, Math.floor(input.bars.length * share));
        const whole = runBacktest(input);
        const prefix = runBacktest({ ...input, bars: input.bars.slice(0, cut) });
        expect(prefix.equity).toEqual(whole.equity.slice(0, cut));
        expect(prefix.units).toEqual(whole.units.slice(0, cut));
        const changed = input.bars.map((bar, i) =>
          i < cut ? bar : { ...bar, open: 7, high: 9, low: 5, close: 8, funding: 0.5 },
        );
        expect(runBacktest({ ...input, bars: changed }).equity.slice(0, cut)).toEqual(prefix.equity);
      }),
    );
  });

  it('ends no higher at higher costs for the same trades', () => {
    fc.assert(
      fc.property(runs, fc.double({ min: 0, max: 0.02, noNaN: true }), (input, more) => {
        const targets = runBacktest(input).units;
        const replay: BacktestStrategy = ({ t }) => targets[t]!;
        // Margin would change the trades; interest follows equity and does not make up for costs.
        const margins = { initialRate: undefined, maintenanceRate: undefined, lendingRate: 0, borrowingRate: 0 };
        const fills = { lag: 0, sameBar: true, fillAt: 'close' } as const;
        const end = (slippage: number) =>
          runBacktest({ ...input, ...margins, ...fills, strategy: replay, slippage }).equity.at(-1)!;
        expect(end(input.slippage + more)).toBeLessThanOrEqual(end(input.slippage));
      }),
    );
  });

  it('refuses to look ahead and bars that cannot be', () => {
    const base = { initialEquity: 1000, feeRate: 0, slippage: 0, lag: 1, strategy: () => 0 };
    const good = barsOf([100, 110, 120]);
    expect(() => runBacktest({ ...base, bars: good, strategy: (h) => h.bar(h.t + 1).close })).toThrow(/from 0 to 0/);
    expect(() => runBacktest({ ...base, bars: good, strategy: () => NaN })).toThrow(/strategy at bar 0/);
    expect(() => runBacktest({ ...base, bars: good.slice(0, 1) })).toThrow(InputError);
    for (const wrong of [
      { at: 0 },
      { open: 0 },
      { low: 200 },
      { high: 1 },
      { close: NaN },
      { funding: Infinity },
      { volatility: 0 },
    ]) {
      const bars = good.map((bar, i) => (i === 1 ? { ...bar, ...wrong } : bar));
      expect(() => runBacktest({ ...base, bars })).toThrow(InputError);
    }
    const rates = [{ maintenanceRate: NaN }, { initialRate: -1 }, { liquidationFee: -1 }, { lendingRate: Infinity }];
    for (const wrong of [{ lag: 1.5 }, { feeRate: -1 }, { initialEquity: 0 }, ...rates]) {
      expect(() => runBacktest({ ...base, bars: good, ...wrong })).toThrow(InputError);
    }
  });
});
