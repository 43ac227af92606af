/** Files that are there whole or not at all, whoever else writes to the same name at the same time. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';

/**
 * Writes beside the place, flushes to the disk, checks what is stored, and only then moves it to its place. On any failure what was at
 * the place before is still there.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array,
  check?: (stored: Uint8Array) => Promise<void>,
): Promise<void> {
  // Two machines can have a process of the same number.
  const beside = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await check?.(await readFile(beside));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
