/**
 * One row of a feed to one quote, or to the fault that keeps it out.
 *
 * Where the venue is known, what no column says is read from the instrument's name, and what both say must agree.
 */
import { InputError } from '../../errors.js';
import type { OptionType } from '../../pricing/option.js';
import { EARLIEST_INSTANT, formatDay, parseDay, parseInstant, utcDay } from '../date.js';
import { deribitSettlement, usSettlement } from '../expiry.js';
import type { Currency, Instant, RawQuote } from '../quote.js';
import { isMissing, parseNumber, parseOptionType } from './cell.js';
import { hasNameRule } from './column-mapping.js';
import type { ColumnMapping, FeedMapping } from './column-mapping.js';
import { parseDeribitInstrument } from './deribit-instrument.js';
import { parseOsiSymbol } from './osi-symbol.js';
import type { Row, RowReason } from './table.js';

/** A quote with what its row says of the chain. */
export interface QuoteRow {
  quote: RawQuote;
  settlement: 'linear' | 'inverse';
  premiumCurrency: Currency;
  /** NaN where the row does not say. */
  spot: number;
}

interface NamedInstrument {
  underlying: string;
  type: OptionType;
  strike: number;
  expiry: Instant;
  settlement: 'linear' | 'inverse';
  premiumCurrency: Currency;
}

const PRICES = ['bid', 'ask', 'last', 'mark', 'bidSize', 'askSize', 'openInterest', 'volume', 'forward'] as const;
const VOLATILITIES = ['markVolatility', 'bidVolatility', 'askVolatility'] as const;

/** Why a row is no quote; `underlying` where its name could still be read. */
export class RowFault extends Error {
  constructor(
    readonly reason: RowReason,
    readonly field: string,
    readonly value = NaN,
    readonly limit = NaN,
    readonly underlying?: string,
  ) {
    super(reason);
  }
}

/** What a row calls itself, for its rejection. */
export function rowName(row: Row, mapping: ColumnMapping): string {
  const column = mapping.columns.instrument;
  return typeof column === 'string' ? row[column]! : '';
}

/**
 * The quote in a row; `chosen` names the underlying where neither column nor name does. Throws {@link RowFault} for a row that
 * is none, {@link InputError} for what no row can mend: an underlying that is not given, a day without a venue.
 */
export function readQuoteRow(row: Row, mapping: FeedMapping, chosen: string | undefined): QuoteRow {
  const name = textOf(row, 'instrument', mapping);
  const named = name === undefined ? undefined : readName(name, mapping);
  const underlying = textOf(row, 'underlying', mapping) ?? named?.underlying ?? chosen;
  if (underlying === undefined) {
    if (mapping.columns.underlying !== undefined) throw new RowFault('missing-value', 'underlying');
    if (hasNameRule(mapping) && mapping.columns.instrument !== undefined)
      throw new RowFault('missing-value', 'instrument');
    throw new InputError('underlying', undefined, 'given: the file does not name it');
  }
  try {
    const type = agreed('type', typeOf(row, mapping), named?.type);
    const strike = agreed('strike', numberOf(row, 'strike', mapping), named?.strike);
    const expiry = agreed('expiry', instantOf(row, 'expiry', mapping, underlying), named?.expiry);
    if (!(strike > 0)) throw new RowFault('out-of-range', 'strike', strike, 0);
    const settlement = mapping.settlement ?? named?.settlement ?? 'linear';
    const ownCurrency = named?.settlement === settlement ? named.premiumCurrency : undefined;
    const instrument = name ?? `${underlying}-${formatDay(utcDay(expiry))}-${strike}-${type === 'call' ? 'C' : 'P'}`;
    return {
      quote: { instrument, underlying, type, strike, expiry, ...optionalFields(row, mapping, underlying) },
      settlement,
      premiumCurrency: mapping.premiumCurrency ?? ownCurrency ?? (settlement === 'inverse' ? underlying : 'USD'),
      spot: typeof mapping.spot === 'string' ? parseNumber(row[mapping.spot]!) : (mapping.spot ?? NaN),
    };
  } catch (fault) {
    if (!(fault instanceof RowFault)) throw fault;
    throw new RowFault(fault.reason, fault.field, fault.value, fault.limit, underlying);
  }
}

