/**
 * Runs the strategies on the daily series and measures the volatility forecasts, and writes the tables between their markers in
 * docs/exposure-control.md. Run: npx tsx scripts/strategy-table.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dataRoot, hasData } from '../benchmarks/data/real-chains.js';
import type { Bar } from '../src/control/backtest/backtest-input.js';
import { deflateTrials } from '../src/control/backtest/deflated-sharpe.js';
import { periodReturns } from '../src/control/backtest/performance.js';
import { backtestRobustness } from '../src/control/backtest/robustness.js';
import { studyStrategies } from '../src/control/backtest/study.js';
import type { StudyRow, StudyTerms, Trial } from '../src/control/backtest/study.js';
import { walkForwardStudy } from '../src/control/backtest/walk-forward-study.js';
import { log } from '../src/math/logarithm.js';
import { ewmaVol } from '../src/risk/forecast/ewma.js';
import { forecastErrors } from './forecast-errors.js';
import type { ForecastRow } from './forecast-errors.js';
import { dailySeries, day } from './strategy-series.js';
import type { Series } from './strategy-series.js';

if (!hasData) {
  process.stderr.write(`no data under ${dataRoot}: set ZOMMA_DATA\n`);
  process.exit(1);
}

const PATHS = 100;

interface Rule {
  name: string;
  trial: (series: Series) => Trial;
}

// Settings as a desk would write them down before it saw a price; none was searched for.
const rules: Rule[] = [
  { name: 'buy and hold', trial: () => ({ strategy: 'hold' }) },
  {
    name: 'volatility target',
    trial: ({ periodsPerYear }) => ({
      strategy: 'vol-target',
      settings: { target: periodsPerYear === 365 ? 0.4 : 0.12 },
    }),
  },
  { name: 'CPPI, floor 80%, m = 4', trial: () => ({ strategy: 'cppi' }) },
  { name: 'TIPP, 80% of the high, m = 4', trial: () => ({ strategy: 'tipp' }) },
  { name: 'leveraged token, 2x daily', trial: () => ({ strategy: 'leveraged-token' }) },
  { name: 'half invested, band of 5%', trial: () => ({ strategy: 'band' }) },
  { name: 'half invested, every 30 bars', trial: () => ({ strategy: 'calendar' }) },
];
const optionRules: Rule[] = [
  { name: 'short straddle, hedged daily', trial: straddle('short-straddle') },
  { name: 'gamma scalping, delta band 0.1', trial: straddle('gamma-scalp') },
];

function straddle(strategy: string): Rule['trial'] {
  return ({ halfSpread }) => ({ strategy, settings: { 'half-spread': halfSpread } });
}

/** The stretch options can be marked on: that of the index, or everything with an average of past moves in its place. */
function optionBars({ bars, impliedSource, periodsPerYear }: Series): Bar[] {
  if (impliedSource !== '') return bars.slice(bars.findIndex(({ volatility }) => volatility !== undefined));
  const returns = bars.slice(1).map(({ close }, i) => log(close / bars[i]!.close));
  const seed = Math.sqrt(returns.slice(0, 60).reduce((sum, r) => sum + r * r, 0) / 60);
  const volatility = ewmaVol(returns, { lambda: 0.94, seed });
  return bars.slice(61).map((bar, i) => ({ ...bar, volatility: Math.sqrt(periodsPerYear) * volatility[i + 60]! }));
}

interface Run {
  series: Series;
  rule: Rule;
  trial: Trial;
  terms: StudyTerms;
  years: number;
  row: StudyRow;
}

function termsOf({ feeRate, slippage }: Series, bars: readonly Bar[]): StudyTerms {
  return { bars, initialEquity: 1000, feeRate, slippage, lag: 1, maintenanceRate: 0.01 };
}

function runsOf(series: Series, bars: readonly Bar[], chosen: readonly Rule[], seed: number): Run[] {
  const terms = termsOf(series, bars);
  const trials = chosen.map(({ trial }) => trial(series));
  const { rows, years } = studyStrategies({ ...terms, trials, bootstrap: { seed, draws: 1000 } });
  return rows.map((row, i) => ({ series, rule: chosen[i]!, trial: trials[i]!, terms, years, row }));
}

const allSeries = dailySeries();
const runs = allSeries.flatMap((series, i) => {
  const first = 1 + i * (rules.length + optionRules.length);
  return [
    ...runsOf(series, series.bars, rules, first),
    ...runsOf(series, optionBars(series), optionRules, first + rules.length),
  ];
});
// Every run in the table is a trial, whatever the series.
const deflated = deflateTrials(runs.map(({ row }) => periodReturns(row.result.equity)));

const percent = (value: number, digits = 0): string => `${(100 * value).toFixed(digits)}%`;
const range = (low: number, high: number): string => `${low.toFixed(2)} to ${high.toFixed(2)}`;

