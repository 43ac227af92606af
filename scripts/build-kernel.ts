/**
 * Writes src/pricing/batch/kernel-binary.ts, the WebAssembly kernel as the package embeds it:
 *
 *   npm run build:kernel
 *
 * The loops are translated from the formulas of src/pricing/batch/formulas (scripts/kernel) and compiled by AssemblyScript together with
 * src/pricing/batch/assembly. With a path as argument the AssemblyScript text is written there too, to be read.
 */
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { compileKernel, embedded } from './kernel/compile.js';
import { kernelSource } from './kernel/source.js';

const [listing] = process.argv.slice(2);
const source = kernelSource();
if (listing !== undefined) writeFileSync(listing, source);
const binary = await compileKernel(source);
writeFileSync('src/pricing/batch/kernel-binary.ts', embedded(binary));
console.log(`${binary.length} bytes, ${gzipSync(binary).length} gzipped`);
