/** `zomma history`: files of quotes to tables of surfaces, with progress while it goes and what could not be done at its end. */
import { join } from 'node:path';
import type { Executor } from '../parallel/executor.js';
import { history as runHistory } from '../parallel/history/history.js';
import type { HistoryProgress, HistorySummary } from '../parallel/history/history.js';
import { inline } from '../parallel/node-inline.js';
import { queue } from '../parallel/queue/queue.js';
import { threads } from '../parallel/threads.js';
import { recordJson } from '../report/record-json.js';
import { writeReport } from './files.js';
import type { HistoryArguments } from './grammar/history.js';
import type { Streams } from './streams.js';
import { naming } from './worker.js';

/** Milliseconds between two states of the progress, on a terminal and in a log. */
const OFTEN = 100;
const SELDOM = 5000;

/** True where every partition is there. Rejects as `history` of zomma/parallel does. */
export async function history(args: HistoryArguments, streams: Streams): Promise<boolean> {
  const { inputs, out, partition, timeColumn, tenorsInDays, warmStarts, underlying, asOf, model, arbitrage } = args;
  const executor = await executorOf(args, streams);
  const progress = progressLine(args, streams);
  let summary: HistorySummary;
  try {
    summary = await runHistory(inputs, {
      out,
      partition,
      timeColumn,
      tenorsInDays,
      warmStarts,
      underlying,
      asOf,
      options: { model, arbitrage },
      executor,
      onProgress: progress.show,
    });
  } finally {
    progress.end();
    await executor.close();
  }
  writeReport(streams, { text: summaryText(summary, out), json: () => recordJson(summary) }, args.json);
  return summary.failed.length === 0;
}

async function executorOf(
  { threads: count, queue: url, out }: HistoryArguments,
  { stderr }: Streams,
): Promise<Executor> {
  if (url !== undefined) {
    const onMessage = (message: string) => stderr.write(`zomma: ${message}\n`);
    return naming('--queue', url, () => queue({ url, folder: join(out, 'jobs'), onMessage }));
  }
  return count === undefined ? inline() : threads({ threads: count });
}

/** One line that is written over on a terminal, a line now and then in a log. */
function progressLine({ progress }: HistoryArguments, { stderr }: Streams) {
  const isTerminal = stderr.isTTY === true;
  let last = -Infinity;
  return {
    show: (state: HistoryProgress): void => {
      const now = performance.now();
      const isLast = state.phase === 'calibrate' && state.done === state.total;
      if (!(isTerminal || progress) || (!isLast && now - last < (isTerminal ? OFTEN : SELDOM))) return;
      last = now;
      stderr.write(isTerminal ? `\r\x1b[K${progressText(state)}` : `${progressText(state)}\n`);
    },
    end: (): void => {
      if (isTerminal) stderr.write('\r\x1b[K');
    },
  };
}

/** '120 of 500 partitions (30 found whole), 4.1 a second, 1:33 left'. */
export function progressText({ phase, done, total, skipped, perSecond, secondsLeft }: HistoryProgress): string {
  if (phase === 'check') return `looking at ${done} of ${total} partitions`;
  const found = skipped === 0 ? '' : ` (${skipped} found done)`;
  return `${done} of ${total} partitions${found}, ${rateText(perSecond)}, ${durationText(secondsLeft)} left`;
}

function rateText(perSecond: number): string {
  return perSecond >= 1 || perSecond === 0
    ? `${perSecond.toFixed(1)} a second`
    : `${(60 * perSecond).toFixed(1)} a minute`;
}

function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (count: number): string => String(count).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function summaryText(summary: HistorySummary, out: string): string {
  const { files, partitions, written, skipped, others, chains, slices, surfaceRows, analyticsRows, failed } = summary;
  const lines = [
    `${counted(files, 'file')} in ${counted(partitions, 'partition')}: ${written} written, ${skipped} found done, ${failed.length} failed`,
    `${counted(chains, 'chain')}, ${counted(slices, 'slice')}; ${surfaceRows} rows in ${join(out, 'surfaces')}, ${analyticsRows} in ${join(out, 'analytics')}`,
  ];
  if (others > 0) lines.push(`${counted(others, 'partition')} of other files in ${out} left alone`);
  const reasons = Object.entries(summary.failures).sort(([left], [right]) => (left < right ? -1 : 1));
  if (reasons.length > 0) lines.push(`without a surface: ${reasonsText(reasons)}`);
  if (failed.length > 0) {
    const counts = new Map<string, number>();
    for (const { reason } of failed) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    lines.push(`failed: ${reasonsText([...counts])}`, ...failed.map(({ message }) => `  ${message}`));
  }
  return `${lines.join('\n')}\n`;
}

function reasonsText(counts: readonly [string, number][]): string {
  return counts.map(([reason, count]) => `${count} ${reason}`).join(', ');
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
