/** A backtest's report as text for a terminal: figures, terms, walk-forward, and how they move with what was assumed. */
import { formatDay, utcDay } from '../market/date.js';
import type { FloorBreaches } from '../control/backtest/relative.js';
import type { HeatMap } from '../control/backtest/robustness.js';
import { fillOf } from './backtest-report.js';
import type { BacktestReport } from './backtest-report.js';
import { figure, percent } from './figure.js';
import { textTable } from './text-table.js';
import type { TextColumn } from './text-table.js';

/** `name` is that of the series. */
export function backtestText(name: string, report: BacktestReport): string {
  const { walkForward, robustness } = report;
  const parts = [
    heading(name, report),
    returnsTable(report),
    accountTable(report),
    trialsLine(report),
    ...(walkForward === undefined ? [] : walkForwardParts(report, walkForward)),
    ...(robustness === undefined ? [] : robustnessParts(robustness)),
    'A backtest says what would have been under its assumptions, of one history: not what will be.',
  ];
  return `${parts.join('\n\n')}\n`;
}

const right = (...header: string[]): TextColumn => ({ header, align: 'right' });
const left = (...header: string[]): TextColumn => ({ header, align: 'left' });
const ratio = (value: number): string => figure(value, 2);
const basisPoints = (rate: number): string => `${figure(1e4 * rate, 1)} bp`;
const between = ([low, high]: readonly [number, number]): string => `${ratio(low)} to ${ratio(high)}`;

function heading(name: string, { bars, skipped, at, periodsPerYear, terms }: BacktestReport): string {
  const span = `${formatDay(utcDay(at[0]!))} to ${formatDay(utcDay(at[at.length - 1]!))}`;
  const rates = [
    `fee ${basisPoints(terms.feeRate)}`,
    `slippage ${basisPoints(terms.slippage)}`,
    `filled ${fillOf(terms)}`,
    ...(terms.initialRate === undefined ? [] : [`initial margin ${percent(terms.initialRate)}`]),
    ...(terms.maintenanceRate === undefined ? [] : [`maintenance margin ${percent(terms.maintenanceRate)}`]),
    ...(terms.lendingRate === undefined ? [] : [`cash earns ${percent(terms.lendingRate)}`]),
    ...(terms.borrowingRate === undefined ? [] : [`debts cost ${percent(terms.borrowingRate)}`]),
  ];
  const waited = skipped === 0 ? '' : `; ${skipped} bars before the first implied volatility left out`;
  return `${name}: ${bars} bars, ${span}, ${figure(periodsPerYear, 0)} a year${waited}\n${rates.join(', ')}`;
}

function returnsTable({ rows }: BacktestReport): string {
  const columns = [
    left('strategy'),
    right('growth', 'a year'),
    right('volatility'),
    right('Sharpe', 'ratio'),
    right('95% interval', '(bootstrap)'),
    right('deflated', 'probability'),
    right('Sortino'),
    right('Calmar'),
    right('worst', 'drawdown'),
    right('years', 'below a high'),
    right('shortfall', '(5% of bars)'),
  ];
  return textTable(
    columns,
    rows.map(({ label, metrics, sharpeInterval, deflated }) => [
      label,
      percent(metrics.cagr),
      percent(metrics.volatility),
      `${ratio(metrics.sharpe)} ± ${ratio(metrics.sharpeStandardError)}`,
      between(sharpeInterval),
      percent(deflated.probability),
      ratio(metrics.sortino),
      ratio(metrics.calmar),
      percent(metrics.maximumDrawdown),
      figure(metrics.longestDrawdownYears, 1),
      percent(metrics.expectedShortfall),
    ]),
  );
}

