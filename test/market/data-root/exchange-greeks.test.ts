/** Deribit's own prices and Greeks of 326 options (order books of 2020-05-21) against Black 76 at the published mark volatility. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { yearFraction } from '../../../src/market/clock.js';
import { parseNested } from '../../../src/market/venues/deribit.js';
import { readTable } from '../../../src/market/venues/table.js';
import { medianOf } from '../../../src/math/summary.js';
import { black76 } from '../../../src/pricing/black76.js';
import { inverse } from '../../../src/pricing/inverse.js';
import type { OptionType } from '../../../src/pricing/option.js';
import { units } from '../../../src/pricing/units.js';

const file = join(
  process.env['ZOMMA_DATA'] ?? '../shared/data',
  'deribit/orderbook_csv/btc_orderbook_20200521T2319Z.csv',
);
const exists = existsSync(file);
if (!exists) it.skip(`exchange Greeks: no file ${file} (set ZOMMA_DATA)`, () => undefined);

interface Row {
  option: { type: OptionType; forward: number; strike: number; timeToExpiry: number; volatility: number };
  mark: number;
  bid: number;
  ask: number;
  bidVolatility: number;
  askVolatility: number;
  greeks: Record<'delta' | 'gamma' | 'vega' | 'theta' | 'rho', number>;
}

function rows(): Row[] {
  return readTable(readFileSync(file, 'utf8')).rows.map((row) => {
    const number = (column: string): number => Number(row[column]);
    return {
      option: {
        type: row['option_type'] as OptionType,
        forward: number('underlying_price'),
        strike: number('strike'),
        timeToExpiry: yearFraction(number('timestamp'), number('expiration_timestamp')),
        volatility: number('mark_iv') / 100,
      },
      mark: number('mark_price'),
      bid: number('best_bid_price'),
      ask: number('best_ask_price'),
      bidVolatility: number('bid_iv') / 100,
      askVolatility: number('ask_iv') / 100,
      greeks: parseNested(row['greeks']!) as Row['greeks'],
    };
  });
}

describe.skipIf(!exists)('326 options of Deribit', () => {
  const all = exists ? rows() : [];

  it('are all there', () => {
    expect(all).toHaveLength(326);
  });

  it.each([
    ['price in coin', 3e-4, ({ option, mark }: Row) => inverse.price(option) - mark],
    ['delta', 2e-4, ({ option, greeks }: Row) => black76.greeks(option).delta - greeks.delta],
    ['gamma per USD', 6e-6, ({ option, greeks }: Row) => black76.greeks(option).gamma - greeks.gamma],
    [
      'vega in USD per vol point',
      2e-3,
      ({ option, greeks }: Row) => units.vegaPerPoint(black76.greeks(option)) - greeks.vega,
    ],
    ['theta in USD per day', 0.05, ({ option, greeks }: Row) => venueTheta(option) - greeks.theta],
  ] as const)('%s within %d in every row', (_, limit, error) => {
    const worst = all.reduce((largest, row) => Math.max(largest, Math.abs(error(row))), 0);
    expect(worst).toBeLessThan(limit);
    expect(worst).toBeGreaterThan(0);
  });

  it.each([
    ['bid', (row: Row) => row.bid, (row: Row) => row.bidVolatility],
    ['ask', (row: Row) => row.ask, (row: Row) => row.askVolatility],
  ] as const)(
    'the volatility of the %s is the published one, within 0.01 vol points in the median',
    (_, price, published) => {
      const errors = all
        // A volatility of 0 or 500% stands for none.
        .filter((row) => price(row) > 0 && published(row) > 0 && published(row) < 5)
        .map((row) => {
          const implied = inverse.impliedVolatility(row.option, price(row));
          expect(implied.ok, JSON.stringify(row.option)).toBe(true);
          return implied.ok ? Math.abs(implied.volatility - published(row)) : NaN;
        });
      expect(errors.length).toBeGreaterThan(150);
      expect(medianOf(errors)).toBeLessThan(1e-4);
    },
  );
});

/** The venue's theta: what the option loses in a day, or in its remaining life if shorter, and never more than its value. */
function venueTheta(option: Row['option']): number {
  const greeks = black76.greeks(option);
  const days = option.timeToExpiry * 365;
  const loss = -units.thetaPerDay(greeks) * Math.min(1, days);
  return -Math.min(loss, greeks.price);
}
