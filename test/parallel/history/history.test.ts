import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { history } from '../../../src/parallel/history/history.js';
import type { HistoryProgress } from '../../../src/parallel/history/history.js';
import { parquetBytes, readParquet, writeParquet } from '../../../src/parallel/history/parquet.js';
import { analyticsColumns, surfaceColumns } from '../../../src/parallel/history/tables.js';
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

describe('history', () => {
  it('gives the same bytes inline and in threads', async () => {
    const other = mkdtempSync(join(root, 'out-'));
    const seen: HistoryProgress[] = [];
    const here = await history(files, { out, asOf, onProgress: (progress) => seen.push(progress) });
    const there = await history(files, { out: other, asOf, executor: pool });
    expect(there).toEqual(here);
    expect(here).toMatchObject({ files: 3, written: 3, skipped: 0, chains: 3, surfaceRows: 6, unread: [] });
    expect(contents(out)).toHaveLength(9);
    expect(contents(other)).toEqual(contents(out));
    expect(seen.map(({ done }) => done)).toEqual([1, 2, 3]);
    expect(seen.at(-1)!.secondsLeft).toBe(0);
    expect(seen[0]!.filesPerSecond).toBeGreaterThan(0);
  });

  it('writes tables of slices and of constant maturities', async () => {
    await history(files, { out, asOf, tenorsInDays: [1, 3000] });
    const surfaces = await readParquet(surfaceColumns, readFileSync(join(out, 'surfaces', 'chain-1.json.parquet')));
    const named = surfaces.map((row) =>
      Object.fromEntries(Object.keys(surfaceColumns).map((name, i) => [name, row[i]])),
    );
    expect(named[0]).toMatchObject({ chain: 'chain-1.json', underlying: 'BTC', asOf, calendar: null, model: 'svi' });
    expect(named[1]).toMatchObject({ butterfly: 'proved', calendar: 'proved', failureReason: null });
    const analytics = await readParquet(analyticsColumns, readFileSync(join(out, 'analytics', 'chain-1.json.parquet')));
    expect(analytics.map((row) => row[5])).toEqual([true, true]);
    expect(analytics[0]![6]).toBeGreaterThan(0);
  });

  it('skips what is whole, and does again what is damaged, missing or of another configuration', async () => {
    await history(files, { out, asOf });
    const before = contents(out);
    expect(await history(files, { out, asOf })).toMatchObject({ written: 0, skipped: 3, chains: 3, surfaceRows: 6 });
    const table = join(out, 'surfaces', 'chain-0.json.parquet');
    const bytes = readFileSync(table);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(table, bytes);
    rmSync(join(out, 'partitions', 'chain-2.json.json'));
    expect(await history(files, { out, asOf })).toMatchObject({ written: 2, skipped: 1 });
    expect(contents(out)).toEqual(before);
    expect(await history(files, { out, asOf, options: { model: 'essvi' } })).toMatchObject({ written: 3, skipped: 0 });
  });

  it('lists files that cannot be read, without a partition of theirs', async () => {
    const cut = join(root, 'cut.json');
    writeFileSync(cut, readFileSync(files[0]!).subarray(0, 500));
    const foreign = join(root, 'foreign.csv');
    writeFileSync(foreign, 'a,b\n1,2\n');
    const missing = join(root, 'missing.csv');
    const summary = await history([cut, files[1]!, foreign, missing], { out, asOf });
    expect(summary).toMatchObject({ files: 4, written: 1, chains: 1 });
    expect(summary.unread.map(({ file, reason }) => [file, reason])).toEqual([
      [cut, 'unknown-feed'],
      [foreign, 'unknown-feed'],
      [missing, 'unreadable'],
    ]);
    expect(contents(out).map(([path]) => path)).toEqual([
      '/analytics/chain-1.json.parquet',
      '/partitions/chain-1.json.json',
      '/surfaces/chain-1.json.parquet',
    ]);
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
  it('refuse another schema and bytes that are no table', async () => {
    const bytes = await parquetBytes({ a: 'number' }, [[1]]);
    await expect(readParquet({ b: 'number' }, bytes)).rejects.toThrow(InputError);
    await expect(readParquet({ a: 'number' }, bytes.subarray(0, 20))).rejects.toThrow();
  });

  it('are not there at all where they cannot be written', async () => {
    const path = join(out, 'table.parquet');
    await expect(writeParquet(path, { a: 'count' }, [[1.5]])).rejects.toThrow();
    expect(readdirSync(out)).toEqual([]);
    await writeParquet(path, { a: 'count', b: 'time', c: 'flag', d: 'text' }, [[1, asOf, true, null]]);
    expect(readdirSync(out)).toEqual(['table.parquet']);
  });
});

const dataRoot = process.env['ZOMMA_DATA'] ?? '../shared/data';
const real = ['deribit/orderbook_csv/btc_orderbook_20200521T2319Z.csv'].map((file) => join(dataRoot, file));

describe('real snapshots', () => {
  if (!real.every((file) => existsSync(file))) it.skip(`no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);
  else
    it('run to tables', async () => {
      const copy = join(root, 'btc.csv');
      copyFileSync(real[0]!, copy);
      const summary = await history([copy], { out, executor: pool });
      expect(summary).toMatchObject({ written: 1, chains: 1, surfaceRows: 7, unread: [] });
    });
});
