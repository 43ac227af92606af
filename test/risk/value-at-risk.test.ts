import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { chiSquareQuantile } from '../../src/math/chi-square.js';
import { inverseNormalCdf, normalCdf } from '../../src/math/normal.js';
import { seededRandom } from '../../src/math/random.js';
import { deleveragingSpiral } from '../../src/risk/deleveraging-spiral.js';
import { reverseStress } from '../../src/risk/reverse-stress.js';
import { cornishFisherVaR } from '../../src/risk/value-at-risk/cornish-fisher.js';
import {
  acerbiSzekelyTest,
  breachInterval,
  christoffersenTest,
  kupiecTest,
  trafficLight,
} from '../../src/risk/value-at-risk/coverage-tests.js';
import { deltaGammaExactVaR } from '../../src/risk/value-at-risk/delta-gamma-exact.js';
import { eulerAllocation, parametricVaR } from '../../src/risk/value-at-risk/parametric.js';
import { cumulants, independentTerms } from '../../src/risk/value-at-risk/quadratic-book.js';
import type { QuadraticBook } from '../../src/risk/value-at-risk/quadratic-book.js';
import { lowerTail } from '../../src/risk/value-at-risk/quadratic-distribution.js';
import { ageWeights, sampleTail, shortfallContributions } from '../../src/risk/value-at-risk/sample-tail.js';

/** Two factors of 4% and 5% with correlation .8. */
const covariance = [
  [0.0016, 0.0016],
  [0.0016, 0.0025],
];
const exposures = [1e6, -5e5];
const oneDay = (confidence: number) => ({ confidence, horizonDays: 1 });
const shortGamma: QuadraticBook = { delta: [1e6], gamma: [[-2e7]], theta: 0, covariance: [[0.0016]] };

/** A book of one to four factors with a covariance of full rank. */
const books = fc.integer({ min: 1, max: 4 }).chain((n) => {
  const thousandths = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1000);
  const numbers = fc.array(thousandths, { minLength: n * n, maxLength: n * n });
  return fc.record({ roots: numbers, curvature: numbers, slopes: numbers }).map(({ roots, curvature, slopes }) => {
    const at = (values: number[], i: number, j: number) => values[i * n + j]!;
    const square = (f: (i: number, j: number) => number) =>
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i <= j ? f(i, j) : f(j, i))));
    return {
      delta: slopes.slice(0, n).map((slope) => 1e5 * slope),
      gamma: square((i, j) => 1e6 * at(curvature, i, j)),
      theta: 0,
      covariance: square((i, j) => {
        let sum = i === j ? 1e-4 : 0;
        for (let k = 0; k < n; k++) sum += 1e-3 * at(roots, i, k) * at(roots, j, k);
        return sum;
      }),
    };
  });
});

