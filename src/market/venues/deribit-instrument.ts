/**
 * Deribit's instrument names, read and written.
 *
 *   BTC-27JUN25-100000-C         inverse: base-expiry-strike-type, quoted and settled in the base coin
 *   XRP_USDC-30JUN23-0d625-C     linear: base_quote-..., quoted and settled in the quote currency; 'd' is the decimal point
 *   BTC-27JUN25, BTC-PERPETUAL, BTC_USDC, BTC-CS-27JUN25-90000_100000   futures, spot and combinations: no options
 *
 * Every option is European and settles at 08:00 UTC of the day in its name.
 * Deribit API reference, "Naming"; contract sizes of the USDC options from the venue's contract pages.
 */
import { requireFinite, requireOneOf, requirePositive, requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import type { OptionType } from '../../pricing/option.js';
import { dateOf, findCivilDay, formatMonthCode, parseEnglishMonth, utcDay } from '../date.js';
import { deribitSettlement } from '../expiry.js';
import type { Currency, Instant } from '../quote.js';

export interface DeribitOption {
  /** What stands before the first dash: 'BTC', or 'BTC_USDC' for the linear options. */
  underlying: string;
  type: OptionType;
  strike: number;
  /** 08:00 UTC of the expiry day. */
  expiry: Instant;
}

export type DeribitInstrument =
  | ({ ok: true; settlement: 'linear' | 'inverse'; premiumCurrency: Currency } & DeribitOption)
  | (Failure<'unreadable-instrument' | 'not-an-option'> & { underlying?: string | undefined });

const OPTION = /^([A-Z0-9]+(?:_([A-Z]+))?)-(\d{1,2})([A-Z]{3})(\d{2})-(\d+(?:d\d+)?)-([CP])$/;
const OTHER_KIND = /^([A-Z0-9]+(?:_[A-Z]+)?)(?:-(?:PERPETUAL|\d{1,2}[A-Z]{3}\d{2}|[A-Z]{1,8}-.+))?$/;
const STABLE_COINS: readonly string[] = ['USDC', 'USDT'];

/** Reads a name. Names of futures, perpetuals, spot pairs and combinations are recognised and refused as 'not-an-option'. */
export function parseDeribitInstrument(name: string): DeribitInstrument {
  const option = OPTION.exec(requireText('instrument', name));
  if (option === null) {
    const other = OTHER_KIND.exec(name);
    return other === null
      ? { ok: false, reason: 'unreadable-instrument', message: `'${name}' is no Deribit instrument name` }
      : { ok: false, reason: 'not-an-option', message: `'${name}' is not an option`, underlying: other[1] };
  }
  const [, underlying = '', quote, day, month = '', year, strikeText = '', letter] = option;
  const monthNumber = parseEnglishMonth(month);
  const expiryDay = monthNumber === undefined ? undefined : findCivilDay(2000 + Number(year), monthNumber, Number(day));
  const strike = Number(strikeText.replace('d', '.'));
  if (expiryDay === undefined || !(strike > 0) || (quote !== undefined && !STABLE_COINS.includes(quote))) {
    return {
      ok: false,
      reason: 'unreadable-instrument',
      message: `'${name}' has an expiry, a strike or a quote currency that does not exist`,
      underlying,
    };
  }
  return {
    ok: true,
    underlying,
    type: letter === 'C' ? 'call' : 'put',
    strike,
    expiry: deribitSettlement(expiryDay),
    settlement: quote === undefined ? 'inverse' : 'linear',
    premiumCurrency: quote ?? underlying,
  };
}

/** Writes a name; the inverse of {@link parseDeribitInstrument}. Throws {@link InputError} where the option has no such name. */
export function formatDeribitInstrument(option: DeribitOption): string {
  const { year, month, day } = dateOf(utcDay(requireFinite('expiry', option.expiry)));
  if (option.expiry !== deribitSettlement(utcDay(option.expiry)) || year < 2000 || year > 2099) {
    throw new InputError('expiry', option.expiry, '08:00 UTC of a day from 2000 to 2099');
  }
  const strike = String(requirePositive('strike', option.strike));
  if (strike.includes('e')) throw new InputError('strike', option.strike, 'a number written without an exponent');
  const letter = requireOneOf('type', option.type, ['call', 'put']) === 'call' ? 'C' : 'P';
  const date = `${day}${formatMonthCode(month)}${String(year % 100).padStart(2, '0')}`;
  return `${requireText('underlying', option.underlying)}-${date}-${strike.replace('.', 'd')}-${letter}`;
}

const CONTRACT_SIZES: Readonly<Record<string, number>> = {
  BTC: 1,
  ETH: 1,
  BTC_USDC: 1,
  ETH_USDC: 1,
  SOL_USDC: 10,
  XRP_USDC: 1000,
  MATIC_USDC: 1000,
  AVAX_USDC: 100,
  TRX_USDC: 10_000,
};

/** Coins per contract; undefined for an underlying whose contract size is not known here. Prices are per coin. */
export function deribitContractSize(underlying: string): number | undefined {
  return Object.hasOwn(CONTRACT_SIZES, underlying) ? CONTRACT_SIZES[underlying] : undefined;
}

/** From this price on, the step of inverse BTC and ETH options is always 0.0005 coin. */
const COARSE_STEP_FROM = 0.005;
const COARSE_STEP = 0.0005;
const FINE_STEP = 0.0001;

/**
 * The smallest price step of inverse BTC and ETH options, in coin: 0.0005, or 0.0001 since the venue refined the step of
 * prices below 0.005. Which rule is in force shows in the prices: one cheap price off the coarse grid proves the fine one.
 * Undefined for other underlyings and where no price below 0.005 could tell.
 */
export function deribitTick(underlying: string, prices: Iterable<number>): number | undefined {
  if (underlying !== 'BTC' && underlying !== 'ETH') return undefined;
  let cheap = 0;
  for (const price of prices) {
    if (!(price > 0 && price < COARSE_STEP_FROM)) continue;
    cheap += 1;
    const steps = price / COARSE_STEP;
    if (Math.abs(steps - Math.round(steps)) > 1e-6) return FINE_STEP;
  }
  return cheap > 0 ? COARSE_STEP : undefined;
}
