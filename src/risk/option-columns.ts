/**
 * European options in many markets by columns: one row an option and market, priced by a batch. What an expiry is in each market
 * (forward, time, rate, what was done to its smile) is found once for all its options; a volatility is read off the calibrated smile
 * only where the forward it is tied to changes from one market to the next, and moved by a line where volatilities move.
 */
import { logRatio } from '../math/logarithm.js';
import type { Instant, Currency } from '../market/quote.js';
import type { Instrument, OptionInstrument } from '../portfolio/instrument.js';
import type { ExpiryView, MarketView } from '../portfolio/market-view.js';
import { createBatch, type Batch } from '../pricing/batch/batch.js';
import { batchStatus } from '../pricing/batch/status.js';
import { calibratedSmile } from '../volatility/surface/interpolation.js';
import type { SmileAt } from '../volatility/surface/smile-at.js';
import type { SurfaceData } from '../volatility/surface/surface-data.js';
import { tiedForward, volatilityMap } from '../volatility/surface/surface-shift.js';

/** Rows of a batch: its columns fit the cache of one core. */
const BLOCK_ROWS = 4096;

/** One expiry of one underlying in every market. */
interface ExpiryColumns {
  spot: Float64Array;
  forward: Float64Array;
  /** 0 once expired. */
  timeToExpiry: Float64Array;
  surfaceTime: Float64Array;
  rate: Float64Array;
  /** The forward the smile is tied to. */
  tied: Float64Array;
  /** Volatilities are those of the calibrated smile times `scale`, plus `add`; 0 once expired. */
  scale: Float64Array;
  add: Float64Array;
  /** The calibrated smile, the same one where it is the same as in the market before. */
  smiles: (SmileAt | undefined)[];
}

/**
 * Writes into `pnl`, [instrument][cell], what one unit of each European option gains in the numeraire from the first view to each of
 * the others, into `worth` what it is worth in the first, and says which instruments that is (1). Options whose markets lack something are left to the caller, and those of quanto
 * style and with a smile whose skew was moved.
 */
export function optionColumns(
  instruments: readonly Instrument[],
  views: readonly MarketView[],
  numeraire: Currency,
  pnl: Float64Array,
  worth: Float64Array,
): Uint8Array {
  const valued = new Uint8Array(instruments.length);
  const rows = instruments.flatMap((instrument, row) => (isColumnar(instrument) ? [row] : []));
  if (rows.length === 0) return valued;
  const markets = views.length;
  const blocks = Math.min(rows.length, Math.ceil((rows.length * markets) / BLOCK_ROWS));
  const perBlock = Math.ceil(rows.length / blocks);
  const batch = batchFor(perBlock * markets);
  const expiries = new Map<string, ExpiryColumns | undefined>();
  const rates = new Map<Currency, Float64Array | undefined>();
  const block: { row: number; expiry: ExpiryColumns; rate: Float64Array }[] = [];
  const { isCall, spot, strike, timeToExpiry, volatility, rate } = batch;

  const price = (): void => {
    // What is left of a block that is not full are ordinary rows, the cheapest there are.
    for (const column of [spot, strike, timeToExpiry, volatility]) column.fill(1, block.length * markets);
    batch.price();
    const value = batch.out.price!;
    const { status } = batch;
    block.forEach(({ row, expiry, rate }, slot) => {
      const first = slot * markets;
      for (let i = first; i < first + markets; i++) if (status[i] !== batchStatus.ok) return;
      const { style, divisor } = instruments[row] as OptionInstrument;
      const divided = style !== 'inverse' ? undefined : divisor === 'index' ? expiry.spot : expiry.forward;
      const now = (value[first]! / (divided?.[0] ?? 1)) * rate[0]!;
      const into = row * (markets - 1) - 1;
      for (let m = 1; m < markets; m++) {
        const inQuote = value[first + m]!;
        pnl[into + m] = (divided === undefined ? inQuote : inQuote / divided[m]!) * rate[m]! - now;
      }
      worth[row] = now;
      valued[row] = 1;
    });
    block.length = 0;
  };

  for (const row of rows) {
    const option = instruments[row] as OptionInstrument;
    const key = `${option.expiry}/${option.underlying}`;
    if (!expiries.has(key)) expiries.set(key, expiryColumns(option.underlying, option.expiry, views));
    const { settlement } = option;
    if (!rates.has(settlement)) rates.set(settlement, rateColumn(settlement, numeraire, views));
    const [expiry, conversion] = [expiries.get(key), rates.get(settlement)];
    if (expiry === undefined || conversion === undefined) continue;
    const first = block.length * markets;
    const end = first + markets;
    if (!writeVolatilities(option.strike, expiry, volatility, first)) continue;
    isCall.fill(option.type === 'call' ? 1 : 0, first, end);
    strike.fill(option.strike, first, end);
    spot.set(expiry.forward, first);
    timeToExpiry.set(expiry.timeToExpiry, first);
    rate.set(expiry.rate, first);
    block.push({ row, expiry, rate: conversion });
    if (block.length === perBlock) price();
  }
  if (block.length > 0) price();
  return valued;
}

