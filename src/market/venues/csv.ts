/**
 * Any other feed in comma-separated form, by a mapping of its columns.
 *
 *   csv.parseChain(text, { columns: { instrument: 'name', bid: 'bid', ask: 'ask' }, venue: 'deribit' })
 */
import type { OptionChain, ParseOptions } from '../chain.js';
import { chainFromRows, underlyingsOf } from './rows.js';
import type { ColumnMapping } from './column-mapping.js';
import { readTable } from './table.js';

export type { ColumnMapping } from './column-mapping.js';

/**
 * The chain of one underlying. asOf is the latest mapped timestamp where it is not given; `multiplier` is the venue's contract
 * size, or 1. Rows that cannot be read are in `rejected`, each with its reason. Throws {@link InputError} for text that is not
 * CSV, a column the file lacks, no readable option, several underlyings and none chosen, or no time.
 */
function parseChain(text: string, mapping: ColumnMapping, o?: ParseOptions): OptionChain {
  return chainFromRows(readTable(text), mapping, o);
}

/** The underlyings whose options the file holds, in alphabetical order; throws as {@link parseChain} does. */
function underlyings(text: string, mapping: ColumnMapping): string[] {
  return underlyingsOf(readTable(text), mapping);
}

export const csv = { parseChain, underlyings };
