import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { TaskRequest } from '../../../src/parallel/answer.js';
import { jobId } from '../../../src/parallel/queue/job.js';
import { connectRedis, requireRedisUrl, shownUrl } from '../../../src/parallel/queue/redis.js';
import { findStore, makeStore } from '../../../src/parallel/queue/store.js';
import { freePort } from './redis-server.js';

const root = mkdtempSync(join(tmpdir(), 'zomma-store-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** A request with what JSON does not have. */
const asked = (input: unknown) => ({ name: 'calibrateChain', input }) as TaskRequest;
const odd = { numbers: [NaN, -0, Infinity, 1e-320], column: Float64Array.of(1, -0), left: undefined, text: 'ä' };

describe('the store of requests and answers', () => {
  it('gives back what it was given, once it is whole', async () => {
    const store = await makeStore(join(root, 'deep', 'store'));
    await store.writeRequest('a', asked(odd));
    expect(await store.readRequest('a')).toStrictEqual(asked(odd));
    expect([await store.hasAnswer('a'), await store.readAnswer('a')]).toEqual([false, undefined]);
    await store.writeAnswer('a', odd);
    expect(await store.hasAnswer('a')).toBe(true);
    expect(await store.readAnswer('a')).toStrictEqual({ output: odd });
    expect(readdirSync(join(root, 'deep', 'store', 'a'))).toEqual(['answer', 'request']);
  });

  it('takes no answer to a job that was cleared away', async () => {
    const folder = join(root, 'cleared');
    const store = await makeStore(folder);
    await store.writeRequest('a', asked(1));
    await store.clear('a');
    await store.writeAnswer('a', 1);
    expect(await store.readRequest('a')).toBeUndefined();
    expect(readdirSync(folder)).toEqual([store.mark]);
    await store.clear('a');
  });

  it('is the same for all who see the folder, and another for those who see another', async () => {
    const folder = join(root, 'shared');
    const store = await makeStore(folder);
    expect((await makeStore(folder)).mark).toBe(store.mark);
    await store.writeRequest('a', asked(1));
    expect(await (await findStore(folder, store.mark)).readRequest('a')).toEqual(asked(1));
    mkdirSync(join(root, 'other'));
    await expect(findStore(join(root, 'other'), store.mark)).rejects.toThrow('is another folder here');
    await expect(findStore(join(root, 'nowhere'), store.mark)).rejects.toThrow('is no folder here');
  });
});

describe('the id of a job', () => {
  it('says what is asked for', () => {
    const inputs = [odd, { ...odd, text: 'a' }, [NaN], ['NaN'], [null], [0], [-0], [], {}, { a: undefined }];
    const more = [Float64Array.of(1), [1], new Map([['a', 1]]), new Set(['a']), Infinity, -Infinity];
    const ids = [...inputs, ...more].map((input) => jobId(asked(input)));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(jobId(asked({ ...odd }))).toBe(ids[0]);
    expect(jobId({ ...asked(odd), name: 'gridVectors' })).not.toBe(ids[0]);
  });
});

describe('the URL of a server', () => {
  it('is shown without what is secret in it', () => {
    expect(shownUrl('redis://127.0.0.1:6379')).toBe('redis://127.0.0.1:6379');
    expect(shownUrl('rediss://user:sesame@redis.example:6380/2?password=sesame#sesame')).toBe(
      'rediss://redis.example:6380/2',
    );
    expect(requireRedisUrl('--redis', 'redis://:sesame@[::1]:6379/0')).toBe('redis://:sesame@[::1]:6379/0');
  });

  it.each([
    '',
    '6379',
    'http://:sesame@host',
    'redis://',
    'redis:sesame',
    '//:sesame@host',
    'redis://:sesame@host:port',
  ])('%j is none, and is not shown', (url) => {
    const check = () => requireRedisUrl('--redis', url);
    expect(check).toThrow(InputError);
    expect(check).toThrow(
      "--redis must be a URL like redis://host:6379 or rediss://user:password@host:6379/0, got '(not shown)'",
    );
  });

  it('has to lead to a server', async () => {
    const port = await freePort();
    await expect(connectRedis(`redis://:sesame@127.0.0.1:${port}`)).rejects.toMatchObject({
      field: 'url',
      value: `redis://127.0.0.1:${port}`,
      requirement: `the URL of a Redis server that answers (connect ECONNREFUSED 127.0.0.1:${port})`,
    });
  });
});
