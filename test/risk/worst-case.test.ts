import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { seededRandom } from '../../src/math/random.js';
import type { Account } from '../../src/portfolio/account.js';
import { ladderToRuin } from '../../src/risk/ladder-to-ruin.js';
import { crashLiquidity, daysOfTheta, stressedMarginCall } from '../../src/risk/scenario-cover.js';
import { scenarioGrid } from '../../src/risk/scenario.js';
import { worstCase, worstOnBox, worstOnEllipsoid } from '../../src/risk/worst-case.js';
import type { QuadraticBook } from '../../src/risk/value-at-risk/quadratic-book.js';
import { coinMarket, future, option, position, randomBook, smileMarket } from '../portfolio/support.js';

const covariance = [
  [0.0016, 0.0016],
  [0.0016, 0.0025],
];

function profit({ delta, gamma }: QuadraticBook, x: readonly number[]): number {
  return x.reduce(
    (all, xi, i) => all + delta[i]! * xi + 0.5 * xi * x.reduce((row, xj, j) => row + gamma[i]![j]! * xj, 0),
    0,
  );
}

/** A book of n factors, its covariance of full rank. */
function randomQuadratic(seed: number, n: number): { book: QuadraticBook; root: number[][] } {
  const random = seededRandom(seed);
  const square = (): number[][] => Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
  const root = square().map((row, i) => row.map((value, j) => 0.02 * (value + (i === j ? 2 : 0))));
  const half = square();
  const gamma = half.map((row, i) => row.map((value, j) => 50 * (value + half[j]![i]!)));
  const cov = root.map((a) => root.map((_, j) => a.reduce((sum, value, k) => sum + value * root[j]![k]!, 0)));
  return { book: { delta: Array.from({ length: n }, () => random.normal()), gamma, theta: 0, covariance: cov }, root };
}

describe('worstOnEllipsoid', () => {
  it('is -c sigma_p for a linear book', () => {
    const zero = [
      [0, 0],
      [0, 0],
    ];
    const worst = worstOnEllipsoid({ delta: [1e6, -5e5], gamma: zero, theta: 0, covariance }, 4);
    expect(worst.pnl).toBeCloseTo(-100_000, 6);
    expect(worst.move[0]).toBeCloseTo(-0.128, 10);
    expect(worst.move[1]).toBeCloseTo(-0.056, 10);
    expect(worst.hardCase).toBe(false);
    expect(worst.distance).toBeCloseTo(4, 10);
  });

  it('is no higher than any move inside, and the profit of its own move', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: 0.1, max: 6, noNaN: true }),
        (seed, n, c) => {
          const { book, root } = randomQuadratic(seed, n);
          const worst = worstOnEllipsoid(book, c);
          expect(worst.distance).toBeLessThanOrEqual(c * (1 + 1e-9));
          const scale = Math.abs(worst.pnl) + 1e-12;
          expect(Math.abs(profit(book, worst.move) - worst.pnl)).toBeLessThan(1e-8 * scale);
          const random = seededRandom(seed + 1);
          for (let i = 0; i < 200; i++) {
            const z = Array.from({ length: n }, () => random.normal());
            const length = Math.hypot(...z) / (c * Math.sqrt(random.uniform()));
            const x = root.map((row) => row.reduce((sum, value, k) => sum + (value * z[k]!) / length, 0));
            expect(profit(book, x)).toBeGreaterThanOrEqual(worst.pnl - 1e-9 * scale);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('knows the hard case: no slope along the worst curvature', () => {
    const book: QuadraticBook = {
      delta: [1, 0],
      gamma: [
        [1, 0],
        [0, -2],
      ],
      theta: 0,
      covariance: [
        [1, 0],
        [0, 1],
      ],
    };
    // mu = 2: y_1 = -1/3, the rest of c = 1 along y_2.
    const worst = worstOnEllipsoid(book, 1);
    expect(worst.hardCase).toBe(true);
    expect(worst.move[0]).toBeCloseTo(-1 / 3, 12);
    expect(Math.abs(worst.move[1]!)).toBeCloseTo(Math.sqrt(8) / 3, 12);
    expect(worst.pnl).toBeCloseTo(-1 / 3 + 1 / 18 - 8 / 9, 12);
    const short = worstOnEllipsoid({ ...book, delta: [0, 0] }, 3);
    expect(short.pnl).toBeCloseTo(-9, 12);
    expect(short.hardCase).toBe(true);
  });

  it('stays inside where the book is long gamma, and at rest where nothing is lost', () => {
    const long: QuadraticBook = { delta: [1], gamma: [[10]], theta: 0, covariance: [[1]] };
    expect(worstOnEllipsoid(long, 1)).toMatchObject({ pnl: -0.05, distance: 0.1, hardCase: false });
    expect(worstOnEllipsoid(long, 0.05).distance).toBeCloseTo(0.05, 12);
    expect(worstOnEllipsoid({ ...long, delta: [0] }, 1).pnl + 0).toBe(0);
    expect(worstOnEllipsoid({ ...long, gamma: [[0]], delta: [0] }, 1).pnl + 0).toBe(0);
    expect(worstOnEllipsoid(long, 0).pnl + 0).toBe(0);
    expect(() => worstOnEllipsoid(long, -1)).toThrow(expect.objectContaining({ field: 'radius' }));
  });
});

describe('worstOnBox', () => {
  const axes = [
    { lower: -1, upper: 1, points: 5 },
    { lower: -2, upper: 2, points: 4 },
  ];

  it('refines beyond the grid, inside the box', () => {
    const f = (points: readonly (readonly number[])[]): number[] =>
      points.map(([x, y]) => (x! - 0.3) ** 2 + (y! + 0.7) ** 2 - 5);
    const worst = worstOnBox(f, axes);
    expect(worst.pnl).toBeCloseTo(-5, 7);
    expect(worst.at[0]).toBeCloseTo(0.3, 3);
    expect(worst.gridPnl).toBeGreaterThan(worst.pnl);
    const corner = worstOnBox((points) => points.map(([x, y]) => x! + y!), axes);
    expect(corner).toEqual({ pnl: -3, at: [-1, -2], gridPnl: -3 });
  });

  it('is no higher than any cell of the grid', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 5 }), (k) => {
        const f = ([x, y]: readonly number[]): number =>
          Math.sin(k[0]! * x! + k[1]!) + k[2]! * y! * y! + k[3]! * x! * y! + k[4]! * x!;
        const worst = worstOnBox((points) => points.map(f), axes);
        for (const x of [-1, -0.5, 0, 0.5, 1]) expect(worst.pnl).toBeLessThanOrEqual(f([x, 2]));
        expect(f(worst.at)).toBe(worst.pnl);
      }),
    );
  });

  it.each([
    [[], 'axes'],
    [[{ lower: 1, upper: 0 }], 'axes[0].upper'],
    [[{ lower: 0, upper: 1, points: 1 }], 'axes[0].points'],
    [[{ lower: NaN, upper: 1 }], 'axes[0].lower'],
  ])('throws for %o', (wrong, field) => {
    expect(() => worstOnBox((points) => points.map(() => 0), wrong)).toThrow(expect.objectContaining({ field }));
  });

  it('throws where a profit is not a number', () => {
    expect(() => worstOnBox((points) => points.map(() => NaN), axes)).toThrow(expect.objectContaining({ value: NaN }));
  });
});

