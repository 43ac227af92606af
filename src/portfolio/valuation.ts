/**
 * What one unit of an instrument is worth, and how that moves: the only place where a position's quantity times multiplier is formed.
 *
 *   option      linear V, inverse V/F coin (or V/S), quanto fixedFx V with the adjusted forward
 *   future      what it has gained since its entry: linear P - entry, inverse 1/entry - 1/P coin for each dollar of the contract;
 *   perpetual   without an entry it is entered now, at the mark: worth nothing, and moving like any other
 *   spot        the spot; 1 where the settlement currency is the asset itself
 *   leveraged   its net asset value, moving as leverage times the spot's return
 *
 * Marks move in proportion with the spot, P = S P_0/S_0, as forwards do. A value is in the settlement currency first; in a numeraire
 * it is multiplied by the exchange rate, which for a coin moves with the coin's spot. Every Greek is a derivative in the spot of the
 * instrument's own underlying, with whatever of the exchange rate moves with that spot.
 */
import { requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Currency } from '../market/quote.js';
import type { Greeks } from '../pricing/greeks.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import type { Position } from './account.js';
import type { FutureInstrument, Instrument, LeveragedTokenInstrument } from './instrument.js';
import { COIN_QUOTE, openMarket, type Conversion, type MarketView, type UnderlyingView } from './market-view.js';
import type { MissingReason, ValuationOptions } from './missing.js';
import { intrinsicGreeks, optionGreeks } from './option-greeks.js';
import { timesSpotPower, zeroGreeks } from './spot-greeks.js';
import type { MarketSnapshot } from './snapshot.js';
import { requireInstrument, requireValuationOptions } from './validate.js';

export interface InstrumentValue {
  /** In the numeraire. */
  value: number;
  /** In the instrument's settlement currency. */
  settlementValue: number;
  /** At or past its expiry: the payoff at the spot. */
  expired: boolean;
}

export interface EntryOption {
  /** Of a future or perpetual, in venue quote units; entered now at the mark where missing. */
  entryPrice?: number | undefined;
}

/** One unit in the settlement currency: `factor` (S/spot)^power times a value whose Greeks in the spot are `base`. */
export interface SettlementUnit {
  base: Greeks;
  power: 0 | -1;
  factor: number;
  /** factor times base.price, formed without cancellation. */
  value: number;
  /** The spot of the underlying; 1 where nothing moves with it. */
  spot: number;
  expired: boolean;
  /** What the market lacked, where the unit is its intrinsic value instead. */
  lacking?: MissingReason | undefined;
}

/** One unit in a numeraire. */
export interface NumeraireUnit {
  greeks: Greeks;
  settlementValue: number;
  expired: boolean;
  lacking?: MissingReason | undefined;
  conversion: Conversion;
}

export interface UnitOptions extends EntryOption {
  smile?: SmileDynamics | undefined;
  /** An option without volatility or forward is its intrinsic value. */
  intrinsic?: boolean | undefined;
  /** The value is asked for: Greeks that cost more than it may be 0. */
  priceOnly?: boolean | undefined;
}

export type Found<T> = { ok: true; unit: T } | { ok: false; reason: MissingReason };

/** Units of the underlying (dollars for inverse futures) the position holds: quantity times multiplier. */
export function positionUnits({ quantity, instrument }: Position): number {
  return quantity * instrument.multiplier;
}

/** What the instrument's price is quoted in: the settlement currency, but dollars for what is settled in the coin itself. */
export function quoteCurrency(instrument: Instrument): Currency {
  const { kind, settlement, underlying } = instrument;
  const isCoin =
    kind === 'spot' || kind === 'leveraged-token' ? settlement === underlying : instrument.style === 'inverse';
  return isCoin ? COIN_QUOTE : settlement;
}

/** The price a future or perpetual is marked at: listed, or the forward of its expiry, or the spot. */
export function markOf(future: FutureInstrument, market: UnderlyingView): number | undefined {
  const listed = market.market.futures;
  if (listed !== undefined && Object.hasOwn(listed, future.id)) return listed[future.id];
  return future.expiry === undefined ? market.spot : market.expiry(future.expiry)?.forward;
}

/** One unit in its settlement currency. Throws InputError for a rule of the smile the instrument does not take. */
export function settlementUnit(
  instrument: Instrument,
  view: MarketView,
  options: UnitOptions = {},
): Found<SettlementUnit> {
  const market = view.underlying(instrument.underlying);
  if (instrument.kind === 'spot' && instrument.settlement === instrument.underlying) {
    return unitOf({ ...zeroGreeks, price: 1 }, market?.spot ?? 1);
  }
  if (market === undefined) return { ok: false, reason: 'no-market' };
  const { spot } = market;
  switch (instrument.kind) {
    case 'spot':
      return unitOf({ ...zeroGreeks, price: spot, delta: 1 }, spot);
    case 'leveraged-token': {
      return unitOf(tokenGreeks(instrument, market), spot);
    }
    case 'option': {
      const found = optionGreeks(instrument, market, options.smile ?? 'sticky-strike', options.priceOnly);
      const used = found.ok || options.intrinsic !== true ? found : intrinsicGreeks(instrument, spot);
      if (!used.ok) return used;
      const lacking = found.ok ? undefined : found.reason;
      if (instrument.style !== 'inverse') return unitOf(used.greeks, spot, { expired: used.expired, lacking });
      const divisor = instrument.divisor === 'index' ? spot : used.forward;
      return unitOf(used.greeks, spot, { power: -1, factor: 1 / divisor, expired: used.expired, lacking });
    }
    default:
      return futureUnit(instrument, market, view.asOf, options.entryPrice);
  }
}

