/**
 * Regulation T's margin of an uncovered short option, per unit of the underlying, by the exchanges' strategy rules:
 *
 *   premium + max(r S - out of the money, 10% S for a call, 10% K for a put),   r = 20%, 15% for a broad index
 *
 * Cboe Rule 10.3; FINRA Rule 4210(f)(2).
 */
import { requireNonNegative, requireOneOf, requirePositive } from '../../check.js';
import type { OptionType } from '../../pricing/option.js';

export interface RegTOption {
  type: OptionType;
  strike: number;
  spot: number;
  /** Received, per unit. */
  premium: number;
  /** On a broad index. */
  index?: boolean | undefined;
}

/** Throws InputError on prices that are not above 0 or a premium below it. */
export function regTMargin({ type, strike, spot, premium, index = false }: RegTOption): { initialMargin: number } {
  requireOneOf('type', type, ['call', 'put']);
  requirePositive('strike', strike);
  requirePositive('spot', spot);
  requireNonNegative('premium', premium);
  const out = Math.max(0, type === 'call' ? strike - spot : spot - strike);
  const floor = 0.1 * (type === 'call' ? spot : strike);
  return { initialMargin: premium + Math.max((index ? 0.15 : 0.2) * spot - out, floor) };
}
