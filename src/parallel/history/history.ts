/**
 * History in, history out: every file of quotes becomes one partition of two Parquet tables.
 *
 *   OUT/surfaces/PARTITION.parquet     one row a slice
 *   OUT/analytics/PARTITION.parquet    one row a constant maturity
 *   OUT/partitions/PARTITION.json      what the tables were made from and their digests; written last, so it says the partition is whole
 *
 * A run skips the partitions whose record names the same input, the same configuration and the very tables that are there. At most two
 * files a thread are in memory at a time, however many there are.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../../errors.js';
import type { Executor } from '../executor.js';
import { inline } from '../inline.js';
import { inOrder } from '../ordered.js';
import type { FileTables, HistoryConfiguration } from './file-tables.js';
import { writeParquet, writeWhole } from './parquet.js';
import { analyticsColumns, surfaceColumns } from './tables.js';

export const defaultTenorsInDays: readonly number[] = [7, 30, 60, 90, 180, 365];

/** Of the tables' columns and the records beside them: a partition of another format is done again. */
const FORMAT = 1;

export interface HistoryOptions extends Partial<HistoryConfiguration> {
  /** The folder of the tables; made where missing. */
  out: string;
  executor?: Executor | undefined;
  /** Files not yet begun are left undone, and the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** After each file. */
  onProgress?: ((progress: HistoryProgress) => void) | undefined;
}

export interface HistoryProgress {
  done: number;
  total: number;
  /** Partitions found whole. */
  skipped: number;
  /** Calibrated files a second, of this run; 0 before the first. */
  filesPerSecond: number;
  /** Infinity before the first calibrated file. */
  secondsLeft: number;
}

export interface HistorySummary {
  files: number;
  /** Partitions written by this run. */
  written: number;
  /** Partitions found whole. */
  skipped: number;
  chains: number;
  /** Rows of the tables, those of skipped partitions with them. */
  surfaceRows: number;
  analyticsRows: number;
  /** Chains and expiries without a surface, by reason. */
  failures: Record<string, number>;
  /** Files without a partition. */
  unread: { file: string; reason: 'unknown-feed' | 'unreadable'; message: string }[];
}

/** What is known of a finished partition. */
interface PartitionRecord {
  format: number;
  file: string;
  input: string;
  configuration: string;
  chains: number;
  failures: string[];
  surfaces: { rows: number; digest: string };
  analytics: { rows: number; digest: string };
}

type Outcome = { record: PartitionRecord; skipped: boolean } | Extract<FileTables, { ok: false }>;

/**
 * Calibrates every file and writes its partition. Files that are no feed or cannot be read are listed in `unread` and get no partition.
 * Rejects with InputError for options that are none, two files that would share a partition, and a missing package; and with the
 * system's error where a table cannot be written, once no file is under way.
 */
export async function history(files: readonly string[], options: HistoryOptions): Promise<HistorySummary> {
  const { out, executor = inline(), signal, onProgress } = options;
  const configuration: HistoryConfiguration = {
    options: options.options ?? {},
    tenorsInDays: requireTenors(options.tenorsInDays ?? defaultTenorsInDays),
    underlying: options.underlying,
    asOf: options.asOf,
  };
  requireDistinct(files);
  for (const folder of ['surfaces', 'analytics', 'partitions']) await mkdir(join(out, folder), { recursive: true });

  const summary: HistorySummary = {
    files: files.length,
    written: 0,
    skipped: 0,
    chains: 0,
    surfaceRows: 0,
    analyticsRows: 0,
    failures: {},
    unread: [],
  };
  const started = performance.now();
  let done = 0;
  const outcomes = await inOrder(
    files,
    executor.width === 1 ? 1 : 2 * executor.width,
    async (file) => {
      const outcome = await partition(file, configuration, out, executor);
      done += 1;
      if ('record' in outcome && outcome.skipped) summary.skipped += 1;
      const calibrated = done - summary.skipped;
      const filesPerSecond = calibrated === 0 ? 0 : (1000 * calibrated) / (performance.now() - started);
      const secondsLeft = done === files.length ? 0 : (files.length - done) / filesPerSecond;
      onProgress?.({ done, total: files.length, skipped: summary.skipped, filesPerSecond, secondsLeft });
      return outcome;
    },
    { signal },
  );
  outcomes.forEach((outcome, i) => {
    count(summary, files[i]!, outcome);
  });
  return summary;
}

