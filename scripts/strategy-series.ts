/** The daily series the strategies run on, read in place below the data root. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { dataRoot } from '../benchmarks/data/real-chains.js';
import type { Bar } from '../src/control/backtest/backtest-input.js';

export interface Series {
  name: string;
  /** With the index where it reaches. */
  bars: Bar[];
  /** By bar, annual; NaN where the index does not reach. */
  impliedVolatility: number[];
  impliedSource: string;
  hasRanges: boolean;
  periodsPerYear: number;
  /** Of the notional traded. */
  feeRate: number;
  slippage: number;
  /** Of a straddle, in volatility. */
  halfSpread: number;
}

/** BTC, ETH and the S&P 500 with DVOL, nothing and the VIX beside. */
export function dailySeries(): Series[] {
  const crypto = { periodsPerYear: 365, feeRate: 0.0005, slippage: 0.0005, halfSpread: 0.01 };
  const dvol = indexOf('vol_index/deribit_btc_dvol_20230426_20260119.csv', 'timestamp', 'dvol');
  const vix = indexOf('vol_index/vix_daily_1990_2026.csv', 'DATE', 'CLOSE');
  const btc = ohlc('price/btc_daily_yahoo_2017.csv', ['Date', 'Open', 'High', 'Low', 'Close']);
  const eth = closes('price/eth_usd_daily.csv', 'Date', 'Adjusted');
  const spx = ohlc('price/gspc_daily_2005_2025.csv', ['date', 'open', 'high', 'low', 'close']);
  return [
    { name: 'BTC', ...implied(btc, dvol), impliedSource: 'DVOL', hasRanges: true, ...crypto },
    { name: 'ETH', ...implied(eth, new Map()), impliedSource: '', hasRanges: false, ...crypto },
    {
      name: 'S&P 500',
      ...implied(spx, vix),
      impliedSource: 'VIX',
      hasRanges: true,
      periodsPerYear: 252,
      feeRate: 0.0001,
      slippage: 0.0001,
      halfSpread: 0.005,
    },
  ];
}

export const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

function rows(file: string): Record<string, string>[] {
  return parse(readFileSync(join(dataRoot, 'timeseries', file), 'utf8'), { columns: true, bom: true });
}

function ohlc(file: string, [date, open, high, low, close]: [string, string, string, string, string]): Bar[] {
  return rows(file).map((row) => {
    const [o, h, l, c] = [open, high, low, close].map((name) => Number(row[name]));
    // Vendors round the four prices apart: the range holds the open and the close.
    return {
      at: Date.parse(row[date]!),
      open: o!,
      high: Math.max(h!, o!, c!),
      low: Math.min(l!, o!, c!),
      close: c!,
    };
  });
}

/** Bars that open where the last one closed and reach no further. */
function closes(file: string, date: string, price: string): Bar[] {
  let open: number | undefined;
  return rows(file).map((row) => {
    const close = Number(row[price]);
    const from = open ?? close;
    open = close;
    return {
      at: Date.parse(row[date]!),
      open: from,
      high: Math.max(from, close),
      low: Math.min(from, close),
      close,
    };
  });
}

function indexOf(file: string, date: string, value: string): Map<string, number> {
  return new Map(rows(file).map((row) => [row[date]!.slice(0, 10), Number(row[value]) / 100]));
}

function implied(bars: readonly Bar[], index: ReadonlyMap<string, number>): Pick<Series, 'bars' | 'impliedVolatility'> {
  const impliedVolatility = bars.map(({ at }) => index.get(day(at)) ?? NaN);
  return {
    bars: bars.map((bar, i) => (impliedVolatility[i]! > 0 ? { ...bar, volatility: impliedVolatility[i]! } : bar)),
    impliedVolatility,
  };
}
