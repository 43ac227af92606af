import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts', 'test/browser/**', 'node_modules/**'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 240_000,
    // One for each core: the default leaves one idle, half of a small machine.
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
  },
});
