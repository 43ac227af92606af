/** `zomma watch`: follows a feed of quote changes and prints the surface, and the Greeks of a book, as they change. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { openDeribitFeed, type DeribitFeed } from '../feed/deribit.js';
import { FeedError } from '../feed/feed-error.js';
import type { OptionChain } from '../market/chain.js';
import { readQuoteChanges, type QuoteChange } from '../market/live-chain.js';
import { watchSurface, type SurfaceUpdate, type WatchedBook } from '../portfolio/watch-surface.js';
import { watchLine, watchRecord, watchSummary, watchTable } from '../report/watch-report.js';
import { InputError } from '../errors.js';
import { CommandError, systemReason } from './command-error.js';
import { explain } from './files.js';
import type { WatchArguments } from './grammar/watch.js';
import { readBook } from './read-book.js';
import { readChain } from './read-chain.js';
import { snapshotFor } from './read-market.js';
import type { Streams } from './streams.js';

interface Source {
  chain: OptionChain;
  changes: AsyncIterable<QuoteChange[]>;
  feed?: DeribitFeed | undefined;
  /** Lets go of what is read, also where it is waited for. */
  close: () => void;
}

/** True where there was a surface. Throws CommandError for files and feeds that cannot be read. */
export async function watch(args: WatchArguments, streams: Streams): Promise<boolean> {
  const book = watchedBook(args, streams);
  if (book === 'unreadable') return false;
  const printer = printerOf(args, streams);
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  process.once('SIGINT', end);
  let source: Source | undefined;
  let last: SurfaceUpdate | undefined;
  let updates = 0;
  let hasSurface = false;
  try {
    source = await open(args, streams);
    const options = {
      model: args.model,
      arbitrage: args.arbitrage,
      book,
      maximumAge: args.maximumAge,
      pace: args.changes !== undefined && args.changes !== '-' ? ('every' as const) : ('newest' as const),
      now: args.deribit === undefined ? undefined : Date.now,
      signal: stop.signal,
    };
    for await (const update of watchSurface(source.chain, source.changes, options)) {
      last = update;
      updates++;
      hasSurface ||= update.ok;
      printer.show(update);
      if (updates === args.count) break;
    }
  } catch (error) {
    if (error instanceof FeedError) throw new CommandError(error.message);
    const isSystem = error instanceof Error && 'syscall' in error;
    throw isSystem ? new CommandError(`--changes: ${systemReason(error)}`) : error;
  } finally {
    process.off('SIGINT', end);
    source?.close();
    if (last !== undefined) printer.end(watchSummary(last.counts, updates), feedLine(source?.feed));
  }
  return hasSurface;
}

function watchedBook(args: WatchArguments, streams: Streams): WatchedBook | undefined | 'unreadable' {
  if (args.positions.length === 0) return undefined;
  const read = readBook({ files: args.positions, cash: {} }, streams);
  if (read === undefined) return 'unreadable';
  const { positions } = read.account;
  const held = positions.map(({ instrument }) => instrument);
  return {
    positions,
    market: (source) => snapshotFor([source], args, held),
    valuation: { numeraire: args.numeraire },
  };
}

async function open(args: WatchArguments, streams: Streams): Promise<Source> {
  if (args.deribit !== undefined) {
    const feed = await explainFeed(() =>
      openDeribitFeed({ underlying: args.deribit!, url: args.url, channel: args.channel }),
    );
    return { chain: feed.chain, changes: feed.changes, feed, close: feed.close };
  }
  const { chain } = readChain(args);
  if (args.changes !== '-') {
    const lines = await linesOf(args.changes!);
    return { chain, changes: changesIn(lines, args.changes!, streams), close: () => undefined };
  }
  const input = streams.stdin ?? process.stdin;
  const lines = createInterface({ input, crlfDelay: Infinity });
  const close = (): void => {
    lines.close();
    // An open terminal or pipe would keep the process alive.
    if ('destroy' in input && typeof input.destroy === 'function') input.destroy();
  };
  return { chain, changes: changesIn(lines, 'standard input', streams), close };
}

async function explainFeed<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof FeedError) throw new CommandError(`--deribit: ${error.message}`);
    if (error instanceof InputError) explain('--deribit', () => raise(error), { url: '--url' });
    throw error;
  }
}

function raise(error: Error): never {
  throw error;
}

async function linesOf(file: string): Promise<AsyncIterable<string>> {
  try {
    return (await openFile(file)).readLines();
  } catch (error) {
    throw new CommandError(`--changes: ${file}: ${systemReason(error)}`);
  }
}

/** The changes of each line; a line that is none is told on stderr. */
async function* changesIn(
  lines: AsyncIterable<string>,
  name: string,
  { stderr }: Streams,
): AsyncGenerator<QuoteChange[], void, undefined> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    let changes: QuoteChange[];
    try {
      changes = readQuoteChanges(line);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      stderr.write(`${name} line ${number} is left out: it must be ${error.requirement}\n`);
      continue;
    }
    yield changes;
  }
}

interface Printer {
  show(update: SurfaceUpdate): void;
  end(summary: string, feed: string | undefined): void;
}

const BOLD = '\u001b[1m';
const PLAIN = '\u001b[0m';

/** A table in place on a terminal, a line an update elsewhere, JSON where it is asked for. */
function printerOf({ json }: WatchArguments, { stdout, stderr }: Streams): Printer {
  const file = json === undefined || json === '-' ? undefined : openForWriting(json);
  const isTerminal = stdout.isTTY === true && json !== '-';
  const hasColour = isTerminal && (process.env['NO_COLOR'] ?? '') === '';
  const emphasise = hasColour ? (line: string) => BOLD + line + PLAIN : undefined;
  let height = 0;
  return {
    show(update) {
      if (json !== undefined) {
        const line = `${JSON.stringify(watchRecord(update), finite)}\n`;
        if (file === undefined) stdout.write(line);
        else writeSync(file, line);
      }
      if (json === '-') return;
      if (!isTerminal) {
        stdout.write(`${watchLine(update)}\n`);
        return;
      }
      const table = watchTable(update, { emphasise });
      stdout.write(`${height === 0 ? '' : `\u001b[${height}A\u001b[J`}${table}\n`);
      height = table.split('\n').length;
    },
    end(summary, feed) {
      if (file !== undefined) closeSync(file);
      const out = json === '-' ? stderr : stdout;
      out.write(`${summary}\n${feed === undefined ? '' : `${feed}\n`}`);
    },
  };
}

function openForWriting(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new CommandError(`--json: ${file} cannot be written: ${systemReason(error)}`);
  }
}

/** JSON has no NaN and no infinity: they are texts. */
function finite(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function feedLine(feed: DeribitFeed | undefined): string | undefined {
  if (feed === undefined) return undefined;
  const { messages, connections, malformed, gaps, old, refused, merged } = feed.counts();
  return (
    `feed: ${messages} messages, ${connections} ${connections === 1 ? 'connection' : 'connections'}, ` +
    `${gaps} gaps, ${malformed} malformed, ${old} out of order, ${refused} channels refused, ${merged} merged`
  );
}
