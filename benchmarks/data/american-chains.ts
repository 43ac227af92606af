/**
 * The chains of American options that premiums of early exercise are taken out of. They stand outside the repository, under the data
 * root, are read in place and never copied; layouts the library has no reader for are read here.
 */
import { readFileSync } from 'node:fs';
import { readChain } from '../../src/cli/read-chain.js';
import { newYorkInstant } from '../../src/market/calendar.js';
import type { OptionChain } from '../../src/market/chain.js';
import { parseDay } from '../../src/market/date.js';
import type { DeAmericaniseOptions } from '../../src/market/de-americanise.js';
import type { RawQuote } from '../../src/market/quote.js';
import { dataFile } from './real-chains.js';

export interface AmericanChain {
  name: string;
  /** Below the data root. */
  file: string;
  read: (file: string) => OptionChain;
  options: DeAmericaniseOptions;
}

/** What the files say alone: no rate is given, so that it is anything from 0 to 5%. Beside SPY's two oldest what is assumed of that day. */
export const americanChains: readonly AmericanChain[] = [
  { name: 'SPY 2022-12-30', file: 'equity/optionsdx/spy_20221230.csv', read: optionsDx, options: {} },
  {
    name: 'SPY 2022-12-30, rate assumed',
    file: 'equity/optionsdx/spy_20221230.csv',
    read: optionsDx,
    options: { rate: 0.045, rateError: 0.0025 },
  },
  {
    name: 'SPY 2023-09-14',
    file: 'equity/cboe_quotedata/spy_20230914.csv',
    read: cboeTable,
    options: { spot: 'implied' },
  },
  {
    name: 'SPY 2023-09-14, rate and dividend assumed',
    file: 'equity/cboe_quotedata/spy_20230914.csv',
    read: cboeTable,
    options: { rate: 0.053, rateError: 0.0025, dividendNextDay: 1.583 },
  },
  { name: 'SPY 2025-09-25', file: 'equity/cboe_quotedata/spy_20250925.csv', read: cboeTable, options: {} },
  {
    name: 'NVDA 2025-01-06',
    file: 'equity/cboe_quotedata/nvda_20250106.csv',
    read: cboeTable,
    options: { spot: 'implied' },
  },
  { name: 'AAPL 2026-08-21', file: 'equity/yahoo_cboe_greeks_json/aapl_20260822.json', read: yahooJson, options: {} },
  { name: 'MSFT 2021-05-17', file: 'equity/tda_json/msft_20210517.json', read: tdaJson, options: {} },
];

export function readAmericanChain({ file, read }: AmericanChain): OptionChain {
  return read(dataFile(file));
}

/** The quotes of a chain's expiries between two times in years, every nth of them. */
export function someExpiries(chain: OptionChain, wanted: number): OptionChain {
  const all = [...new Set(chain.quotes.map(({ expiry }) => expiry))]
    .filter((e) => e > chain.asOf)
    .sort((a, b) => a - b);
  const step = Math.max(1, all.length / wanted);
  const kept = new Set(all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step)));
  return { ...chain, quotes: chain.quotes.filter(({ expiry }) => kept.has(expiry)) };
}

function cboeTable(file: string): OptionChain {
  return readChain({ files: [file] }).chain;
}

function american(underlying: string, asOf: number, spot: number, quotes: RawQuote[]): OptionChain {
  return {
    ...{ underlying, venue: 'cboe', asOf, style: 'american', settlement: 'linear', premiumCurrency: 'USD' },
    ...{ spot, tick: 0.01, multiplier: 100, quotes, rejected: [] },
  };
}

function instrument(underlying: string, day: string, type: string, strike: number): string {
  return `${underlying} ${day} ${type} ${strike}`;
}

/** 16:00 in New York. */
const close = (day: string): number => newYorkInstant(parseDay(day)!, 960);

/** OptionsDX's end-of-day table: call and put in one row. */
function optionsDx(file: string): OptionChain {
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = header!.split(',').map((name) => name.replace(/[[\]\s]/g, ''));
  const rows = lines.map((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    return (name: string): string => cells[names.indexOf(name)]!;
  });
  const quotes = rows.flatMap((cell) =>
    (['call', 'put'] as const).map((type) => {
      const side = type === 'call' ? 'C' : 'P';
      const day = cell('EXPIRE_DATE');
      const strike = Number(cell('STRIKE'));
      return {
        ...{ instrument: instrument('SPY', day, type, strike), underlying: 'SPY', type, strike, expiry: close(day) },
        ...{ bid: Number(cell(`${side}_BID`)), ask: Number(cell(`${side}_ASK`)) },
      };
    }),
  );
  const first = rows[0]!;
  return american('SPY', close(first('QUOTE_DATE')), Number(first('UNDERLYING_LAST')), quotes);
}

interface YahooFile {
  underlyingPrice: number;
  quotes: {
    symbol: string;
    expiration: string;
    side: 'call' | 'put';
    strike: number;
    bid: number | null;
    ask: number | null;
  }[];
}

/** Yahoo's quotes as of the Friday before. */
function yahooJson(file: string): OptionChain {
  const { underlyingPrice, quotes } = JSON.parse(readFileSync(file, 'utf8')) as YahooFile;
  return american(
    'AAPL',
    close('2026-08-21'),
    underlyingPrice,
    quotes.map(({ symbol, expiration, side, strike, bid, ask }) => ({
      ...{ instrument: symbol, underlying: 'AAPL', type: side, strike, expiry: close(expiration) },
      ...{ bid: bid ?? undefined, ask: ask ?? undefined },
    })),
  );
}

type TdaMap = Record<
  string,
  Record<
    string,
    {
      symbol: string;
      putCall: 'CALL' | 'PUT';
      bid: number;
      ask: number;
      strikePrice: number;
      quoteTimeInLong: number;
    }[]
  >
>;
interface TdaFile {
  symbol: string;
  underlyingPrice: number;
  putExpDateMap: TdaMap;
  callExpDateMap: TdaMap;
}

function tdaJson(file: string): OptionChain {
  const { symbol, underlyingPrice, putExpDateMap, callExpDateMap } = JSON.parse(readFileSync(file, 'utf8')) as TdaFile;
  let asOf = 0;
  const quotes = [putExpDateMap, callExpDateMap].flatMap((map) =>
    Object.entries(map).flatMap(([key, strikes]) =>
      Object.values(strikes)
        .flat()
        .map(({ symbol: name, putCall, bid, ask, strikePrice, quoteTimeInLong }) => {
          asOf = Math.max(asOf, quoteTimeInLong);
          const type = putCall === 'CALL' ? ('call' as const) : ('put' as const);
          const expiry = close(key.slice(0, 10));
          return { instrument: name, underlying: symbol, type, strike: strikePrice, expiry, bid, ask };
        }),
    ),
  );
  return american(symbol, asOf, underlyingPrice, quotes);
}