describe('parametricVaR', () => {
  it('has the worked figures of the two-factor book, and its contributions', () => {
    const result = parametricVaR({ exposures, covariance }, oneDay(0.99));
    expect(result.valueAtRisk).toBeCloseTo(58_158.697, 3);
    expect(result.expectedShortfall).toBeCloseTo(66_630.36, 2);
    expect(parametricVaR({ exposures, covariance }, oneDay(0.975)).expectedShortfall).toBeCloseTo(58_445.07, 2);
    expect(result.contributions[0]).toBeCloseTo(74_443.13, 2);
    expect(result.contributions[1]).toBeCloseTo(-16_284.44, 2);
    expect(eulerAllocation(exposures, covariance, 0.99).contributions).toEqual(result.contributions);
  });

  it('adds up, is homogeneous, and moves with the mean', () => {
    fc.assert(
      fc.property(
        books,
        fc.double({ min: 0.6, max: 0.999, noNaN: true }),
        fc.double({ min: -500, max: 500, noNaN: true }),
        (book, confidence, mean) => {
          const input = { exposures: book.delta, covariance: book.covariance };
          const plain = parametricVaR(input, oneDay(confidence));
          const shifted = parametricVaR({ ...input, mean }, { confidence, horizonDays: 4 });
          const scale = 1 + Math.abs(plain.valueAtRisk) + Math.abs(mean);
          expect(Math.abs(shifted.valueAtRisk - (2 * plain.valueAtRisk - 4 * mean))).toBeLessThan(1e-10 * scale);
          const sum = shifted.contributions.reduce((a, b) => a + b, 0);
          expect(Math.abs(sum - shifted.valueAtRisk)).toBeLessThan(1e-10 * scale);
          const twice = parametricVaR({ ...input, exposures: book.delta.map((d) => 2 * d) }, oneDay(confidence));
          expect(twice.valueAtRisk).toBeCloseTo(2 * plain.valueAtRisk, 8);
          expect(plain.expectedShortfall).toBeGreaterThanOrEqual(plain.valueAtRisk);
        },
      ),
    );
  });

  it('takes factors that do not vary, and a certain gain is negative', () => {
    const still = parametricVaR({ exposures: [5], covariance: [[0]], mean: 3 }, oneDay(0.95));
    expect([still.valueAtRisk, still.expectedShortfall, still.contributions[0]]).toEqual([-3, -3, -3]);
  });

  it('refuses what is no covariance or confidence', () => {
    const bad = [
      [1, 2],
      [2, 1],
    ];
    expect(() => parametricVaR({ exposures, covariance: bad }, oneDay(0.99))).toThrow(InputError);
    expect(() => parametricVaR({ exposures, covariance: [[1]] }, oneDay(0.99))).toThrow(InputError);
    expect(() => parametricVaR({ exposures: [NaN], covariance: [[1]] }, oneDay(0.99))).toThrow(InputError);
    for (const confidence of [0, 1, NaN]) {
      expect(() => parametricVaR({ exposures, covariance }, oneDay(confidence))).toThrow(InputError);
    }
    expect(() => parametricVaR({ exposures, covariance }, { confidence: 0.9, horizonDays: 0 })).toThrow(InputError);
  });
});

