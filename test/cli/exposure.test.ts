import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticChain, syntheticChainText } from '../../benchmarks/data/synthetic-chain.js';
import { syntheticIndexChainText } from '../../benchmarks/data/synthetic-index-chain.js';
import { exposureFromJson } from '../../src/report/exposure-json.js';
import { zomma } from './support.js';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const coins = join(docs, 'samples/synthetic-btc-chain.json');
const index = join(docs, 'samples/synthetic-index-chain.csv');
const positions = join(docs, 'examples/coin-positions.json');
const account = join(docs, 'examples/coin-account.json');
const book = join(docs, 'examples/index-book.csv');

const folder = mkdtempSync(join(tmpdir(), 'zomma-exposure-'));
const path = (name: string) => join(folder, name);
const file = (name: string, text: string): string => {
  writeFileSync(path(name), text);
  return path(name);
};
const report = (name: string) => exposureFromJson(readFileSync(path(name), 'utf8'));

/** A surface, so that the chain is calibrated once. */
let surface: string;
beforeAll(async () => {
  surface = path('surface.json');
  const { code } = await zomma(['calibrate', coins, '--json', surface]);
  expect(code).toBe(0);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('zomma exposure on a coin-margined book', () => {
  const options = ['--account', account, '--fx', 'USDC/USD=1'];

  it('prints a warning line, equity, ratios, Greeks, ladders and concentration, the same from quotes and from their surface', async () => {
    const run = (market: string, out: string) =>
      zomma(['exposure', positions, ...options, '--market', market, '--json', path(out)]);
    const { code, out, err } = await run(coins, 'quotes.json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const title of [
      'account coin-margined | as of 2026-01-13 12:00 UTC | figures in USD',
      'market BTC 96,480.25 (12 expiries)',
      'warnings: none',
      'after haircuts',
      'net delta notional',
      'effective leverage',
      'by time to expiry',
      'by delta of the call',
      'delta notional by instrument',
    ]) {
      expect(out).toContain(title);
    }
    expect(out).toMatch(/^USD {2}.*\nBTC {2}/m);
    expect((await run(surface, 'surface-report.json')).code).toBe(0);
    expect(report('surface-report.json')).toEqual(report('quotes.json'));
  });

  it('is long in dollars by its equity more than in coins, in the report as in theory', async () => {
    await zomma(['exposure', positions, ...options, '--market', surface, '--json', path('coin.json')]);
    const { coins, exposure, equity, greeks, ladder, numeraire, warnings } = report('coin.json');
    const { coinDelta, equityInCoin, usdDelta } = coins['BTC']!;
    expect(usdDelta).toBeCloseTo(coinDelta + equityInCoin, 12);
    expect(exposure.byUnderlying['BTC']!.units).toBeCloseTo(usdDelta, 9);
    expect(exposure.equity).toBeCloseTo(
      equity.rows.reduce((sum, row) => sum + row.reported, 0),
      6,
    );
    expect(greeks.map((one) => one.numeraire)).toEqual(['USD', 'BTC']);
    expect(greeks[1]!.total.cashDelta).toBeCloseTo(coinDelta, 9);
    for (const name of ['cashDelta', 'gammaPerPercent', 'vegaPerPoint', 'thetaPerDay'] as const) {
      const total = greeks[0]!.total[name];
      expect(ladder.reduce((sum, row) => sum + row[name], 0)).toBeCloseTo(total, 6);
    }
    expect({ numeraire, warnings }).toEqual({ numeraire: 'USD', warnings: [] });
  });

  it('is shown in coins where they are asked for', async () => {
    const argv = [
      'exposure',
      positions,
      ...options,
      '--market',
      surface,
      '--numeraire',
      'BTC',
      '--json',
      path('btc.json'),
    ];
    expect((await zomma(argv)).code).toBe(0);
    const { exposure, greeks, coins: rows } = report('btc.json');
    expect(greeks.map((one) => one.numeraire)).toEqual(['BTC', 'USD']);
    // USDC is worth fewer coins as the coin rises.
    expect(exposure.equity).toBeCloseTo(rows['BTC']!.equityInCoin + 25_000 / 96_480.25, 9);
  });

  it('takes marks, funding and further cash from the command line', async () => {
    const run = async (...more: string[]) => {
      await zomma(['exposure', positions, ...options, '--market', surface, '--json', path('more.json'), ...more]);
      return report('more.json');
    };
    const plain = await run();
    expect((await run('--cash', 'BTC=1')).coins['BTC']!.equityInCoin).toBeCloseTo(
      plain.coins['BTC']!.equityInCoin + 1,
      12,
    );
    // 150,000 dollars short: gains N (1/P - 1/entry) coins.
    const gain = (mark: number) => -150_000 * (1 / 97_120.5 - 1 / mark);
    expect((await run('--mark', 'BTC-PERPETUAL=90000')).coins['BTC']!.equityInCoin).toBeCloseTo(
      plain.coins['BTC']!.equityInCoin + gain(90_000) - gain(96_480.25),
      9,
    );
    expect((await run('--funding', 'BTC=0.0003')).summary.carry.funding).toBeCloseTo(0.0003 * 150_000, 6);
  });
});

describe('zomma exposure on an index book', () => {
  it('prints the book of the documentation', async () => {
    const argv = ['exposure', book, '--cash', 'USD=2500000', '--market', index, '--json', path('index.json')];
    const { code, out, err } = await zomma(argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('market SPX 6,000.00 (5 expiries)');
    const { exposure, greeks, coins: none, markets } = report('index.json');
    expect(markets).toMatchObject([{ underlying: 'SPX', spot: 6000 }]);
    expect(none).toEqual({});
    expect(greeks).toHaveLength(1);
    // Contracts of a hundred, futures of fifty: 600 units of the futures among them.
    expect(exposure.grossNotional).toBeCloseTo(6000 * (100 * (40 + 40 + 25 + 15 + 10) + 50 * 12), 6);
    expect(exposure.byUnderlying['SPX']!.deltaNotional).toBeCloseTo(greeks[0]!.total.cashDelta, 6);
  });

  it('has the bundled chains that the scripts write', () => {
    expect(readFileSync(index, 'utf8')).toBe(syntheticIndexChainText());
    expect(readFileSync(coins, 'utf8')).toBe(syntheticChainText(syntheticChain()));
  });
});

describe('zomma exposure on books with something wrong', () => {
  const row = { kind: 'option', direction: 'buy', size: 1, average_price: 0.01, index_price: 90_000 };
  const deribit = (...names: string[]) =>
    JSON.stringify(
      names.map((instrument_name) => ({ instrument_name, ...row })),
      null,
      1,
    );

  it('lists what is in no figure, and what is in them with care', async () => {
    const names = [
      'BTC-27MAR26-80000-P',
      'BTC-27MAR27-80000-P',
      'BTC-9JAN26-80000-P',
      'ETH-27MAR26-3000-P',
      'BTC-27MAR26-80000-X',
    ];
    const argv = [
      'exposure',
      file('odd.json', deribit(...names)),
      '--market',
      surface,
      '--json',
      path('odd-report.json'),
    ];
    const { code, out, err } = await zomma(argv);
    expect(code).toBe(0);
    expect(err).toBe(
      "odd.json: line 35, BTC-27MAR26-80000-X, instrument_name: unreadable-instrument: 'BTC-27MAR26-80000-X' is no Deribit instrument name\n",
    );
    expect(out).toContain('  rejected-rows: ');
    const { warnings, excluded, expired } = report('odd-report.json');
    expect(warnings.map(({ code, ids }) => [code, ids])).toEqual([
      ['rejected-rows', ['line 35 (BTC-27MAR26-80000-X)']],
      ['excluded', ['ETH-27MAR26-3000-P']],
      ['expired', ['BTC-9JAN26-80000-P']],
      ['outside-expiries', ['BTC-27MAR27-80000-P']],
      ['index-differs', ['BTC']],
    ]);
    expect(excluded).toEqual([{ positionId: 'ETH-27MAR26-3000-P', reason: 'no-market' }]);
    expect(expired).toEqual(['BTC-9JAN26-80000-P']);
  });

  it('calls an account insolvent, with infinite ratios that survive the file', async () => {
    const argv = ['exposure', positions, '--cash', 'BTC=-100', '--market', surface, '--json', path('insolvent.json')];
    const { code, out } = await zomma(argv);
    expect(code).toBe(0);
    expect(out).toContain('insolvent: equity is not positive');
    expect(readFileSync(path('insolvent.json'), 'utf8')).toContain('"grossLeverage": "Infinity"');
    expect(report('insolvent.json').exposure).toMatchObject({ insolvent: true, grossLeverage: Infinity });
  });

  it('says which surfaces are not proved', async () => {
    await zomma(['calibrate', coins, '--arbitrage', 'report', '--json', path('report-surface.json')]);
    const { out } = await zomma(['exposure', positions, '--market', path('report-surface.json')]);
    expect(out).toContain('not-proved: surfaces that are not proved free of arbitrage: BTC');
  });

  it('ends with code 1 where no position can be read, or no surface', async () => {
    const none = await zomma(['exposure', file('none.json', deribit('nonsense')), '--market', surface]);
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toMatch(/\nzomma: no position could be read\n$/);
    const { rows, ...chain } = syntheticChain();
    const empty = rows.slice(0, 40).map((quote) => ({ ...quote, bid_price: null, ask_price: null }));
    const market = file('empty.json', syntheticChainText({ ...chain, rows: empty }));
    const unfitted = await zomma(['exposure', positions, '--market', market]);
    expect(unfitted).toMatchObject({ code: 1, out: '' });
    expect(unfitted.err).toMatch(/^zomma: no surface of BTC: empty-chain: .*\n$/);
  });

  it.each([
    [['missing.json'], [], 'missing.json: no such file or folder'],
    [[''], ['--account', 'missing.json'], 'missing.json: no such file or folder'],
    [[''], ['--market', 'nothing.json'], 'nothing.json: no such file or folder'],
    [['broken.json'], [], 'broken.json: text must be JSON (line 2 has the end of the text)'],
    [['table.csv'], [], 'table.csv: header must be one of instrument, quantity'],
    [['a.json', 'b.json'], [], 'b.json: a second account, after '],
    [['a.json'], ['--account', 'b.json'], 'a.json: a second account, after '],
    [['', ''], [], 'the positions: positions[6].id must be unique'],
    [[''], ['--market', 'damaged.json'], 'damaged.json: not a surface: certificate-mismatch'],
    [[''], ['--market', 'surface'], '--market: sources[1].underlying must be another underlying'],
    [
      [''],
      ['--cash', 'EUR=1'],
      'the account: cash.EUR must be in a currency with a rate from EUR to USD, got 1 (option --fx)',
    ],
    [[''], ['--numeraire', 'JPY'], '(option --numeraire)'],
    [[''], ['--fx', 'A/B=1', '--fx', 'B/A=3'], '(option --fx)'],
    [[''], ['--spot', 'ETH=1'], "--spot must be one of the market's, BTC, got 'ETH'"],
    [[''], ['--mark', 'nothing=1'], "--mark must be an instrument that is held, got 'nothing'"],
    [['eth.json'], ['--missing', 'throw'], 'the account: underlyings.ETH must be in the snapshot'],
    [[''], ['--json', 'nowhere/out.json'], '--json: '],
  ])('%j %j is refused with code 2', async (files, more, message) => {
    file('broken.json', '{"id": "a",\n');
    file('table.csv', 'name,amount\nx,1\n');
    for (const id of ['a', 'b'])
      file(`${id}.json`, JSON.stringify({ id, reportingCurrency: 'USD', cash: {}, positions: [] }));
    file('eth.json', deribit('ETH-27MAR26-3000-P'));
    file('damaged.json', readFileSync(surface, 'utf8').replace(/"rho": (-?0\.\d)/, '"rho": $15'));
    const place = (word: string) =>
      word === ''
        ? positions
        : word === 'surface'
          ? surface
          : /\.\w+$/.test(word) && !word.includes('=')
            ? path(word)
            : word;
    const { code, err } = await zomma(['exposure', ...files.map(place), '--market', surface, ...more.map(place)]);
    expect(err).toContain(message);
    expect(err).toMatch(/^zomma: [^\n]+\n$/);
    expect(code).toBe(2);
  });

  it('asks which of two chains of one underlying is meant', async () => {
    const linear = readFileSync(index, 'utf8').replaceAll('SPXW', 'SPX');
    const { code, err } = await zomma(['exposure', book, '--market', index, '--market', file('am.csv', linear)]);
    expect({ code, err }).toEqual({
      code: 2,
      err: 'zomma: --market: SPXW and SPX are both chains of SPX: choose one with --underlying\n',
    });
  });
});
