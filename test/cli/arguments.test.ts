import { describe, expect, it } from 'vitest';
import { readArguments, usageOf } from '../../src/cli/arguments.js';

describe('the command line', () => {
  it('has defaults for everything but the files', () => {
    expect(readArguments(['calibrate', 'a.json', 'b.json'])).toEqual({
      command: 'calibrate',
      files: ['a.json', 'b.json'],
      model: 'svi',
      arbitrage: 'certify',
      engine: 'trust-region',
    });
  });

  it('reports on SABR unless told otherwise, and certifies the others', () => {
    const read = (...argv: string[]) => readArguments(['calibrate', 'a.json', ...argv]);
    expect(read('--model', 'sabr')).toMatchObject({ model: 'sabr', arbitrage: 'report' });
    expect(read('--model', 'sabr', '--arbitrage', 'report')).toMatchObject({ arbitrage: 'report' });
    expect(read('--model', 'essvi')).toMatchObject({ model: 'essvi', arbitrage: 'certify' });
    expect(read('--arbitrage=report')).toMatchObject({ model: 'svi', arbitrage: 'report' });
    expect(() => read('--model', 'sabr', '--arbitrage', 'certify')).toThrow('can only be reported on');
  });

  it('reads every option, before or after the files', () => {
    const argv = ['--venue', 'cboe', 'calibrate', '--engine=ml', 'spx.csv', '--underlying', 'SPXW', '--layout', 'x'];
    const rest = ['--as-of', '2022-02-04T16:15:00-05:00', '--json', 'out.json', '--svg', 'out.svg', '--model', 'essvi'];
    const last = ['--arbitrage', 'report'];
    expect(readArguments([...argv, ...rest, ...last])).toEqual({
      command: 'calibrate',
      files: ['spx.csv'],
      venue: 'cboe',
      layout: 'x',
      asOf: Date.UTC(2022, 1, 4, 21, 15),
      underlying: 'SPXW',
      model: 'essvi',
      arbitrage: 'report',
      engine: 'ml',
      json: 'out.json',
      svg: 'out.svg',
    });
  });

  it.each([[['--help']], [['-h']], [['help']], [['-h', 'paint']]])('%j asks for help', (argv) => {
    expect(readArguments(argv)).toEqual({ command: 'help' });
  });

  it.each(['calibrate', 'exposure'])('asks for the help of %s', (command) => {
    expect(readArguments([command, '--help'])).toEqual({ command: 'help', topic: command });
    expect(usageOf(command)).toContain(`zomma ${command} `);
    expect(usageOf()).toContain(`  zomma ${command} `);
    expect(usageOf('nothing')).toBe(usageOf());
    for (const text of [usageOf(command), usageOf()]) {
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    }
  });

  it('asks for the usage where it is empty', () => {
    expect(readArguments([])).toEqual({ command: 'help' });
  });

  it.each([[['--version']], [['-v']]])('%j asks for the version', (argv) => {
    expect(readArguments(argv)).toEqual({ command: 'version' });
  });

  it.each([
    [['--cold'], 'no command given'],
    [['fit', 'a.json'], "unknown command 'fit'"],
    [['calibrate'], 'at least one file'],
    [['calibrate', 'a.json', '--colour'], "Unknown option '--colour'"],
    [['calibrate', 'a.json', '--venue'], "Option '--venue <value>' argument missing"],
    [['calibrate', 'a.json', '--venue', 'binance'], "--venue must be one of deribit, cboe, csv, got 'binance'"],
    [['calibrate', 'a.json', '--model', 'heston'], "--model must be one of svi, essvi, sabr, got 'heston'"],
    [['calibrate', 'a.json', '--arbitrage', 'none'], "--arbitrage must be one of certify, report, got 'none'"],
    [['calibrate', 'a.json', '--engine', 'fast'], '--engine must be one of trust-region, ml'],
    [['calibrate', 'a.json', '--as-of', '2022-02-04'], '--as-of must be a date and time with its offset'],
    [['calibrate', 'a.json', '--as-of', '2022-02-04T16:00'], '--as-of must be a date and time with its offset'],
    [['calibrate', 'a.json', '--as-of', '2022-02-31T16:00Z'], '--as-of must be a date and time with its offset'],
    [['calibrate', 'a.json', '--as-of', '2022-13-04T16:00Z'], '--as-of must be a date and time with its offset'],
  ])('%j is refused', (argv, message) => {
    expect(() => readArguments(argv)).toThrow(message);
  });

  const shared = ['venue', 'layout', 'as-of', 'underlying', 'model', 'arbitrage', 'american', 'rate', 'json'];
  it.each([
    ['calibrate', [...shared, 'engine', 'svg']],
    ['exposure', [...shared, 'account', 'cash', 'market', 'spot', 'mark', 'funding', 'fx', 'numeraire', 'missing']],
  ])('of %s is explained, every option by name', (command, options) => {
    for (const option of options) expect(usageOf(command)).toContain(`--${option}`);
    expect([...usageOf(command).matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name).sort()).toEqual(options.sort());
  });
});

