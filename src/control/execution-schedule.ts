/**
 * One trade cut into slices over time, and what it cost in the end against the price it was decided at.
 *
 *   TWAP: equal slices.   Impact-optimal: what is left follows sinh(kappa (T - t))/sinh(kappa T) (trading-rate.ts)
 *   shortfall = sum q_k (p_k - p_0) + fees,   positive is a cost
 *
 * Perold, "The implementation shortfall" (1988); Almgren and Chriss (2000).
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { compensatedSum } from '../math/sum.js';
import { almgrenChrissSchedule } from './trading-rate.js';

export interface ExecutionScheduleInput {
  /** Signed: positive to buy. */
  quantity: number;
  years: number;
  slices: number;
  /** TWAP where missing; otherwise kappa per year, sqrt(risk aversion x variance / impact). */
  urgency?: number | undefined;
  /** Years from the decision to the first fill; 0 where missing. */
  lagYears?: number | undefined;
  /** Slices are multiples of this, the rounding carried forward; not rounded where missing. */
  lot?: number | undefined;
}

export interface ExecutionSlice {
  /** Years from the decision. */
  at: number;
  quantity: number;
}

/** One slice at the start of each of the `slices` intervals; quantities sum to the whole. Throws InputError on numbers out of range. */
export function executionSchedule(i: ExecutionScheduleInput): ExecutionSlice[] {
  const lag = requireNonNegative('lagYears', i.lagYears ?? 0);
  const { quantity, years, slices } = i;
  const left = almgrenChrissSchedule({ quantity, years, slices, urgency: i.urgency ?? 0 });
  if (i.lot !== undefined) {
    const lot = requirePositive('lot', i.lot);
    for (let k = 1; k < slices; k++) left[k] = lot * Math.round(left[k]! / lot);
  }
  return Array.from({ length: slices }, (_, k) => ({
    at: lag + (years * k) / slices,
    quantity: left[k]! - left[k + 1]!,
  }));
}

export interface Fill {
  /** Signed: positive for a purchase. */
  quantity: number;
  price: number;
  /** 0 or more; 0 where missing. */
  fee?: number | undefined;
}

export interface ShortfallInput {
  fills: readonly Fill[];
  /** The price when the trade was decided. */
  decisionPrice: number;
  /** What was to be traded; the rest of it counts at `finalPrice`. The sum of the fills where missing. */
  quantity?: number | undefined;
  finalPrice?: number | undefined;
}

export interface RealisedShortfall {
  /** In currency, positive for a cost. */
  cost: number;
  /** Its parts: prices moved, fees, and what was not traded. */
  price: number;
  fees: number;
  unfilled: number;
  /** Cost over the size of the trade at the decision price; 0 where nothing was to be traded. */
  fraction: number;
}

/** Throws InputError on prices not above 0, or a part not traded without a `finalPrice`. */
export function realisedShortfall(i: ShortfallInput): RealisedShortfall {
  const decision = requirePositive('decisionPrice', i.decisionPrice);
  requireArray('fills', i.fills);
  const filled = compensatedSum(i.fills.map((fill, k) => requireFinite(`fills[${k}].quantity`, fill.quantity)));
  const wanted = i.quantity === undefined ? filled : requireFinite('quantity', i.quantity);
  const price = compensatedSum(
    i.fills.map((fill, k) => fill.quantity * (requirePositive(`fills[${k}].price`, fill.price) - decision)),
  );
  const fees = compensatedSum(i.fills.map((fill, k) => requireNonNegative(`fills[${k}].fee`, fill.fee ?? 0)));
  const missing = wanted - filled;
  const isFilled = Math.abs(missing) <= 1e-12 * Math.abs(wanted);
  if (!isFilled && i.finalPrice === undefined) {
    throw new InputError('finalPrice', i.finalPrice, 'given where a part was not traded');
  }
  const unfilled = isFilled ? 0 : missing * (requirePositive('finalPrice', i.finalPrice) - decision);
  const cost = price + fees + unfilled;
  return { cost, price, fees, unfilled, fraction: wanted === 0 ? 0 : cost / (Math.abs(wanted) * decision) };
}
