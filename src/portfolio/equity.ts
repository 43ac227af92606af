/**
 * What an account is worth, currency by currency, and what of it counts as collateral.
 *
 *   equity_c = cash_c + spot_c + options_c + gains of futures_c + accrued funding_c - borrowed_c - accrued interest_c
 *   equity   = sum of equity_c fx(c)
 *   adjusted = sum of tiers of equity_c, each times its factor, times fx(c); a negative equity_c counts in full
 *
 * Premium has left the cash: an option is an asset worth its mark. A future is worth what it gained since its entry.
 */
import { InputError } from '../errors.js';
import { runningSums } from '../math/running-sums.js';
import { compensatedSum } from '../math/sum.js';
import type { Currency } from '../market/quote.js';
import type { Account, CollateralTier } from './account.js';
import { valueBook, type Book } from './book.js';
import { openMarket, type MarketView } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import type { MarketSnapshot } from './snapshot.js';
import { requireAccount } from './validate.js';

export interface EquityRow {
  currency: Currency;
  cash: number;
  /** Spot positions and leveraged tokens. */
  spot: number;
  options: number;
  /** Unrealised gains of futures and perpetuals. */
  futures: number;
  /** Accrued. */
  funding: number;
  /** What is owed, without the interest. */
  borrowed: number;
  /** Accrued on what is owed. */
  interest: number;
  /** All of it, in the row's currency. */
  equity: number;
  /** In the currency asked for. */
  reported: number;
}

export interface Equity {
  equity: number;
  rows: EquityRow[];
  excluded: Excluded[];
}

/**
 * The account's equity in a currency, with a row for each currency it holds. Throws InputError naming a field of the account or the
 * snapshot that is not as it must be, and what the snapshot lacks unless `missing` says otherwise; a cash balance without an
 * exchange rate is always an error.
 */
export function accountEquity(
  account: Account,
  snapshot: MarketSnapshot,
  currency: Currency,
  options: ValuationOptions = {},
): Equity {
  const view = openMarket(snapshot);
  requireAccount(account);
  const book = valueBook(account.positions, snapshot, { ...options, numeraire: currency });
  return equityOf(account, book, view);
}

/** The equity of an account whose positions are valued already, in the book's numeraire. */
export function equityOf(account: Account, book: Book, view: MarketView): Equity {
  const settled = book.instruments.map((instrument) => instrument.settlement);
  const { cash, borrowed = {}, accruedFunding = {}, accruedInterest = {} } = account;
  const balances = [cash, borrowed, accruedInterest, accruedFunding];
  const currencies = [...new Set([...balances.flatMap((balance) => Object.keys(balance)), ...settled])];
  const at = new Map(currencies.map((currency, i) => [currency, i]));
  const [spot, options, futures] = [currencies, currencies, currencies].map(({ length }) => runningSums(length));
  for (let i = 0; i < book.positions.length; i++) {
    const row = book.index[i]!;
    const { kind, settlement } = book.instruments[row]!;
    const column = at.get(settlement)!;
    const value = book.units[i]! * book.settlementValue[row]!;
    if (kind === 'option') options!.add(column, value);
    else if (kind === 'future' || kind === 'perpetual') futures!.add(column, book.gains[i]!);
    else spot!.add(column, value);
  }
  const rows = currencies.map((currency, i) => {
    const row = {
      currency,
      cash: cash[currency] ?? 0,
      spot: spot!.total(i),
      options: options!.total(i),
      futures: futures!.total(i),
      funding: accruedFunding[currency] ?? 0,
      borrowed: borrowed[currency] ?? 0,
      interest: accruedInterest[currency] ?? 0,
    };
    const owed = [-row.borrowed, -row.interest];
    const equity = compensatedSum([row.cash, row.spot, row.options, row.futures, row.funding, ...owed]);
    return { ...row, equity, reported: equity === 0 ? 0 : equity * rateOf(currency, book.numeraire, account, view) };
  });
  return { equity: compensatedSum(rows.map(({ reported }) => reported)), rows, excluded: book.excluded };
}

/** Cash and accrued funding less what is owed, of each currency the account names. */
export function netBalances({
  cash,
  borrowed = {},
  accruedFunding = {},
  accruedInterest = {},
}: Account): Map<Currency, number> {
  const currencies = new Set(
    [cash, borrowed, accruedInterest, accruedFunding].flatMap((balance) => Object.keys(balance)),
  );
  const net = (c: Currency): number =>
    compensatedSum([cash[c] ?? 0, accruedFunding[c] ?? 0, -(borrowed[c] ?? 0), -(accruedInterest[c] ?? 0)]);
  return new Map([...currencies].map((currency) => [currency, net(currency)]));
}

function rateOf(from: Currency, to: Currency, account: Account, view: MarketView): number {
  const conversion = view.conversion(from, to);
  if (conversion !== undefined) return conversion.rate;
  const field = view.knows(to) || !view.knows(from) ? `cash.${from}` : 'currency';
  throw new InputError(
    field,
    field === 'currency' ? to : account.cash[from],
    `in a currency with a rate from ${from} to ${to}`,
  );
}

/** What a balance counts for as collateral, in its own currency: tier by tier, nothing above the last, a debt in full. */
export function collateralValue(balance: number, tiers: readonly CollateralTier[] | undefined): number {
  if (balance <= 0 || tiers === undefined) return balance;
  let from = 0;
  let value = 0;
  for (const { upTo, factor } of tiers) {
    value += factor * (Math.min(balance, upTo) - from);
    if (balance <= upTo) break;
    from = upTo;
  }
  return value;
}

export interface AdjustedEquity {
  /** In the account's reporting currency. */
  adjusted: number;
  rows: { currency: Currency; equity: number; reported: number; adjusted: number }[];
  /** Positions that count for nothing because the snapshot lacks their data. */
  excluded: Excluded[];
}

/** Equity after the haircuts of the account's collateral tiers, in its reporting currency. Throws as {@link accountEquity} does. */
export function adjustedEquity(
  account: Account,
  snapshot: MarketSnapshot,
  options: Pick<ValuationOptions, 'missing'> & { numeraire?: Currency | undefined } = {},
): AdjustedEquity {
  const view = openMarket(snapshot);
  requireAccount(account);
  const numeraire = options.numeraire ?? account.reportingCurrency;
  const { rows, excluded } = accountEquity(account, snapshot, numeraire, options);
  return { ...adjust(account, rows, numeraire, view), excluded };
}

/** Haircuts on the rows of an equity. */
export function adjust(
  account: Account,
  rows: readonly EquityRow[],
  numeraire: Currency,
  view: MarketView,
): Omit<AdjustedEquity, 'excluded'> {
  const adjusted = rows.map(({ currency, equity, reported }) => {
    const counted = collateralValue(equity, account.collateral?.[currency]);
    const value = counted === equity ? reported : counted * rateOf(currency, numeraire, account, view);
    return { currency, equity, reported, adjusted: value };
  });
  return { adjusted: compensatedSum(adjusted.map((row) => row.adjusted)), rows: adjusted };
}