describe('zomma exposure', () => {
  const read = (...argv: string[]) => readArguments(['exposure', 'book.json', '--market', 'chain.json', ...argv]);

  it('has defaults for everything but the positions and the market', () => {
    expect(read()).toEqual({
      command: 'exposure',
      files: ['book.json'],
      market: ['chain.json'],
      cash: {},
      spots: {},
      marks: {},
      funding: {},
      fx: [],
      model: 'svi',
      arbitrage: 'certify',
      missing: 'exclude',
    });
    expect(readArguments(['exposure', '--account', 'a.json', '--market', 'm'])).toMatchObject({
      files: [],
      account: 'a.json',
    });
  });

  it('reads every option, and those that repeat', () => {
    expect(
      read(
        ...[
          '--market',
          'eth.json',
          '--account',
          'a.json',
          '--numeraire',
          'EUR',
          '--missing',
          'throw',
          '--json',
          'o.json',
        ],
        ...['--cash', 'BTC=1.5', '--cash', 'USD=-2e3', '--fx', 'EUR/USD=1.08', '--fx', 'USDC/USD=1'],
        ...['--spot', 'SPX=6000', '--mark', 'BTC-PERPETUAL=96500', '--funding', 'BTC=-0.0001', '--model', 'sabr'],
      ),
    ).toMatchObject({
      market: ['chain.json', 'eth.json'],
      account: 'a.json',
      numeraire: 'EUR',
      missing: 'throw',
      json: 'o.json',
      cash: { BTC: 1.5, USD: -2000 },
      fx: [
        { base: 'EUR', quote: 'USD', rate: 1.08 },
        { base: 'USDC', quote: 'USD', rate: 1 },
      ],
      spots: { SPX: 6000 },
      marks: { 'BTC-PERPETUAL': 96500 },
      funding: { BTC: -0.0001 },
      model: 'sabr',
      arbitrage: 'report',
    });
  });

  it.each([
    [['exposure', '--market', 'm'], 'exposure needs a file of positions'],
    [['exposure', 'b'], 'exposure needs --market'],
    [['exposure', 'b', '--market', 'm', '--svg', 'x'], "Unknown option '--svg' for exposure"],
    [['calibrate', 'b', '--market', 'm'], "Unknown option '--market' for calibrate"],
    [['exposure', 'b', '--market', 'm', '--missing', 'skip'], '--missing must be one of throw, exclude, intrinsic'],
    [
      ['exposure', 'b', '--market', 'm', '--cash', 'BTC'],
      "--cash must be a name and a number, each name once, like BTC=1.5, got 'BTC'",
    ],
    [['exposure', 'b', '--market', 'm', '--cash', 'BTC='], '--cash must be'],
    [['exposure', 'b', '--market', 'm', '--cash', 'BTC=one'], '--cash must be'],
    [['exposure', 'b', '--market', 'm', '--cash', 'BTC=1', '--cash', 'BTC=2'], 'each name once'],
    [['exposure', 'b', '--market', 'm', '--fx', 'EURUSD=1'], '--fx must be two currencies'],
    [['exposure', 'b', '--market', 'm', '--fx', 'EUR/USD=0'], '--fx EUR/USD must be a finite number above 0'],
    [['exposure', 'b', '--market', 'm', '--spot', 'SPX=-1'], '--spot SPX must be a finite number above 0'],
  ])('%j is refused', (argv, message) => {
    expect(() => readArguments(argv)).toThrow(message);
  });
});
