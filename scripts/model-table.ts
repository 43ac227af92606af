/**
 * Calibrates every real chain by every model and writes the last section of docs/calibration.md, "Models on real chains". Run:
 * npx tsx scripts/model-table.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { median } from '../benchmarks/chain-result.js';
import { dataFile, dataRoot, hasData, realChains } from '../benchmarks/data/real-chains.js';
import type { RealChain } from '../benchmarks/data/real-chains.js';
import { readChain } from '../src/cli/read-chain.js';
import { sliceInputs } from '../src/market/slice-inputs.js';
import type { SliceFit } from '../src/volatility/calibration/fit.js';
import { calibrateSurface } from '../src/volatility/calibration/surface-fit.js';
import type { SurfaceFitOptions } from '../src/volatility/calibration/surface-fit.js';

const HEADING = '## Models on real chains\n';
const PAGE = new URL('../docs/calibration.md', import.meta.url);

const models: Record<string, SurfaceFitOptions> = {
  SVI: { model: 'svi', arbitrage: 'report' },
  'SVI, certified': { model: 'svi', arbitrage: 'certify' },
  eSSVI: { model: 'essvi' },
  SSVI: { model: 'ssvi' },
  SABR: { model: 'sabr', arbitrage: 'report' },
};

interface Figures {
  rmseBp: number;
  rmseHalfSpreads: number;
  inside: number;
  milliseconds: number;
}

if (!hasData) {
  process.stderr.write(`no data under ${dataRoot}: set ZOMMA_DATA\n`);
  process.exit(1);
}
const chains = realChains().filter(({ outcome }) => outcome === 'surface');
chains.slice(0, 3).forEach((real) => figuresOf(real)); // so that the first rows are not timed cold
const table = chains.map((real) => ({ name: real.name, figures: figuresOf(real) }));
const page = readFileSync(PAGE, 'utf8');
const end = page.indexOf(HEADING);
writeFileSync(PAGE, `${(end < 0 ? page : page.slice(0, end)).trimEnd()}\n\n${section()}`);

function figuresOf({ files, underlying, asOf }: RealChain): (Figures | string)[] {
  const { chain } = readChain({ files: files.map(dataFile), underlying, asOf });
  const slices = sliceInputs(chain);
  return Object.values(models).map((options) => {
    const started = performance.now();
    const fit = calibrateSurface(chain, { ...options, slices });
    const milliseconds = performance.now() - started;
    if (!fit.ok) return fit.reason;
    const over = (figure: (diagnostics: SliceFit['diagnostics']) => number): number =>
      median(fit.fits.map(({ diagnostics }) => figure(diagnostics)));
    return {
      rmseBp: over(({ rmseBp }) => rmseBp),
      rmseHalfSpreads: over(({ rmseHalfSpreads }) => rmseHalfSpreads),
      inside: over(({ shareInsideSpread }) => shareInsideSpread),
      milliseconds,
    };
  });
}

function section(): string {
  const names = Object.keys(models);
  const cell = (found: Figures | string): string =>
    typeof found === 'string'
      ? `\`${found}\``
      : [
          found.rmseBp.toFixed(1),
          found.rmseHalfSpreads.toFixed(2),
          `${(100 * found.inside).toFixed(0)}%`,
          found.milliseconds.toFixed(1),
        ].join(' / ');
  const rows = table.map(({ name, figures }) => `| ${[name, ...figures.map(cell)].join(' | ')} |`);
  const insideOf = (model: number): string => {
    const shares = table.flatMap(({ figures }) => {
      const found = figures[model]!;
      return typeof found === 'string' ? [] : [found.inside];
    });
    return `${(100 * median(shares)).toFixed(0)}% of ${shares.length}`;
  };
  return `${HEADING}
Written by \`npx tsx scripts/model-table.ts\` on ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.versions.node}. Each cell: RMSE in basis points
(0.01 vol points) / in half-spreads / share of the two-sided quotes whose bid-ask holds the smile, medians over the expiries / milliseconds
for all fits and their certificates or refutations, without reading and filtering the chain; other work ran on the machine. SVI and SABR
are fitted slice by slice as they fit best, the others are free of arbitrage. SABR's time is that of its interval proofs.

| chain | ${names.join(' | ')} |
| --- |${' ---: |'.repeat(names.length)}
${rows.join('\n')}
| **median share inside, of chains** | ${names.map((_, i) => insideOf(i)).join(' | ')} |
`;
}
