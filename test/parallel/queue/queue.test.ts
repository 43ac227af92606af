/** The queue on a Redis server of its own; skipped where redis-server is not installed. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { OptionChain } from '../../../src/market/chain.js';
import { deribit } from '../../../src/market/venues/deribit.js';
import type { Executor } from '../../../src/parallel/executor.js';
import { history } from '../../../src/parallel/history/history.js';
import { mapChains } from '../../../src/parallel/map-chains.js';
import { priceColumns } from '../../../src/parallel/price-columns.js';
import { deadLetters } from '../../../src/parallel/queue/dead-letters.js';
import { jobId } from '../../../src/parallel/queue/job.js';
import { queue } from '../../../src/parallel/queue/queue.js';
import { queueWorker } from '../../../src/parallel/queue/queue-worker.js';
import type { QueueWorker } from '../../../src/parallel/queue/queue-worker.js';
import { queueName } from '../../../src/parallel/queue/redis.js';
import type { ChainRequest } from '../../../src/parallel/tasks.js';
import { threads } from '../../../src/parallel/threads.js';
import type { SurfaceFit } from '../../../src/volatility/calibration/surface-fit.js';
import { zomma } from '../../cli/support.js';
import { noRedis, redisServer } from './redis-server.js';
import type { RedisServer } from './redis-server.js';
import { workerProcess } from './worker-process.js';
import type { WorkerProcess } from './worker-process.js';

const sample = deribit.parseBookSummary(readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8'), {
  asOf: Date.UTC(2026, 0, 13, 12),
});
const expiries = [...new Set(sample.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b);

/** Chains of two expiries that differ in their time. */
function someChains(count: number): OptionChain[] {
  const quotes = sample.quotes.filter(({ expiry }) => expiries.slice(2, 4).includes(expiry));
  return Array.from({ length: count }, (_, i) => ({ ...sample, asOf: sample.asOf + 60_000 * i, quotes }));
}

const plain = (fits: readonly SurfaceFit[]) =>
  JSON.stringify(fits.map((fit) => (fit.ok ? { ...fit, surface: fit.surface.toJSON() } : fit)));

const password = 'sesame';
const folder = mkdtempSync(join(tmpdir(), 'zomma-queue-'));
let redis: RedisServer;
let client: Redis;
let store: string;
const toClose: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (noRedis !== '') return;
  redis = await redisServer(folder, password);
  client = new Redis(redis.url, { maxRetriesPerRequest: null });
  // It connects again by itself.
  client.on('error', () => undefined);
}, 300_000);
afterAll(async () => {
  if (noRedis === '') {
    client.disconnect();
    await redis.kill();
  }
  rmSync(folder, { recursive: true });
}, 300_000);
beforeEach(async () => {
  store = mkdtempSync(join(folder, 'store-'));
  if (noRedis === '') await client.flushall();
});
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
}, 300_000);

async function producer(options: Partial<Parameters<typeof queue>[0]> = {}): Promise<Executor> {
  const made = await queue({ url: redis.url, folder: store, ...options });
  toClose.push(() => made.close());
  return made;
}

async function worker(options: Partial<Parameters<typeof queueWorker>[0]> = {}): Promise<QueueWorker> {
  const made = await queueWorker({ url: redis.url, concurrency: 1, ...options });
  toClose.push(() => made.stop());
  return made;
}

async function ownProcess(...argv: string[]): Promise<WorkerProcess> {
  const made = await workerProcess(redis.url, '--concurrency', '1', ...argv);
  toClose.push(() => made.end('SIGKILL'));
  return made;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Every file below a folder with its content. */
function filesOf(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path.slice(folder.length), readFileSync(path).toString('base64')]);
}

/** Job folders left in the store. */
const left = () => readdirSync(store).filter((name) => !name.startsWith('mark-'));

