/**
 * What each instrument of a book adds to the Greeks of which underlying. The units of its positions times its row go to its own
 * underlying, and what futures gained since their entries with them. A value settled in another coin than its underlying, or seen
 * from one, also moves with that coin: those derivatives go to the coin.
 */
import { runningSums } from '../math/running-sums.js';
import type { Greeks } from '../pricing/greeks.js';
import type { Book } from './book.js';
import type { MarketView } from './market-view.js';
import { amountGreeks, GREEK_COUNT, greekNames, zeroGreeks } from './spot-greeks.js';

/** Units and gains of all positions in each instrument. */
export function heldUnits({ instruments, positions, index, units, gains }: Book): {
  units: Float64Array;
  gains: Float64Array;
} {
  const held = runningSums(instruments.length);
  const gained = runningSums(instruments.length);
  for (let i = 0; i < positions.length; i++) {
    held.add(index[i]!, units[i]!);
    gained.add(index[i]!, gains[i]!);
  }
  return {
    units: Float64Array.from(instruments, (_, row) => held.total(row)),
    gains: Float64Array.from(instruments, (_, row) => gained.total(row)),
  };
}

/**
 * Calls `visit` with the Greeks (in the order of greekNames, in the numeraire; the array is used again) that an instrument adds to
 * an underlying: once for its own, and once for each other coin its value moves with.
 */
export function visitContributions(
  book: Book,
  view: MarketView,
  visit: (row: number, underlying: string, greeks: Float64Array, own: boolean) => void,
): void {
  const held = heldUnits(book);
  const greeks = new Float64Array(GREEK_COUNT);
  book.instruments.forEach((instrument, row) => {
    const conversion = book.conversion[row];
    if (book.valued[row] === 0 || conversion === undefined) return;
    const units = held.units[row]!;
    const gain = held.gains[row]! * conversion.rate;
    for (let at = 0; at < GREEK_COUNT; at++) greeks[at] = units * book.greeks[row * GREEK_COUNT + at]!;
    const value = greeks[0]! + gain;
    greeks[0] = value;
    for (const { underlying, power } of conversion.powers) {
      if (underlying === instrument.underlying) addAmount(greeks, gain, view.underlying(underlying)!.spot, power);
    }
    visit(row, instrument.underlying, greeks, true);
    for (const { underlying, power } of conversion.powers) {
      if (underlying === instrument.underlying) continue;
      greeks.fill(0);
      addAmount(greeks, value, view.underlying(underlying)!.spot, power);
      visit(row, underlying, greeks, false);
    }
  });
}

/** The derivatives of a value that moves as spot^power, without the value. */
function addAmount(greeks: Float64Array, value: number, spot: number, power: number): void {
  if (value === 0) return;
  const { delta, gamma, speed } = amountGreeks(value, spot, power);
  greeks[DELTA] = greeks[DELTA]! + delta;
  greeks[GAMMA] = greeks[GAMMA]! + gamma;
  greeks[SPEED] = greeks[SPEED]! + speed;
}

const [DELTA, GAMMA, SPEED] = (['delta', 'gamma', 'speed'] as const).map((name) => greekNames.indexOf(name)) as [
  number,
  number,
  number,
];

/**
 * Calls `visit` with the cash delta, S dV/dS in the numeraire, of one position for each underlying it moves with. A value that moves
 * as spot^power has the cash delta power x value.
 */
export function visitCashDeltas(
  book: Book,
  position: number,
  view: MarketView,
  visit: (underlying: string, cashDelta: number) => void,
): void {
  const row = book.index[position]!;
  const conversion = book.conversion[row];
  if (book.valued[row] === 0 || conversion === undefined) return;
  const { underlying } = book.positions[position]!.instrument;
  const units = book.units[position]!;
  const gain = book.gains[position]! * conversion.rate;
  const market = view.underlying(underlying);
  if (market !== undefined) {
    const own = conversion.powers.reduce((sum, p) => (p.underlying === underlying ? sum + p.power * gain : sum), 0);
    visit(underlying, units * book.greeks[row * GREEK_COUNT + DELTA]! * market.spot + own);
  }
  const value = units * book.greeks[row * GREEK_COUNT]! + gain;
  for (const power of conversion.powers) {
    if (power.underlying !== underlying) visit(power.underlying, power.power * value);
  }
}

/** Greeks of the whole book in its numeraire, each a derivative in the underlying's spot, for all the book moves with. */
export function greeksByUnderlying(book: Book, view: MarketView): Map<string, Greeks> {
  const rows = new Map<string, number>();
  book.instruments.forEach((instrument, row) => {
    if (book.valued[row] === 0) return;
    for (const name of [instrument.underlying, ...book.conversion[row]!.powers.map((power) => power.underlying)]) {
      if (!rows.has(name)) rows.set(name, rows.size);
    }
  });
  const sums = runningSums(rows.size * GREEK_COUNT);
  visitContributions(book, view, (_, underlying, greeks) => {
    const from = rows.get(underlying)! * GREEK_COUNT;
    for (let at = 0; at < GREEK_COUNT; at++) sums.add(from + at, greeks[at]!);
  });
  const result = new Map<string, Greeks>();
  for (const [name, row] of rows) {
    const greeks = { ...zeroGreeks };
    greekNames.forEach((greek, at) => (greeks[greek] = sums.total(row * GREEK_COUNT + at)));
    result.set(name, greeks);
  }
  return result;
}
