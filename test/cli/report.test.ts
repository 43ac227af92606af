import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { zomma } from './support.js';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const chain = join(docs, 'samples/synthetic-btc-chain.json');
const positions = join(docs, 'examples/coin-positions.json');
const account = join(docs, 'examples/coin-account.json');
const folder = mkdtempSync(join(tmpdir(), 'zomma-report-'));
const out = join(folder, 'report.html');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('zomma report', () => {
  it('writes the page of a chain', async () => {
    const { code, out: text, err } = await zomma(['report', chain, '--html', out]);
    expect(err).toBe('');
    expect(text).toBe(`12 of 12 expiries fitted, proved free of arbitrage\nreport written to ${out}\n`);
    expect(code).toBe(0);
    const html = readFileSync(out, 'utf8');
    expect(html).toContain('<h2>Smiles</h2>');
    expect(html).not.toContain('<h2>Exposure</h2>');
  });

  it('adds what an account is exposed to', async () => {
    const book = ['--positions', positions, '--account', account, '--fx', 'USDC/USD=1'];
    const { code } = await zomma(['report', chain, ...book, '--html', out]);
    expect(code).toBe(0);
    const html = readFileSync(out, 'utf8');
    expect(html).toContain('<h2>Exposure</h2>');
    expect(html).toContain('<h2>Profile of BTC</h2>');
  });

  it('writes the figures of the page, with a page or without, the same as those of the other commands', async () => {
    const book = ['--positions', positions, '--account', account, '--fx', 'USDC/USD=1'];
    const json = join(folder, 'report.json');
    const rules = ['--rules', 'deribit-standard'];
    const { code, out: text } = await zomma(['report', chain, ...book, ...rules, '--days', '2', '--json', json]);
    expect(code).toBe(0);
    expect(text).toContain(`figures written to ${json}`);
    expect(text).not.toContain('report written');
    const record = JSON.parse(readFileSync(json, 'utf8')) as {
      calibration: object;
      account: Record<'exposure' | 'stress' | 'margin', { ok: boolean; figures: Record<string, unknown> }>;
    };
    const other = async (argv: readonly string[]): Promise<Record<string, unknown>> => {
      const file = join(folder, 'other.json');
      expect(await zomma([...argv, '--json', file])).toMatchObject({ code: 0 });
      return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    };
    const market = [positions, '--account', account, '--fx', 'USDC/USD=1', '--market', chain];
    expect(record.calibration).toEqual(await other(['calibrate', chain]));
    expect(record.account.stress).toEqual({ ok: true, figures: await other(['stress', ...market, '--days', '2']) });
    const { curves, ...margin } = record.account.margin.figures;
    expect(margin).toEqual(await other(['margin', ...market, ...rules]));
    expect(curves).toHaveLength(1);
    expect(record.account.exposure.figures).toEqual(await other(['exposure', ...market]));
  });

  it('draws in three dimensions only when it is asked to', async () => {
    const { code } = await zomma(['report', chain, '--html', out, '--3d']);
    expect(code).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain('id="surface-data"');
    expect(await zomma(['report', chain, '--html', out])).toMatchObject({ code: 0 });
    expect(readFileSync(out, 'utf8')).not.toMatch(/<script|plotly/);
  });

  it('says what is missing and writes nothing', async () => {
    rmSync(out, { force: true });
    // One quote makes no surface.
    const thin = join(folder, 'thin.json');
    const rows = JSON.parse(readFileSync(chain, 'utf8')) as { result: unknown[] };
    writeFileSync(thin, JSON.stringify({ ...rows, result: rows.result.slice(0, 1) }));
    const lost = join(folder, 'positions.json');
    writeFileSync(lost, JSON.stringify([{ instrument_name: 'NONSENSE', kind: 'option', direction: 'buy', size: 1 }]));
    const cases = [
      [['report', chain], 2, 'report needs --html or --json'],
      [['report', chain, '--json', out, '--3d'], 2, '--3d needs --html'],
      [['report', chain, '--html', out, '--rules', 'none'], 2, '--rules'],
      [['report', chain, '--html', out, '--days', '-1'], 2, '--days'],
      [['report', '--html', out], 2, 'at least one file of quotes'],
      [['report', chain, '--positions', positions, '--account', account, '--html', out], 2, '--fx'],
      [['report', chain, '--positions', lost, '--html', out], 1, 'no position could be read'],
      [['report', chain, '--html', join(folder, 'none', 'x.html')], 2, 'cannot be written'],
      [['report', thin, '--as-of', '2026-01-13T12:00:00Z', '--html', out], 1, 'no surface'],
    ] as const;
    for (const [argv, expected, words] of cases) {
      const { code, err } = await zomma(argv);
      expect(err).toContain(words);
      expect(code).toBe(expected);
    }
    expect(existsSync(out)).toBe(false);
  });
});
