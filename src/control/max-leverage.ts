/**
 * How much leverage an account can run: one limit a reason, and the smallest of them with its name.
 *
 *   survival of a shock -x (long)    1 - L x  >= m L (1 - x)      L <= 1/(x + m (1 - x))
 *   survival of a shock +x (short)   1 - L x  >= m L (1 + x)      L <= 1/(x + m (1 + x))
 *   venue                            IM(L E) <= E
 *   value at risk                    L <= limit / (value at risk of exposure 1)
 *   liquidation probability p        the barrier that is touched with probability p, and the leverage that has it there:
 *                                    long B/S = (L - 1)/(L (1 - m)),  short B/S = (L + 1)/(L (1 + m))
 *
 * L is exposure over equity in size, m the maintenance rate on the notional at the mark, E the equity.
 */
import {
  requireArray,
  requireNonNegative,
  requireOneOf,
  requirePositive,
  requireText,
  requireWithin,
} from '../check.js';
import { InputError } from '../errors.js';
import { brent } from '../math/brent.js';
import { exp } from '../math/exponential.js';
import { marginCallProbability } from '../risk/margin-call.js';

export interface ShockSurvival {
  /** Adverse move of the price as a decimal: a fall for a long position, a rise for a short one. */
  shock: number;
  /** Maintenance margin as a part of the notional after the move. */
  maintenanceRate: number;
  /** 'long' where missing. */
  side?: 'long' | 'short' | undefined;
}

/**
 * The leverage at which equity after the shock just covers maintenance margin. Infinity where shock and rate are both 0. Throws
 * InputError on a shock or rate below 0, a rate of 1 or more, or a fall of more than 1.
 */
export function maxLeverage(i: ShockSurvival): { target: number } {
  const long = requireOneOf('side', i.side ?? 'long', ['long', 'short']) === 'long';
  const shock = long ? requireWithin('shock', i.shock, 0, 1) : requireNonNegative('shock', i.shock);
  const rate = requireNonNegative('maintenanceRate', i.maintenanceRate);
  if (rate >= 1) throw new InputError('maintenanceRate', rate, 'below 1');
  return { target: 1 / (shock + rate * (long ? 1 - shock : 1 + shock)) };
}

/**
 * The largest leverage whose initial margin the equity covers, `initialMargin(notional)` in the currency of the equity and not
 * falling in the notional. Searched up to `ceiling` (1000 where missing), which is returned where it is covered too.
 */
export function venueLeverageCap(i: {
  equity: number;
  initialMargin: (notional: number) => number;
  ceiling?: number | undefined;
}): number {
  const equity = requirePositive('equity', i.equity);
  const ceiling = requirePositive('ceiling', i.ceiling ?? 1000);
  const spare = (leverage: number): number => equity - i.initialMargin(leverage * equity);
  const atCeiling = spare(ceiling);
  if (Number.isNaN(atCeiling)) throw new InputError('initialMargin', atCeiling, 'a function with numbers as values');
  if (atCeiling >= 0) return ceiling;
  if (spare(0) <= 0) return 0;
  const found = brent(spare, 0, ceiling);
  // Margins with steps: the root may lie a rounding beyond the last leverage that is covered.
  return spare(found) >= 0 ? found : found * (1 - 4 * Number.EPSILON);
}

/** `limit` is the loss allowed as a part of equity, `valueAtRisk` the one of an exposure as large as the equity; Infinity where that is not above 0. */
export function valueAtRiskLeverageCap(i: { limit: number; valueAtRisk: number }): number {
  const limit = requireNonNegative('limit', i.limit);
  return i.valueAtRisk <= 0 ? Infinity : limit / requirePositive('valueAtRisk', i.valueAtRisk);
}

export interface LiquidationCap {
  /** Largest accepted probability of liquidation within the horizon, above 0 and below 1. */
  probability: number;
  volatility: number;
  horizonYears: number;
  maintenanceRate: number;
  drift?: number | undefined;
  /** 'long' where missing. */
  side?: 'long' | 'short' | undefined;
}

/**
 * The leverage at which liquidation within the horizon has just that probability, under the closed form of margin-call.ts. Throws
 * InputError on numbers out of range, or a volatility or horizon of 0 where there is no probability to speak of.
 */
export function liquidationLeverageCap(i: LiquidationCap): number {
  const probability = requirePositive('probability', i.probability);
  if (probability >= 1) throw new InputError('probability', probability, 'below 1');
  const volatility = requirePositive('volatility', i.volatility);
  const horizonYears = requirePositive('horizonYears', i.horizonYears);
  const rate = requireNonNegative('maintenanceRate', i.maintenanceRate);
  if (rate >= 1) throw new InputError('maintenanceRate', rate, 'below 1');
  const long = requireOneOf('side', i.side ?? 'long', ['long', 'short']) === 'long';
  const drift = i.drift ?? 0;
  const toward = long ? -1 : 1;
  const excess = (distance: number): number =>
    marginCallProbability({
      ...{ spot: 1, barrier: exp(toward * distance), volatility, horizonYears, drift },
      side: long ? 'lower' : 'upper',
    }).path - probability;
  const s = volatility * Math.sqrt(horizonYears);
  let far = s;
  while (excess(far) > 0 && far < 600) far *= 2;
  if (excess(far) > 0) return long ? 1 : 0;
  const barrier = exp(toward * brent(excess, 0, far));
  return long ? 1 / (1 - barrier * (1 - rate)) : 1 / (barrier * (1 + rate) - 1);
}

/** A limit on leverage and what it comes from. */
export interface LeverageCap {
  name: string;
  /** Infinity where it does not bind at any leverage. */
  limit: number;
}

/**
 * The smallest limit (0 where one is below) and its name, the first among equals; `caps` sorted from the tightest. Throws InputError
 * where there are no caps or a limit is NaN.
 */
export function tightestCap(caps: readonly LeverageCap[]): { target: number; binding: string; caps: LeverageCap[] } {
  requireArray('caps', caps);
  caps.forEach((cap, k) => {
    requireText(`caps[${k}].name`, cap.name);
    if (typeof cap.limit !== 'number' || Number.isNaN(cap.limit)) {
      throw new InputError(`caps[${k}].limit`, cap.limit, 'a number');
    }
  });
  const sorted = [...caps].sort((a, b) => (a.limit < b.limit ? -1 : a.limit > b.limit ? 1 : 0));
  const tightest = sorted[0];
  if (tightest === undefined) throw new InputError('caps', caps, 'one cap or more');
  return { target: Math.max(tightest.limit, 0), binding: tightest.name, caps: sorted };
}
