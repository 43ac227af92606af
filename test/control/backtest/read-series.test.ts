import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { syntheticSeriesText } from '../../../benchmarks/data/synthetic-series.js';
import { runBacktest } from '../../../src/control/backtest/backtest.js';
import { readPriceSeries } from '../../../src/control/backtest/read-series.js';
import { InputError } from '../../../src/errors.js';

const DAY = 86_400_000;

describe('readPriceSeries', () => {
  it('reads prices with ranges, funding and volatility', () => {
    const text =
      'Date,Open,High,Low,Close,Volume,Funding Rate,implied_volatility\n' +
      '2026-01-01,100,110,95,105,7,0.0001,0.6\n\n2026-01-02,105,120,104,118,8,,\n';
    expect(readPriceSeries(text)).toEqual({
      bars: [
        { at: Date.UTC(2026, 0, 1), open: 100, high: 110, low: 95, close: 105, funding: 0.0001, volatility: 0.6 },
        { at: Date.UTC(2026, 0, 2), open: 105, high: 120, low: 104, close: 118 },
      ],
      columns: {
        time: 'Date',
        open: 'Open',
        high: 'High',
        low: 'Low',
        close: 'Close',
        funding: 'Funding Rate',
        volatility: 'implied_volatility',
      },
      ignored: ['Volume'],
      description: undefined,
    });
  });

  it('opens a bar of a price alone where the last one closed', () => {
    const { bars } = readPriceSeries('time,price\n1767225600,100\n1767312000,90\n');
    expect(bars).toEqual([
      { at: 1_767_225_600_000, open: 100, high: 100, low: 100, close: 100 },
      { at: 1_767_312_000_000, open: 100, high: 100, low: 90, close: 90 },
    ]);
  });

  it('reads JSON, as rows or below a description', () => {
    const rows = [
      { time: '2026-01-01T00:00:00Z', price: 100, funding: null },
      { time: '2026-01-01T08:00:00+01:00', price: '101.5', funding: -0.0001 },
    ];
    const { bars } = readPriceSeries(JSON.stringify(rows));
    expect(bars[1]).toEqual({
      at: Date.UTC(2026, 0, 1, 7),
      open: 100,
      high: 101.5,
      low: 100,
      close: 101.5,
      funding: -0.0001,
    });
    expect(readPriceSeries(JSON.stringify({ description: 'of a test', bars: rows }))).toMatchObject({
      bars,
      description: 'of a test',
    });
  });

  it.each([
    ['', /text must be/],
    ['{"bars":', /text must be JSON/],
    ['{"prices":[]}', /bars must be an array/],
    ['[1]', /row 1 must be/],
    ['[{"time":"2026-01-01","price":[1]},{}]', /row 1, column price must be a number or text/],
    ['time,value\n2026-01-01,1\n2026-01-02,1\n', /a column for the close: close, price/],
    ['price\n1\n2\n', /a column for the time: time, date/],
    ['time,close,price\n2026-01-01,1,1\n2026-01-02,1,1\n', /one column for the close, there is close already/],
    ['time,open,close\n2026-01-01,1,1\n2026-01-02,1,1\n', /not open alone/],
    ['time,price\n2026-01-01,1\n', /rows must be at least 2, got 1/],
    ['time,price\n2026-01-01,1\n2026-01-02,1,5\n', /cells of line 3 must be 2, as in the header, got 3/],
    ['time,price\n2026-01-01,1\n\n2026-01-02,x\n', /line 4, column price must be a number, got 'x'/],
    ['time,Close\n2026-01-01,1\n2026-01-02,0\n', /line 3, column Close must be above 0/],
    ['time,Close\n2026-01-01,1\n2026-01-02,\n', /line 3, column Close must be a number/],
    ['time,Close\n2026-01-01,1\n2026-01-01,1\n', /line 3, column time must be later than that of the line before/],
    ['time,Close\n2026-01-01 10:00,1\n2026-01-01,1\n', /line 2, column time must be a day/],
    ['time,open,high,low,close\n2026-01-01,1,1,1,1\n2026-01-02,1,1.1,1,1.2\n', /line 3, column high must be at least/],
    ['time,open,high,low,close\n2026-01-01,1,1,1,1\n2026-01-02,1,1.3,1.1,1.2\n', /line 3, column low must be at most/],
    ['time,price,volatility\n2026-01-01,1,60\n2026-01-02,1,60\n', /line 2, column volatility must be .*0.6 for 60%/],
    ['time,price,funding\n2026-01-01,1,a\n2026-01-02,1,1\n', /line 2, column funding must be a number/],
  ])('%j: %s', (text, message) => {
    expect(() => readPriceSeries(text)).toThrow(message);
    expect(() => readPriceSeries(text)).toThrow(InputError);
  });

  it('gives bars a backtest takes, or an error, for any text', () => {
    const cell = fc.oneof(fc.constantFrom('1', '2.5', '1e3', '', 'x', '2026-01-01', '2026-01-02', '"'), fc.string());
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, (rows) => {
        const text = `time,price,funding,volatility,other\n${rows.map((row) => row.join(',')).join('\n')}`;
        try {
          const { bars } = readPriceSeries(text);
          const terms = { initialEquity: 1, feeRate: 0, slippage: 0, lag: 1 };
          expect(runBacktest({ ...terms, bars, strategy: () => 0 }).equity).toHaveLength(bars.length);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the series of the samples', () => {
  it('is what its script writes, and a series', () => {
    const text = syntheticSeriesText();
    expect(readFileSync('docs/samples/synthetic-daily-series.csv', 'utf8')).toBe(text);
    const { bars, ignored } = readPriceSeries(text);
    expect(ignored).toEqual([]);
    expect(bars).toHaveLength(1096);
    expect(bars.every(({ volatility, funding }) => volatility !== undefined && funding !== undefined)).toBe(true);
    expect((bars.at(-1)!.at - bars[0]!.at) / DAY).toBe(1095);
  });
});
