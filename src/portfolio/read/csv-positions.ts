/**
 * Positions from CSV, one a line below a header. Case, blanks and underscores of a column's name do not matter: 'entryPrice',
 * 'entry_price' and 'Entry Price' are one.
 *
 *   instrument    a Deribit name or a US option symbol; any other name where the columns below say what it is
 *   quantity      contracts, long positive; or not negative, with
 *   side          buy, long, sell or short
 *   entry price   in the venue's quote units; needed for futures and perpetuals
 *   id            of the position; the instrument's where missing, then '#2', '#3' for further rows of it
 *   account, tags the account's id; words with ';' between them
 *   kind, underlying, settlement, multiplier, style, exercise, type, strike, expiry, fixed fx, fx volatility, correlation, divisor,
 *   target leverage, nav, leverage
 *                 the instrument's own fields, as in its record. Missing: the name's, then 'option', style 'linear', settlement 'USD'
 *                 (inverse: the underlying), multiplier 1. `type` may be C or P; `expiry` names its offset, 2026-03-20T20:00:00Z
 *
 * A column that a name contradicts rejects the row; so does a column this table does not have, for the whole file: an error.
 */
import { parse } from 'csv-parse/browser/esm/sync';
import { requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import { isMissing, parseNumber, parseOptionType } from '../../market/venues/cell.js';
import type { Position } from '../account.js';
import type { Instrument } from '../instrument.js';
import { instrumentId, instrumentOf } from '../instrument-name.js';
import { requirePosition } from '../validate.js';
import { instantOf, instrumentFields, instrumentFrom } from './fields.js';
import { collectPositions, RowRefusal, type PositionsRead } from './rejection.js';

type Row = ReadonlyMap<string, string>;

const OWN_COLUMNS = ['instrument', 'quantity', 'side', 'entryPrice', 'id', 'account', 'tags'];
const COLUMNS = new Map([...OWN_COLUMNS, ...instrumentFields].map((name) => [plain(name), name]));
const NUMBERS = ['multiplier', 'strike', 'fixedFx', 'fxVolatility', 'correlation', 'targetLeverage', 'nav', 'leverage'];
const SIDES: Readonly<Record<string, 1 | -1>> = { buy: 1, long: 1, sell: -1, short: -1 };

/**
 * Reads positions. Throws InputError for text that is not CSV, has no header, an unknown or repeated column, or neither `quantity` nor
 * a way to tell the instrument; rows that cannot be read are in `rejected`, with the line they end on.
 */
export function readPositionsCsv(text: string): PositionsRead {
  const lines = cellsOf(requireText('csv', text));
  const [head, ...rows] = lines;
  if (head === undefined) throw new InputError('csv', text, 'a header line and positions below it');
  const header = head.record.map((name) => columnOf(name));
  while (header[header.length - 1] === '') header.pop();
  requireHeader(header, head.record);
  const held = new Map<string, number>();
  return collectPositions(
    rows.map(({ record }) => record),
    (record) => readRow(rowOf(header, record), held),
    (record) => record[header.indexOf('id')] ?? record[header.indexOf('instrument')] ?? record[0] ?? '',
    (index) => rows[index]!.line,
  );
}

function cellsOf(text: string): { line: number; record: string[] }[] {
  try {
    const options = { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true, info: true } as const;
    const records = parse(text, options) as unknown as { info: { lines: number }; record: string[] }[];
    return records.map(({ info, record }) => ({ line: info.lines, record }));
  } catch (error) {
    throw new InputError(
      'csv',
      text,
      `comma-separated values (${error instanceof Error ? error.message : 'unreadable'})`,
    );
  }
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}

function columnOf(name: string): string {
  const known = COLUMNS.get(plain(name));
  if (known === undefined && name !== '') {
    throw new InputError('header', name, `one of ${[...COLUMNS.values()].join(', ')}`);
  }
  return known ?? '';
}

function requireHeader(header: readonly string[], names: readonly string[]): void {
  header.forEach((name, i) => {
    if (name === '') throw new InputError('header', names.join(','), 'a header without blank names');
    if (header.indexOf(name) !== i) throw new InputError('header', names[i], 'a column that occurs once');
  });
  if (!header.includes('quantity'))
    throw new InputError('header', names.join(','), 'a header with the column quantity');
  if (!header.includes('instrument') && !header.includes('underlying')) {
    throw new InputError('header', names.join(','), 'a header with the column instrument or underlying');
  }
}

function rowOf(header: readonly string[], record: readonly string[]): Row {
  const cells = [...record];
  while (cells.length > header.length && cells[cells.length - 1] === '') cells.pop();
  if (cells.length !== header.length) {
    const message = `the line has ${cells.length} cells, the header ${header.length}`;
    throw new RowRefusal('not-a-row', '', message, cells.length, header.length);
  }
  return new Map(
    header.flatMap((name, i): [string, string][] => (isMissing(cells[i]!, []) ? [] : [[name, cells[i]!]])),
  );
}

function readRow(row: Row, held: Map<string, number>): Position {
  const instrument = readInstrument(row);
  const quantity = signedQuantity(row);
  if (quantity === 0) throw new RowRefusal('closed', 'quantity', 'the position is closed: its quantity is 0', 0, 0);
  const position: Position = { id: row.get('id') ?? instrument.id, instrument, quantity };
  if (row.has('entryPrice')) position.entryPrice = numberOf(row, 'entryPrice');
  if (row.has('account')) position.accountId = row.get('account');
  const tags = (row.get('tags') ?? '').split(';').map((tag) => tag.trim());
  if (row.has('tags')) position.tags = tags.filter((tag) => tag !== '');
  requirePosition(position, 'position');
  const before = held.get(instrument.id) ?? 0;
  held.set(instrument.id, before + 1);
  if (!row.has('id') && before > 0) position.id = `${instrument.id}#${before + 1}`;
  return position;
}

function signedQuantity(row: Row): number {
  if (!row.has('quantity')) throw new RowRefusal('missing-value', 'quantity', 'quantity is missing');
  const quantity = numberOf(row, 'quantity');
  const side = row.get('side');
  if (side === undefined) return quantity;
  const sign = SIDES[side.toLowerCase()];
  if (sign === undefined) throw new InputError('side', side, 'one of buy, long, sell, short');
  if (quantity < 0) {
    throw new RowRefusal('contradiction', 'side', `side is ${side}, but quantity is ${quantity}`, quantity, 0);
  }
  return sign * quantity;
}

/** The instrument of the name, which the other columns may only repeat; or of the other columns. */
function readInstrument(row: Row): Instrument {
  const name = row.get('instrument');
  const named = name === undefined ? undefined : instrumentOf(name);
  const columns = Object.fromEntries(
    instrumentFields.filter((field) => row.has(field)).map((field) => [field, valueOf(row, field)]),
  );
  if (named?.ok === true) {
    const known: Readonly<Record<string, unknown>> = { ...named.instrument };
    for (const [field, value] of Object.entries(columns)) {
      const said = field === 'expiry' ? instantOf(field, value) : value;
      // A contract's size is the venue's; another one is the account's word, not a contradiction.
      if (field !== 'multiplier' && said !== known[field]) {
        const message = `${field} is ${String(value)}, but ${named.instrument.id} has ${field in known ? JSON.stringify(known[field]) : 'none'}`;
        throw new RowRefusal('contradiction', field, message);
      }
    }
    return { ...named.instrument, ...('multiplier' in columns ? { multiplier: Number(columns['multiplier']) } : {}) };
  }
  if (!row.has('underlying')) {
    if (named !== undefined) throw new RowRefusal(named.reason, 'instrument', named.message);
    throw new RowRefusal('missing-value', 'underlying', 'neither instrument nor underlying says what is held');
  }
  return instrumentFromColumns(name, columns);
}

function instrumentFromColumns(name: string | undefined, columns: Readonly<Record<string, unknown>>): Instrument {
  const { underlying, kind = 'option' } = columns;
  const hasStyle = kind === 'option' || kind === 'future' || kind === 'perpetual';
  const style = columns['style'] ?? (hasStyle ? 'linear' : undefined);
  const record: Record<string, unknown> = {
    id: name ?? 'unnamed',
    kind,
    settlement: style === 'inverse' ? underlying : 'USD',
    multiplier: 1,
    ...(style === undefined ? {} : { style }),
    ...columns,
  };
  const instrument = instrumentFrom(record, '');
  if (name !== undefined) return instrument;
  const id =
    'style' in instrument
      ? instrumentId(instrument)
      : `${instrument.underlying}-${instrument.kind}-${instrument.settlement}`;
  return { ...instrument, id };
}

function valueOf(row: Row, field: string): unknown {
  const text = row.get(field)!;
  if (NUMBERS.includes(field)) return numberOf(row, field);
  if (field === 'type') return parseOptionType(text) ?? text;
  return ['kind', 'style', 'exercise', 'divisor'].includes(field) ? text.toLowerCase() : text;
}

function numberOf(row: Row, field: string): number {
  const text = row.get(field)!;
  const value = parseNumber(text);
  if (!Number.isFinite(value)) throw new InputError(field, text, 'a number');
  return value;
}