describe('worstCase', () => {
  it('is at or below every cell of the same grid by full revaluation', () => {
    const s = smileMarket();
    for (const seed of [1, 2, 3]) {
      const a: Account = { id: 'a', reportingCurrency: 'USD', cash: { BTC: 1 }, positions: randomBook(seed, 12, s) };
      const axis = (lower: number, upper: number) => ({ lower, upper, points: 5 });
      const worst = worstCase(a, s, { spot: axis(-0.4, 0.4), volatility: axis(-0.3, 0.6) });
      const spot = [-0.4, -0.2, 0, 0.2, 0.4];
      const volatility = [-0.3, -0.075, 0.15, 0.375, 0.6];
      const grid = scenarioGrid(a, s, { spot, volatility, horizonDays: [0], volatilityKind: 'relative' });
      expect(worst.gridPnl).toBeCloseTo(grid.worst.pnl, 5);
      expect(worst.pnl).toBeLessThanOrEqual(worst.gridPnl);
      const there = scenarioGrid(a, s, {
        spot: [worst.spot],
        volatility: [worst.volatility],
        horizonDays: [0],
        volatilityKind: 'relative',
      });
      expect(there.portfolio[0]).toBeCloseTo(worst.pnl, 5);
    }
  });
});

describe('ladderToRuin', () => {
  it('finds the prices of a future by hand: long 2 BTC with 20,000 of cash', () => {
    const s = coinMarket();
    const a: Account = {
      id: 'a',
      reportingCurrency: 'USD',
      cash: { USD: 20_000 },
      positions: [position(future({ style: 'linear' }), 2, 60_000)],
    };
    const margin = (_: Account, m: typeof s) => {
      const notional = 2 * m.underlyings['BTC']!.spot;
      return { initialMargin: 0.1 * notional, maintenanceMargin: 0.05 * notional };
    };
    const { rungs, below, above } = ladderToRuin(a, s, { underlying: 'BTC', margin });
    // 20,000 + 2 (S - 60,000) = m 2 S
    expect(below.zero).toBeCloseTo(50_000, 6);
    expect(below.maintenanceMargin).toBeCloseTo(100_000 / 1.9, 6);
    expect(below.initialMargin).toBeCloseTo(100_000 / 1.8, 6);
    expect(above).toEqual({ initialMargin: undefined, maintenanceMargin: undefined, zero: undefined });
    expect(rungs.find(({ move }) => move === 0)).toMatchObject({ spot: 60_000, equity: 20_000, initialMargin: 12_000 });
    const bare = ladderToRuin(a, s, { underlying: 'BTC', moves: [-0.1] });
    expect(bare.below).toEqual({ initialMargin: undefined, maintenanceMargin: undefined, zero: undefined });
    expect(bare.rungs.map(({ move }) => move)).toEqual([-0.1, 0]);
    const broke = ladderToRuin({ ...a, cash: { USD: -5 } }, s, { underlying: 'BTC' });
    expect(broke.below.zero).toBe(60_000);
    expect(() => ladderToRuin(a, s, { underlying: 'BTC', moves: [-1] })).toThrow(
      expect.objectContaining({ field: 'moves[0]' }),
    );
    expect(() => ladderToRuin(a, s, { underlying: 'XYZ' })).toThrow(
      expect.objectContaining({ field: 'shifts[0].underlying' }),
    );
  });

  it('finds ruin on both sides of short strangles', () => {
    const s = coinMarket();
    const legs = [
      option({ style: 'linear', strike: 70_000 }),
      option({ style: 'linear', strike: 50_000, type: 'put' }),
    ];
    const a: Account = {
      id: 'a',
      reportingCurrency: 'USD',
      cash: { USD: 60_000 },
      positions: legs.map((leg) => position(leg, -4)),
    };
    const { below, above } = ladderToRuin(a, s, { underlying: 'BTC' });
    for (const [level, side] of [
      [below.zero!, -1],
      [above.zero!, 1],
    ] as const) {
      const equity = (spot: number): number =>
        scenarioGrid(a, s, { spot: [spot / 60_000 - 1], volatility: [0], horizonDays: [0], volatilityKind: 'relative' })
          .equity[0]!;
      expect(Math.abs(equity(level))).toBeLessThan(1e-3);
      expect(equity(level + side * 100)).toBeLessThan(0);
      expect(equity(level - side * 100)).toBeGreaterThan(0);
    }
  });
});

