/**
 * Looks for static arbitrage between the quotes of the real chains, repairs it and writes docs/quote-arbitrage.md.
 * Run: npx tsx scripts/quote-arbitrage-table.ts
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dataFile, dataRoot, hasData, realChains } from '../benchmarks/data/real-chains.js';
import { chainArbitrage } from '../benchmarks/quote-arbitrage.js';
import type { ChainArbitrage } from '../benchmarks/quote-arbitrage.js';
import { readChain } from '../src/cli/read-chain.js';

if (!hasData) {
  process.stderr.write(`no data under ${dataRoot}: set ZOMMA_DATA\n`);
  process.exit(1);
}
const results = realChains().flatMap(({ name, files, underlying, asOf, outcome }) => {
  const { chain } = readChain({ files: files.map(dataFile), underlying, asOf });
  // Chains quoted in volatility have no prices to trade at.
  if (outcome !== 'surface' || !chain.quotes.some(({ bid, ask }) => bid !== undefined || ask !== undefined)) return [];
  process.stderr.write(`${name}\n`);
  return [{ name, result: chainArbitrage(chain) }];
});
writeFileSync(new URL('../docs/quote-arbitrage.md', import.meta.url), page());

function page(): string {
  const rows = results.map(({ name, result }) => `| ${[name, ...cells(result)].join(' | ')} |`);
  const total = (pick: (result: ChainArbitrage) => number): number =>
    results.reduce((sum, { result }) => sum + pick(result), 0);
  const largest = (pick: (result: ChainArbitrage) => number): number =>
    Math.max(...results.map(({ result }) => pick(result)));
  return `# Arbitrage between quotes

Can the quotes of a chain be traded against each other for a certain profit? At the prices one can trade at, hardly ever; between
mid prices, nearly always. Written by \`npx tsx scripts/quote-arbitrage-table.ts\` on ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.versions.node}.

\`quoteArbitrage\` buys at the ask and sells at the bid. It lists, for each quote that is too dear, the best trade of each family:
against the same call (parity), one of another strike (vertical spread), two of other strikes (butterfly), or the same with calls of
later expiries (calendar spread, calendar vertical spread, calendar butterfly); and quotes beyond intrinsic value or the forward
(bounds). Each trade comes with its legs, its credit and the least it can pay later, which is zero. There is a trade if and only if
no prices inside the spreads are free of arbitrage.

\`repairQuotes\` moves bids down and asks up by as little as possible, measured in half-spreads, until such prices exist; a price may
be anywhere inside its spread for nothing. The program that finds the moves has a dual: the trades that collect most when each quote
is dealt in once per half-spread, and they collect exactly what the repair costs. \`sliceInputs(chain, { repair: true })\` repairs each
expiry by itself before it is fitted and lists the quotes it moved, ${total((r) => r.repairedInSlices)} in all these chains, among the
quotes that pass the filters. An expiry without executable arbitrage is left as it is.

- Executable: expiries where a trade within the expiry collects, of those with a forward. In ${total((r) => r.withoutForward)} of these ${total((r) => r.executable)} it needs no forward.
- Credit: the most that one trade collects, in basis points of the forward, before fees.
- Moved: quotes the repair moves; the largest move in half-spreads.
- Later: quotes too dear against later expiries.
- Mids: expiries where mid prices of out-of-the-money quotes no wider than their mid admit arbitrage; share of the mids that must move;
  median of those moves in half-spreads.
- Time: to look for trades within all expiries, and to repair them and settle prices next to the mids, in ms.

| chain | quotes | executable | credit, bp | moved | later | mids | mids moved | by | find, ms | repair, ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

In all, ${total((r) => r.executable)} of ${total((r) => r.expiries)} expiries can be traded against themselves at ${total((r) => r.quotes)} quotes, for at most ${largest((r) => r.largestCredit).toFixed(2)} bp of the forward, and
${total((r) => r.midArbitrage)} have mid prices that look as if they could. The second number says that the middle of a spread is a guess and not a price: a mid is
put right by a fraction of its half-spread. A fit weighs mids by their spread and needs no repair for it; a filter that dropped quotes
because their mids are not convex would drop good quotes.
`;
}

function cells(result: ChainArbitrage): string[] {
  const { executable, expiries, moved, mids, midsMoved } = result;
  return [
    String(result.quotes),
    `${executable} of ${expiries}`,
    executable === 0 ? '' : result.largestCredit.toFixed(2),
    moved === 0 ? '0' : `${moved} (${result.largestMove.toFixed(3)})`,
    String(result.calendarTrades),
    `${result.midArbitrage} of ${expiries}`,
    `${((100 * midsMoved) / mids).toFixed(0)}%`,
    result.midMove.toFixed(2),
    result.detection.toFixed(0),
    result.repair.toFixed(0),
  ];
}
