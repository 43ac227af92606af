/**
 * A book of 1,000 positions on 200 distinct options, one underlying, eight expiries with SVI smiles; a grid of 9 spots, 3 volatilities
 * and 3 dates. What is timed, from the plainest way to the library's:
 *
 *   each position   every position valued on its own in every cell, one call of the scalar API each
 *   each option     every distinct option once a cell, the same call: what de-duplication gives
 *   vectors         pnlVectors: the same by columns, in the same markets; beside it the grid as a whole, markets made anew and
 *                   positions summed
 *   kernel          the batch alone, on as many rows
 */
import { calendarClock } from '../../src/market/clock.js';
import { exp } from '../../src/math/exponential.js';
import { seededRandom } from '../../src/math/random.js';
import type { Account, Position } from '../../src/portfolio/account.js';
import type { OptionInstrument } from '../../src/portfolio/instrument.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { valueInstrument } from '../../src/portfolio/valuation.js';
import { createBatch } from '../../src/pricing/batch/batch.js';
import { accountHoldings, pnlVectors } from '../../src/risk/pnl-vectors.js';
import { scenarioGrid, type GridSpec } from '../../src/risk/scenario.js';

const DAY = 86_400_000;
const ASOF = Date.UTC(2026, 0, 2, 8);
const SPOT = 60_000;

export const grid: GridSpec = {
  spot: [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4],
  volatility: [-0.25, 0, 0.5],
  horizonDays: [0, 1, 5],
  volatilityKind: 'relative',
};

export function market(): MarketSnapshot {
  const slices = [7, 14, 30, 60, 91, 182, 273, 364].map((days) => {
    const timeToExpiry = days / 365;
    const w = 0.3 * timeToExpiry;
    const root = Math.sqrt(w);
    return {
      expiry: ASOF + days * DAY,
      timeToExpiry,
      varianceTime: timeToExpiry,
      forward: SPOT * exp(0.05 * timeToExpiry),
      discountFactor: exp(-0.03 * timeToExpiry),
      parameters: { a: 0.4 * w, b: 0.35 * root, rho: -0.3, m: 0.1 * root, sigma: 1.8 * root },
    };
  });
  return {
    asOf: ASOF,
    underlyings: {
      BTC: {
        spot: SPOT,
        surface: {
          schema: 1,
          underlying: 'BTC',
          asOf: ASOF,
          clock: calendarClock,
          interpolation: 'total-variance',
          slices,
          calendar: [],
        },
      },
    },
    fx: [],
  };
}

export function account(snapshot: MarketSnapshot, positions = 1000, options = 200): Account {
  const random = seededRandom(1);
  const { slices } = snapshot.underlyings['BTC']!.surface;
  const instruments = Array.from({ length: options }, (_, i): OptionInstrument => {
    const inverse = i % 2 === 0;
    return {
      id: `option-${i}`,
      kind: 'option',
      underlying: 'BTC',
      settlement: inverse ? 'BTC' : 'USD',
      multiplier: 1,
      style: inverse ? 'inverse' : 'linear',
      type: i % 4 < 2 ? 'call' : 'put',
      strike: 500 * Math.round((SPOT * (0.7 + 0.6 * random.uniform())) / 500),
      expiry: slices[i % slices.length]!.expiry,
    };
  });
  const held = Array.from({ length: positions }, (_, i): Position => ({
    id: `position-${i}`,
    instrument: instruments[i % options]!,
    quantity: Math.round(20 * random.normal()) || 1,
  }));
  return { id: 'book', reportingCurrency: 'USD', cash: { USD: 1e6, BTC: 10 }, positions: held };
}

/** Every position in every cell on its own. */
export function eachPosition({ positions }: Account, cells: readonly MarketSnapshot[]): Float64Array {
  return Float64Array.from(cells, (cell) =>
    positions.reduce(
      (sum, { instrument, quantity }) => sum + quantity * valueInstrument(instrument, cell, 'USD').value,
      0,
    ),
  );
}

/** Every instrument in every cell once. */
export function eachOption(account: Account, snapshot: MarketSnapshot, cells: readonly MarketSnapshot[]): Float64Array {
  const { instruments, held } = accountHoldings(account, snapshot);
  return Float64Array.from(cells, (cell) =>
    instruments.reduce((sum, instrument, i) => sum + held[i]! * valueInstrument(instrument, cell, 'USD').value, 0),
  );
}

/** By columns, in markets that were made before. */
export function vectors(account: Account, snapshot: MarketSnapshot, cells: readonly MarketSnapshot[]): number {
  const { pnl } = pnlVectors(accountHoldings(account, snapshot), snapshot, cells, { numeraire: 'USD' });
  return pnl[0]!;
}

export function wholeGrid(account: Account, snapshot: MarketSnapshot): number {
  return scenarioGrid(account, snapshot, grid).worst.pnl;
}

/** The batch of as many rows as the grid prices, filled once. */
export function kernel(rows: number): () => void {
  const random = seededRandom(2);
  const batch = createBatch(rows, { model: 'black76' });
  for (let i = 0; i < rows; i++) {
    batch.isCall[i] = i % 2;
    batch.spot[i] = SPOT * (0.6 + 0.8 * random.uniform());
    batch.strike[i] = SPOT * (0.7 + 0.6 * random.uniform());
    batch.timeToExpiry[i] = 0.02 + random.uniform();
    batch.volatility[i] = 0.3 + 0.8 * random.uniform();
    batch.rate[i] = 0.03;
  }
  return () => {
    batch.price();
  };
}
