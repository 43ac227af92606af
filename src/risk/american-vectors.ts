/**
 * American options in many markets: each option's markets sorted by what its edges of exercise depend on, volatility, time, rate and
 * yield, so that a ladder of spots solves them once. The values are those of valuing one market at a time, to the last bit.
 *
 * Before its expiry an option is worth the engine's price in each market, at least what exercise pays; from its expiry on the payoff
 * at the spot. Nobody exercises: what ought to be exercised is worth its exercise and stays.
 */
import type { Currency } from '../market/quote.js';
import { americanTerms } from '../portfolio/american-greeks.js';
import type { Instrument, OptionInstrument } from '../portfolio/instrument.js';
import type { MarketView } from '../portfolio/market-view.js';
import { optionTerms } from '../portfolio/option-greeks.js';
import { americanRows } from '../pricing/american/rows.js';
import { batchStatus } from '../pricing/batch/status.js';

/** The markets of one option by column, in the order they are priced in. */
interface Columns {
  isCall: Uint8Array;
  spot: Float64Array;
  strike: Float64Array;
  timeToExpiry: Float64Array;
  volatility: Float64Array;
  rate: Float64Array;
  dividendYield: Float64Array;
}

interface Cell {
  market: number;
  spot: number;
  timeToExpiry: number;
  volatility: number;
  rate: number;
  dividendYield: number;
}

/**
 * Writes into `pnl`, [instrument][cell], what one unit of each American option gains in the numeraire from the first view to each of the
 * others, into `worth` what it is worth in the first, and 1 into `valued` for those done. Options whose markets lack something, and
 * those the engine refuses, are left to the caller.
 */
export function americanVectors(
  instruments: readonly Instrument[],
  views: readonly MarketView[],
  numeraire: Currency,
  pnl: Float64Array,
  worth: Float64Array,
  valued: Uint8Array,
): void {
  const markets = views.length;
  const columns = columnsOf(markets);
  const price = new Float64Array(markets);
  const output = { price, status: new Uint8Array(markets) };
  const value = new Float64Array(markets);
  instruments.forEach((instrument, row) => {
    if (instrument.kind !== 'option' || instrument.exercise !== 'american' || instrument.style !== 'linear') return;
    const cells = liveCells(instrument, views, numeraire, value);
    if (cells === undefined) return;
    cells.sort(byEdges);
    fill(columns, instrument, cells);
    americanRows(columns, output, 0, cells.length, 'default');
    for (const [i, { market }] of cells.entries()) {
      if (output.status[i] !== batchStatus.ok) return;
      value[market] = price[i]!;
    }
    for (const [m, view] of views.entries()) {
      value[m]! *= view.conversion(instrument.settlement, numeraire)!.rate;
      if (m > 0) pnl[row * (markets - 1) + m - 1] = value[m]! - value[0]!;
    }
    worth[row] = value[0]!;
    valued[row] = 1;
  });
}

/** The markets before the option's expiry; of the others the payoff is written to `value`. Undefined where one lacks something. */
function liveCells(
  option: OptionInstrument,
  views: readonly MarketView[],
  numeraire: Currency,
  value: Float64Array,
): Cell[] | undefined {
  const cells: Cell[] = [];
  for (const [m, view] of views.entries()) {
    const market = view.underlying(option.underlying);
    if (market === undefined || view.conversion(option.settlement, numeraire) === undefined) return undefined;
    const found = optionTerms(option, market);
    if (!found.ok) return undefined;
    const { spot } = market;
    if (found.expired) value[m] = Math.max(option.type === 'call' ? spot - option.strike : option.strike - spot, 0);
    else {
      const {
        timeToExpiry,
        volatility,
        rate = 0,
        dividendYield = 0,
      } = americanTerms(option, market, found.expiry, found.terms.volatility);
      cells.push({ market: m, spot, timeToExpiry, volatility, rate, dividendYield });
    }
  }
  return cells;
}

function byEdges(a: Cell, b: Cell): number {
  return (
    a.timeToExpiry - b.timeToExpiry ||
    a.volatility - b.volatility ||
    a.rate - b.rate ||
    a.dividendYield - b.dividendYield ||
    a.market - b.market
  );
}

function columnsOf(length: number): Columns {
  const column = (): Float64Array => new Float64Array(length);
  return {
    isCall: new Uint8Array(length),
    spot: column(),
    strike: column(),
    timeToExpiry: column(),
    volatility: column(),
    rate: column(),
    dividendYield: column(),
  };
}

function fill(columns: Columns, { type, strike }: OptionInstrument, cells: readonly Cell[]): void {
  columns.isCall.fill(type === 'call' ? 1 : 0);
  columns.strike.fill(strike);
  for (const [i, cell] of cells.entries()) {
    columns.spot[i] = cell.spot;
    columns.timeToExpiry[i] = cell.timeToExpiry;
    columns.volatility[i] = cell.volatility;
    columns.rate[i] = cell.rate;
    columns.dividendYield[i] = cell.dividendYield;
  }
}
