/**
 * A calibration as rows of two plain tables: one row a slice, with what was fitted and how well it is known to be free of arbitrage, and
 * one row a maturity, with what a desk reads off the surface there. Nothing in a row depends on when or where it was computed.
 */
import { InputError } from '../../errors.js';
import type { Rejection } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import type { Instant } from '../../market/quote.js';
import { BLEND_SEPARATOR } from '../../market/slice-inputs.js';
import type { SliceFit } from '../../volatility/calibration/fit.js';
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
  /** The first file the chain came from. */
  source: 'text',
  venue: 'text',
  underlying: 'text',
  time: 'time',
  spot: 'number',
  expiry: 'time',
  timeToExpiry: 'number',
  forward: 'number',
  discountFactor: 'number',
  model: 'text',
  /** A JSON record of the smile's parameters by name. */
  parameters: 'text',
  /** A JSON record of their standard errors; null where the quotes did not determine one. */
  standardErrors: 'text',
  /** Basis points of volatility. */
  rmseBp: 'number',
  maxErrorBp: 'number',
  rmseHalfSpreads: 'number',
  shareInsideSpread: 'number',
  chiSquarePerDof: 'number',
  condition: 'number',
  /** Names of parameters that a bound holds, with blanks between them; empty text for none. */
  atBound: 'text',
  iterations: 'count',
  starts: 'count',
  termination: 'text',
  /** Of the expiry in the feed, those that could be read. */
  quotes: 'count',
  quotesUsed: 'count',
  /** Of these quotes, left out by the filters and the fit. */
  rejected: 'count',
  /** A JSON record of their number by reason. */
  rejectedByReason: 'text',
  /** Rows of the whole chain left out by reader, filters and fits; the same in all its rows. */
  chainRejected: 'count',
  /** Verdict on the slice: proved, refuted or undecided. */
  butterfly: 'text',
  /** Verdict on the slice and the one before; empty in the first. */
  calendar: 'text',
  /** Whether every certificate of the surface is a proof for every strike. */
  surfaceProved: 'flag',
  /** What certification costs the fit and how far it moved the slice, in basis points of volatility. */
  certificationCostBp: 'number',
  certificationMoveBp: 'number',
  failureReason: 'text',
} as const satisfies Columns;

/** One row a maturity of a chain that has a surface. Volatilities and their differences are annual, as decimals. */
export const analyticsColumns = {
  source: 'text',
  venue: 'text',
  underlying: 'text',
  time: 'time',
  tenorDays: 'number',
  /** Whether the maturity lies outside the calibrated expiries. */
  extrapolated: 'flag',
  forward: 'number',
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
  /** Change of the at-the-money volatility per year, between the slices next to the maturity. */
  termSlope: 'number',
  /** Reasons of the figures that are missing, each once. */
  failureReason: 'text',
} as const satisfies Columns;

type RowOf<Table extends Columns> = Record<keyof Table, Cell>;

/** The slices of a calibration, its failed expiries after them, or the failure of the whole; `source` names the file. */
export function surfaceRows(source: string, chain: OptionChain, fit: SurfaceFit): Row[] {
  const blank: RowOf<typeof surfaceColumns> = {
    ...emptyRow(surfaceColumns),
    ...headOf(source, chain),
    spot: chain.spot ?? null,
    chainRejected: fit.rejected.length,
  };
  const row = (given: Partial<RowOf<typeof surfaceColumns>>): Row => cells(surfaceColumns, { ...blank, ...given });
  if (!fit.ok) return [row({ failureReason: fit.reason })];
  const counts = quoteCounts(chain, fit.rejected);
  return [
    ...fit.fits.map((slice, i) =>
      row({
        ...sliceCells(slice),
        ...counts(slice.input.expiry),
        butterfly: fit.butterfly[i]!.verdict,
        calendar: i === 0 ? null : fit.calendar[i - 1]!.verdict,
        surfaceProved: fit.proved,
        certificationCostBp: fit.certificationCostBp[i]!,
        certificationMoveBp: fit.certificationMoveBp?.[i] ?? null,
      }),
    ),
    ...fit.failed.map(({ expiry, reason }) => row({ expiry, failureReason: reason, ...counts(expiry) })),
  ];
}

