/**
 * The worst error of every special function, of the Black kernel, of its prices and of every Greek, by region, against 80-digit
 * references:
 *
 *   npx tsx scripts/accuracy-report.ts [samples per region] [seed]
 *
 * Ends with exit code 1 where a bound is broken. The tests hold the same bounds with fewer samples.
 */
import { specialFunctionAccuracy, type AccuracyRow } from '../test/math/accuracy.js';
import { greekAccuracy, kernelAccuracy, priceAccuracy } from '../test/pricing/black-accuracy.js';

const samples = Number(process.argv[2] ?? 500);
const seed = Number(process.argv[3] ?? 1);

function print(title: string, rows: readonly AccuracyRow[]): void {
  console.log(`\n${title}`);
  for (const { name, region, worst, bound, unit } of rows) {
    const verdict = worst <= bound ? '' : '  BROKEN';
    console.log(
      `  ${name.padEnd(34)} ${region.padEnd(54)} ${worst.toFixed(3).padStart(8)} of ${bound} x ${unit}${verdict}`,
    );
    if (!(worst <= bound)) process.exitCode = 1;
  }
}

/** The worst region of each name. */
function worstByName(rows: readonly AccuracyRow[]): AccuracyRow[] {
  const worst = new Map<string, AccuracyRow>();
  for (const row of rows) {
    const known = worst.get(row.name);
    if (known === undefined || !(row.worst <= known.worst)) worst.set(row.name, row);
  }
  return [...worst.values()];
}

console.log(`${samples} seeded random samples a region, seed ${seed}`);
print('Special functions', specialFunctionAccuracy(samples, seed));
print('Black kernel', kernelAccuracy(samples, seed));
print('Prices', priceAccuracy(samples, seed));
print('Greeks, each in its worst region', worstByName(greekAccuracy(Math.ceil(samples / 4), seed)));
