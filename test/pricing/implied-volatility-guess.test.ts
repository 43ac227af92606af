import { describe, expect, it } from 'vitest';
import {
  GUESS_LIMIT,
  inflectionValue,
  lowerGuess,
  lowerVariable,
  upperGuess,
} from '../../src/pricing/implied-volatility-guess.js';
import { sampleAt } from './implied-volatility-sample.js';

describe('the first guesses', () => {
  const roots = Array.from({ length: 61 }, (_, i) => Math.sqrt(GUESS_LIMIT) * (1e-6 + (1 - 1e-6) * (i / 60)));
  it('know the value at the inflection to 6.3e-7', () => {
    for (const root of roots) {
      const at = sampleAt(root * Math.SQRT1_2, root * Math.SQRT2);
      expect(Math.abs(inflectionValue(root) / at!.p - 1)).toBeLessThan(6.4e-7);
    }
  });
  it('are good to 6.5e-4 below the inflection and 5e-4 above', () => {
    let lower = 0;
    let upper = 0;
    for (const root of roots) {
      const x = root * root;
      for (let i = 0; i <= 200; i++) {
        const h = root * Math.SQRT1_2 * (37 / (root * Math.SQRT1_2)) ** (i / 200);
        const below = sampleAt(h, x / h);
        if (below !== undefined) {
          const guess = lowerGuess(below.x, Math.sqrt(below.x), lowerVariable(below.x, below.p));
          lower = Math.max(lower, Math.abs(guess / below.s - 1));
        }
        const s = root * Math.SQRT2 + 15 * (i / 200) ** 2;
        const above = sampleAt(x / s, s);
        if (above !== undefined && above.p >= inflectionValue(root)) {
          upper = Math.max(upper, Math.abs(upperGuess(root, above.p, inflectionValue(root)) / s - 1));
        }
      }
    }
    expect(lower).toBeLessThan(6.5e-4);
    expect(upper).toBeLessThan(5e-4);
  });
});
