/** The kernel in a page and in a worker of it, and columns priced by Web Workers over shared memory. */
import { inline, priceColumns, threads } from '../../../src/parallel/browser.js';
import { createBatch } from '../../../src/pricing/batch/index.js';
import { GREEK_NAMES } from '../../../src/pricing/batch/columns.js';
import { resultBits } from './columns.js';
import type { Columns } from './columns.js';

/** Before the module ends: no promise has been waited for. */
const loaded = createBatch(100).backend;

async function inWorker(columns: Columns): Promise<Record<string, string>> {
  const worker = new Worker(new URL('./kernel-worker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Record<string, string>>) => {
        resolve(data);
      };
      worker.onerror = ({ message }) => {
        reject(new Error(message));
      };
      worker.postMessage(columns);
    });
  } finally {
    worker.terminate();
  }
}

function shared(values: readonly number[]): Float64Array {
  const column = new Float64Array(new SharedArrayBuffer(8 * values.length));
  column.set(values);
  return column;
}

/** Names of the outputs of the workers that are not, byte by byte, those of this thread. */
async function differences({ isCall, ...columns }: Columns): Promise<string[]> {
  const calls = new Uint8Array(new SharedArrayBuffer(isCall.length));
  calls.set(isCall);
  const input = {
    isCall: calls,
    spot: shared(columns.spot),
    strike: shared(columns.strike),
    timeToExpiry: shared(columns.timeToExpiry),
    volatility: shared(columns.volatility),
    rate: shared(columns.rate),
    dividendYield: shared(columns.dividendYield),
  };
  const here = await priceColumns(input, GREEK_NAMES, { executor: inline(), chunk: 100 });
  const executor = await threads({ threads: 2 });
  try {
    const there = await priceColumns(input, GREEK_NAMES, { executor, chunk: 37 });
    return [...GREEK_NAMES, 'status' as const].filter((name) => {
      const [a, b] = [here[name]!, there[name]!].map((column) => new Uint8Array(column.slice().buffer));
      return a!.length !== b!.length || a!.some((byte, i) => byte !== b![i]);
    });
  } finally {
    await executor.close();
  }
}

const kernel = { loaded, resultBits, inWorker, differences };

declare global {
  var kernelPage: typeof kernel;
}

globalThis.kernelPage = kernel;
