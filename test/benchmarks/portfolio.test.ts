import { describe, expect, it } from 'vitest';
import { coinMarket, growth, instruments, INSTRUMENTS, positions } from '../../benchmarks/portfolio/cases.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';

describe('the books that are timed', () => {
  it('are of as many instruments as they say, all of them valued', () => {
    expect(new Set(instruments().map(({ id }) => id)).size).toBe(INSTRUMENTS);
    const kinds = instruments().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'future')).toHaveLength(INSTRUMENTS / 100);
    const { total, excluded, expired } = netGreeks(positions(INSTRUMENTS), coinMarket());
    expect({ excluded, expired }).toEqual({ excluded: [], expired: [] });
    expect(Object.values(total).every(Number.isFinite)).toBe(true);
  });

  it('cost in proportion to their size where the growth is 1', () => {
    const timing = (count: number, cost: number) => ({
      positions: count,
      instruments: 1,
      greeks: cost,
      exposure: cost,
      ladder: 0,
    });
    expect(growth(timing(10, 5), timing(1000, 500), 'greeks')).toBeCloseTo(1, 12);
    expect(growth(timing(10, 5), timing(1000, 50), 'exposure')).toBeCloseTo(0.5, 12);
  });
});
