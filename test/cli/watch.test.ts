import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import type { WatchRecord } from '../../src/report/watch-report.js';
import { deribitVenue, ticker } from '../feed/deribit-server.js';
import type { Venue } from '../feed/deribit-server.js';

const folder = mkdtempSync(join(tmpdir(), 'zomma-watch-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const chain = ['docs/samples/synthetic-btc-chain.json', '--as-of', '2026-01-13T12:00:00Z', '--arbitrage', 'report'];
const sample = 'docs/samples/synthetic-btc-changes.ndjson';
const book = ['--positions', 'docs/examples/coin-positions.json', '--fx', 'USDC/USD=1'];

async function watch(words: readonly string[], { isTTY = false, stdin = '' } = {}) {
  let out = '';
  let err = '';
  const code = await run(['watch', ...words], {
    stdout: { write: (text) => (out += text), isTTY },
    stderr: { write: (text) => (err += text) },
    stdin: Readable.from([stdin]),
  });
  return { code, out, err };
}

/** Escape sequences, one after another. */
const code = (...sequences: string[]): RegExp => new RegExp(sequences.map((part) => `${ESCAPE}${part}`).join(''), 'g');
const ESCAPE = '\u001b';

const records = (text: string): WatchRecord[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WatchRecord);

describe('a chain and a file of changes', () => {
  test('are a line an update, and a summary', async () => {
    const { code, out, err } = await watch([...chain, '--changes', sample, ...book]);
    expect([code, err]).toEqual([0, '']);
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(
      /^2026-01-13 12:00:00\.000 UTC {2}0 changes {2}fitted 12 of 12 .* value [\d,]+ {2}delta -/,
    );
    expect(lines[1]).toMatch(/^2026-01-13 12:00:00\.250 UTC {2}1 change {2}fitted 1 of 12/);
    expect(lines[4]).toContain('1 change, 1 refused');
    expect(lines[6]).toBe('6 updates; changes: 89 received, 88 applied, 1 out of order, 8 quotes expired');
  });

  test('are lines of JSON', async () => {
    const { code, out, err } = await watch([...chain, '--changes', sample, ...book, '--json', '-']);
    expect(code).toBe(0);
    const all = records(out);
    expect(all).toHaveLength(6);
    expect(all[3]).toMatchObject({ asOf: Date.UTC(2026, 0, 13, 12, 0, 1), ok: true, applied: 84 });
    expect(all[3]!.refitted).toEqual([Date.UTC(2026, 0, 30, 8)]);
    expect(all[3]!.expiries).toHaveLength(12);
    expect(all[3]!.expiries![0]!.atTheMoney).toBeCloseTo(0.36, 1);
    expect(all[4]!.rejected).toMatchObject([{ id: 'BTC-30JAN26-95000-P', reason: 'out-of-order' }]);
    expect(all[5]!.greeks!.total.vegaPerPoint).toBeGreaterThan(0);
    expect(err).toContain('6 updates; changes: 89 received');
    const file = join(folder, 'updates.ndjson');
    const beside = await watch([...chain, '--changes', sample, ...book, '--json', file]);
    expect(beside.out).toContain('6 updates');
    expect(records(readFileSync(file, 'utf8'))).toEqual(all);
  });

  test('are a table in place on a terminal, bold where it is new unless NO_COLOR is set', async () => {
    vi.stubEnv('NO_COLOR', '');
    const { out } = await watch([...chain, '--changes', sample, '--count', '3', ...book], { isTTY: true });
    const screens = out.split(code('\\[\\d+A', '\\[J'));
    expect(screens).toHaveLength(3);
    const heights = [...out.matchAll(code('\\[(\\d+)A'))].map(([, height]) => Number(height));
    expect(heights).toEqual(screens.slice(0, 2).map((screen) => screen.split('\n').length - 1));
    expect(screens[0]).toContain('BTC  deribit  2026-01-13 12:00:00.000 UTC  svi, not proved free of arbitrage');
    expect(screens[0]!.match(code('\\[1m'))).toHaveLength(12);
    expect(screens[1]!.match(code('\\[1m'))).toHaveLength(1);
    expect(screens[1]).toContain('value ');
    vi.stubEnv('NO_COLOR', '1');
    const plain = await watch([...chain, '--changes', sample, '--count', '3', ...book], { isTTY: true });
    expect(plain.out).toBe(out.replaceAll(code('\\[[01]m'), ''));
  });
});

describe('standard input', () => {
  test('is read as it comes, lines that are no changes are told', async () => {
    const text = `\n{"instrument":"BTC-30JAN26-95000-P","bid":0.03,"ask":0.031}\n{oops\n[3]\n{"instrument":"NONE"}\n`;
    const { code, out, err } = await watch([...chain, '--changes', '-', '--json', '-'], { stdin: text });
    expect(code).toBe(0);
    const last = records(out).at(-1)!;
    expect(last.counts).toMatchObject({ received: 2, applied: 1, unknown: 1 });
    expect(err).toContain('standard input line 3 is left out: it must be JSON');
    expect(err).toContain('standard input line 4 is left out: it must be a change of a quote');
  });
});

describe('what cannot be done', () => {
  test.each([
    [[], 'watch needs a chain and --changes, or --deribit'],
    [[...chain], 'watch needs a chain and --changes'],
    [[...chain, '--deribit', 'BTC'], 'either a chain and --changes or --deribit'],
    [[...chain, '--changes', sample, '--url', 'ws://x'], '--url goes with --deribit'],
    [['--deribit', 'BTC', '--channel', 'trades'], '--channel'],
    [['--deribit', 'BTC', '--url', 'http://x'], 'url must be a ws:// or wss:// address'],
    [[...chain, '--changes', sample, '--count', '1.5'], '--count'],
    [[...chain, '--changes', sample, '--max-age', '0'], '--max-age'],
    [[...chain, '--changes', sample, '--american'], "Unknown option '--american'"],
    [[...chain, '--changes', join(folder, 'none.ndjson')], 'no such file'],
    [[...chain, '--changes', folder], 'it is a folder'],
    [[...chain, '--changes', sample, '--json', join(folder, 'none', 'x')], '--json'],
    [['--deribit', 'BTC', '--url', 'ws://127.0.0.1:9'], '--deribit: ws://127.0.0.1:9: '],
  ])('%j', async (words, message) => {
    const { code, err } = await watch(words);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test('a chain without a surface to the end is told by the exit code', async () => {
    const file = join(folder, 'empty.ndjson');
    writeFileSync(file, '');
    const { code, out } = await watch([...chain, '--changes', file, '--max-age', '0.001']);
    expect([code, out.includes('fitted 12 of 12')]).toEqual([0, true]);
    const none = join(folder, 'one.json');
    writeFileSync(
      none,
      JSON.stringify([
        {
          instrument_name: 'BTC-30JAN26-95000-P',
          bid_price: 0.03,
          ask_price: 0.031,
          underlying_price: 96_000,
          creation_timestamp: Date.UTC(2026, 0, 13, 12),
        },
      ]),
    );
    const empty = await watch([none, '--as-of', '2026-01-13T12:00:00Z', '--changes', file]);
    expect(empty.err).toBe('');
    expect(empty.code).toBe(1);
    expect(empty.out).toContain('no surface: empty-chain');
  });
});

describe('Deribit', () => {
  let venue: Venue;
  afterEach(async () => {
    await venue.close();
  });

  test('is followed until Ctrl-C, and summed up', async () => {
    const now = Date.now();
    const expiry = new Date(now + 40 * 86_400_000);
    const month = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'][
      expiry.getUTCMonth()
    ]!;
    const label = `${expiry.getUTCDate()}${month}${expiry.getUTCFullYear() % 100}`;
    const strikes = [80, 85, 90, 95, 100, 105, 110, 115, 120];
    const price = (strike: number, sign: number): number => {
      const k = (strike - 100) / 100;
      return Math.max(0.002, Math.max(0, sign * -k) + 0.055 * Math.exp(-60 * k * k));
    };
    const listed = strikes.flatMap((strike) =>
      [1, -1].map((sign) => ({
        name: `BTC-${label}-${1000 * strike}-${sign > 0 ? 'C' : 'P'}`,
        bid: price(strike, sign) - 0.0005,
        ask: price(strike, sign) + 0.0005,
        forward: 100_000,
        at: now,
      })),
    );
    venue = await deribitVenue(listed);
    const watching = watch(['--deribit', 'BTC', '--url', venue.url, '--json', '-', '--arbitrage', 'report']);
    await venue.asked('public/subscribe');
    const { name, bid, ask } = listed[8]!;
    const fields = { best_bid_price: bid - 0.0005, best_ask_price: ask, underlying_price: 100_000 };
    venue.notify(`ticker.${name}.100ms`, ticker(name, now + 10, fields));
    await vi.waitFor(() => {
      expect(process.listenerCount('SIGINT')).toBeGreaterThan(0);
    });
    venue.send({ jsonrpc: '2.0', method: 'heartbeat', params: { type: 'test_request' } });
    await venue.asked('public/test');
    process.emit('SIGINT');
    const { code, out, err } = await watching;
    expect(code).toBe(0);
    expect(records(out)[0]).toMatchObject({ ok: true, expiries: [{ forward: expect.closeTo(100_000, -3) as number }] });
    expect(err).toMatch(/\d updates?; changes: \d+ received/);
    expect(err).toMatch(/feed: \d+ messages, 1 connection, 0 gaps, 0 malformed/);
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});
