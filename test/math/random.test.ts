import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';
import { compensatedSum } from '../../src/math/sum.js';

describe('seededRandom', () => {
  it('repeats itself by seed', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => random.normal());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('has the moments of its distributions', () => {
    const random = seededRandom(1);
    const count = 200_000;
    let first = 0;
    let second = 0;
    let fourth = 0;
    for (let i = 0; i < count; i++) {
      const z = random.normal();
      first += z / count;
      second += (z * z) / count;
      fourth += z ** 4 / count;
    }
    expect(Math.abs(first)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(second - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(fourth - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    const seen = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) seen[random.index(6)]!++;
    for (const hits of seen) expect(Math.abs(hits - 10_000)).toBeLessThan(400);
  });

  it('refuses a seed that is no whole number', () => {
    expect(() => seededRandom(0.5)).toThrow(InputError);
    expect(() => seededRandom(NaN)).toThrow(InputError);
  });
});

describe('compensatedSum', () => {
  it('keeps what plain addition loses', () => {
    expect(compensatedSum([1, 1e100, 1, -1e100])).toBe(2);
    expect(compensatedSum(new Array<number>(1e6).fill(0.1))).toBe(100_000);
  });

  it('walks a column of a table and lets infinity through', () => {
    expect(compensatedSum([1, 10, 2, 20, 3, 30], 1, 2, 3)).toBe(60);
    expect(compensatedSum([1, Infinity, 2])).toBe(Infinity);
    expect(compensatedSum([])).toBe(0);
  });
});
