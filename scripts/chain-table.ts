/**
 * Calibrates the real chains and writes docs/real-chains.md, the table of results, and test/market/chain-exceptions.json, the
 * slices whose RMSE is above their median half-spread, with the reason. Run: npx tsx scripts/chain-table.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { calibrateRealChain, median, rmseExceptions } from '../benchmarks/chain-result.js';
import type { ChainResult } from '../benchmarks/chain-result.js';
import { dataRoot, hasData, realChains } from '../benchmarks/data/real-chains.js';
import type { RealChain } from '../benchmarks/data/real-chains.js';

if (!hasData) {
  process.stderr.write(`no data under ${dataRoot}: set ZOMMA_DATA\n`);
  process.exit(1);
}
const chains = realChains();
chains.slice(0, 3).forEach((real) => calibrateRealChain(real)); // so that the first rows are not timed cold
const results = chains.map((real) => ({ real, result: calibrateRealChain(real) }));

const exceptions = Object.fromEntries(
  results.flatMap(({ real, result }) => {
    const found = rmseExceptions(result);
    return Object.keys(found).length === 0 ? [] : [[real.name, found]];
  }),
);
writeFileSync(
  new URL('../test/market/chain-exceptions.json', import.meta.url),
  `${JSON.stringify(exceptions, null, 1)}\n`,
);
writeFileSync(new URL('../docs/real-chains.md', import.meta.url), page());

function page(): string {
  const table = results.map(({ real, result }) => `| ${cells(real, result).join(' | ')} |`);
  const slices = results.reduce((sum, { result }) => sum + (result.fit.ok ? result.fit.fits.length : 0), 0);
  const count = (reason: string) =>
    results.reduce(
      (sum, { result }) =>
        sum + (Object.entries(rmseExceptions(result)).find(([key]) => key === reason)?.[1].length ?? 0),
      0,
    );
  return `# Real chains

What raw SVI makes of real quotes, one row a chain. The files are public snapshots that stand outside the repository; the tests
read them in place and skip without them. Written by \`npx tsx scripts/chain-table.ts\` on ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.versions.node}.

- Expiries: fitted of listed. An expiry with fewer than five quotes that have both sides and are out of the money may go unfitted.
- Used: share of the out-of-the-money quotes with a bid and an ask that are fit targets.
- Rejected: rows left out for another reason than being in the money.
- RMSE: fitted less mid volatility in basis points (0.01 vol points), median over the expiries.
- Inside: share of the used quotes whose bid-ask holds the fitted volatility, median over the expiries.
- Time: filters, forwards and fits of the whole chain, without reading the file.

| chain | expiries | used | rejected | RMSE, bp | inside | time, ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
${table.join('\n')}

${americanSection()}## Where the fit is wider than the market

The bar is an RMSE of at most the median half-spread of the slice. Of ${slices} slices, these miss it, each for a reason that the tests
prove again:

- ${count('wide-wings')} because quotes wider than the median make up the error: measured in its own half-spreads, it is below 1.
- ${count('smile')} where raw SVI does not come that close: not even fitted with equal weights, which minimises the RMSE itself.
  Nearly all are index options, where hundreds of strikes are quoted to a few basis points and five parameters are too few.
- ${count('weights')} where equal weights would do, at the expense of the tightest quotes.
`;
}

/** Written by scripts/american-chains.ts, and left as it is. */
function americanSection(): string {
  const before = readFileSync(new URL('../docs/real-chains.md', import.meta.url), 'utf8');
  const start = before.indexOf('## American chains');
  return start < 0 ? '' : before.slice(start, before.indexOf('## Where the fit'));
}

function cells(real: RealChain, { fit, expiries, milliseconds }: ChainResult): string[] {
  const rejected = String(fit.rejected.filter(({ reason }) => reason !== 'in-the-money').length);
  if (!fit.ok) return [real.name, `\`${fit.reason}\``, '', rejected, '', '', milliseconds.toFixed(0)];
  const used = expiries.reduce((sum, expiry) => sum + expiry.used, 0);
  const twoSided = expiries.reduce((sum, expiry) => sum + expiry.twoSided, 0);
  return [
    real.name,
    `${fit.fits.length} of ${expiries.length}`,
    `${used} of ${twoSided} (${((100 * used) / twoSided).toFixed(0)}%)`,
    rejected,
    median(fit.fits.map(({ diagnostics }) => diagnostics.rmseBp)).toFixed(1),
    `${(100 * median(fit.fits.map(({ diagnostics }) => diagnostics.shareInsideSpread))).toFixed(0)}%`,
    milliseconds.toFixed(0),
  ];
}
