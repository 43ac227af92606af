/**
 * Warm starts along time against cold ones: whether a fit is worse, and the processor time of reading nothing but fitting.
 *
 *   npx tsx benchmarks/history/warm-starts.ts
 *
 * Prints the table of docs/scale.md. The real chains are a week apart and stand outside the repository; without them they are left out.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { calibrateAlong } from '../../src/parallel/history/calibrate-along.js';
import { snapshotChains } from '../../src/parallel/history/snapshots.js';
import type { SurfaceFitOptions } from '../../src/volatility/calibration/surface-fit.js';
import { dataFile, realChains } from '../data/real-chains.js';
import { writeHistory } from './data.js';

const folder = mkdtempSync(join(tmpdir(), 'zomma-warm-'));
const synthetic = writeHistory(folder, { underlyings: 6, times: 20, expiries: 10, strikes: 30 }).map((file) => [file]);
const real = realChains()
  .filter(({ name }) => name.startsWith('deribit/optionsdx'))
  .flatMap(({ files }) => files.map(dataFile));

console.log('| chains | fits | slices | worse | largest chi-square, warm over cold | ms a slice, warm | cold |');
console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: |');
try {
  for (const [what, options] of [
    ['svi, `report`', { arbitrage: 'report' }],
    ['svi, `certify`', { arbitrage: 'certify' }],
    ['sabr, `report`', { model: 'sabr', arbitrage: 'report' }],
  ] as const) {
    await compare('synthetic, a minute apart', what, synthetic, options);
    if (real.length > 0) await compare('BTC, days apart', what, [real], options);
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(
  chains: string,
  what: string,
  partitions: readonly (readonly string[])[],
  options: SurfaceFitOptions,
): Promise<void> {
  let slices = 0;
  let worse = 0;
  let largest = 0;
  const spent = { warm: 0, cold: 0 };
  for (const paths of partitions) {
    const warm = calibrateAlong({ options, warmStarts: true });
    const cold = calibrateAlong({ options, warmStarts: false });
    const files = paths.map((path) => ({ path, name: basename(path) }));
    for await (const { chain } of snapshotChains(files, {})) {
      const ours = timed('warm', () => warm(chain));
      const theirs = timed('cold', () => cold(chain));
      if (!ours.ok || !theirs.ok) continue;
      for (const fit of ours.fits) {
        const other = theirs.fits.find(({ input }) => input.expiry === fit.input.expiry);
        if (other === undefined) continue;
        const ratio = fit.diagnostics.chiSquarePerDof / other.diagnostics.chiSquarePerDof;
        slices += 1;
        if (ratio > 1 + 1e-6) worse += 1;
        largest = Math.max(largest, ratio);
      }
    }
  }
  const each = (total: number): string => (total / 1000 / slices).toFixed(3);
  const cells = [
    chains,
    what,
    slices,
    worse,
    `1 + ${(largest - 1).toExponential(0)}`,
    each(spent.warm),
    each(spent.cold),
  ];
  console.log(`| ${cells.join(' | ')} |`);

  function timed<Result>(kind: 'warm' | 'cold', run: () => Result): Result {
    const before = process.cpuUsage().user;
    const result = run();
    spent[kind] += process.cpuUsage().user - before;
    return result;
  }
}
