import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/**/*.long.test.ts'], setupFiles: ['test/property-seed.ts'], testTimeout: 1_800_000 },
});
