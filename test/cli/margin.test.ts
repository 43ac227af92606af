import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { MarginReport } from '../../src/report/margin-report.js';
import { zomma } from './support.js';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const chain = join(docs, 'samples/synthetic-btc-chain.json');
const book = [
  join(docs, 'examples/coin-positions.json'),
  ...['--account', join(docs, 'examples/coin-account.json'), '--fx', 'USDC/USD=1', '--market', chain],
];
const folder = mkdtempSync(join(tmpdir(), 'zomma-margin-'));
const out = join(folder, 'margin.json');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('zomma margin', () => {
  it('prints what the rules ask, by component, with health and liquidation prices', async () => {
    const { code, out: text, err } = await zomma(['margin', ...book, '--json', out]);
    expect(err).toBe('');
    expect(code).toBe(0);
    const { margin, health, liquidation } = JSON.parse(readFileSync(out, 'utf8')) as MarginReport;
    expect(margin.maintenanceMargin).toBeCloseTo(0.8 * margin.initialMargin, 12);
    const parts = Object.values(margin.components).reduce((sum, { initial }) => sum + initial, 0);
    expect(parts).toBeCloseTo(margin.initialMargin, 12);
    expect(health.marginRatio).toBeCloseTo(margin.maintenanceMargin / health.equity, 12);
    expect(liquidation.map(({ underlying }) => underlying)).toEqual(['BTC']);
    expect(text).toContain('not confirmed');
    expect(text).toContain(health.status);
  });

  it('takes other rules and refuses unknown ones', async () => {
    const standard = await zomma(['margin', ...book, '--rules', 'deribit-standard']);
    expect(standard.code).toBe(0);
    expect(standard.out).toContain('standard margin');
    const unknown = await zomma(['margin', ...book, '--rules', 'none']);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('--rules');
  });
});
