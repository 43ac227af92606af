/** What could go wrong with an account, as sections of a page: moves of the market, and what a venue's rules make of them. */
import type { AccountFigures, MarginFigures, Part } from '../account-figures.js';
import { barChartOption } from '../charts/bar-chart.js';
import { heatMapOption } from '../charts/heat-map.js';
import { lineChartOption } from '../charts/line-chart.js';
import type { LineChart } from '../charts/line-chart.js';
import { amount, figure, percent } from '../figure.js';
import type { MarginCurve } from '../margin-curve.js';
import { isInCoin, marginRuleNames } from '../margin-report.js';
import type { StressReport } from '../stress-report.js';
import type { Draw } from './market-sections.js';
import { htmlTable, markup } from './markup.js';
import type { Markup } from './markup.js';
import { htmlFigure, htmlFigures, htmlMissing } from './page.js';
import type { PageSection } from './page.js';

const WIDTH = 1100;

export function riskSections({ stress, margin }: AccountFigures, draw: Draw): PageSection[] {
  return [
    {
      id: 'grid',
      title: 'Profit over spot and volatility',
      body: stress.ok ? gridBody(stress.figures, draw) : [htmlMissing('The grid', stress)],
    },
    {
      id: 'stress',
      title: 'Stress',
      body: stress.ok ? stressBody(stress.figures, draw) : [htmlMissing('The stress test', stress)],
    },
    ...marginSections(margin, draw),
  ];
}

const signed = (move: number): string => `${move > 0 ? '+' : ''}${percent(move).replace('.0%', '%')}`;
const passed = (days: number): string => (days === 0 ? '' : `, ${figure(days, days % 1 === 0 ? 0 : 2)} days on`);

function gridBody(report: StressReport, draw: Draw): Markup[] {
  const { spot, volatility, grid, worst, currency, equity, days } = report;
  const option = heatMapOption({
    x: 'move of every spot',
    y: 'relative move of volatility',
    columns: spot.map(signed),
    rows: volatility.map(signed),
    values: volatility.map((_, v) => spot.map((__, s) => grid[s]![v]!)),
    format: (value) => amount(value),
  });
  return [
    htmlFigure(
      draw(option, WIDTH, 70 + 52 * volatility.length).svg,
      `Profit of the account in ${currency} if every spot and every volatility moved at once${passed(days)}, everything valued anew`,
    ),
    htmlFigures([
      { name: `worst of the grid (${currency})`, value: amount(worst.pnl) },
      { name: 'of equity', value: shareOf(worst.pnl, equity) },
      { name: 'at', value: `spot ${signed(worst.spot)}, volatility ${signed(worst.volatility)}` },
    ]),
  ];
}

function stressBody({ scenarios, currency, equity, excluded }: StressReport, draw: Draw): Markup[] {
  const { option, height } = barChartOption(
    {
      names: scenarios.map(({ name }) => name),
      panels: [{ title: `profit (${currency})`, values: scenarios.map(({ pnl }) => pnl) }],
      format: (value) => (value === 0 ? '0' : amount(value)),
    },
    WIDTH,
  );
  return [
    markup`<p>Moves of round sizes that traders ask about: illustrations, not records of any day. Everything is valued anew.</p>\n`,
    htmlFigure(draw(option, WIDTH, height).svg, `Profit of the account in ${currency} in each scenario`),
    htmlTable({
      caption: `Scenarios, amounts in ${currency}; equity now is ${amount(equity)} ${currency}`,
      headers: ['scenario', 'profit', 'of equity', 'equity after', 'what happens'],
      rows: scenarios.map(({ name, description, pnl, equity: after }) => [
        name,
        amount(pnl),
        shareOf(pnl, equity),
        amount(after),
        description,
      ]),
      words: true,
    }),
    leftOut(excluded),
  ];
}

function shareOf(pnl: number, equity: number): string {
  return equity > 0 ? percent(pnl / equity) : 'no equity';
}

function leftOut(excluded: readonly { positionId: string; reason: string }[]): Markup {
  if (excluded.length === 0) return markup``;
  return htmlTable({
    caption: 'Positions left out, which the market has no data for',
    headers: ['position', 'reason'],
    rows: excluded.map(({ positionId, reason }) => [positionId, reason]),
  });
}

function marginSections(part: Part<MarginFigures>, draw: Draw): PageSection[] {
  if (!part.ok) {
    const choice = markup`<p>Rules are chosen with --rules: ${marginRuleNames.join(', ')}.</p>\n`;
    return [
      { id: 'margin', title: 'Margin', body: [htmlMissing('Margin', part), choice] },
      { id: 'liquidation', title: 'Liquidation', body: [htmlMissing('Liquidation prices', part)] },
    ];
  }
  const { figures } = part;
  return [
    { id: 'margin', title: 'Margin', body: marginBody(figures) },
    { id: 'liquidation', title: 'Liquidation', body: liquidationBody(figures, draw) },
  ];
}

