/** `zomma backtest`: runs strategies on a price series, prints what they would have done, and writes what was asked for. */
import { basename } from 'node:path';
import { readPriceSeries } from '../control/backtest/read-series.js';
import { backtestReport } from '../report/backtest-report.js';
import { backtestText } from '../report/backtest-text.js';
import { explain, readText, writeJson } from './files.js';
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
  if (description !== undefined) streams.stdout.write(`${description}\n`);
  if (ignored.length > 0) streams.stdout.write(`columns not read: ${ignored.join(', ')}\n`);
  streams.stdout.write(backtestText(name, report));
  if (args.json !== undefined) {
    const { schema, ...rest } = report;
    writeJson('--json', args.json, { schema, series: name, description, columns, ignored, ...rest });
    streams.stdout.write(`\nreport written to ${args.json}\n`);
  }
}
