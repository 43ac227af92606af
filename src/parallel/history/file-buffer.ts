/** A file as hyparquet reads it: a range at a time. */
import { open } from 'node:fs/promises';
import type { AsyncBuffer } from 'hyparquet';

/** Rejects with the system's error where the file cannot be opened, and at a range that ends behind it. */
export async function fileBuffer(path: string): Promise<{ buffer: AsyncBuffer; close: () => Promise<void> }> {
  const file = await open(path);
  const { size } = await file.stat();
  const buffer: AsyncBuffer = {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, end - start));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      if (bytesRead !== bytes.length) throw new Error('the file ends before its content');
      return bytes.buffer;
    },
  };
  return { buffer, close: () => file.close() };
}
