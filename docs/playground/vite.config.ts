/** The playground: a page of its own that imports the library from source. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const source = fileURLToPath(new URL('../../src', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  root: import.meta.dirname,
  // Files refer to each other by relative paths: the built folder can be served from anywhere.
  base: './',
  resolve: {
    alias: [
      { find: /^zomma$/, replacement: `${source}/index.ts` },
      { find: /^zomma\//, replacement: `${source}/` },
    ],
  },
  server: { fs: { allow: [repository] } },
  worker: { format: 'es' },
  build: { outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 2000 },
});
