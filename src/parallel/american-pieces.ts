/** American options of rows `from` to `to` of columns: the piece of work that executors hand out. */
import { americanRows } from '../pricing/american/rows.js';
import type { AmericanColumns, AmericanOutput } from '../pricing/american/rows.js';
import type { Accuracy } from '../pricing/american.js';

export interface AmericanRowsRequest {
  input: AmericanColumns;
  output: AmericanOutput;
  from: number;
  to: number;
  accuracy: Accuracy;
}

/** The work of one piece. */
export function computeAmericanRows({ input, output, from, to, accuracy }: AmericanRowsRequest): undefined {
  americanRows(input, output, from, to, accuracy);
  return undefined;
}
