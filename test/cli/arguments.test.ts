import { describe, expect, it } from 'vitest';
import { readArguments, usage } from '../../src/cli/arguments.js';

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

  it.each([[['--help']], [['-h']], [['help']], [['calibrate', '--help']]])('%j asks for help', (argv) => {
    expect(readArguments(argv)).toEqual({ command: 'help' });
  });

  it.each([[['--version']], [['-v']]])('%j asks for the version', (argv) => {
    expect(readArguments(argv)).toEqual({ command: 'version' });
  });

  it.each([
    [[], 'no command given'],
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

  it('is explained, every option by name', () => {
    for (const option of [
      'venue',
      'layout',
      'as-of',
      'underlying',
      'model',
      'arbitrage',
      'engine',
      'json',
      'svg',
      'help',
      'version',
    ]) {
      expect(usage).toContain(`--${option}`);
    }
  });
});
