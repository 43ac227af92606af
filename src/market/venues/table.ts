/** Text with a header line to rows: one record per line, keyed by the header's names. */
import { parse } from 'csv-parse/browser/esm/sync';
import { requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Rejection } from '../../errors.js';

/** Why a row of a feed was left out of its chain. */
export type RowReason =
  /** A line with another number of cells than the header: value and limit are the two counts. Or a JSON element that is no object. */
  | 'not-a-row'
  /** The venue has no instrument of that name. */
  | 'unreadable-instrument'
  /** A future, perpetual, spot pair or combination. */
  | 'not-an-option'
  /** A field that a quote cannot do without is empty. */
  | 'missing-value'
  /** A field says something that is neither a value nor a missing marker. */
  | 'unreadable-value'
  /** value is below what the field allows: limit. */
  | 'out-of-range'
  /** A column (value) says another thing than the instrument's name (limit). */
  | 'contradiction'
  /** The expiry (value) is not after asOf (limit). */
  | 'expired';

/** A row left out, and the quote field that decided it ('' for the row as a whole). */
export interface RowRejection extends Rejection<RowReason> {
  field: string;
}

/** One row of a feed: cells as text, without the blanks around them. */
export type Row = Readonly<Record<string, string>>;

export interface Table {
  header: readonly string[];
  rows: readonly Row[];
  /** The place of each row in the input, counted from 0 without the header. */
  index: readonly number[];
  /** Lines that are no rows. */
  rejected: readonly RowRejection[];
}

/**
 * Reads comma-separated text. The first line that is not blank is the header. Cells lose the blanks around them; a byte order
 * mark, blank lines and surplus empty cells at a line's end are skipped. A name that the header repeats is told apart by its
 * occurrence: 'Size', 'Size#2', 'Size#3'. Throws {@link InputError} for text that is not CSV or has no header.
 */
export function readTable(text: string): Table {
  const lines = readCells(text);
  const first = lines[0];
  if (first === undefined) throw new InputError('text', text, 'a header line and rows below it');
  return tableOfCells(headerOf(first), lines.slice(1), 0);
}

/** The names in a header line, told apart as {@link readTable} does. */
export function headerOf(line: readonly string[]): string[] {
  return distinctNames(withoutTrailingBlanks(line, 1));
}

/** The lines below a header, of which `from` were before these. */
export function tableOfCells(header: readonly string[], lines: readonly (readonly string[])[], from: number): Table {
  const rows: Row[] = [];
  const index: number[] = [];
  const rejected: RowRejection[] = [];
  lines.forEach((line, place) => {
    const cells = withoutTrailingBlanks(line, header.length);
    if (cells.length === header.length) {
      rows.push(Object.fromEntries(header.map((name, column) => [name, cells[column]!])));
      index.push(from + place);
    } else {
      rejected.push({
        index: from + place,
        id: cells[0] ?? '',
        reason: 'not-a-row',
        field: '',
        value: cells.length,
        limit: header.length,
      });
    }
  });
  return { header, rows, index, rejected };
}

/** The cells of every line that is not blank. */
export function readCells(text: string): string[][] {
  requireText('text', text);
  try {
    return parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable';
    throw new InputError('text', text, `comma-separated values (${reason})`);
  }
}

function withoutTrailingBlanks(cells: readonly string[], least: number): string[] {
  let length = cells.length;
  while (length > least && cells[length - 1] === '') length -= 1;
  return cells.slice(0, length);
}

function distinctNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    return occurrence === 1 ? name : `${name}#${occurrence}`;
  });
}
