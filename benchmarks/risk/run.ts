/**
 * The scenario grid: what de-duplication and what the kernel give, and what a priced cell costs beside the kernel alone.
 *
 *   npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/risk/run.js
 *
 * Everything is measured in one run, so ratios mean more than figures.
 */
import { cpus } from 'node:os';
import { microsecondsOf } from '../calibration/measure.js';
import { account, eachOption, eachPosition, grid, kernel, market, vectors, wholeGrid } from './cases.js';
import { accountHoldings } from '../../src/risk/pnl-vectors.js';
import { gridMarkets } from '../../src/risk/scenario.js';

const snapshot = market();
const book = account(snapshot);
const cells = gridMarkets(snapshot, grid);
const options = new Set(book.positions.map(({ instrument }) => instrument)).size;
const priced = options * (cells.length + 1);
const batch = kernel(book, snapshot, cells);
const holdings = accountHoldings(book, snapshot);

/** Each is run once before it is timed. */
function time(call: () => unknown, repeats: number): number {
  for (let i = 0; i < Math.min(3, repeats); i++) call();
  return microsecondsOf(call, repeats, 7);
}

const plain = time(() => eachPosition(book, cells), 1);
const once = time(() => eachOption(book, snapshot, cells), 3);
const columns = time(() => vectors(holdings, snapshot, cells), 20);
const read = time(() => accountHoldings(book, snapshot), 20);
const whole = time(() => wholeGrid(book, snapshot), 20);
const markets = time(() => gridMarkets(snapshot, grid), 20);
const alone = time(batch.price, 40);
const moved = time(batch.move, 40);

const rows: [string, number, string][] = [
  ['each position, each cell', plain, ''],
  ['each option, each cell', once, `${(plain / once).toFixed(2)} times faster: de-duplication`],
  ['vectors by columns', columns, `${(once / columns).toFixed(2)} times faster: the kernel`],
  ['the whole grid', whole, `${(plain / whole).toFixed(1)} times faster than each position`],
  ['  of it the markets', markets, ''],
  ['  of it the account read', read, ''],
  ['the batch alone', alone, `a priced cell of the vectors costs ${(columns / alone).toFixed(2)} of it`],
  ['its columns written and read', moved, `the least of any filling: ${(1 + moved / alone).toFixed(2)} with the batch`],
];
console.log(`${cpus()[0]?.model ?? 'unknown machine'}, Node ${process.version}`);
console.log(`${book.positions.length} positions, ${options} options, ${cells.length} cells, ${priced} prices`);
for (const [name, microseconds, note] of rows) {
  console.log(
    `${name} | ${microseconds.toFixed(0)} us | ${((1000 * microseconds) / priced).toFixed(1)} ns a price | ${note}`,
  );
}
