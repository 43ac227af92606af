/**
 * European options in many markets by columns: one row an option and market, priced by a batch. What an expiry is in each market
 * (forward, time, rate, what was done to its smile) is found once for all its options; a volatility is read off the calibrated smile
 * only where the forward it is tied to changes from one market to the next, and moved by a line where volatilities move.
 */
import { logRatio } from '../math/logarithm.js';
import type { Instant, Currency } from '../market/quote.js';
import type { Instrument, OptionInstrument } from '../portfolio/instrument.js';
import type { MarketView, UnderlyingView } from '../portfolio/market-view.js';
import { batchStatus } from '../pricing/batch/status.js';
import { calibratedSmile } from '../volatility/surface/interpolation.js';
import type { SmileAt } from '../volatility/surface/smile-at.js';
import type { SurfaceData } from '../volatility/surface/surface-data.js';
import { tiedForward, volatilityMap } from '../volatility/surface/surface-shift.js';
import { blockSize, reusedBatch } from './reused-batch.js';

/** One underlying in every market. */
interface UnderlyingColumns {
  markets: readonly UnderlyingView[];
  spot: Float64Array;
  /** The first market with the same expiries: slices, spot, date and the forwards smiles are tied to. */
  alike: Int32Array;
  /** The first market with the same calibrated smiles. */
  calibrated: Int32Array;
}

/** One expiry of one underlying in every market. */
interface ExpiryColumns {
  spot: Float64Array;
  forward: Float64Array;
  /** 0 once expired. */
  timeToExpiry: Float64Array;
  rate: Float64Array;
  /** Where a smile is read: the calibrated smile of a market and the forward it is tied to, each pair once. */
  readings: { smile: SmileAt; source: number; tied: number; surfaceTime: number }[];
  /** Volatilities are `scale` times that of the reading, plus `add`; 0 once expired. */
  reading: Int32Array;
  scale: Float64Array;
  add: Float64Array;
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
  const perBlock = blockSize(rows.length, markets);
  const batch = reusedBatch(perBlock * markets);
  const underlyings = new Map<string, UnderlyingColumns | undefined>();
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
    const { underlying: name, settlement } = option;
    if (!underlyings.has(name)) underlyings.set(name, underlyingColumns(name, views));
    const underlying = underlyings.get(name);
    if (underlying === undefined) continue;
    const key = `${option.expiry}/${name}`;
    if (!expiries.has(key)) expiries.set(key, expiryColumns(underlying, option.expiry));
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

function isColumnar(instrument: Instrument): boolean {
  if (instrument.kind !== 'option' || instrument.style === 'quanto' || !(instrument.strike > 0)) return false;
  return instrument.exercise !== 'american';
}

function rateColumn(from: Currency, to: Currency, views: readonly MarketView[]): Float64Array | undefined {
  const rates = views.map((view) => view.conversion(from, to)?.rate);
  return rates.every((rate) => rate !== undefined) ? Float64Array.from(rates) : undefined;
}

/** Undefined where a market has no such underlying. */
function underlyingColumns(name: string, views: readonly MarketView[]): UnderlyingColumns | undefined {
  const markets: UnderlyingView[] = [];
  const alike = new Int32Array(views.length);
  const calibrated = new Int32Array(views.length);
  // By slices: markets that differ in nothing but their volatilities share them.
  const known = new Map<SurfaceData['slices'], number>();
  const distinct: number[] = [];
  for (const [m, view] of views.entries()) {
    const market = view.underlying(name);
    if (market === undefined) return undefined;
    markets.push(market);
    const { surface } = market.market;
    const like = known.get(surface.slices);
    alike[m] = like !== undefined && hasSameExpiries(views, markets, like, m) ? like : m;
    if (alike[m] === m) known.set(surface.slices, m);
    calibrated[m] = distinct.find((other) => hasSameSmiles(markets[other]!.market.surface, surface)) ?? m;
    if (calibrated[m] === m) distinct.push(m);
  }
  return { markets, spot: Float64Array.from(markets, ({ spot }) => spot), alike, calibrated };
}

function hasSameExpiries(
  views: readonly MarketView[],
  markets: readonly UnderlyingView[],
  a: number,
  b: number,
): boolean {
  const [one, two] = [markets[a]!, markets[b]!];
  return (
    views[a]!.asOf === views[b]!.asOf &&
    one.spot === two.spot &&
    one.market.surface.shift?.smileForwards === two.market.surface.shift?.smileForwards &&
    one.market.surface.shift?.smileSpot === two.market.surface.shift?.smileSpot
  );
}

/** Undefined where a market has no such expiry, or moves the skew of its smile. */
function expiryColumns(
  { markets, spot, alike, calibrated }: UnderlyingColumns,
  at: Instant,
): ExpiryColumns | undefined {
  const column = (): Float64Array => new Float64Array(markets.length);
  const [forward, timeToExpiry, rate, scale, add] = [column(), column(), column(), column(), column()];
  const reading = new Int32Array(markets.length);
  const readings: ExpiryColumns['readings'] = [];
  for (let m = 0; m < markets.length; m++) {
    const like = alike[m]!;
    const expiry = markets[like]!.expiry(at);
    if (expiry === undefined) return undefined;
    forward[m] = expiry.forward;
    rate[m] = expiry.rate;
    timeToExpiry[m] = Math.max(0, expiry.timeToExpiry);
    if (expiry.timeToExpiry <= 0) continue;
    const { surfaceTime } = expiry;
    const data = markets[m]!.market.surface;
    const map = volatilityMap(data, surfaceTime);
    if (map === undefined) return undefined;
    scale[m] = map.scale;
    add[m] = map.add;
    if (like < m) {
      reading[m] = reading[like]!;
      continue;
    }
    const tied = tiedForward(data, surfaceTime, expiry.forward);
    const source = calibrated[m]!;
    let index = readings.findIndex((r) => r.tied === tied && r.source === source && r.surfaceTime === surfaceTime);
    if (index < 0) {
      const like = readings.find((r) => r.source === source && r.surfaceTime === surfaceTime);
      const smile = like?.smile ?? calibratedSmile(data, surfaceTime);
      index = readings.push({ smile, source, tied, surfaceTime }) - 1;
    }
    reading[m] = index;
  }
  return { spot, forward, timeToExpiry, rate, readings, reading, scale, add };
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
  const { readings, reading, scale, add } = expiry;
  const calibrated = new Float64Array(Math.max(1, readings.length));
  for (let i = 0; i < readings.length; i++) {
    const { smile, tied, surfaceTime } = readings[i]!;
    const { w } = smile(logRatio(strike, tied));
    if (!(w >= 0 && w < Infinity)) return false;
    calibrated[i] = Math.sqrt(w / surfaceTime);
  }
  for (let m = 0; m < scale.length; m++) into[first + m] = Math.max(0, scale[m]! * calibrated[reading[m]!]! + add[m]!);
  return true;
}
