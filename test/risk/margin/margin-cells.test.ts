import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../src/portfolio/instrument.js';
import { totalGains } from '../../../src/risk/margin/margin-cells.js';
import type { ShockedCell } from '../../../src/risk/margin/margin-cells.js';
import { marginRows } from '../../../src/risk/margin/margin-rows.js';
import { account, flatMarket, option, perpetual } from './books.js';

const cells: ShockedCell[] = [0.34, 0.84, 1, 1.16, 6].flatMap((ratio) =>
  [0, ...Array.from({ length: 59 }, (_, i) => 0.5 + 0.01 * i), 1].map((factor) => ({
    ratio,
    shock: (volatility: number) => volatility * factor,
  })),
);
const instruments: Instrument[] = [
  option('call', 60_000),
  option('put', 50_000),
  { ...option('call', 66_000), id: 'by-index', divisor: 'index' },
  option('put', 60_000, { days: 90 }),
  perpetual(),
];

describe('totalGains', () => {
  it('adds up the gains of the rows, and gains exactly nothing where nothing moves', () => {
    const market = flatMarket(60_000, 0.6, [30, 90]);
    const books = fc.array(fc.tuple(fc.constantFrom(...instruments), fc.integer({ min: -9, max: 9 })));
    fc.assert(
      fc.property(books, (positions) => {
        const { rows } = marginRows(account(positions, { price: 60_000 }), market);
        const totals = totalGains(rows, cells);
        cells.forEach(({ ratio, shock }, cell) => {
          const sum = rows.reduce((total, row) => total + row.units * row.gain(ratio, shock), 0);
          const size = rows.reduce((total, { units }) => total + Math.abs(units), 0);
          expect(Math.abs(totals[cell]! - sum)).toBeLessThanOrEqual(1e-13 * size);
          if (ratio === 1 && shock(1, 30) === 1) expect(Math.abs(totals[cell]!)).toBe(0);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('takes more options than one block holds', () => {
    const strikes = Array.from({ length: 500 }, (_, i): [Instrument, number] => [option('call', 40_000 + 100 * i), 1]);
    const { rows } = marginRows(account(strikes), flatMarket(60_000));
    const totals = totalGains(rows, cells);
    const sum = rows.reduce((total, row) => total + row.gain(cells[30]!.ratio, cells[30]!.shock), 0);
    expect(totals[30]).toBeCloseTo(sum, 10);
  });
});
