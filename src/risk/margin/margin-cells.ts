/**
 * What the rows of a book gain together in each of a set of shocked markets: European options by columns, one row of a batch an option
 * and cell, the rest one at a time. The same gains as of {@link MarginRow.gain}, to the precision of a price.
 */
import { batchStatus } from '../../pricing/batch/status.js';
import { rateFromDiscountFactor } from '../../pricing/discounting.js';
import { blockSize, reusedBatch } from '../reused-batch.js';
import { DAYS_PER_YEAR } from './margin-rows.js';
import type { MarginRow, VolatilityShock } from './margin-rows.js';

export interface ShockedCell {
  /** Of spot and forwards. */
  ratio: number;
  shock: VolatilityShock;
}

/** Prices from which a whole block is cheaper than one at a time. */
const LEAST_ROWS = 1024;

/** In the rows' settlement currency, by cell. */
export function totalGains(rows: readonly MarginRow[], cells: readonly ShockedCell[]): Float64Array {
  const totals = new Float64Array(cells.length);
  const options: MarginRow[] = [];
  for (const row of rows) {
    if (row.columns === undefined) addGains(row, cells, totals);
    else options.push(row);
  }
  if (options.length * cells.length < LEAST_ROWS) {
    for (const row of options) addGains(row, cells, totals);
    return totals;
  }
  const perBlock = blockSize(options.length, cells.length);
  for (let from = 0; from < options.length; from += perBlock) {
    addBlock(options.slice(from, from + perBlock), perBlock, cells, totals);
  }
  return totals;
}

function addGains(row: MarginRow, cells: readonly ShockedCell[], totals: Float64Array): void {
  cells.forEach(({ ratio, shock }, cell) => {
    totals[cell]! += row.units * row.gain(ratio, shock);
  });
}

/** A block that is not full leaves rows of the one before in the batch, and does not read them. */
function addBlock(
  options: readonly MarginRow[],
  perBlock: number,
  cells: readonly ShockedCell[],
  totals: Float64Array,
): void {
  const count = cells.length;
  const batch = reusedBatch(perBlock * count);
  const { isCall, spot, strike, timeToExpiry, volatility, rate, status } = batch;
  options.forEach(({ columns }, i) => {
    const { terms } = columns!;
    const years = terms.timeToExpiry;
    const first = i * count;
    isCall.fill(terms.type === 'call' ? 1 : 0, first, first + count);
    strike.fill(terms.strike, first, first + count);
    timeToExpiry.fill(years, first, first + count);
    rate.fill(rateFromDiscountFactor(terms.discountFactor ?? 1, years), first, first + count);
    const days = years * DAYS_PER_YEAR;
    for (let cell = 0; cell < count; cell++) {
      const { ratio, shock } = cells[cell]!;
      spot[first + cell] = terms.forward * ratio;
      volatility[first + cell] = shock(terms.volatility, days);
    }
  });
  batch.price();
  const price = batch.out.price!;
  options.forEach((row, i) => {
    const { terms, coin } = row.columns!;
    for (let cell = 0; cell < count; cell++) {
      const at = i * count + cell;
      const { ratio, shock } = cells[cell]!;
      // A market that does not move gains exactly nothing, and what the batch refuses is the scalar's to refuse.
      if (ratio === 1 && volatility[at] === terms.volatility) continue;
      const gain =
        status[at] === batchStatus.ok
          ? price[at]! / (coin === 0 ? 1 : coin * ratio) - row.value
          : row.gain(ratio, shock);
      totals[cell]! += row.units * gain;
    }
  });
}
