/**
 * Ranges of a scan margin from history, so that a library of test books is covered:
 *
 *   P(loss over the margin period of risk > initial margin) <= 1 - confidence,   for every book, over the days of the history
 *
 * Each day the ranges are the largest multiple m of the volatility then known; the same m for price and volatility moves, found by
 * bisection where the last book comes to be covered:
 *
 *   price range      m sigma_t sqrt(h)          sigma_t  EWMA of daily log returns, floored and blended (below), h days of risk
 *   volatility range m eta sqrt(h)              eta      standard deviation of daily log changes of volatility over the history
 *   margin           max(0, -min over price moves 0, +-1/3, +-2/3, +-1 of the range and volatility moves 0, +-1 of theirs)
 *
 * Against procyclicality the volatility is max(floor x long-run, (1 - weight) sigma_t + weight x stressed): EMIR's 25% blend. A
 * margin that moves less needs a larger multiple to cover as much, which is the cost reported. The history is the sample the ranges are
 * fitted to: breaches outside it are for a later history to tell, by `marginCoverage` with the same multiple.
 * EU Regulation 153/2013, article 28; Murphy, Vasios, Vause (2014), "An investigation into the procyclicality of risk-based initial
 * margin models".
 */
import { requireArray, requireNonNegative, requirePositive, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { logRatio } from '../../math/logarithm.js';
import { breachInterval } from '../value-at-risk/coverage-tests.js';

/** Profit of a fixed book for a relative move of price and of volatility, in units of the price: -1 is the whole price lost. */
export interface TestBook {
  name: string;
  /** `volatility` is the level before the moves. */
  profit: (priceRatio: number, volatilityRatio: number, volatility: number) => number;
}

export interface MarginHistory {
  /** Daily, above 0. */
  prices: ArrayLike<number>;
  /** Implied, annual, of the same days. */
  volatilities: ArrayLike<number>;
}

export interface MarginRange {
  /** Days from a default to the close-out, a whole number. */
  riskDays: number;
  /** c, of each book. */
  confidence: number;
  /** Of the EWMA, between 0 and 1; .97 where missing. */
  lambda?: number | undefined;
  /** None where missing. */
  antiProcyclical?: { floor?: number | undefined; stressWeight?: number | undefined } | undefined;
}

export interface BookCoverage {
  name: string;
  days: number;
  breaches: number;
  coverage: number;
  /** Of the probability of a breach, 95%, by Clopper and Pearson; overlapping periods of several days are not independent. */
  breachInterval: [number, number];
  /** Mean margin over the days. */
  cost: number;
  /** Largest margin over the least. */
  peakToTrough: number;
  /** Largest rise of the margin over 30 days, relative. */
  largestRise: number;
}

export interface MarginCoverage {
  multiple: number;
  books: BookCoverage[];
}

export type MarginCalibration =
  | (MarginCoverage & { ok: true })
  /** A book that no range below 100% of the price covers. */
  | Failure<'not-coverable'>;

const LARGEST_MULTIPLE = 64;
const HALVINGS = 32;

/**
 * The multiple from which every book is covered: one smaller by a millionth is not enough. Throws InputError on a history or options out of range.
 */
export function calibrateMargin(
  history: MarginHistory,
  books: readonly TestBook[],
  options: MarginRange,
): MarginCalibration {
  const path = pathOf(history, books, options);
  const covers = (multiple: number): boolean => books.every((book) => breachesOf(book, path, multiple) <= path.allowed);
  if (!covers(LARGEST_MULTIPLE)) {
    return { ok: false, reason: 'not-coverable', message: 'a book loses more than any range of moves can show' };
  }
  let low = 0;
  let high = LARGEST_MULTIPLE;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (covers(middle)) high = middle;
    else low = middle;
  }
  return { ok: true, ...coverageOf(path, books, high) };
}

/** How a given multiple fares on a history: out of sample, where it was calibrated on another. Throws as {@link calibrateMargin} does. */
export function marginCoverage(
  history: MarginHistory,
  books: readonly TestBook[],
  options: MarginRange,
  multiple: number,
): MarginCoverage {
  requireNonNegative('multiple', multiple);
  return coverageOf(pathOf(history, books, options), books, multiple);
}

/** What a day's margin rests on and what came of it: one entry a day. */
interface Path {
  days: number;
  /** sigma_t sqrt(h), after floor and blend. */
  priceScale: Float64Array;
  volatilityScale: number;
  volatility: Float64Array;
  priceRatio: Float64Array;
  volatilityRatio: Float64Array;
  /** Breaches a book may have. */
  allowed: number;
}

/** Days whose returns only start the EWMA. */
const WARM_UP = 30;

