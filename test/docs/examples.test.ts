import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { check, checkedSource, examplesOf } from './examples.js';
import type { Example } from './examples.js';

const root = new URL('../../', import.meta.url);
const rootPath = fileURLToPath(root);
const documents = [
  'README.md',
  ...readdirSync(new URL('docs/', root)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];
const examples = documents.flatMap((name) => examplesOf(new URL(name, root), name));
const folder = mkdtempSync(join(tmpdir(), 'zomma-examples-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const { exports: entries } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  exports: Record<string, { default: string }>;
};

const specifiers = Object.keys(entries)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', 'zomma'));

/** 'zomma/batch' is what package.json says it is, before it was built. */
function sourceOf(specifier: string): string {
  const entry = entries[specifier.replace(/^zomma/, '.')];
  if (!/^zomma(\/|$)/.test(specifier) || entry === undefined) return specifier;
  return join(rootPath, entry.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
}

describe('the examples of the documentation', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)('$name runs and gives what it says', async (example) => {
    const { source, checks } = checkedSource(example, sourceOf);
    expect(checks, 'an example asserts at least one value').toBeGreaterThan(0);
    const file = join(folder, `${example.name.replaceAll(/[^\w]/g, '-')}.ts`);
    const checker = JSON.stringify(fileURLToPath(new URL('examples.ts', import.meta.url)));
    writeFileSync(file, `import { check } from ${checker};\n${source}`);
    await import(file);
  });

  it('compile in strict mode against the sources', () => {
    expect(typeErrors(examples)).toEqual([]);
  });
});

describe('the check itself', () => {
  it('compares numbers to the digits shown, and anything else exactly', () => {
    expect(() => {
      check(0.41234, '0.412');
    }).not.toThrow();
    expect(() => {
      check(0.41234, '0.413');
    }).toThrow('the code gives 0.412');
    expect(() => {
      check('spread', "'spread'");
    }).not.toThrow();
    expect(() => {
      check({ ok: true }, '{"ok":false}');
    }).toThrow();
  });
});

function typeErrors(all: readonly Example[]): string[] {
  const names = new Map(
    all.map((example) => [join(rootPath, 'test/docs', `${example.name.replaceAll(/[^\w]/g, '-')}.ts`), example]),
  );
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    paths: Object.fromEntries(specifiers.map((name) => [name, [sourceOf(name)]])),
  };
  const host = ts.createCompilerHost(options);
  const readFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) => {
    const example = names.get(file);
    return example === undefined
      ? readFile(file, ...rest)
      : ts.createSourceFile(file, example.source, ts.ScriptTarget.ES2023, true);
  };
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (file) => names.has(file) || fileExists(file);
  const program = ts.createProgram([...names.keys()], options, host);
  return [...names].flatMap(([file, { name }]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText, start }) => {
      const line = program.getSourceFile(file)!.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      return `${name} line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
}
