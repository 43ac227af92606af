/**
 * The WebAssembly kernel: compiled on first use, one instance with a memory of its own for each batch. Everything is synchronous
 * and embedded; where the engine refuses (a content-security policy, no 128-bit SIMD, a browser's limit on synchronous modules,
 * no room) there is no kernel, and the scalar twin takes over with the same results.
 */
import type { Columns } from './columns.js';
import { KERNEL_BINARY, MEMORY_FLAGS } from './kernel-binary.js';
import type { BatchModel } from './model.js';

export interface Kernel {
  buffer: ArrayBufferLike;
  /** Price or Greeks of all rows; rows that are not ordinary are left pending. */
  evaluate(columns: Columns, shift: number, wanted: number): void;
  /** The implied volatility of all rows, likewise. */
  solve(columns: Columns, shift: number): void;
}

/** Rows from `first` to before `end`: addresses of the columns, the Greeks wanted, the shift, and what a chain shares. */
type Loop = (
  first: number,
  end: number,
  columns: number,
  stride: number,
  isCall: number,
  status: number,
  wanted: number,
  shift: number,
  spot: number,
  timeToExpiry: number,
  rate: number,
  dividendYield: number,
) => void;

/** What is used of the engine's WebAssembly, where it has it. */
interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Memory: new (size: { initial: number; maximum: number; shared: boolean }) => { buffer: ArrayBufferLike };
  Instance: new (module: object, imports: object) => { exports: unknown };
}

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;
/** Rows of a block of questions, for which assembly/rows.ts has scratch. */
const BLOCK = 512;
/** The memory's flags in a module: with a maximum, and shared. */
const SHARED = 3;

const NAMES: Readonly<Record<BatchModel, string>> = {
  'black-scholes': 'BlackScholes',
  black76: 'Black76',
  displaced: 'Black76',
  bachelier: 'Bachelier',
  inverse: 'Inverse',
};

/** Compiled modules, null where the engine refused. */
const modules: { own?: object | null; shared?: object | null } = {};

function engine(): Engine | undefined {
  return (globalThis as { WebAssembly?: Engine }).WebAssembly;
}

function compile(isShared: boolean): object | null {
  const webAssembly = engine();
  if (webAssembly === undefined) return null;
  try {
    const text = atob(KERNEL_BINARY);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    if (isShared) bytes[MEMORY_FLAGS] = SHARED;
    return new webAssembly.Module(bytes);
  } catch {
    return null;
  }
}

/** An instance for a model, with a memory of at least `bytes`; undefined where the engine refuses one. */
export function instantiateKernel(
  model: BatchModel,
  isChain: boolean,
  bytes: number,
  isShared: boolean,
): Kernel | undefined {
  const key = isShared ? 'shared' : 'own';
  let module = modules[key];
  if (module === undefined) modules[key] = module = compile(isShared);
  const webAssembly = engine();
  if (module === null || webAssembly === undefined) return undefined;
  try {
    const initial = Math.ceil(bytes / PAGE);
    const memory = new webAssembly.Memory({ initial, maximum: MAXIMUM_PAGES, shared: isShared });
    const { exports } = new webAssembly.Instance(module, { env: { memory } });
    return openKernel(exports as Record<string, Loop>, model, isChain ? 'Chain' : '', memory.buffer);
  } catch {
    return undefined;
  }
}

function openKernel(
  loops: Readonly<Record<string, Loop>>,
  model: BatchModel,
  form: '' | 'Chain',
  buffer: ArrayBufferLike,
): Kernel {
  const evaluateLoop = loops[`evaluate${NAMES[model]}${form}`]!;
  const questionLoop = loops[`question${NAMES[model]}${form}`]!;
  const finishLoop = loops[`finish${form}`]!;
  const kinds = model === 'bachelier' ? ['Bachelier'] : ['Lower', 'Middle', 'Upper'];
  const answers = kinds.map((kind) => loops[`answer${kind}`] as unknown as () => void);

  function run(loop: Loop, first: number, end: number, columns: Columns, shift: number, wanted: number): void {
    const { strike, isCall, status, capacity, spot, timeToExpiry, rate, dividendYield } = columns;
    loop(
      first,
      end,
      strike.byteOffset,
      8 * capacity,
      isCall.byteOffset,
      status.byteOffset,
      wanted,
      shift,
      // Read by the loops of chains only.
      spot[0]!,
      timeToExpiry[0]!,
      rate[0]!,
      dividendYield[0]!,
    );
  }

  return {
    buffer,
    evaluate(columns, shift, wanted) {
      const { length } = columns.strike;
      if (length > 0) run(evaluateLoop, 0, length, columns, shift, wanted);
    },
    solve(columns, shift) {
      const { length } = columns.strike;
      for (let first = 0; first < length; first += BLOCK) {
        const end = Math.min(first + BLOCK, length);
        run(questionLoop, first, end, columns, shift, 0);
        for (const answer of answers) answer();
        run(finishLoop, first, end, columns, shift, 0);
      }
    },
  };
}
