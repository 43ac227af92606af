/**
 * What an account is exposed to, as one record: equity, ratios, Greeks in every numeraire, ladders, concentration, and what the figures
 * leave out. Everything is computed by the portfolio; here it is put side by side, in traders' units, for a table or a file.
 */
import { InputError } from '../errors.js';
import type { Currency, Instant } from '../market/quote.js';
import { runningSums } from '../math/running-sums.js';
import type { Account } from '../portfolio/account.js';
import { valueBook } from '../portfolio/book.js';
import { coinDelta, type CoinDelta } from '../portfolio/coin-delta.js';
import { visitContributions } from '../portfolio/contributions.js';
import { directionalSummary, type Direction, type DirectionalSummary } from '../portfolio/directional-summary.js';
import { accountEquity, type EquityRow } from '../portfolio/equity.js';
import { exposureMetrics, type Exposure } from '../portfolio/exposure.js';
import { greekLadder } from '../portfolio/ladder.js';
import { COIN_QUOTE, openMarket } from '../portfolio/market-view.js';
import type { Excluded, ValuationOptions } from '../portfolio/missing.js';
import { netGreeks, type CashGreeks } from '../portfolio/net-greeks.js';
import type { PositionRejection } from '../portfolio/read/rejection.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { greekNames } from '../portfolio/spot-greeks.js';
import type { Greeks } from '../pricing/greeks.js';
import { units } from '../pricing/units.js';
import { concentration } from '../risk/concentration.js';
import { exposureWarnings, type ExposureWarning } from './exposure-warnings.js';

export interface GreeksIn {
  numeraire: Currency;
  /** In traders' units, over underlyings. */
  total: CashGreeks;
  /** Mathematical derivatives, by underlying. */
  byUnderlying: Record<string, Greeks>;
}

/** The part of a book in one cell, in the numeraire. */
export interface LadderRow {
  underlying: string;
  /** 'up to 7 days', '7 to 30 days' ...; 'none' for what does not expire. */
  expiry: string;
  /** By the delta of the call at the strike: 'below 0.1', '0.1 to 0.25' ...; 'none' for what has no strike. */
  delta: string;
  cashDelta: number;
  gammaPerPercent: number;
  vegaPerPoint: number;
  thetaPerDay: number;
}

export interface ConcentrationRow {
  /** What the shares are of, and by what they are counted. */
  figure: 'delta notional' | 'vega';
  by: 'underlying' | 'instrument' | 'expiry' | 'strike';
  /** How many there are. */
  count: number;
  effectiveNumber: number;
  herfindahl: number;
  /** The largest, and its share. */
  largest: string;
  topShare: number;
}

export interface ExposureReport {
  schema: 1;
  account: string;
  asOf: Instant;
  /** Of every figure that does not name another. */
  numeraire: Currency;
  conventions: Record<string, string>;
  markets: { underlying: string; spot: number; asOf: Instant; expiries: number }[];
  /** Of the account; the rows in their own currency, `reported` in the numeraire. */
  equity: { rows: EquityRow[] };
  exposure: Omit<Exposure, 'excluded'>;
  /** Of the positions, without the balances: the numeraire first, then the coins. */
  greeks: GreeksIn[];
  /** Of the account, balances included, in coins. */
  coins: Record<Currency, CoinDelta>;
  summary: Pick<DirectionalSummary, keyof Direction | 'carry' | 'perEquity' | 'thetaPerGamma' | 'vegaPerGamma'>;
  ladder: LadderRow[];
  concentration: ConcentrationRow[];
  excluded: Excluded[];
  /** Ids of positions whose instrument has expired. */
  expired: string[];
  warnings: ExposureWarning[];
}

export interface ExposureReportOptions extends ValuationOptions {
  initialMargin?: number | undefined;
  /** Rows of the account's files that could not be read. */
  rejected?: readonly PositionRejection[] | undefined;
  /** What the account's venue had as index when the positions were taken, by underlying. */
  indexPrices?: Record<string, number> | undefined;
  /** Underlyings whose surface is not proved free of arbitrage. */
  unproved?: readonly string[] | undefined;
}

const conventions: Record<string, string> = {
  cashDelta: 'value of the underlying that moves like the position',
  gammaPerPercent: 'change of the cash delta for a move of the spot by 1%',
  vegaPerPoint: 'change of value for 0.01 of volatility',
  thetaPerDay: 'change of value for the passing of a day of 24 hours',
  rhoPerBasisPoint: 'change of value for 0.0001 of rate',
  byUnderlying: 'mathematical derivatives: per unit of spot, per 1.00 of volatility, per year',
  ratios: 'over equity; infinite where equity is 0 or less',
  nonFinite: "numbers that are not finite are the texts 'Infinity', '-Infinity' and 'NaN'",
};

