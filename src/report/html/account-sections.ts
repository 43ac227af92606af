/** What an account is exposed to, as sections of a page: ratios, Greeks, ladders, and its profile at the next expiry. */
import type { AccountFigures, Part, ProfileFigures } from '../account-figures.js';
import { barChartOption } from '../charts/bar-chart.js';
import { lineChartOption } from '../charts/line-chart.js';
import type { ExposureReport } from '../exposure-figures.js';
import { amount, figure, percent } from '../figure.js';
import { ladderBy } from '../ladder-sums.js';
import type { Draw } from './market-sections.js';
import { htmlTable, markup } from './markup.js';
import type { Markup } from './markup.js';
import { htmlFigure, htmlFigures, htmlMissing } from './page.js';
import type { PageSection } from './page.js';

const WIDTH = 1100;

export function accountSections({ exposure, profiles }: AccountFigures, draw: Draw): PageSection[] {
  return [
    ...exposureSections(exposure, draw),
    ...profiles.map(({ underlying, part }, i) => ({
      id: `profile-${i}`,
      title: `Profile of ${underlying}`,
      body: part.ok ? profileBody(part.figures, profileCurrency(exposure), draw) : [htmlMissing('The profile', part)],
    })),
  ];
}

function profileCurrency(exposure: Part<ExposureReport>): string {
  return exposure.ok ? exposure.figures.numeraire : 'reporting currency';
}

function exposureSections(part: Part<ExposureReport>, draw: Draw): PageSection[] {
  if (!part.ok) return [{ id: 'exposure', title: 'Exposure', body: [htmlMissing('Exposure', part)] }];
  const report = part.figures;
  return [
    { id: 'exposure', title: 'Exposure', body: [exposureFigures(report), warningTable(report), coinTable(report)] },
    { id: 'greeks', title: 'Greeks', body: [greeksTable(report)] },
    { id: 'ladders', title: 'Ladders', body: ladders(report, draw) },
  ];
}

/** Amounts in the numeraire. */
function moneyOf({ markets, numeraire }: ExposureReport): (value: number) => string {
  const isCoin = markets.some(({ underlying }) => underlying === numeraire);
  return (value) => amount(value, isCoin);
}

function exposureFigures(report: ExposureReport): Markup {
  const { exposure: e, numeraire } = report;
  const written = moneyOf(report);
  const money = (value: number): string => `${written(value)} ${numeraire}`;
  return htmlFigures([
    { name: 'equity', value: money(e.equity) },
    { name: 'collateral after haircuts', value: money(e.adjustedEquity) },
    { name: 'gross notional', value: money(e.grossNotional) },
    { name: 'net delta notional', value: money(e.netDeltaNotional) },
    { name: 'gross leverage', value: `${figure(e.grossLeverage)} x` },
    { name: 'delta leverage', value: `${figure(e.deltaLeverage)} x` },
    { name: 'effective leverage', value: `${figure(e.effectiveLeverage)} x` },
    { name: `premium held / owed (${numeraire})`, value: `${written(e.longPremium)} / ${written(e.shortPremium)}` },
  ]);
}

function warningTable({ warnings, excluded }: ExposureReport): Markup {
  if (warnings.length === 0) return markup`<p>Nothing of the account is missing from the figures.</p>\n`;
  const reasons = new Map(excluded.map(({ positionId, reason }) => [positionId, reason]));
  const named = (id: string): string => (reasons.has(id) ? `${id} (${reasons.get(id)!})` : id);
  return htmlTable({
    caption: 'What to know before trusting the figures',
    headers: ['warning', 'what it is about', 'which'],
    rows: warnings.map(({ code, message, ids }) => [code, message, ids.map(named).join(', ')]),
    words: true,
  });
}

function coinTable({ coins }: ExposureReport): Markup {
  const rows = Object.entries(coins);
  if (rows.length === 0) return markup``;
  return htmlTable({
    caption: 'Deltas of coin books: counted in coin, and in dollars (with the equity that is held in coin)',
    headers: ['coin', 'delta in coin (coins)', 'equity in coin (coins)', 'delta in dollars (coins)'],
    rows: rows.map(([coin, { coinDelta: inCoin, equityInCoin, usdDelta }]) => [
      coin,
      figure(inCoin, 4),
      figure(equityInCoin, 4),
      figure(usdDelta, 4),
    ]),
  });
}

