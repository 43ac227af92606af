/**
 * The edge of the portfolio: every field of a position, an account and a snapshot is checked here, once, before anything is
 * computed from it. What is not as it must be throws an InputError that names the field.
 */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
  requireText,
  requireWithin,
} from '../check.js';
import { InputError } from '../errors.js';
import { requireSurfaceData } from '../volatility/surface/surface.js';
import type { Account, CollateralTier, Position } from './account.js';
import type { Instrument } from './instrument.js';
import { missingPolicies, type ValuationOptions } from './missing.js';
import type { MarketSnapshot, UnderlyingMarket } from './snapshot.js';

function requireName(field: string, value: unknown): string {
  if (requireText(field, value) === '') throw new InputError(field, value, 'a name');
  return value as string;
}

/** Throws InputError naming the first field that is not as it must be; `at` is the path to the instrument, empty or 'x.'. */
export function requireInstrument(instrument: Instrument, at = ''): void {
  requireObject(at === '' ? 'instrument' : at.slice(0, -1), instrument);
  requireName(`${at}id`, instrument.id);
  requireName(`${at}underlying`, instrument.underlying);
  requireName(`${at}settlement`, instrument.settlement);
  requirePositive(`${at}multiplier`, instrument.multiplier);
  requireOneOf(`${at}kind`, instrument.kind, ['option', 'future', 'perpetual', 'spot', 'leveraged-token']);
  if (instrument.kind === 'option') {
    requireOneOf(`${at}style`, instrument.style, ['linear', 'inverse', 'quanto']);
    requireOneOf(`${at}exercise`, instrument.exercise ?? 'european', ['european', 'american']);
    requireOneOf(`${at}type`, instrument.type, ['call', 'put']);
    requireNonNegative(`${at}strike`, instrument.strike);
    requireFinite(`${at}expiry`, instrument.expiry);
    requireOneOf(`${at}divisor`, instrument.divisor ?? 'forward', ['forward', 'index']);
    if (instrument.style === 'quanto') {
      requirePositive(`${at}fixedFx`, instrument.fixedFx);
      requireNonNegative(`${at}fxVolatility`, instrument.fxVolatility ?? 0);
      requireWithin(`${at}correlation`, instrument.correlation ?? 0, -1, 1);
    }
  } else if (instrument.kind === 'future' || instrument.kind === 'perpetual') {
    requireOneOf(`${at}style`, instrument.style, ['linear', 'inverse']);
    if (instrument.kind === 'future') requireFinite(`${at}expiry`, instrument.expiry);
    else if (instrument.expiry !== undefined) {
      throw new InputError(`${at}expiry`, instrument.expiry, 'missing: a perpetual has none');
    }
  } else if (instrument.kind === 'leveraged-token') {
    requireFinite(`${at}targetLeverage`, instrument.targetLeverage);
    requirePositive(`${at}nav`, instrument.nav);
    requireFinite(`${at}leverage`, instrument.leverage);
  }
}

/** Everything but the instrument. Throws InputError naming the field. */
export function requirePosition(position: Position, at: string): void {
  requireObject(at, position);
  requireName(`${at}.id`, position.id);
  requireObject(`${at}.instrument`, position.instrument);
  requireFinite(`${at}.quantity`, position.quantity);
  const { kind } = position.instrument;
  if (kind === 'future' || kind === 'perpetual') requirePositive(`${at}.entryPrice`, position.entryPrice);
  else if (position.entryPrice !== undefined) requireNonNegative(`${at}.entryPrice`, position.entryPrice);
}

/** Positions with unique ids. Instruments are checked where they are valued. Throws InputError naming the field. */
export function requirePositions(positions: readonly Position[], at = 'positions'): void {
  requireArray(at, positions);
  const ids = new Set<string>();
  positions.forEach((position, i) => {
    requirePosition(position, `${at}[${i}]`);
    if (ids.has(position.id)) throw new InputError(`${at}[${i}].id`, position.id, 'unique');
    ids.add(position.id);
  });
}

/** Throws InputError naming the first field that is not as it must be. */
export function requireAccount(account: Account): void {
  requireObject('account', account);
  requireName('id', account.id);
  requireName('reportingCurrency', account.reportingCurrency);
  requireBalances('cash', account.cash, requireFinite);
  requireBalances('borrowed', account.borrowed ?? {}, requireNonNegative);
  requireBalances('accruedInterest', account.accruedInterest ?? {}, requireFinite);
  requireBalances('accruedFunding', account.accruedFunding ?? {}, requireFinite);
  requirePositions(account.positions);
  const collateral = account.collateral ?? {};
  requireObject('collateral', collateral);
  for (const [currency, tiers] of Object.entries(collateral)) requireTiers(`collateral.${currency}`, tiers);
}

function requireBalances(
  field: string,
  balances: Readonly<Record<string, number>>,
  check: (field: string, value: unknown) => number,
): void {
  requireObject(field, balances);
  for (const [currency, amount] of Object.entries(balances)) {
    if (currency === '') throw new InputError(field, currency, 'balances by currency');
    check(`${field}.${currency}`, amount);
  }
}

function requireTiers(field: string, tiers: readonly CollateralTier[]): void {
  requireArray(field, tiers);
  let before: CollateralTier = { upTo: 0, factor: 1 };
  tiers.forEach((tier, i) => {
    const at = `${field}[${i}]`;
    requireObject(at, tier);
    if (typeof tier.upTo !== 'number' || !(tier.upTo > before.upTo)) {
      throw new InputError(`${at}.upTo`, tier.upTo, `a number above ${before.upTo}`);
    }
    requireWithin(`${at}.factor`, tier.factor, 0, before.factor);
    before = tier;
  });
}

/** Exchange rates are checked by createFx. Throws InputError naming the first field that is not as it must be. */
export function requireSnapshot(snapshot: MarketSnapshot): void {
  requireObject('snapshot', snapshot);
  requireFinite('asOf', snapshot.asOf);
  requireObject('underlyings', snapshot.underlyings);
  requireArray('fx', snapshot.fx);
  for (const [name, market] of Object.entries(snapshot.underlyings)) requireMarket(`underlyings.${name}`, market);
}

function requireMarket(at: string, market: UnderlyingMarket): void {
  requireObject(at, market);
  requirePositive(`${at}.spot`, market.spot);
  requireObject(`${at}.surface`, market.surface);
  // A market without options: no slices, no forwards, no volatilities.
  if (!Array.isArray(market.surface.slices) || market.surface.slices.length > 0) {
    try {
      requireSurfaceData(market.surface);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${at}.surface.${error.field}`, error.value, error.requirement);
    }
  }
  const futures = market.futures ?? {};
  requireObject(`${at}.futures`, futures);
  for (const [id, mark] of Object.entries(futures)) requirePositive(`${at}.futures.${id}`, mark);
  if (market.before !== undefined) {
    requireObject(`${at}.before`, market.before);
    requirePositive(`${at}.before.spot`, market.before.spot);
    for (const [id, mark] of Object.entries(market.before.futures ?? {})) {
      requirePositive(`${at}.before.futures.${id}`, mark);
    }
  }
  for (const name of ['fundingRatePerDay', 'americanRate', 'americanDividendYield'] as const) {
    if (market[name] !== undefined) requireFinite(`${at}.${name}`, market[name]);
  }
}

/** Throws InputError naming the field. The rule of the smile is checked where it is used. */
export function requireValuationOptions(options: ValuationOptions): void {
  requireObject('options', options);
  if (options.numeraire !== undefined) requireName('numeraire', options.numeraire);
  requireOneOf('missing', options.missing ?? 'throw', missingPolicies);
}
