/** What is published: read from the build in dist, skipped where there is none (`npm run build` makes it). */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  version: string;
  bin: { zomma: string };
  exports: Record<string, string | { types: string; default: string }>;
};
const entries = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [{ specifier: `zomma${path.slice(1)}`, ...target }],
);
const isBuilt = existsSync(`${root}dist/index.js`);

describe.skipIf(!isBuilt)(`the package${isBuilt ? '' : ' (skipped: no dist)'}`, () => {
  it('holds the build, the sources, the samples and the papers, and nothing else', () => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const listing = execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [pack] = JSON.parse(listing) as { files: { path: string }[] }[];
    const paths = pack!.files.map(({ path }) => path);
    expect(paths.filter((path) => !/^(dist|src|docs\/(samples|examples))\//.test(path)).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    expect(paths.filter((path) => /\.test\.|(^|\/)(test|benchmarks)\//.test(path))).toEqual([]);
    for (const { types, default: file } of entries) {
      expect(paths).toContain(types.slice(2));
      expect(paths).toContain(file.slice(2));
    }
    expect(paths).toContain(manifest.bin.zomma);
  });

  it.each(entries)('$specifier resolves by its name to the build, and imports', ({ specifier, default: file }) => {
    const script = `const found = import.meta.resolve('${specifier}'); await import(found); process.stdout.write(found);`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.endsWith(file.slice(1))).toBe(true);
  });

  it('has a command that runs', () => {
    const { status, stdout } = spawnSync(process.execPath, [manifest.bin.zomma, '--version'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toBe(`${manifest.version}\n`);
    expect(readFileSync(`${root}${manifest.bin.zomma}`, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });
});
