/**
 * History in, history out: files of quotes become partitions of two Parquet tables (partition.ts), each partition by itself, so that the
 * bytes are the same whoever makes them and in whatever order. A run skips the partitions that are whole and were made of the same content
 * under the same configuration.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InputError } from '../../errors.js';
import type { Executor } from '../executor.js';
import { inline } from '../node-inline.js';
import { historyJob } from './job.js';
import type { HistoryConfiguration, HistoryJob, PartitionFailure, PartitionOutcome, SourceFile } from './job.js';
import { fileDigest } from './parquet.js';
import { readRecords, removeLeftovers, removePartition, unwritable, wholeRecord } from './partition.js';
import { planPartitions } from './plan.js';
import type { PartitionRule, PlannedPartition } from './plan.js';

export const defaultTenorsInDays: readonly number[] = [7, 30, 60, 90, 180, 365];

export interface HistoryOptions extends Partial<HistoryConfiguration> {
  /** The folder of the tables; made where missing. */
  out: string;
  /** Whether the files of one day make one partition, or each its own; folders like date=2024-01-01 make one either way. Default 'day'. */
  partition?: PartitionRule | undefined;
  executor?: Executor | undefined;
  /** Partitions not yet begun are left undone, and the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** After each partition. */
  onProgress?: ((progress: HistoryProgress) => void) | undefined;
}

export interface HistoryProgress {
  /** What is counted: files are read to see what is to be done, then partitions are calibrated. */
  phase: 'check' | 'calibrate';
  /** Partitions. */
  done: number;
  total: number;
  /** Partitions found whole. */
  skipped: number;
  /** Calibrated partitions a second; 0 before the first. */
  perSecond: number;
  /** Infinity before the first calibrated partition. */
  secondsLeft: number;
}

export interface HistorySummary {
  files: number;
  partitions: number;
  /** Partitions written by this run. */
  written: number;
  /** Partitions found whole. */
  skipped: number;
  /** Partitions of other files in the same folder; they are left alone. */
  others: number;
  chains: number;
  slices: number;
  /** Rows of the tables, those of skipped partitions with them. */
  surfaceRows: number;
  analyticsRows: number;
  /** Chains and expiries without a surface, by reason. */
  failures: Record<string, number>;
  /** Partitions that could not be made, with the file that is to blame. */
  failed: { partition: string; file: string; reason: PartitionFailure; message: string }[];
}

/**
 * Calibrates files and folders of quotes and writes a partition for each day or file. Partitions with a file that cannot be read are listed
 * in `failed` and leave nothing. Rejects with InputError for options that are none, two files of one name, a missing package and a folder
 * that cannot take the tables; and with the system's error where writing fails otherwise, once no partition is under way.
 */
export async function history(inputs: readonly string[], options: HistoryOptions): Promise<HistorySummary> {
  const { executor = inline(), signal } = options;
  const plan = await planPartitions(inputs, options.partition ?? 'day');
  const progress = progressOf(plan.length, options.onProgress);
  const { outcomes, jobs, others } = await check(plan, options, progress);
  progress.begin();
  const made = await executor.map('historyPartition', jobs, { signal, onProgress: progress.calibrated });
  await removeLeftovers(jobs);
  return summaryOf(plan, [...outcomes, ...made], others);
}

interface Check {
  /** Partitions that are whole, and those whose files cannot be read. */
  outcomes: PartitionOutcome[];
  /** What is to be done. */
  jobs: HistoryJob[];
  others: number;
}

