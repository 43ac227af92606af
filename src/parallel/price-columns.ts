/** Columns of options priced by an executor in chunks; columns on a SharedArrayBuffer are read and written where they are. */
import { InputError } from '../errors.js';
import type { BatchModel } from '../pricing/batch/model.js';
import type { GreekName } from '../pricing/greeks.js';
import { COPIED_CHUNK } from './chunk.js';
import type { Executor, RunOptions } from './executor.js';
import { inline } from './inline.js';
import { computeRows } from './price-rows.js';
import type { OptionColumns, OutputColumns } from './price-rows.js';

export interface PriceColumnsOptions extends RunOptions {
  /** 'black-scholes' where missing. */
  model?: BatchModel | undefined;
  executor?: Executor | undefined;
  /** Rows a piece. */
  chunk?: number | undefined;
}

/** What to compute: fields of Greeks, or the volatility behind `marketPrice`. */
export type ColumnRequest = readonly GreekName[] | 'impliedVolatility';

/**
 * The columns asked for, on shared memory where the environment has it. Bad rows hold NaN and a code in `status` (batchStatus).
 * Throws InputError where lengths differ, a column the request needs is missing, or a name is no Greek.
 */
export async function priceColumns(
  input: OptionColumns,
  request: ColumnRequest,
  options: PriceColumnsOptions = {},
): Promise<OutputColumns> {
  const length = requireColumns(input, request);
  const { model = 'black-scholes', executor = inline(), chunk = COPIED_CHUNK, ...run } = options;
  if (!(Number.isInteger(chunk) && chunk >= 1)) throw new InputError('chunk', chunk, 'a whole number of at least 1');
  const shared = executor.kind === 'threads';
  if (shared && typeof SharedArrayBuffer === 'undefined') {
    throw new InputError(
      'executor',
      executor.kind,
      "'inline' where shared memory is not allowed: the page is not cross-origin isolated",
    );
  }
  const columns = shared ? sharedInput(input) : input;
  const output: OutputColumns = { status: new Uint8Array(bufferOf(length, shared)) };
  for (const name of request === 'impliedVolatility' ? (['impliedVolatility'] as const) : request) {
    output[name] = new Float64Array(bufferOf(8 * length, shared));
  }
  const pieces = Array.from({ length: Math.ceil(length / chunk) }, (_, i) => ({
    model,
    input: columns,
    output,
    from: i * chunk,
    to: Math.min((i + 1) * chunk, length),
  }));
  // A name or model that is none is the caller's mistake, not a worker's.
  computeRows({ model, input: columns, output, from: 0, to: 0 });
  await executor.map('computeRows', pieces, run);
  return output;
}

function bufferOf(bytes: number, shared: boolean): ArrayBuffer {
  // Typed arrays take either kind; so does everything that reads them here.
  return shared ? (new SharedArrayBuffer(bytes) as unknown as ArrayBuffer) : new ArrayBuffer(bytes);
}

/** Columns that are not shared yet, copied once to memory that is. */
function sharedInput(input: OptionColumns): OptionColumns {
  const copied = Object.entries(input as unknown as Record<string, Float64Array | Uint8Array | undefined>).map(
    ([name, column]) => {
      if (column === undefined || (column.buffer as unknown) instanceof SharedArrayBuffer) return [name, column];
      const memory = bufferOf(column.byteLength, true);
      const copy = column instanceof Uint8Array ? new Uint8Array(memory) : new Float64Array(memory);
      copy.set(column);
      return [name, copy];
    },
  );
  return Object.fromEntries(copied) as OptionColumns;
}

function requireColumns(input: OptionColumns, request: ColumnRequest): number {
  if (request !== 'impliedVolatility') {
    if (request.length === 0) throw new InputError('request', request, 'at least one Greek');
  }
  const needed = ['isCall', 'spot', 'strike', 'timeToExpiry'] as const;
  const last = request === 'impliedVolatility' ? 'marketPrice' : 'volatility';
  const length = input.isCall.length;
  for (const name of [...needed, last] as const) {
    if (input[name] === undefined) throw new InputError(name, undefined, 'a column');
  }
  for (const [name, column] of Object.entries(input as unknown as Record<string, Float64Array | undefined>)) {
    if (column !== undefined && column.length !== length) {
      throw new InputError(`${name}.length`, column.length, `that of isCall, ${length}`);
    }
  }
  return length;
}
