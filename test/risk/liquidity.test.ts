import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOfDelta, deltaCostCurve, deltaCoverage, deltaLiquidity } from '../../src/risk/liquidity.js';
import type { HedgeBook } from '../../src/risk/liquidity.js';
import {
  liquidationVaRFactor,
  liquidityAdjustedExposure,
  spreadAddOn,
  timeToLiquidate,
} from '../../src/risk/liquidation.js';

const perpetual: HedgeBook = {
  id: 'perpetual',
  deltaPerContract: 1,
  valuePerPoint: 1,
  bids: [
    { price: 99, size: 5 },
    { price: 95, size: 10 },
  ],
  asks: [
    { price: 101, size: 3 },
    { price: 104, size: 20 },
  ],
};
const put: HedgeBook = {
  id: 'put',
  deltaPerContract: -0.5,
  valuePerPoint: 1,
  bids: [{ price: 9.9, size: 8 }],
  asks: [{ price: 10.1, size: 4 }],
};

describe('delta depth', () => {
  it('delta is bought from asks, or from bids of what has negative delta', () => {
    expect(deltaLiquidity([perpetual, put], 0.01)).toEqual({ buy: 3 + 4, sell: 5 + 2, excluded: [] });
    expect(deltaLiquidity([perpetual, put], 0.05)).toEqual({ buy: 23 + 4, sell: 15 + 2, excluded: [] });
  });

  it('a crash: half the depth, spreads twice as wide', () => {
    expect(deltaLiquidity([perpetual], 0.05, { depth: 0.5, spread: 2 })).toMatchObject({ buy: 1.5, sell: 2.5 });
  });

  it('what cannot be used is listed', () => {
    const oneSided = { ...perpetual, id: 'one-sided', asks: [] };
    const flat = { ...perpetual, id: 'flat', deltaPerContract: 0 };
    expect(deltaLiquidity([oneSided, flat], 1)).toEqual({
      buy: 0,
      sell: 0,
      excluded: [
        { id: 'one-sided', reason: 'no-mid' },
        { id: 'flat', reason: 'no-delta' },
      ],
    });
    expect(deltaLiquidity([{ ...oneSided, mid: 100 }], 1).sell).toBe(15);
  });
});