/** The jobs of a plan, without those that are done; what stands in their way is taken away. */
async function check(plan: readonly PlannedPartition[], options: HistoryOptions, progress: Progress): Promise<Check> {
  const out = resolve(options.out);
  const configuration = configurationOf(options);
  try {
    await mkdir(out, { recursive: true });
  } catch (error) {
    throw unwritable(out, error);
  }
  const found: Check = { outcomes: [], jobs: [], others: await removeSuperseded(out, plan) };
  for (const { partition, files } of plan) {
    options.signal?.throwIfAborted();
    const sources: SourceFile[] = [];
    let failed: PartitionOutcome | undefined;
    for (const file of files) {
      try {
        sources.push({ ...file, digest: await fileDigest(file.path) });
      } catch (error) {
        const message = `${file.name}: ${error instanceof Error ? error.message : String(error)}`;
        failed = { ok: false, partition, file: file.name, reason: 'unreadable', message };
        break;
      }
    }
    if (failed !== undefined) {
      await removePartition(out, partition);
      found.outcomes.push(failed);
    } else {
      const job = historyJob({ partition, files: sources, out, configuration });
      const record = await wholeRecord(job);
      if (record === undefined) found.jobs.push(job);
      else found.outcomes.push({ ok: true, partition, skipped: true, record });
    }
    progress.checked(found.outcomes.length);
  }
  return found;
}

/** Partitions of the same files under another rule are taken away: their rows would be there twice. Gives the number of those of others. */
async function removeSuperseded(out: string, plan: readonly PlannedPartition[]): Promise<number> {
  const wanted = new Set(plan.map(({ partition }) => partition));
  const names = new Set(plan.flatMap(({ files }) => files.map(({ name }) => name)));
  let others = 0;
  for (const { partition, files } of await readRecords(out)) {
    if (wanted.has(partition)) continue;
    if (files.some(({ name }) => names.has(name))) await removePartition(out, partition);
    else others += 1;
  }
  return others;
}

function configurationOf(options: HistoryOptions): HistoryConfiguration {
  const tenorsInDays = options.tenorsInDays ?? defaultTenorsInDays;
  tenorsInDays.forEach((days, i) => {
    if (!(days > 0 && Number.isFinite(days))) throw new InputError(`tenorsInDays[${i}]`, days, 'a number above 0');
  });
  return {
    options: options.options ?? {},
    tenorsInDays,
    underlying: options.underlying,
    asOf: options.asOf,
    timeColumn: options.timeColumn,
    warmStarts: options.warmStarts ?? true,
  };
}

function summaryOf(
  plan: readonly PlannedPartition[],
  outcomes: readonly PartitionOutcome[],
  others: number,
): HistorySummary {
  const summary: HistorySummary = {
    files: plan.reduce((sum, { files }) => sum + files.length, 0),
    partitions: plan.length,
    written: 0,
    skipped: 0,
    others,
    chains: 0,
    slices: 0,
    surfaceRows: 0,
    analyticsRows: 0,
    failures: {},
    failed: [],
  };
  for (const outcome of [...outcomes].sort((left, right) => (left.partition < right.partition ? -1 : 1))) {
    if (!outcome.ok) {
      const { partition, file, reason, message } = outcome;
      summary.failed.push({ partition, file, reason, message });
      continue;
    }
    const { record, skipped } = outcome;
    if (skipped) summary.skipped += 1;
    else summary.written += 1;
    summary.chains += record.chains;
    summary.slices += record.slices;
    summary.surfaceRows += record.surfaces.rows;
    summary.analyticsRows += record.analytics.rows;
    for (const [reason, count] of Object.entries(record.failures)) {
      summary.failures[reason] = (summary.failures[reason] ?? 0) + count;
    }
  }
  return summary;
}

type Progress = ReturnType<typeof progressOf>;

function progressOf(total: number, tell: HistoryOptions['onProgress']) {
  let settled = 0;
  let checked = 0;
  let started = 0;
  return {
    checked: (done: number): void => {
      settled = done;
      checked += 1;
      tell?.({ phase: 'check', done: checked, total, skipped: settled, perSecond: 0, secondsLeft: Infinity });
    },
    begin: (): void => {
      started = performance.now();
    },
    calibrated: (done: number, jobs: number): void => {
      const perSecond = (1000 * done) / (performance.now() - started);
      const secondsLeft = (jobs - done) / perSecond;
      tell?.({ phase: 'calibrate', done: settled + done, total, skipped: settled, perSecond, secondsLeft });
    },
  };
}