function strategyRow({ series, rule, years, row }: Run, i: number): string {
  const { result, sharpeInterval, turnoverPerYear, costDrag, trackingError, marginUsage, floorBreaches } = row;
  const { metrics, liquidatedAt } = result;
  const cells = [
    series.name,
    rule.name,
    years.toFixed(1),
    percent(metrics.cagr, 1),
    percent(metrics.volatility, 1),
    `${metrics.sharpe.toFixed(2)} ± ${metrics.sharpeStandardError.toFixed(2)}`,
    range(...sharpeInterval),
    percent(deflated[i]!.probability),
    percent(metrics.maximumDrawdown),
    percent(metrics.expectedShortfall, 1),
    turnoverPerYear.toFixed(1),
    percent(costDrag, 2),
    trackingError === undefined ? '' : percent(trackingError, 1),
    marginUsage === undefined ? '' : marginUsage.maximum > 1 ? 'over 100%' : percent(marginUsage.maximum, 1),
    floorBreaches === undefined ? '' : below(floorBreaches),
    liquidatedAt === undefined ? '' : day(liquidatedAt),
  ];
  return `| ${cells.join(' | ')} |`;
}

function below({ bars, worst }: NonNullable<StudyRow['floorBreaches']>): string {
  return bars === 0 ? '0' : `${bars} by ${percent(worst, 2)}`;
}

function strategyTable(): string {
  const spans = allSeries.map(({ name, bars }) => `${name} ${day(bars[0]!.at)} to ${day(bars.at(-1)!.at)}`);
  return `Bars: ${spans.join(', ')}. Trials counted: ${runs.length}.

| series | strategy | years | growth | volatility | Sharpe | bootstrap, 95% | deflated | drawdown | shortfall | turnover | costs | tracking | margin | below floor | liquidated |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
${runs.map(strategyRow).join('\n')}`;
}

function robustnessRow({ series, rule, trial, terms }: Run): string {
  const { cases, resampled, heatMap } = backtestRobustness(terms, trial, { seed: 1, paths: PATHS });
  const cells = [
    series.name,
    rule.name,
    ...cases.map(({ sharpe, isLiquidated }) => `${sharpe.toFixed(2)}${isLiquidated ? ' *' : ''}`),
    range(resampled.sharpe.low, resampled.sharpe.high),
    percent(resampled.losing),
    percent(resampled.liquidated),
    heatMap === undefined ? '' : heatMap.worstQuarter.toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

function robustnessTable(): string {
  return `| series | strategy | base | costs x 2 | lag + 1 | moves x 0.8 | moves x 1.2 | moves in another order | losing | liquidated | worst quarter of settings |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${runs.map(robustnessRow).join('\n')}`;
}

/** The rule that was best so far, each half year (or its 126 bars) anew. */
function walkForwardTable(): string {
  const rows = allSeries.map((series) => {
    const year = series.periodsPerYear;
    const windows = { train: 2 * year, test: Math.floor(year / 2), embargo: 5, window: 'rolling' } as const;
    const candidates = rules.map(({ trial }) => trial(series));
    const bootstrap = { seed: 1, draws: 1000 };
    const found = walkForwardStudy({ ...termsOf(series, series.bars), candidates, windows, bootstrap });
    const names = found.folds.map(
      ({ chosen }) => rules.find(({ trial }) => trial(series).strategy === chosen.strategy)!.name,
    );
    const counts = [...new Set(names)].map((name) => `${names.filter((other) => other === name).length} times ${name}`);
    const mean = (values: number[]): number =>
      (Math.sqrt(year) * values.reduce((sum, value) => sum + value, 0)) / values.length;
    const cells = [
      series.name,
      String(found.folds.length),
      mean(found.folds.map(({ inSample }) => inSample)).toFixed(2),
      mean(found.folds.map(({ outOfSample }) => outOfSample)).toFixed(2),
      percent(found.metrics.cagr, 1),
      percent(found.metrics.maximumDrawdown),
      `${found.metrics.sharpe.toFixed(2)} ± ${found.metrics.sharpeStandardError.toFixed(2)}`,
      range(...found.sharpeInterval),
      counts.join('; '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `| series | tests | mean in sample | mean out of sample | growth | drawdown | Sharpe, joined | bootstrap, 95% | chosen |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
${rows.join('\n')}`;
}

function forecastTable(): string {
  const rows = allSeries.flatMap((series) => {
    const [week, month] = series.periodsPerYear === 365 ? [7, 30] : [5, 21];
    return [...forecastErrors(series, week), ...forecastErrors(series, month)];
  });
  const cells = (row: ForecastRow): string[] => [
    row.series,
    String(row.horizon),
    day(row.from),
    String(row.periods),
    row.forecast,
    row.qlike.toFixed(3),
    row.rootMeanSquaredError.toFixed(3),
    `${row.slope.toFixed(2)} ± ${row.slopeError.toFixed(2)}`,
    row.rSquared.toFixed(2),
    row.note,
  ];
  return `| series | bars ahead | tested from | periods | forecast | QLIKE | RMSE | slope | R² | fitted before |
| --- | ---: | --- | ---: | --- | ---: | ---: | ---: | ---: | --- |
${rows.map((row) => `| ${cells(row).join(' | ')} |`).join('\n')}`;
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`docs/exposure-control.md has no markers ${open} ${close}`);
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}

const page = new URL('../docs/exposure-control.md', import.meta.url);
const tables = {
  strategies: strategyTable,
  'walk-forward': walkForwardTable,
  robustness: robustnessTable,
  forecasts: forecastTable,
};
let text = readFileSync(page, 'utf8');
for (const [name, table] of Object.entries(tables)) text = between(text, name, table());
writeFileSync(page, text);
