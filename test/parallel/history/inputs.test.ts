import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { history } from '../../../src/parallel/history/history.js';
import type { PartitionFailure } from '../../../src/parallel/history/job.js';
import { partitionOf, planPartitions } from '../../../src/parallel/history/plan.js';
import { snapshotChains, timeInPath } from '../../../src/parallel/history/snapshots.js';
import type { ChainReading, SnapshotChain } from '../../../src/parallel/history/snapshots.js';
import { csvOf, firstTime, parquetOf, put, quoteRows } from './quotes.js';
import type { QuoteRow } from './quotes.js';

const root = mkdtempSync(join(tmpdir(), 'zomma-inputs-'));
const duck = await (await DuckDBInstance.create()).connect();
afterAll(() => {
  duck.closeSync();
  rmSync(root, { recursive: true });
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
});

const rows = quoteRows(['ABC', 'XYZ'], 3);

async function chainsOf(
  names: readonly string[],
  options: ChainReading = {},
  window?: number,
): Promise<SnapshotChain[]> {
  const found: SnapshotChain[] = [];
  const files = names.map((name) => ({ name, path: join(folder, name) }));
  for await (const chain of snapshotChains(files, options, window)) found.push(chain);
  return found;
}

function withoutColumn(from: readonly QuoteRow[], column: keyof QuoteRow): object[] {
  return from.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== column)));
}

const heads = (chains: readonly SnapshotChain[]) =>
  chains.map(({ chain: { underlying, asOf, quotes } }) => [underlying, (asOf - firstTime) / 60_000, quotes.length]);
const expected = [0, 1, 2].flatMap((minute) => ['ABC', 'XYZ'].map((name) => [name, minute, 18]));

describe('files of many times', () => {
  it('give the same chains as CSV, JSON and Parquet, in whatever row groups', async () => {
    put(folder, 'a.csv', csvOf(rows));
    put(folder, 'a.json', JSON.stringify({ result: rows }));
    put(folder, 'a.parquet', parquetOf(rows));
    put(folder, 'b.parquet', parquetOf(rows, 7));
    const [csv, json, parquet, groups] = await Promise.all(
      ['a.csv', 'a.json', 'a.parquet', 'b.parquet'].map((name) => chainsOf([name])),
    );
    expect(heads(csv!)).toEqual(expected);
    const plain = (chains: typeof csv) => chains!.map(({ chain }) => chain);
    expect(plain(json)).toEqual(plain(csv));
    expect(plain(parquet)).toEqual(plain(csv));
    expect(plain(groups)).toEqual(plain(csv));
    expect(csv![0]!.chain.quotes[0]).toMatchObject({ underlying: 'ABC', forward: 100, timestamp: firstTime });
  });

  it.each(['gzip', 'zstd', 'snappy', 'uncompressed'])('are read as DuckDB writes them, %s', async (codec) => {
    put(folder, 'a.csv', csvOf(rows));
    const [from, to] = [join(folder, 'a.csv'), join(folder, 'a.parquet')];
    // Times with a zone in microseconds, strikes as decimals, a name that is a dictionary.
    await duck.run(`copy (select * replace (time::timestamptz as time, expiry::timestamptz as expiry,
      strike::decimal(12, 2) as strike, type::enum('call', 'put') as type) from '${from}')
      to '${to}' (format parquet, codec '${codec}')`);
    const [csv, parquet] = [await chainsOf(['a.csv']), await chainsOf(['a.parquet'])];
    expect(parquet.map(({ chain }) => chain.quotes)).toEqual(csv.map(({ chain }) => chain.quotes));
  });

  it('may come in any order within a window, and are refused beyond it', async () => {
    const shuffled = [...rows].reverse();
    put(folder, 'a.csv', csvOf(shuffled));
    expect(heads(await chainsOf(['a.csv']))).toEqual(expected);
    put(folder, 'b.csv', csvOf(rows));
    expect(heads(await chainsOf(['b.csv'], {}, 40))).toEqual(expected);
    await expect(chainsOf(['a.csv'], {}, 40)).rejects.toMatchObject({ reason: 'unordered-times', file: 'a.csv' });
    await expect(chainsOf(['b.csv', 'a.csv'], {}, 40)).rejects.toMatchObject({ file: 'a.csv' });
  });

  it('are one chain a time with the same underlying in other files', async () => {
    const isCall = ({ type }: { type: string }) => type === 'call';
    put(folder, 'calls.csv', csvOf(rows.filter(isCall)));
    put(folder, 'puts.parquet', parquetOf(rows.filter((row) => !isCall(row))));
    expect(heads(await chainsOf(['calls.csv', 'puts.parquet']))).toEqual(expected);
  });

  it('are cut by the column that is named', async () => {
    put(folder, 'a.csv', csvOf(rows.map(({ time, ...row }) => ({ taken: time, ...row }))));
    expect(heads(await chainsOf(['a.csv'], { timeColumn: 'taken' }))).toEqual(expected);
    expect(heads(await chainsOf(['a.csv'], { timeColumn: 'taken', underlying: 'XYZ' }))).toEqual(
      expected.filter(([name]) => name === 'XYZ'),
    );
  });

  it('count lines that are no rows to the time before them', async () => {
    const lines = csvOf(rows).split('\n');
    put(folder, 'a.csv', [...lines.slice(0, 20), 'half a line', ...lines.slice(20)].join('\n'));
    const chains = await chainsOf(['a.csv']);
    expect(heads(chains)).toEqual(expected);
    expect(chains.map(({ chain }) => chain.rejected.length)).toEqual([1, 1, 0, 0, 0, 0]);
  });
});

