/**
 * A calibration as rows of two plain tables: one row a slice, with what was fitted and how well it is known to be free of arbitrage, and
 * one row a maturity, with what a desk reads off the surface there. Nothing in a row depends on when or where it was computed.
 */
import { InputError } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import type { SurfaceFit } from '../../volatility/calibration/surface-fit.js';
import { surfaceAnalytics } from '../../volatility/surface/analytics.js';
import type { DeltaWings } from '../../volatility/surface/analytics.js';

/** What a column holds; times are milliseconds since 1970 in rows. */
export type ColumnType = 'text' | 'number' | 'count' | 'time' | 'flag';
export type Cell = string | number | boolean | null;
/** The cells of a table's columns, in their order. */
export type Row = readonly Cell[];
export type Columns = Readonly<Record<string, ColumnType>>;

/** One row a slice; an expiry or a chain without a surface has a row that says why. */
export const surfaceColumns = {
  chain: 'text',
  venue: 'text',
  underlying: 'text',
  asOf: 'time',
  expiry: 'time',
  timeToExpiry: 'number',
  forward: 'number',
  discountFactor: 'number',
  model: 'text',
  /** A JSON record of the smile's parameters by name. */
  parameters: 'text',
  /** Basis points of volatility. */
  rmseBp: 'number',
  maxErrorBp: 'number',
  shareInsideSpread: 'number',
  quotesUsed: 'count',
  /** Quotes of the slice left out by its fit. */
  rejected: 'count',
  /** Rows of the whole chain left out by reader, filters and fits; the same in all its rows. */
  chainRejected: 'count',
  /** Verdict on the slice: proved, refuted or undecided. */
  butterfly: 'text',
  /** Verdict on the slice and the one before; empty in the first. */
  calendar: 'text',
  failureReason: 'text',
} as const satisfies Columns;

/** One row a maturity of a chain that has a surface. Volatilities and their differences are annual, as decimals. */
export const analyticsColumns = {
  chain: 'text',
  venue: 'text',
  underlying: 'text',
  asOf: 'time',
  tenorDays: 'number',
  /** Whether the maturity lies outside the calibrated expiries. */
  extrapolated: 'flag',
  atmVolatility: 'number',
  /** dvol / dln(K/F) at the forward. */
  skew: 'number',
  /** Volatility at 90% of the forward less that at 110%. */
  moneynessSkew: 'number',
  riskReversal25: 'number',
  butterfly25: 'number',
  riskReversal10: 'number',
  butterfly10: 'number',
  varianceSwapVolatility: 'number',
  /** Reasons of the figures that are missing, each once. */
  failureReason: 'text',
} as const satisfies Columns;

type RowOf<Table extends Columns> = Record<keyof Table, Cell>;

/** The slices of a calibration, its failed expiries after them, or the failure of the whole; `id` names the chain. */
export function surfaceRows(id: string, chain: OptionChain, fit: SurfaceFit): Row[] {
  const blank: RowOf<typeof surfaceColumns> = {
    ...emptyRow(surfaceColumns),
    ...headOf(id, chain),
    chainRejected: fit.rejected.length,
  };
  const row = (given: Partial<RowOf<typeof surfaceColumns>>): Row => cells(surfaceColumns, { ...blank, ...given });
  if (!fit.ok) return [row({ failureReason: fit.reason })];
  return [
    ...fit.fits.map(({ input, model, parameters, diagnostics, rejected }, i) =>
      row({
        expiry: input.expiry,
        timeToExpiry: input.timeToExpiry,
        forward: input.forward,
        discountFactor: input.discountFactor,
        model,
        parameters: JSON.stringify(parameters),
        rmseBp: diagnostics.rmseBp,
        maxErrorBp: diagnostics.maxErrorBp,
        shareInsideSpread: diagnostics.shareInsideSpread,
        quotesUsed: diagnostics.quotesUsed,
        rejected: rejected.length,
        butterfly: fit.butterfly[i]!.verdict,
        calendar: i === 0 ? null : fit.calendar[i - 1]!.verdict,
      }),
    ),
    ...fit.failed.map(({ expiry, reason }) => row({ expiry, failureReason: reason })),
  ];
}

/** Constant maturities of a surface, in days of 24 hours; none of a chain without one. */
export function analyticsRows(id: string, chain: OptionChain, fit: SurfaceFit, tenorsInDays: readonly number[]): Row[] {
  if (!fit.ok) return [];
  const { slices } = fit.surface.data;
  return tenorsInDays.map((tenorDays) => {
    const timeToExpiry = tenorDays / 365;
    const head = {
      ...emptyRow(analyticsColumns),
      ...headOf(id, chain),
      tenorDays,
      extrapolated: timeToExpiry < slices[0]!.timeToExpiry || timeToExpiry > slices.at(-1)!.timeToExpiry,
    };
    return cells(analyticsColumns, { ...head, ...figuresAt(fit.surface, timeToExpiry) });
  });
}

function figuresAt(
  surface: (SurfaceFit & { ok: true })['surface'],
  timeToExpiry: number,
): Partial<RowOf<typeof analyticsColumns>> {
  try {
    const { atmVolatility, skew, moneynessSkew, delta25, delta10, varianceSwap } = surfaceAnalytics(
      surface,
      timeToExpiry,
    );
    const missing = [delta25, delta10, varianceSwap].flatMap((figure) => (figure.ok ? [] : [figure.reason]));
    const wing = (wings: typeof delta25, name: keyof DeltaWings & ('riskReversal' | 'butterfly')): Cell =>
      wings.ok ? wings[name].value : null;
    return {
      atmVolatility: atmVolatility.value,
      skew: skew.value,
      moneynessSkew: moneynessSkew.value,
      riskReversal25: wing(delta25, 'riskReversal'),
      butterfly25: wing(delta25, 'butterfly'),
      riskReversal10: wing(delta10, 'riskReversal'),
      butterfly10: wing(delta10, 'butterfly'),
      varianceSwapVolatility: varianceSwap.ok ? varianceSwap.volatility.value : null,
      failureReason: missing.length === 0 ? null : [...new Set(missing)].join(' '),
    };
  } catch (error) {
    // A smile without variance at the money, or SABR's expansion without a volatility: the surface has nothing to read here.
    if (error instanceof InputError) return { failureReason: 'no-volatility' };
    throw error;
  }
}

function headOf(
  chain: string,
  { venue, underlying, asOf }: OptionChain,
): { chain: string; venue: string; underlying: string; asOf: number } {
  return { chain, venue, underlying, asOf };
}

function emptyRow<Table extends Columns>(columns: Table): RowOf<Table> {
  return Object.fromEntries(Object.keys(columns).map((name) => [name, null])) as RowOf<Table>;
}

/** A number that is none is an empty cell: every reader of the table knows those. */
function cells<Table extends Columns>(columns: Table, row: RowOf<Table>): Row {
  return Object.keys(columns).map((name) => {
    const cell: Cell = row[name as keyof Table];
    return typeof cell === 'number' && !Number.isFinite(cell) ? null : cell;
  });
}
