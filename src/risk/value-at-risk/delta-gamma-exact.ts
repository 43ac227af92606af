/** Value at risk of a book to second order in normal factors, from its exact distribution: no moments are matched. */
import { brent } from '../../math/brent.js';
import { cumulants, independentTerms } from './quadratic-book.js';
import type { IndependentTerms, QuadraticBook } from './quadratic-book.js';
import { leastValue, lowerTail } from './quadratic-distribution.js';
import { requireRiskOptions } from './risk-measure.js';
import type { RiskMeasure, RiskOptions } from './risk-measure.js';

/** Throws InputError where shapes differ, gamma is not symmetric or the covariance is none. */
export function deltaGammaExactVaR(book: QuadraticBook, options: RiskOptions): RiskMeasure {
  requireRiskOptions(options);
  const { confidence, horizonDays } = options;
  const { quantile, shortfall } = profitTail(independentTerms(book, horizonDays), 1 - confidence);
  return { valueAtRisk: -quantile, expectedShortfall: -shortfall, confidence, horizonDays, flags: [] };
}

/** x with P(profit < x) = `share`, and the mean of the profit below it. */
export function profitTail(terms: IndependentTerms, share: number): { quantile: number; shortfall: number } {
  const [mean, variance] = cumulants(terms);
  if (variance === 0) return { quantile: mean, shortfall: mean };
  const deviation = Math.sqrt(variance);
  const excess = (x: number): number => lowerTail(terms, x).probability - share;
  const floor = leastValue(terms);
  let lower = mean - deviation;
  for (let width = deviation; excess(lower) > 0; width *= 2) lower -= width;
  let upper = mean + deviation;
  for (let width = deviation; excess(upper) < 0; width *= 2) upper += width;
  const quantile = brent(excess, Math.max(lower, floor), upper, { tolerance: 1e-13 * deviation });
  return { quantile, shortfall: quantile - lowerTail(terms, quantile).shortfall / share };
}
