/** A Redis server of a test's own: a port the system chose, an append-only file in a folder of the test's. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Why tests that need a server are skipped; empty where they run. */
export const noRedis =
  spawnSync('redis-server', ['--version']).status === 0 ? '' : ' (skipped: redis-server is not installed)';

export interface RedisServer {
  readonly url: string;
  /** SIGKILL: what was not yet in the append-only file is lost. */
  kill(): Promise<void>;
  /** On the same port, from the append-only file. */
  start(): Promise<void>;
}

/** Resolves once the server accepts connections. */
export async function redisServer(folder: string, password?: string): Promise<RedisServer> {
  const port = await freePort();
  let server: ChildProcess | undefined;
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  if (password !== undefined) args.push('--requirepass', password);
  const start = async (): Promise<void> => {
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    server = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stdout.on('data', (text: Buffer) => {
        log += text.toString();
        if (log.includes('Ready to accept connections')) resolve();
      });
      child.once('exit', () => {
        reject(new Error(`redis-server ended: ${log}`));
      });
    });
  };
  await start();
  return {
    url: `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    start,
    kill: () => ended(server!, 'SIGKILL'),
  };
}

/** Sends the signal and resolves with the exit code once the process is gone. */
export async function endedWith(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return exit;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  await endedWith(child, signal);
}

export async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
