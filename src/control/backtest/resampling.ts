/**
 * Rows of a history drawn anew in blocks: each drawn row is followed by the next one, or with probability 1/meanBlock by a row drawn
 * at random; after the last comes the first. Politis and Romano, "The stationary bootstrap" (1994).
 */
import { InputError } from '../../errors.js';
import type { Random } from '../../math/random.js';

/** n^(1/3) where missing. Throws InputError below 1. */
export function meanBlockOf(meanBlock: number | undefined, n: number): number {
  const length = meanBlock ?? Math.max(1, n ** (1 / 3));
  if (!(length >= 1)) throw new InputError('meanBlock', length, 'at least 1');
  return length;
}

/** Calls `visit` with as many indices from 0 to n - 1, by place. */
export function drawBlocks(
  random: Random,
  n: number,
  meanBlock: number,
  visit: (place: number, from: number) => void,
): void {
  let from = random.index(n);
  for (let place = 0; place < n; place++) {
    visit(place, from);
    from = random.uniform() * meanBlock < 1 ? random.index(n) : (from + 1) % n;
  }
}
