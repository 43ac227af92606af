/**
 * Many positions valued at once. Each distinct instrument is valued once, one row of Greeks a unit; positions are columns that point
 * at the rows, and everything a book amounts to is a sum of units times rows:
 *
 *   greek of the book = sum over instruments of (sum of the positions' units) x (the instrument's greek)
 *
 * so that a position and its offset vanish exactly and 100,000 positions cost one pass. A future's row is that of a contract
 * entered now; what its positions gained since their entries is an amount in the settlement currency beside it (`gains`), which
 * moves with the exchange rate only. The two together move as the position does: N (1/entry - 1/P) coin is N (1/P_0 - 1/P) coin
 * of a contract entered at P_0 and N (1/entry - 1/P_0) coin that is there already.
 */
import { requireObject } from '../check.js';
import { InputError } from '../errors.js';
import type { Currency } from '../market/quote.js';
import type { Position } from './account.js';
import type { Instrument } from './instrument.js';
import { COIN_QUOTE, openMarket, type Conversion, type MarketView } from './market-view.js';
import type { Excluded, MissingReason, ValuationOptions } from './missing.js';
import { GREEK_COUNT, greekNames } from './spot-greeks.js';
import type { MarketSnapshot } from './snapshot.js';
import { gainOf, markOf, missingError, numeraireUnit, positionUnits, quoteCurrency } from './valuation.js';
import { requireInstrument, requirePositions, requireValuationOptions } from './validate.js';

/** One row an instrument. */
export interface InstrumentColumns {
  instruments: readonly Instrument[];
  /** Per unit in the numeraire, [instrument][greek] in the order of greekNames; zeros where excluded. */
  greeks: Float64Array;
  /** Per unit in the instrument's settlement currency. */
  settlementValue: Float64Array;
  /** The mark of a future or perpetual; 0 for the rest. */
  mark: Float64Array;
  /** Settlement currency to numeraire; undefined where excluded. */
  conversion: readonly (Conversion | undefined)[];
  /** What was missing: the row is zeros, or (`valued` 1) the intrinsic value. */
  missing: readonly (MissingReason | undefined)[];
  /** 1 where the row holds a value. */
  valued: Uint8Array;
  /** 1 at or past expiry. */
  expired: Uint8Array;
}

export interface Book extends InstrumentColumns {
  numeraire: Currency;
  positions: readonly Position[];
  /** The instrument of each position. */
  index: Int32Array;
  /** Quantity times multiplier of each position. */
  units: Float64Array;
  /** What each position in a future gained since its entry, in its settlement currency; 0 for the rest. */
  gains: Float64Array;
  excluded: Excluded[];
  /** Ids of the positions whose instrument has expired. */
  expiredPositions: string[];
}

/**
 * Values a book. Throws InputError naming the field of a position, an instrument, the snapshot or the options that is not as it
 * must be, two instruments of one id that differ, and what the snapshot lacks, unless the policy says otherwise.
 */
export function valueBook(
  positions: readonly Position[],
  snapshot: MarketSnapshot,
  options: ValuationOptions = {},
): Book {
  const view = openMarket(snapshot);
  requireValuationOptions(options);
  requirePositions(positions);
  const { instruments, index } = distinctInstruments(positions);
  const numeraire = options.numeraire ?? commonQuoteCurrency(instruments);
  const columns = instrumentColumns(instruments, view, numeraire, options);
  const units = new Float64Array(positions.length);
  const gains = new Float64Array(positions.length);
  const excluded: Excluded[] = [];
  const expiredPositions: string[] = [];
  positions.forEach((position, i) => {
    const row = index[i]!;
    const { instrument } = position;
    const reason = columns.missing[row];
    if (reason !== undefined) {
      if (options.missing === undefined || options.missing === 'throw') {
        throw missingError(reason, instrument, view, numeraire);
      }
      excluded.push({ positionId: position.id, reason });
    }
    if (columns.expired[row] === 1) expiredPositions.push(position.id);
    if (columns.valued[row] === 0) return;
    units[i] = positionUnits(position);
    if (instrument.kind === 'future' || instrument.kind === 'perpetual') {
      gains[i] = units[i] * gainOf(instrument, columns.mark[row]!, position.entryPrice!);
    }
  });
  return { ...columns, numeraire, positions, index, units, gains, excluded, expiredPositions };
}

