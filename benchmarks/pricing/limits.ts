/**
 * What an option costs at least on this machine: the arithmetic of the kernel's loops, counted in their text, at the throughput of each
 * instruction, measured.
 *
 *   npx tsx benchmarks/pricing/limits.ts
 *
 * Needs g++ and a processor with AVX. Multiplications and additions of two doubles, divisions and square roots are counted, and nothing else: no load, no
 * store, no comparison, and no operation waits for another.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelSource } from '../../scripts/kernel/source.js';

const SOURCE = 'benchmarks/peers/native/instructions.cpp';

interface Counts {
  arithmetic: number;
  divisions: number;
  roots: number;
}

/** Instructions of an option in the first so many stages of a loop; a step of it is `rows` options. */
function counts(loop: string, stages: number): Counts {
  const text = kernelSource()
    .split('\nexport function ')
    .find((part) => part.startsWith(`${loop}(`))!;
  const body = text.slice(text.indexOf('for ('));
  const rows = loop.startsWith('answer')
    ? Number(/list \+= (\d+)/.exec(body)![1]) / 4
    : Number(/row \+= (\d+)/.exec(body)![1]);
  const part = body.split('\nif (wanted').slice(0, stages).join('\n');
  const count = (pattern: RegExp): number => (part.match(pattern) ?? []).length / rows;
  return {
    arithmetic: count(/f64x2\.(mul|add|sub)\(/g),
    divisions: count(/f64x2\.div\(/g),
    roots: count(/f64x2\.sqrt\(/g),
  };
}

function sum(...parts: Counts[]): Counts {
  const total = (name: keyof Counts): number => parts.reduce((all, part) => all + part[name], 0);
  return { arithmetic: total('arithmetic'), divisions: total('divisions'), roots: total('roots') };
}

const folder = mkdtempSync(join(tmpdir(), 'instructions-'));
const program = join(folder, 'instructions');
execFileSync('g++', ['-O2', '-march=native', '-o', program, SOURCE]);
const measured = execFileSync(program, { encoding: 'utf8' }).trim().split(' ').map(Number);
rmSync(folder, { recursive: true });
const [cycle, arithmetic, division, root] = measured as [number, number, number, number];
console.log(
  `a cycle is ${cycle.toFixed(3)} ns; cycles of an instruction on two doubles: ${arithmetic.toFixed(2)} to multiply or add, ${division.toFixed(2)} to divide, ${root.toFixed(2)} for a root`,
);
console.log('| | mul, add, sub an option | div | sqrt | cycles at least | ns at least |');
console.log('| --- | --- | --- | --- | --- | --- |');
const question = counts('questionBlack76', 1);
const finish = counts('finish', 1);
const rows: [string, Counts][] = [
  ['price', counts('evaluateBlack76', 1)],
  ['price, chain', counts('evaluateBlack76Chain', 1)],
  ['price and five Greeks', counts('evaluateBlack76', 2)],
  ['seventeen fields', counts('evaluateBlack76', 3)],
  ['implied volatility, lower', sum(question, counts('answerLower', 1), finish)],
  ['implied volatility, middle', sum(question, counts('answerMiddle', 1), finish)],
  ['implied volatility, upper', sum(question, counts('answerUpper', 1), finish)],
];
for (const [name, { arithmetic: sums, divisions, roots }] of rows) {
  // Divisions and roots have a unit of their own, and all instructions pass through the same four pipes.
  const cycles = Math.max(arithmetic * (sums + divisions + roots), division * divisions + root * roots);
  const cells = [
    name,
    sums.toFixed(1),
    divisions.toFixed(1),
    roots.toFixed(1),
    cycles.toFixed(1),
    (cycle * cycles).toFixed(1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
