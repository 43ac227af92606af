/** The pieces of a scenario grid, as plain data: some instruments in all markets of a grid, and a book's Greeks in them. */
import type { Account } from '../portfolio/account.js';
import type { Instrument } from '../portfolio/instrument.js';
import type { CashGreeks } from '../portfolio/net-greeks.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { pnlVectors, type PnlVectors } from '../risk/pnl-vectors.js';
import { gridGreeks, gridMarkets, type GridSpec } from '../risk/scenario.js';

/** What of a grid can cross to a worker: all but the margin rule. */
export type PlainGrid = Omit<GridSpec, 'margin'>;

export interface GridVectorsRequest {
  instruments: readonly Instrument[];
  snapshot: MarketSnapshot;
  grid: PlainGrid;
  numeraire: string;
}

export interface GridGreeksRequest {
  account: Pick<Account, 'positions' | 'reportingCurrency'>;
  snapshot: MarketSnapshot;
  grid: PlainGrid;
}

/** The vectors of some instruments, in all markets of a grid. */
export function gridVectors({
  instruments,
  snapshot,
  grid,
  numeraire,
}: GridVectorsRequest): Pick<PnlVectors, 'pnl' | 'value' | 'missing'> {
  const cells = gridMarkets(snapshot, grid);
  const { pnl, value, missing } = pnlVectors({ instruments, currencies: [] }, snapshot, cells, {
    numeraire,
    missing: grid.missing,
  });
  return { pnl, value, missing };
}

/** The Greeks of a book in all markets of a grid. */
export function gridCellGreeks({ account, snapshot, grid }: GridGreeksRequest): CashGreeks[] {
  return gridGreeks(account, gridMarkets(snapshot, grid), grid);
}
