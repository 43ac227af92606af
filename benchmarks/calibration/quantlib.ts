/**
 * QuantLib's SVI and SABR fits of the same slices with the same objective (all quotes have the same error), by the same criterion of success. Builds
 * benchmarks/peers/quantlib/slices.cpp where a compiler and the headers are installed (Debian: libquantlib0-dev, g++).
 *
 * QuantLib starts the SVI search from the point that ours starts from, which costs it nothing here, moved inside its domain; SABR from
 * the volatility at the forward, no correlation and its own volatility of volatility.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SliceInput } from '../../src/market/slice.js';
import { fitQuotes } from '../../src/volatility/calibration/quotes.js';
import { sviBox } from '../../src/volatility/calibration/svi-box.js';
import { sviNormal } from '../../src/volatility/calibration/svi-objective.js';
import { completeSlopes, firstLinearQuotes, setStart } from '../../src/volatility/calibration/svi-projection.js';
import { sviVolatilities, weightedError } from './success.js';

const SOURCE = 'benchmarks/peers/quantlib/slices.cpp';
const FLAGS = ['-O3', '-march=native'];

export interface PeerFit {
  microseconds: number;
  /** Root mean square error in basis points, equal weights; Infinity where it threw. */
  error: number;
}

export interface QuantLib {
  version: string;
  fit(model: 'svi' | 'sabr', slices: readonly SliceInput[], guesses: number): PeerFit[];
  close(): void;
}

/** Builds the peer; a string says why there is none. */
export function buildQuantLib(): QuantLib | string {
  const folder = mkdtempSync(join(tmpdir(), 'quantlib-'));
  const program = join(folder, 'slices');
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
    fit(model, slices, guesses) {
      const file = join(folder, 'slices.txt');
      writeFileSync(file, `${slices.length}\n${slices.map((slice) => written(model, slice)).join('\n')}\n`);
      const output = execFileSync(program, [file, model, String(guesses)], { encoding: 'utf8', maxBuffer: 2 ** 28 });
      const lines = output.trim().split('\n');
      return slices.map((slice, i) => {
        const [microseconds, ok, ...parameters] = lines[i]!.split(' ').map(Number);
        const count = slice.volatility.length;
        const error =
          ok !== 1
            ? Infinity
            : model === 'svi'
              ? weightedError(slice, sviVolatilities(slice, parameters))
              : // What it reports is over n - 1.
                1e4 * parameters[3]! * Math.sqrt((count - 1) / count);
        return { microseconds: microseconds!, error };
      });
    },
    close() {
      rmSync(folder, { recursive: true });
    },
  };
}

function written(model: 'svi' | 'sabr', slice: SliceInput): string {
  const { timeToExpiry, forward, logMoneyness, volatility } = slice;
  const start = model === 'svi' ? sviStart(slice) : [atTheForward(slice), Math.sqrt(0.4), 0, 0, 0];
  const quotes = logMoneyness.map((k, i) => `${forward * Math.exp(k)} ${volatility[i]!}`);
  return [timeToExpiry, forward, volatility.length, ...start, ...quotes].join(' ');
}

function atTheForward({ logMoneyness, volatility }: SliceInput): number {
  let nearest = 0;
  logMoneyness.forEach((k, i) => {
    if (Math.abs(k) < Math.abs(logMoneyness[nearest]!)) nearest = i;
  });
  return volatility[nearest]!;
}

/** (a, b, sigma, rho, m) of the best of six places of the vertex. */
function sviStart(slice: SliceInput): number[] {
  const quotes = fitQuotes(slice, {});
  const box = sviBox(quotes);
  const linear = sviNormal(quotes.count);
  firstLinearQuotes(quotes, linear);
  const x = new Float64Array(5);
  let least = Infinity;
  let best = Array.from(x);
  for (const place of [0.05, 0.25, 0.4, 0.55, 0.75, 0.95]) {
    setStart(box, place, 0.15, x);
    const cost = completeSlopes(quotes, linear, box, x);
    if (cost < least) {
      least = cost;
      best = Array.from(x);
    }
  }
  const [a, right, left, m, s] = best;
  const b = (right! + left!) / 2;
  const rho = Math.min(0.999, Math.max(-0.999, (right! - left!) / (2 * b)));
  const sigma = Math.exp(s!);
  const lift = Math.max(0, 2e-6 - (a! + b * sigma * Math.sqrt(1 - rho * rho)));
  return [a! + lift, b, sigma, rho, m!];
}