describe('cornishFisherVaR and deltaGammaExactVaR', () => {
  it('have the worked figures of a short-gamma book', () => {
    const at95 = cornishFisherVaR(shortGamma, oneDay(0.95));
    expect(at95.skewness).toBeCloseTo(-1.92013, 5);
    expect(at95.excessKurtosis).toBeCloseTo(5.11295, 5);
    expect(at95.valueAtRisk).toBeCloseTo(108_750.85, 2);
    expect(at95.flags).toEqual(['cf-not-monotone-global']);
    expect(deltaGammaExactVaR(shortGamma, oneDay(0.95)).valueAtRisk).toBeCloseTo(109_098.1, 1);
    expect(cornishFisherVaR(shortGamma, oneDay(0.99)).valueAtRisk).toBeCloseTo(178_965.21, 2);
    expect(deltaGammaExactVaR(shortGamma, oneDay(0.99)).valueAtRisk).toBeCloseTo(179_647.21, 2);
  });

  it('have those of pure gamma, whose loss is a chi-square', () => {
    const pure = { ...shortGamma, delta: [0] };
    const exact = deltaGammaExactVaR(pure, oneDay(0.99));
    expect(exact.valueAtRisk).toBeCloseTo(106_158.35, 2);
    expect(exact.valueAtRisk).toBeCloseTo(0.5 * 2e7 * 0.0016 * chiSquareQuantile(0.99, 1), 6);
    const expansion = cornishFisherVaR(pure, oneDay(0.99));
    expect(expansion.valueAtRisk).toBeCloseTo(111_055.19, 2);
    expect(expansion.skewness).toBeCloseTo(-2 * Math.SQRT2, 12);
    expect(expansion.excessKurtosis).toBeCloseTo(12, 12);
  });

  it('are the normal figures without gamma', () => {
    const book = {
      delta: exposures,
      gamma: [
        [0, 0],
        [0, 0],
      ],
      theta: -3650,
      covariance,
    };
    const normal = parametricVaR({ exposures, covariance, mean: -10 }, oneDay(0.99));
    for (const result of [cornishFisherVaR(book, oneDay(0.99)), deltaGammaExactVaR(book, oneDay(0.99))]) {
      expect(result.valueAtRisk).toBeCloseTo(normal.valueAtRisk, 6);
      expect(result.expectedShortfall).toBeCloseTo(normal.expectedShortfall, 6);
      expect(result.flags).toEqual([]);
    }
  });

  it('replaces the expansion by the exact law where its quantile falls in the tail of losses', () => {
    // Mostly a long option: losses are bounded, skewness is large and positive.
    const long: QuadraticBook = { delta: [2e5], gamma: [[2e7]], theta: 0, covariance: [[0.0016]] };
    const result = cornishFisherVaR(long, oneDay(0.99));
    expect(result.flags).toContain('cf-replaced-by-exact');
    expect(result.valueAtRisk).toBe(deltaGammaExactVaR(long, oneDay(0.99)).valueAtRisk);
    // Never more than the least profit, -d^2/(2 G).
    expect(result.valueAtRisk).toBeLessThan(2e5 ** 2 / (2 * 2e7));
    expect(result.expectedShortfall).toBeLessThanOrEqual(2e5 ** 2 / (2 * 2e7));
  });

  it('invert one factor as the roots of its quadratic do, into the far tail', () => {
    for (const [delta, gamma] of [
      [1e6, -2e7],
      [2e5, 2e7],
      [-3e5, 1e6],
      [1e5, -1e3],
      [0, 5e6],
    ] as const) {
      const book: QuadraticBook = { delta: [delta], gamma: [[gamma]], theta: 0, covariance: [[0.0016]] };
      const terms = independentTerms(book, 1);
      const [e, lambda] = [terms.linear[0]!, terms.square[0]!];
      for (const p of [0.4, 0.1, 0.01, 1e-4, 1e-7]) {
        const { valueAtRisk } = deltaGammaExactVaR(book, oneDay(1 - p));
        const root = Math.sqrt(Math.max(e * e - 2 * lambda * valueAtRisk, 0));
        // Profit below -VaR: between the roots for a long option, outside them for a short one.
        const ends = [(-e - root) / lambda, (-e + root) / lambda].sort((a, b) => a - b);
        const inside = normalCdf(ends[1]!) - normalCdf(ends[0]!);
        const outside = normalCdf(ends[0]!) + normalCdf(-ends[1]!);
        // Near the least profit of a long option the roots meet and lose their digits.
        if (lambda < 0 || p >= 0.01) expect(Math.abs((lambda > 0 ? inside : outside) / p - 1)).toBeLessThan(1e-8);
      }
    }
  });

  it('have the cumulants and the law that simulation has', () => {
    const random = seededRandom(17);
    fc.assert(
      fc.property(books, (book) => {
        const terms = independentTerms(book, 1);
        const [mean, variance, third] = cumulants(terms);
        if (!(variance > 0)) return;
        const count = 20_000;
        const x = mean - Math.sqrt(variance);
        let hits = 0;
        let short = 0;
        const moments = [0, 0, 0];
        for (let i = 0; i < count; i++) {
          let profit = terms.constant;
          for (let j = 0; j < terms.square.length; j++) {
            const y = random.normal();
            profit += terms.linear[j]! * y + 0.5 * terms.square[j]! * y * y;
          }
          moments[0]! += profit / count;
          moments[1]! += (profit - mean) ** 2 / count;
          moments[2]! += (profit - mean) ** 3 / count;
          if (profit < x) {
            hits++;
            short += (x - profit) / count;
          }
        }
        const deviation = Math.sqrt(variance);
        expect(Math.abs(moments[0]! - mean)).toBeLessThan((5 * deviation) / Math.sqrt(count));
        expect(Math.abs(moments[1]! / variance - 1)).toBeLessThan(0.15);
        expect(Math.abs((moments[2]! - third) / deviation ** 3)).toBeLessThan(1.2);
        const tail = lowerTail(terms, x);
        expect(Math.abs(tail.probability - hits / count)).toBeLessThan(5 * Math.sqrt(0.25 / count));
        expect(Math.abs(tail.shortfall - short)).toBeLessThan(0.05 * deviation);
      }),
      { numRuns: 25, seed: 4 },
    );
  });

  it('keep their digits where a nearly normal factor stands beside two strong curvatures', () => {
    const book: QuadraticBook = {
      delta: [8700, 47_900, 0],
      gamma: [
        [2000, 0, -31_000],
        [0, -7000, -580_000],
        [-31_000, -580_000, 0],
      ],
      theta: 0,
      covariance: [
        [0.0001, 0, 0],
        [0, 0.0001, 0],
        [0, 0, 0.0001],
      ],
    };
    const terms = independentTerms(book, 1);
    // By the trapezoidal rule along the straight line through the saddle point.
    expect(lowerTail(terms, -1400).probability).toBeCloseTo(0.0028270574122512, 14);
    expect(lowerTail(terms, -3500).probability / 5.61281821371e-10).toBeCloseTo(1, 10);
    let before = 0;
    for (let x = -6000; x < 3000; x += 100) {
      const { probability } = lowerTail(terms, x);
      expect(probability).toBeGreaterThan(before);
      before = probability;
    }
    expect(before).toBeLessThan(1);
  });

  it('have expected shortfalls at or above the value at risk, scale with the book and fall with cash', () => {
    fc.assert(
      fc.property(books, fc.double({ min: 0.8, max: 0.995, noNaN: true }), (book, confidence) => {
        const exact = deltaGammaExactVaR(book, oneDay(confidence));
        const scale = 1 + Math.abs(exact.valueAtRisk);
        expect(exact.expectedShortfall).toBeGreaterThanOrEqual(exact.valueAtRisk - 1e-9 * scale);
        const tripled = {
          ...book,
          delta: book.delta.map((d) => 3 * d),
          gamma: book.gamma.map((row) => row.map((g) => 3 * g)),
        };
        expect(
          Math.abs(deltaGammaExactVaR(tripled, oneDay(confidence)).valueAtRisk - 3 * exact.valueAtRisk),
        ).toBeLessThan(1e-7 * scale);
        const paid = deltaGammaExactVaR({ ...book, theta: 365 * 100 }, oneDay(confidence));
        expect(Math.abs(paid.valueAtRisk - (exact.valueAtRisk - 100))).toBeLessThan(1e-7 * scale);
      }),
      { numRuns: 40 },
    );
  });
});

