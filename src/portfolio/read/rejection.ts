/**
 * What is wrong with one row of a file of positions. A file that is not what it should be (no JSON, no table, a column that is
 * missing, an account without currency) is the caller's mistake and throws InputError; a row that cannot be a position is left out
 * and listed, with the line it stands on, the field that decided it and what the field should be.
 */
import type { Rejection } from '../../errors.js';
import { InputError } from '../../errors.js';
import type { Position } from '../account.js';

export type PositionRejectionReason =
  /** A line with another number of cells than the header (value against limit), or a JSON element that is no object. */
  | 'not-a-row'
  /** No venue has an instrument of that name. */
  | 'unreadable-instrument'
  /** An instrument that cannot be held here: a combination. */
  | 'not-supported'
  /** A field that a position cannot do without is missing. */
  | 'missing-value'
  /** A field holds something that it may not hold. */
  | 'unreadable-value'
  /** A field this version does not know: a misspelt one would be lost otherwise. */
  | 'unknown-field'
  /** Two fields, or a field and the instrument's name, say different things. */
  | 'contradiction'
  /** The position is closed: a size of 0. */
  | 'closed'
  /** Another row has the same id. */
  | 'duplicate-id';

export interface PositionRejection extends Rejection<PositionRejectionReason> {
  /** Of the file, from 1; 0 where it was not read from text. */
  line: number;
  /** As the file names it; '' for the row as a whole. */
  field: string;
  /** One sentence. */
  message: string;
}

export interface PositionsRead {
  positions: Position[];
  /** In the order of the file. */
  rejected: PositionRejection[];
}

/** Thrown while a row is read, and caught where rows are collected. */
export class RowRefusal extends Error {
  readonly reason: PositionRejectionReason;
  readonly field: string;
  readonly value: number;
  readonly limit: number;

  constructor(reason: PositionRejectionReason, field: string, message: string, value = NaN, limit = NaN) {
    super(message);
    this.name = 'RowRefusal';
    this.reason = reason;
    this.field = field;
    this.value = value;
    this.limit = limit;
  }
}

/** Runs the reading of one row; what it throws about its input is the reason it is refused. */
export function refusalOf(error: unknown): RowRefusal {
  if (error instanceof RowRefusal) return error;
  if (!(error instanceof InputError)) throw error;
  const { value, message } = error;
  const field = error.field.replace(/^position\./, '');
  const reason = value === undefined || value === null ? 'missing-value' : 'unreadable-value';
  return new RowRefusal(reason, field, message, typeof value === 'number' ? value : NaN);
}

/** The rows that are positions with unique ids, and the others. `lineOf` is asked only for rows that are refused. */
export function collectPositions<Row>(
  rows: readonly Row[],
  read: (row: Row, index: number) => Position,
  nameOf: (row: Row) => string,
  lineOf: (index: number, field: string) => number,
): PositionsRead {
  const positions: Position[] = [];
  const rejected: PositionRejection[] = [];
  const ids = new Set<string>();
  rows.forEach((row, index) => {
    try {
      const position = read(row, index);
      if (ids.has(position.id))
        throw new RowRefusal('duplicate-id', 'id', `id '${position.id}' is that of another row`);
      ids.add(position.id);
      positions.push(position);
    } catch (error) {
      const { reason, field, value, limit, message } = refusalOf(error);
      rejected.push({ index, id: nameOf(row), reason, value, limit, line: lineOf(index, field), field, message });
    }
  });
  return { positions, rejected };
}
