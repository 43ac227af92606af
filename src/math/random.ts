/** Seeded random numbers: the same seed gives the same numbers everywhere. xoroshiro128+ of the package pure-rand. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InputError } from '../errors.js';
import { inverseNormalCdf } from './normal.js';

export interface Random {
  /** Above 0 and below 1, both ends excluded. */
  uniform(): number;
  /** Standard normal, by inversion: one uniform for one normal. */
  normal(): number;
  /** A whole number from 0 to `count` - 1. */
  index(count: number): number;
}

/** Throws InputError where the seed is not a whole number of 32 bits. */
export function seededRandom(seed: number): Random {
  if (!Number.isInteger(seed) || Math.abs(seed) > 0xffffffff) {
    throw new InputError('seed', seed, 'a whole number of at most 32 bits');
  }
  const generator = xoroshiro128plus(seed);
  const uniform = (): number => {
    for (;;) {
      const value = uniformFloat64(generator);
      if (value > 0 && value < 1) return value;
    }
  };
  return {
    uniform,
    normal: () => inverseNormalCdf(uniform()),
    index: (count) => Math.min(Math.floor(uniform() * count), count - 1),
  };
}
