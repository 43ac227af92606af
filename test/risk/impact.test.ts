import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tradeCost } from '../../src/risk/impact.js';
import type { ImpactModel, ImpactState, TradeCost } from '../../src/risk/impact.js';
import { midOf } from '../../src/risk/order-book.js';
import type { TradeSide } from '../../src/risk/order-book.js';

const state: ImpactState = { price: 100, dailyVolatility: 0.04, dailyVolume: 1e6 };
const book = {
  bids: [
    { price: 99, size: 10 },
    { price: 98, size: 20 },
  ],
  asks: [
    { price: 101, size: 10 },
    { price: 103, size: 5 },
  ],
};

function costOf(model: ImpactModel, side: TradeSide, quantity: number, at: ImpactState = state): TradeCost {
  const result = tradeCost(model, side, quantity, at);
  if (!result.ok) throw new Error(result.message);
  return result;
}

describe('figures', () => {
  it('square root: deviation .04 and a hundredth of the volume move .004, .0026667 paid', () => {
    const cost = costOf({ kind: 'square-root', coefficient: 1 }, 'buy', 1e4);
    expect(cost.impact).toBeCloseTo(0.004, 14);
    expect(cost.price / 100 - 1).toBeCloseTo(0.0026667, 7);
    expect(cost.cost).toBeCloseTo(1e4 * 100 * 0.0026666667, 3);
    expect(costOf({ kind: 'power', coefficient: 1, exponent: 0.5 }, 'buy', 1e4)).toEqual(cost);
  });

  it('linear: half of the last price move is paid on average', () => {
    const cost = costOf({ kind: 'linear', pricePerUnit: 0.001 }, 'sell', 1000);
    expect(cost.price).toBeCloseTo(99.5, 12);
    expect(cost.impact).toBeCloseTo(0.01, 14);
    expect(cost.cost).toBeCloseTo(500, 10);
  });

  // Almgren, Thum, Hauptmann and Li (2005), table 3: a tenth of the volume, in basis points, rounded there.
  it.each([
    [
      'IBM',
      6.561e6,
      1728e6,
      0.0157,
      20,
      [
        [0.1, 32],
        [0.2, 25],
        [0.5, 18],
      ],
    ],
    [
      'DRI',
      1.929e6,
      168e6,
      0.0226,
      22,
      [
        [0.1, 43],
        [0.2, 32],
        [0.5, 23],
      ],
    ],
  ] as const)(
    '%s: permanent impact and cost by time of execution',
    (_, dailyVolume, outstanding, dailyVolatility, permanent, costs) => {
      for (const [days, expected] of costs) {
        const at = { price: 50, dailyVolatility, dailyVolume };
        const cost = costOf({ kind: 'almgren', days, outstanding }, 'sell', 0.1 * dailyVolume, at);
        expect(Math.abs(1e4 * cost.impact - permanent)).toBeLessThan(0.6);
        expect(Math.abs((1e4 * cost.cost) / (50 * 0.1 * dailyVolume) - expected)).toBeLessThan(0.6);
      }
    },
  );

  it('a book walked through its levels, in both directions', () => {
    expect(costOf({ kind: 'book', book }, 'buy', 12)).toEqual({
      ok: true,
      price: (1010 + 206) / 12,
      cost: 16,
      impact: expect.closeTo(0.03, 14) as number,
    });
    const sold = costOf({ kind: 'book', book }, 'sell', 15);
    expect(sold.cost).toBeCloseTo(10 + 10, 12);
    expect(sold.price).toBeCloseTo((990 + 490) / 15, 12);
    expect(sold.impact).toBeCloseTo(0.02, 14);
    expect(tradeCost({ kind: 'book', book }, 'buy', 16, state)).toMatchObject({
      ok: false,
      reason: 'book-exhausted',
      value: 16,
      limit: 15,
    });
    expect(midOf(book)).toBe(100);
    expect(midOf({ ...book, bids: [] })).toBeUndefined();
  });
});

describe('every law', () => {
  const models: ImpactModel[] = [
    { kind: 'square-root', coefficient: 1 },
    { kind: 'power', coefficient: 0.5, exponent: 0.7 },
    { kind: 'linear', pricePerUnit: 1e-5 },
    { kind: 'almgren', days: 0.5, outstanding: 1e8 },
    {
      kind: 'book',
      book: {
        bids: [
          [99, 2e5],
          [97, 2e6],
        ].map(([price, size]) => ({ price: price!, size: size! })),
        asks: [
          [101, 2e5],
          [103, 2e6],
        ].map(([price, size]) => ({ price: price!, size: size! })),
      },
    },
  ];
  const size = fc.double({ min: 0, max: 1e6, noNaN: true });

  it('costs nothing for nothing, is never negative, convex, and the same for both sides', () => {
    for (const model of models) {
      expect(costOf(model, 'buy', 0)).toMatchObject({ price: 100, cost: 0, impact: 0 });
      fc.assert(
        fc.property(size, size, (a, b) => {
          const cost = (q: number): number => costOf(model, 'buy', q).cost;
          expect(cost(a)).toBeGreaterThanOrEqual(0);
          expect(cost(0.5 * (a + b))).toBeLessThanOrEqual(0.5 * (cost(a) + cost(b)) * (1 + 1e-12) + 1e-9);
          expect(costOf(model, 'sell', a).cost).toBeCloseTo(cost(a), 6);
        }),
        { numRuns: 50 },
      );
    }
  });

  it('half the spread is paid on top', () => {
    const model: ImpactModel = { kind: 'square-root', coefficient: 1 };
    const wide = costOf(model, 'buy', 100, { ...state, halfSpread: 0.25 });
    expect(wide.cost - costOf(model, 'buy', 100).cost).toBeCloseTo(25, 10);
    expect(wide.impact).toBe(costOf(model, 'buy', 100).impact);
    expect(costOf(model, 'buy', 0, { ...state, halfSpread: 0.25 }).price).toBe(100);
  });
});

describe('errors', () => {
  const root: ImpactModel = { kind: 'square-root', coefficient: 1 };
  it.each([
    ['side', () => tradeCost(root, 'hold' as 'buy', 1, state)],
    ['quantity', () => tradeCost(root, 'buy', -1, state)],
    ['quantity', () => tradeCost({ kind: 'linear', pricePerUnit: 1 }, 'sell', 1000, state)],
    ['state.price', () => tradeCost(root, 'buy', 1, { ...state, price: 0 })],
    ['state.dailyVolume', () => tradeCost(root, 'buy', 1, { price: 1, dailyVolatility: 0.1 })],
    ['state.dailyVolatility', () => tradeCost(root, 'buy', 1, { price: 1, dailyVolume: 1 })],
    ['exponent', () => tradeCost({ kind: 'power', coefficient: 1, exponent: 0 }, 'buy', 1, state)],
    ['days', () => tradeCost({ kind: 'almgren', days: 0, outstanding: 1 }, 'buy', 1, state)],
    ['state.price', () => tradeCost({ kind: 'book', book }, 'buy', 1, { price: 102 })],
    [
      'asks[1].price',
      () => tradeCost({ kind: 'book', book: { bids: [], asks: [...book.asks].reverse() } }, 'buy', 1, state),
    ],
    [
      'bids[0].price',
      () => tradeCost({ kind: 'book', book: { ...book, bids: [{ price: 102, size: 1 }] } }, 'buy', 1, state),
    ],
    [
      'bids[0].size',
      () => tradeCost({ kind: 'book', book: { ...book, bids: [{ price: 99, size: 0 }] } }, 'buy', 1, state),
    ],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
