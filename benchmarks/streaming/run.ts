/**
 * Latency from a quote's change to refreshed Greeks.
 *
 *   npx tsx benchmarks/streaming/run.ts [--docs 2026-01-31]
 *
 * --docs writes benchmarks/streaming/README.md, dated so.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { WatchOptions } from '../../src/portfolio/watch-surface.js';
import { batches, EXPIRIES, measure, OPTIONS, quantile, QUOTES } from './cases.js';

const { values } = parseArgs({ options: { docs: { type: 'string' } } });
const surfaces: [string, WatchOptions, number][] = [
  ['SVI, as it fits', { arbitrage: 'report' }, 1000],
  ['SVI, certified', { arbitrage: 'certify' }, 300],
  ['eSSVI', { model: 'essvi' }, 1000],
];

const rows: string[] = [];
for (const [surface, options, count] of surfaces) {
  for (const [name, batch] of Object.entries(batches)) {
    const runs = name === 'one quote' ? count : count / 10;
    const latency = await measure(name, batch, options, runs);
    const { times, work } = latency;
    const figures = [quantile(times, 0.5), quantile(times, 0.99), quantile(work, 0.5), quantile(work, 0.99)];
    const cells = figures.map((time) => time.toFixed(2));
    rows.push(`| ${[surface, name, runs, latency.refitted.toFixed(1), ...cells].join(' | ')} |`);
  }
}
const load = loadavg()
  .map((value) => value.toFixed(1))
  .join(', ');
const table = `| surface | changes at once | updates | expiries refitted | median, ms | p99, ms | of the processor: median | p99 |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`;
console.log(`${table}\n\nload ${load} on ${cpus().length} processors`);

if (values.docs !== undefined) {
  const machine = `${cpus()[0]?.model ?? 'an unknown processor'}, ${cpus().length} processors, Node ${process.versions.node}`;
  writeFileSync(
    'benchmarks/streaming/README.md',
    `# From a quote's change to Greeks

${values.docs}, ${machine}, load average ${load} (1, 5, 15 minutes). Written by

    npx tsx benchmarks/streaming/run.ts --docs ${values.docs}

\`watchSurface\` on ${EXPIRIES} expiries of ${QUOTES} quotes (20 strikes, calls and puts) of a synthetic coin chain, with a book of ${OPTIONS} options. Timed from the
moment a batch of changes is handed over to the update with the refreshed surface and the book's seventeen Greeks: forwards, implied volatilities
and fits of what has changed, certificates, snapshot, Greeks. One quote: a tick up or down. The whole chain: all ${EXPIRIES * QUOTES} quotes and
forwards at once, as after a move of the index. The clock also counts waiting for other work on the machine, as much as the load is above
its ${cpus().length} processors; the processor's time is that of the process with its garbage collector.

${table}
`,
  );
}
