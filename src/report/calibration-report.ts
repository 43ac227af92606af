/** What a calibration did, as text for a terminal: one line an expiry, then what was left out and why. */
import type { Rejection } from '../errors.js';
import type { OptionChain } from '../market/chain.js';
import type { Instant } from '../market/quote.js';
import type { Certificate } from '../volatility/arbitrage/certificate.js';
import type { SliceFit } from '../volatility/calibration/fit.js';
import type { SurfaceFit } from '../volatility/calibration/surface-fit.js';
import { smileDerivatives } from '../volatility/smile/smile.js';
import { textTable } from './text-table.js';
import type { TextColumn } from './text-table.js';

export interface CalibrationReportInput {
  /** The file's name, or what the quotes are called. */
  title: string;
  /** What the file says of itself. */
  description?: string | undefined;
  chain: OptionChain;
  fit: SurfaceFit & { ok: true };
  /** Of each expiry's fit, measured by the caller; blank in the table where missing. */
  milliseconds?: ReadonlyMap<Instant, number> | undefined;
}

/** The whole report. Volatilities are shown in percent, fit errors in basis points of volatility (0.01 vol points). */
export function calibrationReport(input: CalibrationReportInput): string {
  const { chain, fit } = input;
  return [
    chainHeading(input),
    fitTable(input),
    arbitrageLine(fit),
    ...failedLines(fit),
    rejectionSummary(fit.rejected, chain),
    '',
  ].join('\n\n');
}

/** Title, what the file says of itself, and the chain in one line. */
export function chainHeading({
  title,
  description,
  chain,
}: Pick<CalibrationReportInput, 'title' | 'description' | 'chain'>): string {
  const facts = [
    chain.underlying,
    chain.venue,
    `${chain.style}, ${chain.settlement}, premium in ${chain.premiumCurrency}`,
    `as of ${utc(chain.asOf)}`,
    `${chain.quotes.length} quotes`,
  ];
  return [title, ...(description === undefined ? [] : [description]), facts.join(' | ')].join('\n');
}

/** How many rows were left out for each reason, most frequent first, with the first of each and the number that decided it. */
export function rejectionSummary(rejected: readonly Rejection[], chain: OptionChain): string {
  const rows = chain.quotes.length + chain.rejected.length;
  if (rejected.length === 0) return `rejected: none of ${rows} rows`;
  const byReason = groupBy(rejected, ({ reason }) => reason);
  const lines = [...byReason].sort(([, left], [, right]) => right.length - left.length);
  return [
    `rejected: ${rejected.length} of ${rows} rows`,
    textTable(
      [
        { header: ['reason'], align: 'left' },
        { header: ['rows'], align: 'right' },
        { header: ['first'], align: 'left' },
        { header: ['value'], align: 'right' },
        { header: ['limit'], align: 'right' },
      ],
      lines.map(([reason, [first, ...others]]) => [
        reason,
        String(others.length + 1),
        first!.id,
        deciding(first!.value),
        deciding(first!.limit),
      ]),
    ),
  ].join('\n');
}

/** '2026-01-30 08:00 UTC' */
export function utc(instant: Instant): string {
  const text = new Date(instant).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, text.endsWith(':00.000Z') ? 16 : 19)} UTC`;
}

function fitTable({ chain, fit, milliseconds }: CalibrationReportInput): string {
  const expiryOf = new Map(chain.quotes.map(({ instrument, expiry }) => [instrument, expiry]));
  const isCertified = fit.arbitrage === 'certify' && fit.model === 'svi';
  const rejectedAt = groupBy(fit.rejected, ({ id }) => expiryOf.get(id));
  const columns: TextColumn[] = [
    { header: ['expiry', ''], align: 'left' },
    ...[
      ['days', ''],
      ['forward', ''],
      ['used', 'quotes'],
      ['bounds', 'quotes'],
      ['ITM', 'quotes'],
      ['rejected', 'quotes'],
      ...parameterHeaders(fit.fits),
      ['ATM vol', '%'],
      ['RMSE', 'vol bp'],
      ['inside', '% quotes'],
      ['butterfly', ''],
      ['calendar', 'to next'],
      ...(isCertified ? [['cost', 'vol bp']] : []),
      ...(milliseconds === undefined ? [] : [['time', 'ms']]),
    ].map((header): TextColumn => ({ header, align: 'right' })),
  ];
  const rows = fit.fits.map((slice, i) => {
    const { expiry, timeToExpiry, forward, volatility } = slice.input;
    const { diagnostics } = slice;
    const rejectedHere = rejectedAt.get(expiry) ?? [];
    const inTheMoney = rejectedHere.filter(({ reason }) => reason === 'in-the-money');
    const elapsed = milliseconds?.get(expiry);
    return [
      utc(expiry).slice(0, 16),
      (365 * timeToExpiry).toFixed(2),
      forward.toFixed(forward >= 1000 ? 2 : 4),
      String(diagnostics.quotesUsed),
      String(volatility.filter(Number.isNaN).length),
      String(inTheMoney.length),
      String(rejectedHere.length - inTheMoney.length),
      ...parameterCells(slice),
      (100 * Math.sqrt(smileDerivatives(slice.parameters, 0).w / timeToExpiry)).toFixed(2),
      diagnostics.rmseBp.toFixed(1),
      (100 * diagnostics.shareInsideSpread).toFixed(0),
      fit.butterfly[i]?.verdict ?? '',
      fit.calendar[i]?.verdict ?? '',
      ...(isCertified ? [(fit.certificationCostBp[i] ?? 0).toFixed(1)] : []),
      ...(milliseconds === undefined ? [] : [elapsed === undefined ? '' : elapsed.toFixed(1)]),
    ];
  });
  return textTable(columns, rows);
}

function parameterHeaders(fits: readonly SliceFit[]): [string, string][] {
  return (fits[0]?.parameterNames ?? []).map((name) => [name, '']);
}

function parameterCells({ parameters, parameterNames }: SliceFit): string[] {
  const byName: Readonly<Record<string, number | undefined>> = { ...parameters };
  return parameterNames.map((name) => {
    const value = byName[name];
    return value === undefined ? '' : value.toFixed(5);
  });
}

function arbitrageLine({ butterfly, calendar }: SurfaceFit & { ok: true }): string {
  const count = (certificates: readonly Certificate[], verdict: Certificate['verdict']) =>
    certificates.filter((certificate) => certificate.verdict === verdict).length;
  const line = (name: string, certificates: readonly Certificate[], what: string) =>
    `${name}: free of arbitrage proved for ${count(certificates, 'proved')} of ${certificates.length} ${what}` +
    (['refuted', 'undecided'] as const)
      .filter((verdict) => count(certificates, verdict) > 0)
      .map((verdict) => `, ${verdict} for ${count(certificates, verdict)}`)
      .join('') +
    (certificates.some(({ domain }) => Array.isArray(domain)) ? ', over the quoted strikes only' : '');
  return [line('butterfly', butterfly, 'expiries'), line('calendar ', calendar, 'pairs of neighbouring expiries')].join(
    '\n',
  );
}

function failedLines({ failed }: SurfaceFit & { ok: true }): string[] {
  if (failed.length === 0) return [];
  return [['not fitted:', ...failed.map(({ expiry, reason }) => `  ${utc(expiry)}  ${reason}`)].join('\n')];
}

function groupBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** Five significant digits; an instant (no other figure of a rejection is that large) as its date; nothing for no number. */
export function deciding(value: number): string {
  if (Number.isNaN(value)) return '';
  if (value > 1e11 && value < Infinity) return utc(value);
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : String(value);
}
