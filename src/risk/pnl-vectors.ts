/**
 * Profit of one unit of each instrument in each of a set of markets, by full revaluation. A book is a number of units, so whatever
 * is asked of it in these markets is a dot product:
 *
 *   profit(cell) = sum over instruments of units x pnl[instrument][cell]
 *                + sum over currencies of balance x currencyPnl[currency][cell]
 *
 * A future's unit is a contract entered now, at the mark; what positions have gained since their entries is a balance in their
 * settlement currency, beside cash, funding accrued and debts. Balances gain what their exchange rates do. A perpetual pays the
 * funding of the days between, at the rate of the cell on the notional of now. Nothing else accrues.
 *
 * Instruments are valued once a cell, however many positions hold them: European options by columns (option-columns.ts), American
 * ones market by market with their edges shared (american-vectors.ts), the rest one at a time.
 */
import { InputError } from '../errors.js';
import { MILLISECONDS_PER_DAY } from '../market/date.js';
import type { Currency } from '../market/quote.js';
import { runningSums } from '../math/running-sums.js';
import { compensatedSum } from '../math/sum.js';
import type { Account, Position } from '../portfolio/account.js';
import { distinctInstruments } from '../portfolio/book.js';
import { netBalances } from '../portfolio/equity.js';
import type { FutureInstrument, Instrument } from '../portfolio/instrument.js';
import { openMarket, type MarketView } from '../portfolio/market-view.js';
import type { Excluded, MissingPolicy, MissingReason } from '../portfolio/missing.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { requireAccount, requirePositions } from '../portfolio/validate.js';
import { gainOf, markOf, missingError, numeraireUnit, positionUnits } from '../portfolio/valuation.js';
import { americanVectors } from './american-vectors.js';
import { optionColumns } from './option-columns.js';

export interface PnlVectors {
  numeraire: Currency;
  instruments: readonly Instrument[];
  currencies: readonly Currency[];
  /** How many markets. */
  cells: number;
  /** Of one unit, before the multiplier, in the numeraire: [instrument][cell], row-major; zeros where `missing` says so. */
  pnl: Float64Array;
  /** Of one unit of each currency, in the numeraire: [currency][cell]. */
  currencyPnl: Float64Array;
  /** Of one unit of each instrument now; 0 of a future, which is entered now. */
  value: Float64Array;
  /** Of one unit of each currency now. */
  rate: Float64Array;
  /** What was missing, by instrument: left out, or at its intrinsic value. */
  missing: readonly (MissingReason | undefined)[];
}

export interface PnlOptions {
  numeraire: Currency;
  /** 'throw' where missing. */
  missing?: MissingPolicy | undefined;
}

/** What an account holds, as quantities to multiply vectors with. */
export interface Holdings {
  positions: readonly Position[];
  /** In order of first appearance. */
  instruments: readonly Instrument[];
  /** The instrument of each position. */
  index: Int32Array;
  /** Quantity times multiplier of each position. */
  units: Float64Array;
  /** What each position in a future gained since its entry, in its settlement currency; 0 for the rest. */
  gains: Float64Array;
  /** Units of all positions in each instrument. */
  held: Float64Array;
  currencies: readonly Currency[];
  /** Cash, accrued funding and gains of futures less debts, by currency. */
  balances: Float64Array;
}

/**
 * The holdings of an account at the marks of a snapshot. Throws InputError naming the field of the account or the snapshot that is
 * not as it must be. A future without a mark has gained nothing here: its vector is missing as well.
 */
export function accountHoldings(account: Account, snapshot: MarketSnapshot): Holdings {
  requireAccount(account);
  return holdingsOf(account.positions, netBalances(account), openMarket(snapshot));
}

/** The holdings of positions alone. Throws as {@link accountHoldings} does. */
export function positionHoldings(positions: readonly Position[], snapshot: MarketSnapshot): Holdings {
  requirePositions(positions);
  return holdingsOf(positions, new Map(), openMarket(snapshot));
}