function accountTable({ rows }: BacktestReport): string {
  const columns = [
    left('strategy'),
    right('turnover', 'a year'),
    right('costs', 'a year'),
    right('funding', 'paid'),
    right('interest', 'earned'),
    right('orders', 'filled, cut'),
    right('tracking', 'error'),
    right('margin used', 'median, 95%, most'),
    right('bars below', 'the floor'),
    right('liquidated'),
  ];
  return textTable(
    columns,
    rows.map((row) => [
      row.label,
      figure(row.turnoverPerYear, 1),
      percent(row.costDrag),
      ratio(row.fundingPaid),
      ratio(row.interest),
      `${row.fills}, ${row.cutOrders}`,
      row.trackingError === undefined ? '' : percent(row.trackingError),
      row.marginUsage === undefined
        ? ''
        : [row.marginUsage.median, row.marginUsage.high, row.marginUsage.maximum].map(percent).join(', '),
      row.floorBreaches === undefined ? '' : below(row.floorBreaches),
      row.liquidatedAt === undefined ? '' : formatDay(utcDay(row.liquidatedAt)),
    ]),
  );
}

function below({ bars, worst }: FloorBreaches): string {
  return bars === 0 ? '0' : `${bars} by ${percent(worst)}`;
}

function trialsLine({ trials, overfitting }: BacktestReport): string {
  const counted = `trials counted: ${trials}`;
  if (overfitting === undefined) return counted;
  const half = percent(overfitting.probability);
  return `${counted}; the best in one half of the history was at or below the median in the other with probability ${half}`;
}

function walkForwardParts(
  { at }: BacktestReport,
  { purge, embargo, folds, metrics, sharpeInterval }: NonNullable<BacktestReport['walkForward']>,
): string[] {
  const span = ([from, to]: readonly [number, number]): string =>
    `${formatDay(utcDay(at[from]!))} to ${formatDay(utcDay(at[to - 1]!))}`;
  const columns = [left('trained on'), left('tested on'), left('chosen'), right('in sample'), right('out of sample')];
  const rows = folds.map(({ train, test, chosen, inSample, outOfSample }) => [
    train.map(span).join(', '),
    span(test),
    chosen,
    figure(inSample, 3),
    figure(outOfSample, 3),
  ]);
  const joined = [
    `growth ${percent(metrics.cagr)}`,
    `volatility ${percent(metrics.volatility)}`,
    `Sharpe ratio ${ratio(metrics.sharpe)} ± ${ratio(metrics.sharpeStandardError)} (${between(sharpeInterval)})`,
    `drawdown ${percent(metrics.maximumDrawdown)}`,
  ];
  return [
    `walk-forward, ${purge} bars between training and test, ${embargo} left out behind each test; Sharpe ratios a bar`,
    textTable(columns, rows),
    `tests joined: ${joined.join(', ')}`,
  ];
}

function robustnessParts(rows: NonNullable<BacktestReport['robustness']>): string[] {
  const names = rows[0]?.cases.map(({ name }) => name) ?? [];
  const columns = [
    left('Sharpe ratio'),
    ...names.map((name) => right(name)),
    right('moves in another', 'order, 5% to 95%'),
    right('of those', 'losing'),
    right('worst quarter', 'of settings'),
  ];
  const table = textTable(
    columns,
    rows.map(({ label, cases, resampled, heatMap }) => [
      label,
      ...cases.map(({ sharpe, isLiquidated }) => `${ratio(sharpe)}${isLiquidated ? ' (liquidated)' : ''}`),
      between([resampled.sharpe.low, resampled.sharpe.high]),
      percent(resampled.losing),
      heatMap === undefined ? '' : ratio(heatMap.worstQuarter),
    ]),
  );
  const maps = rows.flatMap(({ label, heatMap }) => (heatMap === undefined ? [] : [heatMapTable(label, heatMap)]));
  return [table, ...maps];
}

function heatMapTable(label: string, { first, second, sharpe }: HeatMap): string {
  const shown = (value: number): string => String(Number(value.toPrecision(4)));
  const columns = [
    right(`${label}:`, first.name),
    ...second.values.map((value, i) => right(i === 0 ? second.name : '', shown(value))),
  ];
  return textTable(
    columns,
    first.values.map((value, i) => [shown(value), ...sharpe[i]!.map(ratio)]),
  );
}
