/** An update of a watched surface: as a table, as one line, and as a record for JSON. */
import type { Instant } from '../market/quote.js';
import type { CashGreeks } from '../portfolio/net-greeks.js';
import type { SurfaceUpdate } from '../portfolio/watch-surface.js';
import type { Greeks } from '../pricing/greeks.js';
import type { ChangeCounts } from '../market/live-chain.js';
import { utc } from './calibration-report.js';
import { amount, figure, percent } from './figure.js';
import { textTable } from './text-table.js';

export interface WatchTableOptions {
  /** Makes the rows of expiries that were fitted anew stand out. */
  emphasise?: ((line: string) => string) | undefined;
}

const COLUMNS = [
  { header: ['expiry'], align: 'left' },
  { header: ['forward'], align: 'right' },
  { header: ['at the', 'money'], align: 'right' },
  { header: ['skew'], align: 'right' },
  { header: ['error', 'in bp'], align: 'right' },
  { header: ['inside', 'spread'], align: 'right' },
  { header: ['quotes'], align: 'right' },
  { header: ['new'], align: 'left' },
] as const;

/** Several lines: the time, a row for each expiry, the Greeks of the book and what became of the changes. */
export function watchTable(update: SurfaceUpdate, { emphasise = (line) => line }: WatchTableOptions = {}): string {
  const heading = `${update.chain.underlying}  ${update.chain.venue}  ${clock(update.asOf)}`;
  if (!update.ok) {
    return [heading, `no surface: ${update.reason}: ${update.message}`, countsLine(update.counts)].join('\n');
  }
  const { fit, refitted, greeks } = update;
  const facts = `${fit.model ?? 'svi'}, ${fit.proved ? 'proved free of arbitrage' : 'not proved free of arbitrage'}`;
  const rows = expiryRows(update).map((row) => [
    utc(row.expiry),
    amount(row.forward),
    percent(row.atTheMoney),
    percent(row.skew),
    figure(row.errorBp, 1),
    percent(row.insideSpread),
    String(row.quotes),
    refitted.includes(row.expiry) ? '*' : '',
  ]);
  const table = textTable(COLUMNS, rows)
    .split('\n')
    .map((line) => (line.endsWith('*') ? emphasise(line) : line));
  return [
    `${heading}  ${facts}`,
    '',
    ...table,
    ...fit.failed.map(({ expiry, reason }) => `${utc(expiry)}  no fit: ${reason}`),
    ...(greeks === undefined ? [] : ['', ...greeksLines(greeks.total, greeks.excluded.length)]),
    '',
    countsLine(update.counts),
  ].join('\n');
}

/** One line: the time, what was fitted, the shortest expiry's volatility and the Greeks. */
export function watchLine(update: SurfaceUpdate): string {
  const done = `${update.applied} ${update.applied === 1 ? 'change' : 'changes'}`;
  const refused = update.rejected.length === 0 ? '' : `, ${update.rejected.length} refused`;
  const begin = `${clock(update.asOf)}  ${done}${refused}`;
  if (!update.ok) return `${begin}  no surface: ${update.reason}: ${update.message}`;
  const { fit, refitted, greeks } = update;
  const first = expiryRows(update)[0];
  const level = first === undefined ? '' : `  at the money ${percent(first.atTheMoney)} on ${utc(first.expiry)}`;
  const book = greeks === undefined ? '' : `  ${greeksLines(greeks.total, 0)[0]!}`;
  return `${begin}  fitted ${refitted.length} of ${fit.fits.length}${level}${book}`;
}

/** What happened in all. */
export function watchSummary(counts: ChangeCounts, updates: number): string {
  return `${updates} ${updates === 1 ? 'update' : 'updates'}; ${countsLine(counts)}`;
}

export interface WatchRecord {
  asOf: Instant;
  ok: boolean;
  reason?: string | undefined;
  message?: string | undefined;
  proved?: boolean | undefined;
  refitted?: Instant[] | undefined;
  expiries?: ExpiryRow[] | undefined;
  failed?: { expiry: Instant; reason: string }[] | undefined;
  greeks?:
    | { total: CashGreeks; byUnderlying: Record<string, Greeks>; excluded: { positionId: string; reason: string }[] }
    | undefined;
  applied: number;
  expired: number;
  rejected: { index: number; id: string; reason: string; value: number; limit: number }[];
  counts: ChangeCounts;
}

/** Times in milliseconds, volatilities as decimals, Greeks in traders' units in all and as derivatives by underlying. */
export function watchRecord(update: SurfaceUpdate): WatchRecord {
  const { asOf, ok, applied, expired, rejected, counts } = update;
  if (!update.ok) {
    const { reason, message } = update;
    return { asOf, ok, reason, message, applied, expired, rejected, counts };
  }
  const { fit, refitted, greeks } = update;
  return {
    asOf,
    ok,
    proved: fit.proved,
    refitted,
    expiries: expiryRows(update),
    failed: fit.failed,
    greeks: greeks && { total: greeks.total, byUnderlying: greeks.byUnderlying, excluded: greeks.excluded },
    applied,
    expired,
    rejected,
    counts,
  };
}

export interface ExpiryRow {
  expiry: Instant;
  forward: number;
  /** Volatility at the forward. */
  atTheMoney: number;
  /** Volatility 0.67 standard deviations above the forward less that as far below: about the risk reversal of 25 delta. */
  skew: number;
  errorBp: number;
  insideSpread: number;
  quotes: number;
}

function expiryRows({ fit }: SurfaceUpdate & { ok: true }): ExpiryRow[] {
  return fit.fits.map(({ input: { expiry, forward, timeToExpiry }, diagnostics }) => {
    const at = (k: number): number => Math.sqrt(fit.surface.totalVariance(k, timeToExpiry) / timeToExpiry);
    const atTheMoney = at(0);
    const width = QUARTER_DELTA * atTheMoney * Math.sqrt(timeToExpiry);
    return {
      expiry,
      forward,
      atTheMoney,
      skew: at(width) - at(-width),
      errorBp: diagnostics.rmseBp,
      insideSpread: diagnostics.shareInsideSpread,
      quotes: diagnostics.quotesUsed,
    };
  });
}

/** Standard deviations from the forward at which a flat smile's delta is a quarter. */
const QUARTER_DELTA = 0.6744897501960817;

function greeksLines({ value, cashDelta, gammaPerPercent, vegaPerPoint, thetaPerDay }: CashGreeks, excluded: number) {
  const parts = [
    `value ${amount(value)}`,
    `delta ${amount(cashDelta)}`,
    `gamma ${amount(gammaPerPercent)} per 1%`,
    `vega ${amount(vegaPerPoint)} per point`,
    `theta ${amount(thetaPerDay)} per day`,
  ];
  const left = excluded === 0 ? [] : [`${excluded} ${excluded === 1 ? 'position' : 'positions'} without a market`];
  return [parts.join('  '), ...left];
}

function countsLine(counts: ChangeCounts): string {
  const { received, applied, coalesced, outOfOrder, unknown, invalid, early, expired } = counts;
  const parts: [number, string][] = [
    [coalesced, 'overtaken by newer ones'],
    [outOfOrder, 'out of order'],
    [unknown, 'of unknown instruments'],
    [invalid, 'no quotes'],
    [early, 'from the future'],
    [expired, 'quotes expired'],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [`changes: ${received} received`, `${applied} applied`, ...told].join(', ');
}

/** '2026-01-13 12:00:00.250 UTC' */
function clock(instant: Instant): string {
  const text = new Date(instant).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 23)} UTC`;
}
