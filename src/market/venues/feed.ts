/** Which feed a text is, by its own content: what the command line asks before it parses. */
import { requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import type { OptionChain, ParseOptions } from '../chain.js';
import { cboe, isQuoteTable, quoteTableChains, quoteTableRoots } from './cboe.js';
import { deribitApiMarks, deribitTableMapping, jsonTable } from './deribit.js';
import { feedLayouts } from './layouts.js';
import { chainFromRows, chainsFromRows, underlyingsOf } from './rows.js';
import type { FeedMapping } from './column-mapping.js';
import { readTable } from './table.js';
import type { Table } from './table.js';

export interface Feed {
  /** 'deribit-book-summary-json', 'deribit-order-book-csv' and so on, 'cboe-quote-table', or the name of a layout. */
  name: string;
  venue: string;
  /** The underlyings or roots whose options the text holds, in alphabetical order. */
  underlyings(): string[];
  /** The column that is the same in all rows of one snapshot, where the feed has such a one. */
  timeColumn?: string | undefined;
  /** The chains of all underlyings, or of the one asked for if it is there; else as `parse`. */
  chains(o?: ParseOptions): OptionChain[];
  /** The chain of one underlying; asOf is the feed's own time where it has one and none is given. Throws as `csv.parseChain`. */
  parse(o?: ParseOptions): OptionChain;
}

/** The feed that a text is written in, ready to be parsed; undefined where it is none of those known here. */
export function recogniseFeed(text: string): Feed | undefined {
  if (isQuoteTable(requireText('text', text))) {
    return {
      name: 'cboe-quote-table',
      venue: 'cboe',
      underlyings: () => quoteTableRoots(text),
      chains: (o) => quoteTableChains(text, o),
      parse: (o) => cboe.parseQuoteTable(text, o),
    };
  }
  const isJson = /^\uFEFF?\s*[[{]/.test(text) && !/^\uFEFF?\s*\[[A-Z_]+\]\s*,/.test(text);
  const table = readOrUndefined(() => (isJson ? jsonTable(text, 'text') : readTable(text)));
  return table === undefined ? undefined : recogniseTable(table, isJson ? 'json' : 'csv');
}

/** The feed that a table's columns are of, as {@link recogniseFeed}; `form` is a part of the name of a venue's own feed. */
export function recogniseTable(table: Table, form: string): Feed | undefined {
  const api = deribitTableMapping(table);
  if (api !== undefined) return tableFeed(`deribit-${api.kind}-${form}`, table, api.mapping);
  const layout = feedLayouts.find((candidate) => candidate.matches(table.header));
  return layout === undefined ? undefined : tableFeed(layout.name, table, layout.mapping, layout.timeColumn);
}

/**
 * The layout that a header comes nearest to, with the columns it lacks of it; undefined where it has less than half of every one.
 */
export function nearestLayout(header: readonly string[]): { name: string; missing: string[] } | undefined {
  const candidates = [...deribitApiMarks, ...feedLayouts].map(({ name, marks }) => {
    const missing = marks.filter((mark) => !header.includes(mark));
    return { name, missing, share: missing.length / marks.length };
  });
  const nearest = candidates.reduce((best, each) => (each.share < best.share ? each : best));
  return nearest.share <= 0.5 ? { name: nearest.name, missing: nearest.missing } : undefined;
}

function tableFeed(name: string, table: Table, mapping: FeedMapping, timeColumn?: string): Feed {
  return {
    name,
    venue: mapping.venue ?? 'csv',
    timeColumn: timeColumn !== undefined && table.header.includes(timeColumn) ? timeColumn : undefined,
    underlyings: () => underlyingsOf(table, mapping),
    chains: (o) => chainsFromRows(table, mapping, o),
    parse: (o) => chainFromRows(table, mapping, o),
  };
}

/** Text that is neither JSON nor CSV is no feed. */
function readOrUndefined(read: () => Table): Table | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
