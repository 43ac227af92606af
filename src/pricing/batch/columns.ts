/**
 * The memory of a batch: columns of equal length one after the other, doubles first, then two columns of bytes.
 *
 *   reserved for the kernel | column 0 | column 1 | ... | isCall | status
 *
 * The length of a column is a multiple of four rows, so the kernel treats a tail like any other rows. Reserved are a page for constants
 * and the scratch of one thread, and where the memory is shared scratch for others beside it: what was never written to is not taken.
 */
import { InputError } from '../../errors.js';
import type { GreekName } from '../greeks.js';

/** In the order of the results of formulas/black.ts. */
export const GREEK_NAMES: readonly GreekName[] = [
  'price',
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'dividendRho',
  'vanna',
  'volga',
  'charm',
  'veta',
  'speed',
  'zomma',
  'color',
  'ultima',
  'dualDelta',
  'dualGamma',
];

/** The inputs that every row has for itself; the marketPrice comes with the implied volatility. */
export const ROW_INPUTS = ['strike', 'volatility', 'marketPrice'] as const;
/** The inputs that a chain has in common. */
export const SHARED_INPUTS = ['spot', 'timeToExpiry', 'rate', 'dividendYield'] as const;

/** The first page: the kernel's constants from its beginning, then the scratch of the thread that owns the batch. */
const FIRST_PAGE = 65536;
/** Where that scratch lies. */
export const OWN_SCRATCH = 16384;
/** What assembly/rows.ts needs of it. */
const SCRATCH_BYTES = 24576;
/** Threads that may work on a shared memory beside its owner. */
export const SCRATCHES = 64;
/** A 32-bit word for each: 1 while it is in use. */
export const SCRATCH_FLAGS = FIRST_PAGE - 4 * SCRATCHES;
const MAXIMUM_BYTES = 2 ** 32;
const ROWS_AT_ONCE = 4;

/** Where the scratch of a thread beside the owner lies. */
export function scratchAddress(place: number): number {
  return FIRST_PAGE + place * SCRATCH_BYTES;
}

function reservedBytes(isShared: boolean): number {
  return isShared ? scratchAddress(SCRATCHES) : FIRST_PAGE;
}

/** Columns of doubles: a batch has all inputs, a chain those of its rows; then the Greeks, then the implied volatility. */
export function columnCount(isChain: boolean): number {
  return ROW_INPUTS.length + (isChain ? 0 : SHARED_INPUTS.length) + GREEK_NAMES.length + 1;
}

/** Bytes of one row: 202 in a batch, 170 in a chain. */
export function bytesPerRow(isChain: boolean): number {
  return 8 * columnCount(isChain) + 2;
}

/** The rows that 4 GiB, the most a kernel can address, have room for. */
export function maximumLength(isChain: boolean, isShared: boolean): number {
  const rows = Math.floor((MAXIMUM_BYTES - reservedBytes(isShared)) / bytesPerRow(isChain));
  return rows - (rows % ROWS_AT_ONCE);
}

/** Rows a column of this length has room for. Throws an InputError where that is no length, or more than 4 GiB. */
export function capacityFor(length: number, isChain: boolean, isShared: boolean): number {
  const limit = maximumLength(isChain, isShared);
  if (!(Number.isInteger(length) && length >= 0 && length <= limit)) {
    throw new InputError('length', length, `a whole number from 0 to ${limit}, the rows that 4 GiB hold`);
  }
  return Math.ceil(length / ROWS_AT_ONCE) * ROWS_AT_ONCE;
}

/** Bytes for this many rows, what is reserved included. */
export function bytesFor(capacity: number, isChain: boolean, isShared: boolean): number {
  return reservedBytes(isShared) + capacity * bytesPerRow(isChain);
}

/** All columns of a batch as views of its memory, and where the kernel finds them. */
export interface Columns {
  isCall: Uint8Array;
  status: Uint8Array;
  /** One element, the same for all rows, in a chain. */
  spot: Float64Array;
  timeToExpiry: Float64Array;
  rate: Float64Array;
  dividendYield: Float64Array;
  strike: Float64Array;
  volatility: Float64Array;
  marketPrice: Float64Array;
  greeks: readonly Float64Array[];
  impliedVolatility: Float64Array;
  /** -1, or 0 in a chain: row & mask is the place of a row in the inputs that a chain shares. */
  sharedMask: number;
  capacity: number;
}

/** Views of `length` rows; `chain` are the four inputs of one. */
export function viewColumns(
  buffer: ArrayBufferLike,
  isShared: boolean,
  capacity: number,
  length: number,
  chain: readonly Float64Array[] | undefined,
): Columns {
  const stride = 8 * capacity;
  let at = reservedBytes(isShared);
  const next = (): Float64Array => {
    const view = new Float64Array(buffer, at, length);
    at += stride;
    return view;
  };
  const [strike, volatility, marketPrice] = [next(), next(), next()];
  const [spot, timeToExpiry, rate, dividendYield] = chain ?? [next(), next(), next(), next()];
  const greeks = GREEK_NAMES.map(next);
  const impliedVolatility = next();
  return {
    strike,
    volatility,
    marketPrice,
    spot: spot!,
    timeToExpiry: timeToExpiry!,
    rate: rate!,
    dividendYield: dividendYield!,
    greeks,
    impliedVolatility,
    isCall: new Uint8Array(buffer, at, length),
    status: new Uint8Array(buffer, at + capacity, length),
    sharedMask: chain === undefined ? -1 : 0,
    capacity,
  };
}
