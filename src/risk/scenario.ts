/**
 * What a book makes or loses where the spot, the volatilities and the date are elsewhere: every cell of a grid, or a list of named
 * scenarios, by full revaluation.
 *
 *   cell [i, j, k]   spots moved by spot[i], volatilities by volatility[j], horizonDays[k] days later, all underlyings alike
 *
 * The profit of one unit of each instrument is a tensor; the portfolio's, and any other book's on the same instruments, is its
 * product with the units held. A cell where nothing moves is exactly 0.
 */
import { requireArray, requireFinite, requireNonNegative, requireObject, requireOneOf, requireText } from '../check.js';
import { InputError } from '../errors.js';
import type { Currency } from '../market/quote.js';
import type { Account } from '../portfolio/account.js';
import type { Instrument } from '../portfolio/instrument.js';
import type { Excluded, MissingPolicy } from '../portfolio/missing.js';
import { netGreeks, type CashGreeks } from '../portfolio/net-greeks.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import type { TermRule } from '../volatility/surface/surface-data.js';
import {
  accountHoldings,
  excludedPositions,
  pnlVectors,
  portfolioPnl,
  portfolioValue,
  positionPnl,
  type Holdings,
  type PnlVectors,
} from './pnl-vectors.js';
import { shiftMarket, type Shift } from './shift-market.js';

/** What a venue asks of an account in a market, in the account's reporting currency. */
export type MarginRule = (
  account: Account,
  snapshot: MarketSnapshot,
) => { initialMargin: number; maintenanceMargin: number };

export interface ScenarioOptions {
  /** The account's reporting currency where missing. */
  numeraire?: Currency | undefined;
  /** 'throw' where missing. */
  missing?: MissingPolicy | undefined;
  /** Asked in every market; without it there is no margin in the result. */
  margin?: MarginRule | undefined;
}

export interface GridSpec extends ScenarioOptions {
  /** Relative moves: -0.1 is 10% down. */
  spot: number[];
  /** Relative moves, or vol points as decimals. */
  volatility: number[];
  /** Days from now, 0 or more. */
  horizonDays: number[];
  volatilityKind: 'relative' | 'absolute';
  /** How smiles follow the spot; 'sticky-strike' where missing. */
  dynamics?: SmileDynamics | undefined;
  /** Volatility moves by days to expiry; 'parallel' where missing. */
  term?: 'parallel' | TermRule | undefined;
  /** Moves one underlying only; all of them where missing. */
  underlying?: string | undefined;
  /** Greeks of the book in every cell, in the numeraire: as dear as all the rest. */
  greeks?: boolean | undefined;
}

/** Cell by cell, where a margin rule was given. */
export interface ScenarioMargin {
  initial: Float64Array;
  maintenance: Float64Array;
  /** Maintenance margin over equity; Infinity where equity is 0 or less and a margin is asked, 0 where none is. */
  ratio: Float64Array;
}

export interface ScenarioTensor {
  spot: number[];
  volatility: number[];
  horizonDays: number[];
  /** Ids. */
  instruments: string[];
  /** Of one unit before its multiplier, in the numeraire: [instrument][spot][volatility][horizon], row-major. */
  pnl: Float64Array;
  /** [spot][volatility][horizon], with what cash and gains in other currencies do. */
  portfolio: Float64Array;
  worst: { pnl: number; cell: [number, number, number] };
  excluded: Excluded[];
  /** Worth of the account in each cell; now it is `equityNow`. */
  equity: Float64Array;
  equityNow: number;
  margin?: ScenarioMargin | undefined;
  greeks?: CashGreeks[] | undefined;
  /** What the figures are products of: positionPnl(vectors, holdings, i) is the grid of a position. */
  vectors: PnlVectors;
  holdings: Holdings;
}

