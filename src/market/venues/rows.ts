/**
 * From the rows of a feed to an {@link OptionChain}: each row becomes a quote or a rejection with its reason; then one
 * underlying is chosen, asOf is settled, and quotes that have expired by then join the rejections.
 */
import { requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { medianOf } from '../../math/summary.js';
import type { OptionChain, ParseOptions } from '../chain.js';
import { EARLIEST_INSTANT } from '../date.js';
import { usOptionRoot } from '../expiry.js';
import type { Instant } from '../quote.js';
import { requireColumns } from './column-mapping.js';
import type { FeedMapping } from './column-mapping.js';
import { deribitContractSize, deribitTick } from './deribit-instrument.js';
import { RowFault, readQuoteRow, rowName } from './quote-row.js';
import type { QuoteRow } from './quote-row.js';
import type { RowRejection, Table } from './table.js';

interface Reading extends QuoteRow {
  index: number;
}

/** The underlyings of a table's readable options, in alphabetical order. */
export function underlyingsOf(table: Table, mapping: FeedMapping): string[] {
  return distinctUnderlyings(readRows(table, mapping, undefined).readings);
}

/**
 * The chain of one underlying. Throws {@link InputError} where the mapping names a column the table lacks, no row is an
 * option, the underlying has to be chosen ('one of ...'), or the time or contract size has to be given and is not.
 */
export function chainFromRows(table: Table, mapping: FeedMapping, o: ParseOptions = {}): OptionChain {
  const read = readRows(table, mapping, o.underlying);
  const underlying = chooseUnderlying(distinctUnderlyings(read.readings), o.underlying, table, read.rejected);
  return chainOf(underlying, read, mapping, o);
}

/**
 * The chains of all underlyings, in alphabetical order; of the one that is asked for, if the table has it. Throws as
 * {@link chainFromRows} does, but for an underlying that has to be chosen.
 */
export function chainsFromRows(table: Table, mapping: FeedMapping, o: ParseOptions = {}): OptionChain[] {
  const read = readRows(table, mapping, o.underlying);
  const found = distinctUnderlyings(read.readings);
  if (found.length === 0) throw noOption(table, read.rejected);
  const wanted = o.underlying === undefined ? found : found.filter((underlying) => underlying === o.underlying);
  return wanted.map((underlying) => chainOf(underlying, read, mapping, o));
}

interface ReadRows {
  readings: Reading[];
  rejected: Refusal[];
}

function chainOf(
  underlying: string,
  { readings, rejected }: ReadRows,
  mapping: FeedMapping,
  o: ParseOptions,
): OptionChain {
  const chosen = readings.filter((reading) => reading.quote.underlying === underlying);
  const { settlement, premiumCurrency } = chosen[0]!;
  const asOf = o.asOf === undefined ? ownTime(chosen, underlying, mapping) : requireInstant('asOf', o.asOf);
  const expired = chosen.filter(({ quote }) => quote.expiry <= asOf);
  const live = chosen.filter(({ quote }) => quote.expiry > asOf);
  const spots = chosen.map((reading) => reading.spot).filter((spot) => spot > 0);
  const venue = mapping.venue ?? 'csv';
  const tick = priceStep(venue, underlying, settlement, live);
  return {
    underlying,
    venue,
    asOf,
    style: mapping.style ?? (venue === 'cboe' ? usOptionRoot(underlying).style : 'european'),
    settlement,
    premiumCurrency,
    ...(spots.length > 0 ? { spot: medianOf(spots) } : {}),
    ...(tick === undefined ? {} : { tick }),
    multiplier: contractSize(venue, underlying, o.multiplier),
    quotes: live.map(({ quote }) => quote),
    rejected: [
      ...rejected
        .filter((row) => row.underlying === undefined || row.underlying === underlying)
        .map(({ rejection }) => rejection),
      ...expired.map(({ index, quote }): RowRejection => ({
        index,
        id: quote.instrument,
        reason: 'expired',
        field: 'expiry',
        value: quote.expiry,
        limit: asOf,
      })),
    ].sort((left, right) => left.index - right.index),
  };
}

interface Refusal {
  underlying: string | undefined;
  rejection: RowRejection;
}

function readRows(table: Table, mapping: FeedMapping, underlying: string | undefined): ReadRows {
  requireColumns(table, mapping);
  const readings: Reading[] = [];
  const rejected: Refusal[] = table.rejected.map((rejection) => ({ underlying: undefined, rejection }));
  table.rows.forEach((row, i) => {
    const index = table.index[i]!;
    try {
      readings.push({ index, ...readQuoteRow(row, mapping, underlying) });
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault;
      const { reason, field, value, limit } = fault;
      rejected.push({
        underlying: fault.underlying,
        rejection: { index, id: rowName(row, mapping), reason, field, value, limit },
      });
    }
  });
  return { readings, rejected };
}

function distinctUnderlyings(readings: readonly Reading[]): string[] {
  return [...new Set(readings.map(({ quote }) => quote.underlying))].sort();
}

function chooseUnderlying(
  found: readonly string[],
  wanted: string | undefined,
  table: Table,
  rejected: readonly Refusal[],
): string {
  const only = found[0];
  if (only === undefined) throw noOption(table, rejected);
  const oneOf = `one of ${found.join(', ')}`;
  if (wanted !== undefined) {
    if (!found.includes(wanted)) throw new InputError('underlying', wanted, oneOf);
    return wanted;
  }
  if (found.length > 1) throw new InputError('underlying', found.join(' + '), oneOf);
  return only;
}

/** Throws {@link InputError} for what cannot be an instant in milliseconds: a count of seconds, NaN. */
function requireInstant(field: string, value: Instant): Instant {
  if (typeof value !== 'number' || !(value >= EARLIEST_INSTANT && value < Infinity)) {
    throw new InputError(field, value, 'an instant in milliseconds since 1970');
  }
  return value;
}

function noOption(table: Table, rejected: readonly Refusal[]): InputError {
  const first = rejected[0]?.rejection;
  const why = first === undefined ? '' : `; the first is rejected: ${first.reason} ${first.field}`.trimEnd();
  return new InputError('rows', table.rows.length, `rows with at least one readable option${why}`);
}

function ownTime(readings: readonly Reading[], underlying: string, mapping: FeedMapping): Instant {
  let latest = -Infinity;
  for (const { quote } of readings) latest = Math.max(latest, quote.timestamp ?? -Infinity);
  if (latest > -Infinity) return latest;
  if (mapping.quoteTime !== undefined) return mapping.quoteTime(underlying);
  throw new InputError('asOf', undefined, 'given: the file carries no time of its own');
}

function contractSize(venue: string, underlying: string, given: number | undefined): number {
  if (given !== undefined) return requirePositive('multiplier', given);
  if (venue === 'cboe') return 100;
  if (venue !== 'deribit') return 1;
  const size = deribitContractSize(underlying);
  if (size === undefined) throw new InputError('multiplier', undefined, `given: the contract size of ${underlying}`);
  return size;
}

function priceStep(
  venue: string,
  underlying: string,
  settlement: 'linear' | 'inverse',
  readings: readonly Reading[],
): number | undefined {
  if (venue === 'cboe') return usOptionRoot(underlying).tick;
  if (venue !== 'deribit' || settlement !== 'inverse') return undefined;
  return deribitTick(
    underlying,
    readings.flatMap(({ quote }) => [quote.bid ?? 0, quote.ask ?? 0]),
  );
}
