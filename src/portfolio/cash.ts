/**
 * How much of an account's equity is free, how much of that can leave, and what should be swept to safety.
 *
 *   free collateral   adjusted equity - initial margin
 *   withdrawable      min(free collateral, cash held), less unrealised gains where the venue keeps them, at least 0
 *   buffer            max(minimum cash, margin call expected over the horizon);  surplus = what is free above it
 *
 * A sweep takes the surplus, limited by what can be withdrawn, and never leaves less than the buffer: sweeping twice is sweeping once.
 */
import { requireFinite, requireNonNegative } from '../check.js';

export interface CashState {
  adjustedEquity: number;
  initialMargin: number;
  /** Cash actually held, in the same currency. */
  cash: number;
  /** Unrealised gains that the venue does not pay out; 0 where missing or where it does. */
  lockedGains?: number | undefined;
}

/** May be negative: a shortfall. Throws InputError for a number that is not finite or a negative margin. */
export function freeCollateral(i: Pick<CashState, 'adjustedEquity' | 'initialMargin'>): number {
  return requireFinite('adjustedEquity', i.adjustedEquity) - requireNonNegative('initialMargin', i.initialMargin);
}

/** What can leave the account now, 0 or more. Throws as {@link freeCollateral} does. */
export function withdrawable(i: CashState): number {
  const locked = requireNonNegative('lockedGains', i.lockedGains ?? 0);
  return Math.max(0, Math.min(freeCollateral(i) - locked, requireFinite('cash', i.cash)));
}

/**
 * What to move to the safe asset: the free collateral above max(minimumCash, marginCall), at most what is withdrawable. `marginCall` is
 * the quantile of the margin call over the horizon. Throws as {@link freeCollateral} does, and for a negative buffer.
 */
export function cashSweep(i: CashState & { minimumCash: number; marginCall: number }): {
  buffer: number;
  sweep: number;
  freeAfter: number;
} {
  const buffer = Math.max(
    requireNonNegative('minimumCash', i.minimumCash),
    requireNonNegative('marginCall', i.marginCall),
  );
  const free = freeCollateral(i);
  const sweep = Math.max(0, Math.min(free - buffer, withdrawable(i)));
  return { buffer, sweep, freeAfter: free - sweep };
}

/** Free collateral over the margin call stressed over the horizon; Infinity without one. Throws as {@link freeCollateral} does. */
export function liquidityBuffer(
  i: Pick<CashState, 'adjustedEquity' | 'initialMargin'> & { stressedCall: number },
): number {
  const call = requireNonNegative('stressedCall', i.stressedCall);
  const free = freeCollateral(i);
  return call === 0 ? (free < 0 ? -Infinity : Infinity) : free / call;
}