describe('files of one time', () => {
  const bare = withoutColumn(
    rows.filter(({ time }) => time === rows[0]!.time),
    'time',
  );

  it('have their time in a column, in their path, or are given it', async () => {
    put(folder, 'q-20260105T1430Z.csv', csvOf(bare));
    put(folder, 'time=2026-01-05T14%3A30%3A00Z/q.csv', csvOf(bare));
    put(folder, 'q.csv', csvOf(bare));
    const first = expected.slice(0, 2);
    expect(heads(await chainsOf(['q-20260105T1430Z.csv']))).toEqual(first);
    expect(heads(await chainsOf(['time=2026-01-05T14%3A30%3A00Z/q.csv']))).toEqual(first);
    expect(heads(await chainsOf(['q.csv'], { asOf: firstTime }))).toEqual(first);
    await expect(chainsOf(['q.csv'])).rejects.toMatchObject({
      reason: 'wrong-schema',
      message: expect.stringMatching(/^q\.csv: asOf/) as string,
    });
    expect(timeInPath('a/2026-01-05T14:30:15Z.csv')).toBe(firstTime + 15_000);
    expect(timeInPath('a-20261305T1430Z.csv')).toBeUndefined();
  });

  it('take columns from their folders', async () => {
    const ours = withoutColumn(
      rows.filter(({ underlying }) => underlying === 'XYZ'),
      'underlying',
    );
    put(folder, 'underlying=XYZ/q.csv', csvOf(ours));
    expect(heads(await chainsOf(['underlying=XYZ/q.csv']))).toEqual(expected.filter(([name]) => name === 'XYZ'));
  });
});

