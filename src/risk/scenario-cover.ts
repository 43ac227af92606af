/**
 * What scenarios mean for cash and time.
 *
 *   days of theta    what the worst cell loses over what the book earns a day by holding still
 *   stressed call    how much of the free collateral (equity less initial margin) a scenario takes: the largest, or a quantile
 *   crash liquidity  least over scenarios of  stressed depth in delta / |delta to trade there|;  below 1 the hedge cannot be completed
 *                    within the band
 */
import { requireArray, requireFinite, requireNonNegative } from '../check.js';
import { InputError } from '../errors.js';
import { deltaLiquidity, type HedgeBook, type LiquidityStress } from './liquidity.js';
import { sampleTail } from './value-at-risk/sample-tail.js';

/**
 * `worstPnl` of a grid (a loss is negative) and theta a day; Infinity where the book earns nothing and can lose, 0 where it cannot
 * lose. Throws InputError for a number that is not finite.
 */
export function daysOfTheta(worstPnl: number, thetaPerDay: number): number {
  const loss = Math.max(0, -requireFinite('worstPnl', worstPnl));
  const theta = requireFinite('thetaPerDay', thetaPerDay);
  if (loss === 0) return 0;
  return theta > 0 ? loss / theta : Infinity;
}

export interface CollateralCells {
  equityNow: number;
  initialMarginNow: number;
  /** Cell by cell: a grid with a margin rule has both. */
  equity: ArrayLike<number>;
  initialMargin: ArrayLike<number>;
}

/**
 * What the scenarios take off the free collateral, 0 or more: the most, or where `quantile` is given (above 0, below 1) that quantile
 * over cells of equal weight. Throws InputError for numbers that are not finite or columns that differ in length.
 */
export function stressedMarginCall(cells: CollateralCells, quantile?: number): number {
  const { equity, initialMargin } = cells;
  const now =
    requireFinite('equityNow', cells.equityNow) - requireNonNegative('initialMarginNow', cells.initialMarginNow);
  if (equity.length === 0) throw new InputError('equity.length', 0, 'at least 1');
  if (initialMargin.length !== equity.length) {
    throw new InputError('initialMargin.length', initialMargin.length, String(equity.length));
  }
  const calls = Float64Array.from(equity, (value, i) => {
    const free = requireFinite(`equity[${i}]`, value) - requireNonNegative(`initialMargin[${i}]`, initialMargin[i]);
    return Math.max(0, now - free);
  });
  return quantile === undefined
    ? calls.reduce((most, call) => Math.max(most, call), 0)
    : sampleTail(calls, quantile).valueAtRisk;
}

export interface CrashScenario {
  name: string;
  /** Units of the underlying to buy (positive) or sell to be hedged there. */
  deltaToTrade: number;
  stress: LiquidityStress;
}

/**
 * The score over scenarios, the scenario that makes it, and each on its own; Infinity where there is nothing to trade. `band` is a
 * fraction of each book's mid. Throws InputError without scenarios, and for a bad book, band or stress.
 */
export function crashLiquidity(
  books: readonly HedgeBook[],
  band: number,
  scenarios: readonly CrashScenario[],
): { score: number; worst: string; scores: number[] } {
  if (requireArray('scenarios', scenarios).length === 0) throw new InputError('scenarios', scenarios, 'at least one');
  const scores = scenarios.map(({ deltaToTrade, stress }, i) => {
    const delta = requireFinite(`scenarios[${i}].deltaToTrade`, deltaToTrade);
    const { buy, sell } = deltaLiquidity(books, band, stress);
    return delta === 0 ? Infinity : (delta > 0 ? buy : sell) / Math.abs(delta);
  });
  const worst = scores.reduce((least, score, i) => (score < scores[least]! ? i : least), 0);
  return { score: scores[worst]!, worst: scenarios[worst]!.name, scores };
}
