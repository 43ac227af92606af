/** Columns of options in, columns of results out, by each engine of a batch: the same module in Node, a page and a worker. */
import { createBatch } from '../../../src/pricing/batch/index.js';
import type { BatchModel } from '../../../src/pricing/batch/index.js';
import { GREEK_NAMES } from '../../../src/pricing/batch/columns.js';

export interface Columns {
  isCall: number[];
  spot: number[];
  strike: number[];
  timeToExpiry: number[];
  volatility: number[];
  rate: number[];
  dividendYield: number[];
}

export const MODELS: readonly BatchModel[] = ['black-scholes', 'black76', 'bachelier', 'displaced', 'inverse'];
export const BACKENDS = ['simd', 'scalar'] as const;

/** The bits of every price, Greek and implied volatility by model and engine, as text: numbers lose the sign of a zero on their way. */
export function resultBits(columns: Columns): Record<string, string> {
  const results: Record<string, string> = {};
  for (const model of MODELS) {
    for (const backend of BACKENDS) {
      const batch = createBatch(columns.spot.length, { model, backend });
      for (const name of Object.keys(columns) as (keyof Columns)[]) batch[name].set(columns[name]);
      batch.greeks(GREEK_NAMES);
      for (const name of GREEK_NAMES) results[`${model} ${backend} ${name}`] = bits(batch.out[name]!);
      batch.marketPrice.set(batch.out.price!);
      batch.impliedVolatility();
      results[`${model} ${backend} implied volatility`] = bits(batch.out.impliedVolatility!);
      results[`${model} ${backend} status`] = [...batch.status].join(' ');
      batch.dispose();
    }
  }
  return results;
}

function bits(values: Float64Array): string {
  const words = new BigUint64Array(Float64Array.from(values).buffer);
  // A NaN is one whatever its payload.
  return Array.from(words, (word, i) => (Number.isNaN(values[i]) ? 'NaN' : word.toString(16))).join(' ');
}
