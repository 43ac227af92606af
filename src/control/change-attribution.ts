/**
 * Why every figure of a report changed between two snapshots of an account: the account is valued anew as one thing after another
 * becomes what it is in the later snapshot, and each step's change belongs to what was changed in it.
 *
 *   time        asOf, forwards and the volatility of every strike and expiry as they were; what has expired settles at the old spot
 *   spot        the spots, forwards and listed marks in proportion, the volatility of every strike as it was
 *   volatility  the later surfaces, at the forwards and rates so far
 *   rates       the later market whole: forwards against spots, discounting, marks, funding, exchange rates
 *   positions   the later positions, in the later market
 *   balances    the later cash and debts
 *
 * The steps join the two reports, so the parts add up to the change; what rounding leaves is the residual. Where two things moved
 * together what they did together belongs to the later of them in this order: a change of delta from spot and volatility at once is in
 * the volatility's part. Differences of full valuations, not an expansion: nothing is left out in large moves.
 */
import { requireObject } from '../check.js';
import { InputError } from '../errors.js';
import type { Instant } from '../market/quote.js';
import { exp } from '../math/exponential.js';
import { compensatedSum } from '../math/sum.js';
import type { Account } from '../portfolio/account.js';
import { exposureMetrics } from '../portfolio/exposure.js';
import { openMarket } from '../portfolio/market-view.js';
import type { UnderlyingView } from '../portfolio/market-view.js';
import type { ValuationOptions } from '../portfolio/missing.js';
import { netGreeks } from '../portfolio/net-greeks.js';
import type { MarketSnapshot, UnderlyingMarket } from '../portfolio/snapshot.js';
import { shiftMarket } from '../risk/shift-market.js';
import type { Shift } from '../risk/shift-market.js';
import { moveForwards } from '../risk/shift-surface.js';
import { numbersOf, pathKey } from './report-numbers.js';

/** In the order in which they are changed. */
export const changeCauses = ['time', 'spot', 'volatility', 'rates', 'positions', 'balances'] as const;
export type ChangeCause = (typeof changeCauses)[number];

/** An account and the market it is seen in. */
export interface AccountSnapshot {
  account: Account;
  snapshot: MarketSnapshot;
}

export interface AttributedChange {
  path: string[];
  before: number;
  after: number;
  change: number;
  parts: Record<ChangeCause, number>;
  /** change less the parts: rounding, and NaN where a figure is not finite on the way. */
  residual: number;
}

export interface AttributionOptions extends ValuationOptions {
  /**
   * The report, any record of numbers at any depth; where missing the exposure with the net Greeks beside it, `greeks.byUnderlying` and
   * `greeks.total`.
   */
  measure?: ((account: Account, snapshot: MarketSnapshot) => object) | undefined;
}

/**
 * Every number that changed, in the order of the later report. A number that a report does not have is 0 there. Throws InputError where
 * the later snapshot is before the earlier one, the accounts report in different currencies, and as the measure does for each of the
 * markets: what either snapshot lacks for a position needs `missing`.
 */
export function attributeChanges(
  before: AccountSnapshot,
  after: AccountSnapshot,
  options: AttributionOptions = {},
): AttributedChange[] {
  requireObject('before', before);
  requireObject('after', after);
  const { reportingCurrency } = before.account;
  if (after.account.reportingCurrency !== reportingCurrency) {
    throw new InputError('after.account.reportingCurrency', after.account.reportingCurrency, `'${reportingCurrency}'`);
  }
  const { measure = exposureAndGreeks(options) } = options;
  const reports = states(before, after).map(({ account, snapshot }) => numbersOf(measure(account, snapshot)));
  const last = reports[reports.length - 1]!;
  const keys = new Map([last, ...reports].flatMap((report) => [...report].map(([key, { path }]) => [key, path])));
  const rows: AttributedChange[] = [];
  for (const [key, path] of keys) {
    const values = reports.map((report) => report.get(key)?.value ?? 0);
    const steps = changeCauses.map((_, i) => difference(values[i + 1]!, values[i]!));
    const change = difference(values[values.length - 1]!, values[0]!);
    if (change === 0 && steps.every((step) => step === 0)) continue;
    rows.push({
      path,
      before: values[0]!,
      after: values[values.length - 1]!,
      change,
      parts: Object.fromEntries(changeCauses.map((cause, i) => [cause, steps[i]!])) as Record<ChangeCause, number>,
      residual: compensatedSum([change, ...steps.map((step) => -step)]),
    });
  }
  return rows;
}

