import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { BacktestReport } from '../../src/report/backtest-report.js';
import { zomma } from './support.js';

const series = fileURLToPath(new URL('../../docs/samples/synthetic-daily-series.csv', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zomma-backtest-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** The first lines of the sample: a quarter of bars. */
const short = file('short.csv', readFileSync(series, 'utf8').split('\n').slice(0, 121).join('\n'));
const quick = ['--draws', '20'];

async function report(argv: string[]): Promise<{ out: string; report: BacktestReport & { series: string } }> {
  const json = join(folder, 'report.json');
  const { code, out, err } = await zomma(['backtest', ...argv, ...quick, '--json', json]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return { out, report: JSON.parse(readFileSync(json, 'utf8')) as BacktestReport & { series: string } };
}

describe('zomma backtest', () => {
  it('runs every strategy, counts the trials and writes what it did', async () => {
    const { out, report: written } = await report(['all', '--series', short, '--trials', '3']);
    expect(out).toContain('short.csv: 120 bars, 2023-01-01 to 2023-04-30, 365 a year');
    expect(out).toContain('fee 5.0 bp, slippage 5.0 bp, filled at the close 1 bar later, maintenance margin 1.0%');
    expect(out).toMatch(/trials counted: 12; the best in one half .* with probability \d/);
    expect(written).toMatchObject({ schema: 1, series: 'short.csv', bars: 120, skipped: 0, trials: 12 });
    expect(written.rows.map(({ label }) => label)).toEqual(
      'hold vol-target cppi tipp leveraged-token band calendar short-straddle gamma-scalp'.split(' '),
    );
    for (const row of written.rows) {
      expect(out).toContain(`\n${row.label} `);
      expect(row.equity).toHaveLength(120);
      expect(row.metrics.volatility).toBeGreaterThan(0);
      expect(row.costs).toBeGreaterThan(0);
    }
    // Funding is in the series, and longs paid it.
    expect(written.rows[0]!.fundingPaid).toBeGreaterThan(0);
  });

  it('tries every value given, chooses on the past, and says what it chose', async () => {
    const grid = ['--set', 'multiplier=2,4', '--set', 'floor=0.7,0.8', '--walk-forward', '50,20', '--embargo', '2'];
    const { out, report: written } = await report(['cppi', 'band', '--series', short, ...grid, '--purge', '3']);
    expect(written.rows.map(({ label }) => label)).toEqual([
      'cppi multiplier=2 floor=0.7',
      'cppi multiplier=2 floor=0.8',
      'cppi multiplier=4 floor=0.7',
      'cppi multiplier=4 floor=0.8',
      'band',
    ]);
    expect(out).toContain('walk-forward, 3 bars between training and test, 2 left out behind each test');
    const { folds, purge, returns } = written.walkForward!;
    expect(purge).toBe(3);
    expect(folds.map(({ test }) => test)).toEqual([
      [53, 73],
      [73, 93],
      [93, 113],
    ]);
    expect(returns).toHaveLength(60);
    const labels = written.rows.map(({ label }) => label);
    for (const { chosen } of folds) expect(labels).toContain(chosen);
    expect(out).toContain('tests joined: growth ');
  });

  it('shows how figures move with what was assumed', async () => {
    const grid = ['--set', 'multiplier=2,4,6', '--set', 'floor=0.7,0.8', '--sensitivity', '--paths', '20'];
    const { out, report: written } = await report(['cppi', 'hold', '--series', short, ...grid]);
    const [cppi, hold] = written.robustness!;
    expect(cppi!.cases.map(({ name }) => name)).toEqual(['base', 'costs x 2', 'lag + 1', 'moves x 0.8', 'moves x 1.2']);
    expect(cppi!.heatMap!.sharpe).toHaveLength(3);
    expect(cppi!.heatMap!.sharpe[0]![0]).toBe(written.rows[0]!.metrics.sharpe);
    expect(hold!.heatMap).toBeUndefined();
    expect(out).toContain('worst quarter');
    expect(out).toMatch(/cppi multiplier=2 floor=0.7: +floor\n +multiplier +0.7 +0.8\n/);
  });

  it('charges, lends, limits and fills as it is told', async () => {
    const plain = (await report(['leveraged-token', '--series', short])).report.rows[0]!;
    const dear = (await report(['leveraged-token', '--series', short, '--fee', '0.005'])).report.rows[0]!;
    expect(dear.costs).toBeGreaterThan(4 * plain.costs);
    const debts = (await report(['leveraged-token', '--series', short, '--borrow', '0.2'])).report.rows[0]!;
    expect(debts.interest).toBeLessThan(0);
    const rates = ['--lend', '0.05', '--initial', '1', '--fill', 'open', '--equity', '500'];
    const { out, report: limited } = await report(['leveraged-token', '--series', short, ...rates]);
    expect(out).toContain('filled at the next open, initial margin 100.0%');
    expect(limited.rows[0]!.cutOrders).toBeGreaterThan(0);
    expect(limited.rows[0]!.equity[0]).toBe(500);
    const strict = ['--maintenance', '0.4', '--liquidation-fee', '0.01', '--set', 'leverage=2.4'];
    const closed = (await report(['leveraged-token', '--series', short, ...strict])).report.rows[0]!;
    expect(closed.liquidatedAt).toBeGreaterThan(0);
  });

  it('begins where options have a volatility, or takes one for all of them', async () => {
    const text = [
      'time,price,volatility',
      ...Array.from({ length: 60 }, (_, i) => {
        const day = new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
        return `${day},${100 + (i % 7)},${i < 10 ? '' : 0.5}`;
      }),
    ].join('\n');
    const late = file('late.csv', text);
    const { out, report: written } = await report(['short-straddle', 'hold', '--series', late]);
    expect(written).toMatchObject({ bars: 50, skipped: 10 });
    expect(out).toContain('10 bars before the first implied volatility left out');
    const constant = await report(['short-straddle', '--series', late, '--volatility', '0.5']);
    expect(constant.report).toMatchObject({ bars: 60, skipped: 0 });
  });

  it('names the description of the series and the columns it did not read', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      time: 1_700_000_000 + i * 86_400,
      price: 100 + i,
      volume: i,
    }));
    const json = file('rows.json', JSON.stringify({ description: 'A rising price.', bars: rows }));
    const { out } = await report(['hold', '--series', json]);
    expect(out.split('\n').slice(0, 2)).toEqual(['A rising price.', 'columns not read: volume']);
  });

  const bare = file('bare.csv', 'time,price\n2026-01-01,1\n2026-01-02,2\n2026-01-03,x\n');
  const prices = file('prices.csv', 'time,price\n2026-01-01,1\n2026-01-02,2\n2026-01-03,3\n');
  it.each([
    [['backtest', '--series', short], 'backtest needs a strategy: hold, vol-target'],
    [['backtest', 'martingale', '--series', short], 'STRATEGY must be'],
    [['backtest', 'hold'], 'backtest needs --series'],
    [['backtest', 'hold', '--series', join(folder, 'none.csv')], 'none.csv: no such file'],
    [['backtest', 'hold', '--series', bare], "bare.csv: line 4, column price must be a number, got 'x'"],
    [['backtest', 'gamma-scalp', '--series', prices], 'prices.csv: volatility must be a column of the series'],
    [['backtest', 'hold', '--series', short, '--set', 'band=1'], 'settings must be one of leverage'],
    [['backtest', 'cppi', '--series', short, '--set', 'floor=2'], 'settings.cppi.floor must be from 0 to 1'],
    [['backtest', 'cppi', '--series', short, '--set', 'floor'], '--set must be a name and numbers'],
    [['backtest', 'cppi', '--series', short, '--set', 'floor=1,x'], '--set must be a name and numbers'],
    [['backtest', 'hold', '--series', short, '--lag', '0'], '--lag must be a whole number of at least 1'],
    [['backtest', 'hold', '--series', short, '--fee=-1'], '--fee must be'],
    [['backtest', 'hold', '--series', short, '--fill', 'noon'], '--fill must be'],
    [['backtest', 'hold', '--series', short, '--walk-forward', '10'], '--walk-forward must be two whole numbers'],
    [['backtest', 'hold', '--series', short, '--walk-forward', '100,50'], '(option --walk-forward)'],
    [['backtest', 'hold', '--series', short, '--block', '0.5'], '(option --block)'],
    [['backtest', 'hold', '--series', short, '--target', '1'], "Unknown option '--target'"],
    [['backtest', 'hold', '--series', short, '--json', join(folder, 'no/such/place.json')], 'cannot be written'],
  ])('%j ends with one line and code 2', async (argv, message) => {
    const { code, err } = await zomma(argv);
    expect(err).toContain(message);
    expect(err).toMatch(/^zomma: [^\n]+\n$/);
    expect(code).toBe(2);
  });
});