describe('sampleTail', () => {
  const losses = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

  it('has the worked expected shortfalls', () => {
    expect(sampleTail(losses, 0.75).expectedShortfall).toBeCloseTo(9.2, 12);
    expect(sampleTail(losses, 0.8).expectedShortfall).toBeCloseTo(9.5, 12);
    expect(sampleTail(losses, 0.9).expectedShortfall).toBeCloseTo(10, 12);
    expect(sampleTail(losses, 0.8).valueAtRisk).toBe(8);
    expect(sampleTail(losses, 0.75).valueAtRisk).toBe(8);
    expect(sampleTail(losses, 0.9).flags).toEqual([]);
    expect(sampleTail(losses, 0.95)).toMatchObject({
      valueAtRisk: 10,
      expectedShortfall: 10,
      flags: ['sample-too-small'],
    });
  });

  const samples = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 50 });
  const confidences = fc.double({ min: 0.5, max: 0.99, noNaN: true });

  it('is the smallest loss not exceeded with the confidence, monotone, and its parts add up', () => {
    fc.assert(
      fc.property(samples, confidences, (values, confidence) => {
        const tail = sampleTail(values, confidence);
        const below = (l: number) => values.filter((value) => value <= l).length / values.length;
        expect(below(tail.valueAtRisk)).toBeGreaterThanOrEqual(confidence - 1e-9);
        for (const value of values) if (value < tail.valueAtRisk) expect(below(value)).toBeLessThan(confidence);
        expect(tail.expectedShortfall).toBeGreaterThanOrEqual(tail.valueAtRisk - 1e-9);
        const cash = sampleTail(
          values.map((value) => value - 7),
          confidence,
        );
        expect(cash.valueAtRisk).toBeCloseTo(tail.valueAtRisk - 7, 9);
        expect(cash.expectedShortfall).toBeCloseTo(tail.expectedShortfall - 7, 9);
        const parts = values.map((value, i) => [0.3 * value + i, 0.7 * value - i]);
        const [first, second] = shortfallContributions(parts, tail);
        expect(first! + second!).toBeCloseTo(tail.expectedShortfall, 9);
      }),
    );
  });

  it('is sub-additive in its expected shortfall', () => {
    fc.assert(
      fc.property(samples, samples, confidences, (a, b, confidence) => {
        const n = Math.min(a.length, b.length);
        const of = (values: number[]) => sampleTail(values.slice(0, n), confidence).expectedShortfall;
        expect(of(a.slice(0, n).map((value, i) => value + b[i]!))).toBeLessThanOrEqual(of(a) + of(b) + 1e-9);
      }),
    );
  });

  it('weighs by age', () => {
    expect([...ageWeights(3, 0.5)]).toEqual([1 / 7, 2 / 7, 4 / 7]);
    expect(sampleTail([5, 1, 1], 0.8, ageWeights(3, 0.5)).valueAtRisk).toBe(1);
    expect(sampleTail([5, 1, 1], 0.9, ageWeights(3, 0.5)).valueAtRisk).toBe(5);
    expect(() => ageWeights(3, 0)).toThrow(InputError);
    expect(() => sampleTail([1, 2], 0.9, [0.5, 0.4])).toThrow(InputError);
    expect(() => sampleTail([], 0.9)).toThrow(InputError);
    expect(() => sampleTail([NaN], 0.9)).toThrow(InputError);
  });
});

