/** Rates read both ways and across, transitive, with contradictions found. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFx } from '../../src/portfolio/fx.js';
import { openMarket } from '../../src/portfolio/market-view.js';
import { coinMarket } from './support.js';

const table = [
  { base: 'BTC', quote: 'USD', rate: 60_000 },
  { base: 'USD', quote: 'JPY', rate: 150 },
  { base: 'EUR', quote: 'USD', rate: 1.08 },
];

describe('a table of rates', () => {
  it('reads rates as listed, backwards and across the pivot', () => {
    const fx = createFx(table);
    expect(fx.rate('BTC', 'USD')).toBe(60_000);
    expect(fx.rate('USD', 'BTC')).toBe(1 / 60_000);
    expect(fx.rate('BTC', 'JPY')).toBeCloseTo(9_000_000, 6);
    expect(fx.rate('EUR', 'JPY')).toBeCloseTo(162, 12);
    expect(fx.rate('JPY', 'JPY')).toBe(1);
    expect(fx.rate('XYZ', 'XYZ')).toBe(1);
    expect(fx.rate('BTC', 'XYZ')).toBeUndefined();
  });

  it('is transitive to 1e-12, whatever the pivot and the order', () => {
    const rate = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(rate, rate, rate, rate),
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        (rates, order) => {
          const names = ['A', 'B', 'C', 'D', 'E'];
          const pivot = { base: 'P', quote: 'E', rate: 1 };
          const listed = order.map((i) =>
            i % 2 === 0
              ? { base: names[i]!, quote: 'P', rate: rates[i]! }
              : { base: 'P', quote: names[i]!, rate: rates[i]! },
          );
          const fx = createFx([...listed, pivot], { pivot: names[order[0]!]! });
          for (const a of names)
            for (const b of names)
              for (const c of names) {
                const round = fx.rate(a, b)! * fx.rate(b, c)! * fx.rate(c, a)!;
                expect(Math.abs(round - 1)).toBeLessThan(1e-12);
              }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('finds a contradiction, and uses rates as listed where gaps are allowed', () => {
    const gap = [...table, { base: 'EUR', quote: 'JPY', rate: 162.5 }];
    expect(() => createFx(gap)).toThrow(expect.objectContaining({ field: 'fx[3].rate', value: 162.5 }) as Error);
    const fx = createFx(gap, { allowTriangularGap: true });
    expect(fx.rate('EUR', 'JPY')).toBe(162.5);
    expect(fx.rate('JPY', 'EUR')).toBe(1 / 162.5);
    expect(() => createFx([...table, { base: 'EUR', quote: 'JPY', rate: 1.08 * 150 }])).not.toThrow();
  });

  it.each([
    ['fx[0].rate', { base: 'A', quote: 'B', rate: NaN }],
    ['fx[0].rate', { base: 'A', quote: 'B', rate: -1 }],
    ['fx[0].rate', { base: 'A', quote: 'B', rate: 0 }],
    ['fx[0].rate', { base: 'A', quote: 'A', rate: 2 }],
    ['fx[0].base', { base: '', quote: 'B', rate: 1 }],
    ['fx[0].quote', { base: 'A', quote: '', rate: 1 }],
  ])('refuses %s of %o', (field, rate) => {
    expect(() => createFx([rate])).toThrow(expect.objectContaining({ field }) as Error);
  });

  it('in a snapshot a coin that no rate prices is worth its spot, and moves with it', () => {
    const view = openMarket(coinMarket());
    expect(view.conversion('BTC', 'USDC')).toEqual({ rate: 60_000, powers: [{ underlying: 'BTC', power: 1 }] });
    expect(view.conversion('USD', 'BTC')).toEqual({ rate: 1 / 60_000, powers: [{ underlying: 'BTC', power: -1 }] });
    const listed = openMarket({ ...coinMarket(), fx: [{ base: 'BTC', quote: 'USD', rate: 60_010 }] });
    expect(listed.conversion('BTC', 'USD')!.rate).toBe(60_010);
  });
});
