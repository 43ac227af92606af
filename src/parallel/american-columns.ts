/** Columns of American options priced by an executor in chunks; columns on a SharedArrayBuffer are read and written where they are. */
import { requireOneOf } from '../check.js';
import { InputError } from '../errors.js';
import { AMERICAN_GREEKS } from '../pricing/american/rows.js';
import type { AmericanColumns, AmericanGreekName, AmericanOutput } from '../pricing/american/rows.js';
import type { Accuracy } from '../pricing/american.js';
import type { Executor, RunOptions } from './executor.js';
import { inline } from './inline.js';

export type { AmericanColumns, AmericanGreekName, AmericanOutput } from '../pricing/american/rows.js';

/** What to compute: fields of AmericanGreeks, or the volatility behind `marketPrice`. */
export type AmericanRequest = readonly AmericanGreekName[] | 'impliedVolatility';

export interface AmericanColumnsOptions extends RunOptions {
  /** 'default' where missing. */
  accuracy?: Accuracy | undefined;
  executor?: Executor | undefined;
  /** Rows a piece. */
  chunk?: number | undefined;
}

const ACCURACIES: readonly Accuracy[] = ['fast', 'default', 'accurate'];
const COLUMNS = [
  'isCall',
  'spot',
  'strike',
  'timeToExpiry',
  'volatility',
  'rate',
  'dividendYield',
  'marketPrice',
] as const;
/** Rows that take some ten milliseconds with `default`: progress and cancellation are felt. */
const CHUNK = 512;

/**
 * The columns asked for, on shared memory where threads write them. Bad rows hold NaN and a code in `status` (batchStatus); rows are
 * the same bytes however they are cut, inline and in threads. Throws InputError where lengths differ, a column the request needs is
 * missing, or a name is no Greek of the engine.
 */
export async function americanColumns(
  input: AmericanColumns,
  request: AmericanRequest,
  options: AmericanColumnsOptions = {},
): Promise<AmericanOutput> {
  const length = requireColumns(input, request);
  const { executor = inline(), chunk = CHUNK, accuracy = 'default', ...run } = options;
  requireOneOf('accuracy', accuracy, ACCURACIES);
  if (!(Number.isInteger(chunk) && chunk >= 1)) throw new InputError('chunk', chunk, 'a whole number of at least 1');
  const shared = executor.kind === 'threads';
  if (executor.kind === 'queue' || (shared && typeof SharedArrayBuffer === 'undefined')) {
    throw new InputError('executor', executor.kind, "'inline' where memory is not shared");
  }
  const columns = shared ? sharedColumns(input) : input;
  const names = request === 'impliedVolatility' ? (['impliedVolatility'] as const) : request;
  const output: AmericanOutput = { status: new Uint8Array(bufferOf(length, shared)) };
  for (const name of names) output[name] = new Float64Array(bufferOf(8 * length, shared));
  const pieces = Array.from({ length: Math.ceil(length / chunk) }, (_, i) => ({
    input: columns,
    output,
    from: i * chunk,
    to: Math.min((i + 1) * chunk, length),
    accuracy,
  }));
  await executor.map('computeAmericanRows', pieces, run);
  return output;
}

function bufferOf(bytes: number, shared: boolean): ArrayBuffer {
  // Typed arrays take either kind; so does everything that reads them here.
  return shared ? (new SharedArrayBuffer(bytes) as unknown as ArrayBuffer) : new ArrayBuffer(bytes);
}

/** Columns that are not shared yet, copied once to memory that is. */
function sharedColumns(input: AmericanColumns): AmericanColumns {
  const shared: AmericanColumns = { ...input };
  for (const name of COLUMNS) {
    const column = input[name];
    if (column === undefined || (column.buffer as unknown) instanceof SharedArrayBuffer) continue;
    const memory = bufferOf(column.byteLength, true);
    if (name === 'isCall') shared.isCall = new Uint8Array(memory);
    else shared[name] = new Float64Array(memory);
    shared[name]!.set(column);
  }
  return shared;
}

function requireColumns(input: AmericanColumns, request: AmericanRequest): number {
  if (request !== 'impliedVolatility') {
    if (request.length === 0) throw new InputError('request', request, 'at least one Greek');
    for (const name of request) requireOneOf('request', name, AMERICAN_GREEKS);
  }
  const needed = request === 'impliedVolatility' ? 'marketPrice' : 'volatility';
  for (const name of ['isCall', 'spot', 'strike', 'timeToExpiry', needed] as const) {
    if (input[name] === undefined) throw new InputError(name, undefined, 'a column');
  }
  const { length } = input.isCall;
  for (const name of COLUMNS) {
    const column = input[name];
    if (column !== undefined && column.length !== length) {
      throw new InputError(`${name}.length`, column.length, `that of isCall, ${length}`);
    }
  }
  return length;
}
