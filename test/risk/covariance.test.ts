import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/math/random.js';
import { symmetricEigen } from '../../src/math/symmetric-matrix.js';
import { correlationFromCovariance } from '../../src/risk/correlation.js';
import {
  asynchronousPairs,
  downsideCovariance,
  ewmaCovariance,
  ledoitWolfCovariance,
  pairwiseCovariance,
  sampleCovariance,
} from '../../src/risk/covariance.js';

const least = (matrix: number[][]): number => symmetricEigen(matrix).values[0]!;

/** One common factor and own noise: correlations near 0.5, volatilities 1, 2, 3 ... per cent. */
function factorReturns(seed: number, rows: number, assets: number): number[][] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () => {
    const common = random.normal();
    return Array.from({ length: assets }, (_, i) => 0.01 * (i + 1) * Math.SQRT1_2 * (common + random.normal()));
  });
}

describe('sample', () => {
  it('three rows by hand', () => {
    const rows = [
      [1, 2],
      [2, 0],
      [3, 1],
    ];
    expect(sampleCovariance(rows)).toEqual([
      [1, -0.5],
      [-0.5, 1],
    ]);
    expect(sampleCovariance(rows, { centre: 'zero' })).toEqual([
      [14 / 3, 5 / 3],
      [5 / 3, 5 / 3],
    ]);
  });

  it('is semi-definite with fewer rows than assets', () => {
    const covariance = sampleCovariance(factorReturns(1, 4, 8));
    expect(least(covariance)).toBeGreaterThan(-1e-12 * covariance[7]![7]!);
  });
});

describe('exponentially weighted', () => {
  it('one asset: the recursion, .01 and returns .02, -.03, 0 give .0124508956', () => {
    const variance = ewmaCovariance([[0.02], [-0.03], [0]], { lambda: 0.94, seed: [[1e-4]] })[0]![0]!;
    expect(Math.sqrt(variance)).toBeCloseTo(0.0124508956, 10);
  });

  it('the same as the recursion for pairs; semi-definite; without a seed the weights add up to one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0.5, max: 0.99, noNaN: true }), (seed, lambda) => {
        const rows = factorReturns(seed, 30, 3);
        const start = [
          [1e-4, 0, 0],
          [0, 2e-4, 0],
          [0, 0, 1e-4],
        ];
        let expected = start;
        for (const r of rows) {
          expected = expected.map((row, i) => row.map((s, j) => lambda * s + (1 - lambda) * r[i]! * r[j]!));
        }
        const covariance = ewmaCovariance(rows, { lambda, seed: start });
        covariance.forEach((row, i) => {
          row.forEach((v, j) => {
            expect(v).toBeCloseTo(expected[i]![j]!, 16);
          });
        });
        expect(least(covariance)).toBeGreaterThanOrEqual(-1e-12);
      }),
      { numRuns: 30 },
    );
    expect(ewmaCovariance([[2], [2], [2]], { lambda: 0.9 })[0]![0]).toBeCloseTo(4, 13);
  });
});

describe('Ledoit and Wolf', () => {
  /** The estimate written with matrix products, as in the authors' published program. */
  function published(rows: number[][]): { shrinkage: number } {
    const t = rows.length;
    const n = rows[0]!.length;
    const mean = rows[0]!.map((_, i) => rows.reduce((s, r) => s + r[i]!, 0) / t);
    const x = rows.map((r) => r.map((v, i) => v - mean[i]!));
    const product = (f: (r: number[], i: number) => number, g: (r: number[], j: number) => number): number[][] =>
      mean.map((_, i) => mean.map((__, j) => x.reduce((s, r) => s + f(r, i) * g(r, j), 0) / t));
    const sample = product(
      (r, i) => r[i]!,
      (r, j) => r[j]!,
    );
    const fourth = product(
      (r, i) => r[i]! ** 2,
      (r, j) => r[j]! ** 2,
    );
    const third = product(
      (r, i) => r[i]! ** 3,
      (r, j) => r[j]!,
    );
    let rBar = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) rBar += sample[i]![j]! / Math.sqrt(sample[i]![i]! * sample[j]![j]!);
    rBar = (rBar - n) / (n * (n - 1));
    let phi = 0;
    let rho = 0;
    let gamma = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const p = fourth[i]![j]! - sample[i]![j]! ** 2;
        phi += p;
        const ratio = Math.sqrt(sample[j]![j]! / sample[i]![i]!);
        rho += i === j ? p : rBar * ratio * (third[i]![j]! - sample[i]![i]! * sample[i]![j]!);
        if (i !== j) gamma += (rBar * Math.sqrt(sample[i]![i]! * sample[j]![j]!) - sample[i]![j]!) ** 2;
      }
    }
    return { shrinkage: Math.max(0, Math.min(1, (phi - rho) / gamma / t)) };
  }

  it('the shrinkage of the published program', () => {
    for (const seed of [1, 2, 3]) {
      const rows = factorReturns(seed, 40, 5).map((r) => r.map((v, i) => (i === 4 ? v + 3 * r[3]! : v)));
      const { shrinkage } = published(rows);
      expect(shrinkage).toBeGreaterThan(0);
      expect(shrinkage).toBeLessThan(1);
      expect(ledoitWolfCovariance(rows).shrinkage).toBeCloseTo(shrinkage, 10);
    }
  });

  it('keeps variances, its correlations are further from singular than the sample, and nearer the truth on average', () => {
    let shrunkError = 0;
    let sampleError = 0;
    for (let seed = 0; seed < 20; seed++) {
      const rows = factorReturns(seed, 25, 8);
      const sample = sampleCovariance(rows).map((row) => row.map((v) => (v * 24) / 25));
      const { covariance, shrinkage } = ledoitWolfCovariance(rows);
      expect(shrinkage).toBeGreaterThan(0);
      covariance.forEach((row, i) => {
        expect(row[i]).toBeCloseTo(sample[i]![i]!, 16);
      });
      expect(least(correlationFromCovariance(covariance).correlation)).toBeGreaterThan(
        least(correlationFromCovariance(sample).correlation),
      );
      for (let i = 0; i < 8; i++) {
        for (let j = 0; j < 8; j++) {
          const truth = 1e-4 * (i + 1) * (j + 1) * (i === j ? 1 : 0.5);
          shrunkError += (covariance[i]![j]! - truth) ** 2;
          sampleError += (sample[i]![j]! - truth) ** 2;
        }
      }
    }
    expect(shrunkError).toBeLessThan(sampleError);
  });

  it('one or two assets have nothing to shrink', () => {
    expect(ledoitWolfCovariance([[1], [3]])).toEqual({ covariance: [[1]], shrinkage: 0, meanCorrelation: 1 });
    expect(
      ledoitWolfCovariance([
        [1, 2],
        [2, 0],
        [3, 1],
      ]).shrinkage,
    ).toBe(0);
  });
});

