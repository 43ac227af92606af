/**
 * A history of 100,000 slices over 500 chains inline, in threads and through a queue of two worker processes, one of which is killed in
 * mid-run, as is Redis, which comes back from its append-only file: the same tables, no row lost, none twice. ZOMMA_SLICES runs fewer.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeHistory } from '../../../benchmarks/history/data.js';
import type { Executor } from '../../../src/parallel/executor.js';
import { history } from '../../../src/parallel/history/history.js';
import type { HistoryProgress } from '../../../src/parallel/history/history.js';
import { inline } from '../../../src/parallel/node-inline.js';
import { deadLetters } from '../../../src/parallel/queue/dead-letters.js';
import { queue } from '../../../src/parallel/queue/queue.js';
import { threads } from '../../../src/parallel/threads.js';
import { noRedis, redisServer } from './redis-server.js';
import { workerProcess } from './worker-process.js';

const slices = Number(process.env['ZOMMA_SLICES'] ?? 100_000);
const underlyings = Math.min(500, slices / 20);
const expiries = 10;
const times = slices / underlyings / expiries;

const folder = mkdtempSync(join(tmpdir(), 'zomma-history-'));
const toEnd: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of toEnd.reverse()) await end();
  rmSync(folder, { recursive: true });
}, 600_000);

const input = join(folder, 'quotes');
const out = (name: string) => join(folder, name);

async function run(name: string, executor: Executor, onProgress?: (progress: HistoryProgress) => void) {
  const summary = await history([input], { out: out(name), executor, options: { arbitrage: 'report' }, onProgress });
  await executor.close();
  expect(summary).toMatchObject({ partitions: underlyings, slices, surfaceRows: slices, failures: {}, failed: [] });
  return summary;
}

/** The names of all tables and records with their digests. */
function tables(name: string): string[] {
  return ['surfaces', 'analytics', 'partitions'].flatMap((table) =>
    readdirSync(join(out(name), table), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => `${path.slice(out(name).length)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
      .sort(),
  );
}

describe(`a history of ${slices} slices over ${underlyings} chains`, { timeout: 7_200_000 }, () => {
  it('has its tables inline', async () => {
    writeHistory(input, { underlyings, times, expiries, strikes: 12 });
    await run('inline', inline());
    expect(tables('inline')).toHaveLength(3 * underlyings);
  });

  it('and the same in threads', async () => {
    await run('threads', await threads({ threads: 2 }));
    expect(tables('threads')).toEqual(tables('inline'));
  });

  it.skipIf(noRedis !== '')(`and through a queue that suffers${noRedis}`, async () => {
    const redis = await redisServer(mkdtempSync(join(folder, 'redis-')));
    toEnd.push(() => redis.kill());
    const start = async () => {
      const made = await workerProcess(redis.url, '--concurrency', '1', '--lock', '5');
      toEnd.push(() => made.end('SIGKILL'));
      return made;
    };
    const [first, second] = await Promise.all([start(), start()]);
    const messages: string[] = [];
    const say = (message: string) => messages.push(message);
    const executor = await queue({ url: redis.url, folder: join(out('queue'), 'jobs'), onMessage: say });
    let kills: Promise<void> | undefined;
    const kill = async (): Promise<void> => {
      await first.end('SIGKILL');
      await redis.kill();
      await redis.start();
    };
    let count = 0;
    const summary = await run('queue', executor, ({ phase, done, total }) => {
      if (phase === 'calibrate') count += 1;
      if (phase === 'calibrate' && done === Math.ceil(total / 3)) kills = kill();
    });
    expect(kills).toBeDefined();
    await kills;
    expect(count).toBe(underlyings);
    // A partition whose worker died between its record and its answer is found done.
    expect(summary.written + summary.skipped).toBe(underlyings);
    expect(tables('queue')).toEqual(tables('inline'));
    expect(await deadLetters({ url: redis.url })).toEqual([]);
    expect(await second.end('SIGTERM')).toBe(0);
    expect(readdirSync(join(out('queue'), 'jobs')).filter((name) => !name.startsWith('mark-'))).toEqual([]);
  });
});
