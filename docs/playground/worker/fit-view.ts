/** A calibration as the page shows it: figures, tables of words, and charts as plain data. */
import { InputError } from 'zomma';
import type { Certificate, OptionChain, Rejection, SliceFit, SurfaceFit, VolatilitySurface } from 'zomma';
import { figure, percent } from 'zomma/report/figure.js';
import type { LineChart } from 'zomma/report/charts/line-chart.js';
import { rejectedQuotes, smilePanel } from 'zomma/report/charts/smiles.js';
import { surface3d } from 'zomma/report/charts/surface-3d.js';
import { surfaceGrid } from 'zomma/report/charts/surface-grid.js';
import { dateOf, densityChart, termChart, varianceChart } from 'zomma/report/charts/surface-charts.js';
import { smileDerivatives } from 'zomma/volatility/smile/smile.js';
import type { Figure, FitView, SurfacePictures, Table } from '../protocol.js';

export interface FitInput {
  chain: OptionChain;
  fit: SurfaceFit;
  lostEdits: number;
  draft: boolean;
}

/** Columns of the map of the surface. */
const DEVIATIONS = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];

export function fitView({ chain, fit, lostEdits, draft }: FitInput): FitView {
  const leftOut = rejectionTable(fit.rejected, chain);
  if (!fit.ok) return { ok: false, status: `No surface: ${fit.message}.`, leftOut };
  const { fits, failed, proved } = fit;
  return {
    ok: true,
    proved,
    status: `${fits.length} of ${fits.length + failed.length} expiries fitted, ${proved ? 'proved' : 'not proved'} free of arbitrage.`,
    figures: summary(chain, fit),
    slices: fits.map((slice) => ({
      expiry: slice.input.expiry,
      panel: { ...smilePanel(slice), rejected: rejectedQuotes(slice, fit.rejected, chain) },
      instruments: slice.input.instrument,
    })),
    certificates: certificateTable(fit),
    fits: fitTable(fits),
    leftOut,
    pictures: draft ? undefined : picturesOf(fit),
    lostEdits,
  };
}

function picturesOf({ surface, fits }: SurfaceFit & { ok: true }): SurfacePictures {
  return {
    grid: surfaceGrid(surface, DEVIATIONS),
    solid: surface3d(surface, fits),
    term: termChart(surface),
    variance: varianceChart(fits),
    density: densityOf(surface),
  };
}

function summary(chain: OptionChain, { fits, failed, proved }: SurfaceFit & { ok: true }): Figure[] {
  const used = fits.reduce((sum, { diagnostics }) => sum + diagnostics.quotesUsed, 0);
  const inside = fits.reduce((sum, { diagnostics: d }) => sum + d.shareInsideSpread * d.quotesUsed, 0) / used;
  return [
    { name: 'expiries fitted', value: `${fits.length} of ${fits.length + failed.length}` },
    { name: 'free of arbitrage', value: proved ? 'proved' : 'not proved' },
    { name: 'quotes used', value: `${figure(used, 0)} of ${figure(chain.quotes.length + chain.rejected.length, 0)}` },
    { name: 'fitted inside bid and ask', value: percent(inside) },
    { name: 'worst fit (RMSE, vol bp)', value: figure(Math.max(...fits.map((f) => f.diagnostics.rmseBp)), 1) },
  ];
}

function certificateTable({ fits, butterfly, calendar, certificationMoveBp: move }: SurfaceFit & { ok: true }): Table {
  return {
    caption: 'What is proved of each expiry, and of each with the next',
    headers: ['expiry', 'butterfly', 'calendar to next', 'moved by certification (vol bp)'],
    rows: fits.map(({ input }, i) => [
      dateOf(input.expiry),
      verdictOf(butterfly[i]!),
      i === fits.length - 1 ? 'last expiry' : verdictOf(calendar[i]!),
      figure(move?.[i] ?? 0, 1),
    ]),
  };
}

/** With the worst point of what is refuted, and where what is not proved everywhere was examined. */
function verdictOf({ verdict, domain, witness }: Certificate): string {
  if (witness !== undefined) return `${verdict} at k = ${figure(witness.k, 3)}`;
  return domain === 'all-k' ? verdict : `${verdict} for k from ${figure(domain[0], 2)} to ${figure(domain[1], 2)}`;
}

function fitTable(fits: readonly SliceFit[]): Table {
  // An expiry with few quotes may be fitted by another model than the others.
  const names = [...new Set(fits.flatMap(({ parameterNames }) => parameterNames))];
  return {
    caption:
      'Errors in basis points of volatility (0.01 of a volatility point); parameters with 95% intervals in brackets',
    headers: ['expiry', 'days', 'quotes', 'ATM vol %', 'RMSE bp', 'largest bp', 'inside spread', ...names],
    rows: fits.map((fit) => [
      dateOf(fit.input.expiry),
      figure(365 * fit.input.timeToExpiry, 1),
      figure(fit.diagnostics.quotesUsed, 0),
      figure(100 * Math.sqrt(smileDerivatives(fit.parameters, 0).w / fit.input.timeToExpiry), 2),
      figure(fit.diagnostics.rmseBp, 1),
      figure(fit.diagnostics.maxErrorBp, 1),
      percent(fit.diagnostics.shareInsideSpread),
      ...names.map((name) => parameter(fit, name)),
    ]),
  };
}

function parameter({ parameters, interval95 }: SliceFit, name: string): string {
  const found = (parameters as unknown as Record<string, number>)[name];
  if (found === undefined) return '';
  const value = short(found);
  const [from, to] = interval95[name] ?? [NaN, NaN];
  return Number.isFinite(from) && Number.isFinite(to) ? `${value} [${short(from)}, ${short(to)}]` : value;
}

/** By reason, most frequent first. */
function rejectionTable(rejected: readonly Rejection[], chain: OptionChain): Table {
  const reasons = new Map<string, Rejection[]>();
  for (const row of rejected) reasons.set(row.reason, [...(reasons.get(row.reason) ?? []), row]);
  return {
    caption: `${figure(rejected.length, 0)} of ${figure(chain.quotes.length + chain.rejected.length, 0)} quotes left out, with the first of each reason and what decided it`,
    headers: ['reason', 'quotes', 'first', 'value', 'limit'],
    rows: [...reasons]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([reason, rows]) => [
        reason,
        figure(rows.length, 0),
        rows[0]!.id,
        short(rows[0]!.value),
        short(rows[0]!.limit),
      ]),
  };
}

/** A smile with arbitrage has none. */
function densityOf(surface: VolatilitySurface): LineChart | undefined {
  try {
    return densityChart(surface);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
