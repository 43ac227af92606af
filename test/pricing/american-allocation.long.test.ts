/**
 * The American engines allocate nothing in their inner loops: a call makes a few records and, for each point of the boundary or time
 * step, a few numbers; nothing for each node, Newton step or point of a grid. A compiler kept waiting by other work leaves numbers on
 * the heap, so this is for a machine at rest.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('american-allocation.ts', import.meta.url));
const found = JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' })) as Record<
  string,
  { bytes: number; limit: number }
>;

describe('bytes a call', () => {
  it.each(Object.entries(found))('%s', (_, { bytes, limit }) => {
    expect(bytes).toBeLessThan(limit);
  });
  it('are of every engine', () => {
    expect(Object.keys(found)).toHaveLength(7);
  });
});