/** A batch with room for so many rows: one that is kept, where it is not much too long. */
function batchFor(rows: number): Batch {
  if (rows > BLOCK_ROWS || rows < 0.75 * BLOCK_ROWS) return createBatch(rows, { model: 'black76' });
  return (kept ??= createBatch(BLOCK_ROWS, { model: 'black76' }));
}

/** Inputs and outputs of one call at a time, nothing that outlives it. */
let kept: Batch | undefined;

function isColumnar(instrument: Instrument): boolean {
  if (instrument.kind !== 'option' || instrument.style === 'quanto' || !(instrument.strike > 0)) return false;
  return instrument.exercise !== 'american';
}

function rateColumn(from: Currency, to: Currency, views: readonly MarketView[]): Float64Array | undefined {
  const rates = views.map((view) => view.conversion(from, to)?.rate);
  return rates.every((rate) => rate !== undefined) ? Float64Array.from(rates) : undefined;
}

/** Undefined where a market has no such expiry, or moves the skew of its smile. */
function expiryColumns(name: string, at: Instant, views: readonly MarketView[]): ExpiryColumns | undefined {
  const [spot, forward, timeToExpiry, surfaceTime, rate, tied] = Array.from(
    { length: 6 },
    () => new Float64Array(views.length),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const [scale, add] = [new Float64Array(views.length), new Float64Array(views.length)];
  const smiles: (SmileAt | undefined)[] = [];
  const known = new Map<SurfaceData['slices'], { asOf: Instant; spot: number; expiry: ExpiryView }>();
  let before: { data: SurfaceData; surfaceTime: number; smile: SmileAt } | undefined;
  for (const [m, view] of views.entries()) {
    const market = view.underlying(name);
    if (market === undefined) return undefined;
    // Markets that differ in nothing but their volatilities share their slices.
    const { slices } = market.market.surface;
    const like = known.get(slices);
    const expiry = like?.asOf === view.asOf && like.spot === market.spot ? like.expiry : market.expiry(at);
    if (expiry === undefined) return undefined;
    known.set(slices, { asOf: view.asOf, spot: market.spot, expiry });
    spot[m] = market.spot;
    forward[m] = expiry.forward;
    rate[m] = expiry.rate;
    timeToExpiry[m] = Math.max(0, expiry.timeToExpiry);
    if (expiry.timeToExpiry <= 0) {
      smiles.push(undefined);
      continue;
    }
    const data = market.market.surface;
    const map = volatilityMap(data, expiry.surfaceTime);
    if (map === undefined) return undefined;
    scale[m] = map.scale;
    add[m] = map.add;
    surfaceTime[m] = expiry.surfaceTime;
    tied[m] = tiedForward(data, expiry.surfaceTime, expiry.forward);
    if (before === undefined || before.surfaceTime !== expiry.surfaceTime || !hasSameSmiles(before.data, data)) {
      before = { data, surfaceTime: expiry.surfaceTime, smile: calibratedSmile(data, expiry.surfaceTime) };
    }
    smiles.push(before.smile);
  }
  return { spot, forward, timeToExpiry, surfaceTime, rate, tied, scale, add, smiles };
}

/** Whether two surfaces were calibrated to the same smiles. */
function hasSameSmiles(a: SurfaceData, b: SurfaceData): boolean {
  return (
    a.asOf === b.asOf &&
    a.clock === b.clock &&
    a.interpolation === b.interpolation &&
    a.slices.length === b.slices.length &&
    (a.slices === b.slices ||
      a.slices.every(({ parameters, varianceTime, timeToExpiry }, i) => {
        const other = b.slices[i]!;
        return (
          parameters === other.parameters && varianceTime === other.varianceTime && timeToExpiry === other.timeToExpiry
        );
      }))
  );
}

/** The volatility of a strike in every market; false where a smile has none. */
function writeVolatilities(strike: number, expiry: ExpiryColumns, into: Float64Array, first: number): boolean {
  const { tied, scale, add, smiles, surfaceTime } = expiry;
  let lastSmile: SmileAt | undefined;
  let lastTied = 0;
  let calibrated = 0;
  for (let m = 0; m < tied.length; m++) {
    const smile = smiles[m];
    if (smile !== undefined && (smile !== lastSmile || tied[m]! !== lastTied)) {
      lastSmile = smile;
      lastTied = tied[m]!;
      const { w } = smile(logRatio(strike, lastTied));
      if (!(w >= 0 && w < Infinity)) return false;
      calibrated = Math.sqrt(w / surfaceTime[m]!);
    }
    into[first + m] = Math.max(0, scale[m]! * calibrated + add[m]!);
  }
  return true;
}
