/**
 * What an equity curve earned and at what risk. Returns are simple, per period; annual figures use the periods per year that the
 * instants give (365 days a year): mean x periods, standard deviation x sqrt(periods).
 *
 *   Sharpe     mean / sd sqrt(periods), over a rate of 0. Its standard error from the influence function
 *              (r - mean)/sd - SR/2 [((r - mean)/sd)^2 - 1], whose long-run variance is Newey and West's, so that it holds for
 *              returns that are neither normal nor independent                          Lo (2002); Newey and West (1987)
 *   Sortino    mean / sqrt(mean of min(r, 0)^2) sqrt(periods)
 *   Calmar     growth rate / maximum drawdown
 */
import { requireArray, requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Instant } from '../../market/quote.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';

export interface PerformanceMetrics {
  /** Compound growth a year; -1 where equity ended at or below 0. */
  cagr: number;
  /** Annual. */
  volatility: number;
  /** Annual; 0 where returns do not vary. */
  sharpe: number;
  sharpeStandardError: number;
  /** Annual; Infinity where no return was negative and the mean is positive. */
  sortino: number;
  /** Share of the highest equity before; above 1 where equity went below 0. */
  maximumDrawdown: number;
  /** Years from a high to the next one, at the longest; open ends count. */
  longestDrawdownYears: number;
  /** Growth over maximum drawdown; Infinity without a drawdown. */
  calmar: number;
  /** Mean of the worst 5% of period returns, positive for a loss. */
  expectedShortfall: number;
  /** Traded notional over mean equity, over the whole run. */
  turnover: number;
  periodsPerYear: number;
}

const YEAR = 365 * 86_400_000;

/**
 * Of an equity curve at the given instants. Once equity is at or below 0 the curve is over: later periods have no return.
 * Throws InputError for fewer than two points, lengths that differ, values that are not finite or a start that is not positive.
 */
export function performanceMetrics(
  equity: ArrayLike<number>,
  at: ArrayLike<Instant>,
  turnover = 0,
): PerformanceMetrics {
  if (equity.length < 2) throw new InputError('equity.length', equity.length, 'at least 2');
  if (at.length !== equity.length)
    throw new InputError('at.length', at.length, `the number of points, ${equity.length}`);
  const values = Array.from(equity, (value, i) => requireFinite(`equity[${i}]`, value));
  if (!(values[0]! > 0)) throw new InputError('equity[0]', values[0], 'above 0');
  const years = (at[at.length - 1]! - at[0]!) / YEAR;
  if (!(years > 0)) throw new InputError('at', at[at.length - 1], 'instants in rising order');

  const returns = periodReturns(values);
  const periodsPerYear = (values.length - 1) / years;
  const { mean, deviation } = moments(returns);
  const downside = Math.sqrt(returns.reduce((sum, r) => sum + Math.min(r, 0) ** 2, 0) / returns.length);
  const last = values[values.length - 1]!;
  const cagr = last > 0 ? exp(log(last / values[0]!) / years) - 1 : -1;
  const { depth, longest } = drawdown(values, at);
  const perYear = Math.sqrt(periodsPerYear);
  return {
    cagr,
    volatility: deviation * perYear,
    sharpe: deviation > 0 ? (mean / deviation) * perYear : 0,
    sharpeStandardError: deviation > 0 ? sharpeStandardError(returns) * perYear : 0,
    sortino: downside > 0 ? (mean / downside) * perYear : mean > 0 ? Infinity : 0,
    maximumDrawdown: depth,
    longestDrawdownYears: longest / YEAR,
    calmar: depth > 0 ? cagr / depth : cagr > 0 ? Infinity : 0,
    expectedShortfall: tailMean(returns, 0.05),
    turnover,
    periodsPerYear,
  };
}

/** Simple returns up to the first point at or below 0. */
export function periodReturns(equity: ArrayLike<number>): number[] {
  const returns: number[] = [];
  for (let i = 1; i < equity.length && equity[i - 1]! > 0; i++) returns.push(equity[i]! / equity[i - 1]! - 1);
  return returns;
}

/** Standard error of the Sharpe ratio per period, by Newey and West with 4 (n/100)^(2/9) lags. Throws InputError where empty. */
export function sharpeStandardError(returns: readonly number[]): number {
  requireArray('returns', returns);
  if (returns.length === 0) throw new InputError('returns.length', 0, 'at least 1');
  const { mean, deviation } = moments(returns);
  if (!(deviation > 0)) return 0;
  const ratio = mean / deviation;
  const n = returns.length;
  const influence = returns.map((r) => {
    const z = (r - mean) / deviation;
    return z - 0.5 * ratio * (z * z - 1);
  });
  const lags = Math.min(Math.floor(4 * (n / 100) ** (2 / 9)), n - 1);
  let variance = 0;
  for (let lag = 0; lag <= lags; lag++) {
    let product = 0;
    for (let i = lag; i < n; i++) product += influence[i]! * influence[i - lag]!;
    variance += ((lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * product) / n;
  }
  return Math.sqrt(Math.max(variance, 0) / n);
}

/** Mean over standard deviation, per period; 0 where returns do not vary. */
export function sharpeRatio(returns: ArrayLike<number>): number {
  const { mean, deviation } = moments(returns);
  return deviation > 0 ? mean / deviation : 0;
}

/** Skewness and kurtosis, of the population; 0 and 3 where returns do not vary. Throws InputError where there are none. */
export function returnShape(returns: ArrayLike<number>): { skewness: number; kurtosis: number } {
  const n = returns.length;
  if (n === 0) throw new InputError('returns.length', 0, 'at least 1');
  const { mean } = moments(returns);
  const [second, third, fourth] = [0, 0, 0].map((_, i) =>
    Array.from(returns).reduce((sum, r) => sum + (r - mean) ** (i + 2) / n, 0),
  ) as [number, number, number];
  if (!(second > 0)) return { skewness: 0, kurtosis: 3 };
  return { skewness: third / second ** 1.5, kurtosis: fourth / (second * second) };
}

function moments(returns: ArrayLike<number>): { mean: number; deviation: number } {
  const values = Array.from(returns);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

function drawdown(values: readonly number[], at: ArrayLike<Instant>): { depth: number; longest: number } {
  let peak = values[0]!;
  let since = at[0]!;
  let depth = 0;
  let longest = 0;
  let below = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (below) longest = Math.max(longest, at[i]! - since);
    below = value < peak;
    if (below) {
      depth = Math.max(depth, 1 - value / peak);
    } else {
      peak = value;
      since = at[i]!;
    }
  }
  if (below) longest = Math.max(longest, at[values.length - 1]! - since);
  return { depth, longest };
}

/** Mean loss of the worst share of the returns, the last one counted in part. Acerbi and Tasche (2002). */
function tailMean(returns: readonly number[], share: number): number {
  const losses = returns.map((r) => -r).sort((a, b) => b - a);
  const weight = share * losses.length;
  const whole = Math.floor(weight);
  if (whole === 0) return losses[0]!;
  const sum = losses.slice(0, whole).reduce((total, loss) => total + loss, 0);
  return (sum + (weight - whole) * (losses[whole] ?? 0)) / weight;
}
