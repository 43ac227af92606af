/** Short options left where those of one strike and expiry offset each other, calls and puts alike: what venues charge for tails. */
import type { MarginRow } from './margin-rows.js';

export interface ShortOptions {
  /** Above 0. */
  units: number;
  /** One of the rows at the strike. */
  row: MarginRow;
}

/** Of the rows of one underlying. */
export function shortOptions(rows: readonly MarginRow[]): ShortOptions[] {
  const net = new Map<string, ShortOptions>();
  for (const row of rows) {
    if (row.instrument.kind !== 'option') continue;
    const key = `${row.instrument.strike}/${row.instrument.expiry}`;
    net.set(key, { units: (net.get(key)?.units ?? 0) - row.units, row });
  }
  return [...net.values()].filter(({ units }) => units > 0);
}
