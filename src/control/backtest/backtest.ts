/**
 * A strategy run over bars of one asset, without look-ahead by construction: at the close of bar t the strategy sees bars 0 to t
 * through an accessor that refuses later ones, and names the units it wants to hold; the order is filled `lag` bars later.
 *
 *   equity(t) = equity(t-1) + units(t-1) (open - close(t-1)) + ... + (what is held beside) - costs(t) - funding(t)
 *
 * Each bar is walked in the order things happen: funding and fills at the open, the worst price of the bar for what is held (low for
 * a long, high for a short) with its margin check, the close with the fills that are due, then the next decision. Costs of a trade of x units at
 * price P are |x| P (feeRate + slippage). The cash identity holds by construction: what equity gained is what units and holdings
 * gained less what was paid.
 */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
} from '../../check.js';
import { InputError } from '../../errors.js';
import type { Instant } from '../../market/quote.js';
import { performanceMetrics } from './performance.js';
import type { PerformanceMetrics } from './performance.js';

/** Prices over one period; `at` is the instant of the close. */
export interface Bar {
  at: Instant;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Paid by longs to shorts on the notional at this bar's open. */
  funding?: number | undefined;
}

/** What is known at the close of bar `t`. */
export interface History {
  readonly t: number;
  /** Throws InputError beyond `t`. */
  bar(i: number): Bar;
}

/** Units held and equity, in the quote currency, when a decision is taken. */
export interface BacktestState {
  equity: number;
  units: number;
  /** Units last asked for: what is held once all orders are filled, and what to return to leave them be. */
  target: number;
}

/** Target units from what is known; called once a bar, at its close. */
export type BacktestStrategy = (history: History, state: Readonly<BacktestState>) => number;

export interface BacktestInput {
  bars: readonly Bar[];
  strategy: BacktestStrategy;
  initialEquity: number;
  /** Of the notional traded. */
  feeRate: number;
  /** Of the notional traded: half the spread and impact. */
  slippage: number;
  /** Bars between a decision and its fill. 0 needs `fillAt: 'nextOpen'` or `sameBar`. */
  lag: number;
  /** Maintenance margin over notional; the position is closed when equity falls to it. No check where missing. */
  maintenanceRate?: number | undefined;
  /** 'close' of the bar `lag` later, or 'nextOpen': the open after that bar. 'close' where missing. */
  fillAt?: 'close' | 'nextOpen' | undefined;
  /** Fill at the very close that was decided on, an assumption to be made knowingly. */
  sameBar?: boolean | undefined;
  /** Profit to date of what is held beside the units, options for instance; 0 where missing. Sees what the strategy sees. */
  holdings?: ((history: History) => number) | undefined;
}

/** A trade as it was filled. */
export interface Fill {
  bar: number;
  price: number;
  units: number;
  cost: number;
  reason: 'order' | 'liquidation';
}

export interface BacktestResult {
  /** At each bar's close. */
  equity: Float64Array;
  /** Held from each bar's close on. */
  units: Float64Array;
  /** Fees and slippage, together. */
  costs: number;
  /** Net funding paid. */
  fundingPaid: number;
  fills: Fill[];
  /** The bar in which margin ran out; nothing is traded after it. */
  liquidatedAt?: Instant | undefined;
  metrics: PerformanceMetrics;
}

/** Throws InputError on bars out of order or inconsistent, a lag of 0 that is not asked for, or a target that is not finite. */
export function runBacktest(input: BacktestInput): BacktestResult {
  const { bars, initialEquity, lag, maintenanceRate, holdings } = validated(input);
  const atOpen = input.fillAt === 'nextOpen';
  const costRate = input.feeRate + input.slippage;
  const count = bars.length;
  const equity = new Float64Array(count);
  const units = new Float64Array(count);
  const targets = new Float64Array(count);
  const fills: Fill[] = [];

  let held = 0;
  let worth = initialEquity;
  let besides = 0;
  let costs = 0;
  let fundingPaid = 0;
  let liquidatedAt: Instant | undefined;

  const trade = (bar: number, price: number, change: number, reason: Fill['reason']): void => {
    if (change === 0) return;
    const cost = Math.abs(change) * price * costRate;
    held += change;
    worth -= cost;
    costs += cost;
    fills.push({ bar, price, units: change, cost, reason });
  };

  for (let t = 0; t < count; t++) {
    const bar = bars[t]!;
    if (t > 0) {
      worth += held * (bar.open - bars[t - 1]!.close);
      const funding = held * bar.open * (bar.funding ?? 0);
      worth -= funding;
      fundingPaid += funding;
      const decided = t - 1 - lag;
      if (atOpen && decided >= 0 && liquidatedAt === undefined) {
        trade(t, bar.open, targets[decided]! - held, 'order');
      }
      const price = closeOutPrice(held, worth, bar, maintenanceRate);
      if (price !== undefined) {
        worth += held * (price - bar.open);
        trade(t, price, -held, 'liquidation');
        liquidatedAt = bar.at;
      } else {
        worth += held * (bar.close - bar.open);
      }
    }
    const history = historyTo(bars, t);
    if (holdings !== undefined && liquidatedAt === undefined) {
      const profit = requireFinite(`holdings at bar ${t}`, holdings(history));
      worth += profit - besides;
      besides = profit;
    }
    if (liquidatedAt === undefined) {
      const fillAtClose = (): void => {
        const decided = t - lag;
        if (decided >= 0) trade(t, bar.close, targets[decided]! - held, 'order');
      };
      if (!atOpen && lag > 0) fillAtClose();
      targets[t] = requireFinite(
        `strategy at bar ${t}`,
        input.strategy(history, { equity: worth, units: held, target: targets[t - 1] ?? 0 }),
      );
      if (!atOpen && lag === 0) fillAtClose();
    }
    equity[t] = worth;
    units[t] = held;
  }
  return {
    equity,
    units,
    costs,
    fundingPaid,
    fills,
    liquidatedAt,
    metrics: performanceMetrics(
      equity,
      bars.map(({ at }) => at),
      turnoverOf(fills, equity),
    ),
  };
}

