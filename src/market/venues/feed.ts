/** Which feed a text is, by its own content: what the command line asks before it parses. */
import { requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import type { OptionChain, ParseOptions } from '../chain.js';
import { cboe, isQuoteTable, quoteTableRoots } from './cboe.js';
import { deribitTableMapping, jsonTable } from './deribit.js';
import { feedLayouts } from './layouts.js';
import { chainFromRows, underlyingsOf } from './rows.js';
import type { FeedMapping } from './column-mapping.js';
import { readTable } from './table.js';
import type { Table } from './table.js';

export interface Feed {
  /** 'deribit-book-summary-json', 'deribit-order-book-csv' and so on, 'cboe-quote-table', or the name of a layout. */
  name: string;
  venue: string;
  /** The underlyings or roots whose options the text holds, in alphabetical order. */
  underlyings(): string[];
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
      parse: (o) => cboe.parseQuoteTable(text, o),
    };
  }
  const isJson = /^\uFEFF?\s*[[{]/.test(text) && !/^\uFEFF?\s*\[[A-Z_]+\]\s*,/.test(text);
  const table = readOrUndefined(() => (isJson ? jsonTable(text, 'text') : readTable(text)));
  if (table === undefined) return undefined;
  const api = deribitTableMapping(table);
  if (api !== undefined) return tableFeed(`deribit-${api.kind}-${isJson ? 'json' : 'csv'}`, table, api.mapping);
  const layout = feedLayouts.find((candidate) => candidate.matches(table.header));
  return layout === undefined ? undefined : tableFeed(layout.name, table, layout.mapping);
}

function tableFeed(name: string, table: Table, mapping: FeedMapping): Feed {
  return {
    name,
    venue: mapping.venue ?? 'csv',
    underlyings: () => underlyingsOf(table, mapping),
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