/**
 * The report of an account, in the numeraire or its reporting currency. Throws InputError as exposureMetrics does: for fields of the
 * account, the snapshot or the options that are not as they must be, and for what the snapshot lacks unless `missing` says otherwise.
 */
export function exposureReport(
  account: Account,
  snapshot: MarketSnapshot,
  options: ExposureReportOptions = {},
): ExposureReport {
  const numeraire = options.numeraire ?? account.reportingCurrency;
  requireConvertible(account, snapshot, numeraire);
  const { missing, smile, initialMargin } = options;
  const valuation = { numeraire, missing, smile };
  const { excluded, ...exposure } = exposureMetrics(account, snapshot, { ...valuation, initialMargin });
  const { rows } = accountEquity(account, snapshot, numeraire, valuation);
  const coins = coinDelta(account, snapshot, { missing, smile });
  const greeks = greeksIn(numerairesOf(account, snapshot, numeraire), account, snapshot, valuation);
  const { expired } = netGreeks(account.positions, snapshot, valuation);
  const { cashDelta, gammaPerPercent, vegaPerPoint, termWeightedVegaPerPoint, carryPerDay, ...summary } =
    directionalSummary(account, snapshot, valuation);
  const { carry, perEquity, thetaPerGamma, vegaPerGamma } = summary;
  return {
    schema: 1,
    account: account.id,
    asOf: snapshot.asOf,
    numeraire,
    conventions,
    markets: Object.entries(snapshot.underlyings).map(([underlying, { spot, surface }]) => {
      return { underlying, spot, asOf: surface.asOf, expiries: surface.slices.length };
    }),
    equity: { rows },
    exposure: withoutUndefined(exposure),
    greeks,
    coins,
    summary: withoutUndefined({
      ...{ cashDelta, gammaPerPercent, vegaPerPoint, termWeightedVegaPerPoint, carryPerDay },
      ...{ carry, perEquity, thetaPerGamma, vegaPerGamma },
    }),
    ladder: ladderRows(account, snapshot, valuation),
    concentration: concentrationRows(account, snapshot, valuation, exposure),
    excluded,
    expired,
    warnings: exposureWarnings(account, snapshot, { ...options, excluded, expired, insolvent: exposure.insolvent }),
  };
}

/** Leaving out what has no rate must not leave out everything. */
function requireConvertible({ cash, positions }: Account, snapshot: MarketSnapshot, numeraire: Currency): void {
  const view = openMarket(snapshot);
  const held = [...new Set([...Object.keys(cash), ...positions.map(({ instrument }) => instrument.settlement)])];
  if (
    held.length > 0 &&
    !view.knows(numeraire) &&
    held.every((currency) => view.conversion(currency, numeraire) === undefined)
  ) {
    throw new InputError('numeraire', numeraire, `a currency with a rate to one that is held: ${held.join(', ')}`);
  }
}

/** The numeraire, then every coin in which a position settles; dollars too where the numeraire is a coin. */
function numerairesOf(account: Account, snapshot: MarketSnapshot, numeraire: Currency): Currency[] {
  const settled = account.positions.map(({ instrument }) => instrument.settlement);
  const coins = [...new Set([...Object.keys(account.cash), ...settled])].filter((name) =>
    Object.hasOwn(snapshot.underlyings, name),
  );
  const dollars = Object.hasOwn(snapshot.underlyings, numeraire) ? [COIN_QUOTE] : [];
  return [...new Set([numeraire, ...dollars, ...coins])];
}

function greeksIn(
  numeraires: readonly Currency[],
  account: Account,
  snapshot: MarketSnapshot,
  options: ValuationOptions,
): GreeksIn[] {
  return numeraires.map((numeraire) => {
    const { total, byUnderlying } = netGreeks(account.positions, snapshot, { ...options, numeraire });
    return { numeraire, total, byUnderlying };
  });
}

const DAYS = [1, 7, 30, 90, 180, 365];
const DELTAS = [0.1, 0.25, 0.5, 0.75, 0.9];