function holdingsOf(positions: readonly Position[], cash: ReadonlyMap<Currency, number>, view: MarketView): Holdings {
  const { instruments, index } = distinctInstruments(positions);
  const units = Float64Array.from(positions, positionUnits);
  const marks = instruments.map((instrument) => {
    const market = view.underlying(instrument.underlying);
    return isFuture(instrument) && market !== undefined ? markOf(instrument, market) : undefined;
  });
  const gains = Float64Array.from(positions, ({ instrument, entryPrice }, i) => {
    const mark = marks[index[i]!];
    return mark === undefined ? 0 : units[i]! * gainOf(instrument as FutureInstrument, mark, entryPrice!);
  });
  const held = runningSums(instruments.length);
  units.forEach((amount, i) => {
    held.add(index[i]!, amount);
  });
  const settled = positions.map(({ instrument }) => instrument.settlement);
  const currencies = [...new Set([...cash.keys(), ...settled.filter((_, i) => gains[i] !== 0)])];
  const balances = currencies.map((currency) =>
    compensatedSum([cash.get(currency) ?? 0, ...gains.filter((_, i) => settled[i] === currency)]),
  );
  return {
    positions,
    instruments,
    index,
    units,
    gains,
    held: Float64Array.from(instruments, (_, row) => held.total(row)),
    currencies,
    balances: Float64Array.from(balances),
  };
}

/**
 * Vectors of the instruments and currencies of holdings, from one snapshot to each of the cells. Throws InputError naming the field
 * of a snapshot or an instrument that is not as it must be, and what a snapshot lacks unless `missing` says otherwise; a balance
 * without an exchange rate is always an error.
 */
export function pnlVectors(
  holdings: Pick<Holdings, 'instruments' | 'currencies'>,
  snapshot: MarketSnapshot,
  cells: readonly MarketSnapshot[],
  options: PnlOptions,
): PnlVectors {
  const { instruments, currencies } = holdings;
  const { numeraire } = options;
  const base = openMarket(snapshot);
  const views = cells.map(openMarket);
  const count = cells.length;
  const pnl = new Float64Array(instruments.length * count);
  const missing: (MissingReason | undefined)[] = instruments.map(() => undefined);
  const value = new Float64Array(instruments.length);
  const valued = optionColumns(instruments, [base, ...views], numeraire, pnl, value);
  americanVectors(instruments, [base, ...views], numeraire, pnl, value, valued);
  instruments.forEach((instrument, row) => {
    if (valued[row] === 1) return;
    const into = pnl.subarray(row * count, (row + 1) * count);
    const found = scalarVector(instrument, base, views, options, into);
    value[row] = found.value;
    missing[row] = found.lacking;
  });
  const currencyPnl = new Float64Array(currencies.length * count);
  const rate = Float64Array.from(currencies, (currency) => requireRate(currency, base, numeraire));
  currencies.forEach((currency, i) => {
    views.forEach((view, cell) => {
      currencyPnl[i * count + cell] = requireRate(currency, view, numeraire) - rate[i]!;
    });
  });
  return { numeraire, instruments, currencies, cells: count, pnl, currencyPnl, value, rate, missing };
}

function requireRate(currency: Currency, view: MarketView, numeraire: Currency): number {
  const conversion = view.conversion(currency, numeraire);
  if (conversion !== undefined) return conversion.rate;
  throw new InputError(`cash.${currency}`, currency, `a currency with a rate to ${numeraire}`);
}

function isFuture(instrument: Instrument): instrument is FutureInstrument {
  return instrument.kind === 'future' || instrument.kind === 'perpetual';
}

interface ScalarVector {
  value: number;
  lacking: MissingReason | undefined;
}

