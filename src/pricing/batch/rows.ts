/**
 * A batch computed row by row: the scalar twin of the kernel, with the same bits in every ordinary row, and the way of all rows that
 * the kernel leaves pending. Nothing is allocated for an ordinary row.
 */
import { InputError } from '../../errors.js';
import type { Greeks } from '../greeks.js';
import { GREEK_NAMES, type Columns } from './columns.js';
import { ASIDE, FRACTION, KIND, LOG_MONEYNESS, QUESTION_RESULTS } from './formulas/black-implied.js';
import { GREEK_RESULTS } from './formulas/places.js';
import type { ModelRows, Row } from './model.js';
import { batchStatus, PENDING, reasonStatus } from './status.js';

const results = new Float64Array(GREEK_RESULTS);
const question = new Float64Array(QUESTION_RESULTS);
/** The row at hand, for the scalar models. */
const row: Row = {
  isCall: false,
  spot: 0,
  strike: 0,
  timeToExpiry: 0,
  volatility: 0,
  rate: 0,
  dividendYield: 0,
};

/** A bit for each Greek wanted, in the order of GREEK_NAMES. */
export type Wanted = number;
export const PRICE_ONLY: Wanted = 1;

/** The rows from `first` to before `end` without the kernel. */
export function evaluateRows(
  model: ModelRows,
  columns: Columns,
  shift: number,
  wanted: Wanted,
  first: number,
  end: number,
): void {
  const { isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield, status, sharedMask } = columns;
  const { formulas } = model;
  const price = columns.greeks[0]!;
  for (let i = first; i < end; i++) {
    const j = i & sharedMask;
    const omega = isCall[i] === 0 ? -1 : 1;
    const s = spot[j]! + shift;
    const k = strike[i]! + shift;
    const t = timeToExpiry[j]!;
    const sigma = volatility[i]!;
    const r = rate[j]!;
    const q = dividendYield[j]!;
    if (!formulas.isOrdinary(s, k, t, sigma, r, q)) {
      evaluateAside(model, columns, shift, wanted, i);
      continue;
    }
    status[i] = batchStatus.ok;
    if (wanted === PRICE_ONLY) {
      price[i] = formulas.price(omega, s, k, t, sigma, r, q);
    } else {
      formulas.greeks(results, omega, s, k, t, sigma, r, q);
      for (let n = 0; n < GREEK_NAMES.length; n++) if ((wanted >>> n) & 1) columns.greeks[n]![i] = results[n]!;
    }
  }
}

/** The rows of these that the kernel left. */
export function evaluatePending(
  model: ModelRows,
  columns: Columns,
  shift: number,
  wanted: Wanted,
  first: number,
  end: number,
): void {
  const status = columns.status.subarray(first, end);
  for (let i = status.indexOf(PENDING); i >= 0; i = status.indexOf(PENDING, i + 1)) {
    evaluateAside(model, columns, shift, wanted, first + i);
  }
}

function readRow(columns: Columns, shift: number, i: number): void {
  const j = i & columns.sharedMask;
  row.isCall = columns.isCall[i] !== 0;
  row.spot = columns.spot[j]! + shift;
  row.strike = columns.strike[i]! + shift;
  row.timeToExpiry = columns.timeToExpiry[j]!;
  row.volatility = columns.volatility[i]!;
  row.rate = columns.rate[j]!;
  row.dividendYield = columns.dividendYield[j]!;
}

function evaluateAside(model: ModelRows, columns: Columns, shift: number, wanted: Wanted, i: number): void {
  readRow(columns, shift, i);
  let greeks: Greeks | undefined;
  let price = NaN;
  if (areNumbers(row, row.volatility)) {
    try {
      if (wanted === PRICE_ONLY) price = model.price(row);
      else greeks = model.greeks(row);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  if (greeks !== undefined) price = greeks.price;
  let status: number = greeks === undefined && Number.isNaN(price) ? batchStatus.invalidInput : batchStatus.ok;
  for (let n = 0; n < GREEK_NAMES.length; n++) {
    if (((wanted >>> n) & 1) === 0) continue;
    const value = n === 0 ? price : greeks === undefined ? NaN : greeks[GREEK_NAMES[n]!];
    columns.greeks[n]![i] = value;
    if (Number.isNaN(value) && status === batchStatus.ok) status = batchStatus.beyondPrecision;
  }
  columns.status[i] = status;
}

/** Spares blank rows the cost of an exception. */
function areNumbers({ spot, strike, timeToExpiry, rate }: Row, last: number): boolean {
  return !Number.isNaN(spot + strike + timeToExpiry + rate + last);
}

/** The implied volatility of the rows from `first` to before `end` without the kernel. */
export function solveRows(model: ModelRows, columns: Columns, shift: number, first: number, end: number): void {
  const { isCall, spot, strike, timeToExpiry, rate, dividendYield, marketPrice, status, sharedMask } = columns;
  const {
    formulas,
    formulas: { deviations },
  } = model;
  for (let i = first; i < end; i++) {
    const j = i & sharedMask;
    const omega = isCall[i] === 0 ? -1 : 1;
    const t = timeToExpiry[j]!;
    const k = strike[i]! + shift;
    formulas.question(question, omega, spot[j]! + shift, k, t, marketPrice[i]!, rate[j]!, dividendYield[j]!);
    const kind = question[KIND]!;
    if (kind === ASIDE) {
      solveAside(model, columns, shift, i);
      continue;
    }
    status[i] = batchStatus.ok;
    columns.impliedVolatility[i] = deviations[kind - 1]!(question[LOG_MONEYNESS]!, question[FRACTION]!) / Math.sqrt(t);
  }
}

/** The implied volatility of the rows of these that the kernel left. */
export function solvePending(model: ModelRows, columns: Columns, shift: number, first: number, end: number): void {
  const status = columns.status.subarray(first, end);
  for (let i = status.indexOf(PENDING); i >= 0; i = status.indexOf(PENDING, i + 1)) {
    solveAside(model, columns, shift, first + i);
  }
}

function solveAside(model: ModelRows, columns: Columns, shift: number, i: number): void {
  readRow(columns, shift, i);
  const price = columns.marketPrice[i]!;
  columns.impliedVolatility[i] = NaN;
  columns.status[i] = batchStatus.invalidInput;
  if (!areNumbers(row, price)) return;
  try {
    const answer = model.impliedVolatility(row, price);
    columns.status[i] = answer.ok ? batchStatus.ok : reasonStatus[answer.reason];
    if (answer.ok) columns.impliedVolatility[i] = answer.volatility;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}
