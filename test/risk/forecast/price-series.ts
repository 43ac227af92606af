/** Daily price files of the data folder, read in place. */
import { existsSync, readFileSync } from 'node:fs';
import type { OhlcBar } from '../../../src/risk/forecast/range-estimators.js';

const folder = `${process.env['ZOMMA_DATA'] ?? '../shared/data'}/timeseries/price`;

export const hasSeries = existsSync(`${folder}/gspc_daily_2005_2025.csv`);

function rows(file: string): string[][] {
  const lines = readFileSync(`${folder}/${file}`, 'utf8').trim().split('\n');
  return lines.slice(1).map((line) => line.split(','));
}

/** Columns: date, open, high, low, close. */
function bars(file: string): OhlcBar[] {
  return rows(file).map(([, open, high, low, close]) => ({
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
  }));
}

export const sp500 = (): OhlcBar[] => bars('gspc_daily_2005_2025.csv');
export const bitcoin = (): OhlcBar[] => bars('btc_daily_yahoo_2017.csv');
