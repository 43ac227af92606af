import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { history } from '../../../src/parallel/history/history.js';
import type { HistoryProgress } from '../../../src/parallel/history/history.js';
import { readParquet, tableWriter } from '../../../src/parallel/history/parquet.js';
import { analyticsColumns, surfaceColumns } from '../../../src/parallel/history/tables.js';
import type { Columns, Row } from '../../../src/parallel/history/tables.js';
import { threads } from '../../../src/parallel/threads.js';

const root = mkdtempSync(join(tmpdir(), 'zomma-history-'));
const pool = await threads({ threads: 2 });
afterAll(async () => {
  await pool.close();
  rmSync(root, { recursive: true });
});

const sample = JSON.parse(readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8')) as {
  result: { instrument_name: string }[];
};
const asOf = Date.UTC(2026, 0, 13, 12);
const names = [...new Set(sample.result.map(({ instrument_name: name }) => name.split('-')[1]!))];

/** Three files of two expiries each. */
const files = [0, 2, 4].map((from, i) => {
  const file = join(root, `chain-${i}.json`);
  const result = sample.result.filter(({ instrument_name: name }) =>
    names.slice(from, from + 2).includes(name.split('-')[1]!),
  );
  writeFileSync(file, JSON.stringify({ result }));
  return file;
});

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(root, 'out-'));
});

/** Every file of the folder with its content. */
function contents(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path.slice(folder.length), readFileSync(path).toString('base64')]);
}

/** The rows of the only table of a partition. */
async function rowsOf(table: 'surfaces' | 'analytics', partition: string): Promise<Record<string, unknown>[]> {
  const folder = join(out, table, `partition=${encodeURIComponent(partition)}`);
  const [file, ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  const columns: Columns = table === 'surfaces' ? surfaceColumns : analyticsColumns;
  const rows: Row[] = [];
  for await (const group of readParquet(join(folder, file!), columns)) rows.push(...group);
  return rows.map((row) => Object.fromEntries(Object.keys(columns).map((name, i) => [name, row[i]])));
}

describe('history', () => {
  it('gives the same bytes inline and in threads', async () => {
    const other = mkdtempSync(join(root, 'out-'));
    const seen: HistoryProgress[] = [];
    const here = await history(files, { out, asOf, onProgress: (progress) => seen.push(progress) });
    const there = await history(files, { out: other, asOf, executor: pool });
    expect(there).toEqual(here);
    expect(here).toMatchObject({ files: 3, partitions: 3, written: 3, skipped: 0, chains: 3, slices: 6, failed: [] });
    expect(contents(out)).toHaveLength(9);
    expect(contents(other)).toEqual(contents(out));
    expect(seen.map(({ phase, done }) => [phase, done])).toEqual([
      ...[1, 2, 3].map((done) => ['check', done]),
      ...[1, 2, 3].map((done) => ['calibrate', done]),
    ]);
    expect(seen.at(-1)!.secondsLeft).toBe(0);
    expect(seen.at(-1)!.perSecond).toBeGreaterThan(0);
  });

  it('writes tables of slices and of constant maturities', async () => {
    await history(files, { out, asOf, tenorsInDays: [1, 3000] });
    const surfaces = await rowsOf('surfaces', 'chain-1.json');
    expect(surfaces[0]).toMatchObject({ underlying: 'BTC', asOf, calendar: null, model: 'svi' });
    expect(surfaces[1]).toMatchObject({ butterfly: 'proved', calendar: 'proved', failureReason: null });
    const analytics = await rowsOf('analytics', 'chain-1.json');
    expect(analytics.map(({ extrapolated }) => extrapolated)).toEqual([true, true]);
    expect(analytics[0]!['atmVolatility']).toBeGreaterThan(0);
  });

  it('skips what is whole, and does again what is damaged, missing or of another configuration', async () => {
    await history(files, { out, asOf });
    const before = contents(out);
    expect(await history(files, { out, asOf })).toMatchObject({ written: 0, skipped: 3, chains: 3, surfaceRows: 6 });
    const table = join(out, before.find(([path]) => path.startsWith('/surfaces/partition=chain-0'))![0]);
    const bytes = readFileSync(table);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(table, bytes);
    const record = join(out, 'partitions', 'chain-2.json.json');
    rmSync(record);
    // As a process that was killed leaves them.
    for (const path of [table, record]) writeFileSync(`${path}.0c2a5a9d-55e4.part`, 'half');
    expect(await history(files, { out, asOf })).toMatchObject({ written: 2, skipped: 1 });
    expect(contents(out)).toEqual(before);
    expect(await history(files, { out, asOf, options: { model: 'essvi' } })).toMatchObject({ written: 3, skipped: 0 });
    expect(contents(out)).toHaveLength(9);
  });

  it('lists files that cannot be read, without a partition of theirs', async () => {
    const cut = join(root, 'cut.json');
    writeFileSync(cut, readFileSync(files[0]!).subarray(0, 500));
    const foreign = join(root, 'foreign.csv');
    writeFileSync(foreign, 'a,b\n1,2\n');
    const missing = join(root, 'missing.csv');
    const summary = await history([cut, files[1]!, foreign, missing], { out, asOf });
    expect(summary).toMatchObject({ files: 4, written: 1, chains: 1 });
    expect(summary.failed.map(({ file, reason }) => [file, reason])).toEqual([
      ['cut.json', 'unreadable'],
      ['foreign.csv', 'unknown-feed'],
      ['missing.csv', 'unreadable'],
    ]);
    expect(contents(out).every(([path]) => path.includes('chain-1.json'))).toBe(true);
  });

  it('refuses what cannot be run', async () => {
    await expect(history([], { out })).rejects.toThrow(InputError);
    await expect(history([files[0]!, files[0]!], { out })).rejects.toThrow(/another name/);
    await expect(history(files, { out, tenorsInDays: [0] })).rejects.toThrow(/tenorsInDays\[0\]/);
    await expect(history(files, { out, asOf, options: { model: 'none' as 'svi' } })).rejects.toThrow(/model/);
    expect(contents(out)).toEqual([]);
  });
});

describe('tables', () => {
  it('are not there at all where they cannot be written', async () => {
    const path = join(out, 'table.parquet');
    const writer = await tableWriter(path, { a: 'count' });
    await expect(writer.add([[1.5]]).then(() => writer.seal())).rejects.toThrow();
    await writer.discard();
    expect(readdirSync(out)).toEqual([]);
  });
});

const dataRoot = process.env['ZOMMA_DATA'] ?? '../shared/data';
const real = ['deribit/orderbook_csv/btc_orderbook_20200521T2319Z.csv'].map((file) => join(dataRoot, file));

describe('real snapshots', () => {
  if (!real.every((file) => existsSync(file))) it.skip(`no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);
  else
    it('run to tables', async () => {
      const summary = await history(real, { out, executor: pool });
      expect(summary).toMatchObject({ written: 1, chains: 1, slices: 7, failed: [] });
    });
});
