/**
 * A million options in this thread and in two: the time of a row by the rows of a piece, of columns that are copied into a thread's
 * own batch and out of it (priceColumns), and of a batch on shared memory that is computed where it lies (priceBatch).
 *
 *   npx tsx benchmarks/parallel/run.ts [--rows 1000000 --rounds 9 --date 2026-01-31]
 *
 * All take turns in every round. Wall time is the least of the rounds, since other work on the machine only adds to it; CPU time, of
 * all threads together, is the median. Writes benchmarks/parallel/README.md where a date is given.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Executor } from '../../src/parallel/executor.js';
import { COPIED_CHUNK, SHARED_CHUNK } from '../../src/parallel/chunk.js';
import { inline } from '../../src/parallel/inline.js';
import { priceBatch } from '../../src/parallel/price-batch.js';
import { priceColumns, type ColumnRequest } from '../../src/parallel/price-columns.js';
import { threads } from '../../src/parallel/threads.js';
import { createBatch } from '../../src/pricing/batch/index.js';
import { quantile } from '../calibration/measure.js';
import { cpuNanoseconds, randomRows } from '../pricing/cases.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '9' },
    moments: { type: 'string', default: '60' },
    date: { type: 'string' },
  },
});
const count = Number(values.rows);
const CHUNKS = [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144];
const THREADS = 2;
const REQUESTS: Record<string, ColumnRequest> = { price: ['price'], 'implied volatility': 'impliedVolatility' };

const rows = randomRows(count, 1);
const columns = {
  isCall: rows.isCall,
  spot: rows.forward,
  strike: rows.strike,
  timeToExpiry: rows.timeToExpiry,
  volatility: rows.volatility,
  rate: rows.rate,
  marketPrice: rows.price,
};
const batch = createBatch(count, { model: 'black76', backend: 'simd', shared: true });
for (const [name, column] of Object.entries(columns)) batch[name as keyof typeof columns].set(column);
batch.price();
rows.price.set(batch.out.price!);
batch.marketPrice.set(rows.price);

interface Case {
  name: string;
  request: string;
  executor: string;
  chunk: number;
  run: () => Promise<unknown>;
  wall: number[];
  cpu: number[];
}

const pool = await threads({ threads: THREADS });
const executors: Record<string, Executor> = { 'one thread': inline(), 'two threads': pool };
const cases: Case[] = [];
for (const [request, wanted] of Object.entries(REQUESTS)) {
  const alone = (): Promise<void> => {
    if (wanted === 'impliedVolatility') batch.impliedVolatility();
    else batch.greeks(wanted);
    return Promise.resolve();
  };
  cases.push({ name: 'batch', request, executor: 'one thread', chunk: count, run: alone, wall: [], cpu: [] });
  for (const [label, executor] of Object.entries(executors)) {
    for (const chunk of CHUNKS) {
      const copied = () => priceColumns(columns, wanted, { model: 'black76', executor, chunk });
      const shared = () => priceBatch(batch, wanted, { executor, chunk });
      cases.push({ name: 'copied', request, executor: label, chunk, run: copied, wall: [], cpu: [] });
      cases.push({ name: 'shared', request, executor: label, chunk, run: shared, wall: [], cpu: [] });
    }
  }
}
for (let round = -1; round < Number(values.rounds); round++) {
  for (const { run, wall, cpu } of cases) {
    const [begin, beginCpu] = [performance.now(), cpuNanoseconds()];
    await run();
    // The first round warms the threads up.
    if (round < 0) continue;
    wall.push((1e6 * (performance.now() - begin)) / count);
    cpu.push((cpuNanoseconds() - beginCpu) / count);
  }
}

/** The same work over and over, to meet moments in which both cores are free. */
async function speedUp(): Promise<string[]> {
  const chosen = Object.keys(REQUESTS).flatMap((request) =>
    cases.filter(
      (one) =>
        one.request === request &&
        (one.name === 'batch' ||
          (one.executor === 'two threads' && one.chunk === (one.name === 'copied' ? COPIED_CHUNK : SHARED_CHUNK))),
    ),
  );
  for (let i = 0; i < Number(values.moments); i++) {
    for (const one of chosen) {
      const begin = performance.now();
      await one.run();
      one.wall.push((1e6 * (performance.now() - begin)) / count);
    }
  }
  const least = (request: string, name: string): number =>
    Math.min(...chosen.find((one) => one.request === request && one.name === name)!.wall);
  return Object.keys(REQUESTS).map((request) => {
    const alone = least(request, 'batch');
    const [shared, copied] = [least(request, 'shared'), least(request, 'copied')];
    return `| ${[request, alone.toFixed(1), shared.toFixed(1), `${(alone / shared).toFixed(2)} x`, copied.toFixed(1), `${(alone / copied).toFixed(2)} x`].join(' | ')} |`;
  });
}
const speedUps = await speedUp();
await pool.close();

function cell(name: string, request: string, executor: string, chunk: number): string {
  const found = cases.find(
    (one) => one.name === name && one.request === request && one.executor === executor && one.chunk === chunk,
  )!;
  return `${Math.min(...found.wall).toFixed(1)} (${quantile(found.cpu, 0.5).toFixed(1)})`;
}

const lines: string[] = [];
for (const request of Object.keys(REQUESTS)) {
  const head = [
    'rows a piece',
    ...['copied', 'shared'].flatMap((name) => Object.keys(executors).map((e) => `${name}, ${e}`)),
  ];
  lines.push(`### ${request}`, '', `| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`);
  for (const chunk of CHUNKS) {
    const cells = ['copied', 'shared'].flatMap((name) =>
      Object.keys(executors).map((executor) => cell(name, request, executor, chunk)),
    );
    lines.push(`| ${[chunk.toLocaleString('en'), ...cells].join(' | ')} |`);
  }
  lines.push('', `The batch alone, one call: ${cell('batch', request, 'one thread', count)}.`, '');
}
lines.push(
  '### Two threads against one',
  '',
  `Least wall time of ${values.moments} more rounds, at the pieces chosen.`,
  '',
  '| | one call of the batch | shared, two threads | | copied, two threads | |',
  '| --- | --- | --- | --- | --- | --- |',
  ...speedUps,
  '',
);
const text = lines.join('\n');
console.log(text);
if (values.date !== undefined) {
  writeFileSync(
    'benchmarks/parallel/README.md',
    `# Threads

    npx tsx benchmarks/parallel/run.ts --date ${values.date}

${values.date}, ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} shared cores under load, Node ${process.versions.node}, ${THREADS} threads of piscina, ${count.toLocaleString('en')} rows of
black76, ${values.rounds} rounds in which all take turns. Nanoseconds a row of wall time, the least of the rounds, and in brackets of CPU time of all threads,
the median. "Copied" is priceColumns, which fills a batch of the thread's own piece by piece and copies the results out, after
copying columns that are not shared yet to memory that is; "shared" is priceBatch, where every thread opens the kernel on the batch's own memory.
The results are the same bytes in all cells. Under load wall time is a matter of luck; CPU time says what copying, messages and
kernels cost beside the one call of a batch.

${text}
Rows a piece where nothing else is said: ${COPIED_CHUNK.toLocaleString('en')} copied, ${SHARED_CHUNK.toLocaleString('en')} shared (src/parallel/chunk.ts).
`,
  );
}
