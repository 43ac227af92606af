/**
 * QuantLib's QdFp engine on the same puts. Builds benchmarks/peers/quantlib/american.cpp where a compiler and the headers are installed
 * (Debian: libquantlib0-dev, g++).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from './cases.js';

const SOURCE = 'benchmarks/peers/quantlib/american.cpp';
const FLAGS = ['-O3', '-march=native'];

/** One of QuantLib's own, or the four sizes of QdFpLegendreScheme: nodes, steps, points of the boundary, nodes of the price. */
export type Scheme = 'fast' | 'accurate' | 'high' | `${number},${number},${number},${number}`;

export interface PeerResult {
  microseconds: number;
  /** NaN where it threw. */
  value: number;
}

export interface QuantLib {
  version: string;
  run(cases: readonly Case[], scheme: Scheme, what: 'price' | 'volatility'): PeerResult[];
  close(): void;
}

/** Builds the peer; a string says why there is none. */
export function buildQuantLib(): QuantLib | string {
  const folder = mkdtempSync(join(tmpdir(), 'quantlib-'));
  const program = join(folder, 'american');
  let version: string;
  try {
    const macro = execFileSync('g++', ['-E', '-P', '-x', 'c++', '-'], {
      input: '#include <ql/version.hpp>\nQL_VERSION\n',
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    version = macro.trim().split('\n').at(-1)!.replaceAll('"', '');
    execFileSync('g++', [...FLAGS, '-o', program, SOURCE, '-lQuantLib'], { stdio: 'pipe' });
  } catch {
    rmSync(folder, { recursive: true });
    return 'QuantLib is skipped: g++ or its headers are not installed (Debian: apt-get install g++ libquantlib0-dev)';
  }
  return {
    version: `QuantLib ${version}, g++ ${FLAGS.join(' ')}`,
    run(cases, scheme, what) {
      const file = join(folder, 'puts.txt');
      const lines = cases.map((c) =>
        [c.spot, c.strike, c.rate, c.dividendYield, c.volatility, c.timeToExpiry, c.reference].join(' '),
      );
      writeFileSync(file, `${cases.length}\n${lines.join('\n')}\n`);
      const output = execFileSync(program, [file, scheme, what], { encoding: 'utf8', maxBuffer: 2 ** 28 });
      return output
        .trim()
        .split('\n')
        .map((line) => {
          const [microseconds, value] = line.split(' ').map(Number);
          return { microseconds: microseconds!, value: value! };
        });
    },
    close() {
      rmSync(folder, { recursive: true });
    },
  };
}