function marginBody(figures: MarginFigures): Markup[] {
  const { margin, health } = figures;
  const { rules, currency, components, worstScenario, excluded } = margin;
  const isCoin = isInCoin(figures);
  const money = (value: number): string => amount(value, isCoin);
  const worst =
    worstScenario === undefined
      ? []
      : [{ name: `worst cell (${currency})`, value: `${money(worstScenario.pnl)}, ${worstScenario.label}` }];
  const unconfirmed = rules.unconfirmed.length === 0 ? '' : ` Not confirmed: ${rules.unconfirmed.join('; ')}.`;
  return [
    markup`<p>${rules.venue}, ${rules.version}, as of ${rules.effectiveDate}: a model of the rules, not the venue. Source: ${rules.source}.${unconfirmed}</p>\n`,
    htmlFigures([
      { name: 'status', value: health.status },
      { name: 'margin ratio (maintenance over equity)', value: percent(health.marginRatio) },
      { name: 'initial margin used', value: percent(health.initialMarginUsage) },
      { name: `equity (${currency})`, value: money(health.equity) },
      { name: `left for new positions (${currency})`, value: money(health.buyingPower) },
      ...worst,
    ]),
    htmlTable({
      caption: `What the rules ask by component, in ${currency}`,
      headers: ['component', 'initial', 'maintenance'],
      rows: [
        ...Object.entries(components).map(([name, { initial, maintenance }]) => [
          spaced(name),
          money(initial),
          money(maintenance),
        ]),
        ['all', money(margin.initialMargin), money(margin.maintenanceMargin)],
      ],
    }),
    leftOut(excluded),
  ];
}

/** 'shortOptions' as words. */
function spaced(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function liquidationBody({ liquidation, curves, health }: MarginFigures, draw: Draw): Markup[] {
  const away = (price: number | undefined, spot: number): string =>
    price === undefined ? 'none' : `${figure(price)} (${signed(price / spot - 1)})`;
  const under =
    health.marginRatio < 1
      ? markup``
      : markup`<p class="missing">The account has less than its maintenance margin now: the prices are those at which it would have it again.</p>\n`;
  return [
    under,
    htmlTable({
      caption:
        'Prices at which equity is the maintenance margin, everything valued anew with each smile at its strikes; none: nowhere between a twentieth of the spot and twenty times it',
      headers: ['underlying', 'prices in', 'spot', 'below', 'above'],
      rows: liquidation.map(({ underlying, quote, spot, below, above }) => [
        underlying,
        quote,
        figure(spot),
        away(below, spot),
        away(above, spot),
      ]),
    }),
    ...curves.map((curve, i) => {
      const chart = marginChart(curve, liquidation[i]!);
      const lowest = Math.min(...chart.series.flatMap(({ points }) => points.map(([, ratio]) => ratio)));
      return lowest > HIGHEST
        ? markup`<p>Margin is above ${HIGHEST}% of equity at every price of ${curve.underlying} from ${figure(curve.spots[0]!)} to ${figure(curve.spots.at(-1)!)}: there is nothing to draw.</p>\n`
        : htmlFigure(
            draw(lineChartOption(chart), WIDTH, 400).svg,
            `Margin over equity by the price of ${curve.underlying}; from 100% of maintenance margin the account is liquidated`,
          );
    }),
  ];
}

/** The thresholds of accountHealth. */
const LEVELS = [
  { at: 100 / 1.5, label: 'warning 67%' },
  { at: 100 / 1.2, label: 'margin call 83%' },
  { at: 100, label: 'liquidation 100%' },
];
const HIGHEST = 120;

/** A ratio where there is equity; beyond the picture where there is none. */
function marginChart(curve: MarginCurve, { quote, spot, roots }: MarginFigures['liquidation'][number]): LineChart {
  const ratio = (margin: readonly number[]): [number, number][] =>
    curve.spots.map((at, i) => {
      const equity = curve.equity[i]!;
      return [
        at,
        margin[i] === 0 ? 0 : equity > 0 ? Math.min((100 * margin[i]!) / equity, 10 * HIGHEST) : 10 * HIGHEST,
      ];
    });
  return {
    x: `price of ${curve.underlying} (${quote})`,
    y: 'margin over equity (%)',
    series: [
      { name: 'maintenance margin', points: ratio(curve.maintenanceMargin) },
      { name: 'initial margin', points: ratio(curve.initialMargin) },
    ],
    xRange: [curve.spots[0]!, curve.spots.at(-1)!],
    yRange: [0, HIGHEST],
    marks: [
      { at: spot, label: `spot ${figure(spot)}` },
      ...roots.map((at) => ({ at, label: `liquidation ${figure(at)}` })),
    ],
    levels: LEVELS,
  };
}