/** The vector of one instrument, cell by cell, or zeros and what is missing. */
function scalarVector(
  instrument: Instrument,
  base: MarketView,
  views: readonly MarketView[],
  { numeraire, missing: policy = 'throw' }: PnlOptions,
  into: Float64Array,
): ScalarVector {
  const unit = { intrinsic: policy === 'intrinsic', priceOnly: true };
  const leaveOut = (reason: MissingReason, view: MarketView): ScalarVector => {
    if (policy === 'throw') throw missingError(reason, instrument, view, numeraire);
    into.fill(0);
    return { value: 0, lacking: reason };
  };
  const now = numeraireUnit(instrument, base, numeraire, unit);
  if (!now.ok) return leaveOut(now.reason, base);
  let { lacking } = now.unit;
  for (const [cell, view] of views.entries()) {
    if (view === base) continue;
    const then = numeraireUnit(instrument, view, numeraire, unit);
    if (!then.ok) return leaveOut(then.reason, view);
    lacking ??= then.unit.lacking;
    into[cell] = isFuture(instrument)
      ? futureGain(instrument, base, view) * then.unit.conversion.rate
      : then.unit.greeks.price - now.unit.greeks.price;
  }
  return { value: now.unit.greeks.price, lacking };
}

/** What a contract entered at the mark of now has gained, with the funding paid, in its settlement currency. */
function futureGain(future: FutureInstrument, base: MarketView, view: MarketView): number {
  const before = base.underlying(future.underlying)!;
  const after = view.underlying(future.underlying)!;
  const mark = markOf(future, before)!;
  const settles = future.expiry !== undefined && future.expiry > base.asOf && future.expiry <= view.asOf;
  const gain = gainOf(future, settles ? after.spot : markOf(future, after)!, mark);
  if (future.kind === 'future') return gain;
  const days = (view.asOf - base.asOf) / MILLISECONDS_PER_DAY;
  const paid = (after.market.fundingRatePerDay ?? 0) * days * (future.style === 'inverse' ? 1 / mark : mark);
  return paid === 0 ? gain : gain - paid;
}

/** Profit of a book in each cell, in the numeraire: `held` units of the instruments and `balances` of the currencies. */
export function portfolioPnl(
  { pnl, currencyPnl, cells }: PnlVectors,
  { held, balances }: Pick<Holdings, 'held' | 'balances'>,
): Float64Array {
  const sums = runningSums(cells);
  const add = (vectors: Float64Array, amounts: Float64Array): void => {
    amounts.forEach((amount, row) => {
      if (amount === 0) return;
      for (let cell = 0; cell < cells; cell++) sums.add(cell, amount * vectors[row * cells + cell]!);
    });
  };
  add(pnl, held);
  add(currencyPnl, balances);
  return Float64Array.from({ length: cells }, (_, cell) => sums.total(cell));
}

/** What a book is worth now, in the numeraire. */
export function portfolioValue(
  { value, rate }: PnlVectors,
  { held, balances }: Pick<Holdings, 'held' | 'balances'>,
): number {
  const positions = held.map((units, row) => units * value[row]!);
  return compensatedSum([...positions, ...balances.map((balance, i) => balance * rate[i]!)]);
}

/** Profit of one position in each cell, in the numeraire, with what the exchange rate does to its gains so far. */
export function positionPnl(vectors: PnlVectors, holdings: Holdings, position: number): Float64Array {
  const { pnl, currencyPnl, cells, currencies } = vectors;
  const row = holdings.index[position]!;
  const [units, gain] = [holdings.units[position]!, holdings.gains[position]!];
  const currency = currencies.indexOf(holdings.instruments[row]!.settlement);
  return Float64Array.from({ length: cells }, (_, cell) => {
    const own = units * pnl[row * cells + cell]!;
    return gain === 0 ? own : own + gain * currencyPnl[currency * cells + cell]!;
  });
}

/** The positions whose instrument lacked something, in their order. */
export function excludedPositions({ missing }: PnlVectors, { positions, index }: Holdings): Excluded[] {
  return positions.flatMap(({ id }, i) => {
    const reason = missing[index[i]!];
    return reason === undefined ? [] : [{ positionId: id, reason }];
  });
}
