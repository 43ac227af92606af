/** Positions from a text in any of the forms known here, told apart by what it begins with and what its rows are called. */
import { requireText } from '../../check.js';
import type { Account } from '../account.js';
import { readAccount, readPositionsJson } from './account-json.js';
import { readPositionsCsv } from './csv-positions.js';
import { readDeribitPositions } from './deribit-positions.js';
import { isRecord, readJson } from './json-rows.js';
import type { PositionsRead } from './rejection.js';

export interface PositionsFile extends PositionsRead {
  format: 'account' | 'positions' | 'deribit' | 'csv';
  /** Of an account's file, with the positions. */
  account?: Account | undefined;
  /** The venue's index of each underlying, where the file has it. */
  indexPrices?: Record<string, number> | undefined;
}

/**
 * Reads an account (a JSON object), an array of positions, Deribit's positions (rows with `instrument_name`, bare or in the API's
 * envelope) or CSV. Throws InputError as the reader of the form does; rows that cannot be read are in `rejected`.
 */
export function readPositions(text: string): PositionsFile {
  if (!/^\uFEFF?\s*[[{]/.test(requireText('text', text))) return { format: 'csv', ...readPositionsCsv(text) };
  const { value } = readJson(text, 'text');
  if (isRecord(value) && !('result' in value)) {
    const { account, rejected } = readAccount(text);
    return { format: 'account', account, positions: account.positions, rejected };
  }
  const isDeribit =
    isRecord(value) || (Array.isArray(value) && value.some((row) => isRecord(row) && 'instrument_name' in row));
  return isDeribit
    ? { format: 'deribit', ...readDeribitPositions(text) }
    : { format: 'positions', ...readPositionsJson(text) };
}
