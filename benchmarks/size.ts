/**
 * What an application that uses a part of the library loads: bundled and minified by vite, in kilobytes, and gzipped.
 *
 *   npx tsx benchmarks/size.ts
 *
 * Bundles are CommonJS, whose blanks vite takes out too. "Everything" is all that `zomma` exports. Packages the library depends on are bundled with it; optional peers are not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const ENTRIES: [string, string][] = [
  ['zomma/pricing', 'src/pricing/index.ts'],
  ['zomma/batch', 'src/pricing/batch/index.ts'],
  ['zomma/volatility', 'src/volatility/index.ts'],
  ['zomma, everything', 'src/index.ts'],
];

async function bundle(entry: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'size-'));
  const file = join(folder, 'entry.js');
  writeFileSync(file, `export * from ${JSON.stringify(resolve(entry))};\n`);
  try {
    const result = await build({
      logLevel: 'silent',
      configFile: false,
      build: { write: false, minify: true, lib: { entry: file, formats: ['cjs'] } },
    });
    const outputs = Array.isArray(result) ? result : [result];
    return outputs
      .flatMap((one) => ('output' in one ? one.output : []))
      .map((part) => (part.type === 'chunk' ? part.code : ''))
      .join('');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

console.log('| | kB | kB gzipped |');
console.log('| --- | --- | --- |');
for (const [name, entry] of ENTRIES) {
  const code = await bundle(entry);
  const sizes = [code.length, gzipSync(code, { level: 9 }).length].map((bytes) => (bytes / 1000).toFixed(1));
  console.log(`| ${[name, ...sizes].join(' | ')} |`);
}
