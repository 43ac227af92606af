/** What a calibration amounts to, as sections of a page: fits with their errors and certificates, smiles, term, variance, density, rejections. */
import type { Rejection } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import type { Certificate } from '../../volatility/arbitrage/certificate.js';
import type { SliceFit } from '../../volatility/calibration/fit.js';
import type { SurfaceFit } from '../../volatility/calibration/surface-fit.js';
import { smileDerivatives } from '../../volatility/smile/smile.js';
import type { Drawing, openRenderer } from '../charts/draw.js';
import { deciding } from '../calibration-report.js';
import { lineChartOption } from '../charts/line-chart.js';
import { dateOf, densityChart, termChart, varianceChart } from '../charts/surface-charts.js';
import type { Surface3d } from '../charts/surface-3d.js';
import { surfaceGrid, surfaceMapOption } from '../charts/surface-grid.js';
import { figure, percent } from '../figure.js';
import { pageColours, rejectedQuotes, smilePanel, smilePictureOption } from '../charts/smiles.js';
import { htmlTable, markup } from './markup.js';
import type { Markup } from './markup.js';
import { htmlData, htmlFigure, htmlFigures } from './page.js';
import type { PageSection } from './page.js';

export type Draw = NonNullable<Awaited<ReturnType<typeof openRenderer>>>;

export interface MarketInput {
  chain: OptionChain;
  fit: SurfaceFit & { ok: true };
}

const CHART_WIDTH = 1100;
const CHART_HEIGHT = 420;

/** With `solid`, the surface in three dimensions too. */
export function marketSections({ chain, fit }: MarketInput, draw: Draw, solid?: Surface3d): PageSection[] {
  const panels = fit.fits.map((slice) => ({
    ...smilePanel(slice),
    rejected: rejectedQuotes(slice, fit.rejected, chain),
  }));
  const smiles = smilePictureOption(panels, { title: '', columns: 4 }, pageColours);
  const chart = (name: string, drawing: Drawing): Markup => htmlFigure(drawing.svg, name);
  const lines = (option: Parameters<typeof lineChartOption>[0]): Drawing =>
    draw(lineChartOption(option), CHART_WIDTH, CHART_HEIGHT);
  return [
    { id: 'summary', title: 'Summary', body: [summary(chain, fit)] },
    { id: 'fits', title: 'Fits', body: [fitTable(fit), parameterTable(fit.fits)] },
    {
      id: 'smiles',
      title: 'Smiles',
      body: [
        chart(
          'Implied volatility of every quote, bid to ask, with the fitted smile; quotes that were left out have a mark by their reason',
          draw(smiles.option, smiles.width, smiles.height),
        ),
        markup`<p class="muted">${notDrawn(fit, chain, panels)}</p>\n`,
      ],
    },
    { id: 'surface', title: 'Surface', body: surfaceBody(fit, draw, solid) },
    {
      id: 'term',
      title: 'Term structure',
      body: [chart('Volatility by time to expiry, at the money and one deviation out', lines(termChart(fit.surface)))],
    },
    {
      id: 'variance',
      title: 'Total variance',
      body: [
        chart(
          'Total variance by expiry: where no two curves cross there is no calendar arbitrage',
          lines(varianceChart(fit.fits)),
        ),
      ],
    },
    {
      id: 'density',
      title: 'Density',
      body: [chart('Risk-neutral density of the price at each expiry', lines(densityChart(fit.surface)))],
    },
    {
      id: 'left-out',
      title: 'Left out',
      body: [failedList(fit), rejectionTable(fit.rejected, chain), rejectionList(fit.rejected)],
    },
  ];
}

function summary(chain: OptionChain, fit: SurfaceFit & { ok: true }): Markup {
  const used = fit.fits.reduce((sum, { diagnostics }) => sum + diagnostics.quotesUsed, 0);
  const inside = fit.fits.reduce((sum, { diagnostics: d }) => sum + d.shareInsideSpread * d.quotesUsed, 0) / used;
  return htmlFigures([
    { name: 'expiries fitted', value: `${fit.fits.length} of ${fit.fits.length + fit.failed.length}` },
    { name: 'free of arbitrage', value: fit.proved ? 'proved' : 'not proved' },
    { name: 'quotes used', value: `${figure(used, 0)} of ${figure(chain.quotes.length + chain.rejected.length, 0)}` },
    { name: 'fitted inside bid and ask', value: percent(inside) },
    { name: 'worst fit (RMSE, vol bp)', value: figure(Math.max(...fit.fits.map((f) => f.diagnostics.rmseBp)), 1) },
  ]);
}

function fitTable({ fits, butterfly, calendar }: SurfaceFit & { ok: true }): Markup {
  const verdict = (certificate: Certificate | undefined): string => certificate?.verdict ?? '';
  return htmlTable({
    caption: 'One row an expiry; errors in basis points of volatility (0.01 of a volatility point)',
    headers: [
      ...['expiry', 'days', 'forward', 'quotes', 'ATM vol %', 'RMSE bp', 'largest bp', 'RMSE half-spreads'],
      ...['inside spread', 'butterfly', 'calendar to next', 'ended by'],
    ],
    rows: fits.map(({ input, parameters, diagnostics }, i) => [
      dateOf(input.expiry),
      figure(365 * input.timeToExpiry, 1),
      figure(input.forward, input.forward >= 1000 ? 2 : 4),
      diagnostics.quotesUsed,
      figure(100 * Math.sqrt(smileDerivatives(parameters, 0).w / input.timeToExpiry), 2),
      figure(diagnostics.rmseBp, 1),
      figure(diagnostics.maxErrorBp, 1),
      figure(diagnostics.rmseHalfSpreads, 2),
      percent(diagnostics.shareInsideSpread),
      verdict(butterfly[i]),
      i === fits.length - 1 ? '' : verdict(calendar[i]),
      diagnostics.termination,
    ]),
  });
}