describe('what is no quotes', () => {
  const cases: [string, () => string | Uint8Array, PartitionFailure, RegExp][] = [
    [
      'no-strike.csv',
      () => csvOf(withoutColumn(rows, 'strike')),
      'wrong-schema',
      /^no-strike\.csv: lacks column 'strike' of the feed quotes/,
    ],
    [
      'foreign.csv',
      () => 'a,b\n1,2',
      'unknown-feed',
      /^foreign\.csv: no feed that is known here: its columns are a, b/,
    ],
    [
      'late.csv',
      () => csvOf(rows.map((row, i) => (i === 4 ? { ...row, time: '14:30' } : row))),
      'wrong-schema',
      /column 'time' of row 5 is '14:30'/,
    ],
    [
      'timeless.csv',
      () => csvOf(rows.map((row, i) => (i === 4 ? { ...row, time: '' } : row))),
      'wrong-schema',
      /column 'time' of row 5 is empty/,
    ],
    ['types.csv', () => csvOf(rows.map((row) => ({ ...row, type: 'X' }))), 'no-options', /unreadable-value type/],
    ['cut.json', () => JSON.stringify(rows).slice(0, 500), 'unreadable', /^cut\.json: not valid JSON/],
    ['number.json', () => '[1]', 'unknown-feed', /^number\.json/],
    ['empty.csv', () => '', 'unreadable', /^empty\.csv: the file is empty/],
    ['cut.parquet', () => parquetOf(rows).subarray(0, 2000), 'unreadable', /^cut\.parquet: corrupt Parquet/],
    ['text.parquet', () => csvOf(rows), 'unreadable', /^text\.parquet: not a Parquet file/],
    ['quoted.csv', () => `${csvOf(rows)}\n"open`, 'unreadable', /^quoted\.csv: not comma-separated values/],
  ];
  it.each(cases)('%s', async (name, content, reason, message) => {
    put(folder, name, content());
    const summary = await history([folder], {
      out: join(folder, 'out'),
      tenorsInDays: [30],
      options: { arbitrage: 'report' },
    });
    expect(summary).toMatchObject({ written: 0, failed: [{ partition: name, file: name, reason }] });
    expect(summary.failed[0]!.message).toMatch(message);
    expect(
      readdirSync(join(folder, 'out'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
    ).toEqual([]);
  });

  it('a byte changed in a Parquet file is no other table', async () => {
    const bytes = parquetOf(rows);
    for (let at = 6; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= 0xff;
      writeFileSync(join(folder, 'a.parquet'), damaged);
      // Undetected only where the format has no check: then other numbers, but never another kind of error.
      await chainsOf(['a.parquet']).catch((error: unknown) => {
        expect(error).toMatchObject({ file: 'a.parquet', message: expect.stringContaining('a.parquet: ') as string });
      });
    }
  });

  it('no time column of the name that is given', async () => {
    put(folder, 'a.csv', csvOf(rows));
    await expect(chainsOf(['a.csv'], { timeColumn: 'when' })).rejects.toMatchObject({
      message: expect.stringMatching(/^a\.csv: lacks the time column 'when'/) as string,
    });
  });
});

describe('partitions', () => {
  it.each([
    ['date=2024-01-01/hour=07/x/part-0.parquet', 'date=2024-01-01/hour=07'],
    ['btc_20240101T1200Z.json', 'btc_20240101'],
    ['btc-2024-01-01-12.json', 'btc-2024-01-01'],
    ['eth_20251118T1738Z/ETH-5DEC25-export.csv', 'eth_20251118'],
    ['id99999999_20240101.csv', 'id99999999_20240101'],
    ['chains.csv', 'chains.csv'],
  ])('%s is in %s', (name, partition) => {
    expect(partitionOf(name, 'day')).toBe(partition);
    expect(partitionOf(name, 'file')).toBe(name);
  });

  it('take files of quotes from folders, in order, and none that is hidden', async () => {
    for (const name of [
      'b_20240101T2.csv',
      'b_20240101T1.csv',
      'date=1/x.parquet',
      '.hidden/x.csv',
      '_SUCCESS',
      'note.md',
      '_x.csv',
    ]) {
      put(folder, name, '');
    }
    const plan = await planPartitions([folder], 'day');
    expect(plan.map(({ partition, files }) => [partition, files.map(({ name }) => name)])).toEqual([
      ['b_20240101', ['b_20240101T1.csv', 'b_20240101T2.csv']],
      ['date=1', ['date=1/x.parquet']],
    ]);
    await expect(planPartitions([join(folder, 'date=1'), put(folder, 'other/x.parquet', '')], 'day')).rejects.toThrow(
      /another name/,
    );
  });
});
