/**
 * A scenario grid by an executor: the instruments of an account in a few pieces, each valued in every market of the grid, and the Greeks, where
 * asked for, by spots. An instrument's profits depend on nothing but the instrument, so the tensor is that of scenarioGrid to
 * the bit, however it is cut.
 */
import type { Account } from '../portfolio/account.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { accountHoldings, pnlVectors, type PnlVectors } from '../risk/pnl-vectors.js';
import { gridMarkets, gridShifts, gridTensor, type GridSpec, type ScenarioTensor } from '../risk/scenario.js';
import type { Executor, RunOptions } from './executor.js';
import { inline } from './inline.js';

export interface RunGridOptions extends RunOptions {
  executor?: Executor | undefined;
}

/** Pieces for each of an executor's lanes: enough to even out dear instruments and cheap ones. */
const PIECES = 4;
/** Fewer instruments than this are not worth making the grid's markets once more. */
const LEAST = 32;

/**
 * What scenarioGrid gives, the same bytes. A margin rule is a function and is asked in the calling thread, after the pieces. Rejects
 * with InputError as scenarioGrid throws, with the signal's reason where it is stopped; progress counts pieces.
 */
export async function runGrid(
  account: Account,
  snapshot: MarketSnapshot,
  grid: GridSpec,
  { executor = inline(), signal, onProgress }: RunGridOptions = {},
): Promise<ScenarioTensor> {
  gridShifts(grid);
  const holdings = accountHoldings(account, snapshot);
  const { instruments } = holdings;
  const numeraire = grid.numeraire ?? account.reportingCurrency;
  const { margin, ...plain } = grid;

  const size = Math.max(LEAST, Math.ceil(instruments.length / (PIECES * executor.width)));
  const groups = Array.from({ length: Math.ceil(instruments.length / size) }, (_, i) =>
    instruments.slice(i * size, (i + 1) * size),
  );
  const spots = grid.greeks === true ? grid.spot : [];
  const total = groups.length + spots.length;
  const progress = (before: number) => (done: number) => onProgress?.(before + done, total);
  const vectors = await executor.map(
    'gridVectors',
    groups.map((group) => ({ instruments: group, snapshot, grid: plain, numeraire })),
    { signal, onProgress: progress(0) },
  );
  const { positions, reportingCurrency } = account;
  const greeks = await executor.map(
    'gridGreeks',
    spots.map((spot) => ({
      account: { positions, reportingCurrency },
      snapshot,
      grid: { ...plain, spot: [spot] },
    })),
    { signal, onProgress: progress(groups.length) },
  );

  const cells = gridMarkets(snapshot, grid);
  const currencies = pnlVectors({ instruments: [], currencies: holdings.currencies }, snapshot, cells, { numeraire });
  const joined: PnlVectors = {
    ...currencies,
    instruments,
    pnl: concatenated(vectors.map(({ pnl }) => pnl)),
    value: concatenated(vectors.map(({ value }) => value)),
    missing: vectors.flatMap(({ missing }) => missing),
  };
  return gridTensor(
    account,
    { ...plain, margin },
    cells,
    holdings,
    joined,
    grid.greeks === true ? greeks.flat() : undefined,
  );
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
