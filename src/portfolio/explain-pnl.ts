/**
 * Where a book's profit came from between two snapshots: a Taylor expansion by position, whose parts and remainder add up to the
 * whole.
 *
 *   delta  V_S dS           gamma  V_SS dS^2/2       vega  V_s ds            theta  V_t dt
 *   vanna  V_Ss dS ds       volga  V_ss ds^2/2       charm V_St dS dt
 *   rho    V_r dr (and V_q dq of American options), and what the forward or the mark did beyond the spot: V_F (F_1 - F_0 S_1/S_0)
 *   fx     V_1 (X_1 - X_s), X_s the exchange rate moved with the instrument's own spot alone: no remainder
 *   funding  at the rates of the first snapshot, for the days between; it is paid in cash and counts in the whole
 *
 * ds is the change of the volatility of the option's own strike and expiry; its split into level (at the money), skew, curvature and
 * the rest is beside. The remainder is of third order where spot and volatility move. With average Greeks the parts follow the
 * Euler-Maclaurin rule g(1) - g(0) = (g'(0) + g'(1))/2 + (g''(0) - g''(1))/12 along the straight line between the snapshots: first
 * orders by the mean of both ends, second orders by what the mean leaves, and the remainder is of fifth order.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { yearFraction } from '../market/clock.js';
import { runningSums } from '../math/running-sums.js';
import { logRatio } from '../math/logarithm.js';
import { compensatedSum } from '../math/sum.js';
import type { GreekName } from '../pricing/greeks.js';
import type { Position } from './account.js';
import { americanCarry } from './american-greeks.js';
import { valueBook, type Book } from './book.js';
import { heldUnits, visitContributions } from './contributions.js';
import { fundingByPosition } from './funding.js';
import { openMarket, type MarketView } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import { optionTerms, type OptionTerms } from './option-greeks.js';
import { greekNames } from './spot-greeks.js';
import type { MarketSnapshot } from './snapshot.js';
import { gainOf } from './valuation.js';

const PARTS = ['delta', 'gamma', 'theta', 'vega', 'vanna', 'volga', 'charm', 'rho', 'fx', 'funding'] as const;
export type PnlPart = (typeof PARTS)[number];

const SPLIT = ['parallel', 'skew', 'curvature', 'residual'] as const;

export interface PnlExplanation {
  /** Change of value, and funding paid or received, in the numeraire. */
  actual: number;
  parts: Record<PnlPart, number>;
  /** actual less the parts. */
  unexplained: number;
  /** The vega part by what the smile did. */
  vegaSplit: Record<(typeof SPLIT)[number], number>;
  excluded: Excluded[];
}

export interface ExplainOptions extends ValuationOptions {
  /** 'start' where missing. */
  greeks?: 'start' | 'average' | undefined;
}

/**
 * Explains the profit of positions that did not change. Throws InputError as netGreeks does for either snapshot, and where the second is
 * before the first; with 'exclude', what either snapshot lacks is left out of both.
 */
export function explainPnl(
  positions: readonly Position[],
  from: MarketSnapshot,
  to: MarketSnapshot,
  options: ExplainOptions = {},
): PnlExplanation {
  const [before, after] = [openMarket(from), openMarket(to)];
  requireOneOf('greeks', options.greeks ?? 'start', ['start', 'average']);
  const years = yearFraction(from.asOf, to.asOf);
  if (years < 0) throw new InputError('to.asOf', to.asOf, 'not before from.asOf');
  const { books, excluded } = valuedInBoth(positions, from, to, options);
  const [start, end] = books;
  const held = heldUnits(start);
  const rows = start.instruments.map((_, row) => rowMove(row, start, end, before, after, years));
  const sums = runningSums(PARTS.length + SPLIT.length);
  const add = (part: PnlPart, value: number): void => {
    sums.add(PARTS.indexOf(part), value);
  };
  const average = options.greeks === 'average';
  const expand = (book: Book, view: MarketView, backwards: boolean): void => {
    visitContributions(book, view, (row, _, greeks, own) => {
      const move = rows[row];
      if (own && move !== undefined) {
        addTaylor(greeks, move, backwards, average ? [1 / 2, 1 / 6] : [1, 1], add, (i, value) => {
          sums.add(PARTS.length + i, value);
        });
      }
    });
  };
  expand(start, before, false);
  if (average) expand(end, after, true);

  const changes: number[] = [];
  rows.forEach((move, row) => {
    if (move === undefined) return;
    const first = held.units[row]! * move.value[0] + held.gains[row]!;
    const second = held.units[row]! * move.value[1] + held.gains[row]!;
    changes.push(second * move.rate[2], -first * move.rate[0]);
    add('fx', second * (move.rate[2] - move.rate[1]));
  });
  const days = 365 * years;
  for (const perDay of fundingByPosition(start, before)) {
    changes.push(perDay * days);
    add('funding', perDay * days);
  }
  const actual = compensatedSum(changes);
  const parts = Object.fromEntries(PARTS.map((part, i) => [part, sums.total(i)])) as Record<PnlPart, number>;
  const split = Object.fromEntries(SPLIT.map((part, i) => [part, sums.total(PARTS.length + i)]));
  return {
    actual,
    parts,
    unexplained: compensatedSum([actual, ...PARTS.map((part) => -parts[part])]),
    vegaSplit: split as PnlExplanation['vegaSplit'],
    excluded,
  };
}

