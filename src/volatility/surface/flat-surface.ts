/** One volatility at every strike and expiry: for tests, examples and books marked flat. */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { calendarClock, yearFraction } from '../../market/clock.js';
import type { Instant } from '../../market/quote.js';
import { openSurface } from './surface.js';
import type { VolatilitySurface } from './surface.js';

/**
 * A surface of constant `volatility` (decimal) with one forward and, where given, one discount factor at every expiry.
 * Expiries are instants after asOf, in any order. Throws InputError naming the field that is not so.
 */
export function flatSurface(o: {
  underlying: string;
  asOf: Instant;
  volatility: number;
  forward: number;
  discountFactor?: number | undefined;
  expiries: Instant[];
}): VolatilitySurface {
  requireFinite('asOf', o.asOf);
  requireNonNegative('volatility', o.volatility);
  requirePositive('forward', o.forward);
  const discountFactor = o.discountFactor === undefined ? 1 : requirePositive('discountFactor', o.discountFactor);
  requireArray('expiries', o.expiries);
  const expiries = [...new Set(o.expiries)].sort((one, other) => one - other);
  const slices = expiries.map((expiry) => {
    if (!(expiry > o.asOf)) throw new InputError('expiries', expiry, 'instants after asOf');
    const timeToExpiry = yearFraction(o.asOf, expiry);
    const parameters = { a: o.volatility * o.volatility * timeToExpiry, b: 0, rho: 0, m: 0, sigma: 1 };
    return { expiry, timeToExpiry, varianceTime: timeToExpiry, forward: o.forward, discountFactor, parameters };
  });
  return openSurface({
    schema: 1,
    underlying: o.underlying,
    asOf: o.asOf,
    clock: calendarClock,
    interpolation: 'total-variance',
    slices,
    calendar: [],
  });
}
