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

export const INSTALL_QUANTLIB = 'apt-get install g++ libquantlib0-dev (Debian)';

/** What is not installed; undefined where both are. */
export function missingForQuantLib(): string | undefined {
  try {
    execFileSync('g++', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'the compiler g++ is not installed';
  }
  try {
    execFileSync('g++', ['-x', 'c++', '-fsyntax-only', '-'], { input: '#include <ql/version.hpp>\n', stdio: 'pipe' });
  } catch {
    return "QuantLib's headers are not installed";
  }
  return undefined;
}

/** Builds the peer; a string says why there is none. */
export function buildQuantLib(rows: Rows): Engine | string {
  const missing = missingForQuantLib();
  if (missing !== undefined) return `without QuantLib, ${missing}: ${INSTALL_QUANTLIB}`;
  const folder = mkdtempSync(join(tmpdir(), 'quantlib-'));
  const program = join(folder, 'pricing');
  execFileSync('g++', [...FLAGS, '-o', program, SOURCE, '-lQuantLib'], { stdio: 'pipe' });
  const file = join(folder, 'rows');
  writeRows(file, rows);
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

/** Eight doubles a row: 1 or -1, forward, strike, time to expiry, volatility, rate, price and a place to fill. */
export function writeRows(file: string, rows: Rows): void {
  const table = new Float64Array(8 * rows.strike.length);
  rows.strike.forEach((strike, i) => {
    const omega = rows.isCall[i] === 1 ? 1 : -1;
    table.set(
      [omega, rows.forward[i]!, strike, rows.timeToExpiry[i]!, rows.volatility[i]!, rows.rate[i]!, rows.price[i]!],
      8 * i,
    );
  });
  writeFileSync(file, table);
}
