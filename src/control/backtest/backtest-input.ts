/** What a backtest is given: bars in order that hold together, a strategy that sees the past alone, and what trading and margin cost. */
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

/** Prices over one period; `at` is the instant of the close. */
export interface Bar {
  at: Instant;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Paid by longs to shorts on the notional at this bar's open. */
  funding?: number | undefined;
  /** Implied volatility of options on the asset, annual, known at the close: a volatility index, for instance. */
  volatility?: number | undefined;
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
  /** Of a trade, beside fee and slippage, in the quote currency: impact, for instance. `history` ends before the fill. */
  tradeCost?: ((trade: Readonly<{ units: number; price: number }>, history: History) => number) | undefined;
  /** Annual, continuously compounded, on cash above 0 and on cash below it; 0 where missing. */
  lendingRate?: number | undefined;
  borrowingRate?: number | undefined;
  /** Initial margin over notional: orders are cut to what equity after fee and slippage covers. No limit where missing. */
  initialRate?: number | undefined;
  /** Maintenance margin over notional; the position is closed when equity falls to it. No check where missing. */
  maintenanceRate?: number | undefined;
  /** Of the notional closed for want of margin, beside the costs of a trade; 0 where missing. */
  liquidationFee?: number | undefined;
  /** 'close' of the bar `lag` later, or 'nextOpen': the open after that bar. 'close' where missing. */
  fillAt?: 'close' | 'nextOpen' | undefined;
  /** Fill at the very close that was decided on, an assumption to be made knowingly. */
  sameBar?: boolean | undefined;
  /** Profit to date of what is held beside the units, options for instance; 0 where missing. Sees what the strategy sees. */
  holdings?: ((history: History) => number) | undefined;
}

/** The input with its bars copied. Throws InputError on bars out of order or inconsistent, or numbers out of range. */
export function validatedBacktest(input: BacktestInput): BacktestInput {
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
  for (const field of ['initialRate', 'maintenanceRate', 'liquidationFee'] as const) {
    if (input[field] !== undefined) requireNonNegative(field, input[field]);
  }
  for (const field of ['lendingRate', 'borrowingRate'] as const) {
    if (input[field] !== undefined) requireFinite(field, input[field]);
  }
  return { ...input, bars };
}

function requireBar(bar: Bar, i: number, before: Instant | undefined): Bar {
  requireObject(`bars[${i}]`, bar);
  if (!Number.isFinite(bar.at)) requireFinite(`bars[${i}].at`, bar.at);
  if (before !== undefined && !(bar.at > before)) {
    throw new InputError(`bars[${i}].at`, bar.at, `later than the bar before, ${before}`);
  }
  for (const field of ['open', 'high', 'low', 'close'] as const) {
    if (!(bar[field] > 0 && bar[field] < Infinity)) requirePositive(`bars[${i}].${field}`, bar[field]);
  }
  if (bar.low > Math.min(bar.open, bar.close)) {
    throw new InputError(`bars[${i}].low`, bar.low, 'at most the open and the close');
  }
  if (bar.high < Math.max(bar.open, bar.close)) {
    throw new InputError(`bars[${i}].high`, bar.high, 'at least the open and the close');
  }
  if (bar.funding !== undefined) requireFinite(`bars[${i}].funding`, bar.funding);
  if (bar.volatility !== undefined) requirePositive(`bars[${i}].volatility`, bar.volatility);
  return Object.freeze({ ...bar });
}
