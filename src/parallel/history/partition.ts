/**
 * One partition from beginning to end: its files are read, their chains calibrated in order of time, and two tables and a record left.
 *
 *   OUT/surfaces/partition=NAME/ID.parquet     one row a slice
 *   OUT/analytics/partition=NAME/ID.parquet    one row a constant maturity
 *   OUT/partitions/NAME.json                   the record, written last
 *
 * Nothing in them tells when or where they were made. A partition that is whole is left as it is; one that was made from other content or
 * under another configuration is taken away first.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { writeWhole } from '../whole-file.js';
import { calibrateAlong } from './calibrate-along.js';
import { FORMAT } from './job.js';
import type { HistoryJob, PartitionOutcome, PartitionRecord } from './job.js';
import { fileDigest, tableWriter } from './parquet.js';
import type { TableWriter } from './parquet.js';
import { FileFault, unlessUnreadable } from './read-file.js';
import { snapshotChains } from './snapshots.js';
import { analyticsColumns, analyticsRows, surfaceColumns, surfaceRows } from './tables.js';

/**
 * Makes the partition, or finds it made. An outcome that is not ok says what is wrong with a file, and nothing of the partition is left.
 * Rejects with InputError for options `calibrateSurface` does not know, a missing package and a folder that cannot take the tables, and
 * with the system's error where writing fails for another reason; nothing is left then either.
 */
export async function historyPartition(job: HistoryJob): Promise<PartitionOutcome> {
  const { partition } = job;
  const before = await wholeRecord(job);
  if (before !== undefined) return { ok: true, partition, skipped: true, record: before };
  const writers: TableWriter[] = [];
  try {
    for (const { name, path, digest } of job.files) {
      const found = await unlessUnreadable(name, () => fileDigest(path));
      if (found !== digest) throw new FileFault('changed', 'was changed since the run began', name);
    }
    await removeOthers(job);
    return { ok: true, partition, skipped: false, record: await make(job, writers) };
  } catch (error) {
    for (const writer of writers) await writer.discard();
    // What cannot be taken away has no record, and the first error says more than a second.
    if ((await wholeRecord(job)) === undefined) await removePartition(job.out, partition).catch(() => undefined);
    if (error instanceof FileFault) {
      return { ok: false, partition, file: error.file, reason: error.reason, message: error.message };
    }
    throw unwritable(job.out, error);
  }
}

async function make(job: HistoryJob, writers: TableWriter[]): Promise<PartitionRecord> {
  const { id, partition, files, configuration } = job;
  const paths = pathsOf(job);
  for (const [path, columns] of [
    [paths.surfaces, surfaceColumns],
    [paths.analytics, analyticsColumns],
  ] as const) {
    writers.push(await tableWriter(path, columns));
  }
  const [surfaces, analytics] = writers as [TableWriter, TableWriter];
  const calibrate = calibrateAlong(configuration);
  let chains = 0;
  let slices = 0;
  const failures = new Map<string, number>();
  for await (const { chain, file } of snapshotChains(files, configuration)) {
    const fit = calibrate(chain);
    chains += 1;
    slices += fit.ok ? fit.fits.length : 0;
    for (const { reason } of fit.ok ? fit.failed : [fit]) failures.set(reason, (failures.get(reason) ?? 0) + 1);
    await surfaces.add(surfaceRows(file, chain, fit));
    await analytics.add(analyticsRows(file, chain, fit, configuration.tenorsInDays));
  }
  if (chains === 0) {
    const wanted = configuration.underlying === undefined ? '' : ` of ${configuration.underlying}`;
    throw new FileFault('no-options', `no option${wanted} is in it`, files[0]!.name);
  }
  const record: PartitionRecord = {
    format: FORMAT,
    id,
    partition,
    files: files.map(({ name, digest }) => ({ name, digest })),
    chains,
    slices,
    failures: Object.fromEntries([...failures].sort(([left], [right]) => (left < right ? -1 : 1))),
    surfaces: await surfaces.seal(),
    analytics: await analytics.seal(),
  };
  await surfaces.place();
  await analytics.place();
  await mkdir(dirname(paths.record), { recursive: true });
  await writeWhole(paths.record, Buffer.from(`${JSON.stringify(record, null, 2)}\n`));
  return record;
}

function pathsOf({ out, partition, id }: Pick<HistoryJob, 'out' | 'partition' | 'id'>) {
  const folder = `partition=${encodeURIComponent(partition)}`;
  const table = `${id.slice(0, 32)}.parquet`;
  return {
    surfaces: join(out, 'surfaces', folder, table),
    analytics: join(out, 'analytics', folder, table),
    record: join(out, 'partitions', `${encodeURIComponent(partition)}.json`),
  };
}

/** The record of the job's partition where it is whole: of this id, and its tables are those it names. Undefined whatever else is there. */
export async function wholeRecord(job: HistoryJob): Promise<PartitionRecord | undefined> {
  const paths = pathsOf(job);
  const record = await readRecord(paths.record);
  if (record?.id !== job.id || record.format !== FORMAT) return undefined;
  try {
    const isWhole =
      (await fileDigest(paths.surfaces)) === record.surfaces.digest &&
      (await fileDigest(paths.analytics)) === record.analytics.digest;
    return isWhole ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The records in the folder of a history, whole or not; none where there is no such folder. */
export async function readRecords(out: string): Promise<PartitionRecord[]> {
  const folder = join(out, 'partitions');
  const names = await readdir(folder).catch(() => []);
  const records: PartitionRecord[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const record = await readRecord(join(folder, name));
    if (record !== undefined) records.push(record);
  }
  return records;
}

async function readRecord(path: string): Promise<PartitionRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as PartitionRecord;
  } catch {
    return undefined;
  }
}

/** Takes away a partition, whatever is left of it. The record goes first: tables without one are no partition. */
export async function removePartition(out: string, partition: string): Promise<void> {
  const { record, surfaces, analytics } = pathsOf({ out, partition, id: '' });
  await rm(record, { force: true });
  for (const table of [surfaces, analytics]) await rm(dirname(table), { recursive: true, force: true });
}

/** What killed runs have left of the tables of these jobs, once nobody is making them. */
export async function removeLeftovers(jobs: readonly HistoryJob[]): Promise<void> {
  const files = new Set(jobs.flatMap((job) => Object.values(pathsOf(job))));
  for (const folder of new Set([...files].map(dirname))) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if (path.endsWith('.part') && files.has(path.replace(/\.[^.]*\.part$/, ''))) await rm(path, { force: true });
    }
  }
}

/** What other jobs have left under the partition's name, and runs that were cut short. */
async function removeOthers(job: HistoryJob): Promise<void> {
  const { record, surfaces, analytics } = pathsOf(job);
  if ((await readRecord(record))?.id !== job.id) await rm(record, { force: true });
  for (const table of [surfaces, analytics]) {
    for (const name of await readdir(dirname(table)).catch(() => [])) {
      const path = join(dirname(table), name);
      // The same job may be under way elsewhere.
      if (!path.startsWith(table)) await rm(path, { force: true });
    }
  }
}

/** The system's words for a folder that cannot take the tables; other errors as they are. */
export function unwritable(out: string, error: unknown): unknown {
  const known: Record<string, string> = {
    ENOSPC: 'no space is left on the disk',
    EDQUOT: 'the disk quota is exceeded',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'it is a file',
    EEXIST: 'it is a file',
    ENAMETOOLONG: 'the name of a partition is too long',
  };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return known[code] === undefined
    ? error
    : new InputError('out', out, `a folder that can take the tables: ${known[code]}`);
}
