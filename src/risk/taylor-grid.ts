/**
 * The fast way through a grid: options by their Greeks of now,
 *
 *   dV = delta dS + gamma dS^2/2 + vega ds + vanna dS ds + volga ds^2/2 + theta dt + charm dS dt
 *
 * with the Greeks in the numeraire at the volatility of each strike, ds what the cell does to that volatility by the dynamics of the
 * smile and by its own move (read off the cell's smile; 0 of an option that has expired there), and everything that is not an option
 * in full. What an option is settled in, where that is a coin other than its underlying, moves in full as well. The remainder is of
 * third order in the moves; it is measured against the grid by full revaluation.
 */
import { InputError } from '../errors.js';
import type { Account } from '../portfolio/account.js';
import { valueBook } from '../portfolio/book.js';
import type { OptionInstrument } from '../portfolio/instrument.js';
import { openMarket, type UnderlyingView } from '../portfolio/market-view.js';
import { optionTerms } from '../portfolio/option-greeks.js';
import { GREEK_COUNT, greekNames } from '../portfolio/spot-greeks.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { GreekName } from '../pricing/greeks.js';
import { accountHoldings, pnlVectors, portfolioPnl } from './pnl-vectors.js';
import { gridShifts, type GridSpec, type ScenarioTensor } from './scenario.js';
import { shiftMarket } from './shift-market.js';

export interface TaylorGrid {
  /** [spot][volatility][horizon] */
  portfolio: Float64Array;
  /** The largest difference from full revaluation, and the cell it is in; undefined where no tensor was given. */
  maximumError?: number | undefined;
  worstCell?: [number, number, number] | undefined;
}

/**
 * The portfolio of a grid by second-order expansion; `full`, the tensor of the same grid, measures the error. Throws InputError as
 * scenarioGrid does.
 */
export function taylorGrid(
  account: Account,
  snapshot: MarketSnapshot,
  grid: GridSpec,
  full?: Pick<ScenarioTensor, 'portfolio'>,
): TaylorGrid {
  const shifts = gridShifts(grid);
  const view = openMarket(snapshot);
  const cells = shifts.map((list) => shiftMarket(snapshot, list, grid.dynamics));
  const views = cells.map(openMarket);
  const numeraire = grid.numeraire ?? account.reportingCurrency;
  const { missing } = grid;
  const options = account.positions.filter(({ instrument }) => instrument.kind === 'option');
  const rest = { ...account, positions: account.positions.filter(({ instrument }) => instrument.kind !== 'option') };
  const holdings = accountHoldings(rest, snapshot);
  const portfolio = portfolioPnl(pnlVectors(holdings, snapshot, cells, { numeraire, missing }), holdings);
  const book = valueBook(options, snapshot, { numeraire, missing });
  const held = new Float64Array(book.instruments.length);
  book.units.forEach((units, i) => (held[book.index[i]!]! += units));

  book.instruments.forEach((instrument, row) => {
    const market = view.underlying(instrument.underlying);
    if (instrument.kind !== 'option' || market === undefined || book.valued[row] === 0) return;
    const greek = (name: GreekName): number => book.greeks[row * GREEK_COUNT + greekNames.indexOf(name)]!;
    const [price, delta, gamma, vega, theta, vanna, volga, charm] = (
      ['price', 'delta', 'gamma', 'vega', 'theta', 'vanna', 'volga', 'charm'] as const
    ).map(greek) as [number, number, number, number, number, number, number, number];
    const volatility = volatilityOf(instrument, market);
    const others = book.conversion[row]!.powers.filter((power) => power.underlying !== instrument.underlying);
    shifts.forEach((list, cell) => {
      const after = views[cell]!.underlying(instrument.underlying)!;
      const dS = after.spot - market.spot;
      const dt = list[0]!.size;
      const moved = volatilityOf(instrument, after);
      const ds = moved === undefined || volatility === undefined ? 0 : moved - volatility;
      const change =
        delta * dS +
        0.5 * gamma * dS * dS +
        vega * ds +
        vanna * dS * ds +
        0.5 * volga * ds * ds +
        theta * dt +
        charm * dS * dt;
      const settled = others.reduce((ratio, { underlying, power }) => {
        const ahead = views[cell]!.underlying(underlying)!.spot / view.underlying(underlying)!.spot;
        return power === 1 ? ratio * ahead : ratio / ahead;
      }, 1);
      portfolio[cell]! += held[row]! * (change * settled + price * (settled - 1));
    });
  });
  return { portfolio, ...errorAgainst(portfolio, grid, full) };
}

/** At the option's strike; undefined without one, or once expired. */
function volatilityOf(option: OptionInstrument, market: UnderlyingView): number | undefined {
  const found = optionTerms(option, market);
  return found.ok && !found.expired ? found.terms.volatility : undefined;
}

function errorAgainst(
  portfolio: Float64Array,
  grid: GridSpec,
  full: Pick<ScenarioTensor, 'portfolio'> | undefined,
): Pick<TaylorGrid, 'maximumError' | 'worstCell'> {
  if (full === undefined) return {};
  if (full.portfolio.length !== portfolio.length) {
    throw new InputError('full.portfolio.length', full.portfolio.length, `${portfolio.length}, of the same grid`);
  }
  const errors = portfolio.map((value, cell) => Math.abs(value - full.portfolio[cell]!));
  const worst = errors.reduce((most, error, cell) => (error > errors[most]! ? cell : most), 0);
  const [volatilities, days] = [grid.volatility.length, grid.horizonDays.length];
  return {
    maximumError: errors[worst]!,
    worstCell: [Math.floor(worst / (volatilities * days)), Math.floor(worst / days) % volatilities, worst % days],
  };
}
