/**
 * Vegas of different expiries made comparable. Short volatilities move more than long ones, about as T^-p:
 *
 *   term-weighted   vega (T_ref/T)^p     in moves of the volatility at T_ref; p = 1/2 where missing, T at least a day
 *   percent         vega sigma           for a move of every volatility in proportion
 */
import { requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { exp } from '../math/exponential.js';
import { log } from '../math/logarithm.js';
import { compensatedSum } from '../math/sum.js';
import type { Book } from './book.js';
import { heldUnits } from './contributions.js';
import type { MarketView } from './market-view.js';
import { optionTerms } from './option-greeks.js';
import { GREEK_COUNT, greekNames } from './spot-greeks.js';

const DAY = 1 / 365;
const MONTH = 30 / 365;

export interface TermWeight {
  /** Years; 30 days where missing. */
  referenceYears?: number | undefined;
  /** Of (T_ref/T); 1/2 where missing. */
  power?: number | undefined;
}

/** Vega in moves of the reference expiry's volatility. Throws InputError for numbers that are not finite or times not positive. */
export function termWeightedVega(vega: number, timeToExpiry: number, weight: TermWeight = {}): number {
  const reference = requirePositive('referenceYears', weight.referenceYears ?? MONTH);
  const power = requireFinite('power', weight.power ?? 0.5);
  const ratio = reference / Math.max(requireNonNegative('timeToExpiry', timeToExpiry), DAY);
  return requireFinite('vega', vega) * (power === 0.5 ? Math.sqrt(ratio) : exp(power * log(ratio)));
}

/** P&L for a relative move of 1.00 in the volatility. Throws InputError for a vega that is not finite or a negative volatility. */
export function percentVega(vega: number, volatility: number): number {
  return requireFinite('vega', vega) * requireNonNegative('volatility', volatility);
}

/** Both, of a book in its numeraire. */
export function bookVega(
  book: Book,
  view: MarketView,
  weight: TermWeight = {},
): { termWeighted: number; percent: number } {
  const held = heldUnits(book).units;
  const weighted: number[] = [];
  const percent: number[] = [];
  book.instruments.forEach((instrument, row) => {
    const market = view.underlying(instrument.underlying);
    if (instrument.kind !== 'option' || market === undefined || book.valued[row] === 0) return;
    const found = optionTerms(instrument, market);
    if (!found.ok || found.expired) return;
    const vega = held[row]! * book.greeks[row * GREEK_COUNT + VEGA]!;
    weighted.push(termWeightedVega(vega, found.terms.timeToExpiry, weight));
    percent.push(percentVega(vega, found.terms.volatility));
  });
  return { termWeighted: compensatedSum(weighted), percent: compensatedSum(percent) };
}

const VEGA = greekNames.indexOf('vega');
