import { defineConfig } from 'vitest/config';

/** Tests in headless Chromium (CHROME_PATH names another than the system's); skipped where there is none. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // One browser at a time: each takes every core there is.
    fileParallelism: false,
  },
});
