/**
 * Tables as Parquet files, by hyparquet and hyparquet-writer, some thousand rows at a time. A table is written beside its place and read
 * back, its bytes by their digest and its rows cell by cell, before it is moved there: what carries the name of a table is a whole one.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { optionalPackage } from '../optional-package.js';
import type { TableRecord } from './job.js';
import { fileBuffer } from './file-buffer.js';
import type { Cell, Columns, ColumnType, Row } from './tables.js';

const parquetTypes = { text: 'STRING', number: 'DOUBLE', count: 'INT32', time: 'TIMESTAMP', flag: 'BOOLEAN' } as const;
const PURPOSE = 'tables are Parquet files';
/** Rows in memory, and of a row group. */
const GROUP = 10_000;

/** A table that is being written. After a failure it is discarded. */
export interface TableWriter {
  add(rows: readonly Row[]): Promise<void>;
  /** Nothing more comes: what was written is on the disk and checked. */
  seal(): Promise<TableRecord>;
  /** Moves the sealed table to its place. */
  place(): Promise<void>;
  /** Leaves nothing behind, unless it has been placed. */
  discard(): Promise<void>;
}

/** A table to be at `path`; its folder is made where missing. Rejects with InputError where a package is not installed. */
export async function tableWriter(path: string, columns: Columns): Promise<TableWriter> {
  const parquet = await optionalPackage('hyparquet-writer', PURPOSE, () => import('hyparquet-writer'));
  await optionalPackage('hyparquet', PURPOSE, () => import('hyparquet'));
  const names = Object.keys(columns);
  const columnsOf = (rows: readonly Row[]) =>
    Object.entries(columns).map(([name, type], column) => ({
      name,
      type: parquetTypes[type],
      data: rows.map((row) => written(type, row[column]!)),
    }));
  await mkdir(dirname(path), { recursive: true });
  // Another machine may be writing the same table.
  const beside = `${path}.${randomUUID()}.part`;
  const file = await open(beside, 'wx');
  const bytes = createHash('sha256');
  const cells = createHash('sha256');
  const writer = new parquet.ByteWriter();
  const flush = async (): Promise<void> => {
    const chunk = new Uint8Array(writer.buffer.slice(0, writer.index));
    writer.index = 0;
    bytes.update(chunk);
    await file.writeFile(chunk);
  };
  const table = new parquet.ParquetWriter({
    writer,
    schema: parquet.schemaFromColumnData({ columnData: columnsOf([]) }),
  });
  let waiting: Row[] = [];
  let count = 0;
  const writeGroup = async (): Promise<void> => {
    const rows = waiting.splice(0, GROUP);
    cells.update(JSON.stringify(rows));
    count += rows.length;
    await table.write({ columnData: columnsOf(rows), rowGroupSize: GROUP });
    await flush();
  };
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    async add(rows) {
      for (const row of rows) waiting.push(row);
      while (waiting.length >= GROUP) await writeGroup();
    },
    async seal() {
      if (waiting.length > 0) await writeGroup();
      waiting = [];
      await table.finish();
      await flush();
      await file.sync();
      await close();
      const record = { rows: count, digest: bytes.digest('hex') };
      const found = createHash('sha256');
      for await (const rows of readParquet(beside, columns)) found.update(JSON.stringify(rows));
      if ((await fileDigest(beside)) !== record.digest || found.digest('hex') !== cells.digest('hex')) {
        throw new Error(`${path}: what was written is not what is read back (${names.length} columns, ${count} rows)`);
      }
      return record;
    },
    place: () => rename(beside, path),
    async discard() {
      await close();
      await rm(beside, { force: true });
    },
  };
}

/**
 * The rows of a table, by row groups. Throws an Error for bytes that are no Parquet file or have other columns, InputError where hyparquet
 * is not installed.
 */
export async function* readParquet(path: string, columns: Columns): AsyncGenerator<Row[]> {
  const hyparquet = await optionalPackage('hyparquet', PURPOSE, () => import('hyparquet'));
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = hyparquet;
  const { buffer: file, close } = await fileBuffer(path);
  try {
    const metadata = await parquetMetadataAsync(file);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const wanted = Object.keys(columns);
    if (names.join() !== wanted.join())
      throw new Error(`${path}: the columns are ${names.join()}, not ${wanted.join()}`);
    let rowStart = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const rowEnd = rowStart + Number(count);
      const objects = await parquetReadObjects({ file, metadata, rowStart, rowEnd });
      yield objects.map((object) => wanted.map((name) => readBack(object[name])));
      rowStart = rowEnd;
    }
  } finally {
    await close();
  }
}

/** SHA-256 of a file's content, in hexadecimal. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function written(type: ColumnType, cell: Cell): Cell | Date {
  return type === 'time' && typeof cell === 'number' ? new Date(cell) : cell;
}

function readBack(cell: unknown): Cell {
  if (cell instanceof Date) return cell.getTime();
  return cell === undefined ? null : (cell as Cell);
}
