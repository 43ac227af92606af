/**
 * American options by columns: prices, Greeks or implied volatilities of rows `from` to `to`, the same numbers as of the scalar engine,
 * whatever the rows around them. Never throws on a row: a bad one holds NaN and a code in the status column (batch/status.ts).
 *
 * Rows next to each other with the same rates, volatility and time share their edges of exercise (put-edges.ts): a ladder of spots
 * sorted that way costs a few microseconds a row. Cash dividends are not columns: american.price takes them one at a time.
 */
import { batchStatus, reasonStatus } from '../batch/status.js';
import { americanVolatility } from './implied-volatility.js';
import type { Accuracy } from './put-edges.js';
import { LARGEST_EXPONENT, type AmericanTerms } from './terms.js';
import { americanGreeks, americanValue } from './value.js';

/** The Greeks the engine gives. */
export const AMERICAN_GREEKS = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho'] as const;
export type AmericanGreekName = (typeof AMERICAN_GREEKS)[number];

/** Inputs by column, all of one length; 0 where a column of rates is missing. */
export interface AmericanColumns {
  /** 0 for a put, anything else for a call. */
  isCall: Uint8Array;
  spot: Float64Array;
  strike: Float64Array;
  timeToExpiry: Float64Array;
  /** Not read for implied volatilities. */
  volatility?: Float64Array | undefined;
  rate?: Float64Array | undefined;
  dividendYield?: Float64Array | undefined;
  /** Read for implied volatilities alone. */
  marketPrice?: Float64Array | undefined;
}

/** Columns to write, each of the length of the inputs. */
export type AmericanOutput = { [Name in AmericanGreekName | 'impliedVolatility']?: Float64Array | undefined } & {
  status: Uint8Array;
};

type Row = { -readonly [Name in keyof AmericanTerms]: AmericanTerms[Name] };

/** The row at hand. */
const row: Row = {
  isCall: false,
  spot: 1,
  strike: 1,
  timeToExpiry: 0,
  volatility: 0,
  rate: 0,
  dividendYield: 0,
  dividends: undefined,
};

/** Writes the columns of `output` that are there: implied volatilities, or Greeks. */
export function americanRows(
  input: AmericanColumns,
  output: AmericanOutput,
  from: number,
  to: number,
  accuracy: Accuracy,
): void {
  const { isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield, marketPrice } = input;
  const { status, impliedVolatility } = output;
  const names = AMERICAN_GREEKS.filter((name) => output[name] !== undefined);
  const priceOnly = names.length === 1 && names[0] === 'price';
  for (let i = from; i < to; i++) {
    row.isCall = isCall[i] !== 0;
    row.spot = spot[i]!;
    row.strike = strike[i]!;
    row.timeToExpiry = timeToExpiry[i]!;
    row.volatility = impliedVolatility === undefined ? volatility![i]! : 0;
    row.rate = rate === undefined ? 0 : rate[i]!;
    row.dividendYield = dividendYield === undefined ? 0 : dividendYield[i]!;
    if (!isValid(row)) {
      status[i] = batchStatus.invalidInput;
      if (impliedVolatility !== undefined) impliedVolatility[i] = NaN;
      for (const name of names) output[name]![i] = NaN;
    } else if (impliedVolatility !== undefined) {
      status[i] = writeVolatility(row, marketPrice![i]!, accuracy, impliedVolatility, i);
    } else if (priceOnly) {
      output.price![i] = americanValue(row, accuracy);
      status[i] = batchStatus.ok;
    } else {
      const greeks = americanGreeks(row, accuracy);
      for (const name of names) output[name]![i] = greeks[name];
      status[i] = batchStatus.ok;
    }
  }
}

/** Whether the scalar engine takes it without an InputError. */
function isValid({ spot, strike, timeToExpiry, volatility, rate, dividendYield }: AmericanTerms): boolean {
  return (
    spot > 0 &&
    spot < Infinity &&
    strike >= 0 &&
    strike < Infinity &&
    timeToExpiry >= 0 &&
    timeToExpiry < Infinity &&
    volatility >= 0 &&
    Math.abs(rate * timeToExpiry) < LARGEST_EXPONENT &&
    Math.abs(rate) < Infinity &&
    Math.abs(dividendYield * timeToExpiry) < LARGEST_EXPONENT &&
    Math.abs(dividendYield) < Infinity
  );
}

function writeVolatility(
  terms: AmericanTerms,
  price: number,
  accuracy: Accuracy,
  out: Float64Array,
  i: number,
): number {
  out[i] = NaN;
  if (!(Math.abs(price) < Infinity)) return batchStatus.invalidInput;
  const found = americanVolatility(terms, price, accuracy);
  if (typeof found !== 'number' && !found.ok) return reasonStatus[found.reason];
  out[i] = typeof found === 'number' ? found : found.volatility;
  return batchStatus.ok;
}
