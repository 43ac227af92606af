/** Prints the table of real chains, in markdown, for the documentation. Run: npx tsx scripts/chain-table.ts [trust-region|ml] */
import { calibrateRealChain, median } from '../benchmarks/chain-result.js';
import { dataRoot, hasData, realChains } from '../benchmarks/data/real-chains.js';
import type { Engine } from '../src/math/least-squares/problem.js';

if (!hasData) {
  process.stderr.write(`no data under ${dataRoot}: set ZOMMA_DATA\n`);
  process.exit(1);
}
const engine: Engine = process.argv[2] === 'ml' ? 'ml' : 'trust-region';
const cells = [
  [
    'chain',
    'expiries fitted / listed',
    'two-sided OTM used',
    'quotes rejected',
    'median RMSE, bp',
    'inside spread',
    'ms',
  ],
  ['---', '---:', '---:', '---:', '---:', '---:', '---:'],
];
for (const real of realChains()) {
  const { fit, expiries, milliseconds } = calibrateRealChain(real, { engine });
  const used = expiries.reduce((sum, expiry) => sum + expiry.used, 0);
  const twoSided = expiries.reduce((sum, expiry) => sum + expiry.twoSided, 0);
  const rejected = fit.rejected.filter(({ reason }) => reason !== 'in-the-money').length;
  const outcome = fit.ok
    ? [
        `${fit.fits.length} / ${expiries.length}`,
        `${used} of ${twoSided} (${((100 * used) / twoSided).toFixed(0)}%)`,
        String(rejected),
        median(fit.fits.map(({ diagnostics }) => diagnostics.rmseBp)).toFixed(1),
        `${(100 * median(fit.fits.map(({ diagnostics }) => diagnostics.shareInsideSpread))).toFixed(0)}%`,
      ]
    : [fit.reason, '', String(rejected), '', ''];
  cells.push([real.name, ...outcome, milliseconds.toFixed(0)]);
}
process.stdout.write(`${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
