/**
 * Options by columns: inputs are written into typed arrays, and prices, Greeks and implied volatilities of all rows come back in
 * others, without allocation and without copies. European models, the formulas and conventions of the scalar API.
 *
 * One memory holds all columns of a batch (202 bytes a row; pages never written to are not taken), so another batch's growth leaves
 * it alone. Ordinary rows are computed two at a time in WebAssembly, or by a scalar twin that gives the same bits; results depend
 * neither on the length of the batch nor on the place of a row in it.
 */
import { InputError } from '../../errors.js';
import type { GreekName } from '../greeks.js';
import type { BatchModel } from './model.js';
import { openTable, type BatchBackend, type BatchOutputs, type Table } from './table.js';

export interface Batch {
  readonly length: number;
  /** What computes: the kernel or its scalar twin. */
  readonly backend: 'simd' | 'scalar';
  /** 0 for a put, anything else for a call. */
  readonly isCall: Uint8Array;
  /** Spot, or the forward in forward models. */
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  /** Years. */
  readonly timeToExpiry: Float64Array;
  /** Per square root of a year; in price units for Bachelier. */
  readonly volatility: Float64Array;
  /** Continuously compounded; -ln(DF)/T in forward models, of the coin discount factor for inverse options. */
  readonly rate: Float64Array;
  /** Continuously compounded; equal to the rate in forward models, which do not read it. */
  readonly dividendYield: Float64Array;
  /** The input of impliedVolatility(): discounted, in coin for inverse options. */
  readonly marketPrice: Float64Array;
  /** The columns computed so far, by name; units as in {@link Greeks}, the coin ledger for inverse options. */
  readonly out: BatchOutputs;
  /** What became of each row in the last call: {@link batchStatus}. */
  readonly status: Uint8Array;
  /** The value of every row, into out.price. */
  price(): void;
  /** The named fields of {@link Greeks} of every row. Throws an InputError for a name that is none. */
  greeks(names: readonly GreekName[]): void;
  /** The volatility at which each row is worth its marketPrice, into out.impliedVolatility. */
  impliedVolatility(): void;
  /** Other length, rows kept as far as both reach, further ones 0. Columns must be taken anew: earlier ones are no longer read. */
  resize(length: number): void;
  /** Lets the memory go. Whatever is asked of the batch afterwards throws an InputError. */
  dispose(): void;
}

export interface BatchOptions {
  /** 'black-scholes' where missing. */
  model?: BatchModel | undefined;
  /** 'auto', the kernel from 16 rows on where the engine has it, where missing; 'simd' insists. */
  backend?: BatchBackend | undefined;
  /** Columns on shared memory, which threads compute where it lies (priceBatch of zomma/parallel); in browsers that needs cross-origin isolation. */
  shared?: boolean | undefined;
  /** Displaced model: added to every forward and strike; 0 where missing, when the columns hold the shifted ones. */
  shift?: number | undefined;
}

/**
 * A batch of `length` rows, all 0. Never throws on a row: a bad one gets NaN in the columns asked for and a code in `status`.
 * Throws an InputError for a length that is no whole number from 0 to 21 million (4 GiB), a model or backend that is none, and
 * a backend the engine does not have.
 */
export function createBatch(length: number, options?: BatchOptions): Batch {
  const table = openTable(length, options, undefined);
  const batch: Batch = {
    get length() {
      return table.length;
    },
    get backend() {
      return table.backend;
    },
    get isCall() {
      return table.columns.isCall;
    },
    get spot() {
      return table.columns.spot;
    },
    get strike() {
      return table.columns.strike;
    },
    get timeToExpiry() {
      return table.columns.timeToExpiry;
    },
    get volatility() {
      return table.columns.volatility;
    },
    get rate() {
      return table.columns.rate;
    },
    get dividendYield() {
      return table.columns.dividendYield;
    },
    get marketPrice() {
      return table.columns.marketPrice;
    },
    get out() {
      return table.out;
    },
    get status() {
      return table.columns.status;
    },
    price: table.price,
    greeks: table.greeks,
    impliedVolatility: table.impliedVolatility,
    resize: table.resize,
    dispose: table.dispose,
  };
  tables.set(batch, table);
  return batch;
}

const tables = new WeakMap<Batch, Table>();

/** What is behind a batch: what threads need to compute it. Throws an InputError for what createBatch has not made. */
export function tableOf(batch: Batch): Table {
  const table = tables.get(batch);
  if (table === undefined) throw new InputError('batch', batch, 'what createBatch gives');
  return table;
}
