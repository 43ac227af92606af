/**
 * A book of 1,000 positions on 200 distinct options, one underlying, eight expiries with SVI smiles; a grid of 9 spots, 3 volatilities
 * and 3 dates. What is timed, from the plainest way to the library's:
 *
 *   each position   every position valued on its own in every cell, one call of the scalar API each
 *   each option     every distinct option once a cell, the same call: what de-duplication gives
 *   vectors         pnlVectors: the same by columns, in the same markets; beside it the grid as a whole, markets made anew and
 *                   positions summed
 *   kernel          the batch alone, on the rows of the grid
 */
import { calendarClock } from '../../src/market/clock.js';
import { exp } from '../../src/math/exponential.js';
import { seededRandom } from '../../src/math/random.js';
import type { Account, Position } from '../../src/portfolio/account.js';
import type { OptionInstrument } from '../../src/portfolio/instrument.js';
import { openMarket } from '../../src/portfolio/market-view.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { valueInstrument } from '../../src/portfolio/valuation.js';
import { createBatch } from '../../src/pricing/batch/batch.js';
import { accountHoldings, pnlVectors, type Holdings } from '../../src/risk/pnl-vectors.js';
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

/** By columns, in markets that were made before, of holdings that were read before. */
export function vectors(holdings: Holdings, snapshot: MarketSnapshot, cells: readonly MarketSnapshot[]): number {
  return pnlVectors(holdings, snapshot, cells, { numeraire: 'USD' }).pnl[0]!;
}

export function wholeGrid(account: Account, snapshot: MarketSnapshot): number {
  return scenarioGrid(account, snapshot, grid).worst.pnl;
}

export interface Kernel {
  price: () => void;
  /** The least any filling of the columns does: each written once from columns made before, each profit read once. */
  move: () => void;
}

/** The batch of the rows the grid prices, filled once: every option in the market of now and in every cell. */
export function kernel({ positions }: Account, snapshot: MarketSnapshot, cells: readonly MarketSnapshot[]): Kernel {
  const options = [...new Set(positions.map(({ instrument }) => instrument as OptionInstrument))];
  const markets = [snapshot, ...cells].map((cell) => openMarket(cell).underlying('BTC')!);
  const batch = createBatch(options.length * markets.length, { model: 'black76' });
  options.forEach(({ type, strike, expiry }, i) => {
    markets.forEach((market, m) => {
      const row = i * markets.length + m;
      const view = market.expiry(expiry)!;
      const { forward, timeToExpiry, rate } = view;
      batch.isCall[row] = type === 'call' ? 1 : 0;
      batch.spot[row] = forward;
      batch.strike[row] = strike;
      batch.timeToExpiry[row] = timeToExpiry;
      batch.volatility[row] = view.smile(strike)!.volatility;
      batch.rate[row] = rate;
    });
  });
  batch.price();
  const inputs = [batch.spot, batch.strike, batch.timeToExpiry, batch.volatility, batch.rate];
  const from = inputs.map((column) => column.slice());
  const count = markets.length;
  const pnl = new Float64Array(options.length * count);
  return {
    price() {
      batch.price();
    },
    move() {
      const value = batch.out.price!;
      for (let first = 0; first < pnl.length; first += count) {
        batch.isCall.fill(1, first, first + count);
        for (let c = 0; c < inputs.length; c++) inputs[c]!.set(from[c]!.subarray(first, first + count), first);
        const now = value[first]!;
        for (let m = first; m < first + count; m++) pnl[m] = value[m]! - now;
      }
    },
  };
}
