/** Coverage of the 95% intervals over 2000 draws: well-specified SVI, interior parameters. */
import { expect, it } from 'vitest';
import { coverage } from './coverage.js';

it('states 95% intervals that hold the truth 93 to 97 times in a hundred', () => {
  const { covered, draws } = coverage(2000, 2);
  for (const count of covered) {
    expect(count / draws).toBeGreaterThanOrEqual(0.93);
    expect(count / draws).toBeLessThanOrEqual(0.97);
  }
});
