/**
 * What a batch and a chain batch have in common: one memory, its columns, the kernel that works on it or the scalar twin, and the
 * three things they compute. Both give the same bits.
 */
import { requireArray, requireFinite, requireObject, requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { GreekName } from '../greeks.js';
import { bytesFor, capacityFor, GREEK_NAMES, viewColumns, type Columns } from './columns.js';
import { createKernel } from './kernel.js';
import { BATCH_MODELS, modelRows, type BatchModel } from './model.js';
import { PRICE_ONLY } from './rows.js';
import type { SharedRequest, SharedTable } from './shared.js';
import { evaluateStorage, solveStorage, type Storage } from './storage.js';

export type BatchBackend = 'auto' | 'simd' | 'scalar';

/** The columns computed so far. */
export type BatchOutputs = { readonly [N in GreekName]?: Float64Array } & {
  readonly impliedVolatility?: Float64Array;
};

export interface TableOptions {
  model?: BatchModel | undefined;
  backend?: BatchBackend | undefined;
  shared?: boolean | undefined;
  shift?: number | undefined;
}

export interface Table {
  readonly length: number;
  readonly backend: 'simd' | 'scalar';
  readonly columns: Columns;
  readonly out: BatchOutputs;
  readonly price: () => void;
  readonly greeks: (names: readonly GreekName[]) => void;
  readonly impliedVolatility: () => void;
  readonly resize: (length: number) => void;
  readonly dispose: () => void;
  /** What other threads need to compute its rows. Throws an InputError where the memory is not shared. */
  readonly share: () => SharedTable;
  /** Makes columns that other threads have computed outputs. Throws an InputError where they are of before a resize. */
  readonly adopt: (table: SharedTable, request: SharedRequest) => void;
}

/** A bit for each Greek. Throws an InputError for a name that is none. */
export function wantedGreeks(names: readonly GreekName[]): number {
  let wanted = 0;
  requireArray('names', names);
  for (const name of names) wanted |= 1 << GREEK_NAMES.indexOf(requireOneOf('names', name, GREEK_NAMES));
  return wanted;
}

const BACKENDS: readonly BatchBackend[] = ['auto', 'simd', 'scalar'];
/** Shorter batches are not worth a memory and an instance of their own, though the kernel is faster from four rows on. */
const LEAST_SIMD_LENGTH = 16;

/** `chain` are the inputs in common, of one element each; undefined in a batch. */
export function openTable(
  length: number,
  options: TableOptions | undefined,
  chain: readonly Float64Array[] | undefined,
): Table {
  if (options !== undefined) requireObject('options', options);
  const modelName = requireOneOf('model', options?.model ?? 'black-scholes', BATCH_MODELS);
  const backend = requireOneOf('backend', options?.backend ?? 'auto', BACKENDS);
  const shift = requireFinite('shift', options?.shift ?? 0);
  if (shift !== 0 && modelName !== 'displaced') {
    throw new InputError('shift', shift, 'left out unless the model is displaced');
  }
  const isShared = options?.shared ?? false;
  if (isShared && typeof SharedArrayBuffer === 'undefined') {
    throw new InputError('shared', true, 'left out where the engine has no SharedArrayBuffer');
  }
  const model = modelRows[modelName];
  const isChain = chain !== undefined;
  let outputs: Partial<Record<GreekName | 'impliedVolatility', Float64Array>> = {};
  let rows = 0;
  let storage: Storage | undefined = openStorage(length);

  function openStorage(count: number): Storage {
    const capacity = capacityFor(count, isChain, isShared);
    const bytes = bytesFor(capacity, isChain, isShared);
    const isTried = backend === 'simd' || (backend === 'auto' && count >= LEAST_SIMD_LENGTH);
    const kernel = isTried ? createKernel(modelName, isChain, bytes, isShared) : undefined;
    if (kernel === undefined && backend === 'simd') {
      throw new InputError('backend', backend, "'auto' or 'scalar' where the engine refuses WebAssembly or its memory");
    }
    const buffer = kernel?.memory.buffer ?? allocate(bytes, isShared, count);
    rows = count;
    return { kernel, columns: viewColumns(buffer, isShared, capacity, count, chain) };
  }

  function open(): Storage {
    if (storage === undefined) throw new InputError('batch', 'disposed', 'open');
    return storage;
  }

  function evaluate(wanted: number): void {
    evaluateStorage(open(), model, shift, wanted, 0, rows);
    showGreeks(wanted);
  }

  function showGreeks(wanted: number): void {
    const { greeks } = open().columns;
    for (let n = 0; n < GREEK_NAMES.length; n++) if ((wanted >>> n) & 1) outputs[GREEK_NAMES[n]!] = greeks[n]!;
  }

  return {
    get length() {
      return rows;
    },
    get backend() {
      return open().kernel === undefined ? 'scalar' : 'simd';
    },
    get columns() {
      return open().columns;
    },
    get out() {
      open();
      return outputs;
    },
    price() {
      evaluate(PRICE_ONLY);
    },
    greeks(names) {
      const wanted = wantedGreeks(names);
      if (wanted !== 0) evaluate(wanted);
    },
    impliedVolatility() {
      solveStorage(open(), model, shift, 0, rows);
      outputs.impliedVolatility = open().columns.impliedVolatility;
    },
    resize(count) {
      const before = open().columns;
      const after = openStorage(count);
      copyColumns(before, after.columns);
      storage = after;
      for (const [n, name] of GREEK_NAMES.entries())
        if (outputs[name] !== undefined) outputs[name] = after.columns.greeks[n]!;
      if (outputs.impliedVolatility !== undefined) outputs.impliedVolatility = after.columns.impliedVolatility;
    },
    dispose() {
      storage = undefined;
      rows = 0;
      outputs = {};
    },
    share() {
      const { columns, kernel } = open();
      if (!isShared) throw new InputError('shared', false, 'true: the batch lies in the memory of one thread');
      const memory = kernel?.memory ?? { buffer: columns.status.buffer };
      const { capacity } = columns;
      return { memory, hasKernel: kernel !== undefined, model: modelName, shift, capacity, length: rows };
    },
    adopt({ memory }, request) {
      const { columns } = open();
      if (columns.status.buffer !== memory.buffer) {
        throw new InputError('length', rows, 'left as it was while threads work on the batch');
      }
      if (request === 'impliedVolatility') outputs.impliedVolatility = columns.impliedVolatility;
      else showGreeks(request);
    },
  };
}

function allocate(bytes: number, isShared: boolean, length: number): ArrayBufferLike {
  try {
    return isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  } catch {
    throw new InputError('length', length, `so that the engine can allocate ${bytes} bytes`);
  }
}

/** As many rows as both have. */
function copyColumns(from: Columns, to: Columns): void {
  const count = Math.min(from.strike.length, to.strike.length);
  const copy = (source: Float64Array, target: Float64Array): void => {
    if (source !== target) target.set(source.subarray(0, count));
  };
  copy(from.strike, to.strike);
  copy(from.volatility, to.volatility);
  copy(from.marketPrice, to.marketPrice);
  copy(from.spot, to.spot);
  copy(from.timeToExpiry, to.timeToExpiry);
  copy(from.rate, to.rate);
  copy(from.dividendYield, to.dividendYield);
  from.greeks.forEach((column, n) => {
    copy(column, to.greeks[n]!);
  });
  copy(from.impliedVolatility, to.impliedVolatility);
  to.isCall.set(from.isCall.subarray(0, count));
  to.status.set(from.status.subarray(0, count));
}