/** What moved an instrument. */
interface RowMove {
  spot: [number, number];
  /** Of the spot that would move the forward, or the mark, as it did: S_0 F_1/F_0. */
  byForward: number;
  /** The power of the spot in the value besides the forward's, in the numeraire. */
  power: number;
  volatility: number;
  rateOfInterest: number;
  /** Of American options. */
  dividendYield: number;
  years: number;
  /** Per unit in the settlement currency, of the same contract. */
  value: [number, number];
  /** Settlement to numeraire: before, before but for the own spot's move, after. */
  rate: [number, number, number];
  /** Parts of the change of volatility, as SPLIT. */
  split: number[];
}

function rowMove(
  row: number,
  start: Book,
  end: Book,
  before: MarketView,
  after: MarketView,
  years: number,
): RowMove | undefined {
  const instrument = start.instruments[row]!;
  const [x0, x1] = [start.conversion[row], end.conversion[row]];
  if (x0 === undefined || x1 === undefined) return undefined;
  const s0 = before.underlying(instrument.underlying)?.spot ?? 1;
  const s1 = after.underlying(instrument.underlying)?.spot ?? 1;
  const own = x0.powers.reduce((sum, p) => (p.underlying === instrument.underlying ? sum + p.power : sum), 0);
  const moved = own === 0 ? x0.rate : own > 0 ? x0.rate * (s1 / s0) : x0.rate * (s0 / s1);
  const move: RowMove = {
    spot: [s0, s1],
    byForward: s1,
    power: own,
    volatility: 0,
    rateOfInterest: 0,
    dividendYield: 0,
    years,
    value: [start.settlementValue[row]!, end.settlementValue[row]!],
    rate: [x0.rate, moved, x1.rate],
    split: [0, 0, 0, 0],
  };
  if (instrument.kind === 'future' || instrument.kind === 'perpetual') {
    const [mark0, mark1] = [start.mark[row]!, end.mark[row]!];
    return { ...move, byForward: (s0 * mark1) / mark0, value: [0, gainOf(instrument, mark1, mark0)] };
  }
  if (instrument.kind !== 'option') return move;
  if (instrument.style === 'inverse' && instrument.divisor === 'index') move.power -= 1;
  const [market0, market1] = [before.underlying(instrument.underlying)!, after.underlying(instrument.underlying)!];
  const first = optionTerms(instrument, market0);
  const second = optionTerms(instrument, market1);
  if (!first.ok || !second.ok || first.expired) return move;
  move.years = Math.min(years, first.terms.timeToExpiry);
  move.byForward = (s0 * second.terms.forward) / first.terms.forward;
  if (second.expired) return move;
  move.rateOfInterest = second.expiry.rate - first.expiry.rate;
  move.volatility = second.terms.volatility - first.terms.volatility;
  move.split = splitOf(first, second);
  if (instrument.exercise === 'american') {
    const [carry0, carry1] = [americanCarry(market0, first.expiry), americanCarry(market1, second.expiry)];
    move.byForward = s1;
    move.rateOfInterest = carry1.rate - carry0.rate;
    move.dividendYield = carry1.dividendYield - carry0.dividendYield;
  }
  return move;
}