/** The rows: the one place where instruments are priced, each once. */
export function instrumentColumns(
  instruments: readonly Instrument[],
  view: MarketView,
  numeraire: Currency,
  options: ValuationOptions,
): InstrumentColumns {
  const count = instruments.length;
  const greeks = new Float64Array(count * GREEK_COUNT);
  const settlementValue = new Float64Array(count);
  const mark = new Float64Array(count);
  const valued = new Uint8Array(count);
  const expired = new Uint8Array(count);
  const conversion: (Conversion | undefined)[] = [];
  const missing: (MissingReason | undefined)[] = [];
  const { smile } = options;
  instruments.forEach((instrument, row) => {
    const found = numeraireUnit(instrument, view, numeraire, { smile, intrinsic: options.missing === 'intrinsic' });
    if (!found.ok) {
      conversion.push(undefined);
      missing.push(found.reason);
      return;
    }
    const { unit } = found;
    greekNames.forEach((name, at) => (greeks[row * GREEK_COUNT + at] = unit.greeks[name]));
    settlementValue[row] = unit.settlementValue;
    valued[row] = 1;
    expired[row] = unit.expired ? 1 : 0;
    conversion.push(unit.conversion);
    missing.push(unit.lacking);
    if (instrument.kind === 'future' || instrument.kind === 'perpetual') {
      mark[row] = markOf(instrument, view.underlying(instrument.underlying)!)!;
    }
  });
  return { instruments, greeks, settlementValue, mark, conversion, missing, valued, expired };
}

/** Value of one position in the numeraire. */
export function positionValue(book: Book, position: number): number {
  const row = book.index[position]!;
  if (book.valued[row] === 0) return 0;
  return book.units[position]! * book.greeks[row * GREEK_COUNT]! + book.gains[position]! * book.conversion[row]!.rate;
}

/** Instruments in order of first appearance, and the one of each position. */
export function distinctInstruments(positions: readonly Position[]): { instruments: Instrument[]; index: Int32Array } {
  const instruments: Instrument[] = [];
  const byObject = new Map<Instrument, number>();
  const byId = new Map<string, number>();
  const index = new Int32Array(positions.length);
  positions.forEach(({ instrument }, i) => {
    let row = byObject.get(instrument);
    if (row === undefined) {
      row = byId.get(instrument.id);
      if (row === undefined) {
        requireInstrument(instrument, `positions[${i}].instrument.`);
        row = instruments.push(instrument) - 1;
        byId.set(instrument.id, row);
      } else if (!isSame(instrument, instruments[row]!)) {
        requireInstrument(instrument, `positions[${i}].instrument.`);
        throw new InputError(`positions[${i}].instrument.id`, instrument.id, 'of one instrument only');
      }
      byObject.set(instrument, row);
    }
    index[i] = row;
  });
  return { instruments, index };
}

function isSame(one: Instrument, other: Instrument): boolean {
  const [a, b] = [requireObject('instrument', one), requireObject('instrument', other)];
  for (const key in a) if (a[key] !== b[key]) return false;
  for (const key in b) if (a[key] !== b[key]) return false;
  return true;
}

function commonQuoteCurrency(instruments: readonly Instrument[]): Currency {
  const first = instruments[0];
  if (first === undefined) return COIN_QUOTE;
  const quote = quoteCurrency(first);
  return instruments.every((instrument) => quoteCurrency(instrument) === quote) ? quote : COIN_QUOTE;
}