function sliceCells({
  input,
  model,
  parameters,
  parameterNames,
  covariance,
  diagnostics,
}: SliceFit): Partial<RowOf<typeof surfaceColumns>> {
  const errors = parameterNames.map((name, i) => [name, Math.sqrt(covariance[i]![i]!)]);
  return {
    expiry: input.expiry,
    timeToExpiry: input.timeToExpiry,
    forward: input.forward,
    discountFactor: input.discountFactor,
    model,
    parameters: JSON.stringify(parameters),
    standardErrors: JSON.stringify(Object.fromEntries(errors)),
    rmseBp: diagnostics.rmseBp,
    maxErrorBp: diagnostics.maxErrorBp,
    rmseHalfSpreads: diagnostics.rmseHalfSpreads,
    shareInsideSpread: diagnostics.shareInsideSpread,
    chiSquarePerDof: diagnostics.chiSquarePerDof,
    condition: diagnostics.condition,
    atBound: diagnostics.atBound.join(' '),
    iterations: diagnostics.iterations,
    starts: diagnostics.starts,
    termination: diagnostics.termination,
    quotesUsed: diagnostics.quotesUsed,
  };
}

/** Quotes of an expiry and those of them that were left out. Rows that the reader refused are of no expiry. */
function quoteCounts(chain: OptionChain, rejected: readonly Rejection[]) {
  const expiries = new Map(chain.quotes.map(({ instrument, expiry }) => [instrument, expiry]));
  const quotes = new Map<Instant, number>();
  for (const { expiry } of chain.quotes) quotes.set(expiry, (quotes.get(expiry) ?? 0) + 1);
  const reasons = new Map<Instant, Map<string, number>>();
  for (const { id, reason } of rejected) {
    for (const instrument of id.split(BLEND_SEPARATOR)) {
      const expiry = expiries.get(instrument);
      if (expiry === undefined) continue;
      const byReason = reasons.get(expiry) ?? new Map<string, number>();
      reasons.set(expiry, byReason.set(reason, (byReason.get(reason) ?? 0) + 1));
    }
  }
  return (expiry: Instant): Partial<RowOf<typeof surfaceColumns>> => {
    const byReason = [...(reasons.get(expiry) ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
    return {
      quotes: quotes.get(expiry) ?? 0,
      rejected: byReason.reduce((sum, [, count]) => sum + count, 0),
      rejectedByReason: JSON.stringify(Object.fromEntries(byReason)),
    };
  };
}

/** Constant maturities of a surface, in days of 24 hours; none of a chain without one. */
export function analyticsRows(
  source: string,
  chain: OptionChain,
  fit: SurfaceFit,
  tenorsInDays: readonly number[],
): Row[] {
  if (!fit.ok) return [];
  const { slices } = fit.surface.data;
  return tenorsInDays.map((tenorDays) => {
    const timeToExpiry = tenorDays / 365;
    const head = {
      ...emptyRow(analyticsColumns),
      ...headOf(source, chain),
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
    const { atmVolatility, skew, moneynessSkew, delta25, delta10, varianceSwap, termSlope } = surfaceAnalytics(
      surface,
      timeToExpiry,
    );
    const missing = [delta25, delta10, varianceSwap].flatMap((figure) => (figure.ok ? [] : [figure.reason]));
    const wing = (wings: typeof delta25, name: keyof DeltaWings & ('riskReversal' | 'butterfly')): Cell =>
      wings.ok ? wings[name].value : null;
    return {
      forward: surface.forward(timeToExpiry),
      atmVolatility: atmVolatility.value,
      skew: skew.value,
      moneynessSkew: moneynessSkew.value,
      riskReversal25: wing(delta25, 'riskReversal'),
      butterfly25: wing(delta25, 'butterfly'),
      riskReversal10: wing(delta10, 'riskReversal'),
      butterfly10: wing(delta10, 'butterfly'),
      varianceSwapVolatility: varianceSwap.ok ? varianceSwap.volatility.value : null,
      termSlope: termSlope?.value ?? null,
      failureReason: missing.length === 0 ? null : [...new Set(missing)].join(' '),
    };
  } catch (error) {
    // A smile without variance at the money, or SABR's expansion without a volatility: the surface has nothing to read here.
    if (error instanceof InputError) return { failureReason: 'no-volatility' };
    throw error;
  }
}

function headOf(
  source: string,
  { venue, underlying, asOf }: OptionChain,
): { source: string; venue: string; underlying: string; time: number } {
  return { source, venue, underlying, time: asOf };
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
