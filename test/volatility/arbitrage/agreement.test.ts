import { expect, it } from 'vitest';
import { compare } from './agreement.js';

it('500 random slices: every one decided, and in agreement with an independent test', () => {
  const result = compare(500, 2024);
  expect(result.undecided).toBe(0);
  expect(Math.min(result.proved, result.refuted)).toBeGreaterThan(100);
  expect(result.contradictions).toEqual([]);
});