function pathOf(history: MarginHistory, books: readonly TestBook[], options: MarginRange): Path {
  const { prices, volatilities } = history;
  const { riskDays, confidence, lambda = 0.97, antiProcyclical = {} } = options;
  if (!(Number.isInteger(riskDays) && riskDays >= 1)) {
    throw new InputError('riskDays', riskDays, 'a whole number of at least 1');
  }
  if (!(confidence > 0 && confidence < 1)) throw new InputError('confidence', confidence, 'between 0 and 1');
  if (!(lambda > 0 && lambda < 1)) throw new InputError('lambda', lambda, 'between 0 and 1');
  const floor = requireNonNegative('antiProcyclical.floor', antiProcyclical.floor ?? 0);
  const weight = requireWithin('antiProcyclical.stressWeight', antiProcyclical.stressWeight ?? 0, 0, 1);
  requireArray('books', books);
  if (books.length === 0) throw new InputError('books.length', 0, 'at least 1');
  const days = prices.length - WARM_UP - riskDays;
  if (!(days >= 30)) {
    throw new InputError('prices.length', prices.length, `at least ${WARM_UP + 30 + riskDays} days`);
  }
  if (volatilities.length !== prices.length) {
    throw new InputError('volatilities.length', volatilities.length, `the number of prices, ${prices.length}`);
  }
  for (let i = 0; i < prices.length; i++) {
    requirePositive(`prices[${i}]`, prices[i]);
    requirePositive(`volatilities[${i}]`, volatilities[i]);
  }

  const sigma = ewma(prices, lambda);
  const longRun = Math.sqrt(meanSquareChange(prices));
  const stressed = Math.max(...sigma);
  const root = Math.sqrt(riskDays);
  const day = (from: (t: number) => number): Float64Array =>
    Float64Array.from({ length: days }, (_, i) => from(i + WARM_UP));
  return {
    days,
    priceScale: day((t) => root * Math.max(floor * longRun, (1 - weight) * sigma[t]! + weight * stressed)),
    volatilityScale: root * Math.sqrt(meanSquareChange(volatilities)),
    volatility: day((t) => volatilities[t]!),
    priceRatio: day((t) => prices[t + riskDays]! / prices[t]!),
    volatilityRatio: day((t) => volatilities[t + riskDays]! / volatilities[t]!),
    allowed: Math.floor((1 - confidence) * days + 1e-9),
  };
}

/** Of daily log returns up to and with the day, started from the mean of the first. */
function ewma(prices: ArrayLike<number>, lambda: number): Float64Array {
  const sigma = new Float64Array(prices.length);
  let variance = meanSquareChange(prices, WARM_UP);
  sigma[0] = Math.sqrt(variance);
  for (let t = 1; t < prices.length; t++) {
    const change = logRatio(prices[t]!, prices[t - 1]!);
    variance = lambda * variance + (1 - lambda) * change * change;
    sigma[t] = Math.sqrt(variance);
  }
  return sigma;
}

function meanSquareChange(values: ArrayLike<number>, changes = values.length - 1): number {
  let sum = 0;
  for (let t = 1; t <= changes; t++) {
    const change = logRatio(values[t]!, values[t - 1]!);
    sum += change * change;
  }
  return sum / changes;
}

const PRICE_STEPS = [0, -1 / 3, 1 / 3, -2 / 3, 2 / 3, -1, 1];
const VOLATILITY_STEPS = [-1, 0, 1];

function marginOn({ profit }: TestBook, path: Path, day: number, multiple: number): number {
  const range = multiple * path.priceScale[day]!;
  const volatilityRange = multiple * path.volatilityScale;
  let worst = 0;
  for (const up of VOLATILITY_STEPS) {
    const volatilityRatio = exp(up * volatilityRange);
    for (const step of PRICE_STEPS) {
      worst = Math.min(worst, profit(exp(step * range), volatilityRatio, path.volatility[day]!));
    }
  }
  return -worst;
}

function lossOn({ profit }: TestBook, path: Path, day: number): number {
  return -profit(path.priceRatio[day]!, path.volatilityRatio[day]!, path.volatility[day]!);
}

function breachesOf(book: TestBook, path: Path, multiple: number): number {
  let breaches = 0;
  for (let day = 0; day < path.days; day++) {
    const loss = lossOn(book, path, day);
    if (loss > 0 && loss > marginOn(book, path, day, multiple)) breaches += 1;
  }
  return breaches;
}

function coverageOf(path: Path, books: readonly TestBook[], multiple: number): MarginCoverage {
  return {
    multiple,
    books: books.map((book) => {
      const margins = Float64Array.from({ length: path.days }, (_, day) => marginOn(book, path, day, multiple));
      const breaches = breachesOf(book, path, multiple);
      const least = Math.min(...margins);
      return {
        name: book.name,
        days: path.days,
        breaches,
        coverage: 1 - breaches / path.days,
        breachInterval: breachInterval(path.days, breaches),
        cost: margins.reduce((sum, margin) => sum + margin, 0) / path.days,
        peakToTrough: least > 0 ? Math.max(...margins) / least : margins.some((margin) => margin > 0) ? Infinity : 1,
        largestRise: largestRise(margins),
      };
    }),
  };
}

function largestRise(margins: Float64Array): number {
  let largest = 0;
  for (let day = 30; day < margins.length; day++) {
    if (margins[day - 30]! > 0) largest = Math.max(largest, margins[day]! / margins[day - 30]! - 1);
  }
  return largest;
}