// Processes are started and killed: on a busy machine that takes its time.
describe.skipIf(noRedis !== '')(`the queue${noRedis}`, { timeout: 300_000 }, () => {
  it('calibrates to the bytes of this thread and of threads, and leaves nothing behind', async () => {
    const chains = someChains(4);
    const here = await mapChains(chains);
    const pool = await threads({ threads: 1 });
    toClose.push(() => pool.close());
    expect(plain(await mapChains(chains, {}, { executor: pool }))).toBe(plain(here));
    await worker();
    const executor = await producer({ width: 3 });
    expect(executor).toMatchObject({ kind: 'queue', width: 3 });
    const seen: [number, number][] = [];
    const there = await mapChains(chains, {}, { executor, onProgress: (...progress) => seen.push(progress) });
    expect(plain(there)).toBe(plain(here));
    expect(seen).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
    expect(left()).toEqual([]);
    // The same chain several times, in one map and in two at once.
    const [one] = chains;
    const same = [one!, one!, one!];
    const twice = await Promise.all([0, 1].map(() => mapChains(same, {}, { executor })));
    for (const fits of twice) expect(plain(fits)).toBe(plain([here[0]!, here[0]!, here[0]!]));
  });

  it('makes the tables of a history to the same bytes, from files that the jobs only name', async () => {
    const text = readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8');
    const { result } = JSON.parse(text) as { result: { instrument_name: string }[] };
    const days = ['16JAN26', '23JAN26', '30JAN26'];
    const files = days.map((day) => {
      const file = join(store, `${day}.json`);
      writeFileSync(file, JSON.stringify({ result: result.filter((row) => row.instrument_name.includes(day)) }));
      return file;
    });
    const [one, other] = [join(store, 'one'), join(store, 'other')];
    const here = await history(files, { out: one, asOf: sample.asOf });
    expect(here).toMatchObject({ written: 3, slices: 3 });
    await worker();
    const executor = await producer({ folder: join(other, 'jobs') });
    expect(await history(files, { out: other, asOf: sample.asOf, executor })).toEqual(here);
    for (const table of ['surfaces', 'analytics', 'partitions']) {
      expect(filesOf(join(other, table))).toEqual(filesOf(join(one, table)));
    }
    expect(await history(files, { out: other, asOf: sample.asOf, executor })).toMatchObject({ written: 0, skipped: 3 });
  });

  it('loses and doubles nothing where a worker is killed and Redis is killed and restarted', async () => {
    const chains = someChains(12);
    const here = await mapChains(chains);
    const messages: string[] = [];
    const executor = await producer({ width: 6, onMessage: (message) => messages.push(message) });
    const [first, second] = await Promise.all([ownProcess('--lock', '2'), ownProcess('--lock', '2')]);
    let kills: Promise<void> | undefined;
    const kill = async (): Promise<void> => {
      await first.end('SIGKILL');
      await redis.kill();
      await redis.start();
    };
    let count = 0;
    const onProgress = (done: number): void => {
      count += 1;
      if (done === 3) kills = kill();
    };
    const there = await mapChains(chains, {}, { executor, onProgress });
    await kills;
    expect(plain(there)).toBe(plain(here));
    expect(count).toBe(12);
    expect(left()).toEqual([]);
    expect(messages.join('\n')).not.toContain(password);
    expect(second.output()).not.toContain(password);
    expect(await second.end('SIGTERM')).toBe(0);
    expect(await deadLetters({ url: redis.url })).toEqual([]);
  });

  it('adds a job again that Redis has forgotten', async () => {
    const messages: string[] = [];
    const executor = await producer({ onMessage: (message) => messages.push(message) });
    const chains = someChains(1);
    const id = jobId({ name: 'calibrateChain', input: { chain: chains[0]!, options: {} } });
    const fits = mapChains(chains, {}, { executor });
    await until(async () => (await client.keys(`*:${id}`)).length > 0);
    await client.flushall();
    await until(() => messages.includes(`job ${id} was lost and is added again`));
    await worker();
    expect((await fits)[0]!.ok).toBe(true);
  });

  it('keeps a piece that cannot be done with its reason, and tries it anew when asked again', async () => {
    const executor = await producer({ attempts: 2 });
    const runs: string[] = [];
    await worker({ onJob: ({ outcome }) => runs.push(outcome) });
    // A mistake of the caller is one wherever it is found, and is not tried again.
    const nonsense = mapChains(someChains(1), { model: 'nonsense' as 'svi' }, { executor });
    await expect(nonsense).rejects.toBeInstanceOf(InputError);
    await expect(nonsense).rejects.toMatchObject({ field: 'model', value: 'nonsense' });
    expect(runs).toEqual(['dead-letter']);
    // Any other error is.
    const poison = null as unknown as ChainRequest;
    await expect(executor.map('calibrateChain', [poison])).rejects.toThrow(/is a dead letter: .*null/);
    expect(runs).toEqual(['dead-letter', 'to-be-repeated', 'dead-letter']);

    const letters = await deadLetters({ url: redis.url });
    expect(letters.map(({ task, attempts }) => [task, attempts])).toEqual([
      ['calibrateChain', 1],
      ['calibrateChain', 2],
    ]);
    expect(letters[0]).toMatchObject({ folder: store, reason: expect.stringContaining("got 'nonsense'") as string });
    expect(letters[1]!.id).toBe(jobId({ name: 'calibrateChain', input: poison }));
    expect(left().sort()).toEqual(letters.map(({ id }) => id).sort());
    const listed = await zomma(['worker', '--redis', redis.url, '--dead-letters']);
    expect(listed).toMatchObject({ code: 0, err: '' });
    expect(listed.out).toContain(`calibrateChain  ${letters[1]!.id}  2 runs  `);
    expect(listed.out).toContain('2 dead letters\n');

    await expect(executor.map('calibrateChain', [poison])).rejects.toThrow('is a dead letter');
    expect(runs.slice(3)).toEqual(['to-be-repeated', 'dead-letter']);
    expect(await deadLetters({ url: redis.url })).toHaveLength(2);
  });

  it('finishes the job in hand where a worker is told to stop', async () => {
    const chains = someChains(12);
    const executor = await producer({ width: 2 });
    const first = await ownProcess();
    let ended: Promise<number | null> | undefined;
    let done = 0;
    const onProgress = (count: number): void => {
      done = count;
      if (count === 2) ended = first.end('SIGTERM');
    };
    const fits = mapChains(chains, {}, { executor, onProgress });
    await until(() => ended !== undefined);
    expect(await ended).toBe(0);
    const said = /(\d+) jobs done, 0 failed runs to be repeated, 0 dead letters/.exec(first.output());
    await until(() => done === Number(said?.[1]));
    // Its lock would hold for half a minute: what it had is not waited for.
    await worker();
    expect(plain(await fits)).toBe(plain(await mapChains(chains)));
  });

  it('gives the job in hand back where a worker is told to stop twice, and takes it out of the queue where it is called off', async () => {
    const quotes = Array.from({ length: 20 }, (_, i) =>
      sample.quotes.map((quote) => ({ ...quote, expiry: quote.expiry + 3_600_000 * i })),
    ).flat();
    const executor = await producer();
    const first = await ownProcess('--lock', '3600');
    const controller = new AbortController();
    const fits = mapChains([{ ...sample, quotes }], {}, { executor, signal: controller.signal });
    const name = `bull:${queueName()}`;
    await until(async () => (await client.llen(`${name}:active`)) === 1);
    first.signal('SIGTERM');
    await first.said('a second signal gives them back');
    expect(await first.end('SIGTERM')).toBe(0);
    expect(first.output()).toContain('giving the jobs back\n0 jobs done');
    expect([await client.llen(`${name}:active`), await client.llen(`${name}:wait`)]).toEqual([0, 1]);
    controller.abort(new Error('enough'));
    await expect(fits).rejects.toThrow('enough');
    expect(await client.llen(`${name}:wait`)).toBe(0);
  });

  it('has a worker that sees another folder say so', async () => {
    const executor = await producer({ attempts: 1 });
    const fits = mapChains(someChains(1), {}, { executor });
    await until(async () => (await client.llen(`bull:${queueName()}:wait`)) === 1);
    renameSync(store, `${store}-elsewhere`);
    mkdirSync(store);
    await worker();
    await expect(fits).rejects.toThrow('producer and workers have to see the same one under the same path');
  });

  it('says when no worker is there, and refuses what it cannot be', async () => {
    const executor = await producer();
    const column = Float64Array.of(1);
    const columns = {
      isCall: Uint8Array.of(1),
      spot: column,
      strike: column,
      timeToExpiry: column,
      volatility: column,
    };
    await expect(priceColumns(columns, ['price'], { executor })).rejects.toMatchObject({ field: 'executor' });
    await expect(producer({ width: 0 })).rejects.toMatchObject({ field: 'width' });
    await expect(producer({ attempts: 1.5 })).rejects.toMatchObject({ field: 'attempts' });
    await expect(worker({ concurrency: 0 })).rejects.toMatchObject({ field: 'threads' });
    await expect(worker({ lockSeconds: 0 })).rejects.toMatchObject({ field: 'lockSeconds' });

    const messages: string[] = [];
    const lonely = await producer({ onMessage: (message) => messages.push(message) });
    const controller = new AbortController();
    const fits = mapChains(someChains(1), {}, { executor: lonely, signal: controller.signal });
    await until(() => messages.length > 0);
    expect(messages[0]).toBe(`no worker is at ${redis.url.replace(`:${password}@`, '')}; start some with zomma worker`);
    controller.abort(new Error('enough'));
    await expect(fits).rejects.toThrow('enough');
  });

  it('shows no password where the server refuses it', async () => {
    const url = redis.url.replace(password, 'wrong-word');
    const { code, err } = await zomma(['worker', '--redis', url]);
    expect(code).toBe(2);
    expect(err).toMatch(/^zomma: --redis redis:\/\/127\.0\.0\.1:\d+ must be .*WRONGPASS.*\n$/);
    expect(err).not.toContain('wrong-word');
  });
});
