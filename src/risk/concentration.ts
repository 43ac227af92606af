/**
 * How far an exposure is from being spread out: the Herfindahl index of its shares and what follows from it.
 *
 *   w_i = |v_i| / sum |v|,   herfindahl = sum w_i^2 (from 1/n to 1),   effective number = 1 / herfindahl
 *
 * The values are exposures by name, expiry, strike, venue or any other key: delta notionals, vegas, margins. Herfindahl (1950).
 */
import { requireFinite } from '../check.js';
import { InputError } from '../errors.js';
import { compensatedSum } from '../math/sum.js';

export interface Concentration {
  /** Between 1/n and 1; 0 where nothing is held. */
  herfindahl: number;
  /** The number of equal exposures with the same index; 0 where nothing is held. */
  effectiveNumber: number;
  /** The share of the `n` largest, from 0 to 1. Throws InputError unless n is a whole number, 0 or more. */
  topShare(n: number): number;
}

/** Signs are dropped: a short is as concentrated as a long. Throws InputError where a value is not finite. */
export function concentration(values: ArrayLike<number>): Concentration {
  const sizes = Float64Array.from(values, (value, i) => Math.abs(requireFinite(`values[${i}]`, value)));
  // Divided by the largest first, so that the sum cannot overflow.
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const descending = sizes
    .map((size) => (largest > 0 ? size / largest : 0))
    .sort()
    .reverse();
  const total = compensatedSum(descending);
  const herfindahl = total > 0 ? compensatedSum(descending.map((size) => size * size)) / (total * total) : 0;
  return {
    herfindahl,
    effectiveNumber: herfindahl > 0 ? 1 / herfindahl : 0,
    topShare: (n) => {
      if (!Number.isInteger(n) || n < 0) throw new InputError('n', n, 'a whole number, 0 or more');
      return total > 0 ? compensatedSum(descending.subarray(0, n)) / total : 0;
    },
  };
}
