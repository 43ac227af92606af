/**
 * The American engines allocate nothing in their inner loops: a call makes a few records and, for each point of the boundary or time
 * step, a few numbers; nothing for each node, Newton step or point of a grid.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('american-allocation.ts', import.meta.url));
interface Allocation {
  bytes: number;
  limit: number;
}
/** What the compiler inlines is decided anew in each process: the least of some. */
const runs = Array.from(
  { length: 6 },
  () =>
    JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' })) as Record<
      string,
      Allocation
    >,
);
const found = Object.keys(runs[0]!).map((name): [string, Allocation] => [
  name,
  runs.map((run) => run[name]!).reduce((least, run) => (run.bytes < least.bytes ? run : least)),
]);

describe('bytes a call', () => {
  it.each(found)('%s', (_, { bytes, limit }) => {
    expect(bytes).toBeLessThan(limit);
  });
  it('are of every engine', () => {
    expect(found).toHaveLength(7);
  });
});
