/**
 * Accounts and positions from JSON, field by field the records {@link Account} and {@link Position}. An instant may be milliseconds or
 * text with its offset, '2026-03-27T08:00:00Z'; in place of an instrument's record its venue's name may stand: "BTC-27MAR26-90000-P".
 *
 * What the account itself says must be right, or nothing is read; a position that is not right is left out and listed. A field that
 * is not known is an error: a misspelt one would be lost otherwise.
 */
import { requireArray, requireObject, requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Account, Position } from '../account.js';
import { instrumentOf } from '../instrument-name.js';
import type { Instrument } from '../instrument.js';
import { requireAccount, requirePosition } from '../validate.js';
import { instrumentFrom, withoutNulls } from './fields.js';
import { isRecord, readJson } from './json-rows.js';
import { collectPositions, RowRefusal, type PositionRejection, type PositionsRead } from './rejection.js';

export interface AccountRead {
  /** With the positions that could be read. */
  account: Account;
  rejected: PositionRejection[];
}

const ACCOUNT_FIELDS = [
  'id',
  'reportingCurrency',
  'cash',
  'borrowed',
  'accruedInterest',
  'accruedFunding',
  'positions',
  'collateral',
];
const POSITION_FIELDS = ['id', 'instrument', 'quantity', 'entryPrice', 'accountId', 'tags'];

/**
 * Reads an account from JSON text or the parsed value; `positions` may be missing. Throws InputError for text that is not JSON and for
 * a field of the account that is not as it must be; positions that cannot be read are in `rejected`.
 */
export function readAccount(json: unknown): AccountRead {
  const { value, lineOf } = readJson(json);
  const record = requireObject('account', value);
  for (const name of Object.keys(record)) {
    if (!ACCOUNT_FIELDS.includes(name)) {
      throw new InputError(name, record[name], `one of the fields of an account: ${ACCOUNT_FIELDS.join(', ')}`);
    }
  }
  const { positions, rejected } = readRows(record['positions'] ?? [], 'positions', (path) =>
    lineOf(`positions.${path}`),
  );
  // Checked field by field on the next line.
  const account = { ...record, positions } as unknown as Account;
  requireAccount(account);
  return { account, rejected };
}

/** Reads an array of positions. Throws InputError for text that is not JSON and for what is no array. */
export function readPositionsJson(json: unknown): PositionsRead {
  const { value, lineOf } = readJson(json);
  return readRows(value, 'json', lineOf);
}

function readRows(value: unknown, field: string, lineOf: (path: string) => number): PositionsRead {
  const rows = requireArray(field, value);
  const nameOf = (row: unknown): string => (isRecord(row) && typeof row['id'] === 'string' ? row['id'] : '');
  return collectPositions(rows, readPosition, nameOf, (index, name) => lineOf(`${index}.${name}`));
}

function readPosition(row: unknown): Position {
  if (!isRecord(row)) throw new RowRefusal('not-a-row', '', 'a position must be an object');
  for (const name of Object.keys(row)) {
    if (!POSITION_FIELDS.includes(name)) {
      throw new RowRefusal('unknown-field', name, `${name} is no field of a position`);
    }
  }
  // Checked field by field below.
  const position = { ...withoutNulls(row), instrument: readInstrument(row['instrument']) } as unknown as Position;
  requirePosition(position, 'position');
  if (position.accountId !== undefined) requireText('accountId', position.accountId);
  if (position.tags !== undefined) {
    requireArray('tags', position.tags).forEach((tag, i) => requireText(`tags.${i}`, tag));
  }
  return position;
}

function readInstrument(value: unknown): Instrument {
  if (typeof value !== 'string') return instrumentFrom(requireObject('instrument', value), 'instrument.');
  const named = instrumentOf(value);
  if (!named.ok) throw new RowRefusal(named.reason, 'instrument', named.message);
  return named.instrument;
}
