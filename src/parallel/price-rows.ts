/**
 * Prices, Greeks and implied volatilities of rows `from` to `to` of columns that lie outside any batch: a batch of the thread's own,
 * reused from call to call, is filled, computed and copied out. The kernel's result of a row depends on nothing but the row, so rows
 * come out the same however they are cut.
 */
import { createBatch } from '../pricing/batch/batch.js';
import type { Batch } from '../pricing/batch/batch.js';
import type { BatchModel } from '../pricing/batch/model.js';
import type { GreekName } from '../pricing/greeks.js';

/** Inputs by column, all of one length. */
export interface OptionColumns {
  /** 0 for a put, anything else for a call. */
  isCall: Uint8Array;
  /** Forwards in forward models. */
  spot: Float64Array;
  strike: Float64Array;
  timeToExpiry: Float64Array;
  /** Not read by 'impliedVolatility'. */
  volatility?: Float64Array | undefined;
  rate?: Float64Array | undefined;
  dividendYield?: Float64Array | undefined;
  /** Read by 'impliedVolatility' alone. */
  marketPrice?: Float64Array | undefined;
}

/** Columns to write, each of the length of the inputs. */
export type OutputColumns = { [Name in GreekName | 'impliedVolatility']?: Float64Array | undefined } & {
  status: Uint8Array;
};

export interface RowsRequest {
  model: BatchModel;
  input: OptionColumns;
  output: OutputColumns;
  from: number;
  to: number;
}

/** One a model: growing it is dearer than keeping it. */
const batches = new Map<BatchModel, Batch>();

const INPUTS = [
  'isCall',
  'spot',
  'strike',
  'timeToExpiry',
  'volatility',
  'rate',
  'dividendYield',
  'marketPrice',
] as const;

export function computeRows({ model, input, output, from, to }: RowsRequest): void {
  const length = to - from;
  let batch = batches.get(model);
  if (batch === undefined) batches.set(model, (batch = createBatch(length, { model })));
  else if (batch.length !== length) batch.resize(length);
  for (const name of INPUTS) {
    const source = input[name];
    if (source === undefined) batch[name].fill(0);
    else batch[name].set(source.subarray(from, to));
  }
  const { status, impliedVolatility, ...greeks } = output;
  if (impliedVolatility !== undefined) {
    batch.impliedVolatility();
    impliedVolatility.set(batch.out.impliedVolatility!, from);
  } else {
    const names = (Object.keys(greeks) as GreekName[]).filter((name) => greeks[name] !== undefined);
    if (names.length === 1 && names[0] === 'price') batch.price();
    else batch.greeks(names);
    for (const name of names) greeks[name]!.set(batch.out[name]!, from);
  }
  status.set(batch.status, from);
}
