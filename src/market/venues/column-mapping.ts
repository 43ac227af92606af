/** How a feed's columns become the fields of a quote: plain data, one mapping per layout. */
import { InputError } from '../../errors.js';
import type { Currency, Instant, RawQuote } from '../quote.js';
import type { Row, Table } from './table.js';

/**
 * Which column holds which field of a quote, or a function of the row that gives it.
 *
 * Of a named column, numbers may carry thousands separators, volatilities a percent sign; `type` is C, P, call or put;
 * `timestamp` and `expiry` are instants (ISO 8601 with its offset, or a count of seconds, milliseconds or microseconds). An
 * `expiry` that is only a day ('2026-03-18', '20260318') is read as the venue's settlement instant, which needs `venue`
 * 'deribit' or 'cboe'. A function's value is taken as it is: decimals, instants, undefined for missing.
 *
 * With `venue` 'deribit' or 'cboe' and `instrument` mapped, the instrument's name gives underlying, type, strike and expiry
 * where no column does, and inverse or linear where `settlement` is left out.
 */
export interface ColumnMapping {
  columns: { [F in keyof RawQuote]?: string | ((row: Row) => RawQuote[F] | undefined) | undefined };
  /** 'deribit', 'cboe', or any other name; 'csv' where left out. */
  venue?: string | undefined;
  /** Where left out: by the root for 'cboe', else European. */
  style?: 'european' | 'american' | undefined;
  /** Where left out: by the instrument's name, else linear. */
  settlement?: 'linear' | 'inverse' | undefined;
  /** Where left out: by the instrument's name, else the underlying for inverse and 'USD' for linear options. */
  premiumCurrency?: Currency | undefined;
  /** The volatility columns are in percent. */
  percentVolatility?: boolean | undefined;
  /** Cells that mean no value, beside the empty one, nan, none, null and n/a: '-', '0'. */
  missing?: readonly string[] | undefined;
}

/** A mapping of a feed that also says where the spot and, without row timestamps, the time of the quotes is. */
export interface FeedMapping extends ColumnMapping {
  /** The underlying's spot or index price, or the column that holds it; NaN where it is not known. */
  spot?: string | number | undefined;
  quoteTime?: ((underlying: string) => Instant) | undefined;
}

/**
 * Throws {@link InputError} where a mapping names a column the table lacks, or leaves out a field that neither a column nor
 * the instrument's name gives.
 */
export function requireColumns(table: Table, mapping: FeedMapping): void {
  for (const [field, column] of [...Object.entries(mapping.columns), ['spot', mapping.spot] as const]) {
    if (typeof column === 'string' && !table.header.includes(column)) {
      throw new InputError(`mapping.columns.${field}`, column, `a column of the file (${table.header.join(', ')})`);
    }
  }
  const { instrument, type, strike, expiry } = mapping.columns;
  if (instrument !== undefined && hasNameRule(mapping)) return;
  for (const [field, column] of Object.entries({ type, strike, expiry })) {
    if (column === undefined) throw new InputError(`mapping.columns.${field}`, undefined, 'a column or a function');
  }
}

/** True where the venue's instrument names can be read. */
export function hasNameRule(mapping: ColumnMapping): boolean {
  return mapping.venue === 'deribit' || mapping.venue === 'cboe';
}
