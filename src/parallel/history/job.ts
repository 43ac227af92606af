/**
 * The unit of work of a history: one partition. A job is plain data with references to files, never their content; what it leaves behind is
 * named by the partition and the job's id, which is a digest of the files' content and the configuration. Running it twice, or in two
 * places at once, gives the same bytes under the same names.
 */
import { createHash } from 'node:crypto';
import type { Instant } from '../../market/quote.js';
import type { SurfaceFitOptions } from '../../volatility/calibration/surface-fit.js';

/** Of jobs, tables and records: a partition of another format is done again. */
export const FORMAT = 2;

/** What decides the rows of a partition, beside its files. */
export interface HistoryConfiguration {
  options: Omit<SurfaceFitOptions, 'onSlice' | 'previous' | 'slices'>;
  /** Constant maturities, in days of 24 hours. */
  tenorsInDays: readonly number[];
  /** Only this underlying or root, and the one of files that name none. */
  underlying?: string | undefined;
  /** The time of files that do not say theirs. */
  asOf?: Instant | undefined;
  /** The column that says when a row's snapshot was taken; by the layout where missing. */
  timeColumn?: string | undefined;
  /** Whether a search starts from the last fit of the same underlying and expiry in the partition. */
  warmStarts: boolean;
}

/** A file of quotes. */
export interface SourceFile {
  /** Absolute; a worker elsewhere needs the same folders. */
  path: string;
  /** Below the folder that was named, with '/'; the base name of a file that was named itself. */
  name: string;
  /** SHA-256 of the content, in hexadecimal. */
  digest: string;
}

/** A partition to be made. Structured-clone safe and JSON safe. */
export interface HistoryJob {
  /** Of partition, files and configuration, not of `out`: a queue that serves several folders has to tell them apart itself. */
  id: string;
  partition: string;
  /** In the order of their names. */
  files: readonly SourceFile[];
  /** Absolute folder of the tables. */
  out: string;
  configuration: HistoryConfiguration;
}

/** What is known of a finished partition; written last, so that it says the tables are whole. */
export interface PartitionRecord {
  format: number;
  id: string;
  partition: string;
  files: { name: string; digest: string }[];
  chains: number;
  /** Slices of the surfaces. */
  slices: number;
  /** Chains and expiries without a surface, by reason. */
  failures: Record<string, number>;
  surfaces: TableRecord;
  analytics: TableRecord;
}

export interface TableRecord {
  rows: number;
  /** SHA-256 of the file. */
  digest: string;
}

/** Why a partition cannot be made of its files, whoever tries. */
export type PartitionFailure =
  /** Cannot be opened, or its bytes are not what its kind of file has. */
  | 'unreadable'
  /** Columns of no feed that is known here. */
  | 'unknown-feed'
  /** A column is missing or its values cannot be read. */
  | 'wrong-schema'
  /** Holds no option, or none of the underlying that is asked for. */
  | 'no-options'
  /** A time comes back after more rows of later times than are held. */
  | 'unordered-times'
  /** Not the file that the job was made for. */
  | 'changed';

export type PartitionOutcome =
  | { ok: true; partition: string; /** It was there already. */ skipped: boolean; record: PartitionRecord }
  | { ok: false; partition: string; file: string; reason: PartitionFailure; message: string };

/** The job of a partition with its id. */
export function historyJob(job: Omit<HistoryJob, 'id'>): HistoryJob {
  const { partition, files, configuration } = job;
  const content = [FORMAT, partition, files.map(({ name, digest }) => [name, digest]), configuration];
  return { ...job, id: createHash('sha256').update(JSON.stringify(content, inOrder)).digest('hex') };
}

/** A record's fields by name, so that it does not matter in which order they were written. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
