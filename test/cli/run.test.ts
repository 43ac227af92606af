import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticChain, syntheticChainText } from '../../benchmarks/data/synthetic-chain.js';
import { surfaceFromJSON } from '../../src/volatility/surface/surface-json.js';
import { zomma } from './support.js';

const sample = fileURLToPath(new URL('../../docs/samples/synthetic-btc-chain.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zomma-cli-'));
const path = (name: string) => join(folder, name);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

describe('zomma', () => {
  it('explains itself', async () => {
    const { code, out, err } = await zomma(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('zomma calibrate FILE...');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await zomma(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

describe('zomma calibrate on the synthetic chain', () => {
  let result: Awaited<ReturnType<typeof zomma>>;
  beforeAll(async () => {
    result = await zomma(['calibrate', sample, '--json', path('out.json'), '--svg', path('out.svg')]);
  });

  it('says that the quotes are synthetic, above everything else', () => {
    const [title, description] = result.out.split('\n');
    expect(title).toBe('synthetic-btc-chain.json');
    expect(description).toMatch(/^Synthetic quotes .* not market data\.$/);
  });

  it('prints a line an expiry, the columns the table promises, and nothing on stderr off a terminal', () => {
    expect(result).toMatchObject({ code: 0, err: '' });
    const lines = result.out.split('\n');
    const header = lines.find((line) => line.startsWith('expiry'))!;
    for (const column of 'days forward used bounds ITM rejected a b rho m sigma RMSE inside butterfly calendar cost time'.split(
      ' ',
    )) {
      expect(header.split(/\s+/)).toContain(column);
    }
    expect(header).toContain('ATM vol');
    const expiries = syntheticChain().slices.map(({ expiry }) => new Date(expiry).toISOString().slice(0, 10));
    const rows = lines.filter((line) => /^2026-\d\d-\d\d 08:00 {2}/.test(line));
    expect(rows.map((line) => line.slice(0, 10))).toEqual(expiries);
  });

  it('counts the rejected rows by reason', () => {
    const { stale, crossed } = syntheticChain();
    expect(result.out).toMatch(/^rejected: \d+ of \d+ rows$/m);
    expect(result.out).toMatch(new RegExp(`^stale +${stale.length} `, 'm'));
    expect(result.out).toMatch(new RegExp(`^crossed +${crossed.length} `, 'm'));
  });

  it('writes a surface that opens again, and the fits beside it', () => {
    const document = JSON.parse(readFileSync(path('out.json'), 'utf8')) as Record<string, unknown>;
    expect(document).toMatchObject({
      schema: 1,
      files: ['synthetic-btc-chain.json'],
      description: expect.stringContaining('Synthetic') as string,
      chain: { underlying: 'BTC', venue: 'deribit', settlement: 'inverse' },
    });
    expect(surfaceFromJSON(document['surface'])).toMatchObject({ ok: true });
    expect(document['fits']).toHaveLength(12);
  });

  it('writes a picture that names the file and says synthetic', () => {
    const svg = readFileSync(path('out.svg'), 'utf8');
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('synthetic-btc-chain.json');
    expect(svg).toContain('not market data');
  });

  it('gives the same files for the same quotes', async () => {
    await zomma(['calibrate', sample, '--json', path('again.json'), '--svg', path('again.svg')]);
    expect(readFileSync(path('again.json'), 'utf8')).toBe(readFileSync(path('out.json'), 'utf8'));
    expect(readFileSync(path('again.svg'), 'utf8')).toBe(readFileSync(path('out.svg'), 'utf8'));
  });

  it('shows progress on a terminal, and wipes it away', async () => {
    const { err } = await zomma(['calibrate', sample], true);
    expect(err).toContain('fitted 12 of 12');
    expect(err.endsWith('\r\x1b[K')).toBe(true);
  });

  it('fits with the other engine to the same smiles', async () => {
    const { code, out } = await zomma(['calibrate', sample, '--engine', 'ml']);
    expect(code).toBe(0);
    const volatilities = (text: string) => [...text.matchAll(/^2026.*$/gm)].map(([line]) => line.split(/\s+/)[13]);
    expect(volatilities(out)).toEqual(volatilities(result.out));
  });

  it('certifies by default, and leaves the fits alone where a report is asked for', async () => {
    expect(result.out).toContain('butterfly: free of arbitrage proved for 12 of 12 expiries\n');
    expect(result.out).toContain('calendar : free of arbitrage proved for 11 of 11 pairs');
    const report = await zomma(['calibrate', sample, '--arbitrage', 'report', '--json', path('report.json')]);
    expect(report.code).toBe(0);
    expect(report.out).toMatch(/refuted for \d/);
    expect(report.out).toMatch(/^2026.* refuted /m);
    expect(report.out.split('\n').find((line) => line.startsWith('expiry'))).not.toContain('cost');
    const proved = (name: string): unknown =>
      (JSON.parse(readFileSync(path(name), 'utf8')) as Record<string, unknown>)['proved'];
    expect(proved('out.json')).toBe(true);
    expect(proved('report.json')).toBe(false);
  });

  it('fits the other models, SABR as a report over the quoted strikes', async () => {
    const essvi = await zomma(['calibrate', sample, '--model', 'essvi']);
    expect(essvi.code).toBe(0);
    expect(essvi.out).toMatch(/^expiry .* theta +rho +phi /m);
    expect(essvi.out).toContain('proved for 12 of 12 expiries\n');
    const sabr = await zomma(['calibrate', sample, '--model', 'sabr', '--json', path('sabr.json')]);
    expect(sabr.code).toBe(0);
    expect(sabr.out).toMatch(/^expiry .* alpha +rho +nu /m);
    expect(sabr.out).toMatch(/^butterfly: .* over the quoted strikes only$/m);
    const document = JSON.parse(readFileSync(path('sabr.json'), 'utf8')) as Record<string, unknown>;
    expect(surfaceFromJSON(document['surface'])).toMatchObject({ ok: true });
    expect(document['proved']).toBe(false);
    const refused = await zomma(['calibrate', sample, '--model', 'sabr', '--arbitrage', 'certify']);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('--arbitrage certify: a SABR surface can only be reported on');
  });

  it('joins several files into one chain', async () => {
    const chain = syntheticChain();
    const files = chain.slices.map(({ label }) => {
      const rows = chain.rows.filter((row) => row.instrument_name.includes(`-${label}-`));
      return file(`${label}.json`, syntheticChainText({ ...chain, rows }));
    });
    const { code, out } = await zomma(['calibrate', ...files]);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe('14JAN26.json and 11 more');
    const table = (text: string) => [...text.matchAll(/^2026.*$/gm)].map(([line]) => line.split(/\s+/).slice(0, -1));
    expect(table(out)).toEqual(table(result.out));
  });
});

describe('zomma on what is no surface', () => {
  it('ends with code 1 and the reason where no quote is usable', async () => {
    const chain = syntheticChain();
    const rows = chain.rows.slice(0, 40).map((row) => ({ ...row, bid_price: null, ask_price: null }));
    const { code, out, err } = await zomma(['calibrate', file('empty.json', syntheticChainText({ ...chain, rows }))]);
    expect(code).toBe(1);
    expect(err).toMatch(/^zomma: no surface: empty-chain: .*\n$/);
    expect(out).toMatch(/^no-quote +40 /m);
  });

  it('ends with code 1 and the count where the options are American', async () => {
    const header = [
      'Made-up Company,Last: 100.00,Change: 0.5',
      '"Date: January 6, 2025 at 3:30 PM EST,Bid: 99.9,Ask: 100.1,Size: 1*1,Volume: 1"',
      'Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest',
    ];
    const rows = [90, 95, 100, 105, 110].map((strike) => {
      const symbol = (type: string) => `ZZZ250117${type}${String(strike * 1000).padStart(8, '0')}`;
      return `Fri Jan 17 2025,${symbol('C')},2.0,0,1.9,2.1,5,0.3,0.5,0.02,10,${strike}.00,${symbol('P')},2.0,0,1.9,2.1,5,0.3,-0.5,0.02,10`;
    });
    const { code, out, err } = await zomma([
      'calibrate',
      file('zzz_quotedata.csv', [...header, ...rows, ''].join('\n')),
    ]);
    expect(err).toMatch(/^zomma: no surface: american-not-de-americanised: 10 American quotes of ZZZ.*\n$/);
    expect(code).toBe(1);
    expect(out).toContain('american');
  });
});

describe('zomma on bad input: one line on stderr, code 2, never a stack', () => {
  beforeAll(() => {
    mkdirSync(path('folder'));
    file('text.txt', 'dear diary\ntoday I bought a call\n');
    file('broken.json', '{"result": [');
    file('other.json', '{"hello": 1}');
    file('none.json', '{"result": []}');
    file('blank.csv', '');
    file('bytes.bin', String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)));
    const chain = syntheticChain();
    file('early.json', syntheticChainText({ ...chain, rows: chain.rows.slice(0, 20) }));
    const later = chain.rows
      .slice(20, 40)
      .map((row) => ({ ...row, creation_timestamp: row.creation_timestamp + 60_000 }));
    file('late.json', syntheticChainText({ ...chain, rows: later }));
    const columns =
      'Instrument,Volume,Open,ExtValue,Rho,Theta,Vega,Gamma,NDelta,Δ|Delta,Last,Size,IV Bid,Bid,Mark,Ask,IV Ask,Size';
    file('export.csv', `${columns}\nETH-26DEC25-500-C,-,9,,0.5,0,0,-,,0.9,0.86,23,-,0.84,0.841,0.842,226.9,18\n`);
  });

  it.each([
    [['--cold'], 'no command given'],
    [['paint'], "unknown command 'paint'"],
    [['calibrate'], 'at least one file'],
    [['calibrate', 'x.json', '--frobnicate'], "Unknown option '--frobnicate'"],
    [['calibrate', 'missing.json'], 'missing.json: no such file or folder'],
    [['calibrate', 'folder'], 'folder: it is a folder'],
    [['calibrate', 'text.txt'], 'text.txt: not a feed that is known here'],
    [['calibrate', 'broken.json'], 'broken.json: not valid JSON'],
    [['calibrate', 'other.json'], 'other.json: '],
    [['calibrate', 'none.json'], 'none.json: '],
    [['calibrate', 'blank.csv'], 'blank.csv: '],
    [['calibrate', 'bytes.bin'], 'bytes.bin: '],
    [['calibrate', 'early.json', '--venue', 'cboe'], '--venue cboe does not fit'],
    [['calibrate', 'early.json', '--venue', 'bourse'], '--venue must be one of deribit, cboe, csv'],
    [['calibrate', 'early.json', '--layout', 'mine'], "--layout: unknown 'mine', known are "],
    [
      ['calibrate', 'early.json', '--underlying', 'DOGE'],
      "underlying must be one of BTC, got 'DOGE' (option --underlying)",
    ],
    [['calibrate', 'early.json', '--as-of', 'yesterday'], '--as-of must be a date and time'],
    [['calibrate', 'early.json', '--as-of', '2030-01-01T00:00Z'], ''],
    [['calibrate', 'early.json', 'late.json'], 'the files do not make one chain'],
    [['calibrate', 'export.csv'], '(option --as-of)'],
    [['calibrate', 'early.json', '--json', 'nowhere/out.json'], '--json: '],
    [['calibrate', 'early.json', '--svg', 'folder'], '--svg: '],
  ])('%j', async (argv, message) => {
    const known = ['.json', '.txt', '.csv', '.bin', 'folder'];
    const { code, err } = await zomma(
      argv.map((word) => (known.some((end) => word.endsWith(end)) ? path(word) : word)),
    );
    expect(err).toContain(message);
    expect(err).toMatch(/^zomma: [^\n]+\n$/);
    expect(err).not.toMatch(/ {4}at |internal error/);
    expect(code).toBe(message === '' ? 1 : 2);
  });

  it('holds for any words', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('calibrate', '--json', '--venue', '-h', '--', '-')), {
          maxLength: 6,
        }),
        async (argv) => {
          const { code, err } = await zomma(argv);
          expect(code === 0 ? '' : err).toMatch(code === 0 ? /^$/ : /^zomma: [^\n]+\n$/);
          expect([0, 2]).toContain(code);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('holds for a file damaged anywhere', async () => {
    const chain = syntheticChain();
    const text = syntheticChainText({ ...chain, rows: chain.rows.slice(0, 24) });
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 5 }), async (at, length, patch) => {
        const damaged = file('damaged.json', text.slice(0, at) + patch + text.slice(at + length));
        const { code, err } = await zomma(['calibrate', damaged]);
        expect([0, 1, 2], err).toContain(code);
        expect(err).toMatch(code === 0 ? /^$/ : /^zomma: [^\n]+\n$/);
      }),
      { numRuns: 150 },
    );
  });
});