function count(summary: HistorySummary, file: string, outcome: Outcome): void {
  if (!('record' in outcome)) {
    summary.unread.push({ file, reason: outcome.reason, message: outcome.message });
    return;
  }
  const { record, skipped } = outcome;
  if (!skipped) summary.written += 1;
  summary.chains += record.chains;
  summary.surfaceRows += record.surfaces.rows;
  summary.analyticsRows += record.analytics.rows;
  for (const reason of record.failures) summary.failures[reason] = (summary.failures[reason] ?? 0) + 1;
}

async function partition(
  file: string,
  configuration: HistoryConfiguration,
  out: string,
  executor: Executor,
): Promise<Outcome> {
  const name = basename(file);
  const paths = {
    surfaces: join(out, 'surfaces', `${name}.parquet`),
    analytics: join(out, 'analytics', `${name}.parquet`),
    record: join(out, 'partitions', `${name}.json`),
  };
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return { ok: false, reason: 'unreadable', message: error instanceof Error ? error.message : String(error) };
  }
  const made = {
    format: FORMAT,
    file: name,
    input: digest(bytes),
    configuration: digest(JSON.stringify(configuration)),
  };
  const before = await wholeRecord(paths, made);
  if (before !== undefined) return { record: before, skipped: true };

  // What is there is of another input or damaged: without its record it is no partition.
  for (const path of [paths.record, paths.surfaces, paths.analytics]) await rm(path, { force: true });
  const [tables] = await executor.map('fileTables', [{ name, text: bytes.toString('utf8'), configuration }]);
  if (!tables!.ok) return tables as Extract<FileTables, { ok: false }>;
  const { chains, failures, surfaces, analytics } = tables as Extract<FileTables, { ok: true }>;
  const record: PartitionRecord = {
    ...made,
    chains,
    failures,
    surfaces: { rows: surfaces.length, digest: digest(await writeParquet(paths.surfaces, surfaceColumns, surfaces)) },
    analytics: {
      rows: analytics.length,
      digest: digest(await writeParquet(paths.analytics, analyticsColumns, analytics)),
    },
  };
  await writeWhole(paths.record, Buffer.from(JSON.stringify(record, null, 2)));
  return { record, skipped: false };
}

/** The record of a partition that is whole and was made from this; undefined for any other, whatever is wrong with it. */
async function wholeRecord(
  paths: { surfaces: string; analytics: string; record: string },
  made: Pick<PartitionRecord, 'format' | 'file' | 'input' | 'configuration'>,
): Promise<PartitionRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(paths.record, 'utf8')) as PartitionRecord;
    const isOfThis = (Object.keys(made) as (keyof typeof made)[]).every((field) => record[field] === made[field]);
    const isWhole =
      isOfThis &&
      record.surfaces.digest === digest(await readFile(paths.surfaces)) &&
      record.analytics.digest === digest(await readFile(paths.analytics));
    return isWhole ? record : undefined;
  } catch {
    return undefined;
  }
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function requireTenors(tenors: readonly number[]): readonly number[] {
  tenors.forEach((days, i) => {
    if (!(days > 0 && Number.isFinite(days))) throw new InputError(`tenorsInDays[${i}]`, days, 'a number above 0');
  });
  return tenors;
}

/** Partitions are named after their files, so that a run from another folder finds them. */
function requireDistinct(files: readonly string[]): void {
  if (files.length === 0) throw new InputError('files', 0, 'at least one file');
  const seen = new Set<string>();
  files.forEach((file, i) => {
    const name = basename(file);
    if (seen.has(name)) throw new InputError(`files[${i}]`, file, 'a file of another name than those before it');
    seen.add(name);
  });
}
