/**
 * Runs the strategies on the daily series and measures the volatility forecasts, and writes both tables between their markers in
 * docs/exposure-control.md. Run: npx tsx scripts/strategy-table.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dataRoot, hasData } from '../benchmarks/data/real-chains.js';
import { runBacktest } from '../src/control/backtest/backtest.js';
import type { BacktestResult } from '../src/control/backtest/backtest.js';
import type { BacktestInput, BacktestStrategy, Bar } from '../src/control/backtest/backtest-input.js';
import { blockBootstrap } from '../src/control/backtest/bootstrap.js';
import { deflatedSharpe } from '../src/control/backtest/deflated-sharpe.js';
import { hedgedStraddle } from '../src/control/backtest/hedged-straddle.js';
import { periodReturns } from '../src/control/backtest/performance.js';
import {
  cppiStrategy,
  fixedWeightStrategy,
  leveragedTokenStrategy,
  volTargetStrategy,
} from '../src/control/backtest/strategies.js';
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

const EQUITY = 1000;
const MAINTENANCE = 0.01;

/** Bars with the volatility options are marked at. */
interface Market {
  series: Series;
  bars: readonly Bar[];
  impliedVolatility: readonly number[];
}

interface Rule {
  name: string;
  /** Made anew for every run. */
  make: (market: Market) => Pick<BacktestInput, 'strategy' | 'holdings'>;
  options?: boolean;
}

// Settings as a desk would write them down before it saw a price; none was searched for.
const rules: Rule[] = [
  { name: 'buy and hold', make: () => ({ strategy: hold }) },
  {
    name: 'volatility target',
    make: ({ series }) => ({
      strategy: volTargetStrategy({
        targetVolatility: series.periodsPerYear === 365 ? 0.4 : 0.12,
        maximumLeverage: 2,
        lambda: 0.94,
        warmUp: 30,
        periodsPerYear: series.periodsPerYear,
        band: 0.1,
      }),
    }),
  },
  {
    name: 'CPPI, floor 80%, m = 4',
    make: () => ({ strategy: cppiStrategy({ floor: 0.8, multiplier: 4, maximumLeverage: 2 }) }),
  },
  {
    name: 'TIPP, 80% of the high, m = 4',
    make: () => ({ strategy: cppiStrategy({ floor: 0.8, multiplier: 4, maximumLeverage: 2, ratchet: 0.8 }) }),
  },
  { name: 'leveraged token, 2x daily', make: () => ({ strategy: leveragedTokenStrategy(2) }) },
  {
    name: 'half invested, band of 5%',
    make: () => ({ strategy: fixedWeightStrategy(0.5, { kind: 'band', band: 0.05, destination: 'boundary' }) }),
  },
  {
    name: 'half invested, every 30 bars',
    make: () => ({ strategy: fixedWeightStrategy(0.5, { kind: 'calendar', every: 30 }) }),
  },
  { name: 'short straddle, hedged daily', options: true, make: straddle('short', 0) },
  { name: 'gamma scalping, delta band 0.1', options: true, make: straddle('long', 0.1) },
];

function straddle(side: 'long' | 'short', band: number): Rule['make'] {
  return ({ series, impliedVolatility }) =>
    hedgedStraddle({
      side,
      notional: EQUITY,
      cycleDays: 30,
      impliedVolatility,
      halfSpread: series.halfSpread,
      band,
    });
}

function hold(...[history, { equity, target }]: Parameters<BacktestStrategy>): number {
  return history.t === 0 ? equity / history.bar(0).close : target;
}

/** The stretch options can be marked on: that of the index, or everything with an average of past moves in its place. */
function optionMarket(series: Series): Market {
  const { bars, impliedVolatility, impliedSource, periodsPerYear } = series;
  if (impliedSource === '') {
    const returns = bars.slice(1).map(({ close }, i) => log(close / bars[i]!.close));
    const seed = Math.sqrt(returns.slice(0, 60).reduce((sum, r) => sum + r * r, 0) / 60);
    const volatility = ewmaVol(returns, { lambda: 0.94, seed });
    return {
      series,
      bars: bars.slice(61),
      impliedVolatility: bars.slice(61).map((_, i) => Math.sqrt(periodsPerYear) * volatility[i + 60]!),
    };
  }
  const first = impliedVolatility.findIndex((value) => value > 0);
  // A day the index was not published on is marked at the day before.
  let last = NaN;
  const filled = impliedVolatility.map((value) => (last = value > 0 ? value : last));
  return { series, bars: bars.slice(first), impliedVolatility: filled.slice(first) };
}

