/**
 * What the queue costs: a synthetic history in the threads of one process and in worker processes with one thread each, and jobs of no
 * work at all; times, peak memory of producer and workers.
 *
 *   npx tsx benchmarks/history/queue.ts [--slices 10000] [--chains 50] [--workers 2] [--jobs 2000]
 *
 * Starts redis-server, which has to be installed.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Executor } from '../../src/parallel/executor.js';
import { history } from '../../src/parallel/history/history.js';
import { mapChains } from '../../src/parallel/map-chains.js';
import { queue } from '../../src/parallel/queue/queue.js';
import { threads } from '../../src/parallel/threads.js';
import { redisServer } from '../../test/parallel/queue/redis-server.js';
import { writeHistory } from './data.js';

const { values } = parseArgs({
  options: {
    slices: { type: 'string', default: '10000' },
    chains: { type: 'string', default: '50' },
    workers: { type: 'string', default: '2' },
    jobs: { type: 'string', default: '2000' },
  },
});
const [slices, chains, workers, jobs] = [values.slices, values.chains, values.workers, values.jobs].map(Number) as [
  number,
  number,
  number,
  number,
];

const folder = mkdtempSync(join(tmpdir(), 'zomma-queue-'));
const redisFolder = join(folder, 'redis');
mkdirSync(redisFolder);
const redis = await redisServer(redisFolder);
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const processes = Array.from({ length: workers }, () => {
  const argv = ['--import', 'tsx', main, 'worker', '--redis', redis.url, '--concurrency', '1'];
  return spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
});
await Promise.all(processes.map(({ stderr }) => new Promise((resolve) => stderr.once('data', resolve))));
try {
  const input = join(folder, 'quotes');
  const expiries = 10;
  writeHistory(input, { underlyings: chains, times: Math.round(slices / chains / expiries), expiries, strikes: 30 });
  console.log(
    `${cpus().length} cores of ${cpus()[0]!.model}, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)}`,
  );

  const pool = await threads({ threads: workers });
  const first = join(folder, 'first');
  writeHistory(first, { underlyings: workers, times: 2, expiries, strikes: 30 });
  await timed(pool, first, 'warm-threads');
  const inThreads = await timed(pool, input, 'threads');
  await pool.close();
  console.log(`${workers} threads: ${inThreads.toFixed(1)} s for ${slices} slices in ${chains} jobs`);

  const executor = await queue({ url: redis.url, folder: join(folder, 'jobs') });
  await timed(executor, first, 'warm-queue');
  const inQueue = await timed(executor, input, 'queue');
  console.log(`${workers} workers: ${inQueue.toFixed(1)} s`);

  const none = {
    venue: 'none',
    underlying: 'NONE',
    style: 'european',
    settlement: 'linear',
    premiumCurrency: 'USD',
    multiplier: 1,
  } as const;
  const empty = Array.from({ length: jobs }, (_, asOf) => ({ ...none, asOf, quotes: [], rejected: [] }));
  const started = performance.now();
  await mapChains(empty, {}, { executor });
  const perJob = (performance.now() - started) / jobs;
  console.log(`jobs of no work: ${perJob.toFixed(2)} ms each, ${(1000 / perJob).toFixed(0)} a second`);
  await executor.close();

  const peak = processes.map(({ pid }) =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid!}/status`, 'utf8'))![1]),
  );
  console.log(
    `peak memory: producer ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB with its threads, a worker ${peak.map((kib) => (kib / 1024).toFixed(0)).join(' and ')} MiB`,
  );
} finally {
  for (const child of processes) child.kill('SIGKILL');
  await redis.kill();
  rmSync(folder, { recursive: true });
}

/** Seconds. */
async function timed(executor: Executor, input: string, name: string): Promise<number> {
  const started = performance.now();
  await history([input], { out: join(folder, name), executor, options: { arbitrage: 'report' } });
  return (performance.now() - started) / 1000;
}