/** The change of volatility by level, skew and curvature: sigma(k) = sigma(0) + sigma'(0) k + sigma''(0) k^2/2 + rest, at both ends. */
function splitOf(...ends: [Extract<OptionTerms, { ok: true }>, Extract<OptionTerms, { ok: true }>]): number[] {
  const [first, second] = ends.map(({ terms, expiry }) => {
    const money = expiry.smile(terms.forward);
    if (money === undefined || !(terms.strike > 0)) return [0, 0, 0, terms.volatility];
    const k = logRatio(terms.strike, terms.forward);
    const parts = [money.volatility, money.slope * k, 0.5 * money.curvature * k * k];
    return [...parts, terms.volatility - compensatedSum(parts)];
  }) as [number[], number[]];
  return SPLIT.map((_, i) => second[i]! - first[i]!);
}

const at = Object.fromEntries(greekNames.map((name, i) => [name, i])) as Record<GreekName, number>;

/** The expansion at one end; backwards, the moves are taken back and the signs turned. */
function addTaylor(
  greeks: Float64Array,
  move: RowMove,
  backwards: boolean,
  [firstOrder, secondOrder]: readonly [number, number],
  add: (part: PnlPart, value: number) => void,
  addSplit: (index: number, value: number) => void,
): void {
  const [s0, s1] = move.spot;
  const dS = s1 - s0;
  const { volatility: ds, years: dt } = move;
  // Greeks of the second snapshot are at its exchange rate.
  const scale = backwards ? move.rate[1] / move.rate[2] : 1;
  const first = firstOrder * scale;
  const second = (backwards ? -secondOrder : secondOrder) * scale;
  add('delta', first * greeks[at.delta]! * dS);
  add('gamma', 0.5 * second * greeks[at.gamma]! * dS * dS);
  add('vega', first * greeks[at.vega]! * ds);
  add('vanna', second * greeks[at.vanna]! * dS * ds);
  add('volga', 0.5 * second * greeks[at.volga]! * ds * ds);
  add('theta', first * greeks[at.theta]! * dt);
  add('charm', second * greeks[at.charm]! * dS * dt);
  add('rho', first * greeks[at.rho]! * move.rateOfInterest);
  add('rho', first * greeks[at.dividendRho]! * move.dividendYield);
  const byForward = greeks[at.delta]! - (move.power * greeks[at.price]!) / (backwards ? s1 : s0);
  const carried = backwards ? s0 - (s1 * s0) / move.byForward : move.byForward - s1;
  add('rho', first * byForward * carried);
  move.split.forEach((part, i) => {
    addSplit(i, first * greeks[at.vega]! * part);
  });
}

/** Both books over the positions that have a value in both, and those that have not. */
function valuedInBoth(
  positions: readonly Position[],
  from: MarketSnapshot,
  to: MarketSnapshot,
  options: ValuationOptions,
): { books: [Book, Book]; excluded: Excluded[] } {
  const start = valueBook(positions, from, options);
  const fixed = { ...options, numeraire: start.numeraire };
  const end = valueBook(positions, to, fixed);
  const listed = new Set(start.excluded.map(({ positionId }) => positionId));
  const excluded = [...start.excluded, ...end.excluded.filter(({ positionId }) => !listed.has(positionId))];
  const valued = (i: number): boolean => start.valued[start.index[i]!] === 1 && end.valued[end.index[i]!] === 1;
  if (positions.every((_, i) => valued(i))) return { books: [start, end], excluded };
  const kept = positions.filter((_, i) => valued(i));
  return { books: [valueBook(kept, from, fixed), valueBook(kept, to, fixed)], excluded };
}

/**
 * What long gamma earns over its theta: gamma S^2 (realised^2 - implied^2) years / 2, in the currency of the spot. Volatilities are
 * decimals a year. Throws InputError for a number that is not finite, a spot not above 0, a negative volatility or time.
 */
export function gammaThetaBalance(i: {
  gamma: number;
  spot: number;
  realisedVolatility: number;
  impliedVolatility: number;
  years: number;
}): number {
  const realised = requireNonNegative('realisedVolatility', i.realisedVolatility);
  const implied = requireNonNegative('impliedVolatility', i.impliedVolatility);
  const cashGamma = requireFinite('gamma', i.gamma) * requirePositive('spot', i.spot) ** 2;
  return 0.5 * cashGamma * (realised - implied) * (realised + implied) * requireNonNegative('years', i.years);
}

/** The move of the spot over `years` at which gamma pays for theta: implied sqrt(years) S. Throws as {@link gammaThetaBalance}. */
export function breakEvenMove(i: { spot: number; impliedVolatility: number; years: number }): number {
  const implied = requireNonNegative('impliedVolatility', i.impliedVolatility);
  return implied * Math.sqrt(requireNonNegative('years', i.years)) * requirePositive('spot', i.spot);
}
