/**
 * Deribit's portfolio margin of 1,000 positions on 200 distinct inverse options: what de-duplication and what the library's way of
 * pricing give, and what a priced cell costs beside the batch kernel alone.
 *
 *   npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/risk/margin.js
 *
 *   each position   every position valued by the scalar API in each of the 35 cells, markets and all
 *   each option     the same, every distinct option once
 *   margin          deribitPortfolioMargin, roll and delta shock with it
 *   kernel          the batch alone, on as many rows
 *
 * Everything is measured in one run, so ratios mean more than figures.
 */
import { cpus } from 'node:os';
import { seededRandom } from '../../src/math/random.js';
import type { Account, Position } from '../../src/portfolio/account.js';
import type { OptionInstrument } from '../../src/portfolio/instrument.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { valueInstrument } from '../../src/portfolio/valuation.js';
import { createBatch } from '../../src/pricing/batch/batch.js';
import { deribitPortfolioMargin, portfolioCells } from '../../src/risk/margin/deribit-portfolio.js';
import type { DeribitPortfolioParameters } from '../../src/risk/margin/deribit-portfolio.js';
import { marginRows } from '../../src/risk/margin/margin-rows.js';
import { shiftMarket } from '../../src/risk/shift-market.js';
import { flatSurface } from '../../src/volatility/surface/flat-surface.js';
import { microsecondsOf } from '../calibration/measure.js';

const DAY = 86_400_000;
const ASOF = Date.UTC(2026, 0, 2, 8);
const SPOT = 60_000;
const POSITIONS = 1000;
const OPTIONS = 200;

const parameters: DeribitPortfolioParameters = {
  priceRange: 0.16,
  volUp: 0.5,
  volDown: 0.25,
  shortPower: 0.3,
  longPower: 0.13,
  minVolatilityForShockUp: 0.5,
  extendedTableFactor: 1,
  extendedDampener: 100_000,
  annualisedMoveRisk: 0.075,
  minAnnualisedMove: 0.01,
  deltaTotalLiqShockThreshold: 20_000_000,
  maxDeltaShock: 0.1,
  mInc: 0.00005,
  mmFactor: 0.8,
};
const term = { shortPower: parameters.shortPower, longPower: parameters.longPower };

const expiries = [7, 14, 30, 60, 91, 182, 273, 364].map((days) => ASOF + days * DAY);
const surface = flatSurface({ underlying: 'BTC', asOf: ASOF, volatility: 0.6, forward: SPOT, expiries }).data;
const snapshot: MarketSnapshot = { asOf: ASOF, underlyings: { BTC: { spot: SPOT, surface } }, fx: [] };

function book(): Account {
  const random = seededRandom(1);
  const options = Array.from({ length: OPTIONS }, (_, i): OptionInstrument => ({
    id: `option-${i}`,
    kind: 'option',
    underlying: 'BTC',
    settlement: 'BTC',
    multiplier: 1,
    style: 'inverse',
    type: i % 2 === 0 ? 'call' : 'put',
    strike: 500 * Math.round((SPOT * (0.7 + 0.6 * random.uniform())) / 500),
    expiry: expiries[i % expiries.length]!,
  }));
  const positions = Array.from({ length: POSITIONS }, (_, i): Position => ({
    id: `position-${i}`,
    instrument: options[i % OPTIONS]!,
    quantity: Math.round(20 * random.normal()) || 1,
  }));
  return { id: 'book', reportingCurrency: 'USD', cash: { BTC: 10 }, positions };
}

const account = book();
const distinct = [...new Map(account.positions.map(({ instrument }) => [instrument.id, instrument])).values()];

/** The 35 cells as markets; the floor of the volatility shocked up is below the volatilities here. */
function cells(): MarketSnapshot[] {
  const standard = Array.from({ length: 9 }, (_, i) => ((i - 4) * parameters.priceRange) / 4);
  const moves = [
    ...standard.flatMap((move) => [parameters.volUp, 0, -parameters.volDown].map((size) => ({ move, size }))),
    ...[-0.66, -0.33, 0.5, 1, 2, 3, 4, 5].map((move) => ({ move, size: parameters.volUp })),
  ];
  return moves.map(({ move, size }) =>
    shiftMarket(snapshot, [
      { factor: 'spot', underlying: 'BTC', kind: 'relative', size: move },
      { factor: 'volatility', underlying: 'BTC', kind: 'relative', size, term },
    ]),
  );
}

function valueAll(instruments: readonly Position['instrument'][], markets: readonly MarketSnapshot[]): number {
  return markets.reduce(
    (sum, market) => instruments.reduce((inner, one) => inner + valueInstrument(one, market, 'BTC').value, sum),
    0,
  );
}

function kernel(rows: number): () => void {
  const random = seededRandom(2);
  const batch = createBatch(rows, { model: 'black76' });
  for (let i = 0; i < rows; i++) {
    batch.isCall[i] = i % 2;
    batch.spot[i] = SPOT * (0.6 + 0.8 * random.uniform());
    batch.strike[i] = SPOT * (0.7 + 0.6 * random.uniform());
    batch.timeToExpiry[i] = 0.02 + random.uniform();
    batch.volatility[i] = 0.3 + 0.8 * random.uniform();
  }
  return () => {
    batch.price();
  };
}

/** Each is run a few times before it is timed. */
function time(call: () => unknown, repeats: number): number {
  for (let i = 0; i < Math.min(5, repeats); i++) call();
  return microsecondsOf(call, repeats, 7);
}

const count = cells().length;
const priced = OPTIONS * (count + 1);
const held = account.positions.map(({ instrument }) => instrument);
const plain = time(() => valueAll(held, cells()), 1);
const once = time(() => valueAll(distinct, cells()), 3);
const margin = time(() => deribitPortfolioMargin(account, snapshot, parameters), 20);
const rowsOfBook = marginRows(account, snapshot).rows;
const read = time(() => marginRows(account, snapshot), 20);
const table = time(() => portfolioCells(rowsOfBook, parameters), 20);
const alone = time(kernel(priced), 40);

const rows: [string, number, string][] = [
  ['each position, each cell', plain, ''],
  ['each option, each cell', once, `${(plain / once).toFixed(2)} times faster: de-duplication`],
  [
    'deribitPortfolioMargin',
    margin,
    `${(once / margin).toFixed(2)} times faster: its pricing; product ${(plain / margin).toFixed(1)}`,
  ],
  ['  of it the account read', read, ''],
  ['  of it the cells', table, ''],
  ['the batch alone', alone, `a priced cell costs ${(table / alone).toFixed(2)} of it`],
];
console.log(`${cpus()[0]?.model ?? 'unknown machine'}, Node ${process.version}`);
console.log(`${POSITIONS} positions, ${OPTIONS} options, ${count} cells, ${priced} prices`);
for (const [name, microseconds, note] of rows) {
  const each = ((1000 * microseconds) / priced).toFixed(1);
  console.log(`${name} | ${microseconds.toFixed(0)} us | ${each} ns a price | ${note}`);
}