describe('coverage tests', () => {
  it('have the worked statistics of Kupiec', () => {
    for (const [breaches, statistic] of [
      [0, 5.02517],
      [2, 0.108435],
      [4, 0.769138],
      [5, 1.95681],
      [7, 5.49699],
      [10, 12.955491],
    ] as const) {
      expect(kupiecTest(250, breaches, 0.01).statistic).toBeCloseTo(statistic, 5);
    }
    expect(kupiecTest(250, 7, 0.01).pValue).toBeCloseTo(0.01905, 5);
    expect(kupiecTest(10, 10, 0.01).statistic).toBeCloseTo(-20 * Math.log(0.01), 9);
    expect(() => kupiecTest(10, 11, 0.01)).toThrow(InputError);
  });

  it('have the zones of the Basel Committee for 250 days', () => {
    const zones = Array.from({ length: 12 }, (_, breaches) => trafficLight(250, breaches).zone);
    expect(zones).toEqual([...Array<string>(5).fill('green'), ...Array<string>(5).fill('yellow'), 'red', 'red']);
    // Its table: cumulative probability of 4 breaches 89.22%, of 9 99.97%.
    expect(trafficLight(250, 4).cumulativeProbability).toBeCloseTo(0.8922, 4);
    expect(trafficLight(250, 9).cumulativeProbability).toBeCloseTo(0.9997, 4);
    expect(trafficLight(5, 5).zone).toBe('red');
  });

  it('find breaches that follow each other', () => {
    const clustered = Array.from({ length: 250 }, (_, t) => t >= 100 && t < 105);
    const spread = Array.from({ length: 250 }, (_, t) => t % 50 === 25);
    const together = christoffersenTest(clustered, 0.01);
    expect(together.independence.pValue).toBeLessThan(1e-4);
    expect(christoffersenTest(spread, 0.01).independence.pValue).toBeGreaterThan(0.5);
    expect(together.conditionalCoverage.statistic).toBeCloseTo(
      together.independence.statistic + kupiecTest(250, 5, 0.01).statistic,
      12,
    );
    expect(christoffersenTest([false, false], 0.01).independence).toEqual({ statistic: 0, pValue: 1 });
  });

  it('centre Acerbi and Szekely where the expected shortfall is right', () => {
    const random = seededRandom(9);
    const profits = Array.from({ length: 50_000 }, () => random.normal());
    const z = inverseNormalCdf(0.975);
    const shortfall = 2.3378;
    const right = acerbiSzekelyTest({
      profits,
      valueAtRisk: profits.map(() => z),
      expectedShortfall: profits.map(() => shortfall),
      confidence: 0.975,
    });
    expect(Math.abs(right.statistic)).toBeLessThan(0.1);
    const small = acerbiSzekelyTest({
      profits: profits.map((profit) => 1.3 * profit),
      valueAtRisk: profits.map(() => z),
      expectedShortfall: profits.map(() => shortfall),
      confidence: 0.975,
    });
    expect(small.statistic).toBeLessThan(-0.7);
  });

  it('have the interval of Clopper and Pearson', () => {
    // 0 of 250: 1 - .025^(1/250).
    expect(breachInterval(250, 0)[0]).toBe(0);
    expect(breachInterval(250, 0)[1]).toBeCloseTo(1 - 0.025 ** (1 / 250), 12);
    expect(breachInterval(10, 10)[0]).toBeCloseTo(0.025 ** 0.1, 12);
    expect(breachInterval(10, 10)[1]).toBe(1);
  });
});

