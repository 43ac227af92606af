/**
 * Instruments from the names the venues give them, and names for those that have none.
 *
 *   BTC-27DEC24-60000-C         option on BTC, inverse, paid in BTC            BTC_USDC-27DEC24-60000-C   linear, paid in USDC
 *   BTC-27DEC24, BTC-PERPETUAL  inverse future and perpetual, dollars          BTC_USDC-PERPETUAL         linear, coins
 *   BTC_USDC                    a coin for USDC                                 SPXW241220P05000000        US option, 100 units
 *
 * Everything on Deribit expires at 08:00 UTC of the day in its name. One unit is a coin of an option or a linear future and a dollar
 * of an inverse one, as the venue counts positions, so that the multiplier is 1. A US option expires at its root's settlement.
 *
 * Deribit API reference, "Naming"; OCC Symbology Initiative (2010).
 */
import { requireText } from '../check.js';
import type { Failure } from '../errors.js';
import { findCivilDay, parseEnglishMonth } from '../market/date.js';
import { deribitSettlement, usOptionRoot } from '../market/expiry.js';
import { parseDeribitInstrument } from '../market/venues/deribit-instrument.js';
import { parseOsiSymbol } from '../market/venues/osi-symbol.js';
import type { FutureInstrument, Instrument, OptionInstrument } from './instrument.js';

export type NamedInstrument = { ok: true; instrument: Instrument } | Failure<'unreadable-instrument' | 'not-supported'>;

const FUTURE = /^([A-Z0-9]+)(?:_([A-Z]+))?-(?:(PERPETUAL)|(\d{1,2})([A-Z]{3})(\d{2}))$/;
const PAIR = /^([A-Z0-9]+)_([A-Z]+)$/;

/** Roots that share their underlying with another: settled at another time of the day, or listed apart. */
const SHARED_UNDERLYINGS: Readonly<Record<string, string>> = {
  SPXW: 'SPX',
  NDXP: 'NDX',
  RUTW: 'RUT',
  VIXW: 'VIX',
};

/**
 * The underlying of what a chain or a name calls 'BTC_USDC', 'SPXW' and the like: 'BTC', 'SPX'. Options on one underlying that are
 * paid in different currencies, or listed under different roots, move with one spot.
 */
export function underlyingOf(name: string): string {
  if (Object.hasOwn(SHARED_UNDERLYINGS, name)) return SHARED_UNDERLYINGS[name]!;
  return PAIR.exec(name)?.[1] ?? name;
}

/** The instrument of a Deribit name. Combinations are 'not-supported': their legs are positions of their own. */
export function deribitInstrument(name: string): NamedInstrument {
  const option = parseDeribitInstrument(requireText('instrument', name));
  if (option.ok) {
    const { underlying, type, strike, expiry, settlement: style, premiumCurrency: settlement } = option;
    const instrument: OptionInstrument = {
      id: name,
      kind: 'option',
      underlying: underlyingOf(underlying),
      settlement,
      multiplier: 1,
      style,
      type,
      strike,
      expiry,
    };
    return { ok: true, instrument };
  }
  if (option.reason === 'unreadable-instrument') return { ok: false, reason: option.reason, message: option.message };
  const future = FUTURE.exec(name);
  if (future !== null) return deribitFuture(name, future);
  const pair = PAIR.exec(name);
  if (pair !== null) {
    const [, underlying = '', settlement = ''] = pair;
    return { ok: true, instrument: { id: name, kind: 'spot', underlying, settlement, multiplier: 1 } };
  }
  return name.includes('-')
    ? { ok: false, reason: 'not-supported', message: `instrument '${name}' is a combination: list its legs` }
    : { ok: false, reason: 'unreadable-instrument', message: `instrument '${name}' is a currency: balances are cash` };
}

function deribitFuture(name: string, match: RegExpExecArray): NamedInstrument {
  const [, underlying = '', quote, perpetual, day, month = '', year] = match;
  const contract = {
    id: name,
    underlying,
    settlement: quote ?? underlying,
    multiplier: 1,
    style: quote === undefined ? 'inverse' : 'linear',
  } as const;
  if (perpetual !== undefined) return { ok: true, instrument: { ...contract, kind: 'perpetual' } };
  const number = parseEnglishMonth(month);
  const expiryDay = number === undefined ? undefined : findCivilDay(2000 + Number(year), number, Number(day));
  if (expiryDay === undefined) {
    return { ok: false, reason: 'unreadable-instrument', message: `'${name}' has an expiry that does not exist` };
  }
  const instrument: FutureInstrument = { ...contract, kind: 'future', expiry: deribitSettlement(expiryDay) };
  return { ok: true, instrument };
}

/** The instrument of a US option symbol: 100 units, paid in dollars, of the style its root has. */
export function usOptionInstrument(symbol: string): NamedInstrument {
  const option = parseOsiSymbol(symbol);
  if (!option.ok) return { ok: false, reason: option.reason, message: option.message };
  const { root, type, strike, expiry } = option;
  const instrument: OptionInstrument = {
    id: symbol.replaceAll(' ', ''),
    kind: 'option',
    underlying: underlyingOf(root),
    settlement: 'USD',
    multiplier: 100,
    style: 'linear',
    type,
    strike,
    expiry,
  };
  if (usOptionRoot(root).style === 'american') instrument.exercise = 'american';
  return { ok: true, instrument };
}

const US_SYMBOL = /^[A-Z]{1,5}\d? *\d{6}[CP]\d{8}$/;

/** The instrument of a name in either form. */
export function instrumentOf(name: string): NamedInstrument {
  return US_SYMBOL.test(requireText('instrument', name)) ? usOptionInstrument(name) : deribitInstrument(name);
}

/** A name for an option or a future: all that tells it from others, so that equal instruments have equal names. */
export function instrumentId(i: Omit<OptionInstrument, 'id'> | Omit<FutureInstrument, 'id'>): string {
  const expiry = i.expiry === undefined ? [] : [new Date(i.expiry).toISOString().replace(':00.000Z', 'Z')];
  const contract = i.kind === 'option' ? [...expiry, i.strike, i.type] : [...expiry, i.kind];
  const exercise = i.kind === 'option' && i.exercise === 'american' ? ['american'] : [];
  const size = i.multiplier === 1 ? [] : [`x${i.multiplier}`];
  return [i.underlying, ...contract, i.style, i.settlement, ...exercise, ...size].join('-');
}