function readName(name: string, mapping: ColumnMapping): NamedInstrument | undefined {
  if (mapping.venue === 'deribit') {
    const read = parseDeribitInstrument(name);
    if (!read.ok) throw new RowFault(read.reason, 'instrument', NaN, NaN, read.underlying);
    return read;
  }
  if (mapping.venue === 'cboe') {
    const read = parseOsiSymbol(name);
    if (!read.ok) throw new RowFault(read.reason, 'instrument');
    return { ...read, underlying: read.root, settlement: 'linear', premiumCurrency: 'USD' };
  }
  return undefined;
}

/** What the column says, else what the name says. */
function agreed<T extends string | number>(field: string, column: T | undefined, name: T | undefined): T {
  if (column !== undefined && name !== undefined && column !== name) {
    throw new RowFault('contradiction', field, Number(column), Number(name));
  }
  const value = column ?? name;
  if (value === undefined) throw new RowFault('missing-value', field);
  return value;
}

function optionalFields(row: Row, mapping: ColumnMapping, underlying: string): Partial<RawQuote> {
  const fields: Partial<RawQuote> = {};
  for (const field of PRICES) {
    const value = numberOf(row, field, mapping);
    if (value === undefined) continue;
    if (value < 0 || (field === 'forward' && value === 0)) throw new RowFault('out-of-range', field, value, 0);
    fields[field] = value;
  }
  for (const field of VOLATILITIES) {
    const value = numberOf(row, field, mapping);
    if (value === undefined) continue;
    if (value < 0) throw new RowFault('out-of-range', field, value, 0);
    fields[field] = value;
  }
  const timestamp = instantOf(row, 'timestamp', mapping, underlying);
  if (timestamp !== undefined) fields.timestamp = timestamp;
  return fields;
}

/** A column's text, or undefined where it is missing; a function's value as it is. */
function cellOf(row: Row, field: keyof RawQuote, mapping: ColumnMapping): { text: string } | { value: unknown } {
  const column = mapping.columns[field];
  if (column === undefined) return { value: undefined };
  if (typeof column === 'function') return { value: column(row) };
  const text = row[column]!;
  return isMissing(text, mapping.missing ?? []) ? { value: undefined } : { text };
}

function textOf(row: Row, field: 'instrument' | 'underlying', mapping: ColumnMapping): string | undefined {
  const cell = cellOf(row, field, mapping);
  if ('text' in cell) return cell.text;
  if (cell.value !== undefined && typeof cell.value !== 'string') throw new RowFault('unreadable-value', field);
  return cell.value;
}

function typeOf(row: Row, mapping: ColumnMapping): OptionType | undefined {
  const cell = cellOf(row, 'type', mapping);
  if ('value' in cell && cell.value === undefined) return undefined;
  const type = parseOptionType('text' in cell ? cell.text : String(cell.value));
  if (type === undefined) throw new RowFault('unreadable-value', 'type');
  return type;
}

function numberOf(row: Row, field: keyof RawQuote, mapping: ColumnMapping): number | undefined {
  const cell = cellOf(row, field, mapping);
  if ('value' in cell && cell.value === undefined) return undefined;
  const value = 'text' in cell ? numberIn(cell.text, field, mapping) : cell.value;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new RowFault('unreadable-value', field);
  return value;
}

function numberIn(text: string, field: keyof RawQuote, mapping: ColumnMapping): number {
  if (!(VOLATILITIES as readonly string[]).includes(field)) return parseNumber(text);
  if (text.endsWith('%')) return parseNumber(text.slice(0, -1).trimEnd()) / 100;
  return parseNumber(text) / (mapping.percentVolatility === true ? 100 : 1);
}

function instantOf(
  row: Row,
  field: 'expiry' | 'timestamp',
  mapping: ColumnMapping,
  underlying: string,
): Instant | undefined {
  const cell = cellOf(row, field, mapping);
  if ('value' in cell && cell.value === undefined) return undefined;
  const instant = 'text' in cell ? instantIn(cell.text, field, mapping, underlying) : cell.value;
  if (typeof instant !== 'number' || !(Math.abs(instant) >= EARLIEST_INSTANT) || !Number.isFinite(instant)) {
    throw new RowFault('unreadable-value', field);
  }
  return instant;
}

function instantIn(
  text: string,
  field: 'expiry' | 'timestamp',
  mapping: ColumnMapping,
  underlying: string,
): Instant | undefined {
  const day = field === 'expiry' ? parseDay(text) : undefined;
  if (day === undefined) return parseInstant(text);
  if (mapping.venue === 'deribit') return deribitSettlement(day);
  if (mapping.venue === 'cboe') return usSettlement(underlying, day);
  throw new InputError('mapping.columns.expiry', text, "an instant, or a day with venue 'deribit' or 'cboe'");
}
