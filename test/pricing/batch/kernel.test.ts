/** The embedded kernel is what its sources compile to, and only what it may be is a formula. */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileKernel, embedded } from '../../../scripts/kernel/compile.js';
import { readFormulas } from '../../../scripts/kernel/graph.js';

describe('the embedded kernel', () => {
  it('is what its sources compile to, byte for byte (npm run build:kernel writes it)', async () => {
    const committed = readFileSync('src/pricing/batch/kernel-binary.ts', 'utf8');
    expect(embedded(await compileKernel()) === committed).toBe(true);
  });
});

describe('the translation of formulas', () => {
  /** Follows a formula of one argument written here. */
  function follow(text: string) {
    const folder = mkdtempSync(join(tmpdir(), 'formula-'));
    const path = join(folder, 'formula.ts');
    writeFileSync(path, text);
    try {
      const graph = readFormulas([path])();
      const value = graph.call('f', [graph.input('x', false)]);
      return { value, operations: graph.nodes.map(({ operation }) => operation) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('makes one node of equal operations, folds constants and leaves out factors of 1', () => {
    const { operations } = follow(
      'const HALF = 1 / 2;\nfunction f(x: number): number { const y = x * HALF; return y + x * 0.5 + 1 * y; }',
    );
    expect(operations.filter((operation) => operation === 'mul')).toHaveLength(1);
    expect(operations.filter((operation) => operation === 'div')).toHaveLength(0);
    expect(operations.filter((operation) => operation === 'add')).toHaveLength(2);
  });

  it.each([
    ['a branch', 'function f(x: number): number { if (x > 0) return 1; return 0; }'],
    ['a loop', 'function f(x: number): number { let y = x; for (let i = 0; i < 3; i++) y = y * x; return y; }'],
    ['a function of the engine', 'function f(x: number): number { return Math.exp(x); }'],
    ['a number as a condition', 'function f(x: number): number { return x ? 1 : 2; }'],
    ['an unknown name', 'function f(x: number): number { return x + y; }'],
    [
      'an element that was not assigned',
      'const a = new Float64Array(2); function f(x: number): number { return x + a[1]!; }',
    ],
  ])('refuses %s, with its line', (_, text) => {
    expect(() => follow(text)).toThrow(/formula\.ts:1: /);
  });
});
