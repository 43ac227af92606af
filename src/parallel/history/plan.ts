/**
 * From files and folders to partitions. A partition holds the files between which searches are warm, so its name has to stay as it is when
 * files are added: it comes from the files' names alone.
 *
 *   date=2024-01-01/hour=07/part-0.parquet      the folders up to the last key=value       date=2024-01-01/hour=07
 *   btc_20240101T1200Z.json                     the name up to its day                     btc_20240101
 *   chains.csv                                  the name                                   chains.csv
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../../errors.js';
import { parseDay } from '../../market/date.js';
import type { SourceFile } from './job.js';

export type PartitionRule = 'day' | 'file';

export interface PlannedPartition {
  partition: string;
  /** In the order of their names. */
  files: Omit<SourceFile, 'digest'>[];
}

/** Kinds of file that are taken from a folder; one that is named itself is taken whatever it is called. */
const QUOTES = /\.(csv|txt|json|parquet)$/i;

/**
 * The partitions of files and folders, in the order of their names. Throws InputError where there is no file, or two have one name.
 */
export async function planPartitions(inputs: readonly string[], rule: PartitionRule): Promise<PlannedPartition[]> {
  const files = (await Promise.all(inputs.map(filesOf))).flat();
  if (files.length === 0)
    throw new InputError('files', inputs.length, 'at least one file of quotes (csv, txt, json, parquet)');
  const paths = new Map<string, string>();
  const partitions = new Map<string, PlannedPartition['files']>();
  for (const file of files) {
    const before = paths.get(file.name);
    if (before !== undefined) throw new InputError('files', file.path, `a file of another name than ${before}`);
    paths.set(file.name, file.path);
    const partition = partitionOf(file.name, rule);
    partitions.set(partition, [...(partitions.get(partition) ?? []), file]);
  }
  return [...partitions]
    .map(([partition, those]) => ({ partition, files: those.sort((left, right) => (left.name < right.name ? -1 : 1)) }))
    .sort((left, right) => (left.partition < right.partition ? -1 : 1));
}

async function filesOf(input: string): Promise<Omit<SourceFile, 'digest'>[]> {
  const root = resolve(input);
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return [{ path: root, name: basename(root) }];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && QUOTES.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: relative(root, path).split(sep).join('/') }))
    .filter(({ name }) => !name.split('/').some((part) => /^[._]/.test(part)));
}

/** The partition of a file by its name. */
export function partitionOf(name: string, rule: PartitionRule): string {
  if (rule === 'file') return name;
  const folders = name.split('/').slice(0, -1);
  const last = folders.findLastIndex((folder) => /^[^=]+=/.test(folder));
  if (last >= 0) return folders.slice(0, last + 1).join('/');
  for (const match of name.matchAll(/(?<!\d)(\d{4}-\d{2}-\d{2}|\d{8})(?!\d)/g)) {
    if (parseDay(match[0]) !== undefined) return name.slice(0, match.index + match[0].length);
  }
  return name;
}
