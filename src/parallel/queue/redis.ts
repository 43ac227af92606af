/** Redis, and the packages that speak to it: bullmq and ioredis, optional peers. A password in a URL is never shown. */
import { readFileSync } from 'node:fs';
import type * as bullmqModule from 'bullmq';
import { InputError } from '../../errors.js';
import { optionalPackage } from '../optional-package.js';

export type BullMQ = typeof bullmqModule;

/** What bullmq is told of the server. */
export interface RedisConnection {
  url: string;
  /** For a URL without one. */
  password?: string;
  /** A command waits for as long as the server is away. */
  maxRetriesPerRequest: null;
  retryStrategy: (times: number) => number;
}

const LONGEST_PAUSE = 2000;
const CONNECT_TIMEOUT = 10_000;

/** The URL, if it is one of a Redis server; throws InputError otherwise. */
export function requireRedisUrl(field: string, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '') {
    // What is no URL cannot be searched for a password.
    throw new InputError(field, '(not shown)', 'a URL like redis://host:6379 or rediss://user:password@host:6379/0');
  }
  return url;
}

/** Protocol, host, port and database of the URL, and no more. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

let name: string | undefined;

/** Jobs of another version of this package give other tables: each version has its own queue. */
export function queueName(): string {
  if (name === undefined) {
    const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    name = `zomma-${(JSON.parse(text) as { version: string }).version}`;
  }
  return name;
}

/**
 * What bullmq needs. The password is that of the URL, or of the environment variable REDISCLI_AUTH, which the list of processes does not
 * show. Rejects with InputError where a package is missing, the URL is none, or no Redis server answers there.
 */
export async function connectRedis(url: string): Promise<{ bullmq: BullMQ; connection: RedisConnection }> {
  requireRedisUrl('url', url);
  const purpose = 'the queue runs on BullMQ with Redis';
  const bullmq = await optionalPackage('bullmq', purpose, () => import('bullmq'));
  const { Redis } = await optionalPackage('ioredis', purpose, () => import('ioredis'));
  const password = process.env['REDISCLI_AUTH'];
  const login = password === undefined ? {} : { password };
  const probe = new Redis(url, {
    ...login,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT,
    retryStrategy: () => null,
  });
  let reason = '';
  probe.on('error', (error: Error) => {
    reason ||= error.message;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    reason ||= error instanceof Error ? error.message : String(error);
    throw new InputError('url', shownUrl(url), `the URL of a Redis server that answers (${reason})`);
  } finally {
    probe.disconnect();
  }
  return {
    bullmq,
    connection: {
      ...login,
      url,
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(100 * times, LONGEST_PAUSE),
    },
  };
}

/**
 * Says once that the server is away and once that it is back; other errors as they come. A lock that is lost is told by the job that
 * runs again, not by each of the commands that then fail.
 */
export function connectionWatch(url: string, say: (message: string) => void) {
  let isAway = false;
  return {
    failed: (error: Error): void => {
      if (!isConnectionError(error)) {
        if (!/\block\b/i.test(error.message)) say(error.message);
        return;
      }
      if (!isAway) say(`${shownUrl(url)} is away (${error.message}); waiting for it`);
      isAway = true;
    },
    answered: (): void => {
      if (isAway) say(`${shownUrl(url)} is back`);
      isAway = false;
    },
  };
}

function isConnectionError(error: Error): boolean {
  return 'syscall' in error || /Connection is closed|LOADING|Stream isn't writeable/.test(error.message);
}