/** Bars 0 to t, and nothing after. */
function historyTo(bars: readonly Bar[], t: number): History {
  return {
    t,
    bar(i) {
      if (!(Number.isInteger(i) && i >= 0 && i <= t)) throw new InputError('bar', i, `a whole number from 0 to ${t}`);
      return bars[i]!;
    },
  };
}

/**
 * The price within the bar at which equity falls to maintenanceRate |units| price: equity + units (p - open) = rate |units| p. Where the
 * open is already beyond it the open itself. Undefined where the bar's worst price leaves enough.
 */
function closeOutPrice(units: number, equity: number, bar: Bar, rate: number | undefined): number | undefined {
  if (rate === undefined || units === 0) return undefined;
  const excess = (price: number): number => equity + units * (price - bar.open) - rate * Math.abs(units) * price;
  if (excess(bar.open) <= 0) return bar.open;
  const worst = units > 0 ? bar.low : bar.high;
  if (excess(worst) > 0) return undefined;
  return (units * bar.open - equity) / (units - rate * Math.abs(units));
}

/** Notional traded over mean equity. */
function turnoverOf(fills: readonly Fill[], equity: Float64Array): number {
  const traded = fills.reduce((sum, { price, units }) => sum + Math.abs(units) * price, 0);
  const mean = equity.reduce((sum, value) => sum + value, 0) / equity.length;
  return traded === 0 ? 0 : mean > 0 ? traded / mean : Infinity;
}

function validated(input: BacktestInput): BacktestInput {
  requireObject('input', input);
  requireArray('bars', input.bars);
  if (input.bars.length < 2) throw new InputError('bars.length', input.bars.length, 'at least 2');
  // Copies: neither the caller nor a strategy can change a bar that has been seen.
  const bars = input.bars.map((bar, i) => requireBar(bar, i, input.bars[i - 1]?.at));
  if (typeof input.strategy !== 'function') throw new InputError('strategy', input.strategy, 'a function');
  requirePositive('initialEquity', input.initialEquity);
  requireNonNegative('feeRate', input.feeRate);
  requireNonNegative('slippage', input.slippage);
  if (!(Number.isInteger(input.lag) && input.lag >= 0))
    throw new InputError('lag', input.lag, 'a whole number of bars');
  const fillAt = requireOneOf('fillAt', input.fillAt ?? 'close', ['close', 'nextOpen']);
  if (input.lag === 0 && fillAt === 'close' && input.sameBar !== true) {
    throw new InputError('lag', 0, "at least 1 bar, or 0 with fillAt 'nextOpen' or sameBar true");
  }
  if (input.maintenanceRate !== undefined) requireNonNegative('maintenanceRate', input.maintenanceRate);
  return { ...input, bars };
}

function requireBar(bar: Bar, i: number, before: Instant | undefined): Bar {
  requireObject(`bars[${i}]`, bar);
  requireFinite(`bars[${i}].at`, bar.at);
  if (before !== undefined && !(bar.at > before)) {
    throw new InputError(`bars[${i}].at`, bar.at, `later than the bar before, ${before}`);
  }
  for (const field of ['open', 'high', 'low', 'close'] as const) requirePositive(`bars[${i}].${field}`, bar[field]);
  if (bar.low > Math.min(bar.open, bar.close)) {
    throw new InputError(`bars[${i}].low`, bar.low, 'at most the open and the close');
  }
  if (bar.high < Math.max(bar.open, bar.close)) {
    throw new InputError(`bars[${i}].high`, bar.high, 'at least the open and the close');
  }
  if (bar.funding !== undefined) requireFinite(`bars[${i}].funding`, bar.funding);
  return Object.freeze({ ...bar });
}
