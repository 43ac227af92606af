import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { StressReport } from '../../src/report/stress-report.js';
import { zomma } from './support.js';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const chain = join(docs, 'samples/synthetic-btc-chain.json');
const book = [
  join(docs, 'examples/coin-positions.json'),
  ...['--account', join(docs, 'examples/coin-account.json'), '--fx', 'USDC/USD=1', '--market', chain],
];
const folder = mkdtempSync(join(tmpdir(), 'zomma-stress-'));
const out = join(folder, 'stress.json');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('zomma stress', () => {
  it('prints the grid, its worst cell and the scenarios, and writes them', async () => {
    const { code, out: text, err } = await zomma(['stress', ...book, '--json', out]);
    expect(err).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(out, 'utf8')) as StressReport;
    // Nothing moved: nothing gained.
    expect(report.grid[report.spot.indexOf(0)]![report.volatility.indexOf(0)]).toBe(0);
    expect(report.worst.pnl).toBe(Math.min(...report.grid.flat()));
    for (const { pnl, equity } of report.scenarios) expect(equity).toBeCloseTo(report.equity + pnl, 6);
    expect(text).toContain('worst of the grid');
    for (const { name } of report.scenarios) expect(text).toContain(name);
  });

  it('lets time pass, and says what is missing', async () => {
    const later = await zomma(['stress', ...book, '--days', '5', '--json', out]);
    expect(later.code).toBe(0);
    const report = JSON.parse(readFileSync(out, 'utf8')) as StressReport;
    expect(report.days).toBe(5);
    expect(report.grid[report.spot.indexOf(0)]![report.volatility.indexOf(0)]).not.toBe(0);
    expect(await zomma(['stress', '--market', chain])).toMatchObject({ code: 2 });
    expect(await zomma(['stress', book[0]!])).toMatchObject({ code: 2 });
    expect(await zomma(['stress', ...book, '--days', '-1'])).toMatchObject({ code: 2 });
  });
});
