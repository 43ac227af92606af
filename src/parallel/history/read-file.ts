/**
 * The rows of one file, a block at a time, so that a file may be larger than the memory: lines of CSV as they are read, Parquet by row
 * groups. JSON and Cboe's quote table, which are one snapshot a file, are read whole.
 */
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { isQuoteTable } from '../../market/venues/cboe.js';
import { jsonTable } from '../../market/venues/deribit.js';
import { headerOf, tableOfCells } from '../../market/venues/table.js';
import type { Row, Table } from '../../market/venues/table.js';
import { optionalPackage } from '../optional-package.js';
import { fileBuffer } from './file-buffer.js';
import type { PartitionFailure } from './job.js';

/** A table as text that only its own reader knows, or rows. */
export type Block = { text: string } | { form: 'csv' | 'json' | 'parquet'; table: Table };

/** What is wrong with a file; its message begins with the file's name. */
export class FileFault extends Error {
  constructor(
    readonly reason: PartitionFailure,
    message: string,
    readonly file: string,
  ) {
    super(`${file}: ${message}`);
  }
}

/** Lines of CSV in a block. */
const BLOCK = 20_000;
const HEAD = 4096;

/**
 * The blocks of the file at `path`, in order. Throws FileFault, under the file's `name`, for what is no file of its kind, and InputError
 * where a package is missing.
 */
export async function* readBlocks(path: string, name: string): AsyncGenerator<Block> {
  const head = await unlessUnreadable(name, () => headOf(path));
  if (head.startsWith('PAR1')) yield* parquetBlocks(path, name);
  else if (/\.parquet$/i.test(path)) {
    throw new FileFault('unreadable', 'not a Parquet file: it does not begin with PAR1', name);
  } else if (isQuoteTable(head)) yield { text: await unlessUnreadable(name, () => readFile(path, 'utf8')) };
  else if (/^\uFEFF?\s*[[{]/.test(head) && !/^\uFEFF?\s*\[[A-Z_]+\]\s*,/.test(head)) yield await jsonBlock(path, name);
  else yield* csvBlocks(path, name);
}

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function jsonBlock(path: string, name: string): Promise<Block> {
  const text = await unlessUnreadable(name, () => readFile(path, 'utf8'));
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new FileFault('unreadable', `not valid JSON: ${messageOf(error)}`, name);
  }
  try {
    return { form: 'json', table: jsonTable(text, 'JSON') };
  } catch (error) {
    throw new FileFault('wrong-schema', messageOf(error), name);
  }
}

async function* csvBlocks(path: string, name: string): AsyncGenerator<Block> {
  const parser = createReadStream(path).pipe(
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true, trim: true }),
  );
  let header: string[] | undefined;
  let lines: string[][] = [];
  let from = 0;
  const block = (): Block => {
    const table = tableOfCells(header!, lines, from);
    from += lines.length;
    lines = [];
    return { form: 'csv', table };
  };
  try {
    for await (const line of parser as AsyncIterable<string[]>) {
      if (header === undefined) {
        header = headerOf(line);
        continue;
      }
      lines.push(line);
      if (lines.length === BLOCK) yield block();
    }
  } catch (error) {
    throw new FileFault('unreadable', `not comma-separated values: ${messageOf(error)}`, name);
  }
  if (header === undefined) throw new FileFault('unreadable', 'the file is empty', name);
  if (lines.length > 0 || from === 0) yield block();
}

async function* parquetBlocks(path: string, name: string): AsyncGenerator<Block> {
  const purpose = 'the files are Parquet';
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await optionalPackage(
    'hyparquet',
    purpose,
    () => import('hyparquet'),
  );
  const file = await unlessUnreadable(name, () => fileBuffer(path));
  try {
    const metadata = await corrupt(name, () => parquetMetadataAsync(file.buffer));
    const elements = parquetSchema(metadata).children.map(({ element }) => element);
    const isPacked = metadata.row_groups.some(({ columns }) =>
      columns.some(({ meta_data: chunk }) => chunk !== undefined && !['UNCOMPRESSED', 'SNAPPY'].includes(chunk.codec)),
    );
    const compressors = isPacked
      ? (await optionalPackage('hyparquet-compressors', purpose, () => import('hyparquet-compressors'))).compressors
      : {};
    const header = elements.map(({ name }) => name);
    let rowStart = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const rowEnd = rowStart + Number(count);
      const options = { file: file.buffer, metadata, compressors, parsers, rowStart, rowEnd };
      const objects = await corrupt(name, () => parquetReadObjects(options));
      if (objects.length !== Number(count))
        throw new FileFault('unreadable', 'corrupt Parquet: rows are missing', name);
      const rows = objects.map((object): Row =>
        Object.fromEntries(header.map((name) => [name, cellText(object[name])])),
      );
      const from = rowStart;
      yield { form: 'parquet', table: { header, rows, index: rows.map((_, i) => from + i), rejected: [] } };
      rowStart = rowEnd;
    }
    if (metadata.row_groups.length === 0) {
      yield { form: 'parquet', table: { header, rows: [], index: [], rejected: [] } };
    }
  } finally {
    await file.close();
  }
}

/** Times as text that names its offset, days as days. */
const parsers = {
  timestampFromMilliseconds: (count: bigint) => new Date(Number(count)).toISOString(),
  timestampFromMicroseconds: (count: bigint) => new Date(Number(count / 1000n)).toISOString(),
  timestampFromNanoseconds: (count: bigint) => new Date(Number(count / 1_000_000n)).toISOString(),
  dateFromDays: (days: number) => new Date(86_400_000 * days).toISOString().slice(0, 10),
};

function cellText(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

/** What a decoder says of bytes it cannot decode. */
async function corrupt<Result>(name: string, decode: () => Promise<Result>): Promise<Result> {
  try {
    return await decode();
  } catch (error) {
    throw new FileFault('unreadable', `corrupt Parquet: ${messageOf(error)}`, name);
  }
}

export async function unlessUnreadable<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw new FileFault('unreadable', messageOf(error), name);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
