/**
 * How much market an account holds for its equity, in its reporting currency or another numeraire.
 *
 *   notional        units S, inverse futures their dollars, options in full, leveraged tokens leverage x value: |.| summed, and net
 *   delta notional  gross sum |delta_i| S over positions and coin balances, net sum over underlyings of |D_u| S_u
 *   premium         value of the long options, and of the short ones
 *   leverage        each over equity; effective leverage = sum S dV/dS / equity, the elasticity of equity
 *
 * D_u is the delta of the whole account: coin collateral moves with its spot and counts. `coinDeltaLeverage` is the same of the coin
 * deltas, without the collateral. Where equity is 0 or less every ratio is Infinity and the account insolvent.
 */
import { requireNonNegative } from '../check.js';
import { runningSums } from '../math/running-sums.js';
import { compensatedSum } from '../math/sum.js';
import type { Currency } from '../market/quote.js';
import type { Account } from './account.js';
import { positionValue, valueBook, type Book } from './book.js';
import { coinDelta } from './coin-delta.js';
import { visitCashDeltas } from './contributions.js';
import { adjust, equityOf, netBalances } from './equity.js';
import type { Instrument } from './instrument.js';
import { openMarket, type MarketView } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import type { MarketSnapshot } from './snapshot.js';
import { requireAccount } from './validate.js';
import { quoteCurrency } from './valuation.js';

export interface UnderlyingExposure {
  /** D_u: units of the underlying that move like the account. */
  units: number;
  /** Net, signed. */
  notional: number;
  /** D_u S, signed. */
  deltaNotional: number;
}

/** In the numeraire; ratios are to equity. */
export interface Exposure {
  equity: number;
  adjustedEquity: number;
  /** Equity of 0 or less: every ratio is Infinity. */
  insolvent: boolean;
  grossNotional: number;
  /** Signed. */
  netNotional: number;
  grossDeltaNotional: number;
  netDeltaNotional: number;
  longPremium: number;
  /** Non-negative. */
  shortPremium: number;
  grossLeverage: number;
  netLeverage: number;
  deltaLeverage: number;
  grossDeltaLeverage: number;
  coinDeltaLeverage: number;
  effectiveLeverage: number;
  /** Initial margin over equity, where it was given. */
  marginUsage?: number | undefined;
  byUnderlying: Record<string, UnderlyingExposure>;
  excluded: Excluded[];
}

/**
 * The exposure of an account in the numeraire, its reporting currency where missing. Throws InputError naming a field of the account,
 * the snapshot or the options that is not as it must be, and what the snapshot lacks unless `missing` says otherwise.
 */
export function exposureMetrics(
  account: Account,
  snapshot: MarketSnapshot,
  options: ValuationOptions & { initialMargin?: number | undefined } = {},
): Exposure {
  const view = openMarket(snapshot);
  requireAccount(account);
  const numeraire = options.numeraire ?? account.reportingCurrency;
  const initialMargin =
    options.initialMargin === undefined ? undefined : requireNonNegative('initialMargin', options.initialMargin);
  const book = valueBook(account.positions, snapshot, { ...options, numeraire });
  const { equity, rows } = equityOf(account, book, view);
  const { adjusted } = adjust(account, rows, numeraire, view);
  const notional = notionals(book, view);
  const deltas = deltaNotionals(account, book, view);
  const names = [...new Set([...notional.net.keys(), ...deltas.net.keys()])];
  const byUnderlying = names.map((name): [string, UnderlyingExposure] => {
    const deltaNotional = deltas.net.get(name) ?? 0;
    // What is excluded has no price.
    const units = deltaNotional === 0 ? 0 : deltaNotional / priceIn(name, book, view);
    return [name, { units, notional: notional.net.get(name) ?? 0, deltaNotional }];
  });
  const sumOf = (values: Iterable<number>): number => compensatedSum([...values]);
  const netDelta = sumOf([...deltas.net.values()].map(Math.abs));
  const netNotional = sumOf(notional.net.values());
  const insolvent = !(equity > 0);
  const ratio = (value: number): number => (insolvent ? Infinity : value / equity);
  return {
    equity,
    adjustedEquity: adjusted,
    insolvent,
    grossNotional: notional.gross,
    netNotional,
    grossDeltaNotional: deltas.gross,
    netDeltaNotional: netDelta,
    ...premiums(book),
    grossLeverage: ratio(notional.gross),
    netLeverage: ratio(netNotional),
    deltaLeverage: ratio(netDelta),
    grossDeltaLeverage: ratio(deltas.gross),
    coinDeltaLeverage: ratio(coinDeltaNotional(account, snapshot, numeraire, view, options)),
    effectiveLeverage: ratio(sumOf(deltas.net.values())),
    marginUsage: initialMargin === undefined ? undefined : ratio(initialMargin),
    byUnderlying: Object.fromEntries(byUnderlying),
    excluded: book.excluded,
  };
}