describe('reverseStress', () => {
  it('has the worked move of the linear book', () => {
    const result = reverseStress(
      {
        delta: exposures,
        gamma: [
          [0, 0],
          [0, 0],
        ],
        theta: 0,
        covariance,
      },
      100_000,
    );
    if (!result.found) throw new Error('not found');
    expect(result.move[0]).toBeCloseTo(-0.128, 9);
    expect(result.move[1]).toBeCloseTo(-0.056, 9);
    expect(result.distance).toBeCloseTo(4, 9);
    expect(result.loss).toBeCloseTo(100_000, 4);
  });

  it('loses the target and no more, by a move no sampled one is shorter than', () => {
    const random = seededRandom(23);
    fc.assert(
      fc.property(books, fc.double({ min: 100, max: 5e4, noNaN: true }), (book, target) => {
        const result = reverseStress(book, target);
        const terms = independentTerms(book, 1);
        const profit = (y: number[]) =>
          y.reduce((sum, value, j) => sum + terms.linear[j]! * value + 0.5 * terms.square[j]! * value * value, 0);
        const radius = result.found ? result.distance * (1 - 1e-6) : 50;
        const bound = result.found ? target : result.largestLoss * (1 + 1e-6) + 1e-6;
        if (result.found) expect(Math.abs(result.loss - target)).toBeLessThan(1e-6 * target);
        for (let s = 0; s < 200; s++) {
          const raw = Array.from(terms.square, () => random.normal());
          const size = Math.hypot(...raw) || 1;
          expect(-profit(raw.map((value) => (radius * value) / size))).toBeLessThan(bound * (1 + 1e-9) + 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds the move where the worst direction has no slope, and says when no move loses as much', () => {
    const flat = {
      delta: [0, 100],
      gamma: [
        [-1000, 0],
        [0, 0],
      ],
      theta: 0,
      covariance: [
        [1, 0],
        [0, 1],
      ],
    };
    const result = reverseStress(flat, 5000);
    if (!result.found) throw new Error('not found');
    // Multiplier 1/1000: y2 = -.1, profit -10; the rest, 4990 = 500 y1^2.
    expect(Math.abs(result.move[0]!)).toBeCloseTo(Math.sqrt(4990 / 500), 9);
    expect(result.move[1]).toBeCloseTo(-0.1, 9);
    const long = { delta: [1000], gamma: [[2000]], theta: 0, covariance: [[1]] };
    expect(reverseStress(long, 300)).toEqual({ found: false, largestLoss: 250 });
    expect(reverseStress(long, 200).found).toBe(true);
    expect(reverseStress(long, 0)).toEqual({ found: true, move: [0], distance: 0, loss: 0 });
    expect(() => reverseStress(long, NaN)).toThrow(InputError);
  });
});

describe('deleveragingSpiral', () => {
  it('has the worked figures, diverges from kappa 1 and amplifies more with leverage', () => {
    const of = (leverage: number, shock = -0.1) => deleveragingSpiral({ leverage, equity: 1e6, depth: 5e7, shock });
    const three = of(3);
    if (three.diverges) throw new Error('diverges');
    expect(three.kappa).toBeCloseTo(0.12, 12);
    expect(three.totalMove).toBeCloseTo(-0.1 / 0.88, 12);
    expect(three.amplification).toBeCloseTo(1.13636, 5);
    const five = of(5);
    if (five.diverges) throw new Error('diverges');
    expect(five.kappa).toBeCloseTo(0.4, 12);
    expect(five.amplification).toBeCloseTo(1.66667, 5);
    // A short of 2 trades as a long of 3.
    expect(of(-2)).toMatchObject({ kappa: 0.12 });
    // Moves of 10%, 26% ... pass 1/12 at once.
    expect(of(12)).toMatchObject({ diverges: true, kappa: 2.64, rounds: 1 });
    expect(of(12, -0.001)).toMatchObject({ diverges: true, rounds: 6 });
    expect(of(12, 0)).toMatchObject({ diverges: true, rounds: Infinity });
    expect(() => deleveragingSpiral({ leverage: 3, equity: 1, depth: 0, shock: 0.1 })).toThrow(InputError);
  });

  it('is the limit of the rounds', () => {
    let move = -0.02;
    let total = 0;
    for (let round = 0; round < 200; round++, move *= 0.4) total += move;
    const spiral = deleveragingSpiral({ leverage: 5, equity: 1e6, depth: 5e7, shock: -0.02 });
    expect(!spiral.diverges && spiral.totalMove).toBeCloseTo(total, 12);
  });
});
