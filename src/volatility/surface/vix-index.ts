/**
 * The VIX rules: model-free variance of two expiries from out-of-the-money quotes, blended to 30 days.
 *
 *   sigma^2 = 2/T sum_i (dK_i / K_i^2) e^(R T) Q(K_i) - 1/T (F/K_0 - 1)^2
 *   F       = K + e^(R T) (C - P) at the strike where the mid prices differ least;  K_0 the greatest strike at or below F
 *   index   = 100 sqrt( [T_1 s_1^2 (N_2 - N_30) + T_2 s_2^2 (N_30 - N_1)] / (N_2 - N_1) x N_365 / N_30 ),  N in minutes
 *
 * Q is the mid of the out-of-the-money option, the average of put and call at K_0; going outwards from K_0, options without a
 * bid are left out and a wing ends at two in a row. Cboe, "VIX White Paper" (2019).
 */
import { requireArray, requireFinite, requireNonNegative, requireObject, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { exp } from '../../math/exponential.js';

/** One expiry's quotes; every array has one entry a strike, 0 for a missing bid or ask. */
export interface VixTerm {
  minutesToExpiry: number;
  /** Continuously compounded, a decimal per year. */
  rate: number;
  /** Ascending. */
  strikes: number[];
  callBid: number[];
  callAsk: number[];
  putBid: number[];
  putAsk: number[];
}

export interface VixTermVariance {
  forward: number;
  /** Annualised. */
  variance: number;
  strikesUsed: number;
}

const MINUTES_PER_YEAR = 525_600;
const MINUTES_IN_30_DAYS = 43_200;

/**
 * The index from the expiries on either side of 30 days. Fails with 'too-few-strikes' where an expiry has no strike quoted on
 * all four sides, no strike at or below its forward, or no out-of-the-money quote with a bid on one of the wings.
 * Throws InputError on arrays of unequal length, strikes out of order, negative prices, or next not later than near.
 */
export function vixIndex(
  near: VixTerm,
  next: VixTerm,
): { ok: true; index: number; near: VixTermVariance; next: VixTermVariance } | Failure<'too-few-strikes'> {
  requireTerm('near', near);
  requireTerm('next', next);
  if (!(next.minutesToExpiry > near.minutesToExpiry)) {
    throw new InputError('next.minutesToExpiry', next.minutesToExpiry, `above near's ${near.minutesToExpiry}`);
  }
  const first = termVariance('near', near);
  if ('reason' in first) return first;
  const second = termVariance('next', next);
  if ('reason' in second) return second;
  const total = (term: VixTerm, { variance }: VixTermVariance): number =>
    (term.minutesToExpiry / MINUTES_PER_YEAR) * variance;
  const span = next.minutesToExpiry - near.minutesToExpiry;
  const blended =
    (total(near, first) * (next.minutesToExpiry - MINUTES_IN_30_DAYS) +
      total(next, second) * (MINUTES_IN_30_DAYS - near.minutesToExpiry)) /
    span;
  const index = 100 * Math.sqrt(Math.max(0, blended) * (MINUTES_PER_YEAR / MINUTES_IN_30_DAYS));
  return { ok: true, index, near: first, next: second };
}

function termVariance(name: string, term: VixTerm): VixTermVariance | Failure<'too-few-strikes'> {
  const { strikes, rate } = term;
  const time = term.minutesToExpiry / MINUTES_PER_YEAR;
  const growth = exp(rate * time);
  const callMid = (i: number): number => 0.5 * (term.callBid[i]! + term.callAsk[i]!);
  const putMid = (i: number): number => 0.5 * (term.putBid[i]! + term.putAsk[i]!);

  let atTheMoney = -1;
  let least = Infinity;
  for (let i = 0; i < strikes.length; i++) {
    const quoted = term.callBid[i]! > 0 && term.callAsk[i]! > 0 && term.putBid[i]! > 0 && term.putAsk[i]! > 0;
    const difference = Math.abs(callMid(i) - putMid(i));
    if (quoted && difference < least) [least, atTheMoney] = [difference, i];
  }
  if (atTheMoney < 0) return tooFew(name, 'no strike has all four sides quoted', 0);
  const forward = strikes[atTheMoney]! + growth * (callMid(atTheMoney) - putMid(atTheMoney));
  const centre = strikes.findLastIndex((strike) => strike <= forward);
  if (centre < 0) return tooFew(name, 'no strike lies at or below the forward', 0);

  const puts = wing(term.putBid, centre, -1).reverse();
  const calls = wing(term.callBid, centre, 1);
  if (puts.length === 0 || calls.length === 0) {
    return tooFew(name, 'a wing has no quote with a bid', puts.length + calls.length);
  }
  const used = [...puts, centre, ...calls];
  let sum = 0;
  used.forEach((i, at) => {
    const below = strikes[used[at - 1] ?? i]!;
    const above = strikes[used[at + 1] ?? i]!;
    const width = at === 0 || at === used.length - 1 ? above - below : 0.5 * (above - below);
    const mid = i < centre ? putMid(i) : i > centre ? callMid(i) : 0.5 * (putMid(i) + callMid(i));
    sum += (width / (strikes[i]! * strikes[i]!)) * growth * mid;
  });
  const tilt = forward / strikes[centre]! - 1;
  return { forward, variance: (2 * sum - tilt * tilt) / time, strikesUsed: used.length };
}

/** Strikes outwards from the centre with a bid, up to two in a row without. */
function wing(bids: readonly number[], centre: number, direction: 1 | -1): number[] {
  const found: number[] = [];
  let missing = 0;
  for (let i = centre + direction; i >= 0 && i < bids.length && missing < 2; i += direction) {
    if (bids[i]! > 0) {
      found.push(i);
      missing = 0;
    } else missing++;
  }
  return found;
}

function tooFew(name: string, why: string, value: number): Failure<'too-few-strikes'> {
  return { ok: false, reason: 'too-few-strikes', message: `${name}: ${why}`, value, limit: 2 };
}

function requireTerm(name: string, term: VixTerm): void {
  requireObject(name, term);
  requirePositive(`${name}.minutesToExpiry`, term.minutesToExpiry);
  requireFinite(`${name}.rate`, term.rate);
  requireArray(`${name}.strikes`, term.strikes).forEach((strike, i) => {
    requirePositive(`${name}.strikes[${i}]`, strike);
    if (i > 0 && !(term.strikes[i]! > term.strikes[i - 1]!)) {
      throw new InputError(`${name}.strikes[${i}]`, strike, 'above the strike before it');
    }
  });
  for (const side of ['callBid', 'callAsk', 'putBid', 'putAsk'] as const) {
    const prices = requireArray(`${name}.${side}`, term[side]);
    if (prices.length !== term.strikes.length) {
      throw new InputError(`${name}.${side}`, prices, `an array of ${term.strikes.length} numbers`);
    }
    prices.forEach((price, i) => requireNonNegative(`${name}.${side}[${i}]`, price));
  }
}
