import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collateralHaircut, lendingHealth } from '../../src/risk/collateral.js';

describe('haircut', () => {
  const base = { volatility: 0.8, liquidationYears: 2 / 365, coverage: 0.995 };

  it('volatility .80, two days, 99.5%: 0.141473', () => {
    const { haircut, factor } = collateralHaircut(base);
    expect(haircut).toBeCloseTo(0.141473, 6);
    expect(factor).toBeCloseTo(1 - 0.141473, 6);
    expect(collateralHaircut({ ...base, slippage: 0.02 }).haircut).toBeCloseTo(0.161473, 6);
  });

  it('rises with volatility, time, coverage and slippage; the factor stays within 0 and 1', () => {
    const upTo = (max: number) => fc.double({ min: 0, max, noNaN: true });
    fc.assert(
      fc.property(
        upTo(3),
        upTo(1),
        fc.double({ min: 0.5, max: 0.9999, noNaN: true }),
        upTo(2),
        (volatility, liquidationYears, coverage, slippage) => {
          const i = { volatility, liquidationYears, coverage, slippage };
          const { haircut, factor } = collateralHaircut(i);
          expect(factor).toBeGreaterThanOrEqual(0);
          expect(factor).toBeLessThanOrEqual(1);
          for (const more of [
            { volatility: volatility + 0.1 },
            { liquidationYears: liquidationYears + 0.1 },
            { coverage: 0.5 * (1 + coverage) },
            { slippage: slippage + 0.1 },
          ]) {
            expect(collateralHaircut({ ...i, ...more }).haircut).toBeGreaterThanOrEqual(haircut - 1e-15);
          }
        },
      ),
    );
    expect(collateralHaircut({ volatility: 0, liquidationYears: 1, coverage: 0.99 })).toEqual({
      haircut: 0,
      factor: 1,
    });
  });

  it('past returns in place of the normal law: the worst of 200 at 99.5%', () => {
    const sample = Array.from({ length: 200 }, (_, k) => (k - 150) / 20);
    const { haircut } = collateralHaircut({ ...base, tail: { sample } });
    expect(haircut).toBeCloseTo(1 - Math.exp(-7.5 * 0.8 * Math.sqrt(2 / 365)), 14);
    expect(() => collateralHaircut({ ...base, tail: { sample: sample.slice(1) } })).toThrow(
      'tail.sample.length must be',
    );
    expect(
      collateralHaircut({ ...base, coverage: 0.999, tail: { sample: Array.from({ length: 1000 }, (_, k) => -k) } })
        .factor,
    ).toBeLessThan(1e-6);
  });

  it.each([
    ['coverage', { coverage: 1 }],
    ['volatility', { volatility: -1 }],
    ['liquidationYears', { liquidationYears: NaN }],
    ['slippage', { slippage: -0.1 }],
    ['tail.sample[1]', { coverage: 0.5, tail: { sample: [1, NaN] } }],
  ])('%s', (field, change) => {
    expect(() => collateralHaircut({ ...base, ...change })).toThrow(`${field} must be`);
  });
});

describe('lending health', () => {
  it('10 ETH at 3000, threshold .83, debt 15 000: 1.66, liquidated at 1807.23', () => {
    const health = lendingHealth([{ amount: 10, price: 3000, liquidationThreshold: 0.83 }], 15000);
    expect(health.healthFactor).toBeCloseTo(1.66, 14);
    expect(health.liquidationPrices[0]).toBeCloseTo(1807.23, 2);
  });

  it('the same for all amounts and the debt times any number; 1 at each liquidation price', () => {
    const positive = fc.double({ min: 0.1, max: 1e4, noNaN: true });
    const asset = fc.record({
      amount: positive,
      price: positive,
      liquidationThreshold: fc.double({ min: 0.1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(asset, { minLength: 1, maxLength: 4 }), positive, positive, (assets, debt, scale) => {
        const { healthFactor, liquidationPrices } = lendingHealth(assets, debt);
        const scaled = lendingHealth(
          assets.map((a) => ({ ...a, amount: a.amount * scale })),
          debt * scale,
        );
        expect(scaled.healthFactor / healthFactor).toBeCloseTo(1, 12);
        liquidationPrices.forEach((price, k) => {
          if (price === 0) return;
          const at = lendingHealth(
            assets.map((a, j) => (j === k ? { ...a, price } : a)),
            debt,
          );
          expect(at.healthFactor).toBeCloseTo(1, 10);
        });
      }),
    );
  });

  it('without debt it is never liquidated; other collateral may be enough', () => {
    expect(lendingHealth([], 0)).toEqual({ healthFactor: Infinity, liquidationPrices: [] });
    expect(lendingHealth([], 1).healthFactor).toBe(0);
    const two = [
      { amount: 1, price: 100, liquidationThreshold: 0.8 },
      { amount: 1, price: 10, liquidationThreshold: 0.8 },
    ];
    expect(lendingHealth(two, 50).liquidationPrices).toEqual([52.5, 0]);
    expect(() => lendingHealth(two, -1)).toThrow('debt must be');
    expect(() => lendingHealth([{ amount: 1, price: 1, liquidationThreshold: 2 }], 1)).toThrow(
      'collateral[0].liquidationThreshold',
    );
  });
});