interface Run {
  series: Series;
  rule: Rule;
  bars: readonly Bar[];
  base: BacktestResult;
  returns: number[];
  doubleCosts: BacktestResult;
  laterFill: BacktestResult;
}

const allSeries = dailySeries();
const runs: Run[] = allSeries.flatMap((series) =>
  rules.map((rule) => {
    const market: Market = rule.options
      ? optionMarket(series)
      : { series, bars: series.bars, impliedVolatility: series.impliedVolatility };
    const run = (costs: number, lag: number): BacktestResult =>
      runBacktest({
        bars: market.bars,
        initialEquity: EQUITY,
        feeRate: costs * series.feeRate,
        slippage: costs * series.slippage,
        lag,
        maintenanceRate: MAINTENANCE,
        ...rule.make(
          costs === 1 ? market : { ...market, series: { ...series, halfSpread: costs * series.halfSpread } },
        ),
      });
    const base = run(1, 1);
    return {
      series,
      rule,
      bars: market.bars,
      base,
      returns: periodReturns(base.equity),
      doubleCosts: run(2, 1),
      laterFill: run(1, 2),
    };
  }),
);

/** Per period. */
function sharpeOf(sample: ArrayLike<number>): number {
  const values = Array.from(sample);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return variance > 0 ? mean / Math.sqrt(variance) : 0;
}

function centredMoment(values: readonly number[], power: number): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
}

const ratios = runs.map(({ returns }) => sharpeOf(returns));
const trialVariance = sharpeVariance(ratios);

function sharpeVariance(values: readonly number[]): number {
  return (values.length / (values.length - 1)) * centredMoment(values, 2);
}

const percent = (value: number, digits = 0): string => `${(100 * value).toFixed(digits)}%`;

function strategyRow({ series, rule, bars, base, returns, doubleCosts, laterFill }: Run, i: number): string {
  const { metrics } = base;
  const perYear = Math.sqrt(metrics.periodsPerYear);
  const { interval } = blockBootstrap(returns, sharpeOf, { seed: 1 + i, draws: 1000 });
  const variance = centredMoment(returns, 2);
  const deflated = deflatedSharpe({
    sharpe: ratios[i]!,
    observations: returns.length,
    skewness: centredMoment(returns, 3) / variance ** 1.5,
    kurtosis: centredMoment(returns, 4) / variance ** 2,
    trials: runs.length,
    trialVariance,
  });
  const years = (bars.at(-1)!.at - bars[0]!.at) / (365 * 86_400_000);
  const mean = base.equity.reduce((sum, value) => sum + value, 0) / base.equity.length;
  const cells = [
    series.name,
    rule.name,
    years.toFixed(1),
    percent(metrics.cagr, 1),
    percent(metrics.volatility, 1),
    `${metrics.sharpe.toFixed(2)} ± ${metrics.sharpeStandardError.toFixed(2)}`,
    `${(interval[0] * perYear).toFixed(2)} to ${(interval[1] * perYear).toFixed(2)}`,
    percent(deflated.probability),
    percent(metrics.maximumDrawdown),
    percent(metrics.expectedShortfall, 1),
    (metrics.turnover / years).toFixed(1),
    percent(base.costs / mean / years, 2),
    doubleCosts.metrics.sharpe.toFixed(2),
    laterFill.metrics.sharpe.toFixed(2),
    base.liquidatedAt === undefined ? '' : day(base.liquidatedAt),
  ];
  return `| ${cells.join(' | ')} |`;
}

function strategyTable(): string {
  const spans = allSeries.map(({ name, bars }) => `${name} ${day(bars[0]!.at)} to ${day(bars.at(-1)!.at)}`);
  return `Bars: ${spans.join(', ')}. Trials counted: ${runs.length}.

| series | strategy | years | growth | volatility | Sharpe | bootstrap, 95% | deflated | drawdown | shortfall | turnover | costs | costs x 2 | lag + 1 | liquidated |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
${runs.map(strategyRow).join('\n')}`;
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
const text = between(readFileSync(page, 'utf8'), 'strategies', strategyTable());
writeFileSync(page, between(text, 'forecasts', forecastTable()));
