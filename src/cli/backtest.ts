/** `zomma backtest`: runs strategies on a price series, prints what they would have done, and writes what was asked for. */
import { basename } from 'node:path';
import { readPriceSeries } from '../control/backtest/read-series.js';
import { backtestReport } from '../report/backtest-report.js';
import { backtestText } from '../report/backtest-text.js';
import { recordJson } from '../report/record-json.js';
import { explain, readText, writeReport } from './files.js';
import type { BacktestArguments } from './grammar/backtest.js';
import type { Streams } from './streams.js';

/** Throws CommandError or InputError on what cannot be read or run. */
export function backtest(args: BacktestArguments, streams: Streams): void {
  const { bars, columns, ignored, description } = explain(args.series, () => readPriceSeries(readText(args.series)));
  const report = explain(
    args.series,
    () =>
      backtestReport(bars, {
        strategies: args.strategies,
        settings: args.settings,
        terms: {
          initialEquity: args.equity,
          feeRate: args.fee,
          slippage: args.slippage,
          lag: args.lag,
          fillAt: args.fill === 'open' ? 'nextOpen' : 'close',
          initialRate: args.initial,
          maintenanceRate: args.maintenance,
          liquidationFee: args.liquidationFee,
          lendingRate: args.lend,
          borrowingRate: args.borrow,
        },
        volatility: args.volatility,
        otherTrials: args.trials,
        bootstrap: { seed: args.seed, draws: args.draws, meanBlock: args.block },
        walkForward: args.walkForward && {
          ...args.walkForward,
          window: args.window,
          purge: args.purge,
          embargo: args.embargo,
        },
        robustness: args.sensitivity ? { paths: args.paths } : undefined,
      }),
    { volatility: '--volatility', settings: '--set', meanBlock: '--block', bars: '--walk-forward' },
  );
  const name = basename(args.series);
  const heads = [
    ...(description === undefined ? [] : [description]),
    ...(ignored.length === 0 ? [] : [`columns not read: ${ignored.join(', ')}`]),
  ];
  const text = [...heads, backtestText(name, report)].join('\n');
  const { schema, ...rest } = report;
  const json = (): string => recordJson({ schema, series: name, description, columns, ignored, ...rest });
  writeReport(streams, { text, json }, args.json);
}