function ladderRows(account: Account, snapshot: MarketSnapshot, options: ValuationOptions): LadderRow[] {
  const ladder = greekLadder(
    account.positions,
    snapshot,
    {
      expiryYears: DAYS.map((days) => days / 365),
      moneyness: { axis: 'delta', nodes: DELTAS },
      rule: 'hard',
      greeks: ['delta', 'gamma', 'vega', 'theta'],
    },
    options,
  );
  const expiries = [...rangeNames(DAYS, 'up to', 'more than', ' days'), 'none'];
  const deltas = [...rangeNames(DELTAS, 'below', 'above', ''), 'none'];
  const rows: LadderRow[] = [];
  ladder.underlyings.forEach((underlying, u) => {
    const spot = snapshot.underlyings[underlying]?.spot ?? 0;
    ladder.expiries.forEach((_, e) => {
      ladder.moneyness.forEach((__, m) => {
        const from = ((u * ladder.expiries.length + e) * ladder.moneyness.length + m) * ladder.greeks.length;
        const [delta = 0, gamma = 0, vega = 0, theta = 0] = ladder.cell.subarray(from, from + ladder.greeks.length);
        if (delta === 0 && gamma === 0 && vega === 0 && theta === 0) return;
        rows.push({
          underlying,
          expiry: expiries[e]!,
          delta: deltas[m]!,
          cashDelta: units.cashDelta({ delta }, spot),
          gammaPerPercent: units.gammaPerPercent({ gamma }, spot),
          vegaPerPoint: units.vegaPerPoint({ vega }),
          thetaPerDay: units.thetaPerDay({ theta }),
        });
      });
    });
  });
  return rows;
}

function rangeNames(limits: readonly number[], first: string, last: string, unit: string): string[] {
  const between = limits.slice(1).map((limit, i) => `${limits[i]!} to ${limit}${unit}`);
  return [`${first} ${limits[0]!}${unit}`, ...between, `${last} ${limits[limits.length - 1]!}${unit}`];
}

interface Held {
  instrument: string;
  expiry?: string;
  strike?: string;
  /** In cash, and per point. */
  delta: number;
  vega: number;
}

/** Shares of what is held net by each key. */
function concentrationRows(
  account: Account,
  snapshot: MarketSnapshot,
  options: ValuationOptions,
  exposure: Pick<Exposure, 'byUnderlying'>,
): ConcentrationRow[] {
  const view = openMarket(snapshot);
  const book = valueBook(account.positions, snapshot, options);
  const [DELTA, VEGA] = [greekNames.indexOf('delta'), greekNames.indexOf('vega')];
  const held: Held[] = [];
  const deltaOf = ({ delta }: Held): number => delta;
  const vegaOf = ({ vega }: Held): number => vega;
  visitContributions(book, view, (row, underlying, greeks, own) => {
    if (!own) return;
    const instrument = book.instruments[row]!;
    const delta = greeks[DELTA]! * (view.underlying(underlying)?.spot ?? 0);
    held.push({
      instrument: instrument.id,
      ...(instrument.kind === 'option'
        ? {
            expiry: `${underlying} ${new Date(instrument.expiry).toISOString().slice(0, 10)}`,
            strike: `${underlying} ${instrument.strike}`,
          }
        : {}),
      delta,
      vega: greeks[VEGA]! / 100,
    });
  });
  const underlyings = Object.entries(exposure.byUnderlying);
  return [
    concentrationRow('delta notional', 'underlying', new Map(underlyings.map(([name, u]) => [name, u.deltaNotional]))),
    concentrationRow(
      'delta notional',
      'instrument',
      sumBy(held, (row) => row.instrument, deltaOf),
    ),
    concentrationRow(
      'vega',
      'expiry',
      sumBy(held, (row) => row.expiry, vegaOf),
    ),
    concentrationRow(
      'vega',
      'strike',
      sumBy(held, (row) => row.strike, vegaOf),
    ),
  ].filter(({ count }) => count > 0);
}

function concentrationRow(
  figure: ConcentrationRow['figure'],
  by: ConcentrationRow['by'],
  values: ReadonlyMap<string, number>,
): ConcentrationRow {
  const spread = concentration([...values.values()]);
  let largest = '';
  for (const [name, value] of values) {
    if (largest === '' || Math.abs(value) > Math.abs(values.get(largest)!)) largest = name;
  }
  const count = [...values.values()].filter((value) => value !== 0).length;
  const { herfindahl, effectiveNumber } = spread;
  return { figure, by, count, effectiveNumber, herfindahl, largest, topShare: spread.topShare(1) };
}

function sumBy<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string | undefined,
  figureOf: (row: Row) => number,
): Map<string, number> {
  const places = new Map<string, number>();
  const sums = runningSums(rows.length);
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    sums.add(place, figureOf(row));
  }
  return new Map([...places].map(([key, place]) => [key, sums.total(place)]));
}

function withoutUndefined<Figures extends object>(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as Figures;
}