/** The shifts of each cell of a grid, [spot][volatility][horizon]. Throws InputError for an axis without a value. */
export function gridShifts(grid: GridSpec): Shift[][] {
  requireObject('grid', grid);
  const { underlying, term } = grid;
  const kind = requireOneOf('volatilityKind', grid.volatilityKind, ['relative', 'absolute']);
  for (const axis of ['spot', 'volatility', 'horizonDays'] as const) {
    if (requireArray(axis, grid[axis]).length === 0) throw new InputError(axis, grid[axis], 'at least one value');
    grid[axis].forEach((value, i) => {
      (axis === 'horizonDays' ? requireNonNegative : requireFinite)(`${axis}[${i}]`, value);
      if (axis === 'spot' && !(value > -1)) throw new InputError(`spot[${i}]`, value, 'above -1: a price above 0');
    });
  }
  return grid.spot.flatMap((spot) =>
    grid.volatility.flatMap((volatility) =>
      grid.horizonDays.map((days): Shift[] => [
        { factor: 'time', kind: 'absolute', size: days / 365 },
        { factor: 'spot', kind: 'relative', size: spot, underlying },
        { factor: 'volatility', kind, size: volatility, underlying, term },
      ]),
    ),
  );
}

/**
 * The market of each cell, [spot][volatility][horizon]. Time, spot and volatility are moved one after the other, which is what
 * shiftMarket does with a list, so that cells share what they have in common. Throws as {@link gridShifts} and shiftMarket do.
 */
export function gridMarkets(snapshot: MarketSnapshot, grid: GridSpec): MarketSnapshot[] {
  const shifts = gridShifts(grid);
  const [volatilities, days] = [grid.volatility.length, grid.horizonDays.length];
  const later = grid.horizonDays.map((_, k) => shiftMarket(snapshot, shifts[k]!.slice(0, 1)));
  const moved = grid.spot.map((_, i) =>
    later.map((market, k) => shiftMarket(market, shifts[i * volatilities * days + k]!.slice(1, 2), grid.dynamics)),
  );
  return shifts.map((list, cell) =>
    shiftMarket(moved[Math.floor(cell / (volatilities * days))]![cell % days]!, list.slice(2)),
  );
}

/**
 * The profit of every cell of a grid. Throws InputError naming the field of the account, the snapshot or the grid that is not as it
 * must be, and what a market lacks unless `missing` says otherwise.
 */
export function scenarioGrid(account: Account, snapshot: MarketSnapshot, grid: GridSpec): ScenarioTensor {
  const cells = gridMarkets(snapshot, grid);
  const holdings = accountHoldings(account, snapshot);
  const numeraire = grid.numeraire ?? account.reportingCurrency;
  const vectors = pnlVectors(holdings, snapshot, cells, { numeraire, missing: grid.missing });
  const greeks = grid.greeks === true ? gridGreeks(account, cells, grid) : undefined;
  return gridTensor(account, grid, cells, holdings, vectors, greeks);
}

/** Greeks of an account's book in each cell of a grid. Throws InputError for what a cell lacks unless the grid says otherwise. */
export function gridGreeks(
  { positions, reportingCurrency }: Pick<Account, 'positions' | 'reportingCurrency'>,
  cells: readonly MarketSnapshot[],
  { numeraire = reportingCurrency, missing, dynamics: smile }: GridSpec,
): CashGreeks[] {
  return cells.map((market) => netGreeks(positions, market, { numeraire, missing, smile }).total);
}

/** What {@link scenarioGrid} gives, from the vectors of what the account holds in the grid's cells. */
export function gridTensor(
  account: Account,
  grid: GridSpec,
  cells: readonly MarketSnapshot[],
  holdings: Holdings,
  vectors: PnlVectors,
  greeks: CashGreeks[] | undefined,
): ScenarioTensor {
  const { portfolio, ...rest } = outcomes(account, holdings, vectors, cells, grid.margin);
  const worst = lowest(portfolio);
  const [volatilities, days] = [grid.volatility.length, grid.horizonDays.length];
  const cell: [number, number, number] = [
    Math.floor(worst / (volatilities * days)),
    Math.floor(worst / days) % volatilities,
    worst % days,
  ];
  return {
    spot: grid.spot,
    volatility: grid.volatility,
    horizonDays: grid.horizonDays,
    instruments: holdings.instruments.map(({ id }: Instrument) => id),
    pnl: vectors.pnl,
    portfolio,
    worst: { pnl: portfolio[worst]!, cell },
    ...rest,
    greeks,
    vectors,
    holdings,
  };
}

