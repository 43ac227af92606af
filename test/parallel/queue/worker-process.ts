/** `zomma worker` as a process of its own, from the sources. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endedWith } from './redis-server.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface WorkerProcess {
  /** What it has written so far, both streams. */
  output(): string;
  /** Resolves once it has written this. */
  said(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and resolves with the exit code; null where the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Resolves once the worker takes jobs. */
export async function workerProcess(url: string, ...more: string[]): Promise<WorkerProcess> {
  const argv = ['--import', 'tsx', 'src/cli/main.ts', 'worker', '--redis', url, ...more];
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const hearers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
      for (const hear of hearers) hear();
    });
  }
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const hear = (): void => {
        if (!output.includes(text)) return;
        hearers.delete(hear);
        resolve();
      };
      hearers.add(hear);
      child.once('exit', () => {
        reject(new Error(`the worker ended without '${text}': ${output}`));
      });
      hear();
    });
  await said('at a time');
  return {
    output: () => output,
    said,
    signal: (signal) => child.kill(signal),
    end: (signal) => endedWith(child, signal),
  };
}
