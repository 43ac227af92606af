/**
 * A strategy run over bars of one asset, without look-ahead by construction: at the close of bar t the strategy sees bars 0 to t
 * through an accessor that refuses later ones, and names the units it wants to hold; the order is filled `lag` bars later.
 *
 *   equity(t) = equity(t-1) + units(t-1) (open - close(t-1)) + ... + (what is held beside) + interest(t) - costs(t) - funding(t)
 *
 * Each bar is walked in the order things happen: interest on the cash since the last close, funding and fills at the open, the worst
 * price of the bar for what is held (low for a long, high for a short) with its margin check, the close with the fills that are due,
 * then the next decision. Costs of a trade of x units at price P are |x| P (feeRate + slippage) and what `tradeCost` adds; cash is
 * equity less units times price. The cash identity holds by construction: what equity gained is what units and holdings gained
 * and cash earned less what was paid.
 */
import { requireFinite, requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';
import { yearFraction } from '../../market/clock.js';
import type { Instant } from '../../market/quote.js';
import { expm1 } from '../../math/exponential.js';
import { affordableUnits, closeOutPrice, worstMarginUsage } from './backtest-margin.js';
import { validatedBacktest } from './backtest-input.js';
import type { BacktestInput, Bar, History } from './backtest-input.js';
import { performanceMetrics } from './performance.js';
import type { PerformanceMetrics } from './performance.js';

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
  /** Fees, slippage and whatever else trades cost, together. */
  costs: number;
  /** Net funding paid. */
  fundingPaid: number;
  /** On cash, net of what was paid on debts. */
  interest: number;
  fills: Fill[];
  /** Orders that initial margin cut. */
  cutOrders: number;
  /** Maintenance margin over equity by bar, at the bar's worst for what is held; Infinity without equity. Where a rate was given. */
  marginUsage?: Float64Array | undefined;
  /** The bar in which margin ran out; nothing is traded after it. */
  liquidatedAt?: Instant | undefined;
  metrics: PerformanceMetrics;
}

/** Throws InputError on bars out of order or inconsistent, a lag of 0 that is not asked for, or a target that is not finite. */
export function runBacktest(input: BacktestInput): BacktestResult {
  const { bars, initialEquity, lag, initialRate, maintenanceRate, holdings } = validatedBacktest(input);
  const atOpen = input.fillAt === 'nextOpen';
  const costRate = input.feeRate + input.slippage;
  const count = bars.length;
  const equity = new Float64Array(count);
  const units = new Float64Array(count);
  const targets = new Float64Array(count);
  const marginUsage = maintenanceRate === undefined ? undefined : new Float64Array(count);
  const fills: Fill[] = [];

  let held = 0;
  let worth = initialEquity;
  let besides = 0;
  let costs = 0;
  let fundingPaid = 0;
  let interest = 0;
  let cutOrders = 0;
  let liquidatedAt: Instant | undefined;

  const trade = (bar: number, price: number, change: number, reason: Fill['reason']): void => {
    if (change === 0) return;
    const further = input.tradeCost?.({ units: change, price }, historyTo(bars, Math.max(bar - 1, 0))) ?? 0;
    const closing = reason === 'liquidation' ? (input.liquidationFee ?? 0) : 0;
    const rates = costRate + closing;
    const cost = Math.abs(change) * price * rates + requireNonNegative(`tradeCost at bar ${bar}`, further);
    held += change;
    worth -= cost;
    costs += cost;
    fills.push({ bar, price, units: change, cost, reason });
  };
  const fill = (bar: number, price: number): void => {
    const decided = bar - lag - (atOpen ? 1 : 0);
    if (decided < 0) return;
    const wanted = targets[decided]!;
    const covered =
      initialRate === undefined ? wanted : affordableUnits({ wanted, held, worth, price, costRate, initialRate });
    if (covered !== wanted) cutOrders++;
    trade(bar, price, covered - held, 'order');
  };

  for (let t = 0; t < count; t++) {
    const bar = bars[t]!;
    let usage = 0;
    if (t > 0) {
      const before = bars[t - 1]!;
      const cash = worth - held * before.close;
      const rate = cash < 0 ? input.borrowingRate : input.lendingRate;
      const earned = rate === undefined ? 0 : cash * expm1(rate * yearFraction(before.at, bar.at));
      interest += earned;
      worth += earned + held * (bar.open - before.close);
      const funding = held * bar.open * (bar.funding ?? 0);
      worth -= funding;
      fundingPaid += funding;
      if (atOpen && liquidatedAt === undefined) fill(t, bar.open);
      const price = closeOutPrice(held, worth, bar, maintenanceRate);
      usage = worstMarginUsage(held, worth, bar, maintenanceRate);
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
      if (!atOpen && lag > 0) fill(t, bar.close);
      targets[t] = requireFinite(
        `strategy at bar ${t}`,
        input.strategy(history, { equity: worth, units: held, target: targets[t - 1] ?? 0 }),
      );
      if (!atOpen && lag === 0) fill(t, bar.close);
    }
    equity[t] = worth;
    units[t] = held;
    if (marginUsage !== undefined) marginUsage[t] = usage;
  }
  return {
    equity,
    units,
    costs,
    fundingPaid,
    interest,
    fills,
    cutOrders,
    marginUsage,
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

/** Notional traded over mean equity. */
function turnoverOf(fills: readonly Fill[], equity: Float64Array): number {
  const traded = fills.reduce((sum, { price, units }) => sum + Math.abs(units) * price, 0);
  const mean = equity.reduce((sum, value) => sum + value, 0) / equity.length;
  return traded === 0 ? 0 : mean > 0 ? traded / mean : Infinity;
}
