/**
 * Exchange rates: a table of directed rates, read both ways and across. Each currency gets one price in a pivot currency, found by
 * walking the table from the pivot, and every conversion is a ratio of two prices,
 *
 *   rate(a, b) = price(a) / price(b),
 *
 * so that rate(a, b) rate(b, c) = rate(a, c) up to rounding. A rate of the table that does not agree with the prices makes a
 * triangle with a gap in it: an error, unless gaps are allowed; then a rate that is listed is used as it is listed.
 */
import { requireArray, requireObject, requirePositive, requireText } from '../check.js';
import { InputError } from '../errors.js';
import type { Currency } from '../market/quote.js';
import type { FxRate } from './snapshot.js';

export interface FxOptions {
  /** The currency in which the others are priced; 'USD' where missing, or the first of the table where it has no 'USD'. */
  pivot?: Currency | undefined;
  /** Use listed rates as they are where they contradict each other. */
  allowTriangularGap?: boolean | undefined;
}

export interface FxTable {
  /** All that occur in a rate. */
  readonly currencies: ReadonlySet<Currency>;
  /** Units of `to` for one unit of `from`; undefined where no rates lead from one to the other. */
  rate(from: Currency, to: Currency): number | undefined;
}

/** How far a listed rate may be, relatively, from the one the others imply. */
const TOLERANCE = 1e-12;

interface Price {
  root: Currency;
  price: number;
}

/**
 * Reads a table of rates. Throws InputError naming the rate that is not a positive number, converts a currency into itself at
 * another rate than 1, or contradicts the rates before it by more than 1e-12.
 */
export function createFx(rates: readonly FxRate[], options: FxOptions = {}): FxTable {
  requireRates(rates);
  const neighbours = new Map<Currency, [Currency, number][]>();
  const listed = new Map<Currency, Map<Currency, number>>();
  const join = (from: Currency, to: Currency, priceOfTo: number): void => {
    const edges = neighbours.get(from);
    if (edges === undefined) neighbours.set(from, [[to, priceOfTo]]);
    else edges.push([to, priceOfTo]);
  };
  for (const { base, quote, rate } of rates) {
    join(base, quote, 1 / rate);
    join(quote, base, rate);
    const direct = listed.get(base) ?? new Map<Currency, number>();
    if (!direct.has(quote)) direct.set(quote, rate);
    listed.set(base, direct);
  }
  const prices = priceAll(neighbours, options.pivot ?? 'USD');
  const crossRate = (from: Currency, to: Currency): number | undefined => {
    const [one, other] = [prices.get(from), prices.get(to)];
    if (one === undefined || other?.root !== one.root) return undefined;
    return one.price / other.price;
  };
  const gaps = options.allowTriangularGap === true;
  if (!gaps) {
    rates.forEach(({ base, quote, rate }, i) => {
      const implied = crossRate(base, quote)!;
      if (Math.abs(implied / rate - 1) > TOLERANCE) {
        throw new InputError(`fx[${i}].rate`, rate, `what the other rates imply, ${implied}, or gaps allowed`);
      }
    });
  }
  return {
    currencies: new Set(neighbours.keys()),
    rate(from, to) {
      if (from === to) return 1;
      if (gaps) {
        const direct = listed.get(from)?.get(to);
        if (direct !== undefined) return direct;
        const inverse = listed.get(to)?.get(from);
        if (inverse !== undefined) return 1 / inverse;
      }
      return crossRate(from, to);
    },
  };
}

/** Breadth first, from the pivot and then from the first currency not reached. */
function priceAll(neighbours: ReadonlyMap<Currency, [Currency, number][]>, pivot: Currency): Map<Currency, Price> {
  const prices = new Map<Currency, Price>();
  const roots = neighbours.has(pivot) ? [pivot, ...neighbours.keys()] : [...neighbours.keys()];
  for (const root of roots) {
    if (prices.has(root)) continue;
    prices.set(root, { root, price: 1 });
    const queue = [root];
    for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
      const { price } = prices.get(from)!;
      for (const [to, priceOfTo] of neighbours.get(from)!) {
        if (prices.has(to)) continue;
        prices.set(to, { root, price: price * priceOfTo });
        queue.push(to);
      }
    }
  }
  return prices;
}

function requireRates(rates: readonly FxRate[]): void {
  requireArray('fx', rates);
  rates.forEach((rate, i) => {
    requireObject(`fx[${i}]`, rate);
    if (requireText(`fx[${i}].base`, rate.base) === '') throw new InputError(`fx[${i}].base`, '', 'a currency');
    if (requireText(`fx[${i}].quote`, rate.quote) === '') throw new InputError(`fx[${i}].quote`, '', 'a currency');
    requirePositive(`fx[${i}].rate`, rate.rate);
    if (rate.base === rate.quote && rate.rate !== 1) throw new InputError(`fx[${i}].rate`, rate.rate, '1');
  });
}
