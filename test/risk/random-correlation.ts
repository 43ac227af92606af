/** A random correlation matrix of full rank, and the numbers it was drawn with. */
import { seededRandom } from '../../src/math/random.js';

export function randomCorrelation(seed: number, n: number): { correlation: number[][]; uniform: () => number } {
  const random = seededRandom(seed);
  const rows = Array.from({ length: n }, () => Array.from({ length: n + 2 }, () => random.normal()));
  const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const unit = rows.map((row) => row.map((x) => x / Math.sqrt(dot(row, row))));
  const correlation = unit.map((a, i) => unit.map((b, j) => (i === j ? 1 : Math.min(Math.max(dot(a, b), -1), 1))));
  return { correlation, uniform: () => random.uniform() };
}
