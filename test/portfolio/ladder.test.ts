/** Ladders: every cell sum is the total, weights are shares, positions fall where they belong. */
import { describe, expect, it } from 'vitest';
import type { GreekName } from '../../src/pricing/greeks.js';
import { greekLadder, type BucketSpec, type Ladder } from '../../src/portfolio/ladder.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import { asOf, coinMarket, day, future, option, position, randomBook, smileMarket } from './support.js';

const greeks: GreekName[] = ['delta', 'gamma', 'vega', 'theta', 'price'];
const specs: BucketSpec[] = (['hard', 'tent'] as const).flatMap((rule) => [
  { rule, greeks, expiryYears: [0.05, 0.1, 0.4], moneyness: { axis: 'strike', nodes: [3_000, 5_000, 55_000, 65_000] } },
  { rule, greeks, expiryYears: [0.0822], moneyness: { axis: 'normalised', nodes: [-0.5, 0, 0.5] } },
  { rule, greeks, expiryYears: [0.02, 0.25], moneyness: { axis: 'delta', nodes: [0.1, 0.25, 0.5, 0.75, 0.9] } },
]);

function at(ladder: Ladder, u: number, e: number, m: number, g: number): number {
  const { expiries, moneyness, greeks: names, cell } = ladder;
  return cell[((u * expiries.length + e) * moneyness.length + m) * names.length + g]!;
}

describe('ladders', () => {
  const market = smileMarket();
  const positions = randomBook(11, 150, market);

  it.each(specs)('add up to the Greeks of the book: $rule, $moneyness.axis', (spec) => {
    for (const numeraire of ['USD', 'BTC']) {
      const ladder = greekLadder(positions, market, spec, { numeraire });
      const { byUnderlying } = netGreeks(positions, market, { numeraire });
      expect(ladder.underlyings.sort()).toEqual(Object.keys(byUnderlying).sort());
      const fresh = greekLadder(positions, market, spec, { numeraire });
      fresh.underlyings.forEach((name, u) => {
        greeks.forEach((greek, g) => {
          let sum = 0;
          let gross = 1e-300;
          fresh.expiries.forEach((_, e) => {
            fresh.moneyness.forEach((__, m) => {
              sum += at(fresh, u, e, m, g);
              gross += Math.abs(at(fresh, u, e, m, g));
            });
          });
          const total = byUnderlying[name]![greek];
          expect(Math.abs(sum - total) / (gross + Math.abs(total)), `${name} ${greek}`).toBeLessThan(1e-12);
        });
      });
    }
  });

  it('hard cells: a limit belongs to the cell below, futures without strike to none', () => {
    const book = [position(option({ strike: 60_000 }), 1), position(future(), 60_000, 60_000)];
    const spec: BucketSpec = {
      rule: 'hard',
      greeks: ['vega', 'delta'],
      expiryYears: [30 / 365, 0.5],
      moneyness: { axis: 'strike', nodes: [50_000, 60_000] },
    };
    const ladder = greekLadder(book, coinMarket(), spec, { numeraire: 'USD' });
    expect(ladder.expiries).toEqual([`<= ${30 / 365}`, `${30 / 365} to 0.5`, '> 0.5', 'none']);
    expect(ladder.moneyness).toEqual(['<= 50000', '50000 to 60000', '> 60000', 'none']);
    expect(at(ladder, 0, 0, 1, 0)).toBeCloseTo(6837.05725, 5);
    expect(at(ladder, 0, 3, 3, 1)).toBeCloseTo(1, 14);
  });

  it('tents split in proportion to the distance', () => {
    const expiry = asOf + 60 * day;
    const spec: BucketSpec = {
      rule: 'tent',
      greeks: ['vega'],
      expiryYears: [30 / 365, 120 / 365],
      moneyness: { axis: 'strike', nodes: [50_000, 66_000] },
    };
    const ladder = greekLadder([position(option({ expiry, strike: 54_000 }), 1)], coinMarket(), spec);
    const total = ladder.cell.reduce((sum, value) => sum + value, 0);
    expect(at(ladder, 0, 0, 0, 0) / total).toBeCloseTo((2 / 3) * 0.75, 12);
    expect(at(ladder, 0, 1, 1, 0) / total).toBeCloseTo((1 / 3) * 0.25, 12);
    for (const share of ladder.cell) expect(share / total).toBeGreaterThanOrEqual(0);
  });

  it('a call and a put of one strike are in one delta cell', () => {
    const spec: BucketSpec = {
      rule: 'hard',
      greeks: ['vega'],
      expiryYears: [1],
      moneyness: { axis: 'delta', nodes: [0.1, 0.4, 0.6, 0.9] },
    };
    const book = (['call', 'put'] as const).map((type) => position(option({ type, strike: 66_000 }), 1));
    const ladder = greekLadder(book, coinMarket(), spec);
    expect([...ladder.cell].filter((value) => value !== 0)).toHaveLength(1);
    expect(ladder.moneyness).toHaveLength(5);
  });

  it.each([
    ['rule', { rule: 'soft' }],
    ['moneyness.axis', { moneyness: { axis: 'smile', nodes: [1] } }],
    ['moneyness.nodes[1]', { moneyness: { axis: 'strike', nodes: [2, 1] } }],
    ['moneyness.nodes', { moneyness: { axis: 'strike', nodes: [] } }],
    ['expiryYears[0]', { expiryYears: [NaN] }],
    ['expiryYears[0]', { expiryYears: [-1] }],
    ['greeks[0]', { greeks: ['love'] }],
  ])('refuses %s', (field, change) => {
    const spec = { ...specs[0]!, ...change } as BucketSpec;
    expect(() => greekLadder(positions, market, spec)).toThrow(expect.objectContaining({ field }) as Error);
  });
});