/** Leverage is that of the mark: a move of the spot since then has moved the value by it, to 0 at the least. */
function tokenGreeks(token: LeveragedTokenInstrument, { market, spot }: UnderlyingView): Greeks {
  const marked = market.before ?? market;
  const nav = marked.futures?.[token.id] ?? token.nav;
  const units = (token.leverage * nav) / marked.spot;
  const price = nav + units * (spot - marked.spot);
  return price > 0 ? { ...zeroGreeks, price, delta: units } : { ...zeroGreeks };
}

function futureUnit(
  future: FutureInstrument,
  market: UnderlyingView,
  asOf: number,
  entryPrice: number | undefined,
): Found<SettlementUnit> {
  const { spot } = market;
  const expired = future.expiry !== undefined && future.expiry <= asOf;
  const mark = markOf(future, market);
  if (mark === undefined) return { ok: false, reason: 'no-forward' };
  const entry = entryPrice ?? mark;
  const value = gainOf(future, mark, entry);
  if (future.style === 'linear') return unitOf({ ...zeroGreeks, price: value, delta: mark / spot }, spot, { expired });
  // 1/entry - 1/P = (S/entry - S/P)/S, and S/P stays.
  const base = { ...zeroGreeks, price: spot * value, delta: 1 / entry };
  return unitOf(base, spot, { power: -1, factor: 1 / spot, value, expired });
}

/** What one unit of a future has gained between two prices, in its settlement currency. */
export function gainOf({ style }: FutureInstrument, mark: number, entryPrice: number): number {
  const gain = mark - entryPrice;
  return style === 'linear' ? gain : gain / mark / entryPrice;
}

function unitOf(
  base: Greeks,
  spot: number,
  rest: Partial<Omit<SettlementUnit, 'base' | 'spot'>> = {},
): { ok: true; unit: SettlementUnit } {
  const { power = 0, factor = 1, value = base.price * factor, expired = false, lacking } = rest;
  return { ok: true, unit: { base, power, factor, value, spot, expired, lacking } };
}

/** One unit in a numeraire, or what the snapshot lacks for it. Throws as {@link settlementUnit} does. */
export function numeraireUnit(
  instrument: Instrument,
  view: MarketView,
  numeraire: Currency,
  options: UnitOptions = {},
): Found<NumeraireUnit> {
  const found = settlementUnit(instrument, view, options);
  if (!found.ok) return found;
  const conversion = view.conversion(instrument.settlement, numeraire);
  if (conversion === undefined) return { ok: false, reason: 'no-fx' };
  const { base, power, factor, value, spot, expired, lacking } = found.unit;
  const own = conversion.powers.reduce((sum, p) => (p.underlying === instrument.underlying ? sum + p.power : sum), 0);
  const greeks = timesSpotPower(base, spot, power + own, factor * conversion.rate);
  greeks.price = value * conversion.rate;
  return { ok: true, unit: { greeks, settlementValue: value, expired, lacking, conversion } };
}

/**
 * The value of one unit of an instrument, before its multiplier. Throws InputError naming a field of the instrument or the snapshot
 * that is not as it must be, and where the snapshot lacks what the value needs; 'intrinsic' values an option without volatility or
 * forward at its payoff.
 */
export function valueInstrument(
  instrument: Instrument,
  snapshot: MarketSnapshot,
  numeraire: Currency,
  options: EntryOption & Pick<ValuationOptions, 'missing'> = {},
): InstrumentValue {
  const { greeks, settlementValue, expired } = oneUnit(instrument, snapshot, { ...options, numeraire }, true);
  return { value: greeks.price, settlementValue, expired };
}

/**
 * The seventeen Greeks of one unit, before its multiplier, in the numeraire (the quote currency where missing). Throws as
 * {@link valueInstrument} does, and for a rule of the smile the instrument or its slice does not take.
 */
export function greeksOf(
  instrument: Instrument,
  snapshot: MarketSnapshot,
  options: ValuationOptions & EntryOption = {},
): Greeks {
  return oneUnit(instrument, snapshot, options).greeks;
}

function oneUnit(
  instrument: Instrument,
  snapshot: MarketSnapshot,
  options: ValuationOptions & EntryOption,
  priceOnly = false,
): NumeraireUnit {
  const view = openMarket(snapshot);
  requireInstrument(instrument);
  requireValuationOptions(options);
  if (options.entryPrice !== undefined) requirePositive('entryPrice', options.entryPrice);
  const numeraire = options.numeraire ?? quoteCurrency(instrument);
  const { smile, entryPrice, missing } = options;
  const found = numeraireUnit(instrument, view, numeraire, {
    smile,
    entryPrice,
    intrinsic: missing === 'intrinsic',
    priceOnly,
  });
  if (!found.ok) throw missingError(found.reason, instrument, view, numeraire);
  return found.unit;
}

/** What to tell a caller who asked for an error. */
export function missingError(
  reason: MissingReason,
  instrument: Instrument,
  view: MarketView,
  numeraire: Currency,
): InputError {
  const { id, underlying, settlement } = instrument;
  switch (reason) {
    case 'no-market':
      return new InputError(`underlyings.${underlying}`, undefined, `in the snapshot, for ${id}`);
    case 'no-volatility':
      return new InputError(`underlyings.${underlying}.surface`, undefined, `a surface with a volatility for ${id}`);
    case 'no-forward':
      return new InputError(`underlyings.${underlying}.surface`, undefined, `a surface with a forward for ${id}`);
    case 'no-fx':
      return view.knows(numeraire) || !view.knows(settlement)
        ? new InputError('settlement', settlement, `a currency with a rate to ${numeraire}, for ${id}`)
        : new InputError('numeraire', numeraire, `a currency with a rate to ${settlement}, for ${id}`);
  }
}
