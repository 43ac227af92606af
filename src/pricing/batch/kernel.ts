/**
 * The WebAssembly kernel: compiled on first use, one instance with a memory of its own for each batch. Everything is synchronous
 * and embedded; where the engine refuses (a content-security policy, no 128-bit SIMD, a browser's limit on synchronous modules,
 * no room) there is no kernel, and the scalar twin takes over with the same results.
 */
import { OWN_SCRATCH, type Columns } from './columns.js';
import { KERNEL_BINARY, MEMORY_FLAGS } from './kernel-binary.js';
import type { BatchModel } from './model.js';

/** A WebAssembly.Memory. */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike;
}

export interface Kernel {
  memory: KernelMemory;
  /** Price or Greeks of the rows from `first` to before `end`; rows that are not ordinary are left pending. */
  evaluate(columns: Columns, shift: number, wanted: number, first: number, end: number): void;
  /** Their implied volatility, likewise. */
  solve(columns: Columns, shift: number, first: number, end: number): void;
}

/** Rows from `first` to before `end`: addresses of scratch and columns, the Greeks wanted, the shift, and what a chain shares. */
type Loop = (
  first: number,
  end: number,
  scratch: number,
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
  Memory: new (size: { initial: number; maximum: number; shared: boolean }) => KernelMemory;
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

function moduleFor(isShared: boolean): object | null {
  const key = isShared ? 'shared' : 'own';
  return (modules[key] ??= compile(isShared));
}

/** An instance for a model, with a memory of at least `bytes`; undefined where the engine refuses one. */
export function createKernel(
  model: BatchModel,
  isChain: boolean,
  bytes: number,
  isShared: boolean,
): Kernel | undefined {
  const webAssembly = engine();
  if (webAssembly === undefined || moduleFor(isShared) === null) return undefined;
  try {
    const initial = Math.ceil(bytes / PAGE);
    const memory = new webAssembly.Memory({ initial, maximum: MAXIMUM_PAGES, shared: isShared });
    return openKernel(model, isChain ? 'Chain' : '', isShared, memory, OWN_SCRATCH);
  } catch {
    return undefined;
  }
}

/**
 * An instance on the shared memory of a batch that another thread made; undefined where the engine refuses one. It writes the constants once more,
 * the same bytes to the same places.
 */
export function attachKernel(model: BatchModel, memory: KernelMemory, scratch: number): Kernel | undefined {
  try {
    return openKernel(model, '', true, memory, scratch);
  } catch {
    return undefined;
  }
}

function openKernel(
  model: BatchModel,
  form: '' | 'Chain',
  isShared: boolean,
  memory: KernelMemory,
  scratch: number,
): Kernel | undefined {
  const module = moduleFor(isShared);
  const webAssembly = engine();
  if (module === null || webAssembly === undefined) return undefined;
  const loops = new webAssembly.Instance(module, { env: { memory } }).exports as Readonly<Record<string, Loop>>;
  const evaluateLoop = loops[`evaluate${NAMES[model]}${form}`]!;
  const questionLoop = loops[`question${NAMES[model]}${form}`]!;
  const finishLoop = loops[`finish${form}`]!;
  const kinds = model === 'bachelier' ? ['Bachelier'] : ['Lower', 'Middle', 'Upper'];
  const answers = kinds.map((kind) => loops[`answer${kind}`] as unknown as (scratch: number) => void);

  function run(loop: Loop, first: number, end: number, columns: Columns, shift: number, wanted: number): void {
    const { strike, isCall, status, capacity, spot, timeToExpiry, rate, dividendYield } = columns;
    loop(
      first,
      end,
      scratch,
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
    memory,
    evaluate(columns, shift, wanted, first, end) {
      if (end > first) run(evaluateLoop, first, end, columns, shift, wanted);
    },
    solve(columns, shift, from, to) {
      for (let first = from; first < to; first += BLOCK) {
        const end = Math.min(first + BLOCK, to);
        run(questionLoop, first, end, columns, shift, 0);
        for (const answer of answers) answer(scratch);
        run(finishLoop, first, end, columns, shift, 0);
      }
    },
  };
}
