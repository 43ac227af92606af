/**
 * What a batch says of each row.
 *
 * | code | name            | after                 | meaning                                                                    |
 * | ---- | --------------- | --------------------- | -------------------------------------------------------------------------- |
 * | 0    | ok              | all three             | every value asked for is there                                             |
 * | 1    | belowIntrinsic  | impliedVolatility     | the price is below the intrinsic value, or negative                        |
 * | 2    | atIntrinsic     | impliedVolatility     | within 4 x 2^-52 of the intrinsic value, zero included: says nothing       |
 * | 3    | aboveMaximum    | impliedVolatility     | at or above the value at infinite volatility                               |
 * | 4    | expired         | impliedVolatility     | time to expiry is 0                                                        |
 * | 5    | beyondPrecision | impliedVolatility     | so close to a bound that a double does not determine the volatility        |
 * |      |                 | greeks                | one of those asked for is no double: it is NaN, the others are there       |
 * | 6    | invalidInput    | all three             | a field the scalar model would refuse with an InputError                   |
 *
 * Else the value columns asked for hold NaN in every row that is not `ok`.
 */
import type { ImpliedVolatility } from '../implied-volatility.js';

export const batchStatus = {
  ok: 0,
  belowIntrinsic: 1,
  atIntrinsic: 2,
  aboveMaximum: 3,
  expired: 4,
  beyondPrecision: 5,
  invalidInput: 6,
} as const;

type Reason = Extract<ImpliedVolatility, { ok: false }>['reason'];

/** The code of a scalar model's reason. */
export const reasonStatus: Readonly<Record<Reason, number>> = {
  'below-intrinsic': batchStatus.belowIntrinsic,
  'at-intrinsic': batchStatus.atIntrinsic,
  'above-maximum': batchStatus.aboveMaximum,
  expired: batchStatus.expired,
  'beyond-precision': batchStatus.beyondPrecision,
};

/** Left by the kernel in rows it leaves to the scalar models. */
export const PENDING = 255;
