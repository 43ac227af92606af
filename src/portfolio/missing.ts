/**
 * What happens to a position the snapshot has no data for. It is never dropped in silence: the caller chooses between an error,
 * leaving it out, and its intrinsic value, and whatever was not valued in full is listed.
 */
import type { Currency } from '../market/quote.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';

/**
 * 'throw' (the default): an InputError. 'exclude': the position counts as nothing. 'intrinsic': an option without a volatility or
 * a forward counts at its intrinsic value at the spot; what lacks a market or an exchange rate is left out. Both are listed.
 */
export type MissingPolicy = 'throw' | 'exclude' | 'intrinsic';

export type MissingReason = 'no-market' | 'no-volatility' | 'no-forward' | 'no-fx';

/** A position left out, or valued at its intrinsic value, and what it lacked. */
export interface Excluded {
  positionId: string;
  reason: MissingReason;
}

export interface ValuationOptions {
  /**
   * In what values and Greeks are expressed. Where missing: the instrument's quote currency, or for a book the one that all its
   * instruments share, 'USD' if they do not.
   */
  numeraire?: Currency | undefined;
  /** 'throw' where missing. */
  missing?: MissingPolicy | undefined;
  /** How the smile moves with the forward, for delta and gamma; 'sticky-strike' where missing. */
  smile?: SmileDynamics | undefined;
}

export const missingPolicies: readonly MissingPolicy[] = ['throw', 'exclude', 'intrinsic'];