describe('cost curve', () => {
  it('takes the cheapest delta first, over all books', () => {
    // Per unit of delta above mid: put .1/.5 = .2 for 4 units, perpetual 1 for 3, then 4 for 20.
    const curve = deltaCostCurve([perpetual, put], 'buy');
    expect([...curve.delta]).toEqual([0, 4, 7, 27]);
    curve.cost.forEach((c, k) => {
      expect(c).toBeCloseTo([0, 0.8, 3.8, 83.8][k]!, 12);
    });
    expect(costOfDelta(curve, 5.5)).toMatchObject({ ok: true });
    const half = costOfDelta(curve, 5.5);
    if (half.ok) expect(half.cost).toBeCloseTo(0.8 + 1.5, 12);
    expect(costOfDelta(curve, 0)).toEqual({ ok: true, cost: 0, average: 0 });
    expect(costOfDelta(curve, 28)).toMatchObject({ ok: false, reason: 'book-exhausted', limit: 27 });
  });

  const level = (from: number, direction: 1 | -1) =>
    fc
      .array(fc.tuple(fc.double({ min: 0, max: 3, noNaN: true }), fc.double({ min: 0.1, max: 50, noNaN: true })), {
        minLength: 1,
        maxLength: 5,
      })
      .map((steps) => {
        let price = from;
        return steps.map(([gap, size]) => ({ price: (price += direction * (gap + 0.01)), size }));
      });
  const hedge = fc.record({
    id: fc.constant('h'),
    deltaPerContract: fc.constantFrom(1, 0.3, -0.4, -2),
    valuePerPoint: fc.constant(1),
    mid: fc.constant(100),
    bids: level(100, -1),
    asks: level(100, 1),
  });

  it('rises and is convex; depth does not fall in the band; two books merged hold what both hold', () => {
    fc.assert(
      fc.property(
        fc.array(hedge, { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        (books, band) => {
          const { delta, cost } = deltaCostCurve(books, 'sell');
          let slope = 0;
          for (let k = 1; k < delta.length; k++) {
            const next = (cost[k]! - cost[k - 1]!) / (delta[k]! - delta[k - 1]!);
            expect(next).toBeGreaterThanOrEqual(slope * (1 - 1e-9) - 1e-9);
            slope = next;
          }
          const wide = deltaLiquidity(books, 2 * band);
          const narrow = deltaLiquidity(books, band);
          expect(wide.buy).toBeGreaterThanOrEqual(narrow.buy);
          expect(wide.sell).toBeGreaterThanOrEqual(narrow.sell);
          const apart = books.map((b) => deltaLiquidity([b], band));
          expect(narrow.buy).toBeCloseTo(
            apart.reduce((s, l) => s + l.buy, 0),
            9,
          );
          expect(delta.at(-1)).toBeCloseTo(deltaLiquidity(books, 10).sell, 9);
        },
      ),
    );
  });
});

describe('coverage', () => {
  it('of the side that has to be traded, with what gamma adds', () => {
    const liquidity = { buy: 30, sell: 20 };
    expect(deltaCoverage(liquidity, { delta: 10, gamma: -0.02, spot: 1000, shock: 0.5 })).toEqual({
      coverage: 2,
      gammaAdjusted: 1,
    });
    expect(deltaCoverage(liquidity, { delta: -10, spot: 1000, shock: 0.5 })).toEqual({ coverage: 3, gammaAdjusted: 3 });
    expect(deltaCoverage(liquidity, { delta: 0, gamma: 0.02, spot: 1000, shock: 0.5 })).toEqual({
      coverage: Infinity,
      gammaAdjusted: 2,
    });
  });
});

describe('time to liquidate', () => {
  it('the slowest position decides; what does not trade never ends', () => {
    const positions = [
      { quantity: -500, dailyVolume: 1000 },
      { quantity: 100, dailyVolume: 2000 },
    ];
    expect(timeToLiquidate(positions, 0.1)).toEqual({ days: [5, 0.5], slowest: 5 });
    expect(timeToLiquidate([{ quantity: 1, dailyVolume: 0 }], 0.1).slowest).toBe(Infinity);
    expect(timeToLiquidate([{ quantity: 0, dailyVolume: 0 }], 0.1).slowest).toBe(0);
  });

  it('five days: 1.48324 times the one-day figure, one day: once', () => {
    expect(liquidationVaRFactor(5)).toBeCloseTo(1.48324, 5);
    expect(liquidationVaRFactor(1)).toBe(1);
    expect(liquidationVaRFactor(0.2)).toBe(1);
    // The position k days on is 1 - k/T: the variances add up.
    const days = 7;
    const variance = Array.from({ length: days }, (_, k) => (1 - k / days) ** 2).reduce((s, v) => s + v, 0);
    expect(liquidationVaRFactor(days)).toBeCloseTo(Math.sqrt(variance), 14);
  });

  it('exposure with its exit, and the spread in trouble', () => {
    expect(liquidityAdjustedExposure(-1e6, 2000)).toBe(1002000);
    expect(spreadAddOn({ value: -1e6, meanSpread: 0.001, spreadDeviation: 0.0005, deviations: 3 })).toBeCloseTo(
      1250,
      9,
    );
  });
});

describe('errors', () => {
  it.each([
    ['band', () => deltaLiquidity([], -1)],
    ['stress.depth', () => deltaLiquidity([], 1, { depth: 2 })],
    ['stress.spread', () => deltaCostCurve([], 'buy', { spread: -1 })],
    ['side', () => deltaCostCurve([], 'long' as 'buy')],
    ['perpetual.mid', () => deltaLiquidity([{ ...perpetual, mid: 102 }], 1)],
    ['perpetual.valuePerPoint', () => deltaLiquidity([{ ...perpetual, valuePerPoint: 0 }], 1)],
    ['quantity', () => costOfDelta(deltaCostCurve([perpetual], 'buy'), -1)],
    ['spot', () => deltaCoverage({ buy: 1, sell: 1 }, { delta: 1, spot: 0, shock: 0 })],
    ['participation', () => timeToLiquidate([], 0)],
    ['days', () => liquidationVaRFactor(0)],
    ['exitCost', () => liquidityAdjustedExposure(1, -1)],
    ['deviations', () => spreadAddOn({ value: 1, meanSpread: 0, spreadDeviation: 0, deviations: -1 })],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
