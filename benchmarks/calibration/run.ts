/**
 * SVI slices on the seeded set: success against the best of a hundred starts, misses, and microseconds a fit.
 *
 *   npx tsx benchmarks/calibration/run.ts [slices = 4000] [slices for ml-levenberg-marquardt = 200]
 *
 * Success: the weighted root mean square error, in basis points of volatility, is within max(1%, 0.1 bp) of the reference. Times
 * are the best of a few passes per slice; everything is measured in one process, so ratios mean more than figures.
 */
import { cpus } from 'node:os';
import type { SliceInput } from '../../src/market/slice.js';
import type { FitOptions } from '../../src/volatility/calibration/fit.js';
import { fitQuotes } from '../../src/volatility/calibration/quotes.js';
import { calibrateSvi } from '../../src/volatility/calibration/svi.js';
import { sviBox } from '../../src/volatility/calibration/svi-box.js';
import { sviNormal } from '../../src/volatility/calibration/svi-objective.js';
import { completeSlopes, firstLinearQuotes, setStart } from '../../src/volatility/calibration/svi-projection.js';
import { sviSearch } from '../../src/volatility/calibration/svi-search.js';
import { benchmarkSlices } from './slices.js';
import type { BenchmarkSlice } from './slices.js';

const REFERENCE_STARTS = 100;

/** The best cost of searches from a hundred points of a Halton sequence, as a weighted error in basis points. */
function referenceError(slice: SliceInput): number {
  const quotes = fitQuotes(slice, {});
  const box = sviBox(quotes);
  const work = { here: sviNormal(quotes.count), there: sviNormal(quotes.count) };
  const linear = sviNormal(quotes.count);
  firstLinearQuotes(quotes, linear);
  const x = new Float64Array(5);
  let least = Infinity;
  for (let n = 1; n <= REFERENCE_STARTS; n++) {
    setStart(box, -0.3 + 1.6 * radicalInverse(n, 2), 0.003 * 1000 ** radicalInverse(n, 3), x);
    completeSlopes(quotes, linear, box, x);
    least = Math.min(least, sviSearch(quotes, box, x, 0.3, work).cost);
  }
  return 1e4 * Math.sqrt((2 * least) / weights(slice));
}

function radicalInverse(n: number, base: number): number {
  let fraction = 1;
  let value = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / base)) {
    fraction /= base;
    value += fraction * (rest % base);
  }
  return value;
}

function weights(slice: SliceInput): number {
  return slice.standardDeviation.reduce((sum, error) => sum + 1 / (error * error), 0);
}

interface Outcome {
  error: number;
  microseconds: number;
  starts: number;
  note: string;
}

function fitOnce(slice: SliceInput, options: FitOptions, passes: number): Outcome {
  let microseconds = Infinity;
  let fit = calibrateSvi(slice, options);
  for (let pass = 0; pass < passes; pass++) {
    const begin = process.hrtime.bigint();
    fit = calibrateSvi(slice, options);
    microseconds = Math.min(microseconds, Number(process.hrtime.bigint() - begin) / 1e3);
  }
  if (!fit.ok) return { error: Infinity, microseconds, starts: 0, note: fit.reason };
  const { a, b, rho, sigma } = fit.parameters;
  const valid = b * (1 + rho) < 2 && b * (1 - rho) <= 2 && a + b * sigma * Math.sqrt(1 - rho * rho) >= 0;
  let sum = 0;
  fit.residualBp.forEach((r, i) => (sum += (r / slice.standardDeviation[i]!) ** 2));
  const note = valid ? fit.diagnostics.atBound.join(', ') : 'NOT VALID';
  return { error: Math.sqrt(sum / weights(slice)), microseconds, starts: fit.diagnostics.starts, note };
}

function measure(name: string, set: BenchmarkSlice[], reference: number[], options: FitOptions, passes: number): void {
  const outcomes = set.map(({ slice }) => fitOnce(slice, options, passes));
  const misses = outcomes.flatMap(({ error, note }, i) =>
    error - reference[i]! > Math.max(0.01 * reference[i]!, 0.1) ? [{ i, error, note }] : [],
  );
  const times = outcomes.map(({ microseconds }) => microseconds).sort((a, b) => a - b);
  const mean = times.reduce((sum, value) => sum + value, 0) / times.length;
  const at = (share: number): string => times[Math.floor(share * (times.length - 1))]!.toFixed(1);
  const success = 100 * (1 - misses.length / set.length);
  const starts = outcomes.reduce((sum, outcome) => sum + outcome.starts, 0) / set.length;
  console.log(
    `${name.padEnd(14)} ${set.length} slices, success ${success.toFixed(3)}%, us a slice: median ${at(0.5)}, ` +
      `90% ${at(0.9)}, mean ${mean.toFixed(1)}; starts ${starts.toFixed(2)}; not valid ${outcomes.filter((o) => o.note === 'NOT VALID').length}`,
  );
  for (const { i, error, note } of misses) {
    if (!(error - reference[i]! > 1)) continue;
    const { regime, truth } = set[i]!;
    console.log(
      `  miss: slice ${i} (${regime}, ${truth}) ${error.toFixed(2)} bp against ${reference[i]!.toFixed(2)}; ${note}`,
    );
  }
}

const count = Number(process.argv[2] ?? 4000);
const mlCount = Math.min(count, Number(process.argv[3] ?? 200));
const set = benchmarkSlices(count);
const reference = set.map(({ slice }) => referenceError(slice));
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
measure('trust-region', set, reference, {}, 6);
measure('ml', set.slice(0, mlCount), reference, { engine: 'ml' }, 1);
