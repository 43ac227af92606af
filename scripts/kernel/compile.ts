/** The kernel compiled, and the generated source that embeds it. */
import { readFileSync } from 'node:fs';
import { kernelSource } from './source.js';

const ASSEMBLY = 'src/pricing/batch/assembly';
/** The pages of 4 GiB. */
const MAXIMUM_PAGES = 65536;

/** What is used of the compiler. Its own types bring AssemblyScript's globals with them, which are not JavaScript's. */
interface Compiler {
  main(
    options: string[],
    environment: {
      stderr: { write: (text: string | Uint8Array) => void };
      readFile: (name: string) => string | null;
      writeFile: (name: string, contents: string | Uint8Array) => void;
      listFiles: () => string[];
    },
  ): Promise<{ error: Error | null }>;
}

/** The WebAssembly module of a kernel source; throws with the compiler's words where it refuses. */
export async function compileKernel(source = kernelSource()): Promise<Uint8Array> {
  const files = new Map([
    ['kernel.ts', source],
    ['rows.ts', readFileSync(`${ASSEMBLY}/rows.ts`, 'utf8')],
  ]);
  let binary: Uint8Array | undefined;
  const options = [
    ...['kernel.ts', '--outFile', 'kernel.wasm', '--runtime', 'stub', '--noAssert', '-O3'],
    ...['--enable', 'simd', '--importMemory', '--maximumMemory', String(MAXIMUM_PAGES), '--use', 'abort='],
  ];
  const complaints: string[] = [];
  const compiler: string = 'assemblyscript/asc';
  const { default: asc } = (await import(compiler)) as { default: Compiler };
  const { error } = await asc.main(options, {
    stderr: {
      write(text) {
        complaints.push(typeof text === 'string' ? text : new TextDecoder().decode(text));
      },
    },
    readFile: (name) => files.get(name) ?? null,
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(complaints.join(''));
  return binary;
}

/** Where the import of the memory says whether it is shared. */
function memoryFlags(binary: Uint8Array): number {
  const name = [3, ...Buffer.from('env'), 6, ...Buffer.from('memory'), 2];
  const at = Buffer.from(binary).indexOf(Buffer.from(name));
  if (at < 0 || binary[at + name.length] !== 1) throw new Error('the memory is not imported with a maximum');
  return at + name.length;
}

/** The text of src/pricing/batch/kernel-binary.ts. */
export function embedded(binary: Uint8Array): string {
  return `/** The kernel, ${binary.length} bytes of WebAssembly in base64: written by \`npm run build:kernel\` from formulas/ and assembly/. */

/** The byte of the memory import that holds its flags: 1 for a memory with a maximum, 3 where it is shared too. */
export const MEMORY_FLAGS = ${memoryFlags(binary)};

export const KERNEL_BINARY =
  '${Buffer.from(binary).toString('base64')}';
`;
}
