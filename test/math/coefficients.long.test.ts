import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the coefficients in the source are what the script computes', () => {
  const script = fileURLToPath(new URL('../../scripts/fit-normal-coefficients.ts', import.meta.url));
  // The script ends with an error where a coefficient is missing from the source.
  const output = execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' });
  expect(output).not.toContain('MISSING');
  expect(output).toContain('1/M(z) - z');
});
