/**
 * The chains of a partition in order of time: rows of one time in one file make a piece, chains of the same underlying and time one chain.
 *
 * Times may come in any order within a window of so many rows; a file that is in order of time may be as large as it likes. A time that
 * comes back after its chains went out is a fault: the warm starts and the order of the rows depend on it.
 */
import { InputError } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import { parseInstant } from '../../market/date.js';
import type { Instant } from '../../market/quote.js';
import { nearestLayout, recogniseFeed, recogniseTable } from '../../market/venues/feed.js';
import type { Feed } from '../../market/venues/feed.js';
import { joinChains } from '../../market/venues/join.js';
import type { Row, RowRejection, Table } from '../../market/venues/table.js';
import type { HistoryConfiguration, SourceFile } from './job.js';
import { FileFault, readBlocks } from './read-file.js';

/** Rows held at a time, beside those of the latest time. */
const WINDOW = 100_000;

export interface SnapshotChain {
  chain: OptionChain;
  /** The first file it came from. */
  file: string;
}

export type ChainReading = Pick<HistoryConfiguration, 'underlying' | 'asOf' | 'timeColumn'>;

/** What one file has of one time: rows still to be read, or chains. */
interface Piece {
  time: Instant;
  rows: number;
  reading: Reading;
  content: { form: string; table: Table } | { chains: OptionChain[] };
}

/** Of one file, with what its path says. */
interface Reading extends ChainReading {
  name: string;
  /** Of hive-style folders: `date=2024-01-01`. */
  keys: Readonly<Record<string, string>>;
}

/**
 * The chains of the files, each time's in order of underlying and venue. Throws FileFault for a file that is none, InputError where a
 * package is missing.
 */
export async function* snapshotChains(
  files: readonly Pick<SourceFile, 'path' | 'name'>[],
  options: ChainReading,
  window = WINDOW,
): AsyncGenerator<SnapshotChain> {
  const held = new Map<Instant, Piece[]>();
  let rows = 0;
  let sent = -Infinity;
  const take = (time: Instant): SnapshotChain[] => {
    const pieces = held.get(time)!;
    held.delete(time);
    sent = time;
    for (const piece of pieces) rows -= piece.rows;
    return joined(pieces);
  };
  for (const { path, name } of files) {
    for await (const piece of piecesOf(path, readingOf(name, options))) {
      const { time } = piece;
      if (time <= sent) {
        const [found, last] = [new Date(time).toISOString(), new Date(sent).toISOString()];
        const where = `more than ${window} rows apart: sort the rows by time`;
        throw new FileFault('unordered-times', `${found} comes after ${last} and ${where}`, name);
      }
      const others = held.get(time);
      if (others === undefined) held.set(time, [piece]);
      else others.push(piece);
      rows += piece.rows;
      while (rows > window && held.size > 1) yield* take(Math.min(...held.keys()));
    }
  }
  for (const time of [...held.keys()].sort((left, right) => left - right)) yield* take(time);
}

/** Chains of one time; those that belong together as one. */
function joined(pieces: readonly Piece[]): SnapshotChain[] {
  const groups = new Map<string, SnapshotChain[]>();
  for (const { reading, time, content } of withBlocksJoined(pieces)) {
    const chains = 'chains' in content ? content.chains : chainsOfRows(content, time, reading);
    for (const chain of chains) {
      const key = `${chain.underlying} ${chain.venue} ${chain.settlement}`;
      groups.set(key, [...(groups.get(key) ?? []), { chain, file: reading.name }]);
    }
  }
  return [...groups.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, chains]) => {
      const { file } = chains[0]!;
      return { file, chain: understood(file, () => joinChains(chains.map(({ chain }) => chain))) };
    });
}

/** Rows of one file that came in several blocks as one table: how a file is cut leaves no trace. */
function withBlocksJoined(pieces: readonly Piece[]): Piece[] {
  const whole: Piece[] = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    if (last?.reading.name === piece.reading.name && 'table' in last.content && 'table' in piece.content) {
      const table = joinTables([last.content.table, piece.content.table]);
      whole[whole.length - 1] = { ...last, content: { ...last.content, table } };
    } else whole.push(piece);
  }
  return whole;
}

function joinTables(tables: readonly Table[]): Table {
  return {
    header: tables[0]!.header,
    rows: tables.flatMap(({ rows }) => rows),
    index: tables.flatMap(({ index }) => index),
    rejected: tables.flatMap(({ rejected }) => rejected),
  };
}

function chainsOfRows({ form, table }: { form: string; table: Table }, asOf: Instant, reading: Reading): OptionChain[] {
  return understood(reading.name, () => recogniseTable(table, form)!.chains({ asOf, underlying: reading.underlying }));
}

async function* piecesOf(path: string, reading: Reading): AsyncGenerator<Piece> {
  const { name } = reading;
  const whole: Table[] = [];
  let form = 'csv';
  for await (const block of readBlocks(path, name)) {
    if ('text' in block) {
      yield* understood(name, () => snapshot(recogniseFeed(block.text)!, block.text.length >> 6, reading));
      continue;
    }
    const table = withKeys(block.table, reading);
    form = block.form;
    const column = timeColumnOf(table, form, reading);
    if (column === undefined) whole.push(table);
    else yield* byTime(table, column, form, reading);
  }
  if (whole.length === 0) return;
  const table = joinTables(whole);
  yield* understood(name, () => snapshot(recogniseTable(table, form)!, table.rows.length, reading));
}

