/**
 * Whether the trade of a witness does what it claims: its strikes lie where the condition fails, it never pays less than 0, exactly, and
 * it collects its credit at the volatilities of its slices.
 */
import type { Dyadic } from '../../math/dyadic.js';
import { add, compare, dyadic, multiply, sign, subtract, zero } from '../../math/dyadic.js';
import { interval, log as logInterval } from '../../math/interval.js';
import { log } from '../../math/logarithm.js';
import type { Witness } from './butterfly-witness.js';
import type { Leg } from './certificate.js';
import { priceBetween } from './trade.js';

/** ln K for sure within the interval. */
export function isStrikeWithin(strike: number, [lower, upper]: readonly [number, number]): boolean {
  const k = logInterval(interval(strike));
  return k.lower >= lower && k.upper <= upper;
}

/** The total variance at k by a leg's time, undefined for a time that no slice has. */
export type VarianceOf = (timeToExpiry: number) => ((k: number) => number) | undefined;

/** The trade never pays less than 0 and collects its credit at the volatilities of its slices; an empty trade claims nothing. */
export function isCredible({ trade, credit }: Witness, varianceOf: VarianceOf, calendar: boolean): boolean {
  if (trade.length === 0) return credit === 0;
  if (!(credit > 0) || !(calendar ? isCalendarSpread(trade) : hasNonNegativePayoff(trade))) return false;
  let cost = 0;
  let size = 0;
  for (const { type, strike, timeToExpiry, quantity } of trade) {
    const variance = varianceOf(timeToExpiry);
    if (variance === undefined) return false;
    const k = log(strike);
    const timeValue = priceBetween(k, 0, Math.max(0, variance(k)));
    cost += quantity * (timeValue + Math.max(0, type === 'call' ? 1 - strike : strike - 1));
    size += Math.abs(quantity * timeValue);
  }
  return Math.abs(cost + credit) <= 1e-6 * credit + 1e-9 * size;
}

/** The payoff is linear between strikes: it is enough to look at 0, at the strikes, and at the slope beyond the last; exactly. */
function hasNonNegativePayoff(trade: readonly Leg[]): boolean {
  const payoffAt = (spot: Dyadic): Dyadic =>
    trade.reduce((sum, { type, strike, quantity }) => {
      const inside = type === 'call' ? subtract(spot, dyadic(strike)) : subtract(dyadic(strike), spot);
      return sign(inside) > 0 ? add(sum, multiply(dyadic(quantity), inside)) : sum;
    }, zero);
  const slope = trade.reduce((sum, { type, quantity }) => (type === 'call' ? add(sum, dyadic(quantity)) : sum), zero);
  const corners = [zero, ...trade.map(({ strike }) => dyadic(strike))];
  return compare(slope, zero) >= 0 && corners.every((spot) => sign(payoffAt(spot)) >= 0);
}

/** One sold at the earlier expiry, one bought at the later one, same strike: worth at least its intrinsic value in between. */
function isCalendarSpread(trade: readonly Leg[]): boolean {
  const [sold, bought] = trade;
  if (trade.length !== 2 || sold === undefined || bought === undefined) return false;
  const opposite = sold.quantity < 0 && bought.quantity === -sold.quantity;
  const ordered = sold.timeToExpiry === 1 && bought.timeToExpiry === 2;
  return opposite && ordered && sold.type === bought.type && sold.strike === bought.strike;
}