export interface Scenario {
  name: string;
  shifts: readonly Shift[];
  /** 'sticky-strike' where missing. */
  dynamics?: SmileDynamics | undefined;
}

export interface ScenarioResult {
  name: string;
  pnl: number;
  equity: number;
  /** In the order of the account's positions. */
  byPosition: number[];
  margin?: { initial: number; maintenance: number; ratio: number } | undefined;
}

/** The profit of each named scenario, in their order, and the worst of them. Throws InputError as {@link scenarioGrid} does. */
export function runScenarios(
  account: Account,
  snapshot: MarketSnapshot,
  scenarios: readonly Scenario[],
  options: ScenarioOptions = {},
): { scenarios: ScenarioResult[]; worst: ScenarioResult; equityNow: number; excluded: Excluded[] } {
  if (requireArray('scenarios', scenarios).length === 0) throw new InputError('scenarios', scenarios, 'at least one');
  const cells = scenarios.map(({ name, shifts, dynamics }, i) => {
    requireText(`scenarios[${i}].name`, name);
    return shiftMarket(snapshot, shifts, dynamics);
  });
  const holdings = accountHoldings(account, snapshot);
  const numeraire = options.numeraire ?? account.reportingCurrency;
  const vectors = pnlVectors(holdings, snapshot, cells, { numeraire, missing: options.missing });
  const { portfolio, equity, equityNow, margin, excluded } = outcomes(
    account,
    holdings,
    vectors,
    cells,
    options.margin,
  );
  const rows = account.positions.map((_, i) => positionPnl(vectors, holdings, i));
  const results = scenarios.map(({ name }, c): ScenarioResult => ({
    name,
    pnl: portfolio[c]!,
    equity: equity[c]!,
    byPosition: rows.map((row) => row[c]!),
    margin: margin && {
      initial: margin.initial[c]!,
      maintenance: margin.maintenance[c]!,
      ratio: margin.ratio[c]!,
    },
  }));
  return { scenarios: results, worst: results[lowest(portfolio)]!, equityNow, excluded };
}

interface Outcomes {
  portfolio: Float64Array;
  equity: Float64Array;
  equityNow: number;
  margin: ScenarioMargin | undefined;
  excluded: Excluded[];
}

function outcomes(
  account: Account,
  holdings: Holdings,
  vectors: PnlVectors,
  cells: readonly MarketSnapshot[],
  margin: MarginRule | undefined,
): Outcomes {
  const portfolio = portfolioPnl(vectors, holdings);
  const equityNow = portfolioValue(vectors, holdings);
  const equity = portfolio.map((pnl) => equityNow + pnl);
  return {
    portfolio,
    equity,
    equityNow,
    margin:
      margin &&
      marginOf(
        cells.map((market) => margin(account, market)),
        equity,
      ),
    excluded: excludedPositions(vectors, holdings),
  };
}

function marginOf(required: ReturnType<MarginRule>[], equity: Float64Array): ScenarioMargin {
  const maintenance = Float64Array.from(required, ({ maintenanceMargin }) => maintenanceMargin);
  return {
    initial: Float64Array.from(required, ({ initialMargin }) => initialMargin),
    maintenance,
    ratio: maintenance.map((asked, c) => {
      if (asked === 0) return 0;
      return equity[c]! > 0 ? asked / equity[c]! : Infinity;
    }),
  };
}

/** The index of the lowest, the first of equal ones. */
function lowest(values: Float64Array): number {
  return values.reduce((least, value, i) => (value < values[least]! ? i : least), 0);
}
