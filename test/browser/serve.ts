/** A page bundled by vite into a folder of its own and served from this machine, cross-origin isolated where asked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import type { InlineConfig } from 'vite';

export interface Served {
  /** With a slash at its end. */
  origin: string;
  close(): Promise<void>;
}

/** What a page needs for SharedArrayBuffer. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export async function serve(root: string, config: InlineConfig, isolated = false): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'zomma-page-'));
  const outDir = join(folder, 'dist');
  const common: InlineConfig = { ...config, root, logLevel: 'error' };
  await build({ ...common, build: { ...config.build, outDir, emptyOutDir: true } });
  const server = await preview({
    ...common,
    build: { outDir },
    // Any port that is free.
    preview: { port: 0, host: '127.0.0.1', headers: isolated ? ISOLATED : {} },
  });
  return {
    origin: server.resolvedUrls!.local[0]!,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