/** The row of a number, by its path. */
export function attributionOf(
  rows: readonly AttributedChange[],
  path: readonly string[],
): AttributedChange | undefined {
  const key = pathKey(path);
  return rows.find((row) => pathKey(row.path) === key);
}

/** 0 where both are the same infinity. */
function difference(to: number, from: number): number {
  return to === from ? 0 : to - from;
}

function exposureAndGreeks({ numeraire, missing, smile }: AttributionOptions) {
  return (account: Account, snapshot: MarketSnapshot): object => {
    const options = { numeraire: numeraire ?? account.reportingCurrency, missing, smile };
    const { byUnderlying, total } = netGreeks(account.positions, snapshot, options);
    return { ...exposureMetrics(account, snapshot, options), greeks: { byUnderlying, total } };
  };
}

/** From the earlier to the later: one more than there are causes. */
function states(before: AccountSnapshot, after: AccountSnapshot): AccountSnapshot[] {
  const { account, snapshot } = before;
  const later = after.snapshot;
  if (later.asOf < snapshot.asOf) {
    throw new InputError('after.snapshot.asOf', later.asOf, `not before before.snapshot.asOf, ${snapshot.asOf}`);
  }
  const aged = shiftMarket(snapshot, [{ factor: 'time', kind: 'set', size: later.asOf }]);
  const moved = shiftMarket(aged, spotShifts(aged, later));
  const traded = { ...account, positions: after.account.positions };
  return [
    before,
    { account, snapshot: aged },
    { account, snapshot: moved },
    { account, snapshot: withSurfacesOf(later, moved) },
    { account, snapshot: later },
    { account: traded, snapshot: later },
    after,
  ];
}

function spotShifts(from: MarketSnapshot, to: MarketSnapshot): Shift[] {
  return Object.keys(from.underlyings).flatMap((underlying): Shift[] => {
    const size = to.underlyings[underlying]?.spot;
    return size === undefined ? [] : [{ factor: 'spot', underlying, kind: 'set', size }];
  });
}

/** The market with the volatilities of a later one: each strike's at each expiry, the forwards and rates its own. */
function withSurfacesOf(later: MarketSnapshot, market: MarketSnapshot): MarketSnapshot {
  const view = openMarket(market);
  const underlyings = { ...market.underlyings };
  for (const [name, own] of Object.entries(market.underlyings)) {
    const surface = later.underlyings[name]?.surface;
    if (surface === undefined || surface === own.surface) continue;
    underlyings[name] = withVolatility(own, surface, view.underlying(name)!);
  }
  return { ...market, underlyings };
}

function withVolatility(
  own: UnderlyingMarket,
  later: UnderlyingMarket['surface'],
  view: UnderlyingView,
): UnderlyingMarket {
  const at = (expiry: Instant) => {
    const found = view.expiry(expiry);
    return found !== undefined && found.timeToExpiry > 0 ? found : undefined;
  };
  const forwards = later.slices.map(({ expiry, forward }) => at(expiry)?.forward ?? forward);
  const tied = moveForwards(later, forwards, later.spot === undefined ? undefined : own.spot, 'sticky-strike');
  const slices = tied.slices.map((slice) => {
    const rate = at(slice.expiry)?.rate;
    return rate === undefined ? slice : { ...slice, discountFactor: exp(-rate * slice.timeToExpiry) };
  });
  return { ...own, surface: { ...tied, slices } };
}
