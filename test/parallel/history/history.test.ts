import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { history } from '../../../src/parallel/history/history.js';
import type { HistoryProgress } from '../../../src/parallel/history/history.js';
import { historyJob } from '../../../src/parallel/history/job.js';
import { fileDigest, readParquet, tableWriter } from '../../../src/parallel/history/parquet.js';
import { historyPartition } from '../../../src/parallel/history/partition.js';
import { analyticsColumns, surfaceColumns } from '../../../src/parallel/history/tables.js';
import type { Columns, Row } from '../../../src/parallel/history/tables.js';
import { threads } from '../../../src/parallel/threads.js';
import { csvOf, parquetOf, put, quoteRows } from './quotes.js';

const root = mkdtempSync(join(tmpdir(), 'zomma-history-'));
const pool = await threads({ threads: 2 });
/** File systems of this run. */
const mounted: string[] = [];
afterAll(async () => {
  await pool.close();
  for (const folder of mounted) spawnSync('umount', [folder]);
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

/** Of what is done to files, not of what certification costs. */
const plain = { options: { model: 'svi' as const, arbitrage: 'report' as const } };

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
    expect(surfaces[0]).toMatchObject({ underlying: 'BTC', time: asOf, calendar: null, model: 'svi' });
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

describe('a run', () => {
  const rows = quoteRows(['ABC', 'XYZ'], 4);
  const folderOf = (names: readonly string[]): string => {
    const folder = mkdtempSync(join(root, 'in-'));
    for (const name of names) put(folder, name, csvOf(rows));
    return folder;
  };

  it('gives the same bytes whatever partitions go before, and files with keys in their folders', async () => {
    const folder = folderOf(['date=2026-01-05/a.csv', 'date=2026-01-06/b.csv', 'c_20260107.csv']);
    const other = mkdtempSync(join(root, 'out-'));
    const summary = await history([folder], { ...plain, out, tenorsInDays: [30, 45] });
    expect(summary).toMatchObject({ files: 3, partitions: 3, written: 3, chains: 24, slices: 48, analyticsRows: 48 });
    for (const name of ['c_20260107.csv', 'date=2026-01-06/b.csv', 'date=2026-01-05/a.csv']) {
      const alone = mkdtempSync(join(root, 'in-'));
      put(alone, name, csvOf(rows));
      await history([alone], { ...plain, out: other, tenorsInDays: [30, 45], executor: pool });
    }
    expect(contents(other)).toEqual(contents(out));
    expect(summary.others).toBe(0);
    expect(await history([join(folder, 'c_20260107.csv')], { ...plain, out, tenorsInDays: [30, 45] })).toMatchObject({
      skipped: 1,
      others: 2,
    });
  });

  it('starts searches warm within a partition, to fits that are no worse', async () => {
    const folder = folderOf(['a.csv']);
    const options = { ...plain, out, tenorsInDays: [30] };
    await history([folder], options);
    const warm = await rowsOf('surfaces', 'a.csv');
    await history([folder], { ...options, warmStarts: false });
    const cold = await rowsOf('surfaces', 'a.csv');
    expect(warm.map(({ expiry, time }) => [expiry, time])).toEqual(cold.map(({ expiry, time }) => [expiry, time]));
    for (const [i, row] of warm.entries()) {
      expect(row['chiSquarePerDof']).toBeLessThanOrEqual((cold[i]!['chiSquarePerDof'] as number) * (1 + 1e-6));
    }
    expect(warm.some((row, i) => row['iterations'] !== cold[i]!['iterations'])).toBe(true);
  });

  it('takes away partitions of the same files under another rule', async () => {
    const folder = folderOf(['a_20260105T1.csv', 'a_20260105T2.csv']);
    expect(await history([folder], { ...plain, out })).toMatchObject({ partitions: 1, slices: 16 });
    expect(await history([folder], { ...plain, out, partition: 'file' })).toMatchObject({
      partitions: 2,
      slices: 32,
      others: 0,
    });
    expect(contents(out).filter(([path]) => path.startsWith('/surfaces'))).toHaveLength(2);
  });

  it('takes away what killed runs have left, and leaves nothing of a file that went bad', async () => {
    const folder = folderOf(['a.csv', 'b.csv']);
    await history([folder], { ...plain, out });
    const whole = contents(out);
    rmSync(join(out, 'partitions', 'a.csv.json'));
    for (const name of ['0.parquet', '0.parquet.17.part']) put(join(out, 'surfaces', 'partition=a.csv'), name, 'x');
    expect(await history([folder], { ...plain, out })).toMatchObject({ written: 1, skipped: 1 });
    expect(contents(out)).toEqual(whole);
    put(folder, 'a.csv', 'x,y\n1,2');
    rmSync(join(folder, 'b.csv'));
    mkdirSync(join(folder, 'b.csv'));
    expect(await history([folder], { ...plain, out })).toMatchObject({
      written: 0,
      failed: [{ partition: 'a.csv' }],
      others: 1,
    });
    expect(contents(out)).toEqual(whole.filter(([path]) => path.includes('b.csv')));
  });

  it('stops between partitions', async () => {
    const folder = folderOf(['a.csv', 'b.csv', 'c.csv']);
    const stop = new AbortController();
    const run = history([folder], {
      ...plain,
      out,
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === 'calibrate') stop.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(contents(out)).toHaveLength(3);
  });

  it('goes on after it was killed', { timeout: 120_000 }, async () => {
    const folder = folderOf(Array.from({ length: 12 }, (_, i) => `f${i}.csv`));
    const argv = ['--import', 'tsx', 'src/cli/main.ts', 'history', folder, '--out', out, '--arbitrage', 'report'];
    const child = spawn(process.execPath, argv, { stdio: 'ignore' });
    const ended = new Promise((settle) => child.on('exit', settle));
    const records = join(out, 'partitions');
    const hasOne = () => existsSync(records) && readdirSync(records).some((name) => name.endsWith('.json'));
    while (child.exitCode === null && !hasOne()) {
      await new Promise((settle) => setTimeout(settle, 5));
    }
    child.kill('SIGKILL');
    await ended;
    const other = mkdtempSync(join(root, 'out-'));
    const [after, clean] = [
      await history([folder], { ...plain, out }),
      await history([folder], { ...plain, out: other }),
    ];
    expect({ ...after, written: 12, skipped: 0 }).toEqual(clean);
    expect(after.skipped).toBeGreaterThan(0);
    expect(contents(out)).toEqual(contents(other));
  });
});

describe('a job', () => {
  const jobOf = async (text: string) => {
    const path = put(mkdtempSync(join(root, 'in-')), 'a.csv', text);
    const files = [{ path, name: 'a.csv', digest: await fileDigest(path) }];
    const configuration = { ...plain, tenorsInDays: [30], warmStarts: true };
    return historyJob({ partition: 'a.csv', files, out, configuration });
  };

  it('is named by content and configuration', async () => {
    const job = await jobOf(csvOf(quoteRows(['ABC'], 1)));
    expect(job.id).toMatch(/^[0-9a-f]{64}$/);
    expect((await jobOf(csvOf(quoteRows(['ABC'], 1)))).id).toBe(job.id);
    expect((await jobOf(csvOf(quoteRows(['ABC'], 2)))).id).not.toBe(job.id);
    expect(historyJob({ ...job, configuration: { ...job.configuration, warmStarts: false } }).id).not.toBe(job.id);
    expect(structuredClone(job)).toEqual(job);
    expect(JSON.parse(JSON.stringify(job))).toEqual(job);
  });

  it('may be done twice at once', async () => {
    const job = await jobOf(csvOf(quoteRows(['ABC'], 2)));
    const [first, second] = await Promise.all([historyPartition(job), historyPartition(job)]);
    if (!first.ok || !second.ok) throw new Error('not made');
    expect(second.record).toEqual(first.record);
    expect(contents(out)).toHaveLength(3);
    expect(await historyPartition(job)).toMatchObject({ ok: true, skipped: true });
  });

  it('is not done of a file that has changed', async () => {
    const job = await jobOf(csvOf(quoteRows(['ABC'], 1)));
    writeFileSync(job.files[0]!.path, 'other');
    expect(await historyPartition(job)).toMatchObject({ ok: false, reason: 'changed', file: 'a.csv' });
    expect(contents(out)).toEqual([]);
  });
});

describe('a disk without space', () => {
  const small = mkdtempSync(join(root, 'disk-'));
  const mount = (...argv: string[]) => spawnSync('mount', argv, { stdio: 'ignore' }).status === 0;
  const isMounted = mount('-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', small);
  if (isMounted) mounted.push(small);

  if (!isMounted) it.skip('needs the right to mount one', () => undefined);
  else
    it.each(['inline', 'threads'])('ends in a clear error and leaves nothing: %s', async (kind) => {
      const folder = join(small, kind);
      const executor = kind === 'threads' ? pool : undefined;
      const run = history(files, { out: folder, asOf, executor });
      await expect(run).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringContaining('no space is left on the disk') as string,
      });
      expect(contents(folder)).toEqual([]);
      mount('-o', 'remount,size=1m', small);
      expect(await history(files, { out: folder, asOf, executor })).toMatchObject({ written: 3 });
      rmSync(folder, { recursive: true });
      mount('-o', 'remount,size=8k', small);
    });

  it('nor a folder that is a file', async () => {
    const file = put(out, 'file', '');
    await expect(history(files, { out: file, asOf })).rejects.toMatchObject({
      message: expect.stringContaining('a folder that can take') as string,
    });
  });
});

describe('tables', () => {
  const columns = { a: 'count', b: 'time', c: 'flag', d: 'text', e: 'number' } as const;

  it('are what was written, in row groups', async () => {
    const path = join(out, 'table.parquet');
    const rows: Row[] = Array.from({ length: 25_000 }, (_, i) => [
      i,
      asOf + i,
      i % 2 === 0,
      i % 3 === 0 ? null : `é${i}`,
      i / 7,
    ]);
    const writer = await tableWriter(path, columns);
    for (let i = 0; i < rows.length; i += 999) await writer.add(rows.slice(i, i + 999));
    expect(await writer.seal()).toMatchObject({ rows: 25_000 });
    expect(existsSync(path)).toBe(false);
    await writer.place();
    const found: Row[][] = [];
    for await (const group of readParquet(path, columns)) found.push(group);
    expect(found.map(({ length }) => length)).toEqual([10_000, 10_000, 5000]);
    expect(found.flat()).toEqual(rows);
    await expect(readParquet(path, { a: 'count' }).next()).rejects.toThrow(/the columns are/);
  });

  it('may be empty', async () => {
    const writer = await tableWriter(join(out, 'table.parquet'), columns);
    expect(await writer.seal()).toMatchObject({ rows: 0 });
    await writer.discard();
    expect(readdirSync(out)).toEqual([]);
  });

  it('are not there at all where they cannot be written', async () => {
    const writer = await tableWriter(join(out, 'table.parquet'), { a: 'count' });
    await expect(writer.add([[1.5]]).then(() => writer.seal())).rejects.toThrow();
    await writer.discard();
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('DuckDB', () => {
  it('opens the tables with the right types and the same values', async () => {
    const folder = mkdtempSync(join(root, 'in-'));
    put(folder, 'date=2026-01-05/a.parquet', parquetOf(quoteRows(['ABC'], 2)));
    await history([folder], { ...plain, out, tenorsInDays: [7, 45] });
    const duck = await (await DuckDBInstance.create()).connect();
    for (const [table, columns] of [
      ['surfaces', surfaceColumns],
      ['analytics', analyticsColumns],
    ] as const) {
      const from = `read_parquet('${join(out, table)}/*/*.parquet', hive_partitioning = true)`;
      const described = (await duck.runAndReadAll(`describe select * from ${from}`)).getRowObjects();
      const types = { text: 'VARCHAR', number: 'DOUBLE', count: 'INTEGER', time: 'TIMESTAMP', flag: 'BOOLEAN' };
      expect(
        described.map((row) => [row['column_name'], String(row['column_type']).replace(' WITH TIME ZONE', '')]),
      ).toEqual([...Object.entries(columns).map(([name, type]) => [name, types[type]]), ['partition', 'VARCHAR']]);
      const times = Object.entries(columns).filter(([, type]) => type === 'time');
      const select = `select * replace (${times.map(([name]) => `epoch_ms(${name})::double as ${name}`).join(', ')}) from ${from}`;
      const found = (await duck.runAndReadAll(select)).getRowObjects();
      const partition = 'date=2026-01-05';
      const expected = await rowsOf(table, partition);
      expect(found).toEqual(expected.map((row) => ({ ...row, partition })));
    }
    const fit = await duck.runAndReadAll(
      `select max((parameters->>'sigma')::double) as sigma, sum(rejected) = 0 as whole from read_parquet('${out}/surfaces/*/*.parquet')`,
    );
    expect(fit.getRowObjects()[0]).toMatchObject({ whole: true, sigma: expect.any(Number) as number });
    duck.closeSync();
  });
});

const dataRoot = process.env['ZOMMA_DATA'] ?? '../shared/data';

describe('real snapshots', () => {
  if (!existsSync(dataRoot)) it.skip(`no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);
  else
    it('run to tables that DuckDB opens', async () => {
      const folders = ['deribit/optionsdx', 'deribit/orderbook_csv', 'deribit/web_export'];
      const options = { ...plain, out, executor: pool };
      const summary = await history(
        folders.map((name) => join(dataRoot, name)),
        options,
      );
      expect(summary).toMatchObject({ partitions: 8, written: 8, chains: 8, slices: 81, failures: {}, failed: [] });
      const duck = await (await DuckDBInstance.create()).connect();
      const found = await duck.runAndReadAll(
        `select count(*)::int as slices, count(distinct time)::int as times, sum(rejected)::int > 0 as some,
          min(shareInsideSpread) >= 0 as inside from read_parquet('${out}/surfaces/*/*.parquet') where failureReason is null`,
      );
      expect(found.getRowObjects()).toEqual([{ slices: 81, times: 8, some: true, inside: true }]);
      duck.closeSync();
    });
});
