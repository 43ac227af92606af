/**
 * What a run did against something else: a benchmark it was to follow, a floor it was to keep, the margin it had.
 *
 *   tracking error   standard deviation of r - b, times sqrt(periods a year)
 *   breach           a bar at whose close the value is below the floor by more than rounding
 */
import { requireFinite, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Bar } from './backtest-input.js';

/** Annual. Throws InputError for fewer than two returns, or series of unequal length. */
export function trackingError(
  returns: readonly number[],
  benchmark: readonly number[],
  periodsPerYear: number,
): number {
  const n = returns.length;
  if (n < 2) throw new InputError('returns.length', n, 'at least 2');
  if (benchmark.length !== n) throw new InputError('benchmark.length', benchmark.length, `one a return, ${n}`);
  const difference = returns.map(
    (r, i) => requireFinite(`returns[${i}]`, r) - requireFinite(`benchmark[${i}]`, benchmark[i]),
  );
  const mean = difference.reduce((sum, d) => sum + d, 0) / n;
  const squares = difference.reduce((sum, d) => sum + (d - mean) ** 2, 0);
  return Math.sqrt((squares / (n - 1)) * requirePositive('periodsPerYear', periodsPerYear));
}

/** Close-to-close returns of the asset, times a leverage: what a constant exposure without costs returns. */
export function assetReturns(bars: readonly Bar[], leverage = 1): number[] {
  return bars.slice(1).map(({ close }, i) => leverage * (close / bars[i]!.close - 1));
}

export interface FloorBreaches {
  /** Bars that closed below the floor. */
  bars: number;
  /** Index of the first. */
  first?: number | undefined;
  /** The largest shortfall as a part of the floor; 0 where there is none. */
  worst: number;
}

/** Of an equity curve against a floor, one value or one a bar. Throws InputError for floors of another number. */
export function floorBreaches(equity: ArrayLike<number>, floor: number | ArrayLike<number>): FloorBreaches {
  if (typeof floor !== 'number' && floor.length !== equity.length) {
    throw new InputError('floor.length', floor.length, `one a bar, ${equity.length}`);
  }
  let first: number | undefined;
  let bars = 0;
  let worst = 0;
  for (let t = 0; t < equity.length; t++) {
    const level = requirePositive(`floor at ${t}`, typeof floor === 'number' ? floor : floor[t]);
    const shortfall = 1 - equity[t]! / level;
    if (shortfall <= 1e-12) continue;
    first ??= t;
    bars++;
    worst = Math.max(worst, shortfall);
  }
  return { bars, first, worst };
}
