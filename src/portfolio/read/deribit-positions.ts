/**
 * Deribit's positions (private/get_positions): the API's envelope or the bare array.
 *
 *   instrument_name   which instrument; `kind`, where it is there, must agree with it
 *   direction         'buy', 'sell', or 'zero' for a position that was closed
 *   size              options and linear futures: coins; inverse futures and perpetuals: dollars. Its sign, or the direction, says short
 *   size_currency     of futures, coins: what counts for linear ones
 *   average_price     the entry, in the instrument's quote units: coin of inverse options, dollars of their futures
 *   index_price       the venue's index at the time
 *
 * Positions hold no cash: an account needs its balances beside them. The venue's other fields (margins, Greeks, profits) are not
 * read. Deribit API reference, "private/get_positions".
 */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireOneOf,
  requirePositive,
  requireText,
} from '../../check.js';
import { InputError } from '../../errors.js';
import type { Position } from '../account.js';
import type { Instrument } from '../instrument.js';
import { deribitInstrument } from '../instrument-name.js';
import { isRecord, readJson } from './json-rows.js';
import { collectPositions, RowRefusal, type PositionsRead } from './rejection.js';

export interface DeribitPositionsRead extends PositionsRead {
  /** The venue's index of each underlying, as the first of its positions has it. */
  indexPrices: Record<string, number>;
}

/**
 * Reads positions from JSON text or the parsed value; a position's id is its instrument's name. Throws InputError for text that is not
 * JSON and for another shape than rows with `instrument_name`; rows that cannot be read are in `rejected`.
 */
export function readDeribitPositions(json: unknown): DeribitPositionsRead {
  const { value, lineOf } = readJson(json);
  const inEnvelope = isRecord(value) && 'result' in value;
  const rows = requireArray(inEnvelope ? 'result' : 'json', inEnvelope ? value['result'] : value);
  if (rows.length > 0 && !rows.some((row) => isRecord(row) && 'instrument_name' in row)) {
    throw new InputError('json', json, 'positions: rows with instrument_name, direction and size');
  }
  const indexPrices: Record<string, number> = {};
  const prefix = inEnvelope ? 'result.' : '';
  const read = collectPositions(
    rows,
    (row) => {
      const { position, indexPrice } = readRow(row);
      const { underlying } = position.instrument;
      if (indexPrice !== undefined) indexPrices[underlying] ??= indexPrice;
      return position;
    },
    (row) => (isRecord(row) && typeof row['instrument_name'] === 'string' ? row['instrument_name'] : ''),
    (index, field) => lineOf(`${prefix}${index}.${field}`),
  );
  return { ...read, indexPrices };
}

function readRow(row: unknown): { position: Position; indexPrice: number | undefined } {
  if (!isRecord(row)) throw new RowRefusal('not-a-row', '', 'a position must be an object');
  const name = requireText('instrument_name', row['instrument_name']);
  const named = deribitInstrument(name);
  if (!named.ok) throw new RowRefusal(named.reason, 'instrument_name', named.message);
  const { instrument } = named;
  requireKind(row['kind'], instrument);
  const quantity = signedSize(row, instrument);
  const isFuture = instrument.kind === 'future' || instrument.kind === 'perpetual';
  const entryPrice = (isFuture ? requirePositive : requireNonNegative)('average_price', row['average_price']);
  const index = row['index_price'];
  const indexPrice = index === undefined || index === null ? undefined : requirePositive('index_price', index);
  return { position: { id: name, instrument, quantity, entryPrice }, indexPrice };
}

function requireKind(kind: unknown, instrument: Instrument): void {
  if (kind === undefined || kind === null) return;
  const expected = instrument.kind === 'perpetual' ? 'future' : instrument.kind;
  if (kind !== expected) {
    throw new RowRefusal(
      'contradiction',
      'kind',
      `kind is ${JSON.stringify(kind)}, but ${instrument.id} is a ${expected}`,
    );
  }
}

function signedSize(row: Readonly<Record<string, unknown>>, instrument: Instrument): number {
  const isLinear = instrument.kind !== 'option' && instrument.settlement !== instrument.underlying;
  const field = isLinear && typeof row['size_currency'] === 'number' ? 'size_currency' : 'size';
  const size = requireFinite(field, row[field]);
  const direction = requireOneOf('direction', row['direction'], ['buy', 'sell', 'zero']);
  if (size === 0) throw new RowRefusal('closed', field, 'the position is closed: its size is 0', 0, 0);
  if (direction === 'zero' || (direction === 'buy' && size < 0)) {
    throw new RowRefusal('contradiction', 'direction', `direction is ${direction}, but ${field} is ${size}`, size, 0);
  }
  return direction === 'sell' ? -Math.abs(size) : size;
}
