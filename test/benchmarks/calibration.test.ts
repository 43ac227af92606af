/** The calibration benchmark where its peer is not installed. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('without a compiler the runner says that QuantLib is missing, how to get it, and does the rest', () => {
  const output = execFileSync(
    process.execPath,
    ['--import', 'tsx', 'benchmarks/calibration/run.ts', '--slices', '3', '--ml', '1'],
    { encoding: 'utf8', env: { ...process.env, PATH: '' } },
  );
  const lines = output.split('\n');
  expect(lines).toContain(
    '- QuantLib is skipped: g++ or its headers are not installed (Debian: apt-get install g++ libquantlib0-dev).',
  );
  expect(lines.some((line) => line.startsWith('SVI slice, cold'))).toBe(true);
  expect(lines.some((line) => line.startsWith('- SVI: 0 misses'))).toBe(true);
  expect(lines.filter((line) => line.includes('QuantLib'))).toHaveLength(1);
});