describe('bad days only', () => {
  it('rests on the rows whose market loss passes the threshold', () => {
    const rows = [
      [-0.03, -0.01],
      [0.02, 0.02],
      [-0.01, -0.04],
      [-0.02, -0.02],
      [0, 0],
      [-0.05, 0.01],
    ];
    const result = downsideCovariance(rows, { weights: [0.5, 0.5] });
    expect(result).toMatchObject({ ok: true, rows: 4 });
    if (result.ok) expect(result.covariance[0]![0]).toBeCloseTo(((9 + 1 + 4 + 25) * 1e-4) / 4, 15);
    expect(downsideCovariance(rows, { weights: [0.5, 0.5], threshold: 0.03 })).toMatchObject({
      ok: false,
      reason: 'too-few-rows',
      value: 0,
      limit: 4,
    });
  });
});

describe('holes', () => {
  it('without a hole it is the sample; with holes each pair has its own days', () => {
    const rows = factorReturns(3, 50, 3);
    const full = pairwiseCovariance(rows);
    expect(full).toMatchObject({ ok: true, repaired: false, largestMove: 0 });
    if (full.ok)
      sampleCovariance(rows).forEach((row, i) => {
        row.forEach((v, j) => {
          expect(full.covariance[i]![j]).toBeCloseTo(v, 15);
        });
      });
    const holed = pairwiseCovariance(rows.map((row, t) => row.map((v, i) => (i === 2 && t < 20 ? NaN : v))));
    expect(holed).toMatchObject({
      ok: true,
      observations: [
        [50, 50, 30],
        [50, 50, 30],
        [30, 30, 30],
      ],
    });
  });

  it('a table of pairs that contradict each other is repaired and said so', () => {
    // Three windows: in each one pair moves together or against, which no joint law allows.
    const random = seededRandom(4);
    const rows = Array.from({ length: 90 }, (_, t) => {
      const x = 0.01 * random.normal();
      return t < 30 ? [x, x, NaN] : t < 60 ? [NaN, x, x] : [x, NaN, -x];
    });
    const result = pairwiseCovariance(rows);
    expect(result).toMatchObject({ ok: true, repaired: true });
    if (!result.ok) return;
    expect(least(result.covariance)).toBeGreaterThan(-1e-15);
    expect(result.largestMove).toBeCloseTo(0.5, 2);
  });

  it('too few shared days are a failure', () => {
    const rows = [
      [1, NaN],
      [2, NaN],
      [3, 1],
      [4, 2],
      [NaN, 3],
    ];
    expect(pairwiseCovariance(rows)).toMatchObject({ ok: false, reason: 'too-few-rows', value: 2, limit: 3 });
  });
});

describe('closes at different times', () => {
  it('finds the asset that follows the other by a day, and nothing in closes of one time', () => {
    const rows = factorReturns(8, 400, 2);
    expect(asynchronousPairs(rows)).toEqual([]);
    const late = rows.map((row, t) => [row[0]!, 0.7 * (rows[t - 1]?.[0] ?? 0) + 0.3 * row[1]!]);
    expect(asynchronousPairs(late)).toMatchObject([{ leader: 0, follower: 1 }]);
  });
});

describe('errors', () => {
  it.each([
    ['returns.length', () => sampleCovariance([[1]])],
    ['returns[1].length', () => sampleCovariance([[1, 2], [1]])],
    ['returns[1][0]', () => sampleCovariance([[1], [NaN]])],
    ['returns[0].length', () => sampleCovariance([[], []])],
    ['centre', () => sampleCovariance([[1], [2]], { centre: 'median' as 'mean' })],
    ['lambda', () => ewmaCovariance([[1]], { lambda: 1 })],
    [
      'seed.length',
      () =>
        ewmaCovariance([[1]], {
          lambda: 0.9,
          seed: [
            [1, 0],
            [0, 1],
          ],
        }),
    ],
    [
      'returns[..][0]',
      () =>
        ledoitWolfCovariance([
          [1, 2],
          [1, 3],
        ]),
    ],
    ['weights.length', () => downsideCovariance([[1]], { weights: [1, 1] })],
    [
      'returns[0][1]',
      () =>
        pairwiseCovariance([
          [1, Infinity],
          [1, 1],
        ]),
    ],
    ['deviations', () => asynchronousPairs([[1], [2], [3], [4]], { deviations: NaN })],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