/** Contract notional of one unit in the numeraire. */
function unitNotional(instrument: Instrument, row: number, book: Book, view: MarketView): number {
  const spot = view.underlying(instrument.underlying)?.spot ?? 0;
  const { rate, powers } = book.conversion[row]!;
  const settled = book.settlementValue[row]! * rate;
  switch (instrument.kind) {
    case 'spot':
      // Cash is exposed to no underlying.
      return instrument.settlement === instrument.underlying && powers.length === 0 ? 0 : settled;
    case 'leveraged-token':
      return settled * instrument.leverage;
    case 'option':
      if (instrument.style === 'quanto') return spot * (instrument.fixedFx ?? 1) * rate;
      return spot * quoteRate(instrument, row, book, view);
    default:
      return (instrument.style === 'inverse' ? 1 : spot) * quoteRate(instrument, row, book, view);
  }
}

/** The quote currency of an instrument in the numeraire; by way of the coin's spot where no rate prices it. */
function quoteRate(instrument: Instrument, row: number, book: Book, view: MarketView): number {
  const quote = quoteCurrency(instrument);
  const direct = view.conversion(quote, book.numeraire);
  if (direct !== undefined) return direct.rate;
  return book.conversion[row]!.rate / view.underlying(instrument.underlying)!.spot;
}

/** The spot of an underlying in the numeraire. */
function priceIn(name: string, book: Book, view: MarketView): number {
  const row = book.instruments.findIndex((instrument, i) => instrument.underlying === name && book.valued[i] === 1);
  if (row < 0) return view.conversion(name, book.numeraire)!.rate;
  return view.underlying(name)!.spot * quoteRate(book.instruments[row]!, row, book, view);
}

function premiums(book: Book): { longPremium: number; shortPremium: number } {
  const values = Float64Array.from(book.positions, ({ instrument }, i) =>
    instrument.kind === 'option' ? positionValue(book, i) : 0,
  );
  return {
    longPremium: compensatedSum(values.map((value) => Math.max(value, 0))),
    shortPremium: compensatedSum(values.map((value) => Math.max(-value, 0))),
  };
}

/** Sum over coins of |coin delta| in the numeraire. */
function coinDeltaNotional(
  account: Account,
  snapshot: MarketSnapshot,
  numeraire: Currency,
  view: MarketView,
  options: ValuationOptions,
): number {
  const { missing, smile } = options;
  const coins = Object.entries(coinDelta(account, snapshot, { missing, smile }));
  return compensatedSum(
    coins.map(([coin, row]) => Math.abs(row.coinDelta) * (view.conversion(coin, numeraire)?.rate ?? 0)),
  );
}

function notionals(book: Book, view: MarketView): { gross: number; net: Map<string, number> } {
  const perUnit = book.instruments.map((instrument, row) =>
    book.valued[row] === 0 ? 0 : unitNotional(instrument, row, book, view),
  );
  const values = Float64Array.from(book.positions, (_, i) => book.units[i]! * perUnit[book.index[i]!]!);
  const net = sumBy(
    book.positions.map((position) => position.instrument.underlying),
    values,
  );
  for (const [name] of net) if (view.underlying(name) === undefined) net.delete(name);
  return { gross: compensatedSum(values.map(Math.abs)), net };
}

/** Delta times spot in the numeraire: gross over positions and balances, net by underlying. */
function deltaNotionals(account: Account, book: Book, view: MarketView): { gross: number; net: Map<string, number> } {
  const names: string[] = [];
  const values: number[] = [];
  book.positions.forEach((_, i) => {
    visitCashDeltas(book, i, view, (underlying, cashDelta) => {
      names.push(underlying);
      values.push(cashDelta);
    });
  });
  for (const [currency, amount] of netBalances(account)) {
    const conversion = view.conversion(currency, book.numeraire);
    if (conversion === undefined || amount === 0) continue;
    for (const { underlying, power } of conversion.powers) {
      names.push(underlying);
      values.push(amount * conversion.rate * power);
    }
  }
  return { gross: compensatedSum(values.map(Math.abs)), net: sumBy(names, values) };
}

function sumBy(names: readonly string[], values: ArrayLike<number>): Map<string, number> {
  const rows = new Map([...new Set(names)].map((name, i) => [name, i]));
  const sums = runningSums(rows.size);
  names.forEach((name, i) => {
    sums.add(rows.get(name)!, values[i]!);
  });
  return new Map([...rows].map(([name, row]) => [name, sums.total(row)]));
}
