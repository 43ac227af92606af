/**
 * What changed between two reports on an account, and why. Equity moves by the profit of the positions, which `explainPnl` splits by
 * cause, and by what came from outside: deposits, fees, trades. A leverage L = N/E moves with its exposure and with its equity:
 *
 *   L_1 - L_0 = (N_1 - N_0) (1/E_0 + 1/E_1)/2  +  (1/E_1 - 1/E_0) (N_0 + N_1)/2
 *
 * which is exact and the same in both directions of time. With the attribution of change-attribution.ts each number that changed carries
 * its parts by time, spot, volatility, rates, positions and balances, and what they leave.
 */
import { requireNonNegative, requireObject } from '../check.js';
import { compensatedSum } from '../math/sum.js';
import type { PnlExplanation } from '../portfolio/explain-pnl.js';
import type { Exposure } from '../portfolio/exposure.js';
import { attributionOf, changeCauses } from './change-attribution.js';
import type { AttributedChange, ChangeCause } from './change-attribution.js';
import { numbersOf } from './report-numbers.js';

/** A number of the reports that is not what it was; undefined where it was not there. */
export interface ReportChange {
  path: string[];
  before: number | undefined;
  after: number | undefined;
  /** after - before, what is not there being 0. */
  change: number;
  /** By what changed, where the attribution has the number, and the change less their sum. */
  parts?: Record<ChangeCause, number> | undefined;
  residual?: number | undefined;
}

/** A part of the change of equity. */
export interface EquityCause {
  cause: string;
  amount: number;
}

export interface LeverageChange {
  ratio: (typeof RATIOS)[number][0];
  before: number;
  after: number;
  /** Add up to after - before; NaN where an account is insolvent. */
  fromExposure: number;
  fromEquity: number;
}

export interface ReportDiff {
  /** In the order of the later report, then what is gone. */
  changes: ReportChange[];
  equity: {
    before: number;
    after: number;
    change: number;
    /** The largest first; they add up to the change. 'outside' is what no profit of the positions accounts for. */
    causes: EquityCause[];
  };
  leverage: LeverageChange[];
}

export interface DiffOptions {
  /** Of the positions held between the reports, in the numeraire of both. Without it the whole change comes from 'outside'. */
  explanation?: PnlExplanation | undefined;
  /** What each number changed by, and why, of the same reports: `attributeChanges`. */
  attribution?: readonly AttributedChange[] | undefined;
  /** Changes up to this part of the larger size are left out; 0 where missing. */
  relativeTolerance?: number | undefined;
}

const RATIOS = [
  ['grossLeverage', 'grossNotional'],
  ['netLeverage', 'netNotional'],
  ['deltaLeverage', 'netDeltaNotional'],
  ['grossDeltaLeverage', 'grossDeltaNotional'],
] as const;

/**
 * Reports are exposures, or records that hold an exposure's fields and others beside (net Greeks, limits): every number in them, at any
 * depth, is compared. Both must be in the same numeraire. Throws InputError on reports that are not records or a negative tolerance.
 */
export function diffReports(before: Exposure, after: Exposure, options: DiffOptions = {}): ReportDiff {
  requireObject('before', before);
  requireObject('after', after);
  const tolerance = requireNonNegative('relativeTolerance', options.relativeTolerance ?? 0);
  return {
    changes: changesOf(before, after, tolerance).map((row) => attributed(row, options.attribution)),
    equity: {
      before: before.equity,
      after: after.equity,
      change: after.equity - before.equity,
      causes: causesOf(after.equity - before.equity, options.explanation),
    },
    leverage: RATIOS.map(([ratio, exposure]) => {
      const [n0, n1, e0, e1] = [before[exposure], after[exposure], before.equity, after.equity];
      const solvent = !before.insolvent && !after.insolvent;
      return {
        ratio,
        before: before[ratio],
        after: after[ratio],
        fromExposure: solvent ? (n1 - n0) * (0.5 / e0 + 0.5 / e1) : NaN,
        fromEquity: solvent ? (1 / e1 - 1 / e0) * 0.5 * (n0 + n1) : NaN,
      };
    }),
  };
}

function causesOf(change: number, explanation: PnlExplanation | undefined): EquityCause[] {
  const parts = Object.entries(explanation?.parts ?? {}).map(([cause, amount]) => ({ cause, amount }));
  const known = [...parts, { cause: 'unexplained', amount: explanation?.unexplained ?? 0 }];
  const outside = compensatedSum([change, ...known.map(({ amount }) => -amount)]);
  return [...known, { cause: 'outside', amount: outside }]
    .filter(({ amount }) => amount !== 0)
    .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
}

function attributed(row: ReportChange, rows: readonly AttributedChange[] = []): ReportChange {
  const parts = attributionOf(rows, row.path)?.parts;
  if (parts === undefined) return row;
  return { ...row, parts, residual: compensatedSum([row.change, ...changeCauses.map((cause) => -parts[cause])]) };
}

function changesOf(before: object, after: object, tolerance: number): ReportChange[] {
  const [old, now] = [numbersOf(before), numbersOf(after)];
  const keys = [...now.keys(), ...[...old.keys()].filter((key) => !now.has(key))];
  return keys.flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    const [from, to] = [was?.value ?? 0, is?.value ?? 0];
    if (Object.is(from, to) || from === to) return [];
    const size = Math.max(Math.abs(from), Math.abs(to));
    if (Math.abs(to - from) <= tolerance * size && Number.isFinite(size)) return [];
    return [{ path: (is ?? was)!.path, before: was?.value, after: is?.value, change: to - from }];
  });
}
