/** `zomma worker` where there is nothing to work for. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readArguments, usageOf } from '../../../src/cli/arguments.js';
import { zomma } from '../../cli/support.js';
import { freePort } from './redis-server.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Resolves every import of a package as Node does where it is not installed. */
const hide = (name: string) =>
  `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(specifier, context, next) {
      if (specifier !== '${name}') return next(specifier, context);
      throw Object.assign(new Error("Cannot find package '${name}'"), { code: 'ERR_MODULE_NOT_FOUND' });
    }\`));
`)}`;

describe('zomma worker', { timeout: 300_000 }, () => {
  it('has defaults for everything but the server', () => {
    expect(readArguments(['worker', '--redis', 'redis://host'])).toEqual({
      command: 'worker',
      redis: 'redis://host',
      lockSeconds: 30,
      deadLetters: false,
    });
    const argv = ['worker', '--redis', 'redis://host', '--concurrency=4', '--lock', '5', '--dead-letters'];
    expect(readArguments(argv)).toMatchObject({ concurrency: 4, lockSeconds: 5, deadLetters: true });
    expect(
      Math.max(
        ...usageOf('worker')
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(100);
  });

  it.each([
    [['worker'], 'worker needs --redis URL'],
    [['worker', 'file', '--redis', 'redis://host'], 'worker takes no file, got file'],
    [['worker', '--redis', 'redis//:sesame@host'], '--redis must be a URL like redis://host:6379'],
    [
      ['worker', '--redis', 'redis://host', '--concurrency', '0'],
      '--concurrency must be a whole number from 1 to 1024',
    ],
    [['worker', '--redis', 'redis://host', '--lock', '0.5'], '--lock must be a whole number from 1 to 3600'],
    [['worker', '--redis', 'redis://host', '--model', 'svi'], "Unknown option '--model' for worker"],
  ])('%j is a mistake', async (argv, message) => {
    const { code, out, err } = await zomma(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`zomma: ${message}`);
    expect(err).not.toContain('sesame');
  });

  it('says that no server answers', async () => {
    const port = await freePort();
    for (const more of [[], ['--dead-letters']]) {
      const { code, out, err } = await zomma(['worker', '--redis', `redis://:sesame@127.0.0.1:${port}`, ...more]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toBe(
        `zomma: --redis redis://127.0.0.1:${port} must be the URL of a Redis server that answers (connect ECONNREFUSED 127.0.0.1:${port})\n`,
      );
    }
  });

  it('says how to get bullmq', () => {
    const argv = ['--import', 'tsx', '--import', hide('bullmq'), 'src/cli/main.ts'];
    const { status, stderr } = spawnSync(process.execPath, [...argv, 'worker', '--redis', 'redis://127.0.0.1:1'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stderr).toBe(
      'zomma: bullmq must be installed: the queue runs on BullMQ with Redis (npm install bullmq), got undefined\n',
    );
    expect(status).toBe(2);
  });

  it.each(['ioredis', 'piscina'])('needs %s', (name) => {
    const script = `
      import('./src/parallel/queue/queue-worker.ts')
        .then(({ queueWorker }) => queueWorker({ url: 'redis://127.0.0.1:1' }))
        .catch((error) => process.stdout.write(error.name + ': ' + error.message));`;
    const argv = ['--import', 'tsx', '--import', hide(name), '--input-type=module', '-e', script];
    const { stdout } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
    expect(stdout).toMatch(new RegExp(`^InputError: ${name} must be installed: .*\\(npm install ${name}\\)`));
  });
});
