/**
 * QuantLib's blackFormula, BlackCalculator and blackFormulaImpliedStdDev (at 1e-12) over the same rows. Builds
 * benchmarks/peers/quantlib/pricing.cpp where a compiler and the headers are installed (Debian: libquantlib0-dev, g++).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, Rows } from './cases.js';

const SOURCE = 'benchmarks/peers/quantlib/pricing.cpp';
const FLAGS = ['-O3', '-march=native'];

/** Builds the peer; a string says why there is none. */
export function buildQuantLib(rows: Rows): Engine | string {
  const folder = mkdtempSync(join(tmpdir(), 'quantlib-'));
  const program = join(folder, 'pricing');
  try {
    execFileSync('g++', [...FLAGS, '-o', program, SOURCE, '-lQuantLib'], { stdio: 'pipe' });
  } catch {
    rmSync(folder, { recursive: true });
    return 'QuantLib is skipped: g++ or its headers are not installed (Debian: apt-get install g++ libquantlib0-dev)';
  }
  const file = join(folder, 'rows');
  const table = new Float64Array(8 * rows.strike.length);
  rows.strike.forEach((strike, i) => {
    const omega = rows.isCall[i] === 1 ? 1 : -1;
    table.set(
      [omega, rows.forward[i]!, strike, rows.timeToExpiry[i]!, rows.volatility[i]!, rows.rate[i]!, rows.price[i]!],
      8 * i,
    );
  });
  writeFileSync(file, table);
  return {
    name: `QuantLib, g++ ${FLAGS.join(' ')}`,
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
