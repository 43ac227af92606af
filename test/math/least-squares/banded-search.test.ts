import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../benchmarks/calibration/random.js';
import { bandedSearch } from '../../../src/math/least-squares/banded-search.js';
import type { BandedNormal } from '../../../src/math/least-squares/banded-search.js';
import { leastSquares } from '../../../src/math/least-squares/least-squares.js';

const N = 12;

/** Residuals that tie each variable to its two neighbours: exp(x_i / 3) + x_(i+1) x_(i+2) / 4 - t_i, and x_i - s_i. */
function chain(seed: number) {
  const random = randomStream(seed);
  const t = Array.from({ length: N }, () => random.uniform(0, 2));
  const s = Array.from({ length: N }, () => random.uniform(-1, 1));
  const evaluate = (x: Float64Array, r: Float64Array): void => {
    for (let i = 0; i < N; i++) {
      r[i] = Math.exp(x[i]! / 3) + ((x[i + 1] ?? 1) * (x[i + 2] ?? 1)) / 4 - t[i]!;
      r[N + i] = x[i]! - s[i]!;
    }
  };
  const rows = (x: Float64Array, i: number): [number, number][] => {
    const row: [number, number][] = [[i, Math.exp(x[i]! / 3) / 3]];
    if (i + 1 < N) row.push([i + 1, (x[i + 2] ?? 1) / 4]);
    if (i + 2 < N) row.push([i + 2, x[i + 1]! / 4]);
    return row;
  };
  const r = new Float64Array(2 * N);
  const banded = (x: Float64Array, { gradient, band }: BandedNormal): number => {
    evaluate(x, r);
    gradient.fill(0);
    band.fill(0);
    for (let i = 0; i < 2 * N; i++) {
      const row: [number, number][] = i < N ? rows(x, i) : [[i - N, 1]];
      for (const [a, slope] of row) {
        gradient[a]! += slope * r[i]!;
        for (const [b, other] of row) if (b <= a) band[3 * a + a - b]! += slope * other;
      }
    }
    return 0.5 * r.reduce((sum, value) => sum + value * value, 0);
  };
  return { evaluate, banded };
}

describe('bandedSearch', () => {
  it.each([
    ['in the open', -10, 10],
    ['in a box that binds', -0.2, 0.3],
  ])('finds the minimum that the dense engine finds: %s', (_, lower, upper) => {
    for (let seed = 1; seed <= 30; seed++) {
      const { evaluate, banded } = chain(seed);
      const x = new Float64Array(N);
      const found = bandedSearch(2, banded, x, new Float64Array(N).fill(lower), new Float64Array(N).fill(upper), {
        firstLambda: 1e-3,
        maxIterations: 100,
        costTolerance: 1e-14,
      });
      const dense = leastSquares(
        {
          parameters: N,
          residuals: 2 * N,
          evaluate,
          lower: new Array<number>(N).fill(lower),
          upper: new Array<number>(N).fill(upper),
        },
        { start: new Array<number>(N).fill(0), costTolerance: 1e-14 },
      );
      expect(dense.ok && found.converged).toBe(true);
      if (dense.ok) expect(Math.abs(found.cost - dense.cost)).toBeLessThan(1e-8 * dense.cost);
      expect(Math.min(...x)).toBeGreaterThanOrEqual(lower);
      expect(Math.max(...x)).toBeLessThanOrEqual(upper);
    }
  });

  it('shortens steps that leave the domain of the cost', () => {
    // -ln x + x: the first step from 5 overshoots to below 0.
    const x = Float64Array.of(5);
    const search = bandedSearch(
      0,
      (at, { gradient, band }) => {
        if (!(at[0]! > 0)) return Infinity;
        gradient[0] = 1 - 1 / at[0]!;
        band[0] = 1 / at[0]! ** 2;
        return at[0]! - Math.log(at[0]!);
      },
      x,
      Float64Array.of(-100),
      Float64Array.of(100),
      { firstLambda: 0, maxIterations: 60, costTolerance: 1e-14 },
    );
    expect(search.converged).toBe(true);
    expect(x[0]).toBeCloseTo(1, 6);
  });

  it('searches nothing from a start without a cost', () => {
    const search = bandedSearch(0, () => NaN, Float64Array.of(1), Float64Array.of(0), Float64Array.of(2), {
      firstLambda: 0,
      maxIterations: 10,
      costTolerance: 1e-9,
    });
    expect(search).toMatchObject({ iterations: 0, converged: false });
  });
});
