/**
 * Funding of perpetuals: what longs pay shorts (negative: shorts pay longs) for the price to stay near the index.
 *
 *   premium = (mark - index)/index,   rate = max(d, premium) + min(-d, premium),  within [-cap, cap]
 *   linear    long pays rate x notional,   inverse: rate x (N / mark) coin for N units of quote currency
 *
 * Within the clamp |premium| <= d the rate is 0, outside it is what passes the clamp. Venues differ in d, in the interval and in the
 * averaging of the premium; those come in as parameters.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { compensatedSum } from '../math/sum.js';

export interface FundingInput {
  mark: number;
  index: number;
  /** d, decimal: 0.0005 for 0.05%. */
  clamp: number;
  /** Greatest size of the rate; none where missing. */
  cap?: number | undefined;
}

/** Per funding interval of the venue, decimal. Throws InputError where a price is not above 0, or clamp or cap below 0. */
export function perpetualFundingRate(i: FundingInput): number {
  const index = requirePositive('index', i.index);
  const premium = (requirePositive('mark', i.mark) - index) / index;
  const clamp = requireNonNegative('clamp', i.clamp);
  const rate = premium > clamp ? premium - clamp : premium < -clamp ? premium + clamp : 0;
  if (i.cap === undefined) return rate;
  const cap = requireNonNegative('cap', i.cap);
  return Math.min(Math.max(rate, -cap), cap);
}

/** What the holder receives, in the notional's currency: negative for a long at a positive rate. Throws InputError on non-numbers. */
export function fundingPayment(signedNotional: number, rate: number): number {
  const payment = requireFinite('signedNotional', signedNotional) * requireFinite('rate', rate);
  return payment === 0 ? 0 : -payment;
}

/**
 * The same of an inverse perpetual, in coin; `signedNotional` in quote currency. Throws InputError where the mark is not above 0.
 */
export function inverseFundingPayment(signedNotional: number, rate: number, mark: number): number {
  return fundingPayment(signedNotional / requirePositive('mark', mark), rate);
}

/** Funding carry per day of several positions, notionals in one currency: positive is received. Throws InputError on non-numbers. */
export function fundingCarryPerDay(positions: readonly { signedNotional: number; ratePerDay: number }[]): number {
  return compensatedSum(positions.map(({ signedNotional, ratePerDay }) => fundingPayment(signedNotional, ratePerDay)));
}
