/**
 * A share that pays cash, three ways of saying what moves at random between the payments. D_t is the present value at t of cash still
 * to come, carried at r - q; volatility means that of what is random.
 *
 *   affine     S_t = A_t X_t + D_t,  A_t = (S_0 - D_0) e^((r - q)t), over all dividends listed       (Buehler, Volatility and dividends, 2010)
 *   escrowed   the same over the dividends to expiry only: equal to `affine` where none is listed after it
 *   spot       S itself is lognormal between the dates and falls by the cash, or to nothing where it is worth less
 *
 * X is a lognormal martingale. The models give different prices for the same volatility; a volatility is carried from one to another
 * by the price of the European option (dividend-conversion.ts), never as it is.
 */
import { requireArray, requireNonNegative, requireObject } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import type { CashDividend } from '../curves.js';

export type DividendModel = 'affine' | 'escrowed' | 'spot';

export const DIVIDEND_MODELS: readonly DividendModel[] = ['affine', 'escrowed', 'spot'];

/** Dividends that count, in order of time; amounts and times above 0. */
export interface DividendSchedule {
  readonly model: DividendModel;
  readonly times: readonly number[];
  readonly amounts: readonly number[];
  /** D_0; 0 in the model `spot`. */
  readonly escrow: number;
  /** D_T, what is still to come at expiry; above 0 in the model `affine` only. */
  readonly escrowAtExpiry: number;
}

/** Reads and checks dividends; undefined where none counts. Those at time 0 have left the spot. */
export function readDividends(
  dividends: readonly CashDividend[] | undefined,
  model: DividendModel,
  spot: number,
  carry: number,
  timeToExpiry: number,
): DividendSchedule | undefined {
  if (dividends === undefined) return undefined;
  const listed = requireArray('dividends', dividends).map((entry, i) => {
    const { timeToExDate, amount } = requireObject(`dividends[${i}]`, entry);
    return {
      time: requireNonNegative(`dividends[${i}].timeToExDate`, timeToExDate),
      amount: requireNonNegative(`dividends[${i}].amount`, amount),
    };
  });
  const counted = listed
    .filter(({ time, amount }) => time > 0 && amount > 0 && (time <= timeToExpiry || model === 'affine'))
    .sort((a, b) => a.time - b.time);
  if (counted.length === 0) return undefined;
  const times = counted.map(({ time }) => time);
  const amounts = counted.map(({ amount }) => amount);
  const schedule = { model, times, amounts, escrow: 0, escrowAtExpiry: 0 };
  const worth = escrowAt(schedule, carry, 0);
  if (!(worth < spot)) throw new InputError('dividends', worth, `worth less today than the spot, ${spot}`);
  return model === 'spot'
    ? schedule
    : { ...schedule, escrow: worth, escrowAtExpiry: escrowAt(schedule, carry, timeToExpiry) };
}

/** The value at t of the cash after t, discounted at the carry. */
export function escrowAt(
  { times, amounts }: Pick<DividendSchedule, 'times' | 'amounts'>,
  carry: number,
  t: number,
): number {
  let sum = 0;
  for (let i = times.length - 1; i >= 0 && times[i]! > t; i--) sum += amounts[i]! * exp(-carry * (times[i]! - t));
  return sum;
}
