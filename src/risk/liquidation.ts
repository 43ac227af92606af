/**
 * How long it takes to get out, and what holding on meanwhile adds to risk.
 *
 *   days           |Q| / (participation x volume a day), the slowest position decides
 *   unwind factor  sqrt((1 + T)(1 + 2T)/(6T)) x one-day value at risk, the position reduced in equal parts over T days
 *   spread add-on  P (mean spread + a x its deviation)/2,  spreads as fractions of the price
 *
 * Bangia, Diebold, Schuermann and Stroughair, "Modeling liquidity risk" (1999).
 */
import { requireFinite, requireNonNegative, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';

export interface LiquidationPosition {
  quantity: number;
  /** Traded a day, in the same units. */
  dailyVolume: number;
}

/** `participation` is the share of the volume that may be traded, above 0 and 1 at most. Throws InputError on numbers out of range. */
export function timeToLiquidate(
  positions: readonly LiquidationPosition[],
  participation: number,
): { days: number[]; slowest: number } {
  if (!(requireWithin('participation', participation, 0, 1) > 0)) {
    throw new InputError('participation', participation, 'above 0');
  }
  const days = positions.map(({ quantity, dailyVolume }, k) => {
    const volume = requireNonNegative(`positions[${k}].dailyVolume`, dailyVolume);
    const size = Math.abs(requireFinite(`positions[${k}].quantity`, quantity));
    return size === 0 ? 0 : size / (participation * volume);
  });
  return { days, slowest: days.reduce((most, d) => Math.max(most, d), 0) };
}

/** What multiplies a one-day value at risk for an unwind in equal daily parts; 1 for a day or less. Throws InputError unless above 0. */
export function liquidationVaRFactor(days: number): number {
  const t = requirePositive('days', days);
  return t <= 1 ? 1 : Math.sqrt(((1 + t) * (1 + 2 * t)) / (6 * t));
}

/** |exposure| and the cost of closing it, in currency. Throws InputError on a cost below 0. */
export function liquidityAdjustedExposure(exposure: number, exitCost: number): number {
  return Math.abs(requireFinite('exposure', exposure)) + requireNonNegative('exitCost', exitCost);
}

export interface SpreadHistory {
  /** Value of the position. */
  value: number;
  /** (ask - bid)/mid, on average and its deviation over time. */
  meanSpread: number;
  spreadDeviation: number;
  /** a: how many deviations wide the spread is in trouble, 2 to 4.5 as a rule. */
  deviations: number;
}

/** To be added to a value at risk that was computed from mids, in currency. Throws InputError on numbers below 0. */
export function spreadAddOn(i: SpreadHistory): number {
  const widest =
    requireNonNegative('meanSpread', i.meanSpread) +
    requireNonNegative('deviations', i.deviations) * requireNonNegative('spreadDeviation', i.spreadDeviation);
  return 0.5 * Math.abs(requireFinite('value', i.value)) * widest;
}
