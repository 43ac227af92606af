/**
 * Tables as Parquet files, by hyparquet and hyparquet-writer. A file is written beside its place, flushed to the disk, read back and
 * compared cell by cell, and only then moved to its place: what carries the name of a table is a whole one.
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { InputError } from '../../errors.js';
import type { Cell, Columns, ColumnType, Row } from './tables.js';

const parquetTypes = { text: 'STRING', number: 'DOUBLE', count: 'INT32', time: 'TIMESTAMP', flag: 'BOOLEAN' } as const;

/** The bytes of a table; the same rows give the same bytes. Throws InputError where hyparquet-writer is not installed. */
export async function parquetBytes(columns: Columns, rows: readonly Row[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await installed('hyparquet-writer', () => import('hyparquet-writer'));
  const columnData = Object.entries(columns).map(([name, type], column) => ({
    name,
    type: parquetTypes[type],
    data: rows.map((row) => written(type, row[column]!)),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/**
 * The rows of a table. Rejects with an Error for bytes that are no Parquet file, and with InputError where its columns are not those
 * asked for or hyparquet is not installed.
 */
export async function readParquet(columns: Columns, bytes: Uint8Array): Promise<Row[]> {
  const { parquetMetadata, parquetReadObjects, parquetSchema } = await installed(
    'hyparquet',
    () => import('hyparquet'),
  );
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const wanted = Object.keys(columns);
  if (names.join() !== wanted.join()) throw new InputError('columns', names.join(), wanted.join());
  const objects = await parquetReadObjects({ file, metadata });
  return objects.map((object) => wanted.map((name) => readBack(object[name])));
}

/** Writes the table whole or not at all, and gives its bytes. */
export async function writeParquet(path: string, columns: Columns, rows: readonly Row[]): Promise<Uint8Array> {
  const bytes = await parquetBytes(columns, rows);
  await writeWhole(path, bytes, async (stored) => {
    const found = await readParquet(columns, stored);
    if (!isSame(found, rows)) throw new Error(`${path}: what was written is not what is read back`);
  });
  return bytes;
}

/** A file at its place with all of its content, or nothing: no half of one, whatever fails. */
export async function writeWhole(
  path: string,
  content: Uint8Array,
  check: (stored: Uint8Array) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await check(await readFile(beside));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

function written(type: ColumnType, cell: Cell): Cell | Date {
  return type === 'time' && typeof cell === 'number' ? new Date(cell) : cell;
}

function readBack(cell: unknown): Cell {
  if (cell instanceof Date) return cell.getTime();
  return cell === undefined ? null : (cell as Cell);
}

function isSame(left: readonly Row[], right: readonly Row[]): boolean {
  return (
    left.length === right.length &&
    left.every((row, i) => row.every((cell, column) => Object.is(cell, right[i]![column])))
  );
}

async function installed<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new InputError(name, undefined, `installed: tables are Parquet files (npm install ${name})`);
    }
    throw error;
  }
}