/** The column that says a row's time; undefined for tables that are one snapshot. Throws FileFault for tables that are no quotes. */
function timeColumnOf(table: Table, form: string, { name, timeColumn }: Reading): string | undefined {
  const { header } = table;
  const feed = recogniseTable(table, form);
  const found = `its columns are ${header.join(', ')}`;
  if (feed === undefined) {
    const nearest = nearestLayout(header);
    if (nearest === undefined) throw new FileFault('unknown-feed', `no feed that is known here: ${found}`, name);
    const missing = nearest.missing.map((column) => `'${column}'`).join(', ');
    throw new FileFault(
      'wrong-schema',
      `lacks column${nearest.missing.length > 1 ? 's' : ''} ${missing} of the feed ${nearest.name}: ${found}`,
      name,
    );
  }
  if (timeColumn !== undefined && !header.includes(timeColumn)) {
    throw new FileFault('wrong-schema', `lacks the time column '${timeColumn}': ${found}`, name);
  }
  return timeColumn ?? feed.timeColumn;
}

/** The rows of each time; a line that is no row goes with the row before it. */
function* byTime(table: Table, column: string, form: string, reading: Reading): Generator<Piece> {
  const groups = new Map<string, { rows: Row[]; index: number[]; rejected: RowRejection[] }>();
  let next = 0;
  table.rows.forEach((row, i) => {
    const text = row[column]!;
    let group = groups.get(text);
    if (group === undefined) groups.set(text, (group = { rows: [], index: [], rejected: [] }));
    group.rows.push(row);
    group.index.push(table.index[i]!);
    const until = table.index[i + 1] ?? Infinity;
    while (next < table.rejected.length && table.rejected[next]!.index < until)
      group.rejected.push(table.rejected[next++]!);
  });
  for (const [text, group] of groups) {
    const time = parseInstant(text);
    if (time === undefined) {
      const where = `column '${column}' of row ${group.index[0]! + 1} ${text === '' ? 'is empty' : `is '${text}'`}`;
      const wanted = 'a time with its offset, like 2026-01-13T12:00:00Z, or a count since 1970';
      throw new FileFault('wrong-schema', `${where}, not ${wanted}`, reading.name);
    }
    yield { time, rows: group.rows.length, reading, content: { form, table: { header: table.header, ...group } } };
  }
}

/** A file of one time: its own, else the one that is given, else the one in its path. */
function snapshot(feed: Feed, rows: number, reading: Reading): Piece[] {
  const byTime = new Map<Instant, OptionChain[]>();
  for (const chain of chainsAt(feed, reading)) byTime.set(chain.asOf, [...(byTime.get(chain.asOf) ?? []), chain]);
  return [...byTime].map(([time, chains]) => ({
    time,
    rows: Math.ceil(rows / byTime.size),
    reading,
    content: { chains },
  }));
}

function chainsAt(feed: Feed, { name, underlying, asOf }: Reading): OptionChain[] {
  try {
    return feed.chains({ underlying });
  } catch (error) {
    if (!(error instanceof InputError && error.field === 'asOf')) throw error;
    const given = asOf ?? timeInPath(name);
    if (given === undefined) throw error;
    return feed.chains({ underlying, asOf: given });
  }
}

/** The keys of the folders as columns, as far as the file has no column of that name. */
function withKeys(table: Table, { keys }: Reading): Table {
  const added = Object.entries(keys).filter(([name]) => !table.header.includes(name));
  if (added.length === 0) return table;
  const columns = Object.fromEntries(added);
  return {
    ...table,
    header: [...table.header, ...added.map(([name]) => name)],
    rows: table.rows.map((row) => ({ ...row, ...columns })),
  };
}

function readingOf(name: string, options: ChainReading): Reading {
  const keys: Record<string, string> = {};
  for (const folder of name.split('/').slice(0, -1)) {
    const [, key, value] = /^([^=]+)=(.*)$/.exec(folder) ?? [];
    if (key !== undefined) keys[key] = decoded(value!);
  }
  return { ...options, underlying: options.underlying ?? keys['underlying'], name, keys };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const STAMP = /(\d{4})-?(\d{2})-?(\d{2})T(\d{2})[:-]?(\d{2})[:-]?(\d{2})?Z/;

/** The UTC time in a path: 20251118T1738Z, 2025-11-18T17:38:00Z. */
export function timeInPath(name: string): Instant | undefined {
  const stamp = STAMP.exec(decoded(name));
  if (stamp === null) return undefined;
  const [, year, month, day, hour, minute, second = '00'] = stamp;
  return parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** What a reader of feeds says of a file's content. */
function understood<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const message = error.message.replace(/^mapping\.columns\./, 'column ');
    throw new FileFault(error.field === 'rows' ? 'no-options' : 'wrong-schema', message, file);
  }
}
