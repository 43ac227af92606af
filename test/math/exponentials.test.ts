import { describe, expect, it } from 'vitest';
import { exp, exponentials } from '../../src/math/exponential.js';
import { seededRandom } from '../../src/math/random.js';

describe('exponentials', () => {
  it('have the bits of exp, at ordinary numbers and beyond', () => {
    const random = seededRandom(7);
    const edges = [0, -0, 1e-300, -708, 708, 709, 709.7, 710, -709, -745, -746, Infinity, -Infinity, NaN];
    const x = Float64Array.from([...edges, ...Array.from({ length: 20_000 }, () => 1600 * random.uniform() - 800)]);
    const small = Float64Array.from({ length: 20_000 }, () => 4 * random.uniform() - 3);
    for (const column of [x, small]) {
      const found = column.slice();
      exponentials(found, column.length);
      expect(found).toEqual(column.map((value) => exp(value)));
    }
  });

  it('are of the first numbers only', () => {
    const column = Float64Array.of(1, 2, 3);
    exponentials(column, 2);
    expect([...column]).toEqual([exp(1), exp(2), 3]);
  });
});
