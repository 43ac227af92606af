/**
 * A scan of weighted scenarios with charges beside, for house rules written as data:
 *
 *   scan         max(0, -min over cells weight (P&L of the cell))
 *   short strike charge: per strike and expiry, net short options (calls and puts together) times a share of the index
 *   minimum      (net |net delta| + hedged (gross - |net|)) index: what a book must post however well it is hedged
 *   initial      max(scan + short-strike charge, minimum),   maintenance a share of it
 *
 * 'paradex': 24 cells, price range 16% in quarters with volatilities up 40% and down 22% (only up at the edges), far moves weighted
 * as Deribit weighs them; minimum 2% of the net and 1% of the hedged notional; maintenance one half. Source: Paradex docs, "Portfolio
 * margin".
 */
import { requireArray, requireFinite, requireNonNegative, requireObject } from '../../check.js';
import { InputError } from '../../errors.js';
import type { MarginEngine, MarginRules } from './margin.js';
import { commonCurrency, groupRows, marginRows, priceOfCoin } from './margin-rows.js';
import type { MarginRow } from './margin-rows.js';
import { shortOptions } from './short-options.js';
import { termMultiplier } from './volatility-term.js';
import type { VolatilityTerm } from './volatility-term.js';

export interface ScanCell {
  /** Relative, of spot and forwards. */
  move: number;
  /** Relative, of every volatility; at 30 days where the rules have a term. */
  volatility: number;
  weight: number;
}

export interface ScanRules {
  cells: ScanCell[];
  /** Share of the index per net short option of a strike. */
  shortOptionCharge?: number | undefined;
  /** Shares of the index per unit of net and of hedged delta. */
  minimumDelta?: { net: number; hedged: number } | undefined;
  /** Maintenance over initial margin. */
  maintenanceFraction: number;
  /** Volatility shocks times (30 / days to expiry)^power, the short power below 30 days; the same for all expiries where missing. */
  term?: VolatilityTerm | undefined;
}

const RANGE = 0.16;

export const paradexRules: ScanRules = {
  cells: [
    ...[-0.12, -0.08, -0.04, 0, 0.04, 0.08, 0.12].flatMap((move) =>
      [0.4, -0.22].map((volatility) => ({ move, volatility, weight: 1 })),
    ),
    ...[-RANGE, RANGE].map((move) => ({ move, volatility: 0.4, weight: 1 })),
    ...[-0.66, -0.33, 0.5, 1, 2, 3, 4, 5].map((move) => ({ move, volatility: 0.4, weight: RANGE / Math.abs(move) })),
  ],
  minimumDelta: { net: 0.02, hedged: 0.01 },
  maintenanceFraction: 0.5,
  term: { shortPower: 0.3, longPower: 0.13 },
};

const house: MarginRules = {
  venue: 'house rules',
  version: 'scan',
  effectiveDate: 'as given',
  source: 'the parameters of the call',
  unconfirmed: [],
};

const paradex: MarginRules = {
  venue: 'Paradex',
  version: 'portfolio margin',
  effectiveDate: '2025-01-01',
  source: 'docs.paradex.trade: Portfolio margin',
  unconfirmed: ['funding and fee provisions are not part of this preset'],
};

/** Throws InputError on rules that cannot be, and where account or snapshot are not as they must be. In the currency all positions settle in, or the account's. */
export const scanMargin: MarginEngine<ScanRules | 'paradex'> = (account, snapshot, parameters) => {
  const given = parameters === 'paradex' ? paradexRules : requireRules(parameters);
  const read = marginRows(account, snapshot, { anyExercise: true });
  const { currency, rate } = commonCurrency(read, account);
  const groups = groupRows(read.rows, ({ instrument }) => instrument.underlying);
  let scan = 0;
  let charge = 0;
  let minimum = 0;
  let worstScenario: { label: string; pnl: number } | undefined;
  for (const rows of groups.values()) {
    const worst = worstOf(rows, given, rate);
    scan += Math.max(0, -worst.pnl);
    charge += shortStrikeCharge(rows, given.shortOptionCharge ?? 0, rate);
    minimum += minimumDelta(rows, given.minimumDelta, rate);
    if (worstScenario === undefined || worst.pnl < worstScenario.pnl) worstScenario = worst;
  }
  const initialMargin = Math.max(scan + charge, minimum);
  const { maintenanceFraction } = given;
  const both = (initial: number) => ({ initial, maintenance: maintenanceFraction * initial });
  return {
    initialMargin,
    maintenanceMargin: maintenanceFraction * initialMargin,
    currency,
    components: {
      scan: both(scan),
      shortOptions: both(charge),
      minimum: both(Math.max(0, initialMargin - scan - charge)),
    },
    worstScenario,
    rules: parameters === 'paradex' ? paradex : house,
    excluded: read.excluded,
  };
};

function worstOf(
  rows: readonly MarginRow[],
  { cells, term }: ScanRules,
  rate: (row: MarginRow) => number,
): { label: string; pnl: number } {
  const power = (days: number): number => (term === undefined ? 1 : termMultiplier(days, term));
  let worst = { label: 'none', pnl: 0 };
  for (const { move, volatility, weight } of cells) {
    const shocked = (v: number, days: number): number => v * Math.max(1 + volatility * power(days), 0);
    const pnl = weight * rows.reduce((sum, row) => sum + row.units * rate(row) * row.gain(1 + move, shocked), 0);
    if (pnl < worst.pnl) worst = { label: `spot ${move}, volatility ${volatility}, weight ${weight}`, pnl };
  }
  return worst;
}

function shortStrikeCharge(rows: readonly MarginRow[], share: number, rate: (row: MarginRow) => number): number {
  return shortOptions(rows).reduce((sum, { units, row }) => sum + share * units * rate(row) * priceOfCoin(row), 0);
}

function minimumDelta(
  rows: readonly MarginRow[],
  shares: ScanRules['minimumDelta'],
  rate: (row: MarginRow) => number,
): number {
  if (shares === undefined || rows.length === 0) return 0;
  const net = Math.abs(rows.reduce((sum, { units, delta }) => sum + units * delta, 0));
  const gross = rows.reduce((sum, { units, delta }) => sum + Math.abs(units * delta), 0);
  return (shares.net * net + shares.hedged * (gross - net)) * rate(rows[0]!) * priceOfCoin(rows[0]!);
}

function requireRules(given: ScanRules): ScanRules {
  requireObject('parameters', given);
  requireArray('cells', given.cells);
  if (given.cells.length === 0) throw new InputError('cells.length', 0, 'at least 1');
  given.cells.forEach(({ move, volatility, weight }, i) => {
    requireFinite(`cells[${i}].move`, move);
    if (!(move > -1)) throw new InputError(`cells[${i}].move`, move, 'above -1');
    requireFinite(`cells[${i}].volatility`, volatility);
    requireNonNegative(`cells[${i}].weight`, weight);
  });
  requireNonNegative('maintenanceFraction', given.maintenanceFraction);
  if (given.shortOptionCharge !== undefined) requireNonNegative('shortOptionCharge', given.shortOptionCharge);
  if (given.minimumDelta !== undefined) {
    requireNonNegative('minimumDelta.net', given.minimumDelta.net);
    requireNonNegative('minimumDelta.hedged', given.minimumDelta.hedged);
  }
  return given;
}
