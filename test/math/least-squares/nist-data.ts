/** Reads a NIST StRD file in place and turns it into a least-squares problem with an exact Jacobian. */
import { existsSync, readFileSync } from 'node:fs';
import { derivative, parse } from 'mathjs';
import type { LeastSquaresProblem } from '../../../src/math/least-squares/problem.js';
import { nistModels } from './nist-models.js';

export const nistFolder = `${process.env['ZOMMA_DATA'] ?? '../shared/data'}/nist`;
export const hasNistData = existsSync(nistFolder);

export interface NistSet {
  name: string;
  problem: LeastSquaresProblem;
  starts: [number[], number[]];
  certified: number[];
  standardDeviations: number[];
  residualSum: number;
}

export function nistSets(): NistSet[] {
  return Object.keys(nistModels).map(readSet);
}

function readSet(name: string): NistSet {
  const lines = readFileSync(`${nistFolder}/${name}.dat`, 'utf8').split(/\r?\n/);
  const parameterRows = lines.slice(0, 60).flatMap((line) => {
    const match = /^\s*b\d+\s*=\s*(.*)$/.exec(line);
    const numbers = match?.[1]?.trim().split(/\s+/).map(Number) ?? [];
    return numbers.length === 4 && numbers.every(Number.isFinite) ? [numbers] : [];
  });
  const table = lines.slice(60).flatMap((line) => {
    const numbers = line.trim().split(/\s+/).map(Number);
    return line.trim() !== '' && numbers.length >= 2 && numbers.every(Number.isFinite) ? [numbers] : [];
  });
  const residualSum = Number(/Residual Sum of Squares:\s+(\S+)/.exec(lines.join('\n'))?.[1]);
  const column = (c: number): number[] => parameterRows.map((row) => row[c]!);
  return {
    name,
    problem: problemOf(name, parameterRows.length, table),
    starts: [column(0), column(1)],
    certified: column(2),
    standardDeviations: column(3),
    residualSum,
  };
}

function problemOf(name: string, parameters: number, table: number[][]): LeastSquaresProblem {
  const tree = parse(nistModels[name]!);
  const model = tree.compile();
  const slopes = Array.from({ length: parameters }, (_, j) => derivative(tree, `b${j + 1}`).compile());
  const scopeAt = (b: Float64Array, row: number[]): Record<string, number> => {
    const scope: Record<string, number> = row.length === 2 ? { x: row[1]! } : { x1: row[1]!, x2: row[2]! };
    b.forEach((value, j) => (scope[`b${j + 1}`] = value));
    return scope;
  };
  const real = (value: unknown): number => (typeof value === 'number' ? value : NaN);
  return {
    parameters,
    residuals: table.length,
    evaluate(b, r) {
      table.forEach((row, i) => {
        const y = name === 'Nelson' ? Math.log(row[0]!) : row[0]!;
        r[i] = real(model.evaluate(scopeAt(b, row))) - y;
      });
    },
    jacobian(b, j) {
      table.forEach((row, i) => {
        const scope = scopeAt(b, row);
        slopes.forEach((slope, c) => (j[i * parameters + c] = real(slope.evaluate(scope))));
      });
    },
  };
}

/** Fewest correct significant digits over the parameters: -log10 of the relative error, 11 at most. */
export function correctDigits(found: ArrayLike<number>, certified: number[]): number {
  return Math.min(
    11,
    ...certified.map((value, j) => -Math.log10(Math.abs(found[j]! - value) / Math.abs(value) || 1e-11)),
  );
}