/** Parameters with their 95% intervals. */
function parameterTable(fits: readonly SliceFit[]): Markup {
  const names = fits[0]?.parameterNames ?? [];
  return htmlTable({
    caption: 'Parameters, with 95% intervals in brackets',
    headers: ['expiry', ...names],
    rows: fits.map((fit) => [
      dateOf(fit.input.expiry),
      ...names.map((name) => {
        const value = (fit.parameters as unknown as Record<string, number>)[name]!;
        const [from, to] = fit.interval95[name] ?? [NaN, NaN];
        const interval = Number.isFinite(from) && Number.isFinite(to) ? ` [${short(from)}, ${short(to)}]` : '';
        return `${short(value)}${interval}`;
      }),
    ]),
  });
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const DEVIATIONS = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];

function surfaceBody({ surface }: MarketInput['fit'], draw: Draw, solid: Surface3d | undefined): Markup[] {
  const grid = surfaceGrid(surface, DEVIATIONS);
  const flat = htmlFigure(
    draw(surfaceMapOption(grid), CHART_WIDTH, 70 + 26 * grid.rows.length).svg,
    'Implied volatility (%) of the fitted surface by expiry and strike: the fuller the colour, the higher',
  );
  if (solid === undefined) return [flat];
  const words =
    'The fitted surface and the quotes it was fitted to in three dimensions: drag to turn, scroll to come closer';
  return [
    markup`<figure class="screen"><div class="plot" id="surface-plot" role="group" aria-label="${words}"></div><figcaption>${words}</figcaption></figure>\n`,
    htmlData('surface-data', solid),
    flat,
  ];
}

/** How many of the quotes that were left out have no mark among the smiles, and why. */
function notDrawn(
  fit: MarketInput['fit'],
  chain: OptionChain,
  panels: readonly { rejected: readonly unknown[] }[],
): string {
  const fitted = new Set(fit.fits.map(({ input }) => input.expiry));
  const here = new Set(chain.quotes.filter(({ expiry }) => fitted.has(expiry)).map(({ instrument }) => instrument));
  const ofSmiles = fit.rejected.filter(({ id, reason }) => here.has(id) && reason !== 'in-the-money').length;
  const drawn = panels.reduce((sum, { rejected }) => sum + rejected.length, 0);
  const inMoney = fit.rejected.filter(({ reason }) => reason === 'in-the-money').length;
  const inside = `In-the-money quotes (${figure(inMoney, 0)}) serve the forward and are not drawn.`;
  if (ofSmiles === 0) return `${inside} No other quote of these expiries was left out.`;
  return (
    `${inside} ${figure(drawn, 0)} of ${figure(ofSmiles, 0)} others that were left out of these expiries have a mark, at the edge of a panel ` +
    `where they lie beyond it; the rest have no price that gives a volatility. All are listed under Left out.`
  );
}

function failedList({ failed }: SurfaceFit & { ok: true }): Markup {
  if (failed.length === 0) return markup`<p>Every expiry with usable quotes was fitted.</p>\n`;
  return htmlTable({
    caption: 'Expiries without a fit',
    headers: ['expiry', 'reason'],
    rows: failed.map(({ expiry, reason }) => [dateOf(expiry), reason]),
  });
}

/** By reason, most frequent first. */
function rejectionTable(rejected: readonly Rejection[], chain: OptionChain): Markup {
  const rows = chain.quotes.length + chain.rejected.length;
  if (rejected.length === 0) return markup`<p>None of ${rows} quotes was left out.</p>\n`;
  const reasons = new Map<string, Rejection[]>();
  for (const row of rejected) reasons.set(row.reason, [...(reasons.get(row.reason) ?? []), row]);
  return htmlTable({
    caption: `${rejected.length} of ${rows} quotes left out, with the first of each reason and what decided it`,
    headers: ['reason', 'quotes', 'first', 'value', 'limit'],
    rows: [...reasons]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([reason, [first, ...others]]) => [
        reason,
        others.length + 1,
        first!.id,
        deciding(first!.value),
        deciding(first!.limit),
      ]),
  });
}

/** Every row, folded up. */
function rejectionList(rejected: readonly Rejection[]): Markup {
  if (rejected.length === 0) return markup``;
  const table = htmlTable({
    caption: 'Every quote that was left out',
    headers: ['quote', 'reason', 'value', 'limit'],
    rows: rejected.map(({ id, reason, value, limit }) => [id, reason, deciding(value), deciding(limit)]),
  });
  return markup`<details class="screen"><summary>All ${rejected.length} quotes that were left out</summary>${table}</details>\n`;
}
