/**
 * A straddle at the money, sold or bought anew at every expiry and hedged with the asset: the holdings of a backtest and the strategy
 * that hedges them. Sold it collects implied variance and pays realised; bought it is gamma scalping. Options are marked by Black's
 * formula on the close at an implied volatility given by bar, without rates.
 *
 *   profit of a cycle = side n [ settlement - premium - cost ],   n = notional / strike
 *   hedge             = -side n delta, where it differs from what is held by more than a band
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { black76 } from '../../pricing/black76.js';
import { shouldRebalance } from '../rebalance.js';
import type { History, BacktestStrategy } from './backtest-input.js';

const YEAR = 365 * 86_400_000;
const DAY = 86_400_000;

export interface HedgedStraddleOptions {
  side: 'long' | 'short';
  /** Value of the asset the straddles of a cycle are on, in the quote currency. */
  notional: number;
  /** From a sale to its expiry. */
  cycleDays: number;
  /** Annual, by bar, known at the bar's close: a volatility index, or an estimate. The bars' own, the last one quoted, where missing. */
  impliedVolatility?: ArrayLike<number> | undefined;
  /** Half the spread of the straddle, in volatility. */
  halfSpread: number;
  /** Least difference of the hedge worth a trade, in delta per straddle, 0 to 2; 0 hedges at every bar. */
  band: number;
}

/** The straddle that is open after a bar, and what all before and it have earned to date. */
interface Cycle {
  strike: number;
  expiry: number;
  count: number;
  /** Of the cycles that have ended, and the premium and cost of this one. */
  settled: number;
}

/** Made anew for every run. Throws InputError on options that cannot be, or a bar without a volatility. */
export function hedgedStraddle(options: HedgedStraddleOptions): {
  holdings: (history: History) => number;
  strategy: BacktestStrategy;
} {
  requireOneOf('side', options.side, ['long', 'short']);
  requirePositive('notional', options.notional);
  requirePositive('cycleDays', options.cycleDays);
  requireNonNegative('halfSpread', options.halfSpread);
  requireNonNegative('band', options.band);
  const sign = options.side === 'long' ? 1 : -1;
  let cycle: Cycle | undefined;
  let last = -1;

  const { impliedVolatility } = options;
  const volatilityAt = (history: History): number => {
    const { t } = history;
    if (impliedVolatility === undefined) return quotedVolatility(history);
    if (t >= impliedVolatility.length) {
      throw new InputError('impliedVolatility.length', impliedVolatility.length, 'one a bar');
    }
    return requirePositive(`impliedVolatility[${t}]`, impliedVolatility[t]);
  };
  const straddle = (spot: number, { strike }: Cycle, timeToExpiry: number, volatility: number) => {
    const call = black76.greeks({ type: 'call', forward: spot, strike, timeToExpiry, volatility });
    // By parity P = C - F + K.
    return { price: 2 * call.price - spot + strike, delta: 2 * call.delta - 1 };
  };
  const marked = (history: History, open: Cycle, shift = 0) => {
    const bar = history.bar(history.t);
    const timeToExpiry = Math.max(open.expiry - bar.at, 0) / YEAR;
    return straddle(bar.close, open, timeToExpiry, Math.max(volatilityAt(history) + shift, 0));
  };

  /** Brings the cycle to the bar: settles what has expired at the close and opens the next. */
  const advance = (history: History): Cycle => {
    const { at, close } = history.bar(history.t);
    if (history.t !== last + 1 && history.t !== last) {
      throw new InputError('history.t', history.t, 'the next bar: make a new straddle for every run');
    }
    last = history.t;
    if (cycle === undefined || at >= cycle.expiry) {
      let settled = 0;
      if (cycle !== undefined) settled = cycle.settled + sign * cycle.count * Math.abs(close - cycle.strike);
      const next = { strike: close, expiry: at + options.cycleDays * DAY, count: options.notional / close, settled };
      const traded = marked(history, next, sign * options.halfSpread).price;
      cycle = { ...next, settled: settled - sign * next.count * traded };
    }
    return cycle;
  };

  return {
    holdings: (history) => {
      const open = advance(history);
      return open.settled + sign * open.count * marked(history, open).price;
    },
    strategy: (history, { target: units }) => {
      const open = advance(history);
      const hedge = -sign * open.count * requireFinite('delta', marked(history, open).delta);
      const band = options.band * open.count;
      return units + shouldRebalance({ current: units, target: hedge, band, destination: 'target' }).trade;
    },
  };
}

/** Of the bar, or the last one before it that has one. */
function quotedVolatility(history: History): number {
  for (let t = history.t; t >= 0; t--) {
    const { volatility } = history.bar(t);
    if (volatility !== undefined) return volatility;
  }
  throw new InputError('bars[0].volatility', undefined, 'the implied volatility of options, from the first bar on');
}
