/**
 * What a page costs: `zomma report` as its own process, on a chain of more than 2,000 instruments, from the file of quotes to the file of
 * HTML.
 *
 *   npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/report/run.js [--rounds 5] [--docs 2026-01-31]
 *
 * --docs writes benchmarks/report/README.md, dated so.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { syntheticChain, syntheticChainText } from '../data/synthetic-chain.js';

const { values } = parseArgs({ options: { docs: { type: 'string' }, rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const command = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const reportProcessorTime =
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write(String(user + system)); })";
const folder = mkdtempSync(join(tmpdir(), 'zomma-report-benchmark-'));
const chainFile = join(folder, 'chain.json');
const page = join(folder, 'report.html');
const chain = syntheticChain({ finer: 2.5 });
writeFileSync(chainFile, syntheticChainText(chain));

const bookFile = join(folder, 'positions.json');
writeFileSync(bookFile, JSON.stringify(positionsOf(500)));
const book = ['--positions', 'docs/examples/coin-positions.json', '--account', 'docs/examples/coin-account.json'];
const account = [...book, '--fx', 'USDC/USD=1'];
const cases = [
  { name: 'chain', options: [] },
  { name: 'chain and account', options: account },
  { name: 'chain and 500 short and long options', options: ['--positions', bookFile, '--cash', 'BTC=100'] },
  { name: 'chain and account, in three dimensions', options: [...account, '--3d'] },
];
const rows = cases.map(({ name, options }) => {
  const runs = Array.from({ length: rounds }, () => write(options));
  const elapsed = Math.min(...runs.map((run) => run.elapsed)).toFixed(1);
  const processor = Math.min(...runs.map((run) => run.processor)).toFixed(1);
  return `| ${name} | ${elapsed} | ${processor} | ${(statSync(page).size / 1e6).toFixed(2)} |`;
});
rmSync(folder, { recursive: true });

const table = `| page of | seconds | of processor time | MB |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
console.log(table);

if (values.docs !== undefined) {
  const machine = `${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.versions.node}`;
  writeFileSync(
    'benchmarks/report/README.md',
    `# What a page costs

${values.docs}, ${machine}. Written by

    npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/report/run.js --rounds ${rounds} --docs ${values.docs}

\`zomma report\` as its own process on a synthetic chain of ${chain.rows.length.toLocaleString('en')} instruments and ${chain.slices.length} expiries: start, reading, calibration
with certificates, figures, pictures and writing; the account is that of docs/examples. The fastest of ${rounds} runs,
with a load of ${loadavg()[0]!.toFixed(0)} on the ${cpus().length} processors: alone on the machine, a run takes about its processor time. The bounds are 5 s, and 5 MB without
three dimensions. With a large book most of the time goes to its profile at the next expiry and to its liquidation prices.

${table}
`,
  );
}

/** Options over the whole chain, in the venue's shape: two sold for one bought. */
function positionsOf(count: number): object[] {
  const quoted = chain.rows.filter(({ bid_price: bid }) => bid !== null);
  return Array.from({ length: count }, (_, i) => {
    const { instrument_name, bid_price: average_price } = quoted[(7 * i) % quoted.length]!;
    return { instrument_name, kind: 'option', direction: i % 3 === 0 ? 'buy' : 'sell', size: 1, average_price };
  });
}

/** Seconds of one run: elapsed, and of processor time. */
function write(options: readonly string[]): { elapsed: number; processor: number } {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [
    ...['--import', `data:text/javascript,${encodeURIComponent(reportProcessorTime)}`],
    ...[command, 'report', chainFile, ...options, '--html', page],
  ]);
  if (status !== 0) throw new Error(String(stderr));
  return { elapsed: (performance.now() - started) / 1000, processor: Number(stderr) / 1e6 };
}
