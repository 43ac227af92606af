/**
 * Greeks by underlying, expiry and moneyness. A position falls into one cell, or is split in each direction between the two nodes
 * around it with linear weights (tent), so that the cells always add up to the Greeks of the book.
 *
 *   hard   n limits make n + 1 cells: up to the first, between neighbours, above the last; a limit belongs to the cell below it
 *   tent   n nodes make n cells: weight 1 at the node, falling to 0 at its neighbours, 1 beyond the ends
 *
 * Moneyness is the strike, k/sqrt(T) with k = ln(K/F), or the delta N(d1) of the call at the strike (undiscounted, in the forward),
 * so that call and put of one strike fall together. What has no expiry, or no strike, is in a cell named 'none'.
 */
import { requireArray, requireFinite, requireObject, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { runningSums } from '../math/running-sums.js';
import { logRatio } from '../math/logarithm.js';
import { black76 } from '../pricing/black76.js';
import type { GreekName } from '../pricing/greeks.js';
import type { Position } from './account.js';
import { valueBook } from './book.js';
import { visitContributions } from './contributions.js';
import type { Instrument } from './instrument.js';
import { openMarket, type MarketView } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import { optionTerms } from './option-greeks.js';
import { greekNames } from './spot-greeks.js';
import type { MarketSnapshot } from './snapshot.js';

export interface BucketSpec {
  /** Limits or nodes in years, ascending. */
  expiryYears: number[];
  /** Limits or nodes, ascending: a strike, k/sqrt(T), or a call delta from 0 to 1. */
  moneyness: { axis: 'strike' | 'normalised' | 'delta'; nodes: number[] };
  rule: 'hard' | 'tent';
  greeks: GreekName[];
}

export interface Ladder {
  underlyings: string[];
  /** Names of the cells, 'none' last where there is one. */
  expiries: string[];
  moneyness: string[];
  greeks: GreekName[];
  /** [underlying][expiry][moneyness][greek], row-major, in the numeraire. */
  cell: Float64Array;
  excluded: Excluded[];
}

/** Shares of cells; they add up to 1. */
type Split = readonly (readonly [cell: number, share: number])[];

/**
 * The ladder of a book, in the numeraire as in netGreeks. Throws InputError for limits that are not ascending numbers, an unknown rule,
 * axis or Greek, and as netGreeks does.
 */
export function greekLadder(
  positions: readonly Position[],
  snapshot: MarketSnapshot,
  buckets: BucketSpec,
  options: ValuationOptions = {},
): Ladder {
  const { expiryYears, moneyness, rule, greeks } = requireBuckets(buckets);
  const view = openMarket(snapshot);
  const book = valueBook(positions, snapshot, options);
  const places = book.instruments.map((instrument) => placeOf(instrument, moneyness.axis, view));
  const noExpiry = cellCount(expiryYears, rule);
  const noMoneyness = cellCount(moneyness.nodes, rule);
  const added: { underlying: string; expiry: Split; moneyness: Split; greeks: Float64Array }[] = [];
  visitContributions(book, view, (row, underlying, values, own) => {
    const { timeToExpiry, coordinate } = own ? places[row]! : nowhere;
    added.push({
      underlying,
      expiry: timeToExpiry === undefined ? [[noExpiry, 1]] : split(expiryYears, timeToExpiry, rule),
      moneyness: coordinate === undefined ? [[noMoneyness, 1]] : split(moneyness.nodes, coordinate, rule),
      greeks: values.slice(),
    });
  });
  const underlyings = [...new Set(added.map((entry) => entry.underlying))];
  const uses = (axis: 'expiry' | 'moneyness', cell: number): boolean =>
    added.some((entry) => entry[axis].some(([at]) => at === cell));
  const expiries = labels(expiryYears, rule, uses('expiry', noExpiry));
  const columns = labels(moneyness.nodes, rule, uses('moneyness', noMoneyness));
  const sums = runningSums(underlyings.length * expiries.length * columns.length * greeks.length);
  const rowOf = greeks.map((name) => greekNames.indexOf(name));
  for (const entry of added) {
    const u = underlyings.indexOf(entry.underlying);
    for (const [e, shareOfExpiry] of entry.expiry) {
      for (const [m, shareOfMoneyness] of entry.moneyness) {
        const from = ((u * expiries.length + e) * columns.length + m) * greeks.length;
        rowOf.forEach((row, g) => {
          sums.add(from + g, shareOfExpiry * shareOfMoneyness * entry.greeks[row]!);
        });
      }
    }
  }
  const cell = new Float64Array(underlyings.length * expiries.length * columns.length * greeks.length);
  for (let i = 0; i < cell.length; i++) cell[i] = sums.total(i);
  return { underlyings, expiries, moneyness: columns, greeks: [...greeks], cell, excluded: book.excluded };
}

interface Place {
  timeToExpiry: number | undefined;
  coordinate: number | undefined;
}

const nowhere: Place = { timeToExpiry: undefined, coordinate: undefined };

function placeOf(instrument: Instrument, axis: BucketSpec['moneyness']['axis'], view: MarketView): Place {
  if (instrument.kind === 'spot' || instrument.kind === 'leveraged-token' || instrument.expiry === undefined)
    return nowhere;
  const market = view.underlying(instrument.underlying);
  const expiry = market?.expiry(instrument.expiry);
  if (market === undefined || expiry === undefined) return nowhere;
  const timeToExpiry = Math.max(expiry.timeToExpiry, 0);
  if (instrument.kind !== 'option') return { timeToExpiry, coordinate: undefined };
  if (axis === 'strike') return { timeToExpiry, coordinate: instrument.strike };
  if (axis === 'normalised') {
    const k = instrument.strike === 0 ? -Infinity : logRatio(instrument.strike, expiry.forward);
    return { timeToExpiry, coordinate: k === 0 ? 0 : k / Math.sqrt(timeToExpiry) };
  }
  const found = optionTerms(instrument, market);
  if (!found.ok) return { timeToExpiry, coordinate: undefined };
  const { delta } = black76.greeks({ ...found.terms, type: 'call', discountFactor: 1 });
  return { timeToExpiry, coordinate: delta };
}

function cellCount(nodes: readonly number[], rule: BucketSpec['rule']): number {
  return rule === 'hard' ? nodes.length + 1 : nodes.length;
}

function split(nodes: readonly number[], x: number, rule: BucketSpec['rule']): Split {
  const above = nodes.findIndex((node) => node >= x);
  const last = nodes.length - 1;
  if (rule === 'hard') return [[above < 0 ? nodes.length : above, 1]];
  if (above === 0) return [[0, 1]];
  if (above < 0) return [[last, 1]];
  const [low, high] = [nodes[above - 1]!, nodes[above]!];
  const share = (x - low) / (high - low);
  return [
    [above - 1, 1 - share],
    [above, share],
  ];
}

function labels(nodes: readonly number[], rule: BucketSpec['rule'], none: boolean): string[] {
  const names =
    rule === 'tent'
      ? nodes.map(String)
      : [
          ...nodes.map((node, i) => (i === 0 ? `<= ${node}` : `${nodes[i - 1]!} to ${node}`)),
          `> ${nodes[nodes.length - 1]!}`,
        ];
  return none ? [...names, 'none'] : names;
}

function requireBuckets(buckets: BucketSpec): BucketSpec {
  requireObject('buckets', buckets);
  requireObject('moneyness', buckets.moneyness);
  requireOneOf('moneyness.axis', buckets.moneyness.axis, ['strike', 'normalised', 'delta']);
  requireOneOf('rule', buckets.rule, ['hard', 'tent']);
  requireArray('greeks', buckets.greeks);
  buckets.greeks.forEach((name, i) => requireOneOf(`greeks[${i}]`, name, greekNames));
  requireAscending('expiryYears', buckets.expiryYears);
  requireAscending('moneyness.nodes', buckets.moneyness.nodes);
  buckets.expiryYears.forEach((years, i) => requirePositive(`expiryYears[${i}]`, years));
  return buckets;
}

function requireAscending(field: string, nodes: readonly number[]): void {
  if (requireArray(field, nodes).length === 0) throw new InputError(field, nodes, 'at least one number');
  nodes.forEach((node, i) => {
    requireFinite(`${field}[${i}]`, node);
    if (i > 0 && !(node > nodes[i - 1]!)) throw new InputError(`${field}[${i}]`, node, `above ${nodes[i - 1]!}`);
  });
}