describe('what scenarios mean for cash and time', () => {
  it('is days of theta for the worst cell', () => {
    expect(daysOfTheta(-5000, 250)).toBe(20);
    expect(daysOfTheta(-5000, -10)).toBe(Infinity);
    expect(daysOfTheta(300, -10)).toBe(0);
    expect(() => daysOfTheta(NaN, 1)).toThrow(expect.objectContaining({ field: 'worstPnl' }));
  });

  it('is the free collateral a scenario takes', () => {
    const cells = { equityNow: 100, initialMarginNow: 40, equity: [100, 80, 120, 90], initialMargin: [40, 55, 30, 40] };
    expect(stressedMarginCall(cells)).toBe(35);
    expect(stressedMarginCall(cells, 0.6)).toBe(10);
    expect(stressedMarginCall({ ...cells, equity: [200], initialMargin: [0] })).toBe(0);
    expect(() => stressedMarginCall({ ...cells, equity: [] })).toThrow(
      expect.objectContaining({ field: 'equity.length' }),
    );
    expect(() => stressedMarginCall({ ...cells, equity: [1] })).toThrow(
      expect.objectContaining({ field: 'initialMargin.length' }),
    );
  });

  it('is the depth left over the delta to trade, the least over scenarios', () => {
    const book = {
      id: 'future',
      deltaPerContract: 1,
      valuePerPoint: 1,
      bids: [{ price: 99, size: 30 }],
      asks: [{ price: 101, size: 50 }],
    };
    const scenarios = [
      { name: 'calm', deltaToTrade: 10, stress: {} },
      { name: 'crash', deltaToTrade: -20, stress: { depth: 0.2 } },
      { name: 'flat', deltaToTrade: 0, stress: {} },
    ];
    const score = crashLiquidity([book], 0.02, scenarios);
    expect(score.scores[0]).toBeCloseTo(5, 12);
    expect(score.scores[1]).toBeCloseTo(0.3, 12);
    expect(score.scores[2]).toBe(Infinity);
    expect(score).toMatchObject({ worst: 'crash' });
    expect(() => crashLiquidity([book], 0.02, [])).toThrow(expect.objectContaining({ field: 'scenarios' }));
  });
});