function greeksTable(report: ExposureReport): Markup {
  const { greeks, markets, numeraire } = report;
  const spots = new Map(markets.map(({ underlying, spot }) => [underlying, spot]));
  const money = moneyOf(report);
  const byUnderlying = Object.entries(greeks[0]?.byUnderlying ?? {});
  const perUnderlying = htmlTable({
    caption: `Net Greeks of the positions by underlying, values in ${numeraire}`,
    headers: ['underlying', 'value', 'delta (units)', 'gamma per 1%', 'vega per point', 'theta per day', 'rho per bp'],
    rows: byUnderlying.map(([name, g]) => {
      const spot = spots.get(name) ?? NaN;
      const inCash = [(spot * spot * g.gamma) / 100, g.vega / 100, g.theta / 365, g.rho / 10_000];
      return [name, money(g.price), figure(g.delta, 4), ...inCash.map(money)];
    }),
  });
  const perNumeraire = htmlTable({
    caption: 'All positions, counted in each currency: a book in coin has another delta in coin than in dollars',
    headers: ['counted in', 'value', 'cash delta', 'gamma per 1%', 'vega per point', 'theta per day', 'rho per bp'],
    rows: greeks.map(({ numeraire: currency, total: t }) => {
      const isCoin = spots.has(currency);
      const cells = [t.value, t.cashDelta, t.gammaPerPercent, t.vegaPerPoint, t.thetaPerDay, t.rhoPerBasisPoint];
      return [currency, ...cells.map((value) => amount(value, isCoin))];
    }),
  });
  return markup`${perUnderlying}${perNumeraire}`;
}

const AXES = [
  ['expiry', 'time to expiry', 'without expiry'],
  ['delta', 'delta of the call at the strike', 'without strike'],
] as const;

function ladders(report: ExposureReport, draw: Draw): Markup[] {
  const { ladder, numeraire, markets } = report;
  if (ladder.length === 0) return [markup`<p>No position has a delta, gamma, vega or theta.</p>\n`];
  const money = moneyOf(report);
  const nameOf = (underlying: string, step: string): string => (markets.length > 1 ? `${underlying} ${step}` : step);
  return AXES.flatMap(([axis, what, none]) => {
    const cells = ladderBy(ladder, axis);
    const { option, height } = barChartOption(
      {
        names: cells.map((cell) => nameOf(cell.underlying, cell[axis] === 'none' ? none : cell[axis])),
        panels: [
          { title: `cash delta (${numeraire})`, values: cells.map(({ cashDelta }) => cashDelta) },
          { title: `gamma per 1% (${numeraire})`, values: cells.map(({ gammaPerPercent }) => gammaPerPercent) },
          { title: `vega per point (${numeraire})`, values: cells.map(({ vegaPerPoint }) => vegaPerPoint) },
          { title: `theta per day (${numeraire})`, values: cells.map(({ thetaPerDay }) => thetaPerDay) },
        ],
        format: (value) => (value === 0 ? '0' : money(value)),
      },
      WIDTH,
    );
    return [htmlFigure(draw(option, WIDTH, height).svg, `Greeks of the positions in ${numeraire} by ${what}`)];
  });
}

function profileBody(
  { underlying, quote, spot, profile, now }: ProfileFigures,
  currency: string,
  draw: Draw,
): Markup[] {
  const curve = (pnl: readonly number[]) => profile.spots.map((at, i): [number, number] => [at, pnl[i]!]);
  const [first, last] = [profile.spots[0]!, profile.spots.at(-1)!];
  const option = lineChartOption({
    x: `price of ${underlying} (${quote})`,
    y: `profit (${currency})`,
    zero: true,
    xRange: [first, last],
    series: [
      { name: 'at the next expiry', points: curve(profile.pnl) },
      { name: 'now', points: curve(now) },
    ],
    marks: [{ at: spot, label: `spot ${figure(spot)}` }],
  });
  const money = (value: number): string => `${amount(value)} ${currency}`;
  const largest = (value: number, unbounded: boolean): string => (unbounded ? 'unbounded' : money(value));
  return [
    htmlFigure(draw(option, WIDTH, 380).svg, `Profit in ${currency} of the positions on ${underlying} by its price`),
    markup`<p>At the next expiry; probabilities and the expectation are the market's own, under the fitted smile, and no forecast.</p>\n`,
    htmlFigures([
      { name: `break-even prices (${quote})`, value: profile.breakEvens.map((at) => figure(at)).join('; ') || 'none' },
      { name: 'largest gain', value: largest(profile.maximumGain, profile.unboundedGain) },
      { name: 'largest loss', value: largest(profile.maximumLoss, profile.unboundedLoss) },
      { name: 'probability of profit', value: percent(profile.probabilityOfProfit) },
      { name: 'expected profit', value: money(profile.expectedPnl) },
    ]),
  ];
}
