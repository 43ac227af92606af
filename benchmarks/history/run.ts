/**
 * A synthetic history through `history`, inline and in threads: whether the tables are the same, slices a second, and peak memory.
 *
 *   npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/history/run.js [options]
 *
 *   --slices 100000     over --chains 500 files (underlyings), ten expiries a time, thirty quotes a slice
 *   --threads 2
 *   --arbitrage report  or certify
 *   --readme            also writes benchmarks/history/README.md
 *
 * Every run is a process of its own, which tells its time, its processor time and its peak memory.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { history } from '../../src/parallel/history/history.js';
import type { HistorySummary } from '../../src/parallel/history/history.js';
import { inline } from '../../src/parallel/node-inline.js';
import { threads } from '../../src/parallel/threads.js';
import { writeHistory } from './data.js';

const EXPIRIES = 10;
const STRIKES = 30;

const { values } = parseArgs({
  options: {
    slices: { type: 'string', default: '100000' },
    chains: { type: 'string', default: '500' },
    threads: { type: 'string', default: '2' },
    arbitrage: { type: 'string', default: 'report' },
    readme: { type: 'boolean', default: false },
    /** A run in a process of its own. */
    input: { type: 'string' },
    out: { type: 'string' },
  },
});

interface Run {
  threads: number;
  seconds: number;
  processorSeconds: number;
  /** Of the process, in mebibytes. */
  peakMemory: number;
  summary: HistorySummary;
}

if (values.input !== undefined && values.out !== undefined) {
  console.log(JSON.stringify(await runHere(values.input, values.out, Number(values.threads))));
} else measure(Number(values.slices), Number(values.chains), Number(values.threads));

async function runHere(input: string, out: string, count: number): Promise<Run> {
  const executor = count === 0 ? inline() : await threads({ threads: count });
  const started = performance.now();
  const arbitrage = values.arbitrage === 'certify' ? 'certify' : 'report';
  const summary = await history([input], { out, executor, options: { arbitrage } });
  const seconds = (performance.now() - started) / 1000;
  await executor.close();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const processorSeconds = (userCPUTime + systemCPUTime) / 1e6;
  return { threads: count, seconds, processorSeconds, peakMemory: maxRSS / 1024, summary };
}

function measure(slices: number, chains: number, count: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'zomma-history-'));
  try {
    const times = Math.round(slices / chains / EXPIRIES);
    const size = { underlyings: chains, times, expiries: EXPIRIES, strikes: STRIKES };
    const load = loadavg()[0]!;
    const inputs = {
      tenth: join(folder, 'tenth'),
      whole: join(folder, 'whole'),
      long: join(folder, 'long'),
    };
    writeHistory(inputs.tenth, { ...size, underlyings: Math.ceil(chains / 10) });
    writeHistory(inputs.whole, size);
    writeHistory(inputs.long, { ...size, underlyings: Math.ceil(chains / 100), times: 10 * times });
    const run = (name: keyof typeof inputs, threadCount: number): { run: Run; digest: string } => {
      const out = join(folder, `${name}-${threadCount}`);
      const own = [inputs[name], '--out', out, '--threads', String(threadCount), '--arbitrage', values.arbitrage];
      const [loader, script] = [process.execArgv, fileURLToPath(import.meta.url)];
      const text = execFileSync(process.execPath, [...loader, script, '--input', ...own], { encoding: 'utf8' });
      return { run: JSON.parse(text) as Run, digest: digestOf(out) };
    };
    const lines: string[] = [];
    const say = (line: string): void => {
      lines.push(line);
      console.log(line);
    };
    say('| history | slices | executor | seconds | slices a second | processor ms a slice | peak memory, MiB |');
    say('| --- | ---: | --- | ---: | ---: | ---: | ---: |');
    const row = (what: string, { run: made }: { run: Run }): void => {
      const { summary, seconds, processorSeconds, peakMemory, threads: threadCount } = made;
      const cells = [
        what,
        summary.slices,
        threadCount === 0 ? 'inline' : `${threadCount} threads`,
        seconds.toFixed(0),
        (summary.slices / seconds).toFixed(0),
        ((1000 * processorSeconds) / summary.slices).toFixed(2),
        peakMemory.toFixed(0),
      ];
      say(`| ${cells.join(' | ')} |`);
    };
    const tenth = run('tenth', 0);
    row(`${Math.ceil(chains / 10)} files of ${times} times`, tenth);
    const long = run('long', 0);
    row(`${Math.ceil(chains / 100)} files of ${10 * times} times`, long);
    const alone = run('whole', 0);
    row(`${chains} files of ${times} times`, alone);
    const together = run('whole', count);
    row(`${chains} files of ${times} times`, together);
    const loadAfter = loadavg()[0]!;
    say('');
    const isSame = alone.digest === together.digest;
    const { chains: surfaces, failures, failed } = alone.run.summary;
    say(
      `Tables inline and in threads: ${isSame ? 'the same bytes' : 'DIFFERENT'} (SHA-256 ${alone.digest.slice(0, 16)}...).`,
    );
    say(
      `${surfaces} surfaces; expiries without a slice: ${JSON.stringify(failures)}; partitions that failed: ${failed.length}.`,
    );
    say(`Speed-up of ${count} threads: ${(alone.run.seconds / together.run.seconds).toFixed(2)}.`);
    say(
      `Peak memory of ten times the files: ${(alone.run.peakMemory / tenth.run.peakMemory).toFixed(2)} times; of files ten times as long: ${(long.run.peakMemory / tenth.run.peakMemory).toFixed(2)} times.`,
    );
    say(
      `${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.versions.node}; load average ${load.toFixed(1)} before the runs, ${loadAfter.toFixed(1)} after: other work was ${Math.max(load, loadAfter) > cpus().length ? 'going on, so that times and the speed-up are below what the machine can do' : 'little'}.`,
    );
    if (values.readme) writeFileSync(new URL('README.md', sourceFolder()), readme(lines));
    if (!isSame) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of every file of a folder, by name and content. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of paths) hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path));
  return hash.digest('hex');
}

/** Where this file is in the source, wherever it runs from. */
function sourceFolder(): URL {
  const here = import.meta.url;
  return here.endsWith('.ts') ? new URL('./', here) : new URL('../../../../benchmarks/history/', here);
}

function readme(lines: readonly string[]): string {
  return `# History

A synthetic history (data.ts, seeded: one Parquet file an underlying, ten expiries of thirty quotes a time) to tables of surfaces and
constant maturities by \`history\` of \`zomma/parallel\`, with \`arbitrage: '${values.arbitrage}'\`. Written by

\`\`\`sh
npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/history/run.js --readme
\`\`\`

A slice's time is everything: reading its rows, implied volatilities, the fit, the certificates, its part of the constant maturities, and
writing and reading back the tables. Memory is that of the whole process, threads included.

${lines.join('\n')}
`;
}
