/**
 * The kernel's own loops, operation by operation, compiled by g++ in the place of V8: what the machine can do with them. The text of
 * scripts/kernel/source.ts is C++ but for a few words, and benchmarks/peers/native/kernel.hpp has its instructions.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { kernelSource } from '../../scripts/kernel/source.js';
import type { Engine, Rows } from './cases.js';
import { writeRows } from './quantlib.js';

const FOLDER = 'benchmarks/peers/native';
const LOOPS = ['evaluateBlack76', 'questionBlack76', 'answerLower', 'answerMiddle', 'answerUpper', 'finish'];
/** Where AssemblyScript puts its first data. */
const CONSTANTS = 1024;

/** The loops as C++. */
export function nativeSource(): string {
  const [head = '', ...functions] = kernelSource().split('\nexport function ');
  const table = /memory\.data<f64>\(\[(.*)\]\)/.exec(head)![1]!;
  const loops = functions
    .filter((text) => LOOPS.includes(text.slice(0, text.indexOf('('))))
    .map((text) => {
      const open = text.indexOf('(');
      const close = text.indexOf('): void');
      const parameters = text
        .slice(open + 1, close)
        .split(', ')
        .map((parameter) => parameter.split(': ').reverse().join(' '))
        .join(', ');
      const body = text
        .slice(close + '): void'.length)
        .replaceAll(/\b(f64x2|f32x4|i64x2|i32x4|v128)\./g, '$1_')
        .replaceAll('<usize>', '(usize)')
        .replaceAll(/\blet (\w+)(: usize)?/g, 'usize $1')
        .replaceAll(/\bconst /g, 'const auto ')
        .replaceAll('>>>', '>>');
      return `static void ${text.slice(0, open)}(${parameters})${body}`;
    });
  return [
    `#include "${resolve(FOLDER, 'kernel.hpp')}"`,
    `static const usize CONSTANTS = ${CONSTANTS};`,
    `static void writeConstants() { const double table[] = {${table}}; std::memcpy(memory + CONSTANTS, table, sizeof table); }`,
    ...loops,
    readFileSync(join(FOLDER, 'main.cpp'), 'utf8'),
  ].join('\n');
}

/** Builds it with the flags given; the compiler is there. */
export function nativeKernel(rows: Rows, name: string, flags: readonly string[]): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'native-kernel-'));
  const source = join(folder, 'kernel.cpp');
  const program = join(folder, 'kernel');
  writeFileSync(source, nativeSource());
  execFileSync('g++', [...flags, '-w', '-fno-strict-aliasing', '-o', program, source], { stdio: 'pipe' });
  const file = join(folder, 'rows');
  writeRows(file, rows);
  return {
    name,
    run: (task) => Number(execFileSync(program, [file, task, join(folder, task)], { encoding: 'utf8' })),
    results(task) {
      const bytes = readFileSync(join(folder, task));
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    },
    close() {
      rmSync(folder, { recursive: true });
    },
  };
}
