/** The command as its own process, from the sources. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sample = 'docs/samples/synthetic-btc-chain.json';

function zomma(argv: readonly string[], nodeOptions: readonly string[] = []) {
  const main = ['--import', 'tsx', ...nodeOptions, 'src/cli/main.ts'];
  return spawnSync(process.execPath, [...main, ...argv], { cwd: root, encoding: 'utf8' });
}

/** Resolves every import of echarts as Node does where it is not installed. */
const hideEcharts = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(specifier, context, next) {
      if (!specifier.startsWith('echarts')) return next(specifier, context);
      throw Object.assign(new Error("Cannot find package 'echarts'"), { code: 'ERR_MODULE_NOT_FOUND' });
    }\`));
`)}`;

describe('the zomma command', () => {
  it('calibrates the bundled chain', () => {
    const { status, stdout, stderr } = zomma(['calibrate', sample]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Synthetic quotes');
    expect(stdout).toContain('2026-12-25 08:00');
  });

  it('ends bad input with one line and code 2', () => {
    const { status, stdout, stderr } = zomma(['calibrate', 'no-such-file.json']);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: 'zomma: no-such-file.json: no such file or folder\n',
    });
  });

  it('says how to get pictures where echarts is not installed, after printing the table', () => {
    const { status, stdout, stderr } = zomma(
      ['calibrate', sample, '--svg', 'never-written.svg'],
      ['--import', hideEcharts],
    );
    expect(stderr).toBe('zomma: --svg: pictures need the optional package echarts: npm install echarts@6\n');
    expect(status).toBe(2);
    expect(stdout).toContain('2026-12-25 08:00');
  });

  it('does not mind a reader that closes early', () => {
    const command = `"${process.execPath}" --import tsx src/cli/main.ts calibrate ${sample} | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: root, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'synthetic-btc-chain.json\n', stderr: '' });
  });
});
