import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readArguments } from '../../src/cli/arguments.js';
import { progressText } from '../../src/cli/history.js';
import { csvOf, put, quoteRows } from '../parallel/history/quotes.js';
import { zomma } from './support.js';

const root = mkdtempSync(join(tmpdir(), 'zomma-cli-history-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let folder: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'in-'));
  out = mkdtempSync(join(root, 'out-'));
  put(folder, 'a.csv', csvOf(quoteRows(['ABC', 'XYZ'], 2)));
});

const plain = ['--arbitrage', 'report', '--tenors', '30, 45'];

describe('zomma history', () => {
  it('prints what it made, and what it found made', async () => {
    const argv = ['history', folder, '--out', out, '--json', join(root, 'summary.json'), ...plain];
    const { code, out: text, err } = await zomma(argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(text).toContain('1 file in 1 partition: 1 written, 0 found done, 0 failed\n4 chains, 8 slices; 8 rows in ');
    expect(JSON.parse(readFileSync(join(root, 'summary.json'), 'utf8'))).toMatchObject({
      written: 1,
      analyticsRows: 8,
    });
    expect((await zomma(argv)).out).toContain('0 written, 1 found done');
  });

  it('goes on after a file that cannot be read, and says which', async () => {
    put(folder, 'b.csv', 'a,b\n1,2');
    const { code, out: text } = await zomma(['history', folder, '--out', out, '--partition', 'file', ...plain]);
    expect(code).toBe(1);
    expect(text).toContain('1 written, 0 found done, 1 failed');
    expect(text).toContain('failed: 1 unknown-feed\n  b.csv: no feed that is known here: its columns are a, b\n');
  });

  it('shows progress on a terminal, or where it is asked to', async () => {
    const argv = ['history', folder, '--out', out, '--cold', ...plain];
    const { err } = await zomma(argv, true);
    expect(err.split('\r\u001b[K').at(-2)).toMatch(/^1 of 1 partitions, .* left$/);
    expect(err.endsWith('\r\u001b[K')).toBe(true);
    rmSync(join(out, 'partitions'), { recursive: true });
    expect((await zomma([...argv, '--progress'])).err).toMatch(/1 of 1 partitions, .* left\n$/);
    const state = {
      phase: 'calibrate',
      done: 120,
      total: 500,
      skipped: 30,
      perSecond: 4.12,
      secondsLeft: 92.2,
    } as const;
    expect(progressText(state)).toBe('120 of 500 partitions (30 found done), 4.1 a second, 1:33 left');
    expect(progressText({ ...state, skipped: 0, perSecond: 0.05, secondsLeft: 7600 })).toBe(
      '120 of 500 partitions, 3.0 a minute, 2:06:40 left',
    );
  });

  it('refuses a folder that cannot take the tables, and no folder of quotes', async () => {
    const file = put(out, 'file', '');
    const { code, err } = await zomma(['history', folder, '--out', file, ...plain]);
    expect({ code, err }).toEqual({
      code: 2,
      err: `zomma: out must be a folder that can take the tables: it is a file, got '${file}'\n`,
    });
    expect((await zomma(['history', out, '--out', out, ...plain])).err).toContain('at least one file of quotes');
    expect(existsSync(join(out, 'surfaces'))).toBe(false);
  });

  it('explains itself', async () => {
    const { out: text } = await zomma(['history', '--help']);
    expect(text).toContain('zomma history FOLDER|FILE... --out FOLDER');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('reads its options', () => {
    const words = [
      'history',
      'q',
      'r.csv',
      '--out',
      'o',
      '--threads',
      '3',
      '--time-column',
      'ts',
      '--as-of',
      '2026-01-13T12:00:00Z',
    ];
    expect(readArguments(words)).toMatchObject({
      inputs: ['q', 'r.csv'],
      out: 'o',
      threads: 3,
      timeColumn: 'ts',
      partition: 'day',
      warmStarts: true,
      model: 'svi',
      arbitrage: 'certify',
      asOf: Date.UTC(2026, 0, 13, 12),
      tenorsInDays: [7, 30, 60, 90, 180, 365],
    });
  });

  it.each([
    [['history', '--out', 'o'], 'history needs files or folders'],
    [['history', 'q'], 'history needs --out'],
    [['history', 'q', '--out', 'o', '--threads', '0'], '--threads must be a whole number from 1 to 1024'],
    [['history', 'q', '--out', 'o', '--threads', '2', '--queue', 'redis://h:1'], '--threads and --queue'],
    [['history', 'q', '--out', 'o', '--queue', 'h'], '--queue must be a URL'],
    [['history', 'q', '--out', 'o', '--tenors', '30,x'], '--tenors must be numbers of days'],
    [['history', 'q', '--out', 'o', '--tenors', '30,0'], '--tenors must be'],
    [['history', 'q', '--out', 'o', '--partition', 'week'], '--partition must be one of day, file'],
    [['history', 'q', '--out', 'o', '--venue', 'deribit'], "Unknown option '--venue' for history"],
  ])('%j is refused', (argv, message) => {
    expect(() => readArguments(argv)).toThrow(message);
  });
});
